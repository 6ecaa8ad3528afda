"""What the figures draw, taken once from a finished fit: answers by reading, and comparisons.

A row is what one line of a figure shows: a reading, or several that a quantity does not tell
apart.  An axis of the readings that makes no difference to it is folded; where there are more
rows than a figure holds, so is an axis that makes hardly any, and of what is left the lightest
rows are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.comparison import comparison_document, verdict
from estimates.expression import NUMPY_OPS, Interval, evaluate, names
from estimates.figures.words import spoken
from estimates.files import load_json
from estimates.model import BoundClaim, FixedValue, Model
from estimates.readings import Distinct, distinct_readings
from estimates.summary import WeightedDraws, summary
from estimates.units import Unit

Array = NDArray[np.float64]
#: Rows that a figure holds.
MOST_ROWS = 12
#: Medians nearer than this part of a 90 % interval make hardly any difference.
_HARDLY = 0.1


@dataclass(frozen=True)
class Row:
    """One line of a figure.

    Attributes
    ----------
    label : option by axis, in words, without the axes that make no difference
    members : indices of the readings in it
    share : weight of each member within the row
    weight, low, high : of the row, and the range that moving the priors gives it (an outer
        bound where several readings are one row)
    draws : (member, draw)
    median, q05, q95 : of the draws
    error : Monte Carlo error of the median, as far as known
    """

    label: Mapping[str, str]
    members: tuple[int, ...]
    share: Array
    weight: float
    low: float
    high: float
    draws: Array
    median: float
    q05: float
    q95: float
    error: float | None

    @property
    def text(self) -> str:
        """`gross, share, china`."""
        return ", ".join(self.label.values())


@dataclass(frozen=True)
class Rows:
    """The rows of one quantity, smallest median first, and what they do not show.

    Attributes
    ----------
    axes : names of the readings that tell the rows apart
    folded : names of those that make a small difference, drawn together
    left_out, weight_left_out : how many rows are not shown, and their weight
    silent : how many readings say nothing of the quantity, or could not be computed
    """

    rows: tuple[Row, ...]
    axes: tuple[str, ...]
    folded: tuple[str, ...]
    left_out: int
    weight_left_out: float
    silent: int


@dataclass(frozen=True)
class Against:
    """A row beside a cited figure."""

    below: float
    inside: float
    above: float
    verdict: str


@dataclass(frozen=True, eq=False)
class Findings:
    """A fit as the figures need it; make it once with `of` and hand it to each of them."""

    fit: xr.DataTree
    model: Model

    @staticmethod
    def of(fit: xr.DataTree | Findings) -> Findings:
        """Of what `estimates.fit` returned, or what this has made of it before."""
        if isinstance(fit, Findings):
            return fit
        return Findings(fit, load_json(fit.attrs["model"]))

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The `fit --json` document."""
        return summary(self.fit)

    @cached_property
    def comparisons(self) -> list[dict[str, Any]]:
        """The entries of the `compare --json` document, cited figures held out."""
        if not self.model.compare:
            return []
        return list(comparison_document(self.fit, "held-out")["comparisons"])

    @cached_property
    def readings(self) -> tuple[Distinct, ...]:
        """The distinct readings, in the order of the fit."""
        return distinct_readings(self.model)

    @cached_property
    def weights(self) -> Array:
        """Posterior weight of each reading."""
        return np.asarray(self._readings["posterior"].values, dtype=float)

    @cached_property
    def told_apart(self) -> tuple[str, ...]:
        """The readings whose weights the evidence moves."""
        axes = [self.model.axes_of(use.value) for use in self.model.uses if not use.held_out]
        bearing = frozenset().union(*axes)
        return tuple(a for a, reading in self.model.readings.items() if reading.update and a in bearing)

    def option_weights(self) -> dict[str, dict[str, tuple[float, float, float]]]:
        """Weight of each option that the evidence bears on, and the range that the prior gives it.

        Combinations of one option move together, so their ranges are added up; where evidence
        tells several readings apart, that is an outer bound.
        """
        return {
            axis: {
                option: self._weight_range(
                    [i for i, one in enumerate(self.readings) if one.label[axis] == option]
                )
                for option in self.model.readings[axis].options
            }
            for axis in self.told_apart
        }

    def _weight_range(self, members: Sequence[int]) -> tuple[float, float, float]:
        """Weight of some readings together and its range; none where they move against each other."""
        index = list(members)
        weight, low, high = (
            float(self._readings[f"posterior{end}"].values[index].sum()) for end in ("", "_low", "_high")
        )
        labels = {tuple(self.readings[i].label[axis] for axis in self.told_apart) for i in members}
        return (weight, low, high) if len(labels) == 1 or len(self.told_apart) > 1 else (weight, weight, weight)

    @cached_property
    def prior_weights(self) -> Array:
        """Stated weight of each reading."""
        return np.asarray(self._readings["prior"].values, dtype=float)

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Which readings have converged."""
        return np.asarray(self._readings["status"].values == "ok")

    @cached_property
    def _readings(self) -> xr.Dataset:
        return self.fit["readings"].to_dataset()

    @cached_property
    def _values(self) -> Mapping[str, Array]:
        return _flat(self.fit["by_reading"].to_dataset())

    @cached_property
    def _prior_values(self) -> Mapping[str, Array]:
        return _flat(self.fit["prior_by_reading"].to_dataset())

    # What can be drawn ------------------------------------------------------------------------

    def values(self, name: str) -> Array:
        """Posterior draws (reading, draw) of a quantity or target; nan where not to be shown."""
        return np.where(self.usable[:, None], self._values[name], np.nan)

    def prior_values(self, name: str) -> Array:
        """Prior draws (reading, draw)."""
        return self._prior_values[name]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every quantity with draws: basic ones, relations, and targets that are expressions."""
        return tuple(self._values)

    def claimed(self, use: BoundClaim) -> Array:
        """Posterior draws (reading, draw) of what a claim is about, in the claim's unit."""
        env = {name: self.values(name) for name in names(use.value)}
        found = np.asarray(evaluate(use.value, env, NUMPY_OPS), dtype=float)
        return np.broadcast_to(found, (len(self.readings), *found.shape[-1:]))

    def claimed_support(self, use: BoundClaim) -> Interval:
        """Where that can lie."""
        model = self.model
        factor = model.units.factor(model.unit_of(use.about), model.units.parse(use.unit))
        support = model.support_of(use.about)
        return Interval(support.low * factor, support.high * factor)

    def label(self, name: str) -> str:
        """A quantity's label, or its name in words; an expression as it is written."""
        if name not in self.names:
            return name
        label = str(self._attrs(name)["label"])
        return spoken(name) if label == name else label

    def unit(self, name: str) -> Unit:
        """A quantity's unit."""
        return self.model.units.parse(str(self._attrs(name)["unit"]))

    def support(self, name: str) -> Interval:
        """Where a quantity can lie."""
        return self.model.support_of(name)

    def constant(self, name: str) -> bool:
        """Is it a known constant?"""
        quantity = self.model.quantities.get(name)
        return quantity is not None and isinstance(quantity.prior, FixedValue)

    def prior_only(self, name: str) -> bool:
        """Does no claim inform it under any reading?"""
        return all(
            one["quantities"][name]["prior_only"]
            for one, weight in zip(self.summary["readings"], self.weights, strict=True)
            if weight > 0
        )

    def _attrs(self, name: str) -> Mapping[str, Any]:
        attrs: Mapping[str, Any] = self.fit["by_reading"].to_dataset()[name].attrs
        return attrs

    # Rows -------------------------------------------------------------------------------------

    def rows(
        self,
        values: Array,
        natural: Callable[[Array], Array],
        most: int = MOST_ROWS,
        *,
        alike: float = 0.0,
    ) -> Rows:
        """The rows that show draws (reading, draw); `natural` maps them to an unbounded scale.

        Axes that move no quantile by more than the part `alike` of a 90 % interval are folded
        however few the rows are.
        """
        spoken_of = np.flatnonzero(np.isfinite(values).all(axis=1) & (self.weights > 0))
        groups = [(dict(self.readings[i].label), (int(i),)) for i in spoken_of]
        axes = [a for a in self.model.readings if len({g[0][a] for g in groups}) > 1]
        for axis in list(axes):
            merged = _fold(groups, axis, lambda i, j: bool(np.array_equal(values[i], values[j])))
            if merged is not None:
                groups = merged
                axes.remove(axis)
        folded = []
        if alike or len(groups) > most:
            near = _nearness(natural(values[spoken_of]), spoken_of, max(alike, _HARDLY))
            for axis in list(axes):
                merged = _fold(groups, axis, near)
                if merged is not None:
                    groups = merged
                    axes.remove(axis)
                    folded.append(axis)
        rows = [self._row({a: label[a] for a in axes}, members, values) for label, members in groups]
        heaviest = sorted(rows, key=lambda row: -row.weight)[:most]
        left = len(rows) - len(heaviest)
        return Rows(
            tuple(sorted(heaviest, key=lambda row: row.median)),
            tuple(axes),
            tuple(folded),
            left,
            sum(row.weight for row in rows) - sum(row.weight for row in heaviest) if left else 0.0,
            len(self.readings) - len(spoken_of),
        )

    def together(self, values: Array) -> Row | None:
        """All readings, by their weight; None where one of weight is not to be shown."""
        members = np.flatnonzero(self.weights > 0)
        shown = [int(i) for i in members if np.isfinite(values[i]).all()]
        if self.weights[shown].sum() < 0.999:
            return None
        return self._row({}, tuple(shown), values)

    def _row(self, label: Mapping[str, str], members: tuple[int, ...], values: Array) -> Row:
        index = list(members)
        weights = self.weights[index]
        share = weights / weights.sum()
        draws = values[index]
        pooled = WeightedDraws(draws, share)
        return Row(
            {axis: self._option(axis, option) for axis, option in label.items()},
            members,
            share,
            *self._weight_range(members),
            draws,
            *(pooled.quantile(p) for p in (0.5, 0.05, 0.95)),
            error=None,
        )

    def _option(self, axis: str, option: str) -> str:
        options = self.model.readings[axis].options
        parts = [options[one].label or spoken(one) for one in option.split("|")]
        return " or ".join(parts)

    # Cited figures ----------------------------------------------------------------------------

    def cited(self, target: str | None = None) -> list[BoundClaim]:
        """The held-out claims, or those about one target."""
        return [
            use
            for use in self.model.uses
            if use.held_out and (target is None or str(use.about) == target)
        ]

    def ends(self, claim: str) -> tuple[float | None, float | None]:
        """Low and high of a cited figure, in its own unit; None for an open side."""
        entry = next(e for e in self.comparisons if e["claim"] == claim)
        return entry["low"], entry["high"]

    def against(self, claim: str, row: Row, *, mixture: bool = False) -> Against | None:
        """Where a row lies beside a cited figure; None where that cannot be computed."""
        entries = [e for e in self.comparisons if e["claim"] == claim]
        if mixture:
            found = next(e for e in entries if e["reading"] is None)
            if found["verdict"] is None:
                return None
            return Against(*(found[key] for key in ("below", "inside", "above", "verdict")))
        parts = [entries[i] for i in row.members]
        if any(part["verdict"] is None for part in parts):
            return None
        below, inside, above = (
            float(row.share @ [part[key] for part in parts]) for key in ("below", "inside", "above")
        )
        word = parts[0]["verdict"]
        if len(parts) > 1:
            word = verdict(below, inside, above, self.model.conventions)
        return Against(below, inside, above, word)


