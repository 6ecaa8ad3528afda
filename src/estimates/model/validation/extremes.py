"""Refuses what arithmetic cannot bear: numbers whose squares overflow, and expressions that do.

Whatever is refused here would end in an infinity, or in nothing, much later.  A prior is looked
at as far as it holds 99 % of probability, and expressions where every quantity lies there.  These
are judged by their values: what overflows inside a share, as in `1 / (1 + exp(-x))`,
under a vague prior, does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import copysign, exp, inf, isfinite, isnan, nan
from random import Random
from typing import cast

from estimates.errors import Faults, Place
from estimates.language.expression import (
    MATH_OPS,
    Expression,
    FunctionTable,
    Interval,
    Name,
    bounds,
    evaluate,
    names,
)
from estimates.language.wording import Lopsided, Measured, Wording
from estimates.language.wording.figures import COVERAGES
from estimates.model.claims import BoundClaim
from estimates.model.distributions import DISTRIBUTIONS
from estimates.model.priors import LINKS, FixedValue, IntervalPrior, NamedPrior
from estimates.model.spec import Quantity, Reading
from estimates.model.symbols import Structure
from estimates.model.validation.claim_scale import figures_of
from estimates.model.validation.counterexample import Spread
from estimates.stats.links import LARGEST, SCALES

_REACH = 2.6  # standard deviations, to either side
_SETTINGS = 17
_MOST_NAMED = 4
_FINEST = 1e-10  # width of a prior, or error of a measurement, beside the value itself
# How far to go on each scale: on the logit scale 1 is reached, in floating point, at 36.
_LIMITS = {"identity": (-LARGEST, LARGEST), "log": (-345.0, 345.0), "logit": (-345.0, 35.0)}
_RANGE = f"{1 / LARGEST:.0e} to {LARGEST:.0e}".replace("e+", "e")


def fault_of_interval(name: str, prior: IntervalPrior) -> str:
    """Return what is wrong with a prior whose ends and family are known; "" if nothing is."""
    least, most = COVERAGES
    if not least <= prior.coverage <= most:
        return (
            f"the prior of '{name}' is said to hold {100 * prior.coverage:.10g} % of probability; "
            f"a coverage lies between {100 * least:g} and {100 * most:.10g} %"
        )
    low, high = _LIMITS[LINKS[prior.family]]
    spread = prior.scale
    if prior.loc - _REACH * spread < low or prior.loc + _REACH * spread > high:
        share = prior.family == "logitnormal"
        beyond = "nearer to 0 or 1 than" if share else f"farther than {_RANGE}, which is all that"
        return f"the prior of '{name}' reaches {beyond} can be computed with; narrow it" + (
            "" if share else ", or take another unit"
        )
    if spread <= _FINEST * max(1.0 if prior.family != "normal" else 0.0, abs(prior.loc)):
        return f"the prior of '{name}' is so narrow that it is a known constant; write `value:`"
    return ""


def out_of_range(value: float) -> bool:
    """Return whether a number's square, or that of its inverse, is beyond floating point."""
    return isfinite(value) and value != 0 and not 1 / LARGEST <= abs(value) <= LARGEST


def _exp(x: float) -> float:
    try:
        return exp(x)
    except OverflowError:
        return inf


def _power(x: float, y: float) -> float:
    try:
        return float(MATH_OPS.power(x, y))
    except OverflowError:  # of a negative number the power is whole
        return copysign(inf, x) if y % 2 == 1 else inf


# As arrays do it: what overflows is infinite, and 1 / (1 + inf) is 0.
_OPS = replace(cast("FunctionTable", MATH_OPS), exp=_exp, power=_power)
_BEARABLE = Interval(-LARGEST, LARGEST)


