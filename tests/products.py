"""Tests over a product of cases: a part that covers it always, the whole by `make test-long`."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest
from _pytest.mark import ParameterSet


def mostly_long[T](cases: Iterable[T], quick: Collection[T]) -> list[T | ParameterSet]:
    """All cases as parameters, those that are not quick marked `long`."""
    every = list(cases)
    assert all(one in every for one in quick), "a quick case that is none"
    return [one if one in quick else pytest.param(one, marks=pytest.mark.long) for one in every]
