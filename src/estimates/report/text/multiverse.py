"""The document of `multiverse` as text: the sentence, then cells, effects and flips as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, brief, median_and_interval, number, probability
from estimates.report.text.compare import cited_range
from estimates.report.text.tables import WIDTH, Row, paragraph, table

_MOST_CELLS = 16
_DIGITS = 4  # a choice may move a well-known answer by a thousandth
_VERDICTS = ("below", "straddles", "consistent", "above", "divided")

type Document = Mapping[str, Any]


def multiverse_report(document: Document, width: int = WIDTH) -> Iterator[Text]:
    """What holds in which part of the cells, what each choice does, what would flip it."""
    yield Text()
    yield paragraph(document["sentence"], width=width, style="bold")
    yield from _cells(document, width)
    for one in document["cited"]:
        yield from _verdicts(document, one, width)
    yield _effects(document, width)
    yield Text()
    yield paragraph(_effects_legend(document["effects"]), width=width, style="dim")
    for one in document["cited"]:
        yield from _flips(document, one["claim"], width)


# The cells -------------------------------------------------------------------------------------


def _cells(document: Document, width: int) -> Iterator[Text]:
    cells = document["cells"]
    shown, dropped = _thinned(cells)
    unit = f", {document['unit']}" if document["unit"] else ""
    heads = ["differs from the base in", "median", "90 % interval"]
    claims = [one["claim"] for one in document["cited"]]
    heads += ["verdict " if len(claims) == 1 else f"{claim} " for claim in claims]
    rows = [
        Row(
            _difference(document, cell),
            [*median_and_interval(cell), *(_verdict(cell, claim) for claim in claims)],
        )
        for cell in shown
    ]
    few = "" if document["total"] == len(cells) else f" of {document['total']:,}"
    title = f"{document['label']}{unit}: {len(cells):,}{few} cells, by their median"
    yield table(title, heads, rows, width=width)
    if dropped:
        yield Text()
        text = f"({dropped:,} cells between these are not shown; --json and the figure have them)"
        yield paragraph(text, width=width, style="dim")


def _thinned(cells: Sequence[Document]) -> tuple[list[Document], int]:
    """Cells by their median, evenly thinned; the base and what failed always there."""
    failed = [cell for cell in cells if cell["median"] is None]
    ranked = sorted(
        (cell for cell in cells if cell["median"] is not None), key=lambda cell: cell["median"]
    )
    count = min(len(ranked), _MOST_CELLS)
    places = {round(i * (len(ranked) - 1) / max(1, count - 1)) for i in range(count)}
    kept = [cell for i, cell in enumerate(ranked) if i in places or cell["base"]]
    few = failed[:_MOST_CELLS]
    return [*kept, *few], len(cells) - len(kept) - len(few)


def _difference(document: Document, cell: Document) -> str:
    if cell["base"]:
        return "— (the model as it stands)"
    changed = [
        f"{axis['axis']} {cell['options'][axis['axis']]}"
        for axis in document["axes"]
        if cell["options"][axis["axis"]] != axis["base"]
    ]
    return ", ".join(changed)


def _verdict(cell: Document, claim: str) -> str:
    if cell["failed"]:
        return "failed"
    said = cell["cited"].get(claim)
    if said is None or said["verdict"] is None:
        return NONE
    return f"{said['verdict']}{' ?' if said['only_just'] else ''}"


# Verdicts --------------------------------------------------------------------------------------


def _verdicts(document: Document, cited: Document, width: int) -> Iterator[Text]:
    claim = cited["claim"]
    whole = next(one for one in document["verdicts"] if one["claim"] == claim)
    rows = [one for one in document["readings"] if one["claim"] == claim]
    head = ", ".join(rows[0]["reading"]) if rows else ""
    heads = [head, *_VERDICTS[:-1], *(["divided"] if rows else [])]
    lines = []
    for one in rows:
        counts = [_share(one["counts"][name], sum(one["counts"].values())) for name in heads[1:-1]]
        *outer, last = one["reading"].values()
        name = ", ".join(one["reading"].values())
        lines.append(Row(name, [*counts, ""], group=", ".join(outer), short=last))
    counts = [_share(whole["counts"][name], whole["compared"]) for name in heads[1:]]
    lines.append(Row("all, by weight" if rows else "the answer", counts, rule=bool(rows)))
    yield table(f"{claim}: {cited_range(cited)}. In what share of the cells each verdict holds",
                heads, lines, width=width)  # fmt: skip
    notes = []
    if whole["only_just"]:
        notes.append(
            f"{whole['only_just']} of {whole['compared']} verdicts hold only just (marked ?): they "
            "would be others if a probability or a weight were two Monte Carlo errors away"
        )
    if whole["believing"]:
        notes.append(
            f"{whole['believing']} cells that believe the figure are not counted: an answer agrees "
            "with what it was made from"
        )
    if whole["without"]:
        notes.append(f"{whole['without']} cells are not compared with it")
    if notes:
        yield Text()
        yield paragraph(f"({'; '.join(notes)})", width=width, style="dim")


def _share(count: int, of: int) -> str:
    """A share of cells, which is exact: 0 and 1 are sayable."""
    if not of:
        return NONE
    if count in (0, of):
        return "0" if count == 0 else "1"
    return f"{count / of:.2f}"


# Effects ---------------------------------------------------------------------------------------


def _effects(document: Document, width: int) -> Text:
    rows = []
    for one in document["effects"]:
        spread = (
            " to ".join(number(one[end], one["effect_se"], _DIGITS) for end in ("least", "most"))
            if one["pairs"]
            else NONE
        )
        rows.append(
            Row(
                f"{one['axis']}: {one['option']}",
                [
                    number(one["effect"], one["effect_se"], _DIGITS),
                    brief(one["effect_se"], 1),
                    spread,
                    probability(one["share"]),
                ],
            )
        )
    ratio = any(one["measure"] == "ratio" for one in document["effects"])
    title = f"What each choice does to the median, {'as a factor' if ratio else 'added to it'}"
    return table(title, ["choice", "effect", "error", "from, to", "share"], rows, width=width)


def _effects_legend(effects: Sequence[Document]) -> str:
    return (
        "(effect: of the option in place of the base, over everything else; error: Monte Carlo; "
        "from, to: over pairs of cells that differ in nothing else; share: of the variance "
        "between the cells, by the choice alone)"
    )


# Flips -----------------------------------------------------------------------------------------


def _flips(document: Document, claim: str, width: int) -> Iterator[Text]:
    weights = [one for one in document["weight_flips"] if one["claim"] == claim]
    widths = [one for one in document["width_flips"] if one["claim"] == claim]
    if weights:
        rows = []
        for one in weights:
            if one["to"] is None:
                rows.append(Row(one["reading"], ["none can", "", "", "", ""]))
                continue
            rows.append(
                Row(
                    one["reading"],
                    [
                        one["option"],
                        probability(one["weight"]),
                        _weight(one["to"]),
                        _factor(one["odds_factor"], one["odds_factor_se"]),
                        one["verdict"] + (" ?" if one["only_just"] else ""),
                    ],
                )
            )
        heads = ["reading", "option ", "weight", "flips at", "odds", "verdict "]
        yield table(f"{claim}: the smallest change of a weight that flips the verdict", heads, rows,
                    width=width)  # fmt: skip
    if widths:
        rows = [
            Row(one["widths"] or "all claims", _width_cells(one, document["width_limit"]))
            for one in widths
        ]
        heads = ["widths of", "factor that flips ", "verdict "]
        yield table(f"{claim}: the smallest factor on widths that flips the verdict", heads, rows,
                    width=width)  # fmt: skip
        yield Text()
        steps = brief(max(one["step"] for one in widths), 3)
        words = (
            f"(tried in steps of a factor of {steps} at most, shorter where the verdict is near to "
            "another; a flip lies between the two factors)"
        )
        yield paragraph(words, width=width, style="dim")


def _width_cells(one: Document, limit: float) -> list[str]:
    if one["factor"] is None:
        low, high = one["tried"]
        if low <= 1.001 / limit and high >= limit / 1.001:
            return [f"none within {limit:g} times", ""]
        return [f"none from {brief(low, 2)} to {brief(high, 2)}, beyond which fits fail", ""]
    between = f"{brief(one['low'], 3)} to {brief(one['high'], 3)}"
    return [between, one["verdict"] + (" ?" if one["only_just"] else "")]


def _weight(weight: float) -> str:
    return f"{weight:.3f}" if 0.0005 <= weight <= 0.9995 else f"{weight:.1e}"


def _factor(factor: float, error: float | None) -> str:
    shown = number(factor, error)
    return f"× {shown}" + (f" ± {brief(error, 1)}" if error else "")
