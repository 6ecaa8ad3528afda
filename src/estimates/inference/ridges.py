"""Where a sampler may be led astray: claims that tie unknowns together, and what two fits tell.

A claim that knows a combination of several unknowns far better than any of them leaves a ridge, on
which chains go slowly and, where it bends, all miss the same tip.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from estimates.inference.arrays import NumpyOps
from estimates.inference.diagnostics import TAILS
from estimates.inference.log_likelihood import spread_of
from estimates.inference.observed import Observations
from estimates.inference.posing import Sayings
from estimates.inference.question import Condition
from estimates.inference.steps import Latents
from estimates.language.expression import Expression, evaluate, names
from estimates.model import BoundClaim, FixedValue, Model
from estimates.model.likelihood import Count, Noisy, Rate, Skew, Term
from estimates.stats.convergence import mcse_mean, mcse_quantile
from estimates.stats.links import LOGIT, SCALES, Scale

Array = NDArray[np.float64]
type _Key = tuple[str, str | None, int]  # claim, what it is about, and which of its values
#: How many times as sharp as its prediction from the priors a claim has to be, to be feared.
SHARP = 100.0
_ONE_SD = (0.1586553, 0.8413447)  # normal probabilities
_FAR = 12.0  # log-odds beyond which a share is too near its end for them to be told exactly
_STRAIGHT = 1e-7  # of the spread: by so little may a straight line be missed, in rounding
_ERRORS = 4.0


def unknowns(model: Model, expression: Expression) -> frozenset[str]:
    """Return the quantities that an expression depends on, parents in hierarchies too."""
    reached: set[str] = set()
    frontier = set(names(expression))
    while frontier:
        name = frontier.pop()
        prior = model.quantities[name].prior
        if name not in reached and not isinstance(prior, FixedValue):
            reached.add(name)
            for argument in getattr(prior, "arguments", {}).values():
                frontier |= set(names(argument))
    return frozenset(reached)


def columns(groups: tuple[Latents, ...], members: frozenset[str]) -> list[int]:
    """Return the dimensions of a point in which these quantities are drawn."""
    drawn = [name for group in groups for name in group.members]
    return [place for place, name in enumerate(drawn) if name in members]


class Ridges:
    """The questions of a model that leave a ridge, as far as single claims tell."""

    def __init__(
        self,
        model: Model,
        observations: Observations,
        sayings: Sayings,
        groups: tuple[Latents, ...],
        prior: Mapping[str, Array],
        points: Mapping[bool, Array],
    ) -> None:
        """Look for ridges in a model, given its unknowns and prior draws.

        Parameters
        ----------
        prior : draws (draw,) of what is basic
        points : the same draws (draw, dimension) as the sampler has them, by whether it draws
            hierarchies in centred form
        """
        self._model = model
        self._observations = observations
        self._sayings = sayings
        self._groups = groups
        self._unknown = frozenset(name for group in groups for name in group.members)
        self._prior = prior
        self._points = points
        self._spreads: dict[_Key, float] = {}
        self._bent: dict[tuple[_Key, bool], bool] = {}

    def feared(self, question: Condition, *, centred: bool = False) -> bool:
        """Return whether a claim knows a combination of unknowns far better than the priors do.

        A claim about a single unknown leaves a peak, to whose width a sampler's steps adapt; that
        is no ridge.  One that is straight as the sampler sees it, such as a sum of normal unknowns
        or a product of log-normal ones, has no tip that bends away: it slows chains, which other
        checks see, but does not hide anything from all of them.

        Parameters
        ----------
        centred : whether hierarchies are drawn in centred form, in which a member is an unknown
        """
        terms = question.heard(self._observations).terms
        return any(
            self._beyond(SHARP * self._width(claim, terms[claim.id]), claim, question, centred)
            for claim in self._observations.claims
            if claim.id in question.active
        )

    def _width(self, claim: BoundClaim, term: Term) -> float:
        """Return the width of a claim, its own error being as large as its prior's middle."""
        if claim.spread is None:
            return width(term)
        own = float(np.median(spread_of(claim, self._prior)))
        return math.hypot(width(term), getattr(term, "spread", 0.0) * own)

    def _beyond(self, width: float, claim: BoundClaim, question: Condition, centred: bool) -> bool:
        """Return whether priors spread a claim's value by more than a width, and not straight.

        Whether it is straight is looked at last: among many unknowns that takes far longer.
        """
        said = self._sayings.about(claim, question.choice)
        about = self._sayings.values(claim, question.choice)
        assert about, "an active claim says something"
        return any(
            self._spread((claim.id, said, place), one, claim) > width
            and self._bends((claim.id, said, place), one, claim, centred)
            for place, one in enumerate(about)
        )

    def _spread(self, key: _Key, about: Expression, claim: BoundClaim) -> float:
        """Return half the width of the central 68 % of a claim's value by the priors."""
        if key not in self._spreads:
            predicted = self._on(SCALES[claim.scale], about)
            predicted = predicted[np.isfinite(predicted)]
            low, high = np.quantile(predicted, _ONE_SD) if predicted.size else (0.0, 0.0)
            self._spreads[key] = float(high - low) / 2
        return self._spreads[key]

    def _bends(self, key: _Key, about: Expression, claim: BoundClaim, centred: bool) -> bool:
        """Return whether a claim's value ties several unknowns, and not in a straight line."""
        if (key, centred) not in self._bent:
            tied = unknowns(self._model, about) & self._unknown
            counted = isinstance(self._observations.terms[claim.id], Count)
            scale = LOGIT if counted else SCALES[claim.scale]
            at = self._points[centred][:, columns(self._groups, tied)]
            bent = len(tied) > 1 and not _straight(self._on(scale, about), at)
            self._bent[key, centred] = bent
        return self._bent[key, centred]

    def _on(self, scale: Scale, about: Expression) -> Array:
        """Return prior draws (draw,) of a claim's value, on a scale."""
        with np.errstate(all="ignore"):
            said = scale.of_array(evaluate(about, self._prior, NumpyOps()), NumpyOps())
        shape = len(self._points[False])
        found = np.broadcast_to(np.asarray(said, dtype=float), shape)
        return np.where(np.abs(found) < _FAR, found, np.nan) if scale is LOGIT else found


