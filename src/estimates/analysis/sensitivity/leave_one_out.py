"""Leave one out: the answer refitted without each claim, source, origin and speaker."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from estimates.analysis.sensitivity.view import View
from estimates.inference.fitting import Change
from estimates.inference.jobs import Progress, Workers
from estimates.inference.refit import refit
from estimates.model import Model

_EXACT = 1e-12  # of the largest draw: what differs by less is rounding
UNITS = ("claim", "source", "origin", "speaker")


def leave_out(
    view: View, seed: int, workers: Workers | None, progress: Progress | None
) -> list[dict[str, Any]]:
    """A row each, the largest shift of the median first.

    Rows: `without` (what kind), `name`, `claims`; the target's `median`, `q05`, `q95` and
    `mcse_median` without them; `shift` of the median and its `shift_se`; `shift_sd`, the same in
    posterior sds (of the logarithm, where the target is positive); `weights` of the options then;
    `weight_shift`, the largest change of one; `failed`, why the refit must not be trusted.
    """
    groups = groups_of(view.model)
    sets = list(dict.fromkeys(claims for _, _, claims in groups))
    changes = [Change(", ".join(sorted(claims)), without=claims) for claims in sets]
    found = refit(view.model, changes, seed=seed, workers=workers, progress=progress)
    answers = dict(zip(sets, found, strict=True))
    width = _width(view)
    base = view.base
    before = _options(view)
    rows = []
    for kind, name, claims in groups:
        refitted = answers[claims]
        now = refitted.targets[view.name]
        shift = _difference(now["median"], base["median"])
        errors = [now["mcse_median"], base["mcse_median"]]
        known = shift is not None and None not in errors
        rows.append(
            {
                "without": kind,
                "name": name,
                "claims": sorted(claims),
                **{key: now[key] for key in ("median", "q05", "q95", "mcse_median")},
                "shift": shift,
                "shift_se": math.hypot(*errors) if known else None,  # type: ignore[arg-type]
                "shift_sd": _in_sds(view, now["median"], base["median"], width),
                "weights": {axis: dict(options) for axis, options in refitted.weights.items()},
                "weight_shift": _largest(before, refitted.weights),
                "failed": list(refitted.failed),
            }
        )
    return sorted(rows, key=weight, reverse=True)


def weight(row: Mapping[str, Any]) -> float:
    """How far leaving it out moves the answer: in sds, or in its unit where it has no sd."""
    shift = row["shift"] if row["shift_sd"] is None else row["shift_sd"]
    return abs(shift or 0.0)


def groups_of(model: Model) -> list[tuple[str, str, frozenset[str]]]:
    """Kind, name and claims of everything that can be left out.

    A source, origin or speaker that has all of the claims is none: nothing would be left.
    """
    evidence = [use.id for use in model.uses if not use.held_out]
    found = [("claim", claim, frozenset({claim})) for claim in evidence]
    for kind in UNITS[1:]:
        members: dict[str, set[str]] = {}
        for claim in evidence:
            name = getattr(model.ledger.claims[claim], kind)
            if name:
                members.setdefault(str(name), set()).add(claim)
        found += [
            (kind, name, frozenset(claims))
            for name, claims in members.items()
            if len(claims) < len(evidence)
        ]
    return found


def _width(view: View) -> float:
    """The posterior sd of the target (or of its logarithm), mixed over readings."""
    if not view.everywhere:
        return 0.0
    values = view.scaled(view.mixed())
    largest = float(np.abs(values).max()) or 1.0  # whose square might overflow
    spread = float((values / largest).std())
    return spread * largest if spread > _EXACT else 0.0


def _in_sds(view: View, now: float | None, then: float | None, width: float) -> float | None:
    if now is None or then is None or not width:
        return None
    if view.logarithmic:
        return math.log(now / then) / width if now > 0 else None
    return (now - then) / width


def _difference(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else now - then


def _options(view: View) -> dict[str, dict[str, float]]:
    return {
        axis: {name: option["posterior"] for name, option in found["options"].items()}
        for axis, found in json.loads(view.fit.attrs["options"]).items()
    }


def _largest(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]
) -> dict[str, Any] | None:
    """The option whose weight changes most."""
    changes: list[dict[str, Any]] = [
        {"reading": axis, "option": option, "before": then, "after": after[axis][option]}
        for axis, options in before.items()
        for option, then in options.items()
        if axis in after and option in after[axis]
    ]
    return max(changes, key=lambda one: abs(one["after"] - one["before"])) if changes else None
