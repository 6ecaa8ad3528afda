"""How every answer is printed: on one screen, or with `--full` everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from estimates.language.cells import Grid, grid
from estimates.language.phrases import capitalised
from estimates.report.text.condensed import FirstRow
from estimates.report.text.tables import WIDTH, lay, paragraph, shortened

LINES = 25
_FINDING = 2  # lines that a finding keeps if it has as many, whatever the table


@dataclass(frozen=True)
class Sheet:
    """Rows under a title; they may take their unit from `answer`, which they are part of.

    Attributes
    ----------
    first : those of the first screen, where not as many of the same as there is room for
    at_once : the rows that a first screen shows as many of as there is room for; all, if none
    table : instead of rows, what stands in the cells
    brief : the same for one screen, where it differs
    least : lines that it keeps if it has as many, however long the finding
    """

    title: str
    rows: Sequence[Any] = ()
    answer: Any = None
    first: Sequence[FirstRow] = ()
    at_once: Sequence[Any] = ()
    table: Grid | None = None
    brief: Grid | None = None
    least: int = 12

    def shown(self, *, first: bool = False) -> Grid:
        """Return the cells, all of them or those that are shown at once."""
        if self.table is not None:
            return self.brief if first and self.brief is not None else self.table
        rows = (self.first or self.at_once or self.rows) if first else self.rows
        return grid(rows, self.answer, first=first)


@dataclass(frozen=True)
class Answer:
    """The answer to a question, ready to be printed.

    Attributes
    ----------
    finding : in a sentence or two
    sheets : the tables, that which matters most first
    state : what was held out, and whether the draws may be used
    alarms : why it must not be trusted, a sentence each
    more : further findings, for who wants everything
    notes : what heads mean and numbers rest on, a sentence each
    written : lines for a width that say everything in words, where tables do not
    """

    finding: str
    sheets: Sequence[Sheet]
    state: str = ""
    alarms: Sequence[str] = ()
    more: Sequence[str] = ()
    notes: Sequence[str] = ()
    written: Callable[[int], Iterable[Text]] | None = None


@dataclass(frozen=True)
class Frame:
    """What surrounds an answer on the screen.

    Attributes
    ----------
    title : of the model
    made_from : model, digest and seed
    conventions : on which all rests, a line each
    files : what was written beside
    """

    title: str
    made_from: str = ""
    conventions: Sequence[str] = ()
    files: Sequence[str] = ()


def screen(answer: Answer, frame: Frame, width: int = WIDTH) -> Iterator[Text]:
    """Print at most 25 lines: the finding, the rows that matter most, whether to believe them."""
    top = [Text(line, "bold") for line in shortened(frame.title, width, 2)]
    alarms = [Text(line, "bold red") for line in _alarms(answer, width)]
    below = [Text(line) for line in shortened(answer.state, width, 2)]
    below.append(Text("--full prints every table, the notes and the conventions.", "dim"))
    room = LINES - len(top) - len(alarms) - len(below) - 2
    table = answer.sheets[0] if answer.sheets else None
    needed = 0
    if table:
        fewest = LINES if table.first else table.least
        needed = min(len(_first_rows(table, width, fewest)) + 1, room - _FINDING)
    finding = shortened(answer.finding, width, room - needed)
    yield from (*top, Text(), *map(Text, finding), Text())
    if table is not None:
        shown = _first_rows(table, width, room - len(finding) - 1)
        yield from (*map(Text, shown), Text())
    yield from (*alarms, *below)


def _first_rows(sheet: Sheet, width: int, room: int) -> list[str]:
    shown = sheet.shown(first=True)
    laid = next(lay(shown, width))
    lines = [*shortened(_title(sheet, shown.unit), width, 2), *laid.head]
    rows, last = list(laid.rows), []
    if len(lines) + sum(map(len, rows)) > room:
        last = rows.pop() if shown.sums else []
        room -= len(last) + 1  # one line says how many more
        while rows and len(lines) + sum(map(len, rows)) > room:
            rows.pop()
    left = len(laid.rows) - len(rows) - bool(last)
    lines += [line for row in rows for line in row]
    return [*lines, *([f"and {left:,} more"] if left else []), *last]


def _alarms(answer: Answer, width: int) -> list[str]:
    if not answer.alarms:
        return []
    first, *rest = answer.alarms
    text = f"NOT CONVERGED: these numbers must not be used. {capitalised(first)}"
    if rest:
        text += f" (and {len(rest)} more, with --full)"
    return shortened(text, width, 4)


def full(answer: Answer, frame: Frame, width: int = WIDTH) -> Iterator[Text]:
    """Yield everything: all tables with all rows, what they mean, and what they rest on."""
    yield from (Text(line, "bold") for line in paragraph(frame.title, width))
    yield from map(Text, paragraph(frame.made_from, width) if frame.made_from else ())
    for text in (answer.finding, *answer.more):
        yield from (Text(), *map(Text, paragraph(text, width)))
    if answer.written is not None:
        yield from answer.written(width)
    for sheet in answer.sheets if answer.written is None else ():
        shown = sheet.shown()
        yield Text()
        yield from (Text(line, "bold") for line in paragraph(_title(sheet, shown.unit), width))
        for laid in lay(shown, width):
            yield from (Text(), *map(Text, laid.head))
            yield from (Text(line) for row in laid.rows for line in row)
    yield Text()
    if answer.alarms:
        yield from _told(["NOT CONVERGED: these numbers must not be used."], width, "bold red")
        yield from _told(map(capitalised, answer.alarms), width, "red")
    yield from _told((answer.state, *answer.notes), width)
    yield from _told(frame.conventions, width, "dim")
    yield from map(Text, frame.files)


def _told(sentences: Iterable[str], width: int, style: str = "") -> Iterator[Text]:
    for sentence in filter(None, sentences):
        yield from (Text(line, style) for line in paragraph(sentence, width))


def _title(sheet: Sheet, unit: str) -> str:
    return f"{sheet.title} ({unit})" if unit and unit != "%" else sheet.title
