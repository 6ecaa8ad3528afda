"""The two answers side by side, as rows of a document."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.compare.cited import Cited, cited
from estimates.analysis.verdict import Sides, divided, only_just, verdict
from estimates.analysis.whatif.sides import Side
from estimates.inference.posterior import attributes
from estimates.inference.program import variable
from estimates.model import FixedValue, Model
from estimates.stats.convergence import mcse_mean
from estimates.stats.kde import kernel_density
from estimates.stats.links import SCALES

Array = NDArray[np.float64]
type Row = dict[str, Any]
_SIDES = ("below", "inside", "above")
_SCALES = {"share": "logit", "positive": "log", "real": "identity"}
_TOGETHER = 20  # quantities, so that memory stays bounded
_POINTS, _CUT = 160, (0.005, 0.995)


def target_rows(before: Side, after: Side) -> list[Row]:
    """Each target's median and interval on both sides, and how they differ.

    `ratio` where the target is positive on both sides, always `difference`; each with its Monte
    Carlo error, the two answers' errors being independent.
    """
    rows = []
    for target in before.model.targets:
        name = variable(target)
        base, supposed = before.numbers(name), after.numbers(name)
        about = attributes(before.model, name)
        rows.append(
            {
                "target": target,
                "label": about["label"],
                "unit": about["unit"],
                "base": base,
                "supposed": supposed,
                **_difference(base, supposed),
                **_ratio(base, supposed),
            }
        )
    return rows


def _difference(base: Mapping[str, Any], supposed: Mapping[str, Any]) -> Row:
    if base["median"] is None or supposed["median"] is None:
        return {"difference": None, "mcse_difference": None}
    return {
        "difference": supposed["median"] - base["median"],
        "mcse_difference": math.hypot(base["mcse_median"], supposed["mcse_median"]),
    }


def _ratio(base: Mapping[str, Any], supposed: Mapping[str, Any]) -> Row:
    ends = [side[key] for side in (base, supposed) for key in ("q05", "median")]
    if any(end is None or end <= 0 for end in ends):
        return {"ratio": None, "mcse_ratio": None}
    ratio = supposed["median"] / base["median"]
    relative = (side["mcse_median"] / side["median"] for side in (base, supposed))
    return {"ratio": ratio, "mcse_ratio": ratio * math.hypot(*relative)}


def reading_rows(before: Side, after: Side) -> list[Row]:
    """Every combination of readings: its weight and the headline target under it, on both sides.

    One that is ruled out by what is supposed has the weight 0 there, and no numbers.
    """
    name = variable(before.model.targets[0])
    rows = []
    for number, label in enumerate(before.labels):
        row: Row = {"reading": dict(label), "base": _reading(before, number, name)}
        inside = [i for i, c in enumerate(after.choices) if before.place_of(c) == number]
        row["supposed"] = _reading(after, inside[0], name) if inside else _ruled_out()
        rows.append(row)
    return rows


def _reading(side: Side, number: int, name: str) -> Row:
    weight = {"weight": float(side.weights[number]), "se": float(side.errors[number])}
    return weight | side.under(number, name)


def _ruled_out() -> Row:
    return {"weight": 0.0, "se": 0.0, **dict.fromkeys(("median", "q05", "q95", "mcse_median"))}


def option_rows(before: Side, after: Side) -> list[Row]:
    """The posterior weight of each option of each reading, on both sides."""
    rows = []
    for axis, options in before.options.items():
        for option, (weight, se) in options.items():
            then, error = after.options[axis][option]
            rows.append(
                {
                    "reading": axis,
                    "option": option,
                    "base": weight,
                    "base_se": se,
                    "supposed": then,
                    "supposed_se": error,
                }
            )
    return rows


# The cited figures -------------------------------------------------------------------------------


def compared(before: Side, after: Side) -> list[Row]:
    """Where both answers lie beside each cited figure, which is held out of both."""
    rows = []
    there = {use.id: use for use in after.model.uses if use.held_out}
    for use in before.model.uses:
        if use.held_out:
            one = cited(use, before.model.conventions)
            other = cited(there[use.id], after.model.conventions)
            rows.append(
                {
                    "claim": use.id,
                    "about": str(use.about),
                    "unit": use.unit,
                    "base": _compared(before, one),
                    "supposed": _compared(after, other),
                }
            )
    return rows


def _compared(side: Side, figure: Cited) -> Row:
    row: Row = {"low": figure.low, "high": figure.high}
    found = side.about(figure)
    if found is None:
        nothing = dict.fromkeys(n for s in _SIDES for n in (s, f"mcse_{s}"))
        return row | nothing | {"verdict": None, "only_just": None}
    values, weights = found
    low = -math.inf if figure.low is None else figure.low
    high = math.inf if figure.high is None else figure.high
    events = (values < low, (values >= low) & (values <= high), values > high)
    for name, event in zip(_SIDES, events, strict=True):
        row[name], row[f"mcse_{name}"] = side.chance(event, weights)
    conventions = side.model.conventions
    readings = [
        _alone([event[number] for event in events]) if weight > 0 else None
        for number, weight in enumerate(weights)
    ]
    said = [
        None if one is None else verdict(one.below, one.inside, one.above, conventions)
        for one in readings
    ]
    row["verdict"] = verdict(row["below"], row["inside"], row["above"], conventions)
    if divided(said, weights, conventions):
        row["verdict"] = "divided"
    together = Sides(
        row["below"], row["above"], row["mcse_below"], row["mcse_above"], row["mcse_inside"]
    )
    row["only_just"] = only_just(readings, weights, side.simulated, together, conventions)
    return row


def _alone(events: Sequence[NDArray[np.bool_]]) -> Sides:
    """Of one reading, from below, inside and above of its draws (chain, draw)."""
    errors = [
        0.0 if event.all() or not event.any() else float(mcse_mean(event[None].astype(float))[0])
        for event in events
    ]
    below, _, above = (float(event.mean()) for event in events)
    return Sides(below, above, errors[0], errors[2], errors[1])


# Basic quantities --------------------------------------------------------------------------------


def moved(before: Side, after: Side, values: Mapping[str, float]) -> list[Row]:
    """How far each basic quantity moved, in sds of its base posterior; the furthest first.

    On the logit scale for shares, log for positive quantities, as it stands for others.
    `set` says whether it was set.  A shift is None where the base has no sd (a constant).
    """
    names = [
        name
        for name, one in before.model.quantities.items()
        if name in values or not isinstance(one.prior, FixedValue)
    ]
    rows: list[Row] = []
    for start in range(0, len(names), _TOGETHER):
        rows += _moved(before, after, names[start : start + _TOGETHER], values)
    return sorted(rows, key=lambda row: -abs(row["shift"] or 0.0))


def _moved(
    before: Side, after: Side, names: Sequence[str], values: Mapping[str, float]
) -> list[Row]:
    scales = [_SCALES[before.model.quantities[name].support] for name in names]
    with np.errstate(divide="ignore", invalid="ignore"):
        base, then = (
            side.moments(
                np.stack([_forward(s)(side.values[n]) for n, s in zip(names, scales, strict=True)])
            )
            for side in (before, after)
        )
    rows: list[Row] = []
    for i, (name, scale) in enumerate(zip(names, scales, strict=True)):
        about = attributes(before.model, name)
        shift = error = None
        known = isinstance(before.model.quantities[name].prior, FixedValue)
        finite = np.isfinite([base.mean[i], then.mean[i], base.sd[i]]).all()
        if finite and base.sd[i] > 0 and not known:
            shift = float((then.mean[i] - base.mean[i]) / base.sd[i])
            error = math.hypot(base.error[i], then.error[i]) / float(base.sd[i])
        rows.append(
            {
                "quantity": name,
                "label": about["label"],
                "unit": about["unit"],
                "set": name in values,
                "scale": scale,
                "base": before.median(name),
                "supposed": after.median(name),
                "shift": shift,
                "mcse_shift": error,
            }
        )
    return rows


def _forward(scale: str) -> Callable[[Array], Array]:
    match scale:
        case "log":
            return np.log
        case "logit":
            return lambda x: np.log(x) - np.log1p(-x)
        case _:
            return np.asarray


# For the figure ----------------------------------------------------------------------------------


def density_of(before: Side, after: Side) -> Row:
    """The densities of the headline target on both sides, per unit of its scale.

    `scale` is `log` where all draws of both are above 0; `x` is in the target's unit.  A side that
    says nothing of it, or knows it exactly, has None.
    """
    name = variable(before.model.targets[0])
    about = attributes(before.model, name)
    spoken = [side.values[name][side.weights > 0] for side in (before, after)]
    scale = _scale_of(before.model, before.model.targets[0], spoken)
    return {
        "target": before.model.targets[0],
        "label": about["label"],
        "unit": about["unit"],
        "scale": scale,
        "base": _density(spoken[0], before.weights, scale),
        "supposed": _density(spoken[1], after.weights, scale),
    }


def _scale_of(model: Model, target: str, spoken: Sequence[Array]) -> str:
    reach = model.support_of(target)
    if reach.low < 0 or not all(np.all(values > 0) for values in spoken):
        return "identity"
    share = reach.high <= 1 and all(np.all(values < 1) for values in spoken)
    return "logit" if share else "log"


def _density(values: Array, weights: Array, scale: str) -> Row | None:
    weights = weights[weights > 0]
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return None
    on_scale = _forward(scale)(values).reshape(len(weights), -1)
    each = np.repeat(weights / on_scale.shape[1], on_scale.shape[1])
    grid, density = kernel_density(on_scale.ravel(), each / each.sum())
    cumulative = np.cumsum(density) / np.sum(density)
    low, high = np.interp(_CUT, cumulative, grid)
    z = np.linspace(low, high, _POINTS)
    x = [float(f"{SCALES[scale].inverse(float(one)):.6g}") for one in z]
    return {"x": x, "height": [float(f"{one:.4g}") for one in np.interp(z, grid, density)]}
