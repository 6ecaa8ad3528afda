"""A claim's own `sigma:`, carried to the scale on which the claim speaks.

It is the whole width: it takes the place of basis, hedge and rounding, and of what a range's ends
or a vague word would give. A small width is carried by the slope of the scale at the figure.
"""

from __future__ import annotations

from math import isfinite

from estimates.language.units import PLAIN, Unit, UnitError, Units
from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Lopsided,
    Measured,
    Point,
    Published,
    Range,
    Vague,
    Width,
    Wording,
)
from estimates.stats.links import SCALES, Scale

#: A bare width above this says nothing on a log or logit scale: it must have meant another thing.
_WIDEST = 3.0
_LARGE = {
    "log": "3 is already a factor of 20 either way",
    "logit": "3 already takes even odds to 20 to 1 either way",
}
#: A bare width below this on the logit scale was probably meant in points.
_NARROWEST = 0.05


class WidthError(ValueError):
    """A `sigma:` that cannot be the width of its claim."""


def middle(wording: Wording, scale: Scale) -> float | None:
    """Return the figure at which a width is taken; None without one, or off the scale."""
    found: tuple[float, ...]
    match wording:
        case Point(figure=figure) | Bound(figure=figure):
            found = (figure.value,)
        case Range(low=low, high=high):
            found = (low.value, high.value)
        case Vague(count=count, multiplier=multiplier):
            found = (count * multiplier,)
        case _:
            return None
    if not all(map(scale.holds, found)):
        return None
    return scale.inverse(sum(map(scale.forward, found)) / len(found))


def why_none(wording: Wording) -> str:
    """Return why a claim of this wording can have no `sigma:`; "" where it can."""
    match wording:
        case Measured():
            return "is a measurement, whose ± is its whole width; leave `sigma:` out"
        case Lopsided() | Published():
            return "states its own error, which is its whole width; leave `sigma:` out"
        case Events():
            return "counts events, whose width is that of their number; leave `sigma:` out"
        case Counted():
            return "is a count, whose width is that of its numbers; leave `sigma:` out"
        case Direction():
            return "is a direction, which has no figure to be wide of; leave `sigma:` out"
        case Disputed():
            return (
                "disputes another claim's figure and has none of its own to be wide of; "
                "leave `sigma:` out"
            )
        case Range(coverage=coverage) if coverage is not None:
            return (
                "states its coverage, which is its whole width; leave `sigma:` out, or the "
                f"`@ {coverage * 100:.6g}%`"
            )
        case _:
            return ""


def on_scale(width: Width, wording: Wording, name: str, unit: Unit, units: Units) -> float | None:
    """Return the width on the claim's scale; None where the claim's figure is off it.

    Parameters
    ----------
    wording : with its numbers in `unit`, a plain fraction for what is dimensionless
    name : of the scale
    unit : of the claim's numbers

    Raises
    ------
    WidthError : it is not a width of such a claim
    """
    scale = SCALES[name]
    at = middle(wording, scale)
    if at is None:
        return None
    natural = _natural(width, at, unit, units)
    found = width.value if natural is None else natural * abs(scale.slope(at))
    if natural is None and name != "identity" and found > _WIDEST:
        raise WidthError(
            f"sigma {width} is on the {name} scale, where {_LARGE[name]}; "
            f"{_forms(width, at, name, wording.unit)}"
        )
    if not (isfinite(found) and found > 0):
        why = f"is {found:g} on the {name} scale"
        if natural == 0:
            why = "of a figure of 0 is not a width; write it in the unit of the figure"
        raise WidthError(f"sigma {width} {why}")
    return found


def narrow(width: Width, wording: Wording, name: str) -> str:
    """Return what a bare logit-scale width comes to, where that was hardly meant; else ""."""
    at = middle(wording, SCALES[name])
    if name != "logit" or width.unit or at is None or width.value >= _NARROWEST:
        return ""
    points = 100 * width.value * at * (1 - at)
    return (
        f"sigma {width} is on the logit scale, which about {100 * at:.4g} % is "
        f"{points:.2g} percentage points; if {100 * width.value:.4g} points are meant, write "
        f"`sigma: {100 * width.value:.4g} points`"
    )


def wide(width: Width, found: float, name: str) -> str:
    """Return what a width comes to where it makes a claim say next to nothing; else ""."""
    if name == "identity" or not width.unit or found <= _WIDEST:
        return ""
    return (
        f"sigma {width} is {found:.3g} on the {name} scale, where {_LARGE[name]}: "
        "the claim says hardly anything"
    )


def _natural(width: Width, at: float, unit: Unit, units: Units) -> float | None:
    """Return the width in the claim's unit; None where it is on the claim's scale."""
    if not width.unit:
        return None
    if width.unit == "%":
        return width.value / 100 * abs(at)
    if width.unit in ("point", "points") and units.dimensionless(unit):
        return width.value / 100
    try:
        stated = units.parse(width.unit)
        # What is dimensionless is a plain fraction by now.
        return width.value * units.factor(stated, PLAIN if units.dimensionless(unit) else unit)
    except UnitError as error:
        raise WidthError(f"sigma {width}: {error.message}") from None


def _forms(width: Width, at: float, scale: str, written: str) -> str:
    """Return the ways to write a number this large that may have been meant."""
    if scale == "logit":
        return f"for percentage points write `sigma: {width.value:,.6g} points`"
    relative = f"relative to the figure write `sigma: {100 * width.value / at:.4g} %`"
    if not written:
        return f"for a width of {width.value:,.6g} {relative}"
    return f"for {written} write `sigma: {width.value:,.6g} {written}`, and {relative}"
