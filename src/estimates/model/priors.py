"""What is known of a quantity beforehand: an interval, a named distribution, or its value.

A prior is read without knowing any quantity or unit; the model then gives it its family, converts
its ends to the quantity's unit and binds its arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

from estimates.errors import did_you_mean
from estimates.language.expression import Expression, ExpressionError, parse_expression
from estimates.language.wording import (
    Bound,
    Measured,
    Point,
    Range,
    Wording,
    WordingError,
    parse_wording,
)
from estimates.model.distributions import DISTRIBUTIONS, REFUSED
from estimates.stats.links import SCALES

#: The scale on which each family of interval priors is normal.
LINKS = {"normal": "identity", "lognormal": "log", "logitnormal": "logit"}

_NAMED = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*", re.DOTALL)
_KEYWORD = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)")
_ADVICE = (
    "a prior is an interval such as `1,400 to 200,000` or `24 to 94 % @ 80%`, "
    "or a distribution such as `Normal(mu=0, sigma=1)`"
)


class PriorError(ValueError):
    """A prior that cannot be read; `offset` counts from 0 in its text."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class IntervalPrior:
    """An interval that holds the truth with probability `coverage`, as much missing on each side.

    Attributes
    ----------
    low, high : its ends
    coverage : strictly between 0 and 1
    family : `lognormal`, `logitnormal` or `normal`; "" until a model has chosen it by the
        quantity's support
    unit : of the ends as given; None (always, in a checked model) is the quantity's own
    offset : where it begins in its text

    See Also
    --------
    parse_prior : reads one
    NamedPrior : a distribution by its name

    Examples
    --------
    >>> import estimates as est
    >>> round(est.IntervalPrior(50, 2000, family="lognormal").centre)
    316
    """

    low: float
    high: float
    coverage: float = 0.90
    family: str = ""
    unit: str | None = None
    offset: int = field(default=0, compare=False, repr=False)  # of the unit in the text

    @property
    def loc(self) -> float:
        """Mean on the family's link scale (identity, log or logit)."""
        g = SCALES[LINKS[self.family]].forward
        return (g(self.low) + g(self.high)) / 2

    @property
    def scale(self) -> float:
        """Standard deviation on the family's link scale."""
        g = SCALES[LINKS[self.family]].forward
        return (g(self.high) - g(self.low)) / (2 * NormalDist().inv_cdf(0.5 + self.coverage / 2))

    @property
    def centre(self) -> float:
        """The median."""
        return SCALES[LINKS[self.family]].inverse(self.loc)

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        stated = "" if self.coverage == 0.90 else f" @ {self.coverage * 100:.12g}%"
        return f"{_number(self.low)} to {_number(self.high)}{unit}{stated}"


@dataclass(frozen=True, slots=True)
class NamedPrior:
    """A distribution by PyMC's name, its arguments expressions of other quantities.

    In a checked model the arguments are bound: their values are in the unit that the
    distribution of a quantity in its own unit needs, and they name basic quantities only.

    Attributes
    ----------
    distribution : PyMC's name
    arguments : by name an expression
    offsets : where each argument begins in its text

    See Also
    --------
    parse_prior : reads one

    Examples
    --------
    >>> import estimates as est
    >>> est.parse_prior("Normal(mu=3, sigma=tau)").distribution
    'Normal'
    """

    distribution: str
    arguments: Mapping[str, Expression]
    offsets: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.distribution}({inside})"


@dataclass(frozen=True, slots=True)
class FixedValue:
    """A known constant, written as `value:` in place of a prior, for what is no unknown.

    Attributes
    ----------
    value : the number
    unit : the one it was given in; None (always, in a checked model) is the quantity's own
    offset : where it begins in its text

    Examples
    --------
    >>> import estimates as est
    >>> hours = est.Quantity(value="3 hours", unit="hour")
    >>> model = est.Model({"hours": hours}, targets=["hours"])
    >>> model.quantities["hours"].prior.value
    3.0
    """

    value: float
    unit: str | None = None
    offset: int = field(default=0, compare=False, repr=False)  # of the unit in the text

    def __str__(self) -> str:
        return _number(self.value) + (f" {self.unit}" if self.unit else "")


type Prior = IntervalPrior | NamedPrior | FixedValue


