"""The whole answer again under changes: a claim left out, a width or a number changed.

Every refit is exact: all readings are fitted anew through the same compiled model, with evidence,
weights and diagnostics of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from estimates._util.html import line, table
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept, thinned_rows
from estimates.inference.fitting import Change, fit_readings
from estimates.inference.jobs import Job, Progress, Workers, sweep
from estimates.inference.program import Fixed, Latents, variable
from estimates.inference.sampling import Sampling
from estimates.inference.summary import mixed_statistics
from estimates.model import Model
from estimates.stats.weighted import WeightedDraws

if TYPE_CHECKING:
    import pandas as pd

#: A median known to some 3 % of its sd is enough to see what a claim does.
SAMPLING = Sampling(draws=500, tune=300)

_CURVE = 200

type Unit = Literal["claim", "source", "origin", "speaker"]


@dataclass(frozen=True)
class Refit:
    """The answer under one change.

    Attributes
    ----------
    label : of the change
    targets : by target the statistics of the mixture over readings (see `summary`)
    readings : per reading its label and weight, and by target the median, q05, q95 and `curve`,
        the quantiles at (i + 1/2)/200
    weights : by reading and option the posterior weight
    failed : why it must not be trusted, a sentence each; empty where it may be
    """

    label: str
    targets: Mapping[str, Mapping[str, float | None]]
    readings: Sequence[Mapping[str, Any]]
    weights: Mapping[str, Mapping[str, float]]
    failed: tuple[str, ...]

    def _repr_html_(self) -> str:
        keys = ("median", "q05", "q95", "mcse_median")
        rows = [
            [name, *("" if one[key] is None else f"{one[key]:.4g}" for key in keys)]
            for name, one in self.targets.items()
        ]
        broken = line(f"Not to be trusted: {'; '.join(self.failed)}.") if self.failed else ""
        return broken + table(("target", *keys), rows, self.label)


@dataclass(frozen=True)
class _Item:
    change: Change
    sampling: Sampling


def refit(
    model: Model,
    changes: Sequence[Change],
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> list[Refit]:
    """The answer under each change, each fitted anew with its own diagnostics.

    Parameters
    ----------
    changes : what is to be otherwise, one refit each
    sampling : of each fit; by default a quarter of the draws that `fit` makes
    seed, workers, progress : as in `fit`

    Raises
    ------
    InputError : where a change names a claim, a constant, a basic unknown or a reading that the
        model has not, or pins an unknown at what it cannot be
    """
    engine = Engine(model, seed=model.seed if seed is None else seed)
    faults = [fault for change in changes for fault in _unknown(engine, change)]
    if faults:
        raise InputError(faults)
    items = [_Item(change, sampling or SAMPLING) for change in changes]
    found = sweep(engine, _REFIT, items, workers, progress)
    # A stored answer knows what was changed, not what the change is called now.
    return [replace(one, label=c.label) for one, c in zip(found, changes, strict=True)]


def leave_one_out(
    model: Model,
    by: Unit = "claim",
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Each claim (source, origin, speaker) refitted away: the headline target without it.

    Returns
    -------
    DataFrame, first with nothing left out: `without`, `median`, `q05`, `q95`, `mcse_median`,
    `shift` (of the median) and `converged`; `attrs["target"]` and `attrs["unit"]` say of what.
    """
    import pandas as pd

    groups: dict[str, set[str]] = {}
    for use in model.uses:
        if not use.held_out:
            claim = model.ledger.claims[use.id]
            name = use.id if by == "claim" else getattr(claim, by)
            if name:
                groups.setdefault(str(name), set()).add(use.id)
    changes = [Change("nothing")]
    changes += [Change(name, without=frozenset(claims)) for name, claims in groups.items()]
    found = refit(model, changes, seed=seed, sampling=sampling, workers=workers, progress=progress)
    target = model.targets[0]
    rows = []
    for one in found:
        numbers = one.targets[variable(target)]
        middle, base = numbers["median"], found[0].targets[variable(target)]["median"]
        known = middle is not None and base is not None
        rows.append(
            {
                "without": one.label,
                **{key: numbers[key] for key in ("median", "q05", "q95", "mcse_median")},
                "shift": middle - base if known else None,  # type: ignore[operator]
                "converged": not one.failed,
            }
        )
    frame = pd.DataFrame(rows)
    frame.attrs |= {"target": target, "unit": model.units.show(model.unit_of(target))}
    return frame


