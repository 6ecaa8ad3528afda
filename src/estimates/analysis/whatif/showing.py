"""Numbers in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from estimates.language.phrases import told
from estimates.language.wording import Figure

_DIGITS = 3


def brief(value: float, error: float = 0.0) -> str:
    """A number with three digits at the most, and none beyond its Monte Carlo error."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    step = math.floor(math.log10(abs(value))) - _DIGITS + 1
    if error > 0:
        step = max(step, math.floor(math.log10(error)))
    rounded = round(value, -step)
    if step < 0 and error == 0:
        return f"{rounded:,.{-step}f}".rstrip("0").rstrip(".")
    return str(Figure(rounded, 10.0**step)) if step < 0 else f"{rounded:,.0f}"


def amount(value: float, unit: str) -> str:
    """`90 %`, `20,000 people`, `US$120 per person per month`."""
    if unit == "share":
        return f"{brief(100 * value)} %"
    return told(stated(value), unit)


def stated(value: float) -> str:
    """A number as somebody set it, nothing rounded away."""
    if value == 0 or 1e-4 <= abs(value) < 1e15:
        return f"{value:,.10f}".rstrip("0").rstrip(".")
    return f"{value:g}"


def joined(words: Sequence[str]) -> str:
    """`a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def probability(value: float) -> str:
    """Two decimals, and never a certainty that draws cannot give."""
    if value < 0.005:
        return "<0.01"
    return ">0.99" if value >= 0.995 else f"{value:.2f}"
