"""Looks for a setting of the basic quantities at which something goes wrong.

Interval arithmetic forgets that the same quantity stands twice in an expression, so what it
cannot prove may still hold. Then only a witness counts: basic quantities are set to values spread
over their supports, ancestors first, and the expressions are evaluated at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import inf, isfinite, nan, pi, sin
from random import Random

from estimates.language.expression import MATH_OPS, Expression, evaluate, names
from estimates.model.distributions import DISTRIBUTIONS
from estimates.model.priors import LINKS, FixedValue, IntervalPrior, NamedPrior
from estimates.model.spec import Quantity, Reading
from estimates.model.symbols import Structure
from estimates.stats.links import SCALES

_SETTINGS = 256
_REACH = 4.0  # how far to look into the tails of an interval prior, in standard deviations
_EDGE = 1e-6


class Spread:
    """Settings of every quantity, always the same, crowded towards the ends of the supports."""

    def __init__(
        self, structure: Structure, readings: Mapping[str, Reading], settings: int = _SETTINGS
    ) -> None:
        self._settings = settings
        self._structure = structure
        self._random = Random(20170808)
        self._values: dict[str, list[float]] = {}
        self._choices = {
            name: self._random.choices(list(reading.options), k=settings)
            for name, reading in readings.items()
            if reading.options
        }

    def evaluate(self, bound: Expression) -> list[float]:
        """Return a bound expression's value at every setting, nan where it has none."""
        needed = self._ancestors(bound)
        for name in self._structure.unit:  # ancestors first
            if name in needed and name not in self._values:
                self._values[name] = [self._at(name, k) for k in range(self._settings)]
        return [self._value(bound, k) for k in range(self._settings if needed else 1)]

    def describe(self, bound: Expression, setting: int) -> str:
        """Return the values of the names in an expression at a setting: ` when a = 2, b = 3`."""
        given = [f"{name} = {self._values[name][setting]:.4g}" for name in names(bound)]
        return f" when {', '.join(given)}" if given else ""

    def _ancestors(self, bound: Expression) -> set[str]:
        found: set[str] = set()
        waiting = list(names(bound))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._structure.needs[name]
        return found

    def _value(self, bound: Expression, setting: int) -> float:
        env = _Setting(self._values, setting)
        return _or_nan(lambda: float(evaluate(bound, env, MATH_OPS)))

    def _at(self, name: str, setting: int) -> float:
        quantity = self._structure.quantities.get(name)
        if quantity is not None:
            return self._basic(quantity, setting)
        relation = self._structure.bound_relations[name]
        option = None if relation.by is None else self._choices[relation.by][setting]
        branch = relation.branches[option]
        return nan if branch is None else self._value(branch, setting)

    def _basic(self, quantity: Quantity, setting: int) -> float:
        u = min(max(sin(pi / 2 * self._random.random()) ** 2, _EDGE), 1 - _EDGE)
        match quantity.prior:
            case FixedValue(value=value):
                return value
            case IntervalPrior() as prior:
                y = prior.loc + prior.scale * _REACH * (2 * u - 1)
                inverse = SCALES[LINKS[prior.family]].inverse
                return _or_nan(lambda: inverse(y))
            case NamedPrior() as prior:
                return _between(*self._ends(prior, setting), u)

    def _ends(self, prior: NamedPrior, setting: int) -> tuple[float, float]:
        distribution = DISTRIBUTIONS[prior.distribution]
        low, high = distribution.low, distribution.high
        if isinstance(low, str):
            low = self._value(prior.arguments[low], setting) if low in prior.arguments else -inf
        if isinstance(high, str):
            high = self._value(prior.arguments[high], setting) if high in prior.arguments else inf
        return low, high


class _Setting(Mapping[str, float]):
    """The values of all names at one setting, looked up only where an expression has them."""

    def __init__(self, values: Mapping[str, list[float]], setting: int) -> None:
        self._values = values
        self._setting = setting

    def __getitem__(self, name: str) -> float:
        return self._values[name][self._setting]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _or_nan(value: Callable[[], float]) -> float:
    """Return a value, or nan where arithmetic has none."""
    try:
        return value()
    except (ArithmeticError, ValueError):
        return nan


def _between(low: float, high: float, u: float) -> float:
    """Return a support's value at u in 0 to 1; an infinite one spans six orders of magnitude."""
    if isfinite(low) and isfinite(high):
        return low + (high - low) * u
    if isfinite(low):
        return low + u / (1 - u)
    if isfinite(high):
        return high - (1 - u) / u
    return (2 * u - 1) / (u * (1 - u))
