"""The draws that the page carries, and what it needs to weigh them anew.

Numbers are laid one after another, little-endian: the headline target as floats of 32 bits (of 64
where those would not do), basic quantities as 16-bit places between their least and largest draw on
their own scale (log for positive ones, logit for shares), and for every claim the target without it
as quantiles.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates._util.files import Json
from estimates.analysis.reweight import FEWEST, Draws
from estimates.inference.refit_result import Refit
from estimates.language.expression import names
from estimates.model.dimensions import variable
from estimates.report.html.content import Gathered
from estimates.stats.links import OF_SUPPORT

#: Bytes of draws that a page carries at the most; more are thinned evenly.
ROOM = 1_000_000
_PLACES = 65_535
_LEAST = np.finfo(float).tiny  # what has underflown to 0 keeps a place on a log scale


def live(found: Gathered) -> tuple[dict[str, Json], str] | None:
    """Return what the page's what-if needs: a description, and the draws as gzipped base64.

    None where the headline target has no mixture over readings.
    """
    draws = Draws.of(found.fit)
    if draws is None:
        return None
    kept = [i for i in range(len(draws.names)) if draws.usable[i]]
    quantities = _offered(found, draws)
    step = _step(draws, len(kept), len(quantities))
    target = draws.target[kept, ::step]
    curves = {name: _curves(found, one) for name, one in found.without.items()}
    carried = [target, *(curve for curve in curves.values() if curve is not None)]
    kind = "<f4" if all(map(_fits, carried)) else "<f8"
    parts: list[NDArray[np.generic]] = [target.astype(kind).ravel()]
    described: list[Mapping[str, Json]] = []
    for name in quantities:
        scale = OF_SUPPORT[found.model.quantities[name].support]
        places = _forward(scale.name, draws.quantities[name][:, ::step])
        low, high = float(places.min()), float(places.max())
        width = high - low or 1.0
        parts.append(np.rint((places - low) / width * _PLACES).astype("<u2").ravel())
        described.append({"name": name, "scale": scale.name, "low": low, "high": high})
    without = []
    for name, one in found.without.items():
        curve = curves[name]
        if curve is None:
            continue
        parts.append(curve.astype(kind).ravel())
        numbers = one.targets[variable(found.target)]
        without.append(
            {
                "claim": name,
                "readings": [dict(row.reading) for row in one.readings],
                "weights": [row.weight for row in one.readings],
                "points": curve.shape[1],
                "numbers": {
                    "q05": numbers.q05,
                    "q25": numbers.q25,
                    "median": numbers.median,
                    "q75": numbers.q75,
                    "q95": numbers.q95,
                },
            }
        )
    # Floats before places: each array must start where its numbers are aligned.
    floats = [part for part in parts if part.dtype == np.dtype(kind)]
    codes = [part for part in parts if part.dtype == np.dtype("<u2")]
    content = b"".join(part.tobytes() for part in (*floats, *codes))
    packed = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
    said = _description(found, draws, kept, step, described, without)
    return said | {"bytes": np.dtype(kind).itemsize}, packed


def _curves(found: Gathered, one: Refit) -> NDArray[np.float64] | None:
    """Return the target's quantiles (reading, point) without a claim; None where unknown."""
    curves = [row.targets[variable(found.target)].curve for row in one.readings]
    if one.failed or any(curve is None for curve in curves):
        return None
    return np.asarray(curves, dtype=float)


def _fits(values: NDArray[np.float64]) -> bool:
    """Return whether 32 bits hold these numbers, the largest and the smallest."""
    size = np.abs(values[values != 0])
    limits = np.finfo(np.float32)
    return not size.size or bool(size.max() < limits.max and size.min() > limits.tiny)


def _description(
    found: Gathered,
    draws: Draws,
    kept: Sequence[int],
    step: int,
    quantities: Sequence[Mapping[str, Json]],
    without: Sequence[Mapping[str, Json]],
) -> dict[str, Json]:
    model = found.model
    place = {reading: i for i, reading in enumerate(kept)}
    members = [
        {
            "reading": place[int(reading)],
            "choice": dict(combination.choice),
            "cell": list(cell),
        }
        for reading, combination, cell in zip(
            draws.reading, model.combinations(), draws.cell, strict=True
        )
        if int(reading) in place
    ]
    thinned = draws.target.shape[1]
    count = len(range(0, thinned, step))
    return {
        "target": found.target,
        "draws": count,
        "step": step,
        "fits": int(draws.fits.max()) + 1,
        "readings": [
            {
                "name": draws.names[i],
                "fit": int(draws.fits[i]),
                "log_evidence": float(draws.log_evidence[i]),
            }
            for i in kept
        ],
        "combinations": members,
        "axes": [
            {
                "name": name,
                "held": not reading.update,
                "options": [
                    {"name": option, "weight": float(reading.weights[option])}
                    for option in reading.options
                ],
            }
            for name, reading in model.readings.items()
        ],
        "quantities": list(quantities),
        "without": list(without),
        "share": min(1.0, draws.share * thinned / count),
        "fewest": FEWEST,
        "verdict": {
            name: getattr(model.conventions.verdict, name)
            for name in ("side", "inside", "tail", "weight")
        },
        "positive": model.support_of(found.target).low >= 0,
    }


def _offered(found: Gathered, draws: Draws) -> list[str]:
    """Return quantities to condition on: first those that the target follows from."""
    resolved = (found.model.resolve(found.target, one.choice) for one in found.model.combinations())
    bearing = dict.fromkeys(n for one in resolved if one is not None for n in names(one))
    order = [n for n in bearing if n in draws.quantities]
    made = found.model.panel.made
    order += [n for n in draws.quantities if n not in bearing and n not in made]
    most = max(1, ROOM // 2 // (2 * (int(draws.fits.max()) + 1) * 500))
    return [name for name in order[:most] if np.ptp(draws.quantities[name]) > 0]


def _step(draws: Draws, readings: int, quantities: int) -> int:
    """Return the step that thins the draws to the room."""
    per_draw = 4 * readings + 2 * quantities * (int(draws.fits.max()) + 1)
    return max(1, -(-per_draw * draws.target.shape[1] // ROOM))


def _forward(scale: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    match scale:
        case "log":
            return np.log(np.maximum(values, _LEAST))
        case "logit":
            inside = np.clip(values, _LEAST, 1 - np.finfo(float).eps)
            return np.log(inside) - np.log1p(-inside)
        case _:
            return values
