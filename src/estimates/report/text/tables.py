"""How tables and sentences look on a screen: no line is wider than it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from estimates.language.cells import Grid

WIDTH = 80
_GAP = "  "
_NAMES = 18  # columns that names keep beside numbers, if they are as long
_SEEN = 40  # rows that decide how wide columns are
_WORDS = 12  # the same of a text that is no name
#: How narrow names and other texts may get, and whether an interval goes under its median, so that
#: all columns fit: the first that is enough.
_TRIES = ((_NAMES, _WORDS, False), (_NAMES, _WORDS, True), (14, 9, True), (11, 6, True))
_CONSOLE = Console(width=WIDTH)
_PER_CENT, _KEPT = re.compile(r"(?<=\d) (?=%)"), "\N{NO-BREAK SPACE}"  # no `80` without its `%`
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z‘“(])")


@dataclass(frozen=True, slots=True)
class Laid:
    """A table, or some of its columns, as lines: those of the head, and of each row."""

    head: list[str]
    rows: list[list[str]]


def lay(grid: Grid, width: int = WIDTH) -> Iterator[Laid]:
    """Yield a table: names and as many columns as there is room for, then names and the rest."""
    cells = [max(map(cell_len, column), default=0) for column in zip(*grid.rows, strict=True)]
    natural = list(map(max, cells, map(cell_len, grid.heads)))
    if sum(natural) + len(_GAP) * (len(natural) - 1) <= width:
        yield _laid(grid, dict(enumerate(natural)))
        return
    gaps = len(_GAP) * (len(natural) - 1)
    tries = (_least(grid, natural, *one) for one in _TRIES)
    fitting = (sizes for sizes in tries if sum(sizes) + gaps <= width)
    least = next(fitting, None) or _least(grid, natural, *_TRIES[0])
    names, most = least[0], width - _NAMES - len(_GAP)
    left = {i: min(size, most) for i, size in enumerate(least[1:], start=1)}
    while True:
        room, here = width - names, dict[int, int]()
        for i, size in left.items():
            room -= size + len(_GAP)
            if room < 0:
                break
            here[i] = size
        yield _laid(grid, _widened(grid, {0: names, **here}, natural, width))
        left = {i: size for i, size in left.items() if i not in here}
        if not left:
            return


def _least(grid: Grid, natural: Sequence[int], names: int, words: int, under: bool) -> list[int]:
    """Return how wide each column is at least: no number, and no word of a head, is broken."""
    least = [min(natural[0], names)]
    for i, head in list(enumerate(grid.heads))[1:]:
        column = [row[i] for row in grid.rows]
        if grid.numeric[i]:
            parts = [part for text in column for part in (_under(text) if under else [text])]
            cell = max(map(cell_len, parts), default=0)
        else:
            cell = min(max(map(cell_len, column), default=0), words)
        least.append(max(cell, *map(cell_len, _PER_CENT.sub(_KEPT, head).split(" ")), 0))
    return least


def _under(text: str) -> list[str]:
    """Return a median and its interval, `128 (19.6 to 980)`, as two lines; else the text alone."""
    first, _, rest = text.partition(" (")
    return [first, f"({rest}"] if rest.endswith(")") else [text]


def _widened(
    grid: Grid, sizes: Mapping[int, int], natural: Sequence[int], width: int
) -> dict[int, int]:
    """Return the same columns with the spare room dealt out to those that take most lines."""
    made = dict(sizes)
    room = width - sum(made.values()) - len(_GAP) * (len(made) - 1)
    longest = {i: [cell_len(row[i]) for row in grid.rows[:_SEEN]] for i in made}

    def lines(i: int) -> tuple[int, int]:
        return sum(-(-length // made[i]) for length in longest[i]), -made[i]

    numbers = [i for i in made if grid.numeric[i]]
    lacking = sum(natural[i] - made[i] for i in numbers)
    if lacking <= room:  # so that an interval stands beside its median
        made |= {i: natural[i] for i in numbers}
        room -= lacking
    while room > 0 and (narrow := [i for i in made if made[i] < natural[i]]):
        made[max(narrow, key=lines)] += 1
        room -= 1
    return made


def _laid(grid: Grid, sizes: Mapping[int, int]) -> Laid:
    """Return some columns of a table, each of a given width."""

    def lines(cells: Sequence[str]) -> list[str]:
        wrapped = [_in_cell(cells[i], size, grid.numeric[i]) for i, size in sizes.items()]
        height = max(map(len, wrapped))
        padded = [[*part, *[""] * (height - len(part))] for part in wrapped]
        return [
            _GAP.join(
                " " * (size - cell_len(text)) + text
                if grid.numeric[i]
                else set_cell_size(text, size)
                for (i, size), text in zip(sizes.items(), texts, strict=True)
            ).rstrip()
            for texts in zip(*padded, strict=True)
        ]

    rule = "─" * (sum(sizes.values()) + len(_GAP) * (len(sizes) - 1))
    return Laid([*lines(grid.heads), rule], [lines(row) for row in grid.rows])


def _in_cell(text: str, width: int, numeric: bool) -> list[str]:
    parts = _under(text) if numeric and cell_len(text) > width else [text]
    return [line for part in parts for line in _wrapped(part, width)]


def _wrapped(text: str, width: int, *, hyphens: bool = True) -> list[str]:
    if cell_len(text) <= width and "\n" not in text:
        return [text]
    kept = _PER_CENT.sub(_KEPT, text)
    lines = textwrap.wrap(kept, width, break_on_hyphens=hyphens) or [""]
    if all(cell_len(line) <= width for line in lines):
        return [line.replace(_KEPT, " ") for line in lines]
    # Letters that are two columns wide.
    return [line.plain.rstrip() for line in Text(text).wrap(_CONSOLE, width, overflow="fold")]


def paragraph(text: str, width: int = WIDTH, indent: int = 0) -> list[str]:
    """Return words on as many lines as they need, each indented."""
    return [" " * indent + line for line in _wrapped(text, width - indent, hyphens=False)]


def shortened(text: str, width: int, room: int) -> list[str]:
    """Return as many whole sentences as fit into so many lines, or the beginning of the first."""
    lines = paragraph(text, width)
    if len(lines) <= room:
        return lines
    kept, *more = _SENTENCE.split(text)
    for sentence in more:
        if len(paragraph(f"{kept} {sentence}", width)) > room:
            break
        kept += f" {sentence}"
    lines = paragraph(kept, width)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{set_cell_size(lines[room - 1], width - 1).rstrip()}…"]
    return lines
