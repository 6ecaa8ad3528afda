"""What is a share stays between 0 and 1, whatever its inputs are; and what is called one should.

A count is of a share, so what it is about must be proven to lie inside, by interval arithmetic. A
figure that is called a probability, or is subtracted from 1, and can leave it draws a warning.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import product
from math import prod
from statistics import NormalDist

from estimates.errors import Fault
from estimates.language.expression import (
    Binary,
    Constant,
    Expression,
    Interval,
    Name,
    bounds,
    children,
    support,
)
from estimates.model.claims import BoundClaim
from estimates.model.priors import LINKS, IntervalPrior
from estimates.model.spec import Parts, Quantity, Reading, Relation
from estimates.model.symbols import Structure
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.names import branch_field
from estimates.stats.links import SCALES

_ROUNDING = 1e-9
_MOST_CHOICES, _LARGEST = 64, 400  # beyond these, what a relation declares of itself must do
_INSIDE = Interval(-_ROUNDING, 1 + _ROUNDING)
_REACH = 4.0  # how far into the tails of a prior a warning looks, in standard deviations

_CALLED = frozenset(
    ("probability", "probabilities", "prob", "share", "shares", "fraction", "proportion",
     "prevalence", "chance")
)  # fmt: skip
#: With these it is something else that is made of probabilities or shares.
_BUT = frozenset(
    ("ratio", "odds", "log", "logit", "change", "growth", "difference", "effect", "factor", "times",
     "price", "prices", "relative", "per", "excess", "increase", "decrease", "gap", "number")
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_P = re.compile(r"p(?:_.+|\d+)?")


def stays_inside(bound: Expression, structure: Structure, readings: Sequence[Reading]) -> bool:
    """Return whether an expression is proven to lie between 0 and 1, under every reading."""
    if _proven(bound, structure):
        return True
    axes = [one for one in readings if one.name in structure.axes_of(bound)]
    choices = prod(len(one.options) for one in axes)
    if choices > _MOST_CHOICES or structure.extent_of(bound).operations > _LARGEST:
        return False
    for options in product(*(one.options for one in axes)):
        choice = dict(zip((one.name for one in axes), options, strict=True))
        written_out = structure.expand(bound, choice)
        if written_out is not None and not _proven(written_out, structure):
            return False
    return True


def _proven(bound: Expression, structure: Structure) -> bool:
    support_of = structure.support.__getitem__
    # The plain bounds mostly do, and cost least.
    return support(bound, support_of).within(_INSIDE) or bounds(bound, support_of).within(_INSIDE)


def leaves(bound: Expression, spread: Spread) -> str:
    """Return where an expression leaves 0 to 1, as `1.3 when a = 1, b = 0.3`; "" if unseen."""
    values = spread.evaluate(bound)
    wrong = (k for k, value in enumerate(values) if value < -_ROUNDING or value > 1 + _ROUNDING)
    setting = next(wrong, None)
    return "" if setting is None else f"{values[setting]:.4g}{spread.describe(bound, setting)}"


def advice(about: Expression, structure: Structure) -> str:
    """Return advice on how to keep a share between 0 and 1."""
    if isinstance(about, Name) and about.name in structure.quantities:
        prior = structure.quantities[about.name].prior
        if isinstance(prior, IntervalPrior) and 0 < prior.low < prior.high < 1:
            return f"give '{about}' `unit: share`"
        return f"give '{about}' `unit: share` and a prior that lies strictly between 0 and 1"
    return (
        "give what feeds it a support that keeps it inside, such as `b: z * (1 - a)` with a "
        "share z, or `logistic(x)`"
    )


def check_count(use: BoundClaim, structure: Structure, parts: Parts, spread: Spread) -> str:
    """Return why a count cannot be about an expression; "" where it can."""
    if stays_inside(use.value, structure, tuple(parts.readings.values())):
        return ""
    seen = leaves(use.value, spread)
    start = f"claim '{use.id}' counts a share ({use.wording}), but '{use.about}'"
    if seen:
        return f"{start} can leave 0 to 1: it is {seen}; {advice(use.about, structure)}"
    return (
        f"{start} is not shown to stay between 0 and 1; {advice(use.about, structure)}, or make "
        "it a relation with `unit: share`"
    )


def called_shares(
    parts: Parts,
    structure: Structure,
    uses: Sequence[BoundClaim],
    spread: Spread,
    made: Collection[str],
) -> Iterator[Fault]:
    """Warn of figures called or used like a probability that can leave 0 to 1.

    What the program made, such as how far members of a share differ, is none.
    """
    complements = _complements(structure, uses, parts.targets)
    for name, quantity in structure.quantities.items():
        word = _called(name, quantity.label)
        if not structure.units.dimensionless(structure.unit[name]) or quantity.unit == "share":
            continue
        if name in made:
            continue
        beyond = _beyond(quantity)
        if beyond and (word or name in complements):
            why = f"called a {word}" if word else "subtracted from 1, as a share is"
            yield Fault(
                f"'{name}' is {why}, but its prior leaves 0 to 1 with probability {beyond:.2g}; "
                "if it is a share, add `unit: share`",
                quantity.where(),
            )
    readings = tuple(parts.readings.values())
    for name, relation in structure.bound_relations.items():
        word = _called(name, relation.label)
        plain = structure.units.dimensionless(structure.unit[name])
        if word and plain and structure.relations[name].unit != "share":
            yield from _leaving(relation, word, structure, readings, spread)


def _leaving(
    relation: Relation,
    word: str,
    structure: Structure,
    readings: Sequence[Reading],
    spread: Spread,
) -> Iterator[Fault]:
    for option, branch in relation.branches.items():
        if branch is None or stays_inside(branch, structure, readings):
            continue
        seen = leaves(branch, spread)
        if seen:
            yield Fault(
                f"relation '{relation.name}' is called a {word} but can leave 0 to 1: it is "
                f"{seen}; {advice(branch, structure)}",
                relation.where(branch_field(option)),
            )
            return


def _called(name: str, label: str) -> str:
    """Return `probability` or `share` where a name or label says so; else ""."""
    words = [one.lower() for one in _WORD.findall(name.replace("_", " ") + " " + label)]
    if not _BUT.isdisjoint(words):
        return ""
    found = next((one for one in words if one in _CALLED), "")
    if not found and _P.fullmatch(name):
        return "probability"
    return {"prob": "probability", "probabilities": "probability", "shares": "share"}.get(
        found, found
    )


def _beyond(quantity: Quantity) -> float:
    """Return the probability that an interval prior gives to what lies outside; 0 if tiny."""
    prior = quantity.prior
    if not isinstance(prior, IntervalPrior) or not 0 <= prior.low < prior.high <= 1:
        return 0.0
    scale, unit = SCALES[LINKS[prior.family]], NormalDist(prior.loc, prior.scale)
    ends = [scale.forward(end) for end in (0.0, 1.0) if scale.holds(end)]
    outside = [NormalDist().cdf(-abs(end - unit.mean) / unit.stdev) for end in ends]
    return sum(one for one in outside if one > NormalDist().cdf(-_REACH))


def _complements(
    structure: Structure, uses: Sequence[BoundClaim], targets: Sequence[Expression]
) -> frozenset[str]:
    """Return the basic quantities that are subtracted from 1 somewhere."""
    waiting = [use.about for use in uses] + list(targets)
    for relation in structure.relations.values():
        waiting += [branch for branch in relation.branches.values() if branch is not None]
    found = set()
    while waiting:
        one = waiting.pop()
        match one:
            case Binary("-", Constant(1.0), Name(name)) if name in structure.quantities:
                found.add(name)
        waiting += children(one)
    return frozenset(found)
