"""Where chains begin, and from where maxima are looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.stats.modes import DEEPEST

Array = NDArray[np.float64]
#: Log densities below this stand for a density of 0.
LEAST = -1e100
_STARTS = 64
_NEAR = 8
_FURTHER = (3.0, 10.0, 30.0)
_EACH = 2  # far points of each factor
_ONE_SD = (0.1586553, 0.5, 0.8413447)  # normal probabilities, and the middle
_NEARER = (0.3, 0.1, 0.03, 0.01, 0.0)
_PASSES = 20
_MENDED = 256  # points that are mended at a time


def feasible(logp: Callable[[Array], Array], candidates: Array) -> Array:
    """Return points (rows) to start from: candidates of positive density, if any."""
    found = logp(candidates)
    usable = np.isfinite(candidates).all(axis=1) & (found > LEAST)
    # Where the slope is a millionfold, the sampler's low-rank metric breaks down.
    usable &= found > np.max(found, initial=LEAST, where=usable) - DEEPEST
    inside = candidates[usable]
    # The likelier half of what is feasible: spread out, yet not lost in a far tail.
    ranked = inside[np.argsort(-found[usable], kind="stable")]
    return ranked[: max(_STARTS, len(ranked) // 2)][:: max(1, len(ranked) // (2 * _STARTS))]


def far_and_wide(starts: Array, candidates: Array) -> Array:
    """Return points from which to look for maxima: starts, and prior draws much further out.

    A claim may lie where no prior draw does.  Each of the far ones has its mirror image, and lies
    at least half a standard deviation of the prior, times its factor, away from the middle in each
    direction: where the likelihood is flat for long, nearer ones would lead back.
    """
    near = starts[:: max(1, len(starts) // _NEAR)][:_NEAR]
    candidates = candidates[np.isfinite(candidates).all(axis=1)]
    low, centre, high = np.quantile(candidates, _ONE_SD, axis=0)
    rows = candidates[: _EACH * len(_FURTHER)] - centre
    spread = np.copysign(np.maximum(np.abs(rows), (high - low) / 4), rows)
    far = np.resize(_FURTHER, len(spread))[:, None] * spread
    return np.concatenate([near, centre + far, centre - far])


def nearer(logp: Callable[[Array], Array], candidates: Array) -> Array:
    """Return feasible points between prior draws and their middle, as far out as there are any.

    Of priors so wide that a function overflows or saturates at their draws, the middle is possible.
    """
    centre = np.median(candidates, axis=0)
    for share in _NEARER:
        found = feasible(logp, centre + share * (candidates - centre))
        if len(found):
            return found
    return candidates[:0]


def mended(
    logp: Callable[[Array], Array],
    candidates: Array,
    possible: Callable[[Array], Mapping[str, NDArray[np.bool_]]],
    columns: Mapping[str, Sequence[int]],
    rng: np.random.Generator,
) -> Array:
    """Return feasible points pieced together from prior draws that are possible for some claims.

    Where each of many claims is possible at a third of the draws, none is possible for all.  So a
    draw takes over, for a claim that it makes impossible, what that claim is about from a draw
    that makes it possible; again where that made another claim impossible.

    Parameters
    ----------
    possible : at which points (rows) each claim can be
    columns : by claim, the dimensions that it depends on
    """
    can = {claim: np.flatnonzero(where) for claim, where in possible(candidates).items()}
    points = candidates[:_MENDED].copy()
    if not all(len(rows) for rows in can.values()):
        return points[:0]
    for _ in range(_PASSES):
        for claim, where in possible(points).items():
            rows = np.flatnonzero(~where)
            donors = rng.choice(can[claim], len(rows))
            points[np.ix_(rows, columns[claim])] = candidates[np.ix_(donors, columns[claim])]
        found = feasible(logp, points)
        if len(found):
            return found
    return points[:0]
