"""What stands around every result: the model, what it can be made from again, the conventions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from estimates._util.format import stated
from estimates.errors import MOST_LISTED, and_more
from estimates.report.text.screen import Frame

if TYPE_CHECKING:
    from estimates.model import Conventions, Model


def frame_of(model: Model, seed: int, files: Sequence[Path] = ()) -> Frame:
    """Return the frame around a result of a model."""
    return Frame(
        title=model.title or model.slug,
        made_from=f"model {model.slug}, digest {model.digest[:12]}, seed {seed}",
        conventions=list(_conventions(model)),
        files=[path.as_posix() for path in files],
    )


def warnings_of(model: Model) -> Iterator[str]:
    """Yield what is allowed but seldom meant, a line each."""
    yield from map(str, model.warnings[:MOST_LISTED])
    yield from (f"{line} warnings" for line in and_more(len(model.warnings[MOST_LISTED:])))


def _conventions(model: Model) -> Iterator[str]:
    changed = ", ".join(model.conventions.overrides())
    own = f"; this model sets its own: {changed}" if changed else ""
    yield f"Conventions (choices, not findings{own}):"
    yield from _lines(model.conventions)


def _lines(conventions: Conventions) -> Iterator[str]:
    bases = conventions.basis.items()
    yield "width by basis: " + ", ".join(f"{name} {stated(b.width)}" for name, b in bases)
    coverage = ", ".join(f"{name} {stated(100 * b.coverage)}" for name, b in bases)
    yield f"ranges hold the truth, in %: {coverage}"
    truth = ", ".join(f"{name} {stated(100 * b.truth)}" for name, b in bases)
    yield f"right on a direction, in %: {truth}"
    yield (
        f"width of around {stated(conventions.hedge)}, up to {stated(conventions.soft_bound)}, "
        f"other bounds {stated(conventions.hard_bound)}, rising {stated(conventions.direction)}; "
        f"copies {stated(conventions.copies)}; tails {conventions.tails}"
    )
    yield "vague counts (width): " + ", ".join(_vague(conventions))
    verdict = conventions.verdict
    yield (
        f"verdict: below or above from {stated(verdict.side)}; consistent from "
        f"{stated(verdict.inside)} inside and under {stated(verdict.tail)} a side; divided where "
        f"readings of weight {stated(verdict.weight)} differ"
    )


def _vague(conventions: Conventions) -> Iterator[str]:
    """Name neighbours of one size and width once: `tens to trillions 3.2 (0.7)`."""
    for size, words in groupby(conventions.vague.items(), key=lambda item: item[1]):
        first, *more = [word for word, _ in words]
        name = f"{first} to {more[-1]}" if more else first
        yield f"{name} {stated(size.count)} ({stated(size.spread)})"
