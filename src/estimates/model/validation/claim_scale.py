"""The scale on which a claim speaks, and whether what it says lies on it.

A claim has one scale in all readings: the support of what it is about decides, over the union of
the branches. `%` never decides (growth of 20 % is no share), and `±` speaks on the identity scale,
unless the model or the claim's kind says that it errs by a factor or in log-odds.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from estimates.errors import Fault, Faults, Place
from estimates.language.expression import Binary, Constant, Expression, Interval, Name
from estimates.language.units import PLAIN, Unit, UnitError, Units
from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Figure,
    Lopsided,
    Measured,
    Point,
    Published,
    Range,
    Vague,
    Wording,
)
from estimates.model.claims import BoundClaim
from estimates.model.kinds import SHARE, SourceGroup
from estimates.model.spec import Use
from estimates.stats.links import SCALES

#: Of whom a part is told as so many per 100,000.
_PEOPLE = ("[person]", "[birth]", "[live_birth]", "[woman]", "[man]", "[child]", "[adult]")
#: From here, in half widths, a figure is not in the middle of its interval.
_OFF_MIDDLE = 0.1


def unit_said(said: Wording, units: Units, own: tuple[Expression, Unit] | None) -> Unit:
    """Return the unit that a claim states of what it is about, in its own; raise `UnitError`.

    About a plain number, deaths among people are one too. Of a rate of accidents a year, events are
    accidents.
    """
    unit = units.parse(said.unit)
    if isinstance(said, Events):
        return _happening(unit if own is None else own[1] * unit) / unit
    plain = own is not None and units.dimensionless(own[1])
    return PLAIN if plain and _is_share_of_people(said, unit) else unit


def _happening(what: Unit) -> Unit:
    """Return the thing counted that a rate times its exposure is; a plain number where it is none.

    What it is written with tells tanks, which are counted, from kilograms and dollars.
    """
    things = [noun for noun, _ in what.terms if what.dimension == ((f"[{noun}]", 1),)]
    return Unit(Fraction(1), what.dimension, ((things[0], 1),)) if things else PLAIN


def _is_share_of_people(wording: Wording, unit: Unit) -> bool:
    """Return whether it says what part of people or births something befalls: deaths among people.

    `120 deaths per 100,000 people` is then a plain number, as `120 per 100,000` is.
    """
    (above, one), (below, other) = unit.dimension if len(unit.dimension) == 2 else 2 * (("", 0),)
    figures = [getattr(wording, name, None) for name in ("figure", "high", "value")]
    part = all(one.value <= 1 for one in figures if one is not None)
    named = above[1:-1] in {name for name, _ in unit.terms}  # a thing counted, no measure
    return named and (one, other) == (1, -1) and below in _PEOPLE and part


def scale_of(
    wording: Wording,
    stated: str | None,
    unit: Unit,
    support: Interval,
    kind: str,
    groups: Iterable[SourceGroup],
    units: Units,
) -> str:
    """Return the name of the scale: as stated, or by the wording, or by the support.

    For a count, which speaks of the probability itself, the scale is only what a comparison is
    drawn on.

    Parameters
    ----------
    unit, support : of what the claim is about
    kind : of the claim's source, which decides where a measurement's group lists it
    groups : of kinds; none for a claim that is held out
    """
    if isinstance(wording, Lopsided | Direction):
        return "identity"
    if stated in SCALES:
        return stated
    if isinstance(wording, Measured):
        return _scale_of_kind(kind, unit, support, groups, units) or "identity"
    if units.dimensionless(unit) and support.low >= 0 and support.high <= 1:
        return "logit"
    if support.low >= 0 and not isinstance(wording, Counted):
        return "log"
    return "identity"


def _scale_of_kind(
    kind: str, unit: Unit, support: Interval, groups: Iterable[SourceGroup], units: Units
) -> str | None:
    """Return the scale on which a measurement of a kind errs, where the kind decides it.

    A share of a kind in a group of shares errs in log-odds, as all of the group do, and a positive
    value of a kind with a factor by a factor.
    """
    listed = [group for group in groups if kind in group.kinds and _in_group(unit, group, units)]
    other = next((group for group in listed if group.unit != SHARE), None)
    if other is not None:
        return "log" if other.kinds[kind].factor is not None and support.low >= 0 else None
    return "logit" if listed and support.low >= 0 and support.high <= 1 else None


def _in_group(unit: Unit, group: SourceGroup, units: Units) -> bool:
    """Return whether a unit can be converted to a group's; the fault of one unread is known."""
    try:
        return units.same_dimension(unit, units.parse(group.unit))
    except UnitError:
        return False


