"""The whole answer again under changes: a claim left out, a width or a number changed.

Every refit is exact: all readings are fitted anew through the same compiled model, with evidence,
weights and diagnostics of their own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import plain, read
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept
from estimates.inference.fitting import Change, fit_readings
from estimates.inference.jobs import Job, Progress, Workers, sweep
from estimates.inference.refit_result import Refit, told_of
from estimates.inference.sampling import Sampling
from estimates.inference.steps import Fixed, Latents
from estimates.inference.var_names import CI_PROB, ends_of, interval_names
from estimates.model import Model
from estimates.model.dimensions import variable

if TYPE_CHECKING:
    import pandas as pd

#: A median known to some 3 % of its sd is enough to see what a claim does.
SAMPLING = Sampling(draws=500, tune=300)

type Array = NDArray[np.float64]
type Unit = Literal["claim", "source", "origin", "speaker"]
UNITS: tuple[Unit, ...] = get_args(Unit.__value__)


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
    """Fit a model anew under each change, each time with diagnostics of its own.

    Parameters
    ----------
    model : a checked model (see `estimates.load`)
    changes : what is to be otherwise, one refit each
    seed, workers, progress : as in `fit`
    sampling : of each fit; by default a quarter of the draws that `fit` makes

    Returns
    -------
    A `Refit` for each change, in their order: `targets` (statistics by target, in its unit),
    `readings`, `weights` and `failed`, which is empty where the numbers may be used.

    Raises
    ------
    InputError : where a change names a claim, a constant, a basic unknown or a reading that the
        model has not, or pins an unknown at what it cannot be

    See Also
    --------
    leave_one_out : each claim left out in turn
    whatif : one supposition, with words and pictures
    Change : what can be otherwise

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {"a": est.Claim("around 300 people", about=n, source="A newspaper")}
    >>> model = est.Model({"n": n}, claims=said, targets=["n"])
    >>> quick = est.Sampling(draws=100, tune=100)
    >>> [vaguer] = est.refit(model, [est.Change("vaguer", widened={"a": 2.0})], sampling=quick)
    >>> vaguer.label, list(vaguer.targets)
    ('vaguer', ['n'])
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
    ci_prob: float = CI_PROB,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Refit without each claim (source, origin, speaker): the headline target without it.

    Parameters
    ----------
    model : a checked model (see `estimates.load`)
    by : what is left out together: `claim`, `source`, `origin` or `speaker`
    ci_prob : the probability of the equal-tailed intervals, .9 if left out; others lie between
        200 quantiles that a refit keeps of each reading
    seed, workers, progress : as in `fit`
    sampling : of each fit; by default a quarter of the draws that `fit` makes

    Returns
    -------
    DataFrame, first with nothing left out: `without`, `median`, the interval under ArviZ's names
    (`eti90_lb`, `eti90_ub`), `mcse_median`, `shift` (of the median) and `converged`;
    `attrs["target"]` and `attrs["unit"]` say of what.

    Raises
    ------
    InputError : for a `ci_prob` that is none

    See Also
    --------
    sensitivity : the same rows, beside all else that the target depends on
    refit : any other change

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {"a": est.Claim("around 300 people", about=n, source="A newspaper")}
    >>> model = est.Model({"n": n}, claims=said, targets=["n"])
    >>> quick = est.Sampling(draws=100, tune=100)
    >>> list(est.leave_one_out(model, sampling=quick)["without"])
    ['nothing', 'a']
    """
    import pandas as pd

    ends_of(ci_prob)
    changes = [Change("nothing")]
    changes += [Change(name, without=frozenset(ids)) for name, ids in members(model, by).items()]
    found = refit(model, changes, seed=seed, sampling=sampling, workers=workers, progress=progress)
    target = model.targets[0]
    whole, *_ = answers = [one.targets[variable(target)] for one in found]
    rows = [
        {
            "without": one.label,
            "median": now.median,
            **dict(zip(interval_names(ci_prob), one.interval(target, ci_prob), strict=True)),
            "mcse_median": now.mcse_median,
            "shift": difference(now.median, whole.median),
            "converged": not one.failed,
        }
        for one, now in zip(found, answers, strict=True)
    ]
    frame = pd.DataFrame(rows)
    frame.attrs |= {"target": target, "unit": model.units.show(model.unit_of(target))}
    return frame


def difference(now: float | None, then: float | None) -> float | None:
    """Return the difference of two numbers; None where one of them is none."""
    return None if now is None or then is None else now - then


def members(model: Model, by: Unit) -> dict[str, list[str]]:
    """Return the evidence claims, by their own names or by what they have in common."""
    found: dict[str, list[str]] = {}
    for use in model.uses:
        if not use.held_out:
            claim = model.ledger.claims[use.id]
            names = {
                "claim": use.id,
                "source": claim.source,
                "origin": claim.origin,
                "speaker": claim.speaker,
            }
            if names[by]:
                found.setdefault(names[by], []).append(use.id)
    return found


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
    fewest = min(next(iter(values.values())).shape[1] for values in drawn)
    names = [variable(target) for target in model.targets]
    options = {
        axis: {name: option.posterior for name, option in found.items()}
        for axis, found in fitted.options.items()
    }
    return told_of(
        item.change.label,
        [{name: values[name] for name in names} for values in drawn],
        [reading.distinct.label for reading in fitted.readings],
        fitted.weights,
        np.array([r.fit for r in fitted.readings]),
        options,
        fitted.failed,
        min(fewest, draws_kept(model, item.sampling)),
    )


_REFIT: Job[_Item, Refit] = Job(
    kind="refit",
    run=_run,
    describe=lambda item: {
        "change": {
            name: sorted(one) if isinstance(one, frozenset) else one
            for name, one in asdict(item.change).items()
            if name != "label"
        },
        "sampling": asdict(item.sampling),
    },
    encode=lambda found: json.dumps(plain(found), allow_nan=False).encode(),
    decode=lambda content: read(Refit, json.loads(content)),
    label=lambda item: item.change.label or "refit",
)
