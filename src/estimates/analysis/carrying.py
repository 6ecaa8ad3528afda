"""Draws of a fit weighed, and carried to where they would lie without some claims.

The posterior without claims is the posterior over their likelihood.  Where the claims have pulled
the draws to themselves, the draws are carried first (see `stats.cavity`), hierarchies in centred
form: a claim about a member then says something of that member alone, and members follow what they
are tied to in a straight line, however wide the hierarchy is in a draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.fit_view import FitView
from estimates.inference.centring import as_data, recentred, wholly
from estimates.inference.engine import Engine
from estimates.inference.fitting import Change
from estimates.inference.question import Condition, Fit
from estimates.inference.recalled import fit_of
from estimates.stats.cavity import Carried, Surface, carried, matched
from estimates.stats.convergence import mcse_mean
from estimates.stats.importance import smoothed

if TYPE_CHECKING:
    from estimates.inference.codegen.density import CompiledDensity

Array = NDArray[np.float64]
#: Pareto k up to which weights may be trusted, if a large number of draws is left.
RELIABLE = 0.7
#: Effective draws that are enough for an interval.
ENOUGH = 400
#: Widths to which draws are carried, times those of the cavity; the first that can be trusted.
_WIDTHS = (1.0, 1.25)
#: Times that draws are carried on to what their own weights say, as long as these gain by it.
_ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Weighed:
    """A fit without some claims.

    Attributes
    ----------
    rows : (chain, draw) which of the fit's draws, counted through all chains, stands there
    log_ratio, se : log of the evidence without the claims over that with them, and its error
    k : Pareto k̂ of the weights, −∞ where they have no tail
    effective : draws as good as those that carry the weight
    points : (chain, draw, dimension) of the draws, where they were carried elsewhere to be weighed
    """

    rows: NDArray[np.int64]
    log_ratio: float
    se: float
    k: float
    effective: float
    points: Array | None = None

    @property
    def trusted(self) -> bool:
        """Whether the weights may be trusted, and leave draws enough for an interval."""
        return self.k <= RELIABLE and self.effective >= ENOUGH


def weighed(log_weights: Array) -> Weighed:
    """Draw anew by the weights of draws (chain, draw), in their order."""
    return _weighed(log_weights)[0]


def _weighed(log_weights: Array) -> tuple[Weighed, Array]:
    """Return draws made anew by weights (chain, draw), and the normalised weights (draw,)."""
    raw = log_weights.ravel()
    normalised, k = smoothed(raw)
    # Smoothing leaves all but the largest weights alone: the smallest tells what it divided by.
    least = int(np.where(np.isneginf(raw), np.inf, raw).argmin())
    log_ratio = float(raw[least] - normalised[least]) - math.log(len(raw))
    weights = np.exp(normalised)
    marks = (np.arange(len(raw)) + 0.5) / len(raw)
    rows = np.minimum(np.searchsorted(np.cumsum(weights), marks), len(raw) - 1)
    relative = len(raw) * weights.reshape(1, *log_weights.shape)
    se = float(mcse_mean(relative)[0]) if np.ptp(weights) > 0 else 0.0
    effective = 1 / float(np.sum(weights**2))
    found = Weighed(rows.reshape(log_weights.shape), log_ratio, se, k, effective)
    return found, weights


def unmoved(shape: tuple[int, ...]) -> Weighed:
    """Return a fit of whose claims none is left out, with draws (chain, draw) of this shape."""
    size = math.prod(shape)
    return Weighed(np.arange(size).reshape(shape), 0.0, 0.0, -math.inf, float(size))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A fit's draws, hierarchies in centred form.

    Attributes
    ----------
    points : (chain, draw, dimension)
    logp : (draw,) their log density
    surface : that density, and its gradient
    """

    points: Array
    logp: Array
    surface: Surface

    @property
    def flat(self) -> Array:
        return self.points.reshape(-1, self.points.shape[-1])


@dataclass(frozen=True, eq=False)
class Carrying:
    """A fit whose draws may be carried to where they would lie without some claims.

    Draws that copies of one datum share an error in are not found again, and stay where they are.

    Attributes
    ----------
    given : a fit that all readings share, in place of the view's; without some claims already
    """

    view: FitView
    engine: Engine = field(repr=False)
    given: Fit | None = field(default=None, repr=False)
    _found: dict[int, _Drawn | None] = field(default_factory=dict, repr=False)

    def without(self, reading: int, claims: frozenset[str], k: float = RELIABLE) -> Weighed | None:
        """Return the fit of a reading without claims; None where its draws cannot be carried.

        Parameters
        ----------
        k : the Pareto k̂ that is looked for
        """
        if reading not in self._found:
            self._found[reading] = self._drawn(reading)
        drawn = self._found[reading]
        if drawn is None:
            return None
        change = Change(without=claims)
        question = change.question(self.engine, self.view.readings[reading].choice)
        left, best = self._posed(question), None
        few = min(ENOUGH, drawn.logp.size / 4)
        for there in carried(drawn.flat, drawn.surface, left.surface, _WIDTHS):
            for one in _followed(there, drawn, left, few):
                if best is None or (one.effective < few, one.k) < (best.effective < few, best.k):
                    best = one
                if one.k <= k and one.effective >= few:
                    return self._home(one)
        return None if best is None else self._home(best)

    def _drawn(self, reading: int) -> _Drawn | None:
        fit = self.given or fit_of(self.engine, self.view, reading)
        if fit is None:
            return None
        whole = self._posed(fit.question)
        points = self._centred(fit.draws.flat, back=False)
        logp = np.asarray(whole.logp(points))
        return _Drawn(points.reshape(fit.draws.points.shape), logp, whole.surface)

    def _home(self, one: Weighed) -> Weighed:
        """Return draws with their points in the form in which quantities are found from them."""
        assert one.points is not None, "carried draws lie elsewhere"
        flat = one.points.reshape(-1, one.points.shape[-1])
        return replace(one, points=self._centred(flat, back=True).reshape(one.points.shape))

    def _posed(self, question: Condition) -> CompiledDensity:
        layout = self.engine.layout
        return self.engine.posed(question).with_data(**as_data(layout, wholly(layout)))

    def _centred(self, points: Array, *, back: bool) -> Array:
        return recentred(self.engine.steps, points, wholly(self.engine.layout), back=back)

    def values(self, reading: int, one: Weighed) -> Mapping[str, Array]:
        """Return every quantity (chain, draw) at a fit's draws, wherever these were carried."""
        points = one.points
        if points is None and self.given is not None:
            points = self.given.draws.points
        if points is None:
            return self.view.env(reading)
        return self.engine.values(points, self.view.readings[reading].choice)


def _followed(
    there: Carried, drawn: _Drawn, left: CompiledDensity, few: float
) -> Iterator[Weighed]:
    """Yield draws weighed where they were carried, and where their own weights carry them on."""
    shape, last = drawn.points.shape, None
    for _ in range(_ROUNDS):
        logs = left.logp(there.points) + there.log_volume - drawn.logp
        if not np.isfinite(logs).any():
            return
        one, weights = _weighed(logs.reshape(shape[:2]))
        if last is not None:  # draws that went where their own weights sent them look too even
            one = replace(one, se=math.hypot(one.se, one.log_ratio - last.log_ratio))
        yield replace(one, points=there.points.reshape(shape))
        if last is not None and one.k >= last.k and one.effective <= max(few, last.effective):
            return
        last, on = one, matched(there, weights)
        if on is None:
            return
        there = on
