"""Numbers as a reader needs them: no digit beyond the Monte Carlo error, three at the most."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

SIGNIFICANT = 3
NONE = "—"

#: From here on powers of ten read better than noughts.
_LARGE, _SMALL = 1e8, 1e-3
#: In pictures: words for as far as there are some, and powers of ten beyond.
_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_HUGE, _TINY = 1e15, 1e-4


def number(value: float | None, error: float | None = None, digits: int = SIGNIFICANT) -> str:
    """Return a value with digits down to the first of its error, at most `digits` of them.

    `20,400` (error 130, but three digits), `20,000` (error 1,300), `—` for what is not defined.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    # The power of ten of the last digit to show; rounding up may add a digit before it.
    last = _magnitude(value) - digits + 1
    if error and math.isfinite(error):
        last = max(last, _magnitude(error))
    last = max(last, _magnitude(round(value, -last) or value) - digits + 1)
    size = _magnitude(round(value, -last) or value)
    if _SMALL <= abs(value) < _LARGE or last > size:
        return _decimal(value, last)
    mantissa, power = f"{value:.{max(0, size - last)}e}".split("e")
    return _signed(f"{mantissa}e{int(power)}")


def stated(value: float | None) -> str:
    """Return a value as it was written: nothing rounded away, no noughts added."""
    if value is None:
        return NONE
    if value != 0 and not _SMALL <= abs(value) < _LARGE:
        mantissa, power = f"{value:.6e}".split("e")
        shown = f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    else:
        shown = f"{value:,.10f}".rstrip("0").rstrip(".")
    return _signed(shown)


def brief(value: float | None, digits: int = SIGNIFICANT) -> str:
    """Return a computed value without a Monte Carlo error: a few digits, no noughts added."""
    shown = number(value, digits=digits)
    return shown.rstrip("0").rstrip(".") if "." in shown and "e" not in shown else shown


@runtime_checkable
class Interval(Protocol):
    """A median between the ends of a 90 % interval; None where they are not defined."""

    @property
    def q05(self) -> float | None: ...
    @property
    def median(self) -> float | None: ...
    @property
    def q95(self) -> float | None: ...


@runtime_checkable
class MedianErrs(Protocol):
    """States the Monte Carlo error of its median."""

    @property
    def mcse_median(self) -> float | None: ...


@runtime_checkable
class EndsErr(Protocol):
    """States the Monte Carlo errors of the ends of its interval."""

    @property
    def mcse_q05(self) -> float | None: ...
    @property
    def mcse_q95(self) -> float | None: ...


#: How much more a quantile errs than a median would at its own side's sd: √(p(1 − p)) / φ(z_p),
#: over the same of the median, 1.2533.
QUANTILES = {"q05": 1.69, "q25": 1.09, "median": 1.0, "q75": 1.09, "q95": 1.69}
_FEWEST = 400  # effective draws that the trust gates let through


def quantile_error(found: Interval, name: str) -> float | None:
    """Return the Monte Carlo error of one of the `QUANTILES`, as stated or from the spread.

    The standard deviation on each side is a 1.645th of the way from the median to that end; the
    median errs by 1.2533 sd/sqrt(draws), with 400 effective draws; another quantile more than a
    median would at its own side's sd.  Exact for a normal.  None where there is no spread.
    """
    if isinstance(found, EndsErr) and name in ("q05", "q95"):
        of_end = found.mcse_q05 if name == "q05" else found.mcse_q95
        if of_end is not None:
            return of_end
    error = found.mcse_median if isinstance(found, MedianErrs) else None
    if name == "median" and error is not None:
        return error
    low, middle, high = found.q05, found.median, found.q95
    if low is None or middle is None or high is None or not low < middle < high:
        return None
    below, above = (middle - low) / 1.645, (high - middle) / 1.645
    sd = math.sqrt(below * above)
    if error is None:
        error = 1.2533 * sd / math.sqrt(_FEWEST)
    if name == "median":
        return error
    return QUANTILES[name] * error * (below if name in ("q05", "q25") else above) / sd