def _flat(group: xr.Dataset) -> dict[str, Array]:
    """Draws of each quantity as (reading, draw), chains joined."""
    return {
        str(name): np.asarray(value.values, dtype=float).reshape(value.sizes["reading"], -1)
        for name, value in group.items()
    }


type _Group = tuple[dict[str, str], tuple[int, ...]]


def _fold(
    groups: Sequence[_Group], axis: str, same: Callable[[int, int], bool]
) -> list[_Group] | None:
    """The groups without an axis, if all that differ in it alone are the same; else None."""
    merged: dict[tuple[str, ...], _Group] = {}
    for label, members in groups:
        rest = {a: option for a, option in label.items() if a != axis}
        key = tuple(rest.values())
        if key not in merged:
            merged[key] = (rest, members)
        elif same(merged[key][1][0], members[0]):
            merged[key] = (rest, merged[key][1] + members)
        else:
            return None
    return list(merged.values())


def _nearness(
    on_scale: Array, indices: Iterable[int], part: float
) -> Callable[[int, int], bool]:
    """Do the 5, 50 and 95 % quantiles of two readings differ by less than a part of an interval?"""
    ends = dict(zip(indices, np.quantile(on_scale, (0.05, 0.5, 0.95), axis=1).T, strict=True))

    def near(i: int, j: int) -> bool:
        width = max(ends[i][2] - ends[i][0], ends[j][2] - ends[j][0])
        return bool(np.abs(ends[i] - ends[j]).max() <= part * width)

    return near
