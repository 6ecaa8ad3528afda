"""What was found, as flat rows of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.conflict.bodies import inputs, label_of, untouched
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import from_scale, on_scale
from estimates.analysis.conflict.node_split import Comparison, Judged
from estimates.analysis.conflict.result import (
    EVIDENCE,
    KNOWN,
    PARTLY,
    PRIOR,
    About,
    Against,
    Curves,
    Grounded,
    Measured,
    Sides,
)
from estimates.analysis.conflict.tail_probability import z_of
from estimates.language.expression import NUMPY_OPS, evaluate, names
from estimates.model import Model
from estimates.stats.kde import kernel_density
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_QUANTILES = (0.05, 0.5, 0.95)
#: Where the rest narrows the prior by less than half (in variance), it mostly is the prior.
LEARNED = 0.5
_POINTS = 161


@dataclass(frozen=True)
class Ground:
    """What the rest of a comparison rests on, under one reading or all.

    Attributes
    ----------
    against : the other evidence, that and the prior, the prior, or a fixed value
    prior_of : the basic quantities that no other claim informs
    learned : the share of the prior's variance that the other claims remove; None if undefined
    """

    against: Against
    prior_of: tuple[str, ...]
    learned: float | None

    @property
    def row(self) -> Grounded:
        """For tables."""
        return Grounded(
            against=self.against, prior_of=", ".join(self.prior_of), learned=self.learned
        )


@dataclass(frozen=True, eq=False)
class Standing:
    """A comparison that was judged, and what the rest rests on.

    Attributes
    ----------
    parts : (part,) the ground of each part of the comparison
    """

    judged: Judged
    parts: tuple[Ground, ...]

    @property
    def comparison(self) -> Comparison:
        return self.judged.comparison

    @property
    def name(self) -> str:
        """Of the body or the claim."""
        return self.judged.comparison.name

    @cached_property
    def ground(self) -> Ground:
        """Of the mixture."""
        return together(self.parts, self.comparison.shares)


def standing(case: Case, judged: Judged) -> Standing:
    """What was judged, with the ground of each part."""
    comparison, claim = judged.comparison, judged.comparison.claim
    engine, model = case.engine, case.model
    prior = case.fit["prior_by_reading"].to_dataset()
    env = {name: prior[name].values for name in names(claim.value)}
    shape = (len(case.readings), prior.sizes["chain"], prior.sizes["draw"])
    before = np.broadcast_to(np.asarray(evaluate(claim.value, env, NUMPY_OPS), dtype=float), shape)
    found = []
    for part, u in enumerate(comparison.u):
        reading = comparison.members(part)[0]
        choice = case.readings[reading].choice
        rest = engine.speaking(choice, engine.evidence_ids - comparison.without)
        silent = untouched(model, claim, choice, rest)
        wide = _spread(on_scale(comparison.side.scale, before[reading]))
        narrow = _spread(u)
        learned = max(0.0, 1 - (narrow / wide) ** 2) if wide > 0 else None
        if not inputs(model, claim, choice):
            found.append(Ground(KNOWN, (), None))
        elif len(silent) == len(inputs(model, claim, choice)):
            found.append(Ground(PRIOR, silent, 0.0))
        else:
            mostly = silent or (learned is not None and learned < LEARNED)
            found.append(Ground(PARTLY if mostly else EVIDENCE, silent, learned))
    return Standing(judged, tuple(found))


def together(found: Sequence[Ground], shares: Array) -> Ground:
    """The ground of the mixture: of all parts that have weight."""
    kept = [(one, w) for one, w in zip(found, shares, strict=True) if w > 0]
    kinds: set[Against] = {one.against for one, _ in kept}
    against = kinds.pop() if len(kinds) == 1 else PARTLY
    prior_of = tuple(sorted({name for one, _ in kept for name in one.prior_of}))
    if any(one.learned is None for one, _ in kept):
        return Ground(against, prior_of, None)
    return Ground(against, prior_of, float(sum(w * float(one.learned or 0.0) for one, w in kept)))


def _spread(values: Array) -> float:
    """Half the middle 68 %, an sd that a Cauchy has too."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0
    low, high = np.quantile(finite, (0.16, 0.84))
    return float(high - low) / 2


