"""What the figures draw, taken once from a finished fit: answers by reading, and comparisons.

Everything by reading comes as rows (`estimates.plots.parts.rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.compare.result import Row as Compared
from estimates.analysis.compare.run import compare
from estimates.analysis.fit_view import FitView
from estimates.analysis.verdict import Sides, possible, verdict
from estimates.inference.origin import Origin
from estimates.inference.program import target_text
from estimates.inference.var_names import CI_PROB, ends_of
from estimates.language.expression import Interval
from estimates.language.phrases import spoken
from estimates.language.units import Unit
from estimates.model import BoundClaim, FixedValue, Model
from estimates.model.combinations import Distinct
from estimates.model.dimensions import variable
from estimates.plots.parts.rows import Row, Rows, fold

Array = NDArray[np.float64]
#: Rows that a figure holds.
MOST_ROWS = 12
#: Readings left out for not having converged must be lighter than the rest of this.
_NEARLY_ALL = 0.999
#: What follows a verdict that Monte Carlo error could turn.
JUST = " (just)"


@dataclass(frozen=True)
class Against:
    """A row beside a cited figure.

    Attributes
    ----------
    shares : how much of it lies below, inside and above
    """

    shares: tuple[float, float, float]
    verdict: str
    only_just: bool

    @property
    def words(self) -> str:
        """The verdict in as few words as a figure needs."""
        return self.verdict + (JUST if self.only_just else "")


@dataclass(frozen=True, eq=False)
class Findings:
    """A fit as figures need it; make it once with `of` and hand it to each of them.

    Attributes
    ----------
    ci_prob : what the intervals of figures hold
    """

    fit: xr.DataTree
    view: FitView
    ci_prob: float = CI_PROB

    @staticmethod
    def of(fit: xr.DataTree | Findings, ci_prob: float | None = None) -> Findings:
        """Return the findings of what `estimates.fit` returned; findings stay as they are.

        With other intervals, if `ci_prob` is given.

        Raises
        ------
        InputError : where `ci_prob` does not lie between 0 and 1
        """
        found = fit if isinstance(fit, Findings) else Findings(fit, FitView.of(fit))
        if ci_prob is None or ci_prob == found.ci_prob:
            return found
        ends_of(ci_prob)
        return replace(found, ci_prob=ci_prob)

    @property
    def held(self) -> str:
        """What the intervals hold, `90 %`."""
        return f"{100 * self.ci_prob:.6g} %"

    @property
    def model(self) -> Model:
        """The model that was fitted."""
        return self.view.model

    @property
    def readings(self) -> tuple[Distinct, ...]:
        """The distinct readings, in the order of the fit."""
        return self.view.readings

    @property
    def weights(self) -> Array:
        """The posterior weight of each reading."""
        return self.view.weights

    @cached_property
    def failed(self) -> tuple[str, ...]:
        """The checks of convergence that the fit has not passed, a sentence each."""
        return Origin.of(self.fit).failed

    @cached_property
    def comparisons(self) -> tuple[Compared, ...]:
        """The rows of the comparison, cited figures held out."""
        return compare(self.fit, "held-out").comparisons if self.model.compare else ()

    @cached_property
    def set_by_prior(self) -> list[tuple[str, str, float, float, float]]:
        """The axis, option, weight and its range, where a weight echoes a prior."""
        return [
            (name, option, weight.posterior, *weight.posterior_range)
            for name, axis in self.view.axes.items()
            for option, weight in axis.options.items()
            if weight.set_by_prior
        ]

    @cached_property
    def prior_weights(self) -> Array:
        """The stated weight of each reading."""
        return self.view.stated

    # What can be drawn ------------------------------------------------------------------------

    def values(self, name: str) -> Array:
        """Return posterior draws (reading, draw) of a quantity or target; nan hides them."""
        drawn = self.view.draws(variable(name)).reshape(len(self.readings), -1)
        return np.where(self.view.usable[:, None], drawn, np.nan)

    def prior_values(self, name: str) -> Array:
        """Return prior draws (reading, draw)."""
        return self.view.before[variable(name)].reshape(len(self.readings), -1)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every quantity with draws: basic ones, relations, and targets that are expressions."""
        return tuple(map(target_text, self.view.drawn))

    def claimed(self, use: BoundClaim) -> Array:
        """Return posterior draws (reading, draw) of a claim's value, in the claim's unit."""
        found = self.view.claimed(use.by_itself).reshape(len(self.readings), -1)
        return np.where(self.view.usable[:, None], found, np.nan)

    def claimed_support(self, use: BoundClaim) -> Interval:
        """Return where a claim's value can lie."""
        model = self.model
        factor = model.units.factor(model.unit_of(use.about), model.units.parse(use.unit))
        support = model.support_of(use.about)
        return Interval(support.low * factor, support.high * factor)

    def label(self, name: str) -> str:
        """Return a quantity's label, or its name in words; an expression as it is written."""
        return self.view.title(name) if name in self.names else name

    def unit(self, name: str) -> Unit:
        """Return a quantity's unit."""
        return self.model.units.parse(self.view.unit(name))

    def support(self, name: str) -> Interval:
        """Return where a quantity can lie."""
        return self.model.support_of(name)

    def constant(self, name: str) -> bool:
        """Return whether it is a known constant."""
        quantity = self.model.quantities.get(name)
        return quantity is not None and isinstance(quantity.prior, FixedValue)

    def prior_only(self, name: str) -> bool:
        """Return whether no claim informs it under any reading that has weight."""
        weighty = np.flatnonzero(self.view.weighty).tolist()
        return all(self.view.prior_only(reading, variable(name)) for reading in weighty)

    # Rows -------------------------------------------------------------------------------------

    def rows(
        self,
        values: Array,
        natural: Callable[[Array], Array],
        most: int = MOST_ROWS,
        *,
        alike: float = 0.0,
    ) -> Rows:
        """Return rows of draws (reading, draw); `natural` maps them to an unbounded scale.

        Axes that move no quantile by more than the part `alike` of a 90 % interval are folded
        however few the rows are.
        """
        spoken_of = [
            int(i) for i in np.flatnonzero(np.isfinite(values).all(axis=1) & (self.weights > 0))
        ]
        labels = {i: self.readings[i].label for i in spoken_of}
        groups, folded = fold(labels, values, natural, most, alike)
        rows = [self._row(label, members, values) for label, members in groups]
        heaviest = sorted(rows, key=lambda row: -row.weight)[:most]
        left = len(rows) - len(heaviest)
        return Rows(
            tuple(sorted(heaviest, key=lambda row: row.median)),
            tuple(groups[0][0]) if groups else (),
            tuple(folded),
            left,
            sum(row.weight for row in rows) - sum(row.weight for row in heaviest) if left else 0.0,
            len(self.readings) - len(spoken_of),
        )

    def together(self, values: Array, *, partly: bool = False) -> Row | None:
        """Return the row of all readings, by their weight.

        None where one that has weight is not to be shown; with `partly` those that are, if any.
        """
        members = np.flatnonzero(self.weights > 0)
        shown = tuple(int(i) for i in members if np.isfinite(values[i]).all())
        if not shown or (not partly and self.weights[list(shown)].sum() < _NEARLY_ALL):
            return None
        return self._row({}, shown, values)

    def _row(self, label: Mapping[str, str], members: tuple[int, ...], values: Array) -> Row:
        index = list(members)
        weights = self.weights[index]
        words = {axis: self._option(axis, option) for axis, option in label.items()}
        weight = low = high = float(weights.sum())
        if len(index) == 1:  # of several readings together no range is known
            ends = ("posterior_low", "posterior_high")
            low, high = (float(self.view.told[end].values[index[0]]) for end in ends)
        share, chains = weights / weights.sum(), self.view.shape[1]
        simulated = self.view.simulated[:, index]
        whole = simulated.sum(axis=1, keepdims=True)
        err = np.divide(simulated, whole, out=np.tile(share, (len(whole), 1)), where=whole > 0)
        fits = self.view.fits[index]
        draws = values[index]
        return Row(words, members, share, weight, low, high, draws, chains, fits, err, self.ci_prob)

    def _option(self, axis: str, option: str) -> str:
        options = self.model.readings[axis].options
        parts = [options[one].label or spoken(one) for one in option.split("|")]
        return " or ".join(parts)

    # Cited figures ----------------------------------------------------------------------------

    def cited(self, target: str | None = None) -> tuple[BoundClaim, ...]:
        """Return the held-out claims, or those about one target."""
        return self.view.cited(target)

    def ends(self, claim: str) -> tuple[float | None, float | None]:
        """Return low and high of a cited figure, in its own unit; None for an open side."""
        row = next(row for row in self.comparisons if row.claim == claim)
        return row.low, row.high

    def against(self, claim: str, row: Row, *, mixture: bool = False) -> Against | None:
        """Return where a row lies beside a cited figure; None where that cannot be computed."""
        rows = [one for one in self.comparisons if one.claim == claim]
        if mixture:
            rows = [one for one in rows if one.reading is None]
        parts = rows if mixture else [rows[i] for i in row.members]
        found = [_sides(part) for part in parts]
        known = [one for one in found if one is not None]
        if len(known) < len(found):
            return None
        if len(known) == 1:
            return _against(known[0], parts[0].verdict or "", bool(parts[0].only_just))
        # Readings that are drawn as one err together.
        sides = Sides(*map(float, row.share @ np.array([astuple(one) for one in known])))
        conventions = self.model.conventions
        said = verdict(sides.below, sides.inside, sides.above, conventions)
        return _against(sides, said, len(possible(sides, conventions)) > 1)


def _sides(row: Compared) -> Sides | None:
    """Return where a row lies; None where that cannot be computed."""
    if row.verdict is None:
        return None
    known = (row.below, row.above, row.mcse_below, row.mcse_above, row.mcse_inside)
    return Sides(*(one or 0.0 for one in known))


def _against(sides: Sides, verdict: str, only_just: bool) -> Against:
    return Against((sides.below, sides.inside, sides.above), verdict, only_just)
