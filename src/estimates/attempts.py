"""One question fitted as often as it takes: tried again where a check fails, and looked around.

The rules are about attempts alone and know nothing of how one is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from estimates.diagnostics import Check
from estimates.modes import Mode
from estimates.questions import Answer
from estimates.sampling import Sampling

Array = NDArray[np.float64]
#: A mode that holds less than a thousandth of the probability may go unseen.
NEGLIGIBLE = math.log(1000)
_STARTS = 64
_DEEPEST = 1e4  # log units below the best of them
_NEAR = 8
_FURTHER = (3.0, 10.0, 30.0)
_TRIES = 5  # not counting the other form, and visits to unseen maxima


class Attempt(Protocol):
    """One fit: from where, how long, under which label (which decides its seed), in which form."""

    def __call__(
        self, starts: Array, sampling: Sampling, label: str, centred: bool, /
    ) -> Answer: ...


def persist(
    attempt: Attempt,
    modes: Callable[[], Sequence[Mode]],
    starts: Array,
    sampling: Sampling,
    *,
    hierarchical: bool,
) -> Answer:
    """The answer of the first attempt that passes its checks, or of the last.

    A hierarchy is also tried in its centred form, which suits claims that say more of its members
    than the hierarchy does; then any fit more carefully.

    Parameters
    ----------
    modes : finds the maxima that can be reached from far and wide
    starts : points (rows) for chains to begin at
    """
    answer, centred = attempt(starts, sampling, "0", False), False
    found = modes()
    only = None if answer.check.passed else _only(found, answer.evidence.log - NEGLIGIBLE)
    if only is not None:
        # Chains may have been caught in modes that hold nothing: those are no second answer.
        starts = only.around
        answer = attempt(starts, sampling, "only mode", False)
    answer, starts, rival = _look_around(answer, attempt, found, starts, sampling)
    if rival:
        return _failing(
            answer,
            "two answers fit the claims and no chain goes from one to the other; make them two "
            "readings, or widen the claims",
        )
    failed: list[Answer] = []
    if hierarchical and not answer.check.passed:
        other = attempt(starts, sampling, "0", True)
        if _better(other.check, answer.check):
            answer, centred = other, True
    for number in range(1, _TRIES):
        if answer.check.passed:
            break
        failed.append(answer)
        sampling = sampling.harder(diverged=answer.check.divergences > 0)
        answer = attempt(starts, sampling, str(number), centred)
    return _not_by_luck(answer, failed)


def feasible(logp: Callable[[Array], Array], candidates: Array) -> Array:
    """Points (rows) to start from: candidates where the density is positive, if any."""
    found = logp(candidates)
    usable = np.isfinite(candidates).all(axis=1) & (found > -1e100)
    # Where the slope is a millionfold, the sampler's low-rank metric breaks down.
    usable &= found > np.max(found, initial=-1e100, where=usable) - _DEEPEST
    inside = candidates[usable]
    # The likelier half of what is feasible: spread out, yet not lost in a far tail.
    ranked = inside[np.argsort(-found[usable], kind="stable")]
    return ranked[: max(_STARTS, len(ranked) // 2)][:: max(1, len(ranked) // (2 * _STARTS))]


def far_and_wide(starts: Array, candidates: Array) -> Array:
    """Points to look for maxima from: some of the starts, and prior draws much further out.

    A claim may lie where no prior draw does.  Each of the far ones has its mirror image.
    """
    near = starts[:: max(1, len(starts) // _NEAR)][:_NEAR]
    candidates = candidates[np.isfinite(candidates).all(axis=1)]
    centre = np.median(candidates, axis=0)
    spread = candidates[: len(_FURTHER)] - centre
    far = np.array(_FURTHER[: len(spread)])[:, None] * spread
    return np.concatenate([near, centre + far, centre - far])


def _only(modes: Sequence[Mode], least: float) -> Mode | None:
    """The one of several modes beside which the others hold nothing, with a wide margin.

    It must hold something itself: of very many dimensions the tops may be narrower than they are
    high, or not have been reached.
    """
    ranked = sorted(modes, key=lambda mode: -mode.log_mass)
    if len(ranked) < 2 or ranked[0].log_mass < least:
        return None
    return None if ranked[0].log_mass - ranked[1].log_mass < 2 * NEGLIGIBLE else ranked[0]


def _look_around(
    answer: Answer,
    attempt: Attempt,
    modes: Sequence[Mode],
    starts: Array,
    sampling: Sampling,
) -> tuple[Answer, Array, bool]:
    """The answer at the mode that holds the probability, where to start, and if another has some.

    A maximum that no draw surrounds is visited where it may matter (Laplace's approximation).
    Chains that leave it for where the answer is show that it is none.  Otherwise the two evidences
    tell which one counts.
    """
    for number, mode in enumerate(sorted(modes, key=lambda mode: -mode.log_mass)):
        if mode.log_mass < answer.evidence.log - NEGLIGIBLE:
            break
        if _surrounds(answer, mode.point):
            continue
        there = mode.around
        other = attempt(there, sampling, f"mode {number}", False)
        if _inside(other, answer):
            continue
        lead = other.evidence.log - answer.evidence.log
        if lead > NEGLIGIBLE:
            answer, starts = other, there
        elif lead > -NEGLIGIBLE:
            return answer, starts, True
    return answer, starts, False


def _surrounds(answer: Answer, points: Array) -> bool:
    """Are points (rows) inside the box that an answer's draws fill?"""
    low, high = answer.draws.flat.min(axis=0), answer.draws.flat.max(axis=0)
    return bool(np.all((low <= points) & (points <= high)))


def _inside(one: Answer, other: Answer) -> bool:
    """Are all chains of one answer where draws of the other are?"""
    return _surrounds(other, np.median(one.draws.points, axis=1))


def _not_by_luck(answer: Answer, failed: Sequence[Answer]) -> Answer:
    """The answer, failed if it passed only because no chain went where an earlier one had stayed.

    Chains that disagree once and agree when drawn anew may have met in one of two modes.
    """
    if not answer.check.passed or all(_inside(one, answer) for one in failed):
        return answer
    sentence = (
        "chains of an earlier attempt stayed where none of these went: more than one answer fits "
        "the claims; make them two readings, or widen the claims"
    )
    return _failing(answer, sentence)


def _failing(answer: Answer, sentence: str) -> Answer:
    return replace(answer, check=replace(answer.check, failed=(sentence,)))


def _better(one: Check, other: Check) -> bool:
    """Does one fit fail its checks less badly than another?"""

    def badness(check: Check) -> tuple[bool, int, float]:
        return not check.passed, check.divergences, -(check.min_ess_bulk or 0.0)

    return badness(one) < badness(other)
