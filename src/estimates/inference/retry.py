"""One question fitted as often as it takes: tried again where a check fails, and looked around.

The rules are about attempts alone and know nothing of how one is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from estimates.inference.diagnostics import Check, at_walls
from estimates.inference.question import Fit
from estimates.inference.sampling import Form, Way
from estimates.stats.modes import Mode

Array = NDArray[np.float64]
#: A mode that holds less than a thousandth of the probability may go unseen.
NEGLIGIBLE = math.log(1000)
_TRIES = 5  # not counting the other form, visits to unseen maxima, and confirmations
_VISITS = 3  # to maxima that no draw surrounds; more of them are a ridge's
_CONFIRMATIONS = 3
_MOST = 16  # times the draws that are to be confirmed
MOST_FOR_LOW_RANK = 100  # unknowns, beyond which its decompositions cost more than they save
_TIGHT = 50.0  # beyond this, trajectories under a diagonal metric take hundreds of steps
_DEEPER = 13
_CUT_OFF = 0.1  # share of trajectories that end because they are long enough, not turned around
_FEW = 0.1  # effective draws in a tail, as a share of the draws


_TIED = (
    "the claims tie quantities together so sharply that the sampler cannot follow: widen the "
    "sharpest claim, or make what it knows a quantity of its own and derive one of the others"
)
_ELSEWHERE = (
    "chains of another attempt stayed where none of these went: more than one answer fits the "
    "claims; make them two readings, or widen the claims"
)


class Attempt(Protocol):
    """One fit: its start, its settings, and its label (which decides its seed)."""

    def __call__(self, starts: Array, way: Way, label: str, /) -> Fit: ...


@dataclass(frozen=True)
class Judge:
    """What a series of attempts has to know of the question.

    Attributes
    ----------
    sharp : whether a claim ties several unknowns together so sharply that a ridge must be feared
    sharp_centred : whether it does so where hierarchies are drawn centred, too
    differ : where two fits differ by more than their Monte Carlo errors, in a sentence, or None
    apart : whether two sets of points (rows) lie on different maxima
    work : how many steps one attempt may take
    wholly : the form in which every member of a hierarchy is centred; empty where there is none
    suited : of an answer, the form that suits what the claims say of each member
    """

    sharp: bool
    sharp_centred: bool
    differ: Callable[[Fit, Fit], str | None]
    apart: Callable[[Array, Array], bool]
    work: float
    wholly: Form
    suited: Callable[[Fit], Form]


def persist(
    attempt: Attempt,
    modes: Callable[[], Sequence[Mode]],
    starts: Array,
    way: Way,
    judge: Judge,
) -> Fit:
    """Return the answer of the first attempt that passes its checks, or of the last.

    A hierarchy is also tried in other forms (`_in_other_forms`); then any fit more carefully.
    Where a ridge must be feared, an answer counts only when another, drawn with smaller steps,
    confirms it.

    Parameters
    ----------
    modes : finds the maxima that can be reached from far and wide
    starts : points (rows) for chains to begin at
    """
    found = modes()
    if found and found[0].tightness > _TIGHT and starts.shape[1] <= MOST_FOR_LOW_RANK:
        way = replace(way, metric="low_rank")
    answer = attempt(starts, way, "0")
    only = None if answer.check.passed else _only(found, answer.evidence.log - NEGLIGIBLE)
    if only is not None:
        # Chains may have been caught in modes that hold nothing: those are no second answer.
        starts = only.around
        answer = attempt(starts, way, "only mode")
    failed: list[Fit] = []
    around = _look_around(answer, attempt, found, starts, way, judge)
    answer, starts, doubted = around.answer, around.starts, around.doubted
    if around.rival:
        return _failing(
            answer,
            "two answers fit the claims and no chain goes from one to the other; make them two "
            "readings, or widen the claims",
        )
    if judge.wholly and not answer.check.passed:
        answer, way = _in_other_forms(answer, attempt, starts, way, judge)
    for number in range(1, _TRIES):
        if answer.check.passed:
            break
        cure = _cure(way, answer, judge.work)
        if cure is None:
            break
        failed.append(answer)
        way = cure
        answer = attempt(starts, way, str(number))
    if not answer.check.passed:
        return _advised(answer) if _cut_off(answer, way) else answer
    strays = [stray for one in failed if len(stray := _strays(one, answer))]
    if any(judge.apart(stray, answer.draws.flat) for stray in strays):
        # Chains that disagree once and agree when drawn anew may have met in one of two modes.
        return _failing(answer, _ELSEWHERE)
    doubted = bool(doubted or strays or _slow(answer) or at_walls(answer.draws))
    in_whole = bool(judge.wholly) and way.centred == judge.wholly
    sharp = judge.sharp_centred if in_whole else judge.sharp
    if judge.wholly and not way.centred and sharp and not judge.sharp_centred and not doubted:
        # The form in which no ridge bends sees the tip that this one may have missed.
        other = attempt(starts, replace(way, centred=judge.wholly), "confirming centred")
        if other.check.passed and judge.differ(answer, other) is None:
            return other if _better(other.check, answer.check) else answer
    return _confirmed(answer, way, attempt, starts, judge) if sharp or doubted else answer


def _in_other_forms(
    answer: Fit, attempt: Attempt, starts: Array, way: Way, judge: Judge
) -> tuple[Fit, Way]:
    """Return the best of a hierarchy's failed answer and those in two other forms, and its way.

    The centred form suits claims that say more of the members than the hierarchy does.  Where they
    say much of some and little of others, each member is centred as far as they do.
    """
    centred = replace(way, centred=judge.wholly)
    other = attempt(starts, centred, "0")
    if _better(other.check, answer.check):
        answer, way = other, centred
    if answer.check.passed:
        return answer, way
    finer = replace(way.sampling, target_accept=max(0.99, way.sampling.target_accept))
    suited = replace(way, centred=judge.suited(answer), metric="diag", sampling=finer)
    if _steps(suited, way, answer) > judge.work:
        return answer, way
    other = attempt(starts, suited, "suited")
    return (other, suited) if _better(other.check, answer.check) else (answer, way)


def _cure(way: Way, answer: Fit, work: float) -> Way | None:
    """Return what to try next with a failed fit, by what ails it; None if nothing is left.

    Trajectories that are cut off before they turn around need a metric that knows the direction in
    which the density is narrow, and where it winds, to be longer; divergences need smaller steps
    (once these are smallest, draws of another seed), and so may chains that disagree; else four
    times the draws.
    """
    longer = way.longer()
    if _cut_off(answer, way):
        deeper = replace(
            way, metric="diag", depth=_DEEPER, sampling=replace(way.sampling, draws=1000)
        )
        cures = [replace(way, metric="low_rank")] if way.metric == "diag" else []
        cures += [deeper] if way.depth < _DEEPER else [longer]
    elif answer.check.divergences:
        cures = [way.closer() or way]  # more draws would only diverge more often
    elif way.sampling.target_accept < 0.99:
        cures = [way.closer() or longer]
    else:
        cures = [longer]
    return next((cure for cure in cures if _steps(cure, way, answer) < work), None)


def _steps(cure: Way, way: Way, answer: Fit) -> float:
    """Return about how many steps a cure takes, from those of the attempt before."""
    steps = answer.draws.stats["n_steps"].mean()
    finer = 2.0 if cure.sampling.target_accept > way.sampling.target_accept else 1.0
    deeper = 2.0 ** (cure.depth - way.depth) / 2 if cure.depth > way.depth else 1.0
    each = min(steps * finer * deeper, 2.0**cure.depth)
    return float(each * cure.trajectories)


def _cut_off(answer: Fit, way: Way) -> bool:
    """Return whether many trajectories end because they are as long as they may be."""
    return bool(np.mean(answer.draws.stats["n_steps"] >= 2**way.depth - 1) > _CUT_OFF)


def _slow(answer: Fit) -> bool:
    """Return whether the effective draws of a tail are few beside the draws: chains are stuck."""
    tail = answer.check.min_ess_tail
    return tail is not None and tail < _FEW * answer.draws.logp.size


def _confirmed(answer: Fit, way: Way, attempt: Attempt, starts: Array, judge: Judge) -> Fit:
    """Return the answer of the finer of two fits that agree, or of the last, failed.

    All chains can miss the same tip of a ridge that bends: they then agree with one another, but
    not with chains whose steps are smaller.
    """
    difference = None
    most = _MOST * way.sampling.draws
    for number in range(_CONFIRMATIONS):
        finer = way.closer() or (way.longer() if difference else way)
        if _steps(finer, way, answer) > judge.work:
            break
        again = attempt(starts, finer, f"confirming {number}")
        strays = _strays(again, answer)
        if len(strays) and judge.apart(strays, answer.draws.flat):
            return _failing(again, _ELSEWHERE)
        cure = None if again.check.passed else _cure(finer, again, judge.work)
        if cure is not None and cure.sampling.draws <= most:
            finer = cure
            again = attempt(starts, finer, f"confirming {number}, cured")
        difference = judge.differ(answer, again)
        if again.check.passed and difference is None:
            return again
        answer, way = again, finer
    if not answer.check.passed:
        return answer
    return _failing(answer, difference or "the fit could not be confirmed within the work allowed")


def _only(modes: Sequence[Mode], least: float) -> Mode | None:
    """Return the only mode that matters: the others hold nothing beside it.

    It must hold something itself: of very many dimensions the tops may be narrower than they are
    high, or not have been reached.
    """
    ranked = sorted(modes, key=lambda mode: -mode.log_mass)
    if len(ranked) < 2 or ranked[0].log_mass < least:
        return None
    return None if ranked[0].log_mass - ranked[1].log_mass < NEGLIGIBLE else ranked[0]


@dataclass(frozen=True)
class _Around:
    """What came of visits to maxima that no draw surrounds.

    Attributes
    ----------
    answer, starts : the answer at the mode that holds the probability, and where to start
    rival : whether another mode holds some too
    doubted : whether chains stayed elsewhere, though not on another mode
    """

    answer: Fit
    starts: Array
    rival: bool = False
    doubted: bool = False


def _look_around(
    answer: Fit,
    attempt: Attempt,
    modes: Sequence[Mode],
    starts: Array,
    way: Way,
    judge: Judge,
) -> _Around:
    """Visit each maximum that no draw surrounds where it may matter, by Laplace's approximation.

    Chains that leave it for where the answer is show that it is none.  Otherwise the two evidences
    tell which one counts.
    """
    doubted, visits = False, 0
    for number, mode in enumerate(sorted(modes, key=lambda mode: -mode.log_mass)):
        if mode.log_mass < answer.evidence.log - NEGLIGIBLE or visits == _VISITS:
            break
        if _surrounds(answer, mode.point):
            continue
        there, visits = mode.around, visits + 1
        other = attempt(there, way, f"mode {number}")
        strays = _strays(other, answer)
        if not len(strays):
            continue
        lead = other.evidence.log - answer.evidence.log
        if lead > NEGLIGIBLE:
            answer, starts = other, there
        elif lead > -NEGLIGIBLE:
            if judge.apart(strays, answer.draws.flat):
                return _Around(answer, starts, rival=True)
            doubted = True
    return _Around(answer, starts, doubted=doubted)


def _surrounds(answer: Fit, points: Array) -> bool:
    """Return which points (rows) are inside the box that an answer's draws fill."""
    low, high = answer.draws.flat.min(axis=0), answer.draws.flat.max(axis=0)
    return bool(np.all((low <= points) & (points <= high)))


def _strays(one: Fit, other: Fit) -> Array:
    """Return one answer's draws (rows) of chains that are where no draw of the other is."""
    medians = np.median(one.draws.points, axis=1)
    away = [not _surrounds(other, median) for median in medians]
    return one.draws.points[away].reshape(-1, one.draws.points.shape[-1])


def _advised(answer: Fit) -> Fit:
    """Return a fit that failed with its trajectories at full length, with what to do about it."""
    return replace(answer, check=replace(answer.check, failed=(*answer.check.failed, _TIED)))


def _failing(answer: Fit, sentence: str) -> Fit:
    return replace(answer, check=replace(answer.check, failed=(sentence,)))


def _better(one: Check, other: Check) -> bool:
    """Return whether one fit fails its checks less badly than another."""

    def badness(check: Check) -> tuple[bool, int, float]:
        return not check.passed, check.divergences, -(check.min_ess_bulk or 0.0)

    return badness(one) < badness(other)
