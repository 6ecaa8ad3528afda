"""All of the sensitivity analyses of one target, and what they come to in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import xarray as xr

from estimates._util.format import brief
from estimates._util.parts import Parts, check
from estimates.analysis.result import Analysis, head
from estimates.analysis.sensitivity.leave_one_out import leave_out, weight
from estimates.analysis.sensitivity.power_scaling import power_scaling
from estimates.analysis.sensitivity.regional import FEWEST, regional
from estimates.analysis.sensitivity.shapley import UNEXPLAINED, between_and_within, shapley
from estimates.analysis.sensitivity.sobol import prior_indices
from estimates.analysis.sensitivity.tornado import tornado
from estimates.analysis.sensitivity.view import View
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.language.phrases import asked, compared, spoken

#: What each table is called, as a part of the answer.
_TABLES = {
    "tornado": "how far the answer moves with each quantity",
    "variance": "how much of the variance lies between readings",
    "shapley": "the share of the variance of each quantity",
    "sobol": "the Sobol indices of the prior",
    "power_scaling": "how far the answer leans on each claim",
    "leave_one_out": "the answer without each claim",
    "region": "what holds where the answer is inside the cited range",
}

type Row = Mapping[str, Any]


def sensitivity(
    fit: xr.DataTree,
    target: str | None = None,
    *,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """What a target hangs on: quantities, readings, claims, sources.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    target : one of the model's targets (the first, if not said)
    workers, progress : of the refits that leave claims out, as in `fit`

    Returns
    -------
    Analysis with the tables `tornado`, `variance`, `shapley`, `sobol`, `power_scaling`,
    `leave_one_out` and `region`; see the module of each.  A table is empty where its question has
    no answer, and `notes` says why; one that could not be made is in `broken` too.

    Raises
    ------
    InputError : where the model has no such target
    """
    view = View.of(fit, target)
    seed = int(fit.attrs["seed"])
    engine = Engine(view.model, seed=seed)
    makers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "tornado": lambda: tornado(view),
        "variance": lambda: between_and_within(view),
        "shapley": lambda: shapley(view),
        "sobol": lambda: prior_indices(view, engine),
        "power_scaling": lambda: power_scaling(view, engine),
        "leave_one_out": lambda: leave_out(view, seed, workers, progress),
        "region": lambda: regional(view),
    }
    parts, tables = Parts(), {}
    for name, work in makers.items():
        check()
        tables[name] = parts.make(_TABLES[name], work) or []
    failed = [
        f"without {row['without']} {row['name']}: {sentence}"
        for row in tables["leave_one_out"]
        for sentence in row["failed"]
    ]
    return Analysis(
        {
            **head(fit, sentence(view, tables), list(dict.fromkeys(failed))),
            "target": view.target,
            "label": view.title,
            "unit": view.unit,
            "base": {key: view.base[key] for key in ("median", "q05", "q95", "mcse_median")},
            "cited": [
                {"claim": figure.claim.id, "low": low, "high": high}
                for figure in view.cited
                for low, high in [view.in_target_unit(figure)]
            ],
            "labels": {
                name: view.model.quantities[name].label or spoken(name) for name in view.unknown
            },
            "readings": [
                {"reading": view.label(i), "weight": float(view.weights[i])} for i in view.usable
            ],
            "scale": "log" if view.logarithmic else "identity",
            **tables,
            "notes": [*(one.sentence for one in parts.broken), *notes(view, tables)],
            "broken": [one.document() for one in parts.broken],
        }
    )


def sentence(view: View, tables: Mapping[str, Sequence[Row]]) -> str:
    """Which reading or quantity, and which claim, carry the answer, and by how much."""
    name = view.title
    parts = []
    leading = _leading(view, tables)
    if leading is not None:
        what, share, of = leading
        parts.append(f"what decides {name} most is {what}: {_percent(share)} of {of}")
    removed = [row for row in tables["leave_one_out"] if row["shift"] is not None]
    claims = [row for row in removed if row["without"] == "claim"]
    if claims:
        first = max(claims, key=weight)
        then = first["median"] - first["shift"]
        if abs(first["shift"]) > 2 * (first["shift_se"] or 0.0):
            parts.append(
                f"the claim that carries it is ‘{first['name']}’: without it the median would be "
                f"{_amounts(view, first['median'], then)}"
            )
        else:
            parts.append("no single claim, left out, moves its median beyond Monte Carlo error")
    if not parts:
        return f"No claim and no reading bears on {name}."
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + "."


def _leading(view: View, tables: Mapping[str, Sequence[Row]]) -> tuple[str, float, str] | None:
    """The reading axis or quantity with the largest share of the whole variance."""
    scale = "the variance of its logarithm" if view.logarithmic else "its variance"
    within = [row["share"] for row in tables["variance"] if row["part"] == "within"]
    candidates: dict[str, float] = {}
    for row in tables["variance"]:
        if row["part"] == "axis":
            question = view.model.readings[row["name"]].question
            words = asked(question, row["name"])
            candidates[f"the answer to {words}" if question else words] = row["share"]
    labels = [view.label(i) for i in view.usable]
    for row in tables["shapley"]:
        weight = within[labels.index(row["reading"])] if within else 0.0
        key = view.model.quantities[row["quantity"]].label or row["quantity"]
        candidates[key] = candidates.get(key, 0.0) + weight * row["share"]
    if not candidates:
        return None
    what = max(candidates, key=lambda key: candidates[key])
    return what, candidates[what], scale


def notes(view: View, tables: Mapping[str, Sequence[Row]]) -> list[str]:
    """Why a table is empty, or to be read with care."""
    found = []
    if not view.everywhere:
        found.append(
            f"{view.target} is no number under some reading that has weight, so there is no "
            "mixture of it; each reading stands for itself"
        )
    if not view.usable:
        found.append("no reading under which the target can be analysed")
    elif not tables["sobol"]:
        found.append(
            "no Sobol indices: they need independent quantities, and a target that is finite "
            "everywhere under the prior; the Shapley effects hold for dependent ones"
        )
    worst = max((row["unexplained"] for row in tables["shapley"]), default=0.0)
    if worst > UNEXPLAINED:
        found.append(
            f"the regression behind the Shapley effects leaves {_percent(worst)} of a variance "
            "unexplained: the target bends too sharply for polynomials, take them as rough"
        )
    few = {
        (row["claim"], row["region"], round(row["effective_draws"]))
        for row in tables["region"]
        if row["effective_draws"] < FEWEST
    }
    found += [
        f"{count} effective draws lie {region} {claim}: too few to say what drives the target there"
        for claim, region, count in sorted(few)
    ]
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _amounts(view: View, value: float, instead_of: float) -> str:
    """`US$166 instead of US$137 a month`."""
    times = 100 if view.unit == "share" else 1
    shown = tuple(brief(times * one) for one in (value, instead_of))
    return compared(shown, view.unit, " instead of ")
