"""What the analyses look at: a target's draws beside those of the quantities that make it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import rankdata

from estimates.analysis.cited import Cited
from estimates.analysis.fit_view import FitView
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.grids import draws_of
from estimates.inference.result import Statistics
from estimates.inference.statistics import mixture_of
from estimates.language.expression import names
from estimates.language.phrases import counted
from estimates.model.dimensions import variable
from estimates.model.panel.lookup import known_names, one_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A fit and one of its targets.

    Attributes
    ----------
    whole : the fit
    mixture : its draws mixed over readings, and what these say of the claims
    target : as the model writes it
    cells : whether each cell of a quantity over dimensions stands by itself
    """

    whole: FitView
    mixture: xr.DataTree
    target: str
    cells: bool = False

    @classmethod
    def of(cls, fit: xr.DataTree, target: str | None = None, *, cells: bool = False) -> View:
        """Return a view of a target, by default the first.

        Raises
        ------
        InputError : where the model has no such target
        """
        whole = FitView.of(fit)
        targets = whole.model.targets
        if target is None:
            target = targets[0]
        elif (target := one_of(whole.model.panel, target, targets)) not in targets:
            hint = did_you_mean(target, known_names(whole.model.panel, targets))
            message = f"no target '{target}' in the model{hint}"
            raise InputError([Fault(message)])
        return cls(whole, fit, target, cells)

    @cached_property
    def name(self) -> str:
        """The name of the target's variable in the fit."""
        return variable(self.target)

    @cached_property
    def usable(self) -> tuple[int, ...]:
        """The readings that have weight, and under which the target is a number."""
        whole = self.whole
        return tuple(
            i
            for i in np.flatnonzero(whole.usable & (whole.weights > 0)).tolist()
            if np.isfinite(self.draws(i)).all()
        )

    @property
    def everywhere(self) -> bool:
        """Whether the target is a number under every reading that has weight."""
        return set(np.flatnonzero(self.whole.weights > 0)) <= set(self.usable)

    @cached_property
    def logarithmic(self) -> bool:
        """Whether the target is positive, so that its variance is that of its logarithm."""
        return all(np.all(self.draws(i) > 0) for i in self.usable)

    def draws(self, reading: int, quantity: str | None = None) -> Array:
        """Draws (chain, draw) of a quantity, or the target, under a reading."""
        return self.whole.draws(quantity or self.name)[reading]

    def mixed(self) -> Array:
        """Draws (chain, draw) of the target, mixed over readings."""
        return draws_of(self.mixture, "posterior", self.whole.model)[self.name]

    @cached_property
    def densities(self) -> tuple[dict[str, Array], NDArray[np.int64]]:
        """The log density (chain, draw) of each claim, and the mixture's draws that these are of.

        Where claims are very many these are not all draws; without any claim there are none.
        """
        if "log_likelihood" not in self.mixture.children:
            return {}, np.zeros(0, dtype=np.int64)
        likelihood = self.mixture["log_likelihood"].to_dataset()["claims"]
        named = enumerate(map(str, likelihood["claim"].values))
        found = {name: likelihood.values[..., place] for place, name in named}
        return found, likelihood["draw"].values

    @cached_property
    def mixed_reading(self) -> NDArray[np.int64]:
        """The reading that each mixed draw comes from, (chain, draw)."""
        return np.asarray(self.mixture["sample_stats"].to_dataset()["reading"].values)

    def scaled(self, values: Array) -> Array:
        """Return the draws whose variance is shared out: logs where the target is positive."""
        return np.log(values) if self.logarithmic else values

    def inputs(self, reading: int) -> tuple[str, ...]:
        """Return the unknown basic quantities that the target is computed from under a reading."""
        model = self.whole.model
        made_of = model.resolve(self.target, self.whole.readings[reading].choice)
        if made_of is None:
            return ()
        used = names(made_of)
        return tuple(
            name
            for name in model.quantities
            if name in used and name != self.target and np.ptp(self.draws(reading, name)) > 0
        )

    def quantity(self, name: str) -> str:
        """Return what a row is about: the quantity that a cell belongs to, or the cell itself."""
        return name if self.cells else self.whole.model.panel.quantity(name)

    def groups(self, reading: int) -> dict[str, tuple[str, ...]]:
        """Return the inputs under a reading, the cells of a quantity together."""
        return self._grouped(self.inputs(reading))

    def _grouped(self, names_: Iterable[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name in names_:
            key = self.quantity(name)
            found[key] = (*found.get(key, ()), name)
        return found

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """The unknowns to be shown one by one: of a quantity the cell that goes most with it."""
        groups = self._grouped(self.unknown)
        if len(groups) == len(self.unknown):
            return self.unknown
        heaviest = max(self.usable, key=lambda i: float(self.whole.weights[i]))
        target = rankdata(self.draws(heaviest))

        def strength(name: str) -> float:
            ranks = rankdata(self.draws(heaviest, name))
            return 0.0 if np.ptp(ranks) == 0 else abs(float(np.corrcoef(ranks, target)[0, 1]))

        return tuple(max(members, key=strength) for members in groups.values())

    @cached_property
    def labels(self) -> dict[str, str]:
        """The words for whatever rows are about; of cells together how many they are."""
        found = {name: self.whole.title(name) for name in self.unknown}
        for name, members in self._grouped(self.unknown).items():
            if name not in found:
                count = len(members)
                found[name] = f"{self.whole.title(name)} ({counted(count, 'cell')})"
        return found

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The basic quantities that the target is computed from under any usable reading."""
        found = {name for i in self.usable for name in self.inputs(i)}
        return tuple(name for name in self.whole.model.quantities if name in found)

    def label(self, reading: int) -> dict[str, str]:
        """Return the options of a reading, by axis."""
        return dict(self.whole.readings[reading].label)

    def under(self, axis: str, option: str) -> list[int]:
        """Return the usable readings with this option of an axis.

        One in which an option makes no difference bears several, joined.
        """
        return [i for i in self.usable if option in self.whole.readings[i].label[axis].split("|")]

    @cached_property
    def base(self) -> Statistics:
        """Statistics of the target, mixed over readings."""
        whole = self.whole
        draws = whole.draws(self.name)
        return mixture_of(draws, whole.weights, whole.fits, whole.simulated)

    @cached_property
    def cited(self) -> tuple[Cited, ...]:
        """The figures that the target is compared with."""
        return tuple(map(self.whole.yardstick, self.whole.cited(self.target)))
