"""The answer beside the cited figure, which is held out: it moves neither answer nor weights.

For each reading and for their mixture: where the answer lies, by what factor it misses, and
whether the two could be the same number.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.compare.cited import Cited, cited, to_scale
from estimates.analysis.compare.pooling import (
    Pooled,
    answers,
    held_out,
    independent,
    redundant,
    sides,
)
from estimates.analysis.verdict import Sides, divided, mixed, only_just, possible, verdict
from estimates.errors import Fault, InputError
from estimates.inference.engine import Engine
from estimates.inference.question import Condition
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings
from estimates.model.io import load_json
from estimates.stats.kde import kernel_density
from estimates.stats.model_weights import cells, update
from estimates.stats.weighted import quantiles

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
#: P(below) and P(above) a range, by its two ends.
type Beside = Callable[[float | None, float | None], Sides]
POOLS = ("held-out", "independent", "redundant")
#: What an entry says, in its stable order; then what only some entries say.
_NUMBERS = (
    *("median", "q05", "q95", "below", "inside", "above"),
    *("mcse_median", "mcse_q05", "mcse_q95", "mcse_below", "mcse_inside", "mcse_above"),
    *("ratio", "factor_to_edge", "overlap", "conflict_p", "verdict", "only_just"),
    *("difference", "difference_to_edge"),
)
_KEYS = (
    *("claim", "reading", "weight", "low", "high", "unit"),
    *_NUMBERS,
    *("conflict_p_range", "note"),
)


def compare(fit: xr.DataTree, pool: str | None = None) -> pd.DataFrame:
    """The comparison as a table, one row a cited figure and reading, and one for the mixture.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    pool : `held-out` (default), `independent` or `redundant`; None follows the model

    Returns
    -------
    DataFrame; `attrs["units"]` gives the unit of each cited figure.
    """
    return comparison_table(comparison_document(fit, pool))


def comparison_table(document: Mapping[str, Any]) -> pd.DataFrame:
    """The document of a comparison as a table."""
    import pandas as pd

    rows = []
    for entry in document["comparisons"]:
        flat = {key: value for key, value in entry.items() if key not in ("ratio", "difference")}
        reading = entry["reading"]
        flat["reading"] = "mixture" if reading is None else ", ".join(reading.values())
        for kind in ("ratio", "difference"):
            for name, value in (entry[kind] or {}).items():
                flat[f"{kind}_{name}"] = value
        rows.append(flat)
    frame = pd.DataFrame(rows)
    frame.attrs["units"] = {entry["claim"]: entry["unit"] for entry in document["comparisons"]}
    frame.attrs["pool"] = document["pool"]
    return frame


def comparison_document(fit: xr.DataTree, pool: str | None = None) -> dict[str, Any]:
    """The document that `estimates compare --json` prints (docs/commands.md, JSON).

    Parameters
    ----------
    fit : what `estimates.fit` returned
    pool : how cited figures are admitted, `held-out`, `independent` or `redundant`; as the model
        declares of each if left out

    Returns
    -------
    dict; `comparisons` has an entry for each cited figure and reading, and one for their mixture.
    It is empty where no figure is held out.

    Raises
    ------
    InputError : where `pool` is no way of pooling
    """
    if pool is not None and pool not in POOLS:
        raise InputError([Fault(f"unknown pool {pool!r}: it is {', '.join(POOLS)}")])
    model = load_json(fit.attrs["model"])
    figures = [(cited(use, model.conventions), use.pool) for use in model.uses if use.held_out]
    pools = {pool or declared or "held-out" for _, declared in figures} or {pool or "held-out"}
    comparisons = [
        entry
        for figure, declared in figures
        for entry in _Comparison(fit, model, figure, pool or declared or "held-out").entries()
    ]
    return {
        "format": 1,
        "model": fit.attrs["slug"],
        "pool": pools.pop() if len(pools) == 1 else "as declared",
        "comparisons": comparisons,
    }


@dataclass(frozen=True)
class _Comparison:
    """One cited figure beside the answer, pooled one way."""

    fit: xr.DataTree
    model: Model
    figure: Cited
    pool: str

    def entries(self) -> list[dict[str, Any]]:
        readings = self.fit["readings"].to_dataset()
        distinct = distinct_readings(self.model)
        pooled = [self._pooled(i, one.choice, readings) for i, one in enumerate(distinct)]
        weights = self._weights(pooled, distinct, readings)
        labelled = [
            self._entry(p, _alone(p), float(weight)) | {"reading": dict(one.label)}
            for p, weight, one in zip(pooled, weights, distinct, strict=True)
        ]
        together = self._mixture(pooled, weights)
        simulated = _simulated(readings, weights)

        def all_of_them(low: float | None, high: float | None) -> Sides:
            known = [None if p is None else sides(p, low, high) for p in pooled]
            return mixed(known, weights, readings["fit"].values, simulated)

        mixture = self._entry(together, all_of_them, None if together is None else 1.0)
        if len(distinct) > 1:
            self._divide(mixture, labelled, weights)
        if together is not None:
            low, high = self.figure.low, self.figure.high
            known = [None if p is None else sides(p, low, high) for p in pooled]
            mixture["only_just"] = only_just(
                known, weights, simulated, all_of_them(low, high), self.model.conventions
            )
        return [
            {key: entry[key] for key in _KEYS if key in entry} for entry in [*labelled, mixture]
        ]

    def _pooled(self, number: int, choice: Any, readings: xr.Dataset) -> Pooled | None:
        if readings["status"].values[number] != "ok":
            return None
        group = self.fit["by_reading"].to_dataset().isel(reading=number)
        values = {str(name): value.values.ravel() for name, value in group.items()}
        chains = group.sizes["chain"]
        draws = answers(self.model, self.figure, values, choice)
        if np.isnan(draws).any():
            return None
        if self.pool == "held-out":
            return held_out(draws, chains)
        draws_, tune, chains = json.loads(self.fit.attrs["sampling"])
        sampling = Sampling(draws=draws_, tune=tune, chains=chains)
        engine = functools.partial(_engine, self.fit.attrs["model"], int(self.fit.attrs["seed"]))
        said = frozenset(
            use.id
            for use in self.model.uses
            if not use.held_out and self.model.resolve(use.value, choice) is not None
        )
        question = Condition(choice, said)
        if self.pool == "redundant":
            return redundant(draws, self.figure, engine, question, sampling)
        log_evidence = float(readings["log_evidence"].values[number])
        return independent(draws, self.figure, engine, question, sampling, log_evidence)

    def _weights(
        self, pooled: Sequence[Pooled | None], distinct: Sequence[Distinct], readings: xr.Dataset
    ) -> Array:
        weights = readings["posterior"].values
        if self.pool != "independent" or any(p is None for p in pooled):
            return np.asarray(weights)
        combinations = self.model.combinations()
        log = np.empty(len(combinations))
        for number, (one, part) in enumerate(zip(distinct, pooled, strict=True)):
            assert part is not None
            log[list(one.members)] = readings["log_evidence"].values[number] + part.log_multiplier
        held = [name for name, reading in self.model.readings.items() if not reading.update]
        prior = np.array([c.weight for c in combinations])
        found = update(prior, log, cells([c.choice for c in combinations], held))
        return np.array([found[list(one.members)].sum() for one in distinct])

    def _mixture(self, pooled: Sequence[Pooled | None], weights: Array) -> Pooled | None:
        """All readings together; None where one that matters cannot be computed."""
        if any(p is None and w >= 1e-3 for p, w in zip(pooled, weights, strict=True)):
            return None
        parts = [(p, w) for p, w in zip(pooled, weights, strict=True) if p is not None]
        total = sum(w for _, w in parts)
        return Pooled(
            np.concatenate([p.values for p, _ in parts]),
            np.concatenate([p.weights * w / total for p, w in parts]),
            0.0,
        )

    def _entry(self, pooled: Pooled | None, beside: Beside, weight: float | None) -> dict[str, Any]:
        """Of a reading or the mixture; `beside` tells where it lies beside a range."""
        figure = self.figure
        entry: dict[str, Any] = {
            "claim": figure.claim.id,
            "reading": None,
            "weight": weight,
            "low": figure.low,
            "high": figure.high,
            "unit": figure.claim.unit,
        }
        if pooled is None:
            nothing = dict.fromkeys(_NUMBERS)
            return entry | nothing | {"note": "not computable: no draws near"}
        levels = {"median": 0.5, "q05": 0.05, "q95": 0.95}
        ends = dict(
            zip(
                levels,
                quantiles(pooled.values, list(levels.values()), pooled.weights).tolist(),
                strict=True,
            )
        )
        errors: dict[str, float] = {}
        for name, level in levels.items():
            of = beside(ends[name], None).below_se
            around = max(level - of, 0.0), min(level + of, 1.0)
            low, high = quantiles(pooled.values, around, pooled.weights).tolist()
            errors[f"mcse_{name}"] = (high - low) / 2
        known = beside(figure.low, figure.high)
        conventions = self.model.conventions
        return entry | {
            **ends,
            **errors,
            "below": known.below,
            "inside": known.inside,
            "above": known.above,
            "mcse_below": known.below_se,
            "mcse_inside": known.inside_se,
            "mcse_above": known.above_se,
            **_relative(figure, ends["q05"], ends["median"], ends["q95"]),
            "overlap": _overlap(pooled, figure),
            "conflict_p": _conflict(pooled, figure),
            "verdict": verdict(known.below, known.inside, known.above, conventions),
            "only_just": len(possible(known, conventions)) > 1,
        }

    def _divide(
        self, mixture: dict[str, Any], entries: list[dict[str, Any]], weights: Array
    ) -> None:
        """Opposite conflicts cancel in a mixture, and verdicts may differ: say so instead."""
        found = [e["conflict_p"] for e in entries if e["conflict_p"] is not None]
        mixture["conflict_p"] = None
        mixture["conflict_p_range"] = [min(found), max(found)] if found else None
        if divided([e["verdict"] for e in entries], weights, self.model.conventions):
            mixture["verdict"] = "divided"


def _alone(pooled: Pooled | None) -> Beside:
    """Of one reading, if it can be computed."""

    def beside(low: float | None, high: float | None) -> Sides:
        assert pooled is not None
        return sides(pooled, low, high)

    return beside


def _simulated(readings: xr.Dataset, weights: Array) -> Array:
    """(simulation, reading) weights under their own error; pooled ones err as those they were."""
    before = readings["posterior"].values
    moved = np.divide(weights, before, out=np.zeros_like(weights), where=before > 0)
    simulated = readings["weight_simulated"].values * moved
    return np.asarray(simulated / simulated.sum(axis=1, keepdims=True))


@functools.lru_cache(maxsize=4)
def _engine(model_json: str, seed: int) -> Engine:
    return Engine(load_json(model_json), seed=seed)


def _relative(figure: Cited, q05: float, median: float, q95: float) -> dict[str, Any]:
    """Ratios to the centre and to the nearest edge; on the identity scale differences."""
    edge = median
    if figure.low is not None and median < figure.low:
        edge = figure.low
    elif figure.high is not None and median > figure.high:
        edge = figure.high
    ends = {"q05": q05, "median": median, "q95": q95}
    if figure.scale.name == "identity":
        difference = None
        if figure.centre is not None:
            difference = {name: value - figure.centre for name, value in ends.items()}
        return {
            "ratio": None,
            "factor_to_edge": None,
            "difference": difference,
            "difference_to_edge": edge - median,
        }
    ratio = None
    if figure.centre is not None:
        ratio = {name: value / figure.centre for name, value in ends.items()}
    return {
        "ratio": ratio,
        "factor_to_edge": edge / median,
        "difference": None,
        "difference_to_edge": None,
    }


def _overlap(pooled: Pooled, figure: Cited) -> float | None:
    """∫ min of the two densities on the claim's scale: 1 the same, 0 apart."""
    on_scale = to_scale(figure.scale, pooled.values)
    if figure.density(np.zeros(1)) is None or not np.isfinite(on_scale).all():
        return None
    if np.ptp(on_scale) == 0:
        return 0.0
    grid, answer = kernel_density(on_scale, pooled.weights)
    other = figure.density(grid)
    assert other is not None
    return float(np.clip(np.trapezoid(np.minimum(answer, other), grid), 0.0, 1.0))


def _conflict(pooled: Pooled, figure: Cited) -> float | None:
    """2·min(P(δ>0), P(δ<0)), δ = g(answer) − g(cited).

    Marshall & Spiegelhalter 2007 (Bayesian Analysis 2:409); the cited figure's own uncertainty
    is integrated in closed form for each draw.
    """
    exceeded = figure.probability_exceeded(to_scale(figure.scale, pooled.values))
    if exceeded is None or not np.isfinite(exceeded).all():
        return None
    above = float(pooled.weights @ exceeded)
    return float(np.clip(2 * min(above, 1 - above), 0.0, 1.0))
