"""What the analyses look at: a target's draws beside those of the quantities that make it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.cited import Cited, cited
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.program import variable
from estimates.inference.result import Statistics
from estimates.inference.summary import mixture_of
from estimates.language.expression import names
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings
from estimates.model.io import load_json

Array = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A fit and one of its targets.

    Attributes
    ----------
    fit : what `estimates.fit` returned
    model : its model
    target : as the model writes it
    """

    fit: xr.DataTree
    model: Model
    target: str

    @classmethod
    def of(cls, fit: xr.DataTree, target: str | None = None) -> View:
        """A view of a target (of the first, if none is named).

        Raises
        ------
        InputError : where the model has no such target
        """
        model = load_json(fit.attrs["model"])
        if target is None:
            target = model.targets[0]
        elif target not in model.targets:
            message = f"no target '{target}' in the model{did_you_mean(target, model.targets)}"
            raise InputError([Fault(message)])
        return cls(fit, model, target)

    @cached_property
    def name(self) -> str:
        """Of the target's variable in the fit."""
        return variable(self.target)

    @cached_property
    def unit(self) -> str:
        """Of the target."""
        return self.model.units.show(self.model.unit_of(self.target))

    @cached_property
    def readings(self) -> tuple[Distinct, ...]:
        """In the order in which the fit holds them."""
        return distinct_readings(self.model)

    @cached_property
    def fits(self) -> NDArray[np.int64]:
        """The fit that each reading's draws come from, (reading,)."""
        return np.asarray(self.fit["readings"].to_dataset()["fit"].values)

    @cached_property
    def weights(self) -> Array:
        """Posterior weights of the readings, (reading,)."""
        return np.asarray(self.fit["readings"]["posterior"].values)

    @cached_property
    def simulated(self) -> Array:
        """The weights under their own Monte Carlo error, (simulation, reading)."""
        return np.asarray(self.fit["readings"]["weight_simulated"].values)

    @cached_property
    def usable(self) -> tuple[int, ...]:
        """Readings that have weight, and under which the target is a number."""
        status = self.fit["readings"].to_dataset()["status"].values
        return tuple(
            i
            for i in range(len(self.readings))
            if status[i] == "ok" and self.weights[i] > 0 and np.isfinite(self.draws(i)).all()
        )

    @property
    def everywhere(self) -> bool:
        """Whether the target is a number under every reading that has weight."""
        return set(np.flatnonzero(self.weights > 0)) <= set(self.usable)

    @cached_property
    def logarithmic(self) -> bool:
        """Whether the target is positive, so that its variance is that of its logarithm."""
        return all(np.all(self.draws(i) > 0) for i in self.usable)

    def draws(self, reading: int, quantity: str | None = None) -> Array:
        """Draws (chain, draw) of a quantity, or the target, under a reading."""
        values = self.fit["by_reading"][quantity or self.name].isel(reading=reading).values
        return np.asarray(values, dtype=float)

    def mixed(self, quantity: str | None = None) -> Array:
        """Draws (chain, draw) of a quantity, or the target, mixed over readings."""
        return np.asarray(self.fit["posterior"][quantity or self.name].values, dtype=float)

    @cached_property
    def mixed_reading(self) -> NDArray[np.int64]:
        """The reading that each mixed draw comes from, (chain, draw)."""
        return np.asarray(self.fit["posterior"]["reading"].values)

    def scaled(self, values: Array) -> Array:
        """The target's draws as their variance is shared out: logs where all are positive."""
        return np.log(values) if self.logarithmic else values

    def inputs(self, reading: int) -> tuple[str, ...]:
        """Unknown basic quantities that the target is computed of under a reading (not itself)."""
        made_of = self.model.resolve(self.target, self.readings[reading].choice)
        if made_of is None:
            return ()
        used = names(made_of)
        return tuple(
            name
            for name in self.model.quantities
            if name in used and name != self.target and np.ptp(self.draws(reading, name)) > 0
        )

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Basic quantities that the target is computed of under any usable reading."""
        found = {name for i in self.usable for name in self.inputs(i)}
        return tuple(name for name in self.model.quantities if name in found)

    def label(self, reading: int) -> dict[str, str]:
        """Option by axis."""
        return dict(self.readings[reading].label)

    def under(self, axis: str, option: str) -> list[int]:
        """The usable readings in which an axis is read so.

        One in which an option makes no difference bears several, joined.
        """
        return [i for i in self.usable if option in self.readings[i].label[axis].split("|")]

    @cached_property
    def base(self) -> Statistics:
        """Statistics of the target, mixed over readings."""
        draws = np.stack([self.draws(i) for i in range(len(self.readings))])
        return mixture_of(draws, self.weights, self.fits, self.simulated)

    @cached_property
    def title(self) -> str:
        """The target in words."""
        declared = self.model.relations.get(self.target) or self.model.quantities.get(self.target)
        return (declared.label if declared else "") or self.target

    @cached_property
    def cited(self) -> tuple[Cited, ...]:
        """The figures that the target is compared with."""
        return tuple(
            cited(use, self.model.conventions)
            for use in self.model.uses
            if use.held_out and str(use.about) == self.target
        )

    def in_target_unit(self, figure: Cited) -> tuple[float | None, float | None]:
        """The ends of a cited figure in the unit of the target."""
        units = self.model.units
        given = units.parse(figure.claim.unit) if figure.claim.unit else None
        own = self.model.unit_of(self.target)
        factor = 1.0 if given is None else units.factor(given, own)
        low, high = (None if end is None else end * factor for end in (figure.low, figure.high))
        return low, high

    def unit_of(self, quantity: str) -> str:
        """The unit in which the draws of a quantity are."""
        return str(self.fit["posterior"][quantity].attrs["unit"])
