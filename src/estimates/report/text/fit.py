"""The document of `fit` as tables: what `--json` prints, for a person.

Everything is made from the document alone, so a table can never say more than the document does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, probability
from estimates.report.text.tables import WIDTH, Row, axes, label, paragraph, reading_row, table

INTERVAL = "90 % interval"

type Document = Mapping[str, Any]

#: Marks a weight that follows the priors more than the conventions of docs/method.md allow.
_ECHO = " †"


def fit_report(document: Document, width: int = WIDTH) -> Iterator[Text]:
    """A table per target and reading, one of the other quantities, and the diagnostics."""
    quantities, readings, targets = (document[k] for k in ("quantities", "readings", "targets"))
    others = [name for name in quantities if name not in targets]
    if any(entry["reading"] for entry in readings):
        for target in targets:
            yield _target_table(document, target, width)
        yield _option_table(document["options"], width)
        notes = [paragraph(text, width=width) for text in _weight_notes(document)]
        yield from (Text(), *notes) if notes else ()
        if others:
            title = "The other quantities, over all readings by weight"
            yield _quantity_table(document, others, title, width)
    else:
        yield _quantity_table(document, targets, "The answer", width)
        if others:
            yield _quantity_table(document, others, "The other quantities", width)
    yield Text()
    if any(_uninformed(document, name) for name in others):
        yield paragraph("* prior only: no claim informs it.", width=width)
    if any(quantities[name]["median"] is None for name in quantities):
        yield paragraph(f"{NONE} under some reading nothing of the kind is said.", width=width)
    yield paragraph("Intervals hold 90 %: 5 % lies below them and 5 % above.", width=width)
    yield from _diagnostics(document["diagnostics"], width)


def _target_table(document: Document, target: str, width: int) -> Text:
    readings, whole = document["readings"], document["quantities"][target]
    ranged = any(map(_moved, readings))
    heads = [axes(readings), "weight", *(["(range)"] if ranged else []), "median", INTERVAL]
    rows = []
    for entry in readings:
        weight = [probability(entry["posterior"]), *([_range(entry)] if ranged else [])]
        figures = _figures(entry["quantities"].get(target))
        rows.append(reading_row(entry["reading"], [*weight, *figures]))
    rows.append(reading_row(None, ["", *([""] if ranged else []), *_figures(whole)]))
    return table(heading(target, whole), heads, rows, width=width)


def _quantity_table(document: Document, names: Sequence[str], title: str, width: int) -> Text:
    rows = []
    for name in names:
        summary = document["quantities"][name]
        mark = " *" if _uninformed(document, name) else ""
        rows.append(Row(name + mark, [summary.get("unit") or "", *_figures(summary)]))
    return table(title, ["", "unit ", "median", INTERVAL], rows, width=width)


def _uninformed(document: Document, name: str) -> bool:
    """No claim informs the quantity under any reading that has weight."""
    told = [e["quantities"].get(name, {}) for e in document["readings"] if e["posterior"]]
    return bool(told) and all(summary.get("prior_only") for summary in told)


def _figures(summary: Document | None) -> tuple[str, str]:
    """Median and interval; a reading may say nothing of a quantity."""
    return median_and_interval(summary or {})


def heading(name: str, summary: Document) -> str:
    """`revenue: annual revenue of the regime (MUSD/year)`."""
    unit = f" ({summary['unit']})" if summary.get("unit") else ""
    text = summary.get("label")
    return f"{name}: {text}{unit}" if text and text != name else f"{name}{unit}"


def _moved(entry: Document) -> bool:
    """Whether the weight depends on the priors in the two decimals that are shown."""
    bounds = entry.get("posterior_range")
    return bool(bounds) and _sway(entry) >= 0.005


def _range(entry: Document) -> str:
    ends = [probability(end) for end in entry["posterior_range"]]
    return "–".join(dict.fromkeys(ends))


def _option_table(options: Document, width: int) -> Text:
    """The weight of each way to read a phrase, stated and found."""
    rows = []
    for axis, entry in options.items():
        for name, weight in entry["options"].items():
            spread = _range(weight) if _moved(weight) else ""
            found = spread + _ECHO if weight["set_by_prior"] else spread
            cells = [probability(weight[key]) for key in ("prior", "posterior")]
            rows.append(Row(f"{axis}: {name}", [*cells, found if entry["update"] else "held"]))
    return table(
        "How the phrases are read", ["", "stated", "weight", "(range) "], rows, width=width
    )


def _weight_notes(document: Document) -> Iterator[str]:
    """What the weights rest on, and which readings have no numbers."""
    weights = [w for axis in document["options"].values() for w in axis["options"].values()]
    if any(map(_moved, [*document["readings"], *weights])):
        yield (
            "(range): the weight while the priors of what a reading touches are moved by half "
            "their sd either way, and their sd is halved or doubled."
        )
    if any(weight["set_by_prior"] for weight in weights):
        yield f"{_ECHO.strip()} set by the prior, not by the evidence."
    for entry in document["readings"]:
        if entry.get("status", "ok") != "ok":
            yield f"{label(entry['reading'])}: {entry['status']}."


def _sway(entry: Document) -> float:
    low, high = entry["posterior_range"]
    return float(max(high - entry["posterior"], entry["posterior"] - low))


def _diagnostics(checks: Document, width: int) -> Iterator[Text]:
    """Whether the numbers may be used, and on what grounds."""
    count, good = checks["divergences"], checks["converged"]
    divergences = f"{count or 'no'} divergence{'' if count == 1 else 's'}"
    yield paragraph(
        f"Checks: R-hat at most {_shown(checks['max_rhat'], '.3f')}; effective draws at least "
        f"{_shown(checks['min_ess_bulk'], ',.0f')} in the middle and "
        f"{_shown(checks['min_ess_tail'], ',.0f')} in the tails; {divergences}. "
        + ("Converged." if good else "NOT CONVERGED: these numbers must not be used."),
        width=width,
        style="" if good else "bold red",
    )
    for failure in checks["failed"]:
        yield paragraph(f"Failed: {failure}", width=width, style="red")


def _shown(value: float | None, how: str) -> str:
    return NONE if value is None else format(value, how)
