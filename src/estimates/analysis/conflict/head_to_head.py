"""Two bodies about one and the same thing, head to head: no prior, no draws, no third body."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from estimates.analysis.conflict.bodies import Body, core
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import Side, from_scale, on_scale
from estimates.stats.links import Scale

Array = NDArray[np.float64]
_POINTS = 20_001
_MOST = 40  # bodies about one thing that are compared two by two


@dataclass(frozen=True, eq=False)
class Pair:
    """Two bodies, and the distinct readings under which they are about one thing.

    Attributes
    ----------
    log_p : log of the two-sided p that both are about one value
    above : whether the first lies above the second
    error : of p, which is exact
    """

    one: Body
    other: Body
    members: tuple[int, ...]
    log_p: float
    above: bool
    error: float = 0.0


def pairs_of(case: Case) -> list[Pair]:
    """Return pairs of bodies with own densities that are about one thing under a reading."""
    same: dict[tuple[str, str, float], list[int]] = {}
    sides = case.whole_sides
    kept = {body.name: body for body in case.bodies if sides[body.name].log_pdf is not None}
    for number in sorted(case.heavy):
        groups: dict[str, list[tuple[str, float]]] = {}
        for body in kept.values():
            if body.first.options:
                continue  # whether it is about the same is what is not known
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
    """Return log 2·min(P(δ < 0), P(δ > 0)), δ the first less the second, and whether δ > 0.

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
    there = float(carried(one.scale, other.scale, np.array(one.centre), 1 / ratio))
    low, high = min(other.centre, there) - 4 * span, max(other.centre, there) + 4 * span
    u = np.linspace(low, high, _POINTS)
    with np.errstate(divide="ignore"):
        density = other.log_pdf(u)
        sides = one.tails(carried(other.scale, one.scale, u, ratio))
    step = math.log(u[1] - u[0])
    above, below = (float(logsumexp(side + density)) + step for side in sides)
    return min(0.0, math.log(2) + min(above, below)), above > below


def carried(scale: Scale, other: Scale, u: Array, factor: float) -> Array:
    """Return values on one scale as values on another, in a unit worth so many of the first."""
    if scale.name != other.name:
        return on_scale(other, from_scale(scale, u) * factor)
    match scale.name:
        case "identity":
            return u * factor
        case "log":
            return u + math.log(factor)
    return u  # a share has one unit
