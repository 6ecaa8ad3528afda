"""A fit as tables, for a person: what `--json` prints, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, probability
from estimates.inference.result import Diagnostics, QuantitySummary, Summary, Weight
from estimates.report.text.tables import WIDTH, Row, axes, label, paragraph, reading_row, table

INTERVAL = "90 % interval"

#: Marks a weight that follows the priors more than the conventions of docs/method.md allow.
_ECHO = " †"


def fit_report(found: Summary, width: int = WIDTH) -> Iterator[Text]:
    """A table per target and reading, one of the other quantities, and the diagnostics."""
    others = [name for name in found.quantities if name not in found.targets]
    if any(reading.reading for reading in found.readings):
        for target in found.targets:
            yield _target_table(found, target, width)
        yield _option_table(found, width)
        notes = [paragraph(text, width=width) for text in _weight_notes(found)]
        yield from (Text(), *notes) if notes else ()
        if others:
            title = "The other quantities, over all readings by weight"
            yield _quantity_table(found, others, title, width)
    else:
        yield _quantity_table(found, found.targets, "The answer", width)
        if others:
            yield _quantity_table(found, others, "The other quantities", width)
    yield Text()
    if any(_uninformed(found, name) for name in others):
        yield paragraph("* prior only: no claim informs it.", width=width)
    if any(numbers.median is None for numbers in found.quantities.values()):
        yield paragraph(f"{NONE} under some reading nothing of the kind is said.", width=width)
    yield paragraph("Intervals hold 90 %: 5 % lies below them and 5 % above.", width=width)
    yield from _diagnostics(found.diagnostics, width)


def _target_table(found: Summary, target: str, width: int) -> Text:
    readings, whole = found.readings, found.quantities[target]
    ranged = any(map(_moved, readings))
    heads = [axes(readings), "weight", *(["(range)"] if ranged else []), "median", INTERVAL]
    rows = []
    for one in readings:
        weight = [probability(one.posterior), *([_range(one)] if ranged else [])]
        figures = median_and_interval(one.quantities.get(target))
        rows.append(reading_row(one.reading, [*weight, *figures]))
    blank = ["", *([""] if ranged else [])]
    rows.append(reading_row(None, [*blank, *median_and_interval(whole)]))
    return table(heading(target, whole), heads, rows, width=width)


def _quantity_table(found: Summary, names: Sequence[str], title: str, width: int) -> Text:
    rows = []
    for name in names:
        numbers = found.quantities[name]
        mark = " *" if _uninformed(found, name) else ""
        rows.append(Row(name + mark, [numbers.unit, *median_and_interval(numbers)]))
    return table(title, ["", "unit ", "median", INTERVAL], rows, width=width)


def _uninformed(found: Summary, name: str) -> bool:
    """No claim informs the quantity under any reading that has weight."""
    told = [one.quantities.get(name) for one in found.readings if one.posterior]
    return bool(told) and all(numbers is not None and numbers.prior_only for numbers in told)


def heading(name: str, numbers: QuantitySummary) -> str:
    """`revenue: annual revenue of the regime (MUSD/year)`."""
    unit = f" ({numbers.unit})" if numbers.unit else ""
    text = numbers.label
    return f"{name}: {text}{unit}" if text and text != name else f"{name}{unit}"


def _moved(weight: Weight) -> bool:
    """Whether the weight depends on the priors in the two decimals that are shown."""
    return weight.sway >= 0.005


def _range(weight: Weight) -> str:
    return "–".join(dict.fromkeys(map(probability, weight.posterior_range)))


def _option_table(found: Summary, width: int) -> Text:
    """The weight of each way to read a phrase, stated and found."""
    rows = []
    for name, axis in found.options.items():
        for option, weight in axis.options.items():
            spread = _range(weight) if _moved(weight) else ""
            told = spread + _ECHO if weight.set_by_prior else spread
            cells = [probability(weight.prior), probability(weight.posterior)]
            rows.append(Row(f"{name}: {option}", [*cells, told if axis.update else "held"]))
    return table(
        "How the phrases are read", ["", "stated", "weight", "(range) "], rows, width=width
    )


def _weight_notes(found: Summary) -> Iterator[str]:
    """What the weights rest on, and which readings have no numbers."""
    weights = [one for axis in found.options.values() for one in axis.options.values()]
    if any(map(_moved, [*found.readings, *weights])):
        yield (
            "(range): the weight while the priors of what a reading touches are moved by half "
            "their sd either way, and their sd is halved or doubled."
        )
    if any(weight.set_by_prior for weight in weights):
        yield f"{_ECHO.strip()} set by the prior, not by the evidence."
    for one in found.readings:
        if one.status != "ok":
            yield f"{label(one.reading)}: {one.status}."


def _diagnostics(checks: Diagnostics, width: int) -> Iterator[Text]:
    """Whether the numbers may be used, and on what grounds."""
    count, good = checks.divergences, checks.converged
    divergences = f"{count or 'no'} divergence{'' if count == 1 else 's'}"
    yield paragraph(
        f"Checks: R-hat at most {_shown(checks.max_rhat, '.3f')}; effective draws at least "
        f"{_shown(checks.min_ess_bulk, ',.0f')} in the middle and "
        f"{_shown(checks.min_ess_tail, ',.0f')} in the tails; {divergences}. "
        + ("Converged." if good else "NOT CONVERGED: these numbers must not be used."),
        width=width,
        style="" if good else "bold red",
    )
    if checks.at_bound and good:
        one = checks.at_bound == 1
        yield paragraph(
            f"{checks.at_bound} trajector{'y' if one else 'ies'} more ended at the wall of a "
            "stated bound. Nothing lies behind it: that few are excused, and a finer fit confirmed "
            "these numbers.",
            width=width,
        )
    for failure in checks.failed:
        yield paragraph(f"Failed: {failure}", width=width, style="red")


def _shown(value: float | None, how: str) -> str:
    return NONE if value is None else format(value, how)
