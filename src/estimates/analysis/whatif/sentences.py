"""The answer in one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence

from estimates._util.format import brief, number, probability
from estimates.analysis.result import Numbers
from estimates.analysis.whatif.result import Beside, ComparisonRow, Supposed, TargetRow
from estimates.language.phrases import compared, joined, told, worded

_NOISE = 2  # Monte Carlo errors that a difference must exceed to be one


def sentence_of(
    rows: Sequence[Supposed], target: TargetRow, comparisons: Sequence[ComparisonRow]
) -> str:
    """Return the headline target supposed and as it is, and how that bears on a cited figure."""
    words = f"{_condition(rows)}, {_answer(target)}"
    figure = next((row for row in comparisons if row.about == target.target), None)
    if figure is not None and target.supposed.median is not None:
        words += _beside(figure)
    return words + "."


def _condition(rows: Sequence[Supposed]) -> str:
    """Return the supposition in words: `With skim at 90 % and without the claim wages`."""
    dropped = [row.text for row in rows if row.dropped]
    others = [row.text for row in rows if not row.dropped]
    parts = [f"with {joined(others)}"] if others else []
    if dropped:
        parts.append(f"without {joined(dropped)}")
    text = " and ".join(parts)
    return text[0].upper() + text[1:]


def _answer(target: TargetRow) -> str:
    label, unit = target.label, target.unit
    now, was = _median(target.supposed, unit), _median(target.base, unit)
    if not now:
        return f"{label} would have no value"
    if not was:
        return f"{label}, which has no value as it is, would be {told(now, unit)}"
    if abs(target.difference or 0.0) <= _NOISE * (target.mcse_difference or 0.0):
        return f"{label} would stay at about {told(was, unit)}"
    words = f"{label} would be {compared((now, was), unit, ' instead of ')}"
    if target.ratio is not None:
        words += f" (×{_figure(target.ratio, target.mcse_ratio)})"
    return words


def _beside(figure: ComparisonRow) -> str:
    base, supposed = figure.base, figure.supposed
    if supposed.inside is None:
        return ""
    inside = probability(supposed.inside)
    words = f", inside the cited {_range(supposed, figure.unit)} with probability {inside}"
    if base.inside is not None:
        was = probability(base.inside)
        if was != inside:
            words += f" instead of {was}"
        same = base.verdict == supposed.verdict
        before = ", as before" if same else f" instead of {_verdict(base)}"
        words += f" (verdict: {_verdict(supposed)}{before})"
    return words


def _verdict(side: Beside) -> str:
    return worded(side.verdict or "", side.only_just)


def _median(numbers: Numbers, unit: str) -> str:
    """Return a median with the digits that its Monte Carlo error leaves; a share as per cent."""
    if numbers.median is None:
        return ""
    factor = 100.0 if unit == "share" else 1.0
    return _figure(factor * numbers.median, factor * (numbers.mcse_median or 0.0))


def _figure(value: float, error: float | None) -> str:
    return number(value, error) if error else brief(value)


def _range(row: Beside, unit: str) -> str:
    factor = 100.0 if unit == "share" else 1.0
    low = None if row.low is None else brief(factor * row.low)
    high = None if row.high is None else brief(factor * row.high)
    if low is None or high is None:
        return f"up to {told(high or '', unit)}" if low is None else f"at least {told(low, unit)}"
    return told(low, unit) if low == high else told(f"{low} to {high}", unit)
