"""Why the answer moved: by the weights of the readings, or by the other quantities."""

from __future__ import annotations

from collections.abc import Sequence

from estimates._util.format import brief, chance, number
from estimates.analysis.whatif.result import OptionRow, QuantityRow, Supposed, TargetRow
from estimates.language.labels import the
from estimates.language.phrases import compared, spoken, told
from estimates.model import Model

_NOISE = 2  # Monte Carlo errors that a difference must exceed to be one
_LEAST_WEIGHT = 0.05
_LEAST_SHIFT = 0.2  # sd
_HELD = (
    "The readings keep the weights that they had, so this is what follows under each of them, and "
    "says nothing of how the phrases were meant."
)


def why(
    model: Model,
    rows: Sequence[Supposed],
    target: TargetRow,
    options: Sequence[OptionRow],
    quantities: Sequence[QuantityRow],
    hold_readings: bool,
) -> str:
    """Return what made the answer move, as sentences after a space; "" where nothing did."""
    certain = {row.name for row in rows if row.kind == "reading"}
    moved = max(
        (row for row in options if row.reading not in certain and _is_moved(row)),
        key=lambda row: (abs(row.supposed - row.base), row.base - row.supposed),
        default=None,
    )
    if hold_readings:
        said = [_HELD]
    elif moved is not None:
        said = [_by_weights(model, _cause(rows, quantities), moved), *_without(target)]
    else:
        said = _by_quantities(quantities) or _directly(rows, target)
    return "".join(f" {one}" for one in said)


def _is_moved(row: OptionRow) -> bool:
    noise = _NOISE * (row.base_se**2 + row.supposed_se**2) ** 0.5
    return abs(row.supposed - row.base) > max(_LEAST_WEIGHT, noise)


def _cause(rows: Sequence[Supposed], quantities: Sequence[QuantityRow]) -> str:
    """Return what made the weights move: `a larger share of the wage`, if one thing is set."""
    if len(rows) != 1 or rows[0].kind != "value" or rows[0].value is None:
        return "That"
    found = next((one for one in quantities if one.quantity == rows[0].name), None)
    if found is None or found.base is None or found.base == rows[0].value:
        return "That"
    size = "larger" if rows[0].value > found.base else "smaller"
    label = spoken(found.label) if found.label == found.quantity else found.label
    return f"A {size} {label.removeprefix('the ')}"


def _by_weights(model: Model, cause: str, row: OptionRow) -> str:
    option = model.readings[row.reading].options[row.option]
    falls = row.supposed < row.base
    return (
        f"{cause} makes the reading ‘{option.label or spoken(row.option)}’ "
        f"{'less' if falls else 'more'} likely: its weight {'falls' if falls else 'rises'} from "
        f"{chance(row.base)} to {chance(row.supposed)}."
    )


def _without(target: TargetRow) -> list[str]:
    """Say what the answer would be if the weights stayed, where that makes a difference."""
    held, now = target.held, target.supposed
    if held is None or held.median is None or now.median is None:
        return []
    if abs(held.median - now.median) <= _NOISE * (now.mcse_median or 0.0):
        return []
    factor = 100.0 if target.unit == "share" else 1.0
    shown = number(factor * held.median, factor * (held.mcse_median or 0.0))
    return [
        f"If the readings kept their weights (--hold-readings), it would be "
        f"{told(shown, target.unit)}."
    ]


def _directly(rows: Sequence[Supposed], target: TargetRow) -> list[str]:
    """Say that what is set moved the answer by itself, where it did and nothing else moved."""
    change = abs(target.difference or 0.0)
    if change <= _NOISE * (target.mcse_difference or 0.0):
        return []
    if any(row.kind in ("value", "reading") for row in rows):
        return ["Nothing else moves much with it."]
    return []


def _by_quantities(quantities: Sequence[QuantityRow]) -> list[str]:
    """Say which quantity that was not set moved furthest."""
    for row in quantities:
        if row.is_set or not row.beyond(_LEAST_SHIFT) or row.base is None or row.supposed is None:
            continue
        factor = 100.0 if row.unit == "share" else 1.0
        ends = brief(factor * row.base), brief(factor * row.supposed)
        label = the(spoken(row.label) if row.label == row.quantity else row.label, row.unit)
        return [f"What moves furthest with it is {label}: from {compared(ends, row.unit)}."]
    return []
