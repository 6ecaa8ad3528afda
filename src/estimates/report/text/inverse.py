"""The answer of `inverse` as tables: how far each reading is, what would have to move, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, brief, number, probability
from estimates.analysis.inverse.grouping import Group, groups
from estimates.analysis.inverse.result import (
    AloneRow,
    Edge,
    GivenRow,
    Inverse,
    LeastRow,
)
from estimates.language.phrases import compared, in_words
from estimates.report.text.tables import WIDTH, Row, label, paragraph, reading_row, table

_MOST = 8  # readings whose quantities are listed
_MOVES = 0.05  # posterior sds; what moves less than this at every edge is not listed


def report(found: Inverse, width: int = WIDTH) -> Iterator[Text]:
    """What would have to be true: all together, each alone, and what follows from the range."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    yield _distances(found, width)
    yield Text()
    yield paragraph(_legend(found), width=width, style="dim")
    shown, folded = groups(found, _MOST)
    for group in shown[:_MOST]:
        yield from _quantities(found, group, width)
    yield Text()
    for text in (*_folding(shown, folded), *_still(found), *_lost(found)):
        yield paragraph(text, width=width)
    yield paragraph(
        "(In brackets: posterior standard deviations from the median, on the quantity's natural "
        "scale; alone: with all others at their medians.)",
        width=width, style="dim",
    )  # fmt: skip
    yield from _given(found, width)
    yield from _options(found, width)
    yield Text()
    yield from _notes(found, width)


# How far each reading is ------------------------------------------------------------------------


def _distances(found: Inverse, width: int) -> Text:
    title = (
        f"How surprising it would be for {found.label} to be {_range(found)}, "
        "in standard deviations"
    )
    axes = next((", ".join(row.options) for row in found.readings if row.options), "")
    heads = [axes, "weight", "median"]
    heads += [_edge(found, edge) for edge in found.levels]
    heads += ["P(inside)", "weight then"] if found.ranged else []
    rows = []
    for row in found.readings:
        cells = [probability(row.weight) if row.single else "", number(row.median, row.median_se)]
        cells += [_sds(row.surprise[edge]) for edge in found.levels]
        if found.ranged:
            cells.append(_chance(row.inside))
            cells.append(probability(row.weight_given) if row.single else "")
        rows.append(reading_row(row.reading, cells))
    return table(title, heads, rows, width=width)


def _edge(found: Inverse, edge: Edge) -> str:
    """`≥ 100`; the centre and a single value stand alone."""
    sign = {"low": "≥ ", "high": "≤ "}.get(edge, "")
    return sign + brief(found.levels[edge], 3 if edge == "centre" else 4)


def _legend(found: Inverse) -> str:
    text = (
        "(Surprise: how far the least surprising values of all quantities at which the answer is "
        "exactly there lie from the most likely ones, in posterior standard deviations."
    )
    if found.ranged:
        text += " P(inside): of the range; weight then: of the reading if the answer is in it."
    return text + ")"


# What would have to move --------------------------------------------------------------------


def _quantities(found: Inverse, group: Group, width: int) -> Iterator[Text]:
    """A table of one reading: the quantities, together and alone."""
    reading = group.row.reading
    together = {(row.edge, row.quantity): row for row in found.least_of(group.row)}
    alone = {(row.edge, row.quantity): row for row in found.alone if row.reading == reading}
    # What enters the answer can be looked at alone even where nothing reaches an edge.
    names = _movers(together.values()) + [name for _, name in alone]
    medians = {row.quantity: row.median for row in alone.values()}
    medians |= {row.quantity: row.median for row in together.values()}
    heads = ["", "median"]
    for edge in found.edges:
        heads += [_edge(found, edge), "alone"]
    rows = []
    for name in dict.fromkeys(names):
        unit = found.quantities[name].unit
        cells = [_value(medians[name], unit)]
        for edge in found.edges:
            cells += [_together(together.get((edge, name))), _by_itself(alone.get((edge, name)))]
        rows.append(Row(name, cells))
    if rows:
        where = ", ".join(group.label.values())
        yield table(where or "What would have to be otherwise", heads, rows, width=width)


def _movers(rows: Iterable[LeastRow]) -> list[str]:
    """The quantities that move at some edge, in the model's order."""
    moved: dict[str, float] = {}
    for row in rows:
        moved[row.quantity] = max(row.moved, moved.get(row.quantity, 0.0))
    return [name for name, size in moved.items() if size >= _MOVES]


def _together(row: LeastRow | None) -> str:
    if row is None or row.value is None:
        return NONE
    return f"{_value(row.value, row.unit)} ({_signed(row.shift_sd)})"


