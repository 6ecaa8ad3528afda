"""Words in a figure: how wide they are, and how they are broken into lines."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from estimates.plots.parts.style import INK, LEADING, SMALL

#: A longer text would leave no room for the figure.
MOST_LINES = 14
_HINTED = 1.012  # type set on pixels is wider than its outlines by this much at the most
KEY = 0.13  # inches that a square before the words takes


@dataclass(frozen=True)
class Line:
    """A line of words, or a text that is to be broken into lines.

    Attributes
    ----------
    key : colour of the square before the words, of an entry in a legend
    """

    text: str
    colour: str = INK
    bold: bool = False
    size: float = SMALL
    key: str = ""

    @property
    def weight(self) -> str:
        """The weight of the font, as Matplotlib calls it."""
        return "bold" if self.bold else "normal"

    @property
    def width(self) -> float:
        """The width in inches."""
        return text_width(self.text, self.size, self.weight) + (KEY if self.key else 0.0)

    @property
    def height(self) -> float:
        """The height in inches, from this line to the next."""
        return LEADING * self.size / 72

    def wrapped(self, inches: float, most: int = MOST_LINES) -> list[Line]:
        """Return lines no wider than so many inches; the last ends in … if the text is cut."""
        room = inches - (KEY if self.key else 0.0)
        pieces = shortened(wrap(self.text, room, self.size, self.weight), most)
        return [replace(self, text=one, key="" if i else self.key) for i, one in enumerate(pieces)]


type Text = Sequence[Line]


def wrapped(text: Text, inches: float, most: int = MOST_LINES) -> list[Line]:
    """Return each of several texts in lines no wider than so many inches."""
    return [line for one in text for line in one.wrapped(inches, most)]


def height_of(text: Text) -> float:
    """Return the height in inches of lines one below the other."""
    return sum(line.height for line in text)


def width_of(text: Iterable[Line]) -> float:
    """Return the width in inches of the widest line."""
    return max((line.width for line in text), default=0.0)


def side_by_side(text: Text, inches: float, gap: float) -> list[list[Line]]:
    """Return lines of words beside each other, in as many rows as they need."""
    rows: list[list[Line]] = []
    used = 0.0
    for line in wrapped(text, inches, 1):
        if not rows or used + line.width > inches:
            rows.append([])
            used = 0.0
        rows[-1].append(line)
        used += line.width + gap
    return rows


def legible(text: str) -> bool:
    """Return whether there is a text, in letters that the figures' font has: not in Hangul."""
    return bool(text) and all(letter.isspace() or ord(letter) in _letters() for letter in text)


@functools.cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())


@functools.lru_cache(maxsize=4096)
def text_width(text: str, size: float = SMALL, weight: str = "normal") -> float:
    """Return the width in inches of the longest line of a text."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    lines = text.split("\n")
    widths = [
        text_to_path.get_text_width_height_descent(x, font, ismath=False)[0] for x in lines if x
    ]
    return _HINTED * max(widths, default=0.0) / 72


def wrap(text: str, inches: float, size: float = SMALL, weight: str = "normal") -> list[str]:
    """Return a text in lines no wider than so many inches; a word that is wider is broken."""
    lines: list[str] = []
    for word in _pieces(text, inches, size, weight):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= inches:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(text: str, inches: float, size: float, weight: str) -> Iterator[str]:
    """Yield words, or what a line holds of a word that is wider than a line."""
    most = max(1, int(5 * 72 * inches / size))  # no letter is narrower than a fifth of its height
    for word in text.split():
        rest = word
        while len(rest) > most or text_width(rest, size, weight) > inches:
            fitting = range(1, min(most, len(rest)) + 1)
            held = bisect_right(fitting, inches, key=lambda k: text_width(rest[:k], size, weight))
            held = max(1, held)
            if held >= len(rest):
                break
            yield rest[:held]
            rest = rest[held:]
        yield rest


def shortened(lines: list[str], most: int) -> list[str]:
    """Return the first lines of a text, the last ending in … where there are more."""
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    if " " not in kept[-1]:
        kept[-1] = kept[-1][:-3]  # a word that was broken fills its line
    kept[-1] = kept[-1].rstrip(",;:. ") + " …"
    return kept
