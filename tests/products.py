"""Tests over a product of cases: a part that covers it always, the whole by `make test-long`.

What costs seconds alone is no more than `thorough`, and is run for every change (`.ci/run`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest
from _pytest.mark import ParameterSet


def mostly_long[T](cases: Iterable[T], quick: Collection[T]) -> list[T | ParameterSet]:
    """All cases as parameters, those that are not quick marked `long`."""
    return _marked(cases, quick, pytest.mark.long)


def mostly_thorough[T](cases: Iterable[T], quick: Collection[T]) -> list[T | ParameterSet]:
    """All cases as parameters, those that are not quick marked `thorough`."""
    return _marked(cases, quick, pytest.mark.thorough)


def _marked[T](
    cases: Iterable[T], quick: Collection[T], mark: pytest.MarkDecorator
) -> list[T | ParameterSet]:
    every = list(cases)
    assert all(one in every for one in quick), "a quick case that is none"
    return [one if one in quick else pytest.param(one, marks=mark) for one in every]
