"""What is asked: which target, and which range it would have to reach."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from estimates.analysis.cited import cited, ends_in_unit_of
from estimates.analysis.inverse.result import Edge
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.program import names_of, target_text
from estimates.language.expression import ExpressionError, Interval, names
from estimates.language.units import UnitError
from estimates.model import FixedValue, Model
from estimates.model.panel.lookup import known_names, one_of
from estimates.stats.natural import centre_of


@dataclass(frozen=True)
class Request:
    """An inverse question.

    Attributes
    ----------
    target : the text of a quantity, a relation or an expression
    unit : of the target, in which all levels are
    low, high : the range; None for an open side
    claim : id of the cited figure that the range is, or None
    levels : the values of the target looked at, by edge in the order of `Edge`
    cells : whether to tell of every cell of a quantity, not only of the one that moves most
    """

    target: str
    unit: str
    low: float | None
    high: float | None
    claim: str | None
    levels: Mapping[Edge, float]
    cells: bool = False


def request(
    model: Model,
    target: str | None,
    between: tuple[float | None, float | None] | None,
    *,
    cells: bool = False,
) -> Request:
    """Return the question, with its defaults filled in.

    Raises
    ------
    InputError : an unknown target, no range, an empty one, or one where the target cannot lie
    """
    if all(isinstance(quantity.prior, FixedValue) for quantity in model.quantities.values()):
        raise _fault("every quantity of this model is a known constant: nothing can be otherwise")
    held_out = [use for use in model.uses if use.held_out and not use.options]
    about = {str(use.about): use for use in reversed(held_out)}
    if target is None:
        target = next((t for t in model.targets if t in about), None) or (
            str(held_out[0].about) if held_out and between is None else model.targets[0]
        )
    target = one_of(model.panel, target, model.order)
    target = target if target in model.order else target_text(target)
    support, unit, plain = _checked(model, target)
    claim = None
    if between is None:
        use = about.get(str(model.expression(target)))
        if use is None:
            raise _fault(
                f"nothing is cited about '{target}', so say the range that it would have to "
                "reach, as --between LOW HIGH"
            )
        claim = use.id
        low, high = ends_in_unit_of(target, cited(use, model.conventions), model)
    else:
        low, high = between
    for end in (low, high):
        if end is not None and not math.isfinite(end):
            raise _fault(f"the range ends at {end}; give a number, or leave that side open")
    if low is None and high is None:
        raise _fault("the range is open on both sides: everything lies in it")
    if low is not None and high is not None and low > high:
        raise _fault(f"the range {low:g} to {high:g} is empty; did you mean {high:g} to {low:g}?")
    given = " to ".join(f"{end:g}" for end in (low, high) if end is not None)
    if (low is not None and low >= support.high) or (high is not None and high <= support.low):
        raise _fault(
            f"'{target}' lies between {support.low:g} and {support.high:g} whatever the "
            f"quantities are, so never at {given} {unit}".rstrip()
        )
    # An end on the bound itself, as 0 of something positive, is no edge.
    low = None if low is not None and low <= support.low else low
    high = None if high is not None and high >= support.high else high
    if low is None and high is None:
        raise _fault(f"'{target}' always lies in the range {given} {unit}".rstrip())
    return Request(target, unit, low, high, claim, _levels(low, high, support, plain), cells)


def _levels(
    low: float | None, high: float | None, support: Interval, plain: bool
) -> dict[Edge, float]:
    if low is not None and low == high:
        return {"at": low}
    found: dict[Edge, float] = {} if low is None else {"low": low}
    if low is not None and high is not None:
        found["centre"] = centre_of(low, high, support, plain)
    return found if high is None else {**found, "high": high}


def _checked(model: Model, target: str) -> tuple[Interval, str, bool]:
    """Return support and unit of a target, and whether it is a plain number."""
    known = known_names(model.panel, (target_text(name) for name in names_of(model)))
    try:
        read = model.expression(target)
        unit = model.unit_of(target)
        support = model.support_of(target)
    except KeyError as error:
        name = str(error.args[0])
        raise _fault(f"unknown target '{name}'{did_you_mean(name, known)}") from None
    except (ExpressionError, UnitError) as error:
        raise _fault(f"target '{target}': {error}") from None
    own = [name for name in names(read) if name in model.apart]
    if own:
        raise _fault(
            f"'{own[0]}' has no one value: every claim has an option of its own; "
            "ask about what the options are made of"
        )
    quantity = model.quantities.get(target)
    if quantity is not None and isinstance(quantity.prior, FixedValue):
        raise _fault(f"'{target}' is a known constant: nothing can make it otherwise")
    return support, model.units.show(unit), not unit.dimension


def _fault(message: str) -> InputError:
    return InputError([Fault(message)])
