"""What a wording implies: how it is read, how wide it is under each basis, and why.

The answer to "what will the program make of these words?", before there is a model.  The numbers
are those of a claim in a model, from the same code; only the scale must be guessed where nothing
says what the claim is about, and the guess is stated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Any

from estimates.errors import Fault, InputError
from estimates.language.expression import Name
from estimates.language.phrases import counted
from estimates.language.units import PLAIN, Unit, UnitError, Units
from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Lopsided,
    Measured,
    Point,
    Published,
    Range,
    Vague,
    Width,
    Wording,
    WordingError,
    parse_wording,
    point_for_thousands,
)
from estimates.model import BoundClaim, Conventions, Model
from estimates.model.ledger import BASES, Claim
from estimates.model.likelihood import (
    Count,
    Rate,
    Term,
    Yes,
    implied,
    named,
    sampling_model,
)
from estimates.model.widths import WidthError, on_scale, why_none
from estimates.stats.links import IDENTITY, LOG, LOGIT, Scale

#: The probabilities of the ends of the 90 and 50 % intervals.
ENDS = {"q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}

#: Where the manual argues for each part of a width.
SOURCES = {
    "rounding": "docs/wording.md#numbers",
    "hedge": "docs/wording.md#wordings",
    "basis": "docs/wording.md#how-the-speaker-can-know-basis",
    "range": "docs/wording.md#what-each-wording-becomes",
    "stated range": "docs/wording.md#what-each-wording-becomes",
    "basis / 3": "docs/wording.md#what-each-wording-becomes",
    "sigma": "docs/wording.md#a-width-of-its-own-sigma",
    "vague": "docs/wording.md#what-each-wording-becomes",
    "δ": "docs/wording.md#what-each-wording-becomes",
    **dict.fromkeys(("standard error", "error up", "error down"), "docs/wording.md#wordings"),
}


@dataclass(frozen=True, slots=True)
class Implied:
    """What a wording implies, said by a speaker of one basis.

    Attributes
    ----------
    basis : one of register, statistics, expert, hearsay, rumour
    width : standard deviation on the scale; None for a count, which has none
    parts : where the width comes from; they add in quadrature
    centre, q05, q25, q75, q95 : what the wording alone implies of the value, in its own unit; None
        where it names no figure.  Of a bound, where it is held to be kept with a probability of
        1/2, 0.95, 0.75, 0.25, 0.05 (of "at least" from the lower end upwards)
    coverage : of a range, the probability that it holds the value
    truth : that the speaker is right, in a direction or dispute; 1 for others
    """

    basis: str
    width: float | None
    parts: Mapping[str, float]
    centre: float | None
    q05: float | None
    q25: float | None
    q75: float | None
    q95: float | None
    coverage: float | None
    truth: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A wording as it is read.

    Attributes
    ----------
    text, canonical : as written, and as the program would write it
    wording : what it was read as; its kind is `wording.kind`
    sense : the kind in words
    unit : as written; "" for a plain number, which % is too
    percent : whether figures are best shown as percentages
    scale, why : the scale of its error, and why that one
    bases : what it implies, a basis each
    disputed : what is disputed, in a `lower than claimed`
    conventions : by which it was read
    model : the slug of the model whose conventions these are, "" for the defaults
    """

    text: str
    canonical: str
    wording: Wording
    sense: str
    unit: str
    percent: bool
    scale: str
    why: str
    bases: tuple[Implied, ...]
    disputed: str
    conventions: Conventions
    model: str

    def document(self) -> dict[str, Any]:
        """Return plain values, as `estimates explain --json` prints them."""
        parts = dict.fromkeys(part for one in self.bases for part in one.parts)
        return {
            "format": 1,
            "text": self.text,
            "reads": self.canonical,
            "kind": self.wording.kind,
            "sense": self.sense,
            "unit": self.unit,
            "percent": self.percent,
            "scale": self.scale,
            "why": self.why,
            "disputes": self.disputed,
            "model": self.model,
            "tails": self.conventions.tails,
            "bases": [asdict(one) | {"parts": dict(one.parts)} for one in self.bases],
            "sources": {part: SOURCES[part] for part in parts},
        }


