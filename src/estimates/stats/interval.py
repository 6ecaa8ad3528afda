"""Intervals of numbers, and what arithmetic makes of them.

Each operation gives the smallest interval that holds every defined value; where none is defined
the interval is empty. Whether ends are open or closed is not tracked, and ends are not rounded
outwards: 1 minus something in [0, 1] is to lie in [0, 1] exactly.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

_INF = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`; empty where `low` is above `high`."""

    low: float = -_INF
    high: float = _INF

    @property
    def empty(self) -> bool:
        """Whether the interval holds no number."""
        return self.low > self.high

    def union(self, other: "Interval") -> "Interval":
        """Return the smallest interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def intersection(self, other: "Interval") -> "Interval":
        """Return the interval of the numbers that both hold."""
        return _between(max(self.low, other.low), min(self.high, other.high))

    def within(self, other: "Interval") -> bool:
        """Return whether `other` holds all of this interval."""
        return self.empty or (other.low <= self.low and self.high <= other.high)

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __add__(self, other: "Interval") -> "Interval":
        if self.empty or other.empty:
            return EMPTY
        return _between(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return self + -other

    def __mul__(self, other: "Interval") -> "Interval":
        if self.empty or other.empty:
            return EMPTY
        return _hull(_times(a, b) for a in _ends(self) for b in _ends(other))

    def __truediv__(self, other: "Interval") -> "Interval":
        if self.empty or other.empty or other.low == other.high == 0:
            return EMPTY
        if self.low == self.high == 0:
            return self
        if other.low < 0 < other.high:
            return LINE
        # A divisor that reaches 0 does so from one side.
        side = 1 if other.low >= 0 else -1
        return _hull(_over(a, b, side) for a in _ends(self) for b in _ends(other))


LINE = Interval()
EMPTY = Interval(_INF, -_INF)
_ABOVE_0 = Interval(0, _INF)
_LARGEST = math.nextafter(_INF, 0)


def _between(low: float, high: float) -> Interval:
    """Return the interval from low to high, where overflow left no infinity of the wrong sign."""
    if low > high:
        return EMPTY
    return Interval(min(low, _LARGEST), max(high, -_LARGEST))


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


def _hull(values: Iterable[float]) -> Interval:
    ordered = sorted(values)
    return _between(ordered[0], ordered[-1])


def _times(a: float, b: float) -> float:
    """Return a * b, where 0 times infinity is 0: ends at infinity are not reached."""
    return a * b if a and b else 0.0


def _over(a: float, b: float, side: int) -> float:
    """Return a / b, where b is 0 in the limit from above (side 1) or below (-1)."""
    if not a or math.isinf(b):
        return 0.0
    return a / b if b else math.copysign(_INF, a) * side


def exp(x: Interval) -> Interval:
    """Return the interval of the values of exp over an interval."""
    return EMPTY if x.empty else _between(_exp(x.low), _exp(x.high))


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return _INF


def log(x: Interval) -> Interval:
    """Return the interval of the values of log, which is defined above 0."""
    if x.empty or x.high <= 0:
        return EMPTY
    low = math.log(x.low) if x.low > 0 else -_INF
    return _between(low, math.log(x.high) if x.high < _INF else _INF)


def logistic(x: Interval) -> Interval:
    """Return the interval of the values of logistic over an interval."""
    return EMPTY if x.empty else Interval(_logistic(x.low), _logistic(x.high))


def _logistic(x: float) -> float:
    return 1 / (1 + _exp(-x)) if x >= 0 else _exp(x) / (1 + _exp(x))


def logit(x: Interval) -> Interval:
    """Return the interval of the values of logit, which is defined strictly between 0 and 1."""
    if x.empty or x.high <= 0 or x.low >= 1:
        return EMPTY
    low = math.log(x.low) - math.log1p(-x.low) if x.low > 0 else -_INF
    high = math.log(x.high) - math.log1p(-x.high) if x.high < 1 else _INF
    return _between(low, high)


def _logaddexp(x: float, y: float) -> float:
    high, low = max(x, y), min(x, y)
    return high if math.isinf(high) else high + math.log1p(_exp(low - high))


def logaddexp(x: Interval, y: Interval) -> Interval:
    """Return the interval of the values of log(eˣ + eʸ), which rises with both."""
    if x.empty or y.empty:
        return EMPTY
    return _between(_logaddexp(x.low, y.low), _logaddexp(x.high, y.high))


def sqrt(x: Interval) -> Interval:
    """Return the interval of the values of sqrt, which is defined from 0."""
    x = x.intersection(_ABOVE_0)
    return EMPTY if x.empty else Interval(math.sqrt(x.low), math.sqrt(x.high))


def absolute(x: Interval) -> Interval:
    """Return the interval of the values of abs over an interval."""
    if x.empty or x.low >= 0:
        return x
    return -x if x.high <= 0 else Interval(0, max(-x.low, x.high))


def minimum(x: Interval, y: Interval) -> Interval:
    """Return the interval of the values of min over two intervals."""
    return EMPTY if x.empty or y.empty else Interval(min(x.low, y.low), min(x.high, y.high))


def maximum(x: Interval, y: Interval) -> Interval:
    """Return the interval of the values of max over two intervals."""
    return EMPTY if x.empty or y.empty else Interval(max(x.low, y.low), max(x.high, y.high))


def cos(x: Interval) -> Interval:
    """Return the interval of the values of cos over an interval."""
    return _wave(math.cos, x, 0.0)


def sin(x: Interval) -> Interval:
    """Return the interval of the values of sin over an interval."""
    return _wave(math.sin, x, math.pi / 2)


def _wave(function: Callable[[float], float], x: Interval, peak: float) -> Interval:
    if x.empty:
        return EMPTY
    # Beyond 1e9, floats are too coarse to tell where in its period an end lies.
    if x.high - x.low >= 2 * math.pi or max(-x.low, x.high) > 1e9:
        return Interval(-1, 1)
    ends = _hull(map(function, _ends(x)))
    low = -1.0 if _holds_multiple(x, peak + math.pi) else ends.low
    return Interval(low, 1.0 if _holds_multiple(x, peak) else ends.high)


def _holds_multiple(x: Interval, phase: float) -> bool:
    """Return whether `phase` plus some multiple of a whole turn lies in x."""
    turn = 2 * math.pi
    return math.ceil((x.low - phase) / turn) <= math.floor((x.high - phase) / turn)


def power(x: Interval, y: Interval) -> Interval:
    """Return the interval of the values of x ** y; for x below 0 y must be whole."""
    if x.empty or y.empty:
        return EMPTY
    if y.low == y.high and float(y.low).is_integer():
        return _whole_power(x, int(y.low))
    if x.low < 0 and y.low != y.high:
        return LINE  # y may pass through whole numbers
    x = x.intersection(_ABOVE_0)
    if x.empty:
        return EMPTY
    # Monotone in x for each y and in y for each x, so the corners hold the extremes.
    return _hull(_power(a, b) for a, b in product(_ends(x), _ends(y)))


def _whole_power(x: Interval, n: int) -> Interval:
    if n < 0:
        return Interval(1, 1) / _whole_power(x, -n)
    if n == 0:
        return Interval(1, 1)
    base = x if n % 2 else absolute(x)
    return _between(_power(base.low, n), _power(base.high, n))


def _power(a: float, b: float) -> float:
    """Return a ** b for a ≥ 0 or whole b; infinite on overflow, and for 0 to a power below 0."""
    if a == 0 and b < 0:
        return _INF
    try:
        return math.pow(a, b)
    except OverflowError:
        return -_INF if a < 0 else _INF