def check_on_scale(
    bound: BoundClaim,
    use: Use,
    plain: bool,
    support: Interval,
    faults: Faults,
    warnings: list[Fault],
) -> None:
    """Add a fault where a claim cannot be read on its scale, a warning where that is idle."""
    claim, wording = bound.claim, bound.wording
    if isinstance(wording, Lopsided | Direction) and use.scale not in (None, "identity"):
        kind = "is a direction" if isinstance(wording, Direction) else "has a lopsided error"
        faults.add(
            f"claim '{claim.id}' {kind}, which speaks on the identity scale; leave `scale:` out",
            use.where("scale"),
        )
    if bound.scale == "logit" and not plain:
        faults.add(
            f"claim '{claim.id}' is in {bound.unit}; only a share has a logit scale",
            use.where("scale"),
        )
        return
    if isinstance(wording, Direction) and (support.low >= 0 or support.high <= 0):
        sign = "below" if support.low >= 0 else "above"
        warnings.append(
            Fault(
                f"claim '{claim.id}' says {wording}, but '{bound.about}' is never {sign} 0; "
                "a direction is about a growth, such as `later / earlier - 1`",
                use.where("about"),
            )
        )
    if use.tails and isinstance(
        wording, Bound | Counted | Direction | Disputed | Events | Lopsided
    ):
        warnings.append(
            Fault(
                f"claim '{claim.id}' is not a number, so `tails:` does nothing", use.where("tails")
            )
        )
    if isinstance(wording, Published):
        warnings += _off_middle(bound, wording)
    if isinstance(wording, Range | Published) and wording.coverage is not None and wording.hedged:
        warnings.append(
            Fault(
                f"claim '{claim.id}' states its coverage, which is its whole width, so its hedge "
                "is ignored",
                claim.where("says"),
            )
        )
    if bound.disputed is not None:
        _check_figures(bound, bound.disputed, claim.where("disputes"), faults)
    elif not isinstance(wording, Lopsided | Counted | Events | Direction) and not (
        isinstance(wording, Measured) and bound.scale == "identity"
    ):
        _check_figures(bound, wording, claim.where("says"), faults)


def _off_middle(bound: BoundClaim, wording: Published) -> list[Fault]:
    """Return a warning where an interval is not symmetric about its figure on the scale."""
    three = (wording.low, wording.value, wording.high)
    off = {
        name: _distance_from_middle(three, name)
        for name in SCALES
        if all(SCALES[name].holds(figure.value) for figure in three)
    }
    if off.get(bound.scale, 0.0) <= _OFF_MIDDLE:
        return []
    best = min(off, key=lambda name: off[name])
    advice = f"on the {best} scale it is symmetric: add `scale: {best}` to its use"
    if off[best] > _OFF_MIDDLE:
        advice = "it is so on no scale; write what it is as `X +a -b`"
    return [
        Fault(
            f"claim '{bound.id}' says {wording.text or wording}, whose figure is not in the middle "
            f"of its interval on the {bound.scale} scale; {advice}",
            bound.claim.where("says"),
        )
    ]


def _distance_from_middle(three: tuple[Figure, Figure, Figure], name: str) -> float:
    """Return how far a figure is off the middle, in half widths, beyond what rounding explains."""
    scale = SCALES[name]
    low, at, high = (scale.forward(figure.value) for figure in three)
    half = (high - low) / 2
    rounding = sum(
        share * figure.step / 2 * abs(scale.slope(figure.value))
        for share, figure in zip((0.5, 1.0, 0.5), three, strict=True)
    )
    return max(abs(at - (low + high) / 2) - rounding, 0.0) / half


def _check_figures(
    bound: BoundClaim, wording: Wording, place: Place | None, faults: Faults
) -> None:
    scale = SCALES[bound.scale]
    figures = figures_of(wording)
    off = next((figure for figure in figures if not scale.holds(figure)), None)
    if off is not None:
        hint = ""
        about = f"claim '{bound.id}' says {wording.text or wording}, but '{bound.about}'"
        if bound.scale == "log":
            rule = "is positive (log scale); its figures must lie above 0"
        else:
            percent = off > 1 and bound.claim.says is not None and bound.claim.says.unit != "%"
            hint = f"; for a percentage write `{off:g} %`" if percent and off < 100 else ""
            rule = (
                "is a share (logit scale); its figures must lie strictly between 0 and 1 "
                "(0 and 100 %)"
            )
        if isinstance(wording, Range | Published) and wording.coverage is not None and not hint:
            hint = "; for an interval that may lie beyond, add `scale: identity` to its use"
        if isinstance(wording, Measured) and not hint:
            hint = "; for an error that may lead beyond, add `scale: identity` to its use"
        faults.add(f"{about} {rule}{hint}", place)
    if bound.scale == "identity" and bound.claim.sigma is None and figures == (0.0,):
        faults.add(
            f"claim '{bound.id}' says 0 on the identity scale, where widths are fractions of the "
            "figure; give the claim a `sigma:`",
            place,
        )


def figures_of(wording: Wording) -> tuple[float, ...]:
    match wording:
        case Point(figure=figure) | Bound(figure=figure):
            return (figure.value,)
        case Range(low=low, high=high):
            return (low.value, high.value)
        case Vague(count=count, multiplier=multiplier):
            return (count * multiplier,)
        case Published(value=value, low=low, high=high):
            return (low.value, value.value, high.value)
        case Measured(value=value) | Lopsided(value=value):
            return (value.value,)
        case Events(events=events, exposure=exposure):
            return (events / exposure.value,)
        case Counted(successes=successes, trials=trials):
            return (successes / trials,)
        case _:
            return ()


def dimension_advice(claim: str, about: Expression, wording: Wording, unit: str) -> str:
    """Return why a direction or count cannot be about a dimension, and what to write instead."""
    if isinstance(wording, Counted):
        return (
            f"claim '{claim}' counts a share ({wording}), but '{about}' is in {unit}; "
            "name the share, such as `part / whole`"
        )
    match about:
        case Binary(op="-", left=left, right=right):
            ratio = Binary("-", Binary("/", left, right), Constant(1.0))
            write = str(ratio)
        case Name(name=name):
            write = f"{name}_later / {name}_earlier - 1"
        case _:
            write = "later / earlier - 1"
    return (
        f"claim '{claim}' says {wording}, but '{about}' is in {unit}; a direction is about a "
        f"growth, a ratio minus one: write `{write}`"
    )
