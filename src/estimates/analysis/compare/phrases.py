"""An ambiguous phrase weighed by a cited figure that is not heard.

Where what a held-out figure is about depends on how a phrase is read, each option foretells it:
p(figure | option) is the mean over the draws of the option's readings, by their weights, of the
density of the figure as stated.  All from the one fit, which the figure does not move.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.compare.result import PhraseRow
from estimates.analysis.fit_view import FitView
from estimates.inference.log_likelihood import log_density, spread_of
from estimates.inference.meant import claimed
from estimates.model import BoundClaim
from estimates.model.likelihood import Count, Rate, Term, Yes, sampling_model
from estimates.stats.convergence import mcse_mean

Array = NDArray[np.float64]


def phrases_of(view: FitView, use: BoundClaim) -> Iterator[PhraseRow]:
    """Yield a row for each option of each reading on which a held-out figure depends."""
    term = sampling_model(use, view.model.conventions)
    densities = [_density(view, use, term, number) for number in range(len(view.readings))]
    for axis in view.model.readings:
        if axis in view.model.axes_of(use.value):
            yield from _heard(list(_options(view, use, term, axis, densities)))


def _density(view: FitView, use: BoundClaim, term: Term, number: int) -> tuple[float, float] | None:
    """Return the density of the figure under one reading and its error; None where it is silent."""
    choice = view.readings[number].choice
    if not view.usable[number] or view.model.resolve(use.value, choice) is None:
        return None
    env = view.env(number)
    values = claimed(view.model, use, env, choice)
    found = np.exp(log_density(term, values, spread_of(use, env)))
    error = float(mcse_mean(found[None])[0]) if np.ptp(found) > 0 else 0.0
    return float(found.mean()), error


def _options(
    view: FitView,
    use: BoundClaim,
    term: Term,
    axis: str,
    densities: list[tuple[float, float] | None],
) -> Iterator[PhraseRow]:
    combinations = view.model.combinations()
    for option, stated in view.model.readings[axis].weights.items():
        weight, total, silent = 0.0, 0.0, False
        errors: dict[int, float] = {}  # readings of one fit err together
        fits = view.fits.tolist()
        for reading, fit, own, found in zip(
            view.readings, fits, view.weights, densities, strict=True
        ):
            # Members of a reading differ in nothing, so that they share its weight as stated.
            parts = [combinations[i] for i in reading.members]
            here = sum(one.weight for one in parts if one.choice[axis] == option)
            share = float(own) * here / sum(one.weight for one in parts)
            weight += share
            if found is not None:
                total += share * found[0]
                errors[fit] = errors.get(fit, 0.0) + share * found[1]
            elif share > 0:
                silent = True
        known = weight > 0 and not silent
        yield PhraseRow(
            claim=use.id,
            axis=axis,
            option=option,
            stated=stated,
            weight=weight,
            density=total / weight if known else None,
            mcse_density=math.hypot(*errors.values()) / weight if known else None,
            kind="probability" if isinstance(term, Yes | Count | Rate) else "density",
            scale=use.scale,
            if_heard=None,
        )


def _heard(rows: list[PhraseRow]) -> list[PhraseRow]:
    """Add what the weights would be if the figure were heard as one more, independent, claim."""
    known = [row.weight * row.density for row in rows if row.density is not None]
    if len(known) < len(rows) or sum(known) <= 0:
        return rows
    return [replace(row, if_heard=part / sum(known)) for row, part in zip(rows, known, strict=True)]
