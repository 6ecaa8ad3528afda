"""Sobol indices of the target under the prior, where the quantities are independent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc, sobol_indices
from scipy.stats import t as student

from estimates.analysis.sensitivity.result import SobolRow
from estimates.analysis.sensitivity.view import View
from estimates.inference.engine import Engine
from estimates.inference.forward import quantities, simulate
from estimates.inference.steps import Latents

Array = NDArray[np.float64]
_REPLICATES, _POINTS = 8, 1024
_QUANTILES = 200_000
_COVERAGE = 0.90


class _Quantiles(Protocol):
    """What has a quantile function."""

    def ppf(self, probability: Array) -> Array: ...


@dataclass(frozen=True)
class _Drawn:
    """The quantile function of many draws."""

    ordered: Array

    def ppf(self, probability: Array) -> Array:
        places = (np.arange(len(self.ordered)) + 0.5) / len(self.ordered)
        return np.asarray(np.interp(probability, places, self.ordered))


def prior_indices(view: View, engine: Engine) -> list[SobolRow]:
    """Return first-order and total Sobol indices on the prior, under each reading.

    Saltelli's estimators (Saltelli et al. 2010, Comput Phys Commun 181:259) as SciPy has them, on
    scrambled Sobol points.  Eight independent scramblings give the 90 % intervals (Student's t).

    Nothing where a prior depends on another quantity: such inputs are not independent, and Shapley
    effects are meant for them.
    """
    groups = [step for step in engine.steps if isinstance(step, Latents)]
    if any(group.hierarchical for group in groups) or not groups:
        return []
    members = [name for group in groups for name in group.members]
    owners = list(dict.fromkeys(map(view.quantity, members)))
    together = [owners.index(view.quantity(name)) for name in members]
    latents = simulate(view.whole.model, engine.steps, _QUANTILES, engine.rng("sobol", "quantiles"))
    distributions: list[_Quantiles] = [
        norm if group.plain else _Drawn(np.sort(row))
        for group in groups
        for row in latents[group.name]
    ]
    rows: list[SobolRow] = []
    for reading in view.usable:
        inputs = view.inputs(reading)
        if len(members) == 1:
            rows += [_row(view.label(reading), name, _ALL, _ALL) for name in inputs]
            continue
        choice = view.whole.readings[reading].choice

        def output(points: Array, choice: Mapping[str, str] = choice) -> Array:
            start, parts = 0, {}
            for group in groups:
                parts[group.name] = points[start : start + group.size]
                start += group.size
            count = points.shape[1]
            found = quantities(
                view.whole.model, engine.steps, parts, choice, count, constrained=True
            )[view.name]  # fmt: skip
            return view.scaled(found)

        first, total = [], []
        for replicate in range(_REPLICATES):
            rng = engine.rng("sobol", f"{reading} {replicate}")
            with np.errstate(all="ignore"):
                if together == list(range(len(members))):
                    found = sobol_indices(func=output, n=_POINTS, dists=distributions, rng=rng)
                else:
                    outputs = _of_groups(output, distributions, together, rng)
                    found = sobol_indices(func=outputs, n=_POINTS)
            first.append(found.first_order)
            total.append(found.total_order)
        if not (np.isfinite(first).all() and np.isfinite(total).all()):
            continue  # the target is not finite everywhere under the prior
        one, with_others = _summary(first), _summary(total)
        for name in dict.fromkeys(map(view.quantity, inputs)):
            k = owners.index(name)
            rows.append(_row(view.label(reading), name, one[k], with_others[k]))
    return rows


def _of_groups(
    output: Callable[[Array], Array],
    distributions: Sequence[_Quantiles],
    together: Sequence[int],
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Return outputs for indices of groups, as Saltelli's matrices with whole groups exchanged.

    Parameters
    ----------
    together : (input,) the group that each input is in
    """
    count = len(distributions)
    drawn = qmc.Sobol(2 * count, rng=rng).random(_POINTS).T
    a, b = (
        np.stack([one.ppf(row) for one, row in zip(distributions, half, strict=True)])
        for half in (drawn[:count], drawn[count:])
    )
    which = np.asarray(together)[:, None]
    mixed = [output(np.where(which == group, b, a)) for group in range(max(together) + 1)]
    return {
        "f_A": output(a)[None],
        "f_B": output(b)[None],
        "f_AB": np.stack(mixed)[:, None],
    }


class _Index(NamedTuple):
    """An index between the ends of its interval."""

    value: float
    low: float
    high: float


_ALL = _Index(1.0, 1.0, 1.0)


def _summary(replicates: list[Array]) -> list[_Index]:
    values = np.array(replicates)
    middle = values.mean(axis=0)
    reach = student.ppf(0.5 + _COVERAGE / 2, _REPLICATES - 1) / math.sqrt(_REPLICATES)
    spread = values.std(axis=0, ddof=1) * reach
    ends = np.stack([middle, middle - spread, middle + spread], axis=1)
    return [_Index(*one) for one in ends.tolist()]


def _row(reading: Mapping[str, str], quantity: str, first: _Index, total: _Index) -> SobolRow:
    return SobolRow(
        reading=reading,
        quantity=quantity,
        first=first.value,
        first_low=first.low,
        first_high=first.high,
        total=total.value,
        total_low=total.low,
        total_high=total.high,
        note=_note(first, total),
    )


def _note(first: _Index, total: _Index) -> str | None:
    """Return what explains an index that is negative, or that its interval leaves open."""
    if first.high - first.low > 0.2:
        return "uncertain: under the prior the target's variance hangs on a few extreme draws"
    if first.value < 0:
        return "negative by chance: a variance share cannot be; take it for 0"
    if first.low < 0:
        return "not told from 0"
    if total.low > first.high + 0.05:
        return "acts with others: its total share is larger than what it does alone"
    return None
