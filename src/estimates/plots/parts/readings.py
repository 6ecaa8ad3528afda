"""Readings as they are named in figures, and which of them there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from estimates.analysis.sensitivity.result import ReadingWeight
from estimates.language.phrases import option_words

#: Stands for the mixture of readings.
ALL = ("*",)
_ROOM = 8


def key_of(reading: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the options of a reading in words."""
    return ALL if reading is None else tuple(option_words(option) for option in reading.values())


def heaviest(readings: Sequence[ReadingWeight]) -> set[tuple[str, ...]]:
    """Return the readings that there is room for."""
    ranked = sorted(readings, key=lambda row: -row.weight)
    return {key_of(row.reading) for row in ranked[:_ROOM]}