def parse_prior(text: str) -> IntervalPrior | NamedPrior:
    """Read a prior: an interval or a distribution.

    Parameters
    ----------
    text : as in a quantity's `prior:`, `1,400 to 200,000`, `24 to 94 % @ 80%` or
        `HalfCauchy(beta=5)`

    Returns
    -------
    IntervalPrior or NamedPrior, in the unit as written.

    Raises
    ------
    PriorError : with the offset of what cannot be read

    See Also
    --------
    explain_prior : what the prior claims to know

    Examples
    --------
    >>> import estimates as est
    >>> est.parse_prior("24 to 94 % @ 80%").coverage
    0.8
    """
    named = _NAMED.fullmatch(text)
    if named:
        return _parse_named(named)
    try:
        wording = parse_wording(text, literal=True)
    except WordingError as error:
        if re.fullmatch(r"\s*[\d,.]+\s*(?:%\s*)?[,:;]\s*[\d,.]+\s*%?\s*", text):
            raise PriorError("write 'to' between the ends, as in `50 to 2,000`", 0) from None
        advice = "" if text[:1].isdigit() else f"; {_ADVICE}"
        raise PriorError(error.message + advice, error.start) from None
    if not isinstance(wording, Range):
        raise PriorError(_as_interval(wording))
    if wording.hedged:
        raise PriorError("a prior takes no hedge; write the interval alone, wider if need be")
    return IntervalPrior(
        wording.low.value,
        wording.high.value,
        0.90 if wording.coverage is None else wording.coverage,
        unit=wording.unit or None,
        offset=max(text.rfind(wording.unit), 0),
    )


def _as_interval(wording: Wording) -> str:
    """Return what to write instead of a wording that is no interval."""
    match wording:
        case Measured(value=value, sigma=sigma):
            off = NormalDist().inv_cdf(0.95) * sigma
            unit = f" {wording.unit}" if wording.unit else ""
            ends = f"{value.value - off:.3g} to {value.value + off:.3g}{unit}"
            return f"a prior is an interval that holds 90 %: write `{ends}` for '{wording}'"
        case Bound(upper=upper):
            missing = "lower" if upper else "upper"
            return f"a prior is an interval: give the {missing} end too, as in `50 to 2,000`"
        case Point(hedged=True):
            return (
                "a prior is an interval: write both ends, as in `50 to 2,000`, instead of a hedge"
            )
        case _:
            return _ADVICE


def parse_value(text: str) -> FixedValue:
    """Read `3 hours`; raises `PriorError`."""
    try:
        wording = parse_wording(text)
    except WordingError as error:
        raise PriorError(error.message, error.start) from None
    if not isinstance(wording, Point) or wording.hedged:
        raise PriorError("a value is one number, such as `3 hours`; what is uncertain is a prior")
    return FixedValue(wording.figure.value, wording.unit or None, max(text.rfind(wording.unit), 0))


def parse_belief(text: str) -> Prior:
    """Return a prior, or the value of a known constant; raise `PriorError` about the prior."""
    try:
        return parse_prior(text)
    except PriorError as error:
        try:
            return parse_value(text)
        except PriorError:
            raise error from None


def _parse_named(match: re.Match[str]) -> NamedPrior:
    name, start = match[1], match.start(1)
    if name in REFUSED:
        raise PriorError(f"{name} cannot be a prior: {REFUSED[name]}", start)
    if name not in DISTRIBUTIONS:
        hint = did_you_mean(name, DISTRIBUTIONS) or "; PyMC's univariate continuous ones are known"
        raise PriorError(f"unknown distribution '{name}'{hint}", start)
    distribution = DISTRIBUTIONS[name]
    arguments: dict[str, Expression] = {}
    offsets: dict[str, int] = {}
    for place, (offset, piece) in enumerate(_pieces(match[2], match.start(2))):
        keyword = _KEYWORD.match(piece)
        if keyword:
            key, at = keyword[1], offset + keyword.start(1)
            offset, piece = offset + keyword.end(), piece[keyword.end() :]
            if key not in distribution.arguments:
                known = ", ".join(distribution.arguments)
                hint = did_you_mean(key, distribution.arguments) or f"; it takes {known}"
                raise PriorError(f"{name} has no argument '{key}'{hint}", at)
        else:
            at = offset + len(piece) - len(piece.lstrip())
            if re.fullmatch(r"\s*\d{3}", piece) and len(offsets) < place + 1 and place:
                raise PriorError("write numbers inside a distribution without commas", at)
            if len(offsets) < place or place >= distribution.positional:
                raise PriorError(f"name this argument of {name}, as in `name=value`", at)
            key = list(distribution.arguments)[place]
        if key in arguments:
            raise PriorError(f"{name} is given '{key}' twice", at)
        try:
            arguments[key] = parse_expression(piece)
        except ExpressionError as error:
            raise PriorError(error.message, offset + error.offset) from None
        offsets[key] = offset
    if not distribution.takes(frozenset(arguments)):
        raise PriorError(f"{name} takes {distribution.usage()}", start)
    return NamedPrior(name, arguments, offsets)


def _pieces(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the arguments between commas outside any parentheses, with their offsets."""
    if not text.strip():
        return
    depth = begin = 0
    for index, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            yield start + begin, text[begin:index]
            begin = index + 1
    yield start + begin, text[begin:]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