def explain(
    text: str,
    *,
    basis: str | None = None,
    model: Model | None = None,
    disputes: str = "",
    sigma: str | float | None = None,
) -> Explanation:
    """Say what a wording is taken to mean, by each way in which its speaker can know.

    Parameters
    ----------
    text : a wording, as in a claim's `says`
    basis : only this one; all five if left out
    model : whose conventions and units are used; the defaults, and any currency, if left out
    disputes : for `lower than claimed`, the wording that is disputed
    sigma : a width of the claim's own, as in its `sigma`

    Returns
    -------
    Explanation: kind, unit and scale of the wording, and by basis the width and the 50 and 90 %
    intervals that it implies.

    Raises
    ------
    InputError : for what cannot be read

    See Also
    --------
    explain_prior : the same of a prior
    parse_wording : only what was read

    Examples
    --------
    >>> import estimates as est
    >>> [row.basis for row in est.explain("around 20,000 people").bases]
    ['register', 'statistics', 'expert', 'hearsay', 'rumour']
    """
    if basis is not None and basis not in BASES:
        raise InputError([Fault(f"unknown basis '{basis}'; a basis is one of {', '.join(BASES)}")])
    said = _read(text)
    against = _read(disputes) if disputes else None
    if against is not None and not isinstance(said, Disputed):
        raise InputError([Fault("only `lower than claimed` and its like dispute a figure")])
    if isinstance(against, Direction | Disputed):
        raise InputError([Fault(f"'{disputes}' gives no figure that could be disputed")])
    stating = against or said
    unit = _unit(stating, model)
    plain = not unit.dimension
    factor = float(unit.scale) if plain else 1.0
    written = "" if plain else str(unit) if isinstance(stating, Events) else stating.unit
    conventions = model.conventions if model else Conventions()
    scaled = _own(said, factor, written)
    figure = None if against is None else _own(against, factor, written)
    scale, why = _scale(figure or scaled, plain, stating.unit)
    own = _own_width(sigma, scaled, scale, unit, model)
    use = BoundClaim(
        id="", claim=Claim("", "", said), sigma=own, about=Name("value"), value=Name("value"),
        scale=scale.name, tails=conventions.tails, held_out=False, pool=None, unit=written,
        wording=scaled, basis="expert", disputed=figure,
    )  # fmt: skip
    return Explanation(
        text=text,
        canonical=str(said),
        wording=scaled,
        sense=_sense(said),
        unit=written,
        percent=plain and (stating.unit == "%" or isinstance(stating, Counted)),
        scale=scale.name,
        why=why,
        bases=tuple(_implied(use, one, conventions) for one in ([basis] if basis else BASES)),
        disputed=disputes,
        conventions=conventions,
        model=model.slug if model else "",
    )


def _read(text: str) -> Wording:
    slip = point_for_thousands(text)
    if slip is not None:
        raise InputError([Fault(f"'{text}', at character {slip[1] + 1}: {slip[0]}")])
    try:
        return parse_wording(text)
    except WordingError as error:
        pointed = f"'{text}', at character {error.start + 1}" if text.strip() else "''"
        raise InputError([Fault(f"{pointed}: {error.message}")]) from None


def _unit(said: Wording, model: Model | None) -> Unit:
    """Return the unit; without a model no currency in it needs a rate."""
    if isinstance(said, Direction | Disputed | Counted):
        return PLAIN
    if isinstance(said, Events):
        return PLAIN / _parsed(said, model)
    return _parsed(said, model)


def _parsed(said: Wording, model: Model | None) -> Unit:
    try:
        return _units(said.unit, model).parse(said.unit)
    except UnitError as error:
        raise InputError([Fault(f"'{said.text}': {error.message}")]) from None


def _units(written: str, model: Model | None) -> Units:
    """Return the model's units; without a model, those in which any currency is worth the same."""
    if model:
        return model.units
    codes = set(re.findall(r"(?<![A-Z])[kMGBT]?([A-Z]{3})(?![A-Z])", written)) - {"USD"}
    return Units(dict.fromkeys(codes, (1.0, "USD")))


def _own_width(
    sigma: str | float | None, said: Wording, scale: Scale, unit: Unit, model: Model | None
) -> float | None:
    """Return a claim's own width on its scale, or refuse it as a model would."""
    if sigma is None:
        return None
    try:
        width = Width.of(sigma)
        if width.value <= 0:
            raise WidthError("sigma is a width, a number above 0")
        if none := why_none(said):
            raise WidthError(f"'{said.text}' {none}")
        return on_scale(width, said, scale.name, unit, _units(said.unit, model))
    except WordingError as error:
        raise InputError([Fault(error.message)]) from None
    except WidthError as error:
        raise InputError([Fault(str(error))]) from None


