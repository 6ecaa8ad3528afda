"""The answer under other weights of the readings, or given an interval of a quantity, at once.

Nothing is fitted: the draws of a finished fit are weighed anew.  Under a reading r, draws in which
the quantities lie in their intervals A are draws of p(x | claims, A, r), and the share of them is
P(A | claims, r); the weight of r is p(r) p(claims | r) P(A | claims, r), so readings respond to A
as they would to a claim that says it.  Where few draws are left, `effective` is small and nothing
should be read off (Kong 1992, the effective size of a weighted sample).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates._util.html import folded, line
from estimates._util.records import Column
from estimates.analysis.fit_view import FitView
from estimates.analysis.verdict import divided, verdict
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.statistics import QUANTILES
from estimates.inference.tree_view import NEGLIGIBLE
from estimates.language.cells import notebook
from estimates.model import FixedValue, Model
from estimates.model.dimensions import variable
from estimates.model.panel.lookup import words_for
from estimates.stats.model_weights import cells, update
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
#: Fewer effective draws than these show noise, and nothing is said.
FEWEST = 400

type Interval = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """The target in its unit, and where it lies beside the range asked about, if any."""

    q05: Annotated[float, Column(label="5 %")]
    q25: Annotated[float, Column(label="25 %")]
    median: float
    q75: Annotated[float, Column(label="75 %")]
    q95: Annotated[float, Column(label="95 %")]
    below: Annotated[float | None, Column(form="probability")] = None
    inside: Annotated[float | None, Column(form="probability")] = None
    above: Annotated[float | None, Column(form="probability")] = None
    verdict: str | None = None


@dataclass(frozen=True)
class _Weight:
    reading: str
    weight: Annotated[float, Column(form="probability")]


@dataclass(frozen=True)
class Reweighted:
    """The headline target under a supposition.

    Attributes
    ----------
    effective : independent draws that the numbers are worth
    numbers : None where `effective` is below 400
    readings : by reading its weight
    label, unit : of the target
    between : the range asked about, if any

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> est.reweight(fit, given={"skim": (0.5, None)}).effective > 0
    True
    """

    effective: float
    numbers: Weighed | None
    readings: Mapping[str, float]
    label: str
    unit: str
    between: Interval | None = None

    def _repr_html_(self) -> str:
        few = f"fewer than {FEWEST} effective draws are left: nothing is said"
        worth = f"worth {self.effective:,.0f} independent draws"
        weights = [_Weight(name, weight) for name, weight in self.readings.items()]
        return (
            (notebook([self.numbers]) if self.numbers else line(few))
            + line(worth)
            + folded("weights of the readings", notebook(weights))
        )


@dataclass(frozen=True)
class Draws:
    """The part of a fit that reweighting needs.

    Attributes
    ----------
    model : the model that was fitted
    target : (reading, draw) the headline target in its unit
    quantities : by basic unknown (fit, draw) in its unit
    fits : (reading,) the fit of each reading
    names : (reading,) how each is called
    prior, reading, cell : (combination,) stated weight, reading, and branch of the readings whose
        weights the claims may not move
    log_evidence : (reading,)
    share : effective draws per draw
    """

    model: Model
    target: Array
    quantities: Mapping[str, Array]
    fits: NDArray[np.int64]
    names: tuple[str, ...]
    prior: Array
    reading: NDArray[np.int64]
    cell: tuple[tuple[str, ...], ...]
    log_evidence: Array
    share: float

    @staticmethod
    def of(fit: xr.DataTree) -> Draws | None:
        """Return the draws of a finished fit; None where a reading of weight lacks the target.

        Readings without a posterior keep a place, with the evidence of nothing.
        """
        view = FitView.of(fit)
        model, choices = view.model, [one.choice for one in view.model.combinations()]
        target = _flat(view.draws(variable(model.targets[0])))
        usable = np.isfinite(target).all(axis=1) & view.usable
        heavy = view.weights >= NEGLIGIBLE
        if np.any(heavy & ~usable):
            return None
        _, first = np.unique(view.fits, return_index=True)
        combination = np.empty(len(choices), dtype=np.int64)
        for place, reading in enumerate(view.readings):
            combination[list(reading.members)] = place
        held = [name for name, reading in model.readings.items() if not reading.update]
        effective = float(np.nanmin(view.told["min_ess_bulk"].values[heavy & usable]))
        return Draws(
            model,
            np.where(usable[:, None], target, np.nan),
            {
                name: _flat(view.draws(name))[first]
                for name, one in model.quantities.items()
                if not isinstance(one.prior, FixedValue)
            },
            view.fits,
            tuple(one.text for one in view.readings),
            np.array([one.weight for one in model.combinations()]),
            combination,
            tuple(cells(choices, held)),
            np.where(usable, view.log_evidence, -np.inf),
            min(1.0, effective / target.shape[1]),
        )

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Whether each reading (reading,) has draws."""
        return np.isfinite(self.log_evidence)

    def weigh(self, prior: Array, kept: NDArray[np.bool_]) -> Array:
        """Return weights of the readings under other stated weights, with only some draws kept.

        Parameters
        ----------
        prior : (combination,) summing to one
        kept : (fit, draw)

        Returns
        -------
        (reading,) summing to one, or to nought where no draw is left
        """
        with np.errstate(divide="ignore"):
            log = self.log_evidence + np.log(kept.mean(axis=1))[self.fits]
        possible = prior * np.isfinite(log[self.reading])
        if not possible.any():
            return np.zeros(len(self.names))
        # A branch in which nothing is left drops out, and the others share its weight.
        keep = np.flatnonzero(possible)
        cell = [self.cell[i] for i in keep]
        weights = update(possible[keep] / possible.sum(), log[self.reading[keep]], cell)
        return np.bincount(self.reading[keep], weights, len(self.names))

    def stated(self, weights: Mapping[str, Mapping[str, float]]) -> Array:
        """Return the stated weight of each combination, with other weights for some readings."""
        found = np.ones(len(self.prior))
        for name, reading in self.model.readings.items():
            said = weights.get(name, reading.weights)
            total = math.fsum(said.get(option, 0.0) for option in reading.options)
            for place, one in enumerate(self.model.combinations()):
                found[place] *= said.get(one.choice[name], 0.0) / total
        return found

    def under(
        self,
        weights: Mapping[str, Mapping[str, float]],
        given: Mapping[str, Interval],
        hold_readings: bool = False,
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Return weights (reading,) of the readings, and the draws (fit, draw) that are left.

        Held, a reading keeps the weight that it has without `given`, if it has draws left.
        """
        kept = np.ones((int(self.fits.max()) + 1, self.target.shape[1]), dtype=bool)
        for name, (low, high) in given.items():
            values = self.quantities[name]
            kept &= (values >= (-np.inf if low is None else low)) & (
                values <= (np.inf if high is None else high)
            )
        if not hold_readings:
            return self.weigh(self.stated(weights), kept), kept
        held = self.weigh(self.stated(weights), np.ones_like(kept))
        held *= kept.any(axis=1)[self.fits]
        return held / (held.sum() or 1.0), kept

    def pooled(self, of_readings: Array, kept: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Return the target's draws of all readings with weight, and weights that sum to one."""
        spoken = np.flatnonzero(of_readings)
        parts = [self.target[i][kept[self.fits[i]]] for i in spoken]
        shares = [
            np.full(len(part), of_readings[i] / len(part))
            for i, part in zip(spoken, parts, strict=True)
        ]
        return np.concatenate([*parts, []]), np.concatenate([*shares, []])


def reweight(
    fit: xr.DataTree | Draws,
    *,
    weights: Mapping[str, Mapping[str, float]] | None = None,
    given: Mapping[str, Interval] | None = None,
    between: Interval | None = None,
    hold_readings: bool = False,
) -> Reweighted:
    """Weigh the draws anew: other weights of readings, or quantities that lie in ranges.

    Parameters
    ----------
    fit : what `estimates.fit` returned, or its `Draws`
    weights : by reading the stated weight of each option, on any scale; an option that is not
        named has none.  The claims move them as they move the model's own.
    given : by basic unknown the interval that it is supposed to lie in, in its unit; None is no end
    between : the range to compare with, in the target's unit
    hold_readings : whether `given` leaves the readings their weights, as `hold_readings` of
        `estimates.whatif` does

    Returns
    -------
    Reweighted: the headline target's median and 90 % interval, the readings' weights, and how many
    independent draws that is worth; without numbers below 400.

    Raises
    ------
    InputError : unknown names, weights that are no weights, an empty interval, or a target that
        some reading says nothing of

    See Also
    --------
    whatif : fits anew
    explore : the same with sliders

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> net = est.reweight(fit, weights={"wage": {"net": 1}})
    >>> {weight for name, weight in net.readings.items() if "gross" in name}
    {0.0}
    """
    draws = fit if isinstance(fit, Draws) else Draws.of(fit)
    if draws is None:
        raise InputError([Fault("some reading says nothing of the target, so it has no mixture")])
    _check(draws.model, weights or {}, given or {})
    of_readings, kept = draws.under(weights or {}, given or {}, hold_readings)
    counts = kept.sum(axis=1)[draws.fits]
    spoken = np.flatnonzero(of_readings)
    per_draw = np.zeros(kept.shape)  # of the readings of one fit together: they share its draws
    for place in spoken:
        per_draw[draws.fits[place]] += of_readings[place] / counts[place]
    squares = float(np.sum(per_draw[kept] ** 2))
    effective = draws.share / squares if squares else 0.0
    readings = dict(zip(draws.names, map(float, of_readings), strict=True))
    target = draws.model.targets[0]
    return Reweighted(
        effective,
        None if effective < FEWEST else _numbers(draws, of_readings, kept, between),
        readings,
        words_for(draws.model, target),
        str(draws.model.unit_of(target)),
        between,
    )


def _numbers(
    draws: Draws, weights: Array, kept: NDArray[np.bool_], between: Interval | None
) -> Weighed:
    spoken = np.flatnonzero(weights)
    parts = [draws.target[i][kept[draws.fits[i]]] for i in spoken]
    values, each = draws.pooled(weights, kept)
    pooled = WeightedDraws(values, each)
    q05, q25, median, q75, q95 = map(pooled.quantile, QUANTILES.values())
    numbers = Weighed(q05=q05, q25=q25, median=median, q75=q75, q95=q95)
    if between is None:
        return numbers
    low = -math.inf if between[0] is None else between[0]
    high = math.inf if between[1] is None else between[1]

    def sides(of: Array, by: Array) -> tuple[float, float, float]:
        below, above = float(by[of < low].sum()), float(by[of > high].sum())
        return below, 1.0 - below - above, above

    conventions = draws.model.conventions
    sides_of_all = sides(values, each)
    whole = verdict(*sides_of_all, conventions)
    said = [verdict(*sides(part, np.full(len(part), 1 / len(part))), conventions) for part in parts]
    apart = divided(said, weights[spoken], conventions)
    below, inside, above = sides_of_all
    return replace(
        numbers,
        below=below,
        inside=inside,
        above=above,
        verdict="divided" if apart else whole,
    )


def _check(
    model: Model, weights: Mapping[str, Mapping[str, float]], given: Mapping[str, Interval]
) -> None:
    faults = []
    for name, options in weights.items():
        if name not in model.readings:
            hint = did_you_mean(name, model.readings)
            faults.append(Fault(f"no reading '{name}' in the model{hint}"))
            continue
        there = model.readings[name].options
        faults += [
            Fault(f"reading '{name}' has no option '{option}'{did_you_mean(option, there)}")
            for option in options
            if option not in there
        ]
        stated = list(options.values())
        if not all(math.isfinite(w) and w >= 0 for w in stated) or not sum(stated) > 0:
            faults.append(Fault(f"weights of '{name}' must be at least 0, and not all 0"))
    for name, (low, high) in given.items():
        prior = model.quantities[name].prior if name in model.quantities else None
        if prior is None or isinstance(prior, FixedValue):
            hint = did_you_mean(name, model.quantities)
            faults.append(Fault(f"no basic unknown '{name}' in the model{hint}"))
        elif low is not None and high is not None and not low < high:
            faults.append(Fault(f"'{name}' cannot lie between {low:g} and {high:g}"))
    if faults:
        raise InputError(faults)


def _flat(values: NDArray[Any]) -> Array:
    """Draws (reading, chain, draw) with the chains one after another."""
    return np.asarray(values, dtype=float).reshape(len(values), -1)
