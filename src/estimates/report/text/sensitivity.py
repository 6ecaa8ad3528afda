"""What carries the answer, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number
from estimates.analysis.sensitivity.result import (
    LeaveOneOutRow,
    PowerScalingRow,
    Reading,
    RegionRow,
    Sensitivity,
    ShapleyRow,
    SobolRow,
    TornadoRow,
)
from estimates.language.phrases import in_words, spoken
from estimates.report.text.tables import WIDTH, Row, paragraph, table

_MOVED = 0.05  # of the weight of an option: less is not told


def report(found: Sensitivity, width: int = WIDTH) -> Iterator[Text]:
    """The sentence, then one table for each question."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    for part in (_shares, _tornado, _quantities, _claims, _groups, _regions):
        yield from part(found, width)
    for note in found.notes:
        yield Text()
        yield paragraph(note[:1].upper() + note[1:] + ".", width=width)


def _shares(found: Sensitivity, width: int) -> Iterator[Text]:
    within = found.parts("within")
    if len(within) < 2:
        return
    (between,) = found.parts("between readings")
    lines = [Row("between readings", [_share(between.share, between.share_se)])]
    for row in found.parts("axis"):
        lines.append(Row(f"  by {spoken(row.name)}", [_share(row.share, row.share_se)]))
    total = sum(row.share for row in within)
    lines.append(Row("within readings", [_share(total, between.share_se)]))
    of = "the logarithm of the answer" if found.scale == "log" else "the answer"
    yield table(f"Where the variance of {of} lies", ["", "share"], lines, width=width)


def _tornado(found: Sensitivity, width: int) -> Iterator[Text]:
    if not found.tornado:
        return
    first = found.tornado[0].reading
    unit = f", {in_words(found.unit)}" if found.unit else ""
    where = f" ({', '.join(first.values())})" if first else ""
    yield table(
        f"The median of {found.label}{unit}, in the lowest and highest tenth of each "
        f"quantity{where}",
        ["", "lowest tenth", "highest tenth", "median", "median "],
        [_moving(found, row) for row in found.tornado if row.reading == first],
        width=width,
    )


def _moving(found: Sensitivity, row: TornadoRow) -> Row:
    low = number(row.median_low, row.median_low_se)
    if row.option is not None:
        return Row(f"{spoken(row.quantity)}: {spoken(row.option)}", ["", "", low, ""])
    edges = [f"{_value(row.low, row.unit)} or less", f"{_value(row.high, row.unit)} or more"]
    high = number(row.median_high, row.median_high_se)
    return Row(found.named(row.quantity), [*edges, low, high])


def _quantities(found: Sensitivity, width: int) -> Iterator[Text]:
    if not found.shapley:
        return
    weights = {_key(row.reading): row.share for row in found.parts("within")}
    weights = weights or {_key(row.reading): 1.0 for row in found.shapley}
    several = len({_key(row.reading) for row in found.shapley}) > 1
    effects: dict[str, list[ShapleyRow]] = {}
    for row in found.shapley:
        effects.setdefault(row.quantity, []).append(row)
    total = sum(weights.values())
    means = {
        name: sum(weights[_key(row.reading)] * row.share for row in rows) / total
        for name, rows in effects.items()
    }
    lines = []
    for name in sorted(means, key=lambda name: -means[name]):
        error = max(row.share_se for row in effects[name])
        cells = [_share(means[name], error)]
        if several:
            each = [row.share for row in effects[name]]
            low, high = (_share(f(each), error) for f in (min, max))
            cells.append(low if low == high else f"{low} to {high}")
        if found.sobol:
            here = [row for row in found.sobol if row.quantity == name]
            cells += [_range(row.first for row in here), _range(row.total for row in here)]
        lines.append(Row(found.named(name), cells))
    heads = ["", "share"] + (["over readings"] if several else [])
    heads += ["prior: alone", "prior: total"] if found.sobol else []
    yield table(
        "Which quantity the variance within a reading comes with", heads, lines, width=width
    )
    yield Text()
    yield paragraph(
        "(share: Shapley effects on the posterior, which hold for dependent quantities"
        + ("; prior: Sobol indices, the spread of the prior alone)" if found.sobol else ")"),
        width=width,
        style="dim",
    )
    yield from _remarks(found, found.sobol, width)


def _remarks(found: Sensitivity, indices: Sequence[SobolRow], width: int) -> Iterator[Text]:
    of: dict[str, dict[str, None]] = {}
    for row in indices:
        if row.note:
            of.setdefault(row.note, {})[found.named(row.quantity)] = None
    for note, names in of.items():
        yield paragraph(f"{', '.join(names)}: {note}.", width=width)