def median_and_interval(found: Interval | None, factor: float = 1.0) -> tuple[str, str]:
    """Return `20,400` and `10,600 to 37,000`, their digits cut by the Monte Carlo errors.

    Parameters
    ----------
    factor : to show it in another unit, 100 for a share in per cent
    """
    if found is None or found.q05 is None or found.median is None or found.q95 is None:
        return NONE, NONE
    if found.q05 == found.q95:
        return stated(factor * found.median), "fixed"

    def shown(value: float, name: str) -> str:
        error = quantile_error(found, name)
        return number(factor * value, None if error is None else factor * error)

    ends = shown(found.q05, "q05"), shown(found.q95, "q95")
    return shown(found.median, "median"), " to ".join(ends)


def probability(value: float | None) -> str:
    """Return two decimals, and never a certainty that draws cannot give."""
    if value is None or not math.isfinite(value):
        return NONE
    if value < 0.005:
        return "<0.01"
    if value >= 0.995:
        return ">0.99"
    return f"{value:.2f}"


def spelled(value: float, last: int | None = None) -> str:
    """Return a number as figures show it: `20,000`, `1.2 million`, `3×10⁻⁵`.

    Parameters
    ----------
    last : the place of its last digit, 10**last; three significant digits by default
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if last is None:
        last = _magnitude(value) - SIGNIFICANT + 1
    for size, word in _WORDS if abs(value) < _HUGE else ():
        if abs(round(value, -last)) >= size:
            return f"{_decimal(value / size, last - _magnitude(size))} {word}"
    if _TINY <= abs(value) < _HUGE:
        return _decimal(value, last)
    mantissa, power = f"{value:.{max(0, _magnitude(value) - last)}e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}×10{raised}".replace("-", "−")


def spelled_short(value: float, digits: int | None = None) -> str:
    """Return a number as figures show it, without noughts at its end; rounded to `digits`."""
    if value == 0 or not math.isfinite(value):
        return spelled(value)
    if digits is not None:
        value = round(value, digits - 1 - _magnitude(value))
    places = range(_magnitude(value), -20, -1)
    return spelled(value, next((p for p in places if _is_whole(value / 10.0**p)), -20))


def rounded(value: float) -> str:
    """Return a number with at most three significant digits, and no noughts at its end."""
    return spelled_short(value, 3)


def last_place(median: float, low: float, high: float) -> int:
    """Return the last place (a power of ten) worth showing of a median and its interval."""
    size = _magnitude(median) if median else 0
    place = size - 1 if size < 1 else max(size - 2, 0)
    return min(place, _magnitude(high - low) - 1) if high > low else place


def last_digit(value: float, place: int, error: float) -> int:
    """Return the last place of one number: at most three digits, and none beyond its error."""
    if value:
        place = max(place, _magnitude(value) - 2) if abs(value) >= 1000 else place
    return max(place, _magnitude(error)) if error > 0 and math.isfinite(error) else place


def _decimal(value: float, last: int) -> str:
    return _signed(f"{round(value, -last) + 0.0:,.{max(0, -last)}f}")


def _signed(shown: str) -> str:
    return shown.replace("-", "−", 1) if shown.startswith("-") else shown


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6


def _magnitude(value: float) -> int:
    """Return the power of ten of the first digit."""
    return math.floor(math.log10(abs(value)))


def p_value(p: float | None, log10_p: float | None = None, digits: int = 2) -> str:
    """Return p as `0.31`, `0.0042`, `3e-7`; its power of ten where a float holds no such p."""
    if p is None:
        return NONE
    if p < 1e-99 and log10_p is not None:
        return f"1e{math.floor(log10_p)}"
    if p <= 0:
        return "<1e-99"
    if p >= 0.095:
        return "1" if p >= 1 else ">0.99" if p >= 0.995 else f"{p:.2f}"
    if p >= 1e-4:
        return f"{p:.{1 - math.floor(math.log10(p))}f}"
    mantissa, power = f"{p:.{digits - 1}e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(power)}"
