"""One view of a fit: draws by reading and their weights, and what is known of its model.

Of a finished fit as of fits that were just made: whoever asks about draws asks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.inference.by_reading import ByReading, Rows
from estimates.inference.fit_job import draws_kept, thinned_rows
from estimates.inference.fitting import Fitted
from estimates.inference.grids import dataset, draws_of, wanted
from estimates.inference.origin import Origin, model_of
from estimates.inference.posterior import attributes
from estimates.inference.program import names_of
from estimates.inference.result import Axis, OptionWeight, Statistics
from estimates.inference.sampling import Sampling
from estimates.inference.statistics import mixture_of
from estimates.inference.tables import axes_of, options_table, readings_table
from estimates.inference.var_names import FilterVars, VarNames
from estimates.language.phrases import spoken
from estimates.model import BoundClaim, Model
from estimates.model.combinations import Distinct, distinct_readings

Array = NDArray[np.float64]
#: A reading lighter than this may be left out of a mixture where it has no draws.
NEGLIGIBLE = 1e-3
#: What is said of readings of which there are no numbers.
WITHOUT_DRAWS = ("impossible", "negligible, not converged")


def by_reading(
    fit: xr.DataTree,
    var_names: VarNames = None,
    filter_vars: FilterVars = None,
    *,
    group: Literal["posterior", "prior"] = "posterior",
) -> xr.Dataset:
    """Return the draws under each reading, which a fit holds once where readings share them.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    var_names : quantities and targets, one or several; `"~name"` for all but this (all, if left
        out)
    filter_vars : None takes names as they are, `"like"` as parts of names, `"regex"` as regular
        expressions, as in ArviZ
    group : `posterior` or `prior`

    Returns
    -------
    Dataset (reading, chain, draw), in each quantity's own unit; nan where a reading says `nothing`
    of it.  The options of each reading are coordinates, `axis_NAME`.  ArviZ takes it as it
    takes a group.

    Raises
    ------
    InputError : for names that are not in the fit

    See Also
    --------
    fit : whose groups hold the mixture over readings
    summary : the same in numbers

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> draws = est.by_reading(fit, "revenue")
    >>> draws["revenue"].dims
    ('reading', 'chain', 'draw')
    >>> draws["reading"].values.tolist()[0]
    'gross, share, china'
    >>> draws.sel(reading="net, share, china")["revenue"].dims
    ('chain', 'draw')
    >>> draws["revenue"].groupby("axis_wage").mean(...)["axis_wage"].values.tolist()
    ['gross', 'net']
    """
    view = TreeView.of(fit)
    drawn = view.drawn if group == "posterior" else view.before
    names = wanted(view.model, var_names, drawn, filter_vars)
    dims = ("reading", "chain", "draw")
    found = dataset(view.model, {name: drawn[name] for name in names}, dims)
    for name, values in found.items():
        values.attrs = attributes(view.model, str(name))
    return found.assign_coords(view.told.drop_vars("quantity").coords)


@dataclass(frozen=True, eq=False)
class TreeView:
    """A fit: every reading, and their mixture.

    Attributes
    ----------
    drawn, before : by variable its draws (reading, chain, draw), and those of the prior (of a
        finished fit); nan where a reading says nothing of it
    readings : in the order in which everything else has them
    told : (reading,) weights, evidence and status
    axes : the ways to read each phrase, and their weights
    """

    model: Model
    drawn: ByReading
    before: ByReading
    readings: tuple[Distinct, ...]
    told: xr.Dataset
    axes: Mapping[str, Axis]

    @classmethod
    def of(cls, fit: xr.DataTree) -> Self:
        """Return the view of what `estimates.fit` returned.

        Raises
        ------
        InputError : where it is of another form than this version's
        """
        Origin.of(fit)
        model = model_of(fit)
        readings = distinct_readings(model)

        def drawn(group: str, apart: str) -> ByReading:
            there = fit[apart].to_dataset() if apart in fit.children else None
            return ByReading(draws_of(fit, group, model), there, len(readings))

        return cls(
            model,
            drawn("posterior", "by_reading"),
            drawn("prior", "prior_by_reading"),
            readings,
            fit["readings"].to_dataset(),
            axes_of(fit["options"].to_dataset()) if "options" in fit.children else {},
        )

    @classmethod
    def of_fits(cls, found: Fitted, sampling: Sampling) -> Self:
        """Return the view of fits just made."""
        engine = found.engine
        points = [found.answers[one.fit].draws.points for one in found.readings]
        kept = min(draws_kept(engine.model, sampling), *(one.shape[1] for one in points))
        rows = Rows(names_of(engine.model), len(points))
        for number, reading in enumerate(found.readings):
            for name, values in engine.values(points[number], reading.choice).items():
                rows.take(number, name, thinned_rows(values, kept))
        labels = [one.distinct.text for one in found.readings]
        apart = rows.dataset(labels, whole=False)
        return cls(
            engine.model,
            ByReading({}, apart, len(points)),
            ByReading({}, None, 0),
            tuple(one.distinct for one in found.readings),
            readings_table(found),
            axes_of(options_table(found)),
        )

    # Readings -----------------------------------------------------------------------------------

    @cached_property
    def weights(self) -> Array:
        """The posterior weights (reading,)."""
        return np.asarray(self.told["posterior"].values, dtype=float)

    @cached_property
    def stated(self) -> Array:
        """Return the weights (reading,) as the model states them."""
        return np.asarray(self.told["prior"].values, dtype=float)

    @cached_property
    def errors(self) -> Array:
        """The Monte Carlo errors (reading,) of the weights."""
        return np.asarray(self.told["posterior_se"].values, dtype=float)

    @cached_property
    def simulated(self) -> Array:
        """Weights (simulation, reading) drawn under their own error."""
        return np.asarray(self.told["weight_simulated"].values, dtype=float)

    @cached_property
    def fits(self) -> NDArray[np.int64]:
        """The fit (reading,) that each reading's draws come from."""
        return np.asarray(self.told["fit"].values)

    @cached_property
    def log_evidence(self) -> Array:
        """The log marginal likelihoods (reading,)."""
        return np.asarray(self.told["log_evidence"].values, dtype=float)

    @cached_property
    def log_evidence_se(self) -> Array:
        """The Monte Carlo errors (reading,) of the log marginal likelihoods."""
        return np.asarray(self.told["log_evidence_se"].values, dtype=float)

    @cached_property
    def status(self) -> tuple[str, ...]:
        """The status (reading,): `ok`, or what is wrong with a reading's draws."""
        return tuple(map(str, self.told["status"].values))

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Whether each reading's draws may be looked at, (reading,)."""
        return np.array([one == "ok" for one in self.status])

    @cached_property
    def with_draws(self) -> tuple[int, ...]:
        """The readings that have weight and draws, converged or not."""
        there = np.array([one not in WITHOUT_DRAWS for one in self.status])
        return tuple(int(i) for i in np.flatnonzero((self.weights > 0) & there))

    @cached_property
    def weighty(self) -> NDArray[np.bool_]:
        """Whether each reading has any weight, (reading,)."""
        return np.asarray(self.weights > 0)

    def prior_only(self, reading: int, name: str) -> bool:
        """Return whether no claim informs a variable under a reading."""
        return bool(self._prior_only[reading, self._places[name]])

    @cached_property
    def _prior_only(self) -> NDArray[np.bool_]:
        return np.asarray(self.told["prior_only"].values, dtype=bool)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        names = self.told["quantity"].values.tolist()
        return {name: place for place, name in enumerate(names)}

    def place_of(self, choice: Mapping[str, str]) -> int | None:
        """Return the place of the reading that a combination is in; None where it is ruled out."""
        for number, reading in enumerate(self.readings):
            if all(choice[axis] in said.split("|") for axis, said in reading.label.items()):
                return number
        return None

    @property
    def options(self) -> dict[str, Mapping[str, OptionWeight]]:
        """The weight of each option, by axis and option."""
        return {name: axis.options for name, axis in self.axes.items()}

    # Quantities ---------------------------------------------------------------------------------

    def draws(self, name: str) -> Array:
        """Return draws (reading, chain, draw) of a variable; nan where a reading is silent."""
        return self.drawn[name]

    def env(self, reading: int) -> dict[str, Array]:
        """Return the draws (chain, draw) of every variable under one reading."""
        return self.drawn.under(reading)

    def mixture(self, name: str) -> Statistics:
        """Return statistics of a variable over all readings, by their weights."""
        return mixture_of(self.drawn[name], self.weights, self.fits, self.simulated)

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """The numbers of readings, chains and draws."""
        readings, chains, draws = next(iter(self.drawn.values())).shape
        return readings, chains, draws

    def label(self, name: str) -> str:
        """Return a quantity's label, else its name."""
        return attributes(self.model, name)["label"]

    def title(self, name: str) -> str:
        """Return a quantity's label, else its name in words."""
        label = self.label(name)
        return spoken(label) if label == name else label

    def unit(self, name: str) -> str:
        """Return the unit of a quantity's draws."""
        return attributes(self.model, name)["unit"]

    def cited(self, about: str | None = None) -> tuple[BoundClaim, ...]:
        """Return the claims that are held out, of one target or of all."""
        held_out = (use for use in self.model.uses if use.held_out)
        return tuple(use for use in held_out if about is None or str(use.about) == about)