def _claims(found: Sensitivity, width: int) -> Iterator[Text]:
    rows = [row for row in found.leave_one_out if row.without == "claim"]
    if rows:
        leaning = {row.name: row for row in found.power_scaling if row.component == "claim"}
        yield _without("Without each claim", found, rows, leaning, width)
    for row in rows:
        change = row.weight_shift
        if change is not None and change.size > _MOVED:
            yield paragraph(
                f"Without {row.name} the reading {change.reading} = {change.option} "
                f"has weight {number(change.after, digits=2)} instead of "
                f"{number(change.before, digits=2)}.",
                width=width,
            )
    for one in found.power_scaling:
        if one.component in ("prior", "claims"):
            whole = "Prior" if one.component == "prior" else "All claims"
            leans = number(one.psense, one.psense_se, 2)
            yield paragraph(f"{whole}: leaning {leans}; {one.diagnosis}.", width=width)


def _groups(found: Sensitivity, width: int) -> Iterator[Text]:
    """One row for the same claims, however they are called."""
    known = {row.claims for row in found.leave_one_out if row.without == "claim"}
    rows: dict[tuple[str, ...], LeaveOneOutRow] = {}
    for row in found.leave_one_out:
        if row.without != "claim" and row.claims not in known:
            rows.setdefault(row.claims, row)
    if rows:
        leaning = {row.name: row for row in found.power_scaling if row.component != "claim"}
        title = "Without all claims of one source, origin or speaker"
        yield _without(title, found, rows.values(), leaning, width)


def _without(
    title: str,
    found: Sensitivity,
    rows: Iterable[LeaveOneOutRow],
    leaning: Mapping[str, PowerScalingRow],
    width: int,
) -> Text:
    lines = [Row("nothing", [*median_and_interval(found.base), "", "", ""])]
    for row in rows:
        sense = leaning.get(row.name)
        lines.append(
            Row(
                row.name if row.without == "claim" else f"{row.without} {row.name}",
                [
                    *median_and_interval(row.answer),
                    _signed(row.shift, row.shift_se),
                    _signed(row.shift_sd, row.shift_sd_se),
                    number(sense.psense, sense.psense_se, 2) if sense else "",
                ],
            )
        )
    heads = ["left out", "median", "90 % interval", "shift", "in sds", "leaning"]
    of = f"{title}: {found.label}, {in_words(found.unit)}".rstrip(", ")
    return table(of, heads, lines, width=width)


def _regions(found: Sensitivity, width: int) -> Iterator[Text]:
    regions: dict[tuple[str, str, float], list[RegionRow]] = {}
    for row in found.region:
        regions.setdefault((row.claim, row.region, row.probability), []).append(row)
    for (claim, region, probability), rows in regions.items():
        if any(row.median is not None or row.weight is not None for row in rows):
            yield table(
                f"Given that the answer lies {region} {claim} (probability {probability:.2f})",
                ["", "overall", "there", "shift in sds", "distance"],
                [_there(found, row) for row in rows],
                width=width,
            )


def _there(found: Sensitivity, row: RegionRow) -> Row:
    if row.option is not None:
        weights = [number(row.weight_all, digits=2), number(row.weight, digits=2)]
        return Row(f"{spoken(row.quantity)}: {spoken(row.option)}", [*weights, "", ""])
    cells = [
        _value(row.median_all, row.unit),
        _value(row.median, row.unit),
        _signed(row.shift_sd, row.shift_sd_se),
        number(row.distance, digits=2),
    ]
    return Row(found.named(row.quantity), cells)


def _key(reading: Reading | None) -> tuple[str, ...]:
    return tuple((reading or {}).values())


def _value(value: float | None, unit: str) -> str:
    """A value that stands among others; a share as per cent."""
    if unit != "share" or value is None:
        return number(value)
    return f"{number(100 * value)} %"


def _share(value: float, error: float) -> str:
    digits = 0 if error > 0.002 else 1
    return f"{value:.{digits}%}".replace("-0%", "0%").replace("%", " %")


def _range(values: Iterable[float]) -> str:
    shown = [f"{max(value, 0):.0%}".rstrip("%") for value in sorted(values)]
    if not shown:
        return NONE
    return f"{shown[0]} %" if shown[0] == shown[-1] else f"{shown[0]} to {shown[-1]} %"


def _signed(value: float | None, error: float | None) -> str:
    if value is None:
        return NONE
    shown = number(value, error, 2)
    return shown if value <= 0 or not shown.strip("0.") else f"+{shown}"