def _unknown(engine: Engine, change: Change) -> list[Fault]:
    claims = [claim.id for claim in engine.observations.claims]
    named = [*change.without, *change.admitted, *change.widened, *change.spoken]
    constants = [n for step in engine.steps if isinstance(step, Fixed) for n in step.members]
    unknowns = [n for step in engine.steps if isinstance(step, Latents) for n in step.members]
    readings = engine.model.readings
    faults = [
        Fault(f"no {what} '{name}' in the model{did_you_mean(name, there)}")
        for what, asked, there in (
            ("claim", named, claims),
            ("known constant", change.fixed, constants),
            ("basic unknown", change.pinned, unknowns),
            ("reading", change.certain, list(readings)),
        )
        for name in asked
        if name not in there
    ]
    for name, option in change.certain.items():
        if name in readings and option not in readings[name].options:
            hint = did_you_mean(option, readings[name].options)
            faults.append(Fault(f"reading '{name}' has no option '{option}'{hint}"))
    for name, value in change.pinned.items():
        reach = engine.model.support_of(name) if name in unknowns else None
        if reach is not None and not reach.low < value < reach.high:
            between = f"strictly between {reach.low:g} and {reach.high:g}"
            faults.append(Fault(f"'{name}' cannot be {value:g}: by its prior it lies {between}"))
    return faults


def _run(engine: Engine, item: _Item) -> Refit:
    model, engine = engine.model, engine.pinning(item.change.pinned)
    fitted = fit_readings(
        model,
        sampling=item.sampling,
        change=item.change,
        ranges=False,
        engine=engine,
        workers=Workers(count=1),
    )
    drawn = [
        engine.values(fitted.answers[r.fit].draws.points, r.choice, item.change.fixed)
        for r in fitted.readings
    ]
    names = [variable(target) for target in model.targets]
    fewest = min(next(iter(values.values())).shape[1] for values in drawn)
    kept = min(fewest, draws_kept(model, item.sampling))
    weights = fitted.weights
    fits = np.array([r.fit for r in fitted.readings])
    targets, readings = {}, []
    for name in names:
        stacked = np.stack([thinned_rows(values[name], kept) for values in drawn])
        targets[name] = mixed_statistics(stacked, weights.mean, fits, weights.simulated)
    for reading, weight, values in zip(fitted.readings, weights.mean, drawn, strict=True):
        ends = {name: _ends(values[name]) for name in names}
        readings.append(
            {"reading": dict(reading.distinct.label), "weight": float(weight), "targets": ends}
        )
    options = {
        axis: {name: option.posterior for name, option in found.items()}
        for axis, found in fitted.options.items()
    }
    return Refit(item.change.label, targets, readings, options, fitted.failed)


def _ends(values: Any) -> dict[str, Any]:
    if not np.all(np.isfinite(values)):
        return dict.fromkeys(("q05", "median", "q95", "curve"))
    draws = WeightedDraws(values, np.ones(1))
    ends = {"q05": 0.05, "median": 0.5, "q95": 0.95}
    curve = draws.quantiles((np.arange(_CURVE) + 0.5) / _CURVE)
    return {key: draws.quantile(p) for key, p in ends.items()} | {
        "curve": [float(f"{one:.7g}") for one in curve]
    }


def _describe(item: _Item) -> dict[str, Any]:
    change = asdict(item.change)
    change |= {key: sorted(change[key]) for key in ("without", "admitted")}
    del change["label"]
    return {"change": change, "sampling": asdict(item.sampling)}


def _decode(content: bytes) -> Refit:
    said = json.loads(content)
    said["failed"] = tuple(said["failed"])
    return Refit(**said)


_REFIT: Job[_Item, Refit] = Job(
    kind="refit",
    run=_run,
    describe=_describe,
    encode=lambda found: json.dumps(asdict(found), allow_nan=False).encode(),
    decode=_decode,
    label=lambda item: item.change.label or "refit",
)
