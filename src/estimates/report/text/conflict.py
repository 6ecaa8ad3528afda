"""The document of `conflict` as tables: each body against the rest, pairs, claims, and what then.

Made from the document alone, so a table can never say more than the document does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number, stated
from estimates.report.text.tables import WIDTH, Row, paragraph, table

type Found = Mapping[str, Any]

INTERVAL = "90 % interval"
_MOST = 20  # rows of a table, those with the smallest p
_MOST_PARTS = 6  # readings shown beneath one of them
_ALIKE = 0.25  # standard errors; readings whose z differ by less are not told apart
_PARTLY = "the other evidence and the prior"
_SHORT = {
    "the other evidence": "evidence",
    _PARTLY: "evidence, prior",
    "the prior": "prior",
    "a fixed value": "fixed value",
    "the answer": "answer",
}


def conflict_report(document: Mapping[str, Any], width: int = WIDTH) -> Iterator[Text]:
    """The sentence, then what it rests on."""
    yield Text()
    yield paragraph(document["sentence"], width=width, style="bold")
    if document["without"]:
        yield _without(document, width)
    if document["splits"]:
        yield from _splits(document, width)
    if document["pairs"]:
        yield _pairs(document["pairs"], width)
        yield from _more(document["pairs"], width)
    if document["claims"]:
        yield from _claims(document["claims"], width)
    yield Text()
    for text in _notes(document):
        yield paragraph(text, width=width, style="dim")


def p_value(row: Found, key: str = "p") -> str:
    """A p as far as its Monte Carlo error lets it be known; a power of ten where it is tiny."""
    value, error = row.get(key), row.get("mcse_p") if key == "p" else None
    if value is None:
        return NONE
    if key == "p" and value < 1e-99 and row.get("log10_p") is not None:
        return f"1e{math.floor(row['log10_p'])}"
    if value <= 0:
        return "<1e-99"
    if value >= 0.995:
        return ">0.99" if value < 1 else "1"
    if value >= 0.0995:
        return f"{value:.2f}"
    if value < 1e-3:
        return f"{value:.0e}".replace("e-0", "e-")
    return number(value, error, digits=2)


def _z(row: Found) -> str:
    return NONE if row["z"] is None else f"{row['z'] + 0.0:.1f}".replace("-", "−")


def _splits(document: Mapping[str, Any], width: int) -> Iterator[Text]:
    rows: Sequence[Found] = document["splits"]
    parts: Sequence[Found] = document["splits_by_reading"]
    heads = ["body", "it says", "the rest says", "z", "p", "adjusted", "against "]
    lines: list[Row] = []
    for row in rows[:_MOST]:
        lines.append(_split(row["body"], row, rule=bool(lines)))
        mine = [part for part in parts if part["body"] == row["body"]]
        if _differ(mine):
            for part in sorted(mine, key=lambda one: one["p"])[:_MOST_PARTS]:
                lines.append(_split(f"  {part['under'] or 'all'}", part, own=False))
    yield table("Each body of evidence against everything else", heads, lines, width=width)
    yield from _more(rows, width)


def _differ(parts: Sequence[Found]) -> bool:
    """Does it matter to a comparison how the phrases are read?"""
    z = [part["z"] for part in parts if part["z"] is not None]
    if len({part["against"] for part in parts}) > 1 or len(z) < len(parts):
        return len(parts) > 1
    return bool(z) and max(z) - min(z) > _ALIKE


def _split(name: str, row: Found, *, own: bool = True, rule: bool = False) -> Row:
    cells = [
        _said(row) if own else "",
        _interval(row, "rest"),
        _z(row),
        p_value(row),
        p_value(row, "p_adjusted"),
        _SHORT[row["against"]],
    ]
    return Row(name, cells, rule=rule and own)


def _said(row: Found) -> str:
    """The body's own interval, or a statement's limit."""
    if row["kind"] == "statement":
        return f"limit {number(row['limit'])}"
    return _interval(row, "body")


def _interval(row: Found, side: str) -> str:
    numbers = {key: row[f"{side}_{key}"] for key in ("q05", "median", "q95")}
    if numbers["q05"] is None or numbers["q95"] is None:
        return NONE
    if side == "body":
        return f"{number(numbers['q05'])} to {number(numbers['q95'])}"
    if numbers["q05"] == numbers["q95"]:
        return stated(numbers["median"])
    return median_and_interval(numbers)[1]


def _pairs(rows: Sequence[Found], width: int) -> Text:
    heads = ["two bodies", "about", "z", "p", "adjusted"]
    anywhere = any(row["under"] for row in rows)
    lines = []
    for row in rows[:_MOST]:
        cells = [row["about"], _z(row), p_value(row), p_value(row, "p_adjusted")]
        if anywhere:
            cells.append(row["under"])
        lines.append(Row(f"{row['first']} and {row['second']}", cells))
    if anywhere:
        heads.append("under ")
    return table("Two bodies about one thing, by themselves", heads, lines, width=width)


def _claims(rows: Sequence[Found], width: int) -> Iterator[Text]:
    heads = ["claim", "z", "p", "adjusted", "lowest", "against "]
    order = sorted(rows, key=lambda row: (row["held_out"], 1.0 if row["p"] is None else row["p"]))
    evidence = [row for row in order if not row["held_out"]][:_MOST]
    held = [row for row in order if row["held_out"]][:_MOST]
    lines = []
    for i, row in enumerate([*evidence, *held]):
        cells = [
            _z(row),
            p_value(row),
            p_value(row, "p_adjusted"),
            p_value({"p": row["lowest_p"]}) if row["lowest_under"] else "",
            "answer, held out" if row["held_out"] else _SHORT[row["against"]],
        ]
        lines.append(Row(row["claim"], cells, rule=row["held_out"] and i == len(evidence) > 0))
    yield table("Each claim against what the rest would have predicted", heads, lines, width=width)
    left = len(rows) - len(lines)
    if left:
        yield paragraph(f"({left} more, with larger p, in the document)", width=width, style="dim")


def _without(document: Mapping[str, Any], width: int) -> Text:
    unit = f", {document['target_unit']}" if document["target_unit"] else ""
    rows: Sequence[Found] = document["without"]
    under = f" (under {rows[0]['under']})" if rows[0]["under"] else ""
    heads = ["without", "median", INTERVAL, "smallest p left", "conflict "]
    lines = []
    for row in rows:
        first = not row["without"]
        cells = [
            *median_and_interval(row),
            "" if first else _left(row),
            "yes" if first else "resolved" if row["resolves"] else "remains",
        ]
        lines.append(Row("nothing" if first else row["without"], cells))
    return table(f"{document['target']}{unit}{under}, if a body were left out", heads, lines,
                 width=width)  # fmt: skip


def _left(row: Found) -> str:
    """The smallest p of the others; a bound where the first that was looked at settled it."""
    bound = "≤ " if row["judged"] < row["others"] else ""
    return bound + p_value(row, "smallest_p_adjusted")


def _more(rows: Sequence[Found], width: int) -> Iterator[Text]:
    if len(rows) > _MOST:
        left = len(rows) - _MOST
        yield paragraph(f"({left} more, with larger p, in the document)", width=width, style="dim")


def _families(document: Found) -> str:
    """What is adjusted over what, and how many there are."""
    families: Sequence[Found] = document["families"]
    bodies, parts = families[0], []
    if bodies["tests"]:
        alike = ""
        if bodies["tests"] < bodies["comparisons"]:
            alike = f" (seen from {bodies['comparisons']} sides)"
        under = any(row["under"] for row in families)
        parts.append(
            f"bodies, each against the rest and two by two, for {_count(bodies['tests'])}{alike}"
            f"{', under each reading for those there' if under else ''}"
        )
    parts += [
        f"{row['of']} for {_count(row['tests'])}"
        for row in families
        if row["of"] != "bodies" and row["tests"]
    ]
    return (
        f"adjusted: by Holm's method, {'; '.join(parts)}. Below {document['level']:g} it is called "
        "a conflict."
    )


def _count(tests: int) -> str:
    return f"{tests} comparison{'' if tests == 1 else 's'}"


def _notes(document: Mapping[str, Any]) -> Iterator[str]:
    """What the heads mean, as far as they are there."""
    rows = [*document["splits"], *document["splits_by_reading"], *document["claims"]]
    if not rows:
        return
    yield (
        "(p: two-sided, small where the two cannot be the same number; z: what it is worth in "
        "standard errors, positive where the body lies above.)"
    )
    yield f"({_families(document)})"
    if any(row["kind"] == "statement" for row in rows):
        yield (
            "(Of a bound or a direction p is the probability, by the rest, that it would be said.)"
        )
    if any(row["against"] == _PARTLY for row in rows):
        yield (
            "(evidence, prior: some of what the claim speaks of is known from its prior alone, or "
            "mostly.)"
        )
    if any(row["method"] == "importance refit" for row in rows):
        yield "(The far tails come from further fits that were pulled there.)"
    if any(row["method"] == "normal tail" for row in rows):
        yield "(A tail that no draw reached is that of a normal: an extrapolation.)"
    if document["without"] and document["agreeing"]:
        count = document["agreeing"]
        yield (
            f"({f'{count} bodies agree' if count > 1 else 'One body agrees'} with the rest and "
            "cannot be what is wrong: without such a body there is less to see a conflict by.)"
        )
    if document["not_tried"]:
        yield (
            f"({document['not_tried']} more bodies disagree with the rest and were not left out "
            "in turn.)"
        )
    if document["without"]:
        yield "(Nothing has been left out: which of them is wrong, p does not say.)"
