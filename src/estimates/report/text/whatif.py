"""The document of `whatif` as text: each answer as it is, and as supposed beneath it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number, probability
from estimates.language.phrases import in_words, worded
from estimates.report.text.compare import cited_range
from estimates.report.text.tables import WIDTH, Row, axes, label, paragraph, table

type Entry = Mapping[str, Any]
INTERVAL = "90 % interval"
_SIDES = ("below", "inside", "above")
_NAMES = {"base": "as it is", "supposed": "as supposed"}
_LEAST_SHIFT, _NOISE = 0.1, 2.0
_MOST = 12  # quantities and readings that are shown; the document has all


def whatif_report(document: Entry, width: int = WIDTH) -> Iterator[Text]:
    """The sentence; each target on both sides, beside its cited figure; readings; what moved."""
    yield Text()
    yield paragraph(document["sentence"], width=width)
    compared = list(document["comparisons"])
    for entry in document["targets"]:
        cited = next((row for row in compared if row["about"] == entry["target"]), None)
        compared = [row for row in compared if row is not cited]
        yield _target(entry, cited, width)
    for entry in compared:
        yield _comparison(entry, width)
    yield from _readings(document, width)
    yield from _quantities(document["quantities"], width)
    yield Text()
    yield paragraph(
        "(cited figures are held out of both answers; a difference within two Monte Carlo errors "
        "is none)",
        width=width,
        style="dim",
    )


def _target(entry: Entry, cited: Entry | None, width: int) -> Text:
    title = entry["label"]
    if entry["label"] != entry["target"]:
        title += f" ({entry['target']})"
    if entry["unit"]:
        title += f", {in_words(entry['unit'])}"
    heads = ["", "median", INTERVAL, "change"]
    if cited is not None:
        title += f", beside {cited['claim']}: {_ranges(cited)}"
        heads += [*_SIDES, "verdict "]
    lines = []
    for side, name in _NAMES.items():
        change = _change(entry) if side == "supposed" else ""
        cells = [*median_and_interval(_per_cent(entry[side], entry["unit"])), change]
        lines.append(Row(name, cells + (_where(cited[side]) if cited else [])))
    return table(title, heads, lines, width=width)


def _comparison(entry: Entry, width: int) -> Text:
    """A cited figure about something that is no target."""
    title = f"{entry['about']} beside {entry['claim']}: {_ranges(entry)}"
    lines = [Row(name, _where(entry[side])) for side, name in _NAMES.items()]
    return table(title, ["", *_SIDES, "verdict "], lines, width=width)


def _where(one: Entry) -> list[str]:
    said = worded(one["verdict"], one.get("only_just")) if one["verdict"] else NONE
    return [*(probability(one[key]) for key in _SIDES), said]


def _ranges(entry: Entry) -> str:
    """The cited range, and what it is supposed to be where that is another."""
    base, then = (cited_range({**entry[side], "unit": entry["unit"]}) for side in _NAMES)
    return base if base == then else f"{base}, supposed {then}"


def _change(entry: Entry) -> str:
    if entry["ratio"] is not None:
        return f"×{number(entry['ratio'], entry['mcse_ratio'])}"
    if entry["difference"] is None:
        return NONE
    sign = "+" if entry["difference"] > 0 else ""
    return sign + number(entry["difference"], entry["mcse_difference"])


def _readings(document: Entry, width: int) -> Iterator[Text]:
    rows = document["readings"]
    if len(rows) < 2:
        return
    target = document["targets"][0]
    heads = [axes(rows), "weight", "supposed", "median", "supposed"]
    left = [row for row in rows if row["supposed"]["weight"] > 0]
    heaviest = sorted(left, key=lambda r: -max(r["base"]["weight"], r["supposed"]["weight"]))
    shown = [row for row in left if any(row is one for one in heaviest[:_MOST])]
    lines = []
    for entry in shown:
        base, then = entry["base"], entry["supposed"]
        cells = [
            probability(base["weight"]),
            probability(then["weight"]),
            median_and_interval(_per_cent(base, target["unit"]))[0],
            median_and_interval(_per_cent(then, target["unit"]))[0],
        ]
        *outer, last = entry["reading"].values()
        lines.append(Row(label(entry["reading"]), cells, group=", ".join(outer), short=last))
    unit = f" ({in_words(target['unit'])})" if target["unit"] else ""
    yield table(f"By reading: weights, and {target['target']}{unit}", heads, lines, width=width)
    lighter, out = len(left) - len(shown), len(rows) - len(left)
    notes = [f"{lighter} lighter readings are not shown"] if lighter else []
    notes += [f"{out} readings are ruled out"] if out else []
    if notes:
        yield paragraph(f"({'; '.join(notes)})", width=width, style="dim")


def _quantities(rows: Sequence[Entry], width: int) -> Iterator[Text]:
    moved = [row for row in rows if row["set"] or _has_moved(row)]
    if not moved:
        yield Text()
        yield paragraph("No basic quantity moves by as much as a tenth of its sd.", width=width)
        return
    lines = [
        Row(
            entry["quantity"],
            [
                *(_one(entry[side], entry["unit"]) for side in _NAMES),
                "set" if entry["set"] and entry["shift"] is None else _shift(entry),
                in_words(entry["unit"]),
            ],
        )
        for entry in moved[:_MOST]
    ]
    heads = ["", "as it is", "supposed", "shift (sd)", "unit "]
    yield table("Basic quantities that move", heads, lines, width=width)
    rest = len(rows) - len(moved[:_MOST])
    if rest:
        yield paragraph(
            f"({rest} more move by less; shifts in sds of the answer as it is, on the log scale "
            "for positive quantities and the logit scale for shares)",
            width=width,
            style="dim",
        )


def _per_cent(numbers: Entry, unit: str) -> Entry:
    """The numbers of a share as per cent; others as they are."""
    if unit != "share":
        return numbers
    return {key: 100 * v if isinstance(v, float) else v for key, v in numbers.items()}


def _one(value: float | None, unit: str) -> str:
    return number(100 * value if unit == "share" and value is not None else value)


def _has_moved(row: Entry) -> bool:
    shift, error = row["shift"], row["mcse_shift"]
    return shift is not None and abs(shift) > max(_LEAST_SHIFT, _NOISE * error)


def _shift(row: Entry) -> str:
    if row["shift"] is None:
        return NONE
    shown = number(row["shift"], row["mcse_shift"], digits=2)
    shown = shown if row["shift"] < 0 else f"+{shown}"
    return f"{shown}, set" if row["set"] else shown
