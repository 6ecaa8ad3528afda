"""The document of `inverse` as tables: how far each reading is, what would have to move, and why.

Made from the document alone, so a table can never say more than the document does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, brief, number, probability
from estimates.language.phrases import compared, in_words
from estimates.report.text.tables import WIDTH, Row, axes, label, paragraph, reading_row, table

type Document = Mapping[str, Any]

_MOST = 8  # readings whose quantities are listed
_MOVES = 0.05  # posterior sds; what moves less than this at every edge is not listed


def inverse_report(document: Document, width: int = WIDTH) -> Iterator[Text]:
    """What would have to be true: all together, each alone, and what follows from the range."""
    from estimates.analysis.inverse.grouping import groups

    yield Text()
    yield paragraph(document["sentence"], width=width, style="bold")
    yield _distances(document, width)
    yield Text()
    yield paragraph(_legend(document), width=width, style="dim")
    shown, folded = groups(document, _MOST)
    for group in shown[:_MOST]:
        where = ", ".join(group.label.values())
        yield from _quantities(document, group.row, where, width)
    yield Text()
    for text in (*_folding(shown, folded), *_still(document)):
        yield paragraph(text, width=width)
    yield paragraph(
        "(In brackets: posterior standard deviations from the median, on the quantity's natural "
        "scale; alone: with all others at their medians.)",
        width=width, style="dim",
    )  # fmt: skip
    yield from _given(document, width)


# How far each reading is ------------------------------------------------------------------------


def _distances(document: Document, width: int) -> Text:
    levels = document["levels"]
    ranged = document["low"] != document["high"]
    title = (
        f"How surprising it would be for {document['label']} to be {_range(document)}, "
        "in standard deviations"
    )
    heads = [axes(document["readings"]), "weight", "median"]
    heads += [_edge(document, edge) for edge in levels]
    heads += ["P(inside)", "weight then"] if ranged else []
    rows = []
    for row in document["readings"]:
        mixture = row["reading"] is None
        cells = ["" if mixture else probability(row["weight"]),
                 number(row["median"], row["median_se"])]  # fmt: skip
        cells += [_sds(row[f"surprise_{edge}"]) for edge in levels]
        if ranged:
            cells.append(_chance(row["inside"]))
            cells.append("" if mixture else probability(row["weight_given"]))
        rows.append(reading_row(row["reading"], cells))
    return table(title, heads, rows, width=width)


def _edge(document: Document, edge: str) -> str:
    """`≥ 100`; the centre and a single value stand alone."""
    sign = {"low": "≥ ", "high": "≤ "}.get(edge, "")
    return sign + brief(document["levels"][edge], 3 if edge == "centre" else 4)


def _legend(document: Document) -> str:
    text = (
        "(Surprise: how far the least surprising values of all quantities at which the answer is "
        "exactly there lie from the most likely ones, in posterior standard deviations."
    )
    if document["low"] != document["high"]:
        text += " P(inside): of the range; weight then: of the reading if the answer is in it."
    return text + ")"


# What would have to move --------------------------------------------------------------------


def _quantities(document: Document, entry: Document, where: str, width: int) -> Iterator[Text]:
    """A table of one reading: the quantities, together and alone."""
    mine = [row for row in document["least_surprising"] if row["reading"] == entry["reading"]]
    alone = {
        (row["edge"], row["quantity"]): row
        for row in document["alone"]
        if row["reading"] == entry["reading"]
    }
    edges = [edge for edge in document["levels"] if edge != "centre"]
    kinds = document["quantities"]
    names = [name for name in _movers(mine) if kinds[name]["kind"] == "basic"]
    # What enters the answer can be looked at alone even where nothing reaches an edge.
    names += [name for _, name in alone if name not in names]
    names = list(dict.fromkeys(names))
    if not names:
        return
    heads = ["", "median"]
    for edge in edges:
        heads += [_edge(document, edge), "alone"]
    rows = []
    for name in names:
        kind = kinds[name]
        here = {row["edge"]: row for row in mine if row["quantity"] == name}
        any_ = next(iter(here.values()), None) or next(
            row for (_, one), row in alone.items() if one == name
        )
        cells = [_value(any_["median"], kind["unit"])]
        for edge in edges:
            cells.append(_together(here.get(edge), kind["unit"]))
            cells.append(_by_itself(alone.get((edge, name)), kind["unit"]))
        rows.append(Row(name, cells))
    yield table(where or "What would have to be otherwise", heads, rows, width=width)


def _movers(rows: Sequence[Document]) -> list[str]:
    """The quantities that move at some edge, in the model's order."""
    moved: dict[str, float] = {}
    for row in rows:
        size = abs(row["moved_sd"] or 0.0)
        moved[row["quantity"]] = max(size, moved.get(row["quantity"], 0.0))
    return [name for name, size in moved.items() if size >= _MOVES]