def _own(said: Wording, factor: float, unit: str) -> Wording:
    """Return the wording with its numbers as in a model: 75 % as 0.75."""
    if isinstance(said, Events) or said.unit == unit:
        return said
    return said.scaled(factor, unit)


def _scale(said: Wording, plain: bool, unit: str) -> tuple[Scale, str]:
    """Return the scale that a claim of these figures most likely has, and the reason."""
    if isinstance(said, Counted):
        return LOGIT, "a count is a share of its whole"
    if isinstance(said, Events):
        return LOG, "a rate cannot be negative"
    if isinstance(said, Measured | Lopsided):
        return IDENTITY, "± gives an amount to either side"
    if isinstance(said, Direction):
        return IDENTITY, "growth is zero where nothing changes"
    if isinstance(said, Disputed):
        return LOG, "guessed; the disputed figure decides (`--disputes`)"
    figures = _figures(said)
    # Below 1 without a point: "a third", "one in five".
    named = not unit and "." not in said.text and not said.text.strip().startswith("0")
    if plain and (unit in ("%", "share") or named) and all(0 < one < 1 for one in figures):
        return LOGIT, (
            "a share lies between 0 and 1, so an error multiplies its odds; if a growth is meant, "
            "give the claim `scale: identity`"
        )
    if all(one > 0 for one in figures):
        return LOG, (
            "it cannot be negative, so an error is a factor; in the end, what the claim is about "
            "decides"
        )
    return IDENTITY, "it may be zero or negative, so an error is an amount"


def _figures(said: Wording) -> tuple[float, ...]:
    match said:
        case Range(low=low, high=high) | Published(low=low, high=high):
            return low.value, high.value
        case Point(figure=figure) | Bound(figure=figure):
            return (figure.value,)
        case Vague(multiplier=multiplier):
            return (multiplier,)  # only its sign matters here
        case _:
            return ()


def _implied(use: BoundClaim, basis: str, conventions: Conventions) -> Implied:
    agreed = conventions.basis[basis]
    coverage = None
    if isinstance(use.wording, Range | Published) and use.sigma is None:
        coverage = use.wording.coverage or agreed.coverage
    truth = agreed.truth if isinstance(use.wording, Direction | Disputed) else 1.0
    if isinstance(use.wording, Disputed) and use.disputed is None:
        none = dict.fromkeys(("centre", *ENDS))
        return Implied(
            basis, None, {"δ": conventions.soft_bound}, **none, coverage=None, truth=truth
        )
    term = sampling_model(replace(use, basis=basis), conventions)
    centre, ends = _ends(term)
    width = None
    if not isinstance(term, Count | Rate):
        width = term.width if isinstance(term, Yes) else term.sigma
    return Implied(basis, width, dict(term.parts), centre, **ends, coverage=coverage, truth=truth)


def _ends(term: Term) -> tuple[float | None, dict[str, float | None]]:
    """Return the middle and the ends of the intervals, in the wording's own unit."""
    match term:
        case Yes(scale=scale, limit=limit, width=width):
            normal = NormalDist(limit, width)
            return scale.inverse(limit), {
                name: scale.inverse(normal.inv_cdf(p)) for name, p in ENDS.items()
            }
        case _:
            return named(term), {name: implied(term, p) for name, p in ENDS.items()}


def _sense(said: Wording) -> str:
    """Return the kind of a wording in words."""
    match said:
        case Point(hedged=hedged):
            return (
                "a number with a hedge"
                if hedged
                else "a number, as exact as its speaker can know it"
            )
        case Range(hedged=hedged):
            return "a range" + (" with a hedge" if hedged else "")
        case Bound(upper=upper, soft=soft):
            if not upper:
                return "a lower bound"
            return "an upper bound with a soft edge" if soft else "an upper bound"
        case Vague(words=words):
            return f"a vague count: what people usually mean by “{words}”"
        case Measured():
            return "a measured value with its standard error"
        case Lopsided():
            return "a measured value with a larger error on one side"
        case Published():
            return "a figure with its published interval"
        case Events(events=events):
            return f"a rate, with {counted(events, 'event')} seen"
        case Counted(successes=successes, trials=trials):
            return f"a count, {successes:,} out of {trials:,}"
        case Direction(rising=rising):
            return f"a direction: growth {'above' if rising else 'below'} zero"
        case Disputed(lower=lower):
            return f"a dispute: {'below' if lower else 'above'} the figure of another claim"
        case _:
            raise TypeError(f"no wording: {said!r}")
