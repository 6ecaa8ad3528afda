"""A forest plot in words: a table for each thing that claims speak of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, number
from estimates.analysis.forest.result import Forest, Line
from estimates.language.phrases import in_words, spoken
from estimates.report.text.tables import WIDTH, Row, paragraph, table


def report(found: Forest, width: int = WIDTH) -> Iterator[Text]:
    """The sentence, then what is said of each subject, what is pooled, and a next claim."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    for about, unit in found.subjects:
        yield _table(about, unit, found.about(about, unit), width)
    yield Text()
    yield paragraph(
        "(each claim alone, by its words and its basis; pooled: the posterior over all readings; "
        "a next claim: one as wide as those that there are)",
        width=width,
        style="dim",
    )


def _table(about: str, unit: str, lines: Sequence[Line], width: int) -> Text:
    rows = []
    for line in lines:
        last = line.kind in ("pooled", "next claim")
        name = line.kind if last else f"{line.claim}: {line.says}"
        name += " (held out)" if line.kind == "held out" else ""
        rows.append(Row(name, _cells(line), rule=line.kind == "pooled"))
    words = "" if unit == "share" else in_words(unit)
    title = spoken(about) + (f", {words}" if words else "")
    return table(title[:1].upper() + title[1:], ["", "middle", "90 % interval"], rows, width=width)


def _cells(line: Line) -> list[str]:
    if line.at_least is not None:
        return ["", f"at least {_shown(line.at_least, line)}"]
    if line.at_most is not None:
        return ["", f"at most {_shown(line.at_most, line)}"]
    if line.median is None:
        return [NONE, NONE]
    return [_shown(line.median, line), f"{_shown(line.q05, line)} to {_shown(line.q95, line)}"]


def _shown(value: float | None, line: Line) -> str:
    """With the digits that the Monte Carlo error allows; a share as per cent."""
    if value is None or line.scale != "logit":
        return number(value, line.mcse_median)
    error = None if line.mcse_median is None else 100 * line.mcse_median
    return f"{number(100 * value, error)} %"
