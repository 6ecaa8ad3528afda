"""Shifts the seed of every stream of random numbers by ESTIMATES_TEST_SEED: tests hold on any seed.

The package and its tests turn seeds into streams by `numpy.random.default_rng` alone; here it is
replaced by one that adds the shift, so that no test has to know.  Python runs a module of this name
at its start where the folder is on its path, hence also in the processes that tests start.
Without a shift NumPy is not even imported.
"""

import os
from collections.abc import Iterable

SHIFT = int(os.environ.get("ESTIMATES_TEST_SEED") or 0)
if not 0 <= SHIFT < 2**32:
    raise ValueError("ESTIMATES_TEST_SEED must be a whole number from 0 to 4294967295")


def _shift() -> None:
    import numpy as np

    if hasattr(np.random.default_rng, "shift"):
        return
    plain = np.random.default_rng

    def shifted(seed: object) -> object:
        """The seed with the shift beside it; what is a stream already, or none, stays as it is."""
        if isinstance(seed, np.random.SeedSequence):
            key = (*seed.spawn_key, SHIFT)
            return np.random.SeedSequence(seed.entropy, spawn_key=key, pool_size=seed.pool_size)
        if isinstance(seed, int | np.integer):
            return [int(seed), SHIFT]
        if isinstance(seed, Iterable):
            return [*seed, SHIFT]
        return seed

    def default_rng(seed: object = None) -> np.random.Generator:
        """`numpy.random.default_rng` of the shifted seed."""
        return plain(shifted(seed))

    default_rng.shift = SHIFT  # type: ignore[attr-defined]
    np.random.default_rng = default_rng


if SHIFT:
    _shift()