def distance(log_p: float, error: float | None, above: bool | None) -> Measured:
    """p with its error, and the z that it is worth: positive where the side lies above."""
    z = z_of(log_p)
    return Measured(
        p=math.exp(log_p) if log_p > -700 else 0.0,
        log10_p=log_p / math.log(10) if math.isfinite(log_p) else None,
        mcse_p=error if error is None or math.isfinite(error) else None,
        z=None if not math.isfinite(z) else (-z if above is False else z),
        lies=None if above is None else "above" if above else "below",
    )


def sides(comparison: Comparison, shares: Array) -> Sides:
    """The two partial posteriors in numbers, in the claim's unit."""
    side = comparison.side
    body: list[float | None] = [None] * len(_QUANTILES)
    if side.quantile is not None:
        body = [number(from_scale(side.scale, np.array(side.quantile(p)))) for p in _QUANTILES]
    kept = shares > 0
    values = comparison.partial.values[comparison.claim.id][kept]
    rest: list[float | None] = [None] * len(_QUANTILES)
    if kept.any() and np.isfinite(values).all():
        pooled = WeightedDraws(values, shares[kept])
        rest = [number(pooled.quantile(p)) for p in _QUANTILES]
    limit = number(from_scale(side.scale, np.array(side.centre)))
    return Sides(
        body_q05=body[0],
        body_median=body[1],
        body_q95=body[2],
        limit=limit if side.kind == "statement" else None,
        rest_q05=rest[0],
        rest_median=rest[1],
        rest_q95=rest[2],
    )


def about(model: Model, comparison: Comparison) -> About:
    """What is compared."""
    claim, side = comparison.claim, comparison.side
    return About(
        about=str(claim.about),
        label=label_of(model, claim),
        unit=claim.unit,
        scale=side.scale.name,
        kind=side.kind,
    )


def densities(comparison: Comparison, shares: Array) -> Curves | None:
    """Both partial posteriors on a grid; None if there is nothing."""
    side = comparison.side
    kept = shares > 0
    if not kept.any():
        return None
    u = comparison.u[kept].reshape(int(kept.sum()), -1)
    weights = np.repeat(shares[kept] / u.shape[1], u.shape[1])
    flat = u.ravel()
    inside = np.isfinite(flat)
    if not inside.any() or np.ptp(flat[inside]) == 0:
        return None
    weights = weights[inside] / weights[inside].sum()
    grid, density = kernel_density(flat[inside], weights)
    cumulative = np.cumsum(density)
    low, high = (float(x) for x in np.interp((0.002, 0.998), cumulative / cumulative[-1], grid))
    if side.quantile is not None:
        low, high = min(low, side.quantile(0.002)), max(high, side.quantile(0.998))
    else:
        low, high = min(low, side.centre - 3 * side.width), max(high, side.centre + 3 * side.width)
    # Each where it is not zero, so that a narrow density keeps its shape beside a wide one.
    spots = [np.linspace(low, high, _POINTS), np.interp(
        np.linspace(0.001, 0.999, _POINTS), cumulative / cumulative[-1], grid)]  # fmt: skip
    if side.quantile is not None:
        spots.append(np.array([side.quantile(p) for p in np.linspace(0.001, 0.999, 81)]))
    points = np.unique(np.concatenate(spots))
    if side.log_pdf is not None:
        body = np.exp(side.log_pdf(points))
    else:
        body = 2 * np.exp(side.tails(points)[0 if side.upper else 1])
    rest = np.interp(points, grid, density, left=0.0, right=0.0)
    return Curves(
        x=tuple(number(x) for x in from_scale(side.scale, points)),
        rest=tuple(float(f"{y:.4g}") for y in rest),
        body=tuple(float(f"{y:.4g}") for y in body),
    )


def number(value: float | Array) -> float | None:
    """A finite number, or None."""
    found = float(value)
    return found if math.isfinite(found) else None