class Typical(Spread):
    """Settings of every quantity within the middle of its prior, evenly; the first is its centre.

    Where an expression overflows its value is infinite, unless by its form it cannot be large.
    """

    def __init__(self, structure: Structure, readings: Mapping[str, Reading]) -> None:
        super().__init__(structure, readings, _SETTINGS)
        self._shuffled = Random(11)
        self._steps: dict[str, list[float]] = {}

    def overflow(self, bound: Expression) -> tuple[bool, str] | None:
        """Return where a value is too large, in words (" when a = 2"); None if nowhere.

        And whether it is surely the value itself, and not merely a part of it.
        """
        for setting, value in enumerate(self.evaluate(bound)):
            if abs(value) > LARGEST:
                basic = sorted(self._ancestors(bound) & self._structure.quantities.keys())
                given = [f"{one} = {self._values[one][setting]:.4g}" for one in basic[:_MOST_NAMED]]
                own = isinstance(bound, Name) and bound.name in self._structure.quantities
                itself = isfinite(value) or own
                return itself, f" when {', '.join(given)}"
        return None

    def _value(self, bound: Expression, setting: int) -> float:
        """Return a quantity's values, nan where nothing is known of it."""
        env = {name: self._values[name][setting] for name in names(bound)}
        if any(map(isnan, env.values())):
            return nan
        try:
            value = float(evaluate(bound, env, _OPS))
        except (ArithmeticError, ValueError, TypeError):
            return nan
        if isfinite(value):
            return value
        # Infinite, or one infinity less, or over, another.
        form = bounds(bound, self._structure.support.__getitem__)
        return nan if form.within(_BEARABLE) else inf

    def _basic(self, quantity: Quantity, setting: int) -> float:
        z = self._step(quantity.name, setting)
        match quantity.prior:
            case FixedValue(value=value):
                return value
            case IntervalPrior() as prior:
                inverse = SCALES[LINKS[prior.family]].inverse
                return inverse(prior.loc + z * prior.scale)
            case NamedPrior() as prior:
                return self._named(prior, z, setting)

    def _named(self, prior: NamedPrior, z: float, setting: int) -> float:
        """Return the values of a distribution with a centre; nan for others."""
        distribution = DISTRIBUTIONS[prior.distribution]
        if distribution.location not in prior.arguments:
            return nan
        centre = self._value(prior.arguments[distribution.location], setting)
        spread = prior.arguments.get("sigma")
        off = 0.0 if spread is None else z * self._value(spread, setting)
        try:
            return SCALES[distribution.link].inverse(centre + off)
        except OverflowError:
            return inf

    def _step(self, name: str, setting: int) -> float:
        if name not in self._steps:
            half = _SETTINGS // 2
            steps = [_REACH * k / half for k in range(-half, half + 1) if k]
            self._shuffled.shuffle(steps)
            self._steps[name] = [0.0, *steps]
        return self._steps[name][setting]


def check_size(
    what: str, bound: Expression, typical: Typical, place: Place | None, faults: Faults
) -> bool:
    """Return whether an expression has a value in the middle of all priors; note an overflow."""
    found = typical.overflow(bound)
    if found is not None:
        itself, where = found
        if itself:
            start, end = what, "speak of its logarithm"
        else:
            start = f"{what}, or a part of it,"
            end = "speak of logarithms (of exp(x) / (1 + exp(x)) as logistic(x))"
        faults.add(
            f"{start} is more than {LARGEST:.0e}, too large to compute with,{where}; "
            f"narrow the priors, or {end}".replace("e+", "e"),
            place,
        )
    return found is None


def _errors(said: Wording) -> tuple[float, ...]:
    match said:
        case Measured(sigma=sigma):
            return (sigma,)
        case Lopsided(above=above, below=below):
            return (above, below)
        case _:
            return ()


def check_figures(uses: Iterable[BoundClaim], typical: Typical, faults: Faults) -> None:
    """Add a fault for each claim whose numbers are beyond floating point."""
    for use in uses:
        said = use.disputed or use.wording
        if any(map(out_of_range, figures_of(said))):
            faults.add(
                f"claim '{use.id}' says {said.text or said}, which is beyond what can be computed "
                f"with ({_RANGE}); give it in another unit",
                use.claim.where("says"),
            )
        elif any(
            out_of_range(error) or error < 1e-13 * abs(figures_of(said)[0])
            for error in _errors(said)
        ):
            faults.add(
                f"claim '{use.id}' says {said.text or said}, an error so large or small that "
                "nothing can be computed with it",
                use.claim.where("says"),
            )
        if not isinstance(use.about, Name):
            what = f"what claim '{use.id}' is about"
            check_size(what, use.value, typical, use.place, faults)