def _together(row: Document | None, unit: str) -> str:
    if row is None or row["value"] is None:
        return NONE
    return f"{_value(row['value'], unit)} ({_signed(row['shift_sd'])})"


def _by_itself(row: Document | None, unit: str) -> str:
    if row is None:
        return ""
    if not row["possible"]:
        return "impossible"
    return f"{_value(row['value'], unit)} ({_signed(row['shift_sd'])})"


def _folding(shown: Sequence[Any], folded: Sequence[str]) -> Iterator[str]:
    if folded and any(group.members > 1 for group in shown):
        yield (
            f"How {' and '.join(folded)} is read makes little difference to what would have to "
            "move: the heaviest reading stands for all."
        )
    if len(shown) > _MOST:
        yield f"The {len(shown) - _MOST} lightest readings are in the JSON document only."


def _still(document: Document) -> Iterator[str]:
    """What plays no part, and what could not be found."""
    moved = {
        row["quantity"]
        for row in document["least_surprising"]
        if abs(row["moved_sd"] or 0.0) >= _MOVES
    } | {row["quantity"] for row in document["alone"]}
    still = [name for name in document["quantities"] if name not in moved]
    if still and moved:
        yield f"Not moved by it: {', '.join(still)}."
    for row in document["readings"]:
        if row["reading"] is None:
            continue
        where = f"{label(row['reading'])}: " if row["reading"] else ""
        if row["status"] != "ok":
            yield f"{where}{_STATUS.get(row['status'], row['status'])}."
            continue
        lost = [_edge(document, e) for e in document["levels"] if row[f"surprise_{e}"] is None]
        if lost:
            yield f"{where}no values of the quantities were found that reach {', '.join(lost)}."
        if row["unpinned"]:
            yield (
                f"{where}the least surprising values at {row['unpinned']} lie where the answer has "
                "a kink or the density an edge; they are the best that was found."
            )


_STATUS = {
    "says nothing of it": "under this reading nothing of the kind is said",
    "impossible": "impossible under the claims",
    "not defined": "the answer is not defined for any draw",
}


# What one would believe given the range -------------------------------------------------------


def _given(document: Document, width: int) -> Iterator[Text]:
    rows = document["given_range"]
    whole = [row for row in rows if row["reading"] is None]
    single = [row for row in rows if row["reading"] == {}]
    chosen = whole or single
    if chosen:
        lines = [
            Row(
                row["quantity"],
                [
                    in_words(row["unit"]),
                    _value(row["median"], row["unit"]),
                    number(_percent(row["given_median"], row["unit"]),
                           _percent(row["given_se"], row["unit"])),
                    f"{_value(row['given_q05'], row['unit'])} to "
                    f"{_value(row['given_q95'], row['unit'])}",
                    _signed(row["shift_sd"]),
                ],
            )
            for row in chosen
        ]  # fmt: skip
        yield table(
            f"If {document['label']} is {_range(document)}"
            + (", over all readings by weight" if whole else ""),
            ["", "unit ", "median", "then", "90 % interval", "shift"],
            lines,
            width=width,
        )
    if document["options"]:
        lines = [
            Row(
                f"{row['axis']}: {row['option']}",
                [
                    probability(row["weight"]),
                    "held" if row["held"] else probability(row["weight_given"]),
                ],
            )
            for row in document["options"]
        ]
        yield table("How the phrases are then read", ["", "weight", "then"], lines, width=width)
    yield Text()
    few = [row for row in document["readings"] if row["method"] == "subset simulation"]
    if few:
        which = "it" if len(few) == 1 and len(document["readings"]) == 1 else (
            f"{len(few)} of the readings"
        )  # fmt: skip
        yield paragraph(
            f"Too few draws lie in the range under {which}; there the posterior given the range "
            "was drawn anew, by subset simulation.",
            width=width,
        )
    if document["claim"] and document["low"] != document["high"]:
        yield paragraph(
            "All of it is if one believes the cited range; elsewhere it is held out.", width=width
        )


# Words ----------------------------------------------------------------------------------------


def _range(document: Document) -> str:
    low, high, unit = document["low"], document["high"], document["unit"]
    ends = [brief(_percent(end, unit), 4) for end in dict.fromkeys((low, high)) if end is not None]
    text = compared(tuple(ends), unit)
    return f"at most {text}" if low is None else f"at least {text}" if high is None else text


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
