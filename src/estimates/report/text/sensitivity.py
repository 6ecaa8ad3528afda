"""The document of `sensitivity` as tables, made from the document alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number
from estimates.language.phrases import in_words, spoken
from estimates.report.text.tables import WIDTH, Row, paragraph, table

type Document = Mapping[str, Any]


def sensitivity_report(document: Document, width: int = WIDTH) -> Iterator[Text]:
    """The sentence, then one table for each question."""
    yield Text()
    yield paragraph(document["sentence"], width=width, style="bold")
    for part in (_shares, _tornado, _quantities, _claims, _groups, _regions):
        yield from part(document, width)
    for note in document["notes"]:
        yield Text()
        yield paragraph(note[:1].upper() + note[1:] + ".", width=width)


def _shares(document: Document, width: int) -> Iterator[Text]:
    rows = [row for row in document["variance"] if row["part"] != "within"]
    within = [row for row in document["variance"] if row["part"] == "within"]
    if len(within) < 2:
        return
    lines = []
    for row in rows:
        whole = row["part"] == "between readings"
        name = "between readings" if whole else f"  by {spoken(row['name'])}"
        lines.append(Row(name, [_share(row["share"], row["share_se"])]))
    total = sum(row["share"] for row in within)
    lines.append(Row("within readings", [_share(total, rows[0]["share_se"])]))
    of = "the logarithm of the answer" if document["scale"] == "log" else "the answer"
    yield table(f"Where the variance of {of} lies", ["", "share"], lines, width=width)


def _tornado(document: Document, width: int) -> Iterator[Text]:
    rows = document["tornado"]
    if not rows:
        return
    first = rows[0]["reading"]
    rows = [row for row in rows if row["reading"] == first]
    unit = f", {in_words(document['unit'])}" if document["unit"] else ""
    lines = []
    for row in rows:
        if row["option"] is not None:
            cells = ["", "", number(row["median_low"], row["median_low_se"]), ""]
            lines.append(Row(f"{spoken(row['quantity'])}: {spoken(row['option'])}", cells))
            continue
        lines.append(
            Row(
                _named(document, row["quantity"]),
                [
                    f"{_value(row['low'], row['unit'])} or less",
                    f"{_value(row['high'], row['unit'])} or more",
                    number(row["median_low"], row["median_low_se"]),
                    number(row["median_high"], row["median_high_se"]),
                ],
            )
        )
    where = "" if first is None else f" ({', '.join(first.values())})" if first else ""
    yield table(
        f"The median of {document['label']}{unit}, in the lowest and highest tenth of each "
        f"quantity{where}",
        ["", "lowest tenth", "highest tenth", "median", "median "],
        lines,
        width=width,
    )


def _quantities(document: Document, width: int) -> Iterator[Text]:
    if not document["shapley"]:
        return
    within = {
        _key(row): row["share"] for row in document["variance"] if row["part"] == "within"
    } or {_key(row): 1.0 for row in document["shapley"]}
    total = sum(within.values())
    names = list(dict.fromkeys(row["quantity"] for row in document["shapley"]))
    several = len({_key(row) for row in document["shapley"]}) > 1
    sobol = document["sobol"]
    lines = []
    ranked = []
    for name in names:
        mine = [row for row in document["shapley"] if row["quantity"] == name]
        mean = sum(within[_key(row)] * row["share"] for row in mine) / total
        error = max(row["share_se"] for row in mine)
        ranked.append((mean, error, name, [row["share"] for row in mine]))
    for mean, error, name, each in sorted(ranked, key=lambda one: -one[0]):
        cells = [_share(mean, error)]
        if several:
            low, high = (_share(f(each), error) for f in (min, max))
            cells.append(low if low == high else f"{low} to {high}")
        if sobol:
            here = [row for row in sobol if row["quantity"] == name]
            cells += [_range(here, "first"), _range(here, "total")]
        lines.append(Row(_named(document, name), cells))
    heads = ["", "share"] + (["over readings"] if several else [])
    heads += ["prior: alone", "prior: total"] if sobol else []
    yield table(
        "Which quantity the variance within a reading comes with", heads, lines, width=width
    )
    yield Text()
    yield paragraph(
        "(share: Shapley effects on the posterior, which hold for dependent quantities"
        + ("; prior: Sobol indices, the spread of the prior alone)" if sobol else ")"),
        width=width,
        style="dim",
    )
    for note in dict.fromkeys(row["note"] for row in sobol if row["note"]):
        of = list(
            dict.fromkeys(_named(document, r["quantity"]) for r in sobol if r["note"] == note)
        )
        yield paragraph(f"{', '.join(of)}: {note}.", width=width)


def _claims(document: Document, width: int) -> Iterator[Text]:
    leaning = {row["name"]: row for row in document["power_scaling"] if row["component"] == "claim"}
    rows = [row for row in document["leave_one_out"] if row["without"] == "claim"]
    if rows:
        yield _without("Without each claim", document, rows, leaning, width)
        moved = [row for row in rows if _moves(row)]
        for row in moved:
            change = row["weight_shift"]
            yield paragraph(
                f"Without {row['name']} the reading {change['reading']} = {change['option']} "
                f"has weight {number(change['after'], digits=2)} instead of "
                f"{number(change['before'], digits=2)}.",
                width=width,
            )
    overall = [r for r in document["power_scaling"] if r["component"] in ("prior", "claims")]
    for row in overall:
        yield paragraph(
            f"{'Prior' if row['component'] == 'prior' else 'All claims'}: leaning "
            f"{number(row['psense'], row['psense_se'], 2)}; {row['diagnosis']}.",
            width=width,
        )


def _groups(document: Document, width: int) -> Iterator[Text]:
    known = {tuple(r["claims"]) for r in document["leave_one_out"] if r["without"] == "claim"}
    leaning = {row["name"]: row for row in document["power_scaling"] if row["component"] != "claim"}
    rows = []
    for row in document["leave_one_out"]:
        if row["without"] != "claim" and tuple(row["claims"]) not in known:
            known.add(tuple(row["claims"]))
            rows.append(row)
    if rows:
        title = "Without all claims of one source, origin or speaker"
        yield _without(title, document, rows, leaning, width)


def _without(
    title: str,
    document: Document,
    rows: Sequence[Mapping[str, Any]],
    leaning: Mapping[str, Mapping[str, Any]],
    width: int,
) -> Text:
    base = document["base"]
    lines = [Row("nothing", [*median_and_interval(base), "", "", ""])]
    for row in rows:
        sense = leaning.get(row["name"])
        lines.append(
            Row(
                row["name"] if row["without"] == "claim" else f"{row['without']} {row['name']}",
                [
                    *median_and_interval(row),
                    _signed(row["shift"], row["shift_se"]),
                    _signed(row["shift_sd"], _relative(row)),
                    number(sense["psense"], sense["psense_se"], 2) if sense else "",
                ],
            )
        )
    heads = ["left out", "median", "90 % interval", "shift", "in sds", "leaning"]
    of = f"{title}: {document['label']}, {in_words(document['unit'])}".rstrip(", ")
    return table(of, heads, lines, width=width)


def _regions(document: Document, width: int) -> Iterator[Text]:
    regions: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in document["region"]:
        regions.setdefault((row["claim"], row["region"]), []).append(row)
    for (claim, region), rows in regions.items():
        if all(row["median"] is None and row["weight"] is None for row in rows):
            continue
        lines = []
        for row in rows:
            if row["option"] is not None:
                if row["weight"] is None or row["weight_all"] is None:
                    continue
                cells = [
                    number(row["weight_all"], digits=2),
                    number(row["weight"], digits=2),
                    "",
                    "",
                ]
                lines.append(Row(f"{spoken(row['quantity'])}: {spoken(row['option'])}", cells))
                continue
            cells = [
                _value(row["median_all"], row["unit"]),
                _value(row["median"], row["unit"]),
                _signed(row["shift_sd"], row["shift_sd_se"]),
                number(row["distance"], digits=2),
            ]
            lines.append(Row(_named(document, row["quantity"]), cells))
        probability = rows[0]["probability"]
        yield table(
            f"Given that the answer lies {region} {claim} (probability {probability:.2f})",
            ["", "overall", "there", "shift in sds", "distance"],
            lines,
            width=width,
        )


def _named(document: Document, quantity: str) -> str:
    """A quantity by its label; by its name in words where it has none."""
    return str(document["labels"].get(quantity, spoken(quantity)))


def _moves(row: Mapping[str, Any]) -> bool:
    change = row["weight_shift"]
    return bool(change) and abs(change["after"] - change["before"]) > 0.05


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple((row["reading"] or {}).values())


def _value(value: float | None, unit: str) -> str:
    """A value that stands among others; a share as per cent."""
    if unit != "share" or value is None:
        return number(value)
    return f"{number(100 * value)} %"


def _share(value: float, error: float) -> str:
    digits = 0 if error > 0.002 else 1
    return f"{value:.{digits}%}".replace("-0%", "0%").replace("%", " %")


def _range(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    if not rows:
        return NONE
    low, high = (f(row[name] for row in rows) for f in (min, max))
    shown = [f"{max(value, 0):.0%}".rstrip("%") for value in (low, high)]
    return f"{shown[0]} %" if shown[0] == shown[1] else f"{shown[0]} to {shown[1]} %"


def _relative(row: Mapping[str, Any]) -> float | None:
    """The error of a shift in sds."""
    if not row["shift"] or row["shift_sd"] is None or row["shift_se"] is None:
        return None
    return float(abs(row["shift_sd"] / row["shift"]) * row["shift_se"])


def _signed(value: float | None, error: float | None) -> str:
    if value is None:
        return NONE
    shown = number(value, error, 2)
    return shown if value <= 0 or not shown.strip("0.") else f"+{shown}"
