"""What came of the cells of a model's variants, as one document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from estimates.analysis.compare.cited import cited
from estimates.analysis.multiverse.effects import main_effects, shares
from estimates.analysis.multiverse.job import Found
from estimates.analysis.multiverse.sentences import sentence
from estimates.analysis.multiverse.specifications import Plan
from estimates.analysis.multiverse.width_flips import LIMIT
from estimates.model import BoundClaim, Model
from estimates.model.combinations import distinct_readings


def document(
    model: Model,
    target: str,
    made: Plan,
    found: Sequence[Found],
    seed: int,
    weight_rows: list[dict[str, Any]],
    width_rows: list[dict[str, Any]],
) -> dict[str, Any]:
    """What `multiverse` came to, as its command prints it."""
    declared = model.quantities.get(target) or model.relations.get(target)
    about = [use for use in model.uses if use.held_out and str(use.about) == target]
    body: dict[str, Any] = {
        "target": target,
        "label": (declared.label if declared else "") or target,
        "unit": model.units.show(model.unit_of(target)),
        "axes": [
            {
                "axis": axis.name,
                "label": axis.label or axis.name,
                "base": axis.base,
                "options": [
                    {"option": name, "label": one.label or name, "because": one.because}
                    for name, one in axis.options.items()
                ],
            }
            for axis in made.axes
        ],
        "total": made.total,
        "fitted": sum(not one.failed for one in found),
        "cited": [_cited(model, target, use) for use in about],
        "cited_elsewhere": [
            {"claim": use.id, "about": str(use.about)}
            for use in model.uses
            if use.held_out and use not in about
        ],
        "verdicts": [{"claim": use.id, **shares(found, use.id)} for use in about],
        "readings": _by_reading(model, about, found),
        "effects": main_effects(made, found),
        "width_limit": LIMIT,
        "weight_flips": weight_rows,
        "width_flips": width_rows,
        "cells": [_cell(made, number, one) for number, one in enumerate(found)],
    }
    failed = _failed(made, found)
    return {
        "format": 1,
        "model": model.slug,
        "seed": seed,
        "digest": model.digest,
        "converged": not failed,
        "failed": failed,
        "sentence": sentence(body),
        **body,
    }


def _cited(model: Model, target: str, use: BoundClaim) -> dict[str, Any]:
    """The ends of a cited figure, in its own unit and in the target's."""
    figure = cited(use, model.conventions)
    factor = model.units.factor(model.units.parse(use.unit), model.unit_of(target))
    low, high = (None if end is None else end * factor for end in (figure.low, figure.high))
    return {
        "claim": use.id,
        "says": str(use.wording),
        "low": figure.low,
        "high": figure.high,
        "unit": use.unit,
        "target_low": low,
        "target_high": high,
    }


def _by_reading(
    model: Model, about: Sequence[BoundClaim], found: Sequence[Found]
) -> list[dict[str, Any]]:
    """In how many cells each reading alone has each verdict; none where there is one reading."""
    distinct = distinct_readings(model)
    if len(distinct) < 2:
        return []
    rows = []
    for use in about:
        told = [one.cited[use.id] for one in found if use.id in one.cited]
        said = [one["readings"] for one in told if one["pool"] == "held-out"]
        for number, reading in enumerate(distinct):
            verdicts = [one[number] for one in said]
            rows.append(
                {
                    "claim": use.id,
                    "reading": dict(reading.label),
                    "counts": {
                        name: verdicts.count(name)
                        for name in ("below", "straddles", "consistent", "above")
                    },
                    "without": verdicts.count(None),
                }
            )
    return rows


def _cell(made: Plan, number: int, one: Found) -> dict[str, Any]:
    names = ("median", "q05", "q95", "mcse_median", "mcse_q05", "mcse_q95")
    levels = zip(made.axes, made.cells[number].levels, strict=True)
    return {
        "cell": number,
        "base": made.cells[number].base,
        "options": {axis.name: level for axis, level in levels},
        **{name: one.target.get(name) for name in names},
        "weights": {axis: dict(options) for axis, options in one.weights.items()},
        "cited": {
            claim: {key: value for key, value in said.items() if key != "readings"}
            for claim, said in one.cited.items()
        },
        "failed": list(one.failed),
    }


def _failed(made: Plan, found: Sequence[Found]) -> list[str]:
    """How many cells failed, and why."""
    failed = [number for number, one in enumerate(found) if one.failed]
    if not failed:
        return []
    sentences = [f"{len(failed)} of {len(found)} cells failed, and count for nothing"]
    for number in failed:
        ways = ", ".join(made.cells[number].levels)
        sentences += [f"cell {number} ({ways}): {one}" for one in found[number].failed]
    return sentences
