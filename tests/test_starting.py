"""Where chains begin, of priors whose draws are all impossible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimates.inference.starting import feasible, mended, nearer

Array = NDArray[np.float64]


def candidates(dimensions: int) -> Array:
    return np.random.default_rng(3).normal(size=(2000, dimensions))


def inside(possible: NDArray[np.bool_]) -> Array:
    return np.where(possible, 0.0, -np.inf)


def test_possible_draws_are_starts_as_they_are() -> None:
    draws = candidates(2)
    found = feasible(lambda x: inside(x[:, 0] > 0), draws)
    assert len(found) >= 64
    assert np.all(found[:, 0] > 0)


def test_where_only_the_middle_is_possible_starts_are_as_far_out_as_they_may_be() -> None:
    """|x| below 0.2 in forty dimensions: no draw is, but draws shrunk to a thirtieth are."""

    def logp(x: Array) -> Array:
        return inside(np.abs(x).max(axis=1) < 0.2)

    draws = candidates(40)
    assert not len(feasible(logp, draws))
    found = nearer(logp, draws)
    assert len(found)
    assert np.all(logp(found) == 0)
    assert np.abs(found).max() > 0.05
    assert len(np.unique(found, axis=0)) > 10


def test_starts_are_put_together_of_draws_that_please_one_claim_each() -> None:
    """Twenty-five claims, each possible at a sixth of the draws, and none at the middle."""

    def possible(x: Array) -> dict[str, NDArray[np.bool_]]:
        return {f"c{i}": x[:, i] + x[:, i + 1] > 1.37 for i in range(0, 50, 2)}

    def logp(x: Array) -> Array:
        return inside(np.all(list(possible(x).values()), axis=0))

    draws = candidates(50)
    assert not len(nearer(logp, draws))
    columns = {f"c{i}": [i, i + 1] for i in range(0, 50, 2)}
    found = mended(logp, draws, possible, columns, np.random.default_rng(1))
    assert len(found)
    assert np.all(logp(found) == 0)


def test_claims_that_share_an_unknown_are_mended_again() -> None:
    """x0 < −1 and x0 + x1 > 1: what pleases the second may undo the first."""

    def possible(x: Array) -> dict[str, NDArray[np.bool_]]:
        return {"low": x[:, 0] < -1, "sum": x[:, 0] + x[:, 1] > 0.2}

    def logp(x: Array) -> Array:
        return inside(possible(x)["low"] & possible(x)["sum"])

    draws = candidates(2)
    draws = draws[logp(draws) < 0]  # none of them will do as it is
    found = mended(logp, draws, possible, {"low": [0], "sum": [1]}, np.random.default_rng(1))
    assert len(found)


def test_a_claim_that_no_draw_allows_is_beyond_mending() -> None:
    def possible(x: Array) -> dict[str, NDArray[np.bool_]]:
        return {"never": np.zeros(len(x), dtype=bool)}

    found = mended(
        lambda x: inside(possible(x)["never"]),
        candidates(2),
        possible,
        {"never": [0]},
        np.random.default_rng(1),
    )
    assert found.shape == (0, 2)
