"""Two bodies about one and the same thing, head to head: no prior, no draws, no third body."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import logsumexp

from estimates.analysis.conflict.bodies import Body, core, label_of
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import Side, from_scale, on_scale
from estimates.analysis.conflict.result import PairRow
from estimates.analysis.conflict.rows import distance

_POINTS = 20_001
_MOST = 40  # bodies about one thing that are compared two by two


@dataclass(frozen=True)
class Pair:
    """Two bodies, and under which distinct readings they are about one thing.

    Attributes
    ----------
    log_p : log of the two-sided p that both are about one value
    above : whether the first lies above the second
    """

    one: Body
    other: Body
    members: tuple[int, ...]
    log_p: float
    above: bool


def pairs_of(case: Case) -> list[Pair]:
    """Every two bodies with densities of their own about one thing under a reading with weight."""
    same: dict[tuple[str, str, float], list[int]] = {}
    sides = case.sides
    kept = {body.name: body for body in case.bodies if sides[body.name].log_pdf is not None}
    for number in sorted(case.heavy):
        groups: dict[str, list[tuple[str, float]]] = {}
        for body in kept.values():
            resolved = case.model.resolve(body.first.value, case.readings[number].choice)
            if resolved is not None:
                factor, what = core(resolved)
                groups.setdefault(str(what), []).append((body.name, factor))
        for group in groups.values():
            for (one, mine), (other, theirs) in combinations(group[:_MOST], 2):
                same.setdefault((one, other, mine / theirs), []).append(number)
    return [
        Pair(kept[one], kept[other], tuple(members), *head_to_head(sides[one], sides[other], ratio))
        for (one, other, ratio), members in same.items()
    ]


def head_to_head(one: Side, other: Side, ratio: float = 1.0) -> tuple[float, bool]:
    """Log of 2·min(P(δ < 0), P(δ > 0)), δ the first less the second, and whether δ is above 0.

    ∫ F(u) p(u) du, the distribution function of the one over the density of the other (Marshall &
    Spiegelhalter 2007, Bayesian Analysis 2:409); of two normals in closed form.

    Parameters
    ----------
    ratio : how many of the first's units make one of the second's
    """
    assert other.quantile is not None
    assert other.log_pdf is not None
    span = other.quantile(0.975) - other.quantile(0.025)
    # As far out as the first lies: there the tail of the product is.
    shift = math.log(ratio) if one.scale.name == "log" else 0.0
    there = one.centre - shift
    if one.scale.name == "identity":
        there = one.centre / ratio
    if one.scale.name != other.scale.name:
        there = float(on_scale(other.scale, from_scale(one.scale, np.array(one.centre)) / ratio))
    low = min(other.centre, there) - 4 * span
    high = max(other.centre, there) + 4 * span
    u = np.linspace(low, high, _POINTS)
    with np.errstate(divide="ignore"):
        density = other.log_pdf(u)
        mine = on_scale(one.scale, from_scale(other.scale, u) * ratio)
        if one.scale.name == other.scale.name:
            mine = u * ratio if one.scale.name == "identity" else u + shift
        above, below = one.tails(mine)
    step = math.log(u[1] - u[0])
    tails = [float(logsumexp(t + density)) + step for t in (above, below)]
    return min(0.0, math.log(2) + min(tails)), tails[0] > tails[1]


def pair_row(case: Case, pair: Pair, p_adjusted: float, level: float) -> PairRow:
    """Two bodies in numbers."""
    return PairRow(
        first=pair.one.name,
        second=pair.other.name,
        about=str(pair.one.first.about),
        label=label_of(case.model, pair.one.first),
        under=case.words_of(pair.members),
        weight=float(sum(case.weights[i] for i in pair.members)),
        **vars(distance(pair.log_p, 0.0, pair.above)),
        p_adjusted=p_adjusted,
        conflict=p_adjusted < level,
    )
