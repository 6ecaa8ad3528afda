"""Draws by reading, each array of draws stored once.

Readings share most of what they say: a basic quantity has the same draws under all readings of one
fit, and a derived one under all that derive it alike.  So the draws of a quantity that are the same
under every reading are in `posterior` alone, and `by_reading` holds the distinct arrays of the
others (row, chain, draw), with the row of each quantity under each reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: The row of what a reading says nothing of.
NOTHING = -1


class Rows:
    """Distinct arrays of draws (chain, draw), gathered reading by reading."""

    def __init__(self, names: Sequence[str], readings: int) -> None:
        self._names = names
        self._rows: list[Array] = []
        self._places: dict[bytes, int] = {}
        self._of = np.full((len(names), readings), NOTHING)

    def take(self, reading: int, name: str, values: Array) -> None:
        """Keep the draws of a quantity under one reading, if they are new."""
        self._of[self._names.index(name), reading] = self._row(values)

    def _row(self, values: Array) -> int:
        if np.isnan(values).all():
            return NOTHING
        digest = hashlib.blake2b(values.tobytes()).digest()
        if digest not in self._places:
            self._places[digest] = len(self._rows)
            self._rows.append(values)
        return self._places[digest]

    def dataset(self, labels: Sequence[str], whole: bool) -> xr.Dataset | None:
        """Return the draws that the mixture does not hold already; None where it holds all.

        Parameters
        ----------
        labels : of the readings
        whole : whether readings have as many draws as their mixture, which then is what all of
            them say of a quantity, where they say the same
        """
        differ = (self._of != self._of[:, :1]).any(axis=1) | (not whole)
        if not differ.any():
            return None
        used, row_of = np.unique(self._of[differ], return_inverse=True)
        if used[0] == NOTHING:
            used, row_of = used[1:], row_of - 1
        values = np.stack([self._rows[row] for row in used])
        return xr.Dataset(
            {
                "values": (("row", "chain", "draw"), values),
                "row_of": (("quantity", "reading"), row_of.reshape(-1, len(labels))),
            },
            coords={
                "quantity": [name for name, one in zip(self._names, differ, strict=True) if one],
                "reading": list(labels),
                "chain": np.arange(values.shape[1]),
                "draw": np.arange(values.shape[2]),
            },
        )


class ByReading(Mapping[str, Array]):
    """Draws (reading, chain, draw) by variable; nan where a reading says nothing of it."""

    def __init__(self, mixed: Mapping[str, Array], apart: xr.Dataset | None, readings: int) -> None:
        """Keep the draws that readings share with their mixture, and those that they do not."""
        self._readings = readings
        self._rows: dict[str, NDArray[np.int64]] = {}
        if apart is not None:
            self._values = np.asarray(apart["values"].values, dtype=float)
            names = map(str, apart["quantity"].values)
            self._rows = dict(zip(names, apart["row_of"].values, strict=True))
        self._shared = {name: one for name, one in mixed.items() if name not in self._rows}
        self._names = tuple(mixed) or tuple(self._rows)

    def __getitem__(self, name: str) -> Array:
        if name in self._rows:
            rows = self._rows[name]
            found = self._values[rows]
            found[rows == NOTHING] = np.nan
            return found
        shared = self._shared[name]
        return np.broadcast_to(shared, (self._readings, *shared.shape))

    def under(self, reading: int) -> dict[str, Array]:
        """Draws (chain, draw) of every variable under one reading."""
        return {name: self.one(name, reading) for name in self._names}

    def one(self, name: str, reading: int) -> Array:
        """Draws (chain, draw) of a variable under one reading."""
        if name not in self._rows:
            return self._shared[name]
        row = self._rows[name][reading]
        return np.full(self._values.shape[1:], np.nan) if row == NOTHING else self._values[row]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
