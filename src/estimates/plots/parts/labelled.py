"""Figures of an answer call things by the labels that the answer carries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from estimates.analysis.result import Result


def labelled[R: Result, F, **P](
    draw: Callable[Concatenate[R, P], F],
) -> Callable[Concatenate[R, P], F]:
    """Return a drawing function within which things are called by the labels of its answer."""

    @wraps(draw)
    def drawn(found: R, /, *args: P.args, **kwargs: P.kwargs) -> F:
        with found.labelled():
            return draw(found, *args, **kwargs)

    return drawn
