"""Numbers as a reader needs them: no digit beyond the Monte Carlo error, three at the most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

SIGNIFICANT = 3
NONE = "—"

#: From here on powers of ten read better than noughts.
_LARGE, _SMALL = 1e8, 1e-3


def number(value: float | None, error: float | None = None, digits: int = SIGNIFICANT) -> str:
    """A value with its digits down to the first of its error, at most `digits` significant ones.

    `20,400` (error 130, but three digits), `20,000` (error 1,300), `—` for what is not defined.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    # The power of ten of the last digit to show.
    last = _magnitude(value) - digits + 1
    if error and math.isfinite(error):
        last = max(last, _magnitude(error))
    size = _magnitude(round(value, -last) or value)
    if _SMALL <= abs(value) < _LARGE or last > size:
        shown = f"{round(value, -last) + 0.0:,.{max(0, -last)}f}"
    else:
        mantissa, power = f"{value:.{max(0, size - last)}e}".split("e")
        shown = f"{mantissa}e{int(power)}"
    return shown.replace("-", "−", 1) if shown.startswith("-") else shown


def stated(value: float | None) -> str:
    """A value as somebody wrote it: nothing rounded away, no noughts added."""
    if value is None:
        return NONE
    if value != 0 and not _SMALL <= abs(value) < _LARGE:
        mantissa, power = f"{value:.6e}".split("e")
        shown = f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    else:
        shown = f"{value:,.10f}".rstrip("0").rstrip(".")
    return shown.replace("-", "−", 1) if shown.startswith("-") else shown


def brief(value: float | None, digits: int = SIGNIFICANT) -> str:
    """A worked-out value that has no Monte Carlo error: a few digits, no noughts added."""
    shown = number(value, digits=digits)
    return shown.rstrip("0").rstrip(".") if "." in shown and "e" not in shown else shown


def interval(low: float | None, high: float | None, *errors: float | None) -> str:
    """`120 to 150`; `errors` are those of the two ends."""
    if low is None and high is None:
        return NONE
    low_error, high_error = errors or (None, None)
    return f"{number(low, low_error)} to {number(high, high_error)}"


def interval_of(summary: Mapping[str, Any]) -> str:
    """The 90 % interval of one quantity's summary, its digits cut by the error of the ends."""
    ends = [summary.get("q05"), summary.get("q95")]
    return interval(*ends, *(_error_of_end(summary, end) for end in ("q05", "q95")))


def _error_of_end(summary: Mapping[str, Any], end: str) -> float | None:
    """Monte Carlo error of an end, or one made from the median's where none is stated.

    The error of a quantile is sqrt(p(1-p)/ess) over the density there. The density goes with the
    inverse of the distance between quantiles nearby, so the error of an end is about that of
    the median times a constant times (end to its quartile)/(quartile to quartile); 2.34 makes it
    exact for a normal, where it is 1.69.
    """
    stated, middle = summary.get(f"mcse_{end}"), summary.get("mcse_median")
    if stated is not None or middle is None:
        return stated
    low, high = summary.get("q25"), summary.get("q75")
    if low is None or high is None or summary.get(end) is None or not high > low:
        return 2 * middle
    reach = low - summary["q05"] if end == "q05" else summary["q95"] - high
    return 2.34 * middle * reach / (high - low)


def probability(value: float | None) -> str:
    """Two decimals, and never a certainty that draws cannot give."""
    if value is None or not math.isfinite(value):
        return NONE
    if value < 0.005:
        return "<0.01"
    if value >= 0.995:
        return ">0.99"
    return f"{value:.2f}"


def _magnitude(value: float) -> int:
    """The power of ten of the first digit."""
    return math.floor(math.log10(abs(value)))