def _by_itself(row: AloneRow | None) -> str:
    if row is None:
        return ""
    if not row.possible:
        return "impossible"
    return f"{_value(row.value, row.unit)} ({_signed(row.shift_sd)})"


def _folding(shown: Sequence[Group], folded: Sequence[str]) -> Iterator[str]:
    if folded and any(group.members > 1 for group in shown):
        yield (
            f"How {' and '.join(folded)} is read makes little difference to what would have to "
            "move: the heaviest reading stands for all."
        )
    if len(shown) > _MOST:
        yield f"The {len(shown) - _MOST} lightest readings are in the JSON document only."


def _still(found: Inverse) -> Iterator[str]:
    """What plays no part."""
    moved = {row.quantity for row in found.least_surprising if row.moved >= _MOVES}
    moved |= {row.quantity for row in found.alone}
    still = [name for name in found.quantities if name not in moved]
    if still and moved:
        yield f"Not moved by it: {', '.join(still)}."


def _lost(found: Inverse) -> Iterator[str]:
    """What could not be found."""
    for row in found.readings:
        if not row.single:
            continue
        where = f"{label(row.options)}: " if row.options else ""
        if row.status != "ok":
            yield f"{where}{_STATUS.get(row.status, row.status)}."
            continue
        lost = [_edge(found, edge) for edge in found.levels if row.surprise[edge] is None]
        if lost:
            yield f"{where}no values of the quantities were found that reach {', '.join(lost)}."
        if row.unpinned:
            yield (
                f"{where}the least surprising values at {row.unpinned} lie where the answer has "
                "a kink or the density an edge; they are the best that was found."
            )


_STATUS = {
    "says nothing of it": "under this reading nothing of the kind is said",
    "impossible": "impossible under the claims",
    "not defined": "the answer is not defined for any draw",
}


# What one would believe given the range -------------------------------------------------------


def _given(found: Inverse, width: int) -> Iterator[Text]:
    whole = [row for row in found.given_range if row.reading is None]
    chosen = whole or [row for row in found.given_range if not row.reading]
    if chosen:
        yield table(
            f"If {found.label} is {_range(found)}"
            + (", over all readings by weight" if whole else ""),
            ["", "unit ", "median", "then", "90 % interval", "shift"],
            [Row(row.quantity, _given_cells(row)) for row in chosen],
            width=width,
        )


def _given_cells(row: GivenRow) -> list[str]:
    unit = row.unit
    return [
        in_words(unit),
        _value(row.median, unit),
        number(_percent(row.given_median, unit), _percent(row.given_se, unit)),
        f"{_value(row.given_q05, unit)} to {_value(row.given_q95, unit)}",
        _signed(row.shift_sd),
    ]


def _options(found: Inverse, width: int) -> Iterator[Text]:
    lines = [
        Row(
            f"{row.axis}: {row.option}",
            [probability(row.weight), "held" if row.held else probability(row.weight_given)],
        )
        for row in found.options
    ]
    if lines:
        yield table("How the phrases are then read", ["", "weight", "then"], lines, width=width)


def _notes(found: Inverse, width: int) -> Iterator[Text]:
    few = [row for row in found.readings if row.method == "subset simulation"]
    if few:
        which = "it" if len(few) == len(found.readings) == 1 else f"{len(few)} of the readings"
        yield paragraph(
            f"Too few draws lie in the range under {which}; there the posterior given the range "
            "was drawn anew, by subset simulation.",
            width=width,
        )
    if found.claim and found.ranged:
        yield paragraph(
            "All of it is if one believes the cited range; elsewhere it is held out.", width=width
        )


# Words ----------------------------------------------------------------------------------------


def _range(found: Inverse) -> str:
    ends = [brief(_percent(end, found.unit), 4) for end in found.ends]
    return found.bounded(compared(tuple(ends), found.unit))


def _percent(value: float | None, unit: str) -> float | None:
    return 100 * value if value is not None and unit == "share" else value


def _value(value: float | None, unit: str) -> str:
    """A value that stands between others; a share as per cent."""
    shown = brief(_percent(value, unit))
    return f"{shown} %" if unit == "share" and value is not None else shown


def _sds(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def _signed(value: float | None) -> str:
    if value is None:
        return NONE
    shown = f"{value:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", "−")


def _chance(value: float | None) -> str:
    """A probability that may be very small, and is then worth its order."""
    if value is None:
        return NONE
    return probability(value) if value >= 0.005 else "0" if value == 0 else f"{value:.0e}"
