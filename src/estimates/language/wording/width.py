"""A width that a claim states of itself, as `sigma:`: a number, and what it is a number of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from estimates.language.wording.figures import Figure, WordingError, unit_suffix
from estimates.language.wording.kinds import Point, parse_wording

FORMS = "`0.35`, `10 %`, `2,000 people` or, of a share, `2 points`"

_POINTS = re.compile(r"(?:percentage|per ?cent|percent|%)[ -]?points?|pp|points?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Width:
    """`0.35` on the claim's scale, `10 %` of its figure, `2,000 people`, `2 points` of a share.

    The unit of points is `points`, of a bare number "".
    """

    figure: Figure
    unit: str = ""

    @property
    def value(self) -> float:
        """The number as written."""
        return self.figure.value

    def __str__(self) -> str:
        return f"{self.figure}{unit_suffix(self.unit)}" if self.unit else f"{self.value:.15g}"

    @staticmethod
    def of(said: Width | str | float) -> Width:
        """Return the width of a number or its text; raise `WordingError` for what is none."""
        if isinstance(said, Width):
            return said
        return parse_width(said) if isinstance(said, str) else Width(Figure(float(said), 0.0))


def parse_width(text: str) -> Width:
    """Return the width written as `text`; raise `WordingError` where it is none."""
    plain = text.strip()
    try:
        bare = float(plain.replace("_", ""))
    except ValueError:
        bare = float("nan")
    if isfinite(bare):
        return Width(Figure(bare, 0.0))
    number, _, rest = plain.partition(" ")
    points = _POINTS.fullmatch(rest.strip()) is not None
    try:
        said = parse_wording(f"{number} points" if points else plain, decimals=True)
    except WordingError as error:
        if not any(map(str.isdigit, plain)):
            raise _no_width(plain) from None
        raise WordingError(f"`sigma:`: {error.message}", error.start, error.end) from None
    if not isinstance(said, Point) or said.hedged:
        raise _no_width(plain)
    return Width(said.figure, said.unit)


def _no_width(text: str) -> WordingError:
    return WordingError(
        f"`sigma:` must be a number, not '{text[:40]}'; write {FORMS}", 0, max(len(text), 1)
    )
