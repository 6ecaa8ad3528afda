"""Readings without the phrases that make no difference to what is shown of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol


class OfReading(Protocol):
    """A row about one reading."""

    @property
    def reading(self) -> Mapping[str, str] | None: ...
    @property
    def weight(self) -> float | None: ...


def told_apart[R: OfReading](
    rows: Sequence[R], says: Callable[[R], Hashable]
) -> list[tuple[dict[str, str], list[R]]]:
    """Return groups by the phrases that matter, each with its options; none where none matters.

    Parameters
    ----------
    rows : one a reading
    says : all that is shown of a row
    """
    if len(rows) < 2:
        return [(dict(row.reading or {}), [row]) for row in rows]
    axes = list(rows[0].reading or {})
    for axis in tuple(axes):
        fewer = [one for one in axes if one != axis]
        if all(len(set(map(says, members))) == 1 for members in by_options(rows, fewer).values()):
            axes = fewer
    if not axes:
        return []
    return [
        (dict(zip(axes, key, strict=True)), members)
        for key, members in by_options(rows, axes).items()
    ]


def by_options[R: OfReading](
    rows: Sequence[R], axes: Sequence[str]
) -> dict[tuple[str, ...], list[R]]:
    """Return rows by their options of some phrases."""
    found: dict[tuple[str, ...], list[R]] = {}
    for row in rows:
        options = row.reading or {}
        found.setdefault(tuple(options.get(axis, "") for axis in axes), []).append(row)
    return found
