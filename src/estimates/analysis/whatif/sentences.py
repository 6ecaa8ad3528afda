"""The answer in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from estimates._util.format import brief, chance, number
from estimates.analysis.result import Numbers
from estimates.analysis.whatif.result import Beside, ComparisonRow, Supposed, TargetRow
from estimates.language.labels import the
from estimates.language.phrases import (
    cited_range,
    cited_words,
    compared,
    joined,
    spoken,
    told,
    worded,
)
from estimates.language.wording import Wording

_NOISE = 2  # Monte Carlo errors that a difference must exceed to be one


def sentence_of(
    rows: Sequence[Supposed],
    target: TargetRow,
    comparisons: Sequence[ComparisonRow],
    wordings: Mapping[str, Wording],
) -> str:
    """Return the headline target supposed and as it is, and how that bears on a cited figure."""
    words = f"{_condition(rows)}, {_answer(target)}"
    figure = next((row for row in comparisons if row.about == target.target), None)
    if figure is not None and target.supposed.median is not None:
        return f"{words}. {_beside(figure, wordings[figure.claim])}".strip()
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
    label, unit = the(spoken(target.label), target.unit), target.unit
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


def _beside(figure: ComparisonRow, wording: Wording) -> str:
    """Return how likely the answer meets a bound, or lies inside what is cited."""
    base, supposed = figure.base, figure.supposed
    if supposed.inside is None:
        return ""
    cited = f"the cited {_cited(supposed, wording, figure.unit)}"
    lies = f"It would lie inside {cited}"
    if supposed.bound is not None:
        times = "" if supposed.times_bound is None else (
            f"be {number(supposed.times_bound, supposed.times_error)} times the bound, and "
        )  # fmt: skip
        lies = f"It would {times}meet {cited}"
    words = f"{lies} with a probability of {chance(supposed.inside)}"
    if base.inside is None:
        return f"{words}."
    if chance(base.inside) != chance(supposed.inside):
        words += f" instead of {chance(base.inside)}"
    same = base.verdict == supposed.verdict
    before = ", as before" if same else f" instead of {_verdict(base)}"
    return f"{words} (verdict: {_verdict(supposed)}{before})."


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


def _cited(row: Beside, wording: Wording, unit: str) -> str:
    """Return what is cited: a bound in its words, else the range, a single figure as one."""
    if row.low is not None and row.low == row.high:
        return told(brief(row.low * (100.0 if unit == "share" else 1.0)), unit)
    if row.bound is not None:
        return cited_words(wording, row.low, row.high, unit)
    return cited_range(row.low, row.high, unit)