def _straight(values: Array, points: Array) -> bool:
    """Return whether values (draw,) are a linear function of points (draw, dimension)."""
    there = np.isfinite(values)
    if there.sum() < 2 * (points.shape[1] + 1):
        return False
    values, points = values[there], np.column_stack([points[there], np.ones(there.sum())])
    found, *_ = np.linalg.lstsq(points, values)
    return bool(np.abs(points @ found - values).max() <= _STRAIGHT * np.ptp(values))


def width(term: Term) -> float:
    """Return the width of a claim, on its scale."""
    match term:
        case Noisy(sigma=sigma):
            return sigma
        case Skew(up=up, down=down):
            return min(up, down)
        case Rate(events=events, exposure=exposure):
            return math.sqrt(events + 1) / exposure
        case Count(successes=successes, trials=trials):
            return math.sqrt((successes + 1) * (trials - successes + 1) / (trials + 2) ** 3)
        case _:
            return term.width


def difference(one: Mapping[str, Array], other: Mapping[str, Array]) -> str | None:
    """Return where two fits of one question differ by four Monte Carlo errors; None if nowhere.

    Compared are the mean and the ends of the 90 % interval of each quantity.

    Parameters
    ----------
    one, other : draws (chain, draw) by quantity
    """
    kept = [name for name, draws in one.items() if np.ptp(draws) > 0 or np.ptp(other[name]) > 0]
    if not kept:
        return None
    sides = [np.stack([draws[name] for name in kept]) for draws in (one, other)]
    figures = {
        "mean": [(values.mean(axis=(1, 2)), mcse_mean(values)) for values in sides],
        **{
            f"{p:.0%} quantile": [
                (np.quantile(values, p, axis=(1, 2)), mcse_quantile(values, p)) for values in sides
            ]
            for p in TAILS
        },
    }
    for what, ((a, error_a), (b, error_b)) in figures.items():
        far = np.abs(a - b) > _ERRORS * np.hypot(error_a, error_b)
        if far.any():
            i = int(np.argmax(far))
            return (
                f"{kept[i]}: two fits, the second with smaller steps, disagree on its {what} "
                f"({a[i]:.4g} and {b[i]:.4g}): the claims tie quantities together so sharply that "
                "the sampler loses its way; widen the sharpest claim, or make what it knows a "
                "quantity of its own and derive one of the others"
            )
    return None
