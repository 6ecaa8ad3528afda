"""The forms in which hierarchies are drawn: each member more or less centred on its location.

A member that claims say much of is drawn best as it is, one that they say little of as a standard
latent z, from which location + scale·z follows; what lies between as c·location + scaleᶜ·z.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.inference.arrays import NumpyRegisters
from estimates.inference.forward import Layout, bounds, constrain, groups_of, placed, rows_of
from estimates.inference.sampling import Form
from estimates.inference.steps import Step

Array = NDArray[np.float64]


def wholly(layout: Layout) -> Form:
    """Return the form in which every member is centred; empty where there is no hierarchy."""
    return (1.0,) * sum(group.size for group in layout.groups if group.centrable)


def as_data(layout: Layout, form: Form) -> dict[str, Array]:
    """Return what a compiled density needs to take points in this form."""
    rest = iter(form)
    return {
        f"{group.name}_centred": np.array([next(rest) for _ in group.members])
        for group in layout.groups
        if group.centrable
    }


def recentred(steps: Sequence[Step], points: Array, form: Form, *, back: bool) -> Array:
    """Return points (draw, dimension) with hierarchical latents in another form, or back again.

    A standard latent z of a member becomes c·location + scaleᶜ·z, c being how far it is centred;
    the compiled density takes it in that form when its data say so.
    """
    result, places = points.copy(), iter(form)

    def moved(here: slice, latent: Array, location: Array, scale: Array) -> Array:
        c = np.array([[next(places)] for _ in latent])
        middle, width = c * location, scale**c
        standard = (latent - middle) / width if back else latent
        result[:, here] = (standard if back else middle + width * latent).T
        return standard

    _through_hierarchies(steps, points, moved)
    return result


def suited(steps: Sequence[Step], points: Array) -> Form:
    """Return the form in which each member is centred as far as the claims tell of it.

    It is the part of its precision that they give, τ²/(s² + τ²) with a claim of error s and a
    hierarchy of sd τ: by so much the variance of its standard latent is below one where location
    and scale are held.  So far centred, a normal member hangs together with its hierarchy least
    (Papaspiliopoulos, Roberts & Sköld 2007, section 4).

    Parameters
    ----------
    points : draws (draw, dimension) with standard latents
    """
    found: list[float] = []

    def look(here: slice, latent: Array, location: Array, scale: Array) -> Array:
        found.extend(map(_told, latent, location, scale))
        return latent

    _through_hierarchies(steps, points, look)
    return tuple(found)


def _told(latent: Array, location: Array, scale: Array) -> float:
    columns = [location, np.log(scale), 1 / scale, location / scale]
    varied = [one / np.std(one) for one in columns if np.std(one) > 0 and np.isfinite(one).all()]
    centred = np.stack([np.ones_like(latent), *(one - one.mean() for one in varied)], axis=1)
    rest = latent - centred @ np.linalg.lstsq(centred, latent)[0]
    return float(np.clip(1 - np.var(rest), 0, 1))


def _through_hierarchies(
    steps: Sequence[Step],
    points: Array,
    visit: Callable[[slice, Array, Array, Array], Array],
) -> None:
    """Hand over the latents of each hierarchy, its location and scale, and go on with the answer.

    `visit` takes the columns of the points, and three arrays (member, draw); it returns the
    standard latents.
    """
    start, registers = 0, NumpyRegisters(len(points))
    with np.errstate(all="ignore"):
        for step in groups_of(steps, registers):
            here = slice(start, start + step.size)
            start += step.size
            latent = points[:, here].T
            if not step.plain:
                latent = constrain(latent, *bounds(step, registers))
            elif step.centrable:
                location, scale = (
                    np.broadcast_to(rows_of(column, registers), latent.shape)
                    for column in (step.location, step.scale)
                )
                latent = visit(here, latent, location, scale)
            registers.add(step.members, placed(step, latent, registers))
