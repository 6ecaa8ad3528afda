"""Figures that are no evidence of their own: totals of others, and copies for another year.

A total that its author added up (`derived:`) and a figure repeated for another year (`copy_of:`)
have no likelihood.  Of a total the arithmetic is checked: what its parts come to, beside what was
said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from estimates._util.format import stated
from estimates.errors import Fault
from estimates.language.phrases import joined
from estimates.language.units import Unit, UnitError, Units
from estimates.language.wording import Bound, Measured, Point, Published, Range, Vague, Wording
from estimates.model.ledger import Claim, Ledger


@dataclass(frozen=True)
class Sum:
    """What the parts of a total come to, in the total's own unit.

    Attributes
    ----------
    low, high : the sum of the lower and of the higher ends
    said_low, said_high : what was said
    slack : what rounding explains: half a step of every figure
    """

    parts: tuple[str, ...]
    low: float
    high: float
    said_low: float
    said_high: float
    slack: float
    unit: str

    @property
    def off(self) -> bool:
        """Whether what was said lies outside what the parts come to, rounding aside."""
        return self.said_high < self.low - self.slack or self.said_low > self.high + self.slack

    @property
    def words(self) -> str:
        """`these add to 43,000 people, not 46,000`."""
        sums = _between(self.low, self.high)
        said = "as was said" if not self.off else f"not {_between(self.said_low, self.said_high)}"
        return f"{joined(self.parts)} add to {f'{sums} {self.unit}'.rstrip()}, {said}"


def sum_of(claim: Claim, ledger: Ledger, units: Units) -> Sum | str:
    """Return what the parts of a total come to, or why that cannot be said."""
    said = _ends(claim.says)
    if said is None or claim.says is None:
        return f"'{claim.id}' names no figure"
    low, high, slack = 0.0, 0.0, said[2]
    try:
        unit = units.parse(claim.says.unit)
        for name in claim.derived:
            part = ledger.claims[name].says
            ends = _ends(part)
            if ends is None or part is None:
                return f"its part '{name}' names no figure"
            factor = _factor(units, units.parse(part.unit), unit)
            low, high, slack = (
                total + factor * one for total, one in zip((low, high, slack), ends, strict=True)
            )
    except UnitError as error:
        return f"its parts are in other units: {error.message}"
    return Sum(claim.derived, low, high, said[0], said[1], slack, claim.says.unit)


def _factor(units: Units, unit: Unit, other: Unit) -> float:
    return 1.0 if unit == other else units.factor(unit, other)


def _ends(wording: Wording | None) -> tuple[float, float, float] | None:
    """Return the low and high end of a figure, and half a step; None where there is none."""
    match wording:
        case Point(figure=one) | Bound(figure=one):
            return one.value, one.value, one.step / 2
        case Range(low=low, high=high):
            return low.value, high.value, max(low.step, high.step) / 2
        case Vague(count=count, multiplier=multiplier):
            return count * multiplier, count * multiplier, count * multiplier / 2
        case Measured(value=one):
            return one.value, one.value, one.step / 2
        case Published(low=low, high=high):
            return low.value, high.value, max(low.step, high.step) / 2
        case _:
            return None


def _between(low: float, high: float) -> str:
    return stated(low) if low == high else f"{stated(low)} to {stated(high)}"


def why_no_evidence(claim: Claim) -> str:
    """Return why a claim has no likelihood; "" where it has one."""
    if claim.derived:
        return f"is a total of {joined(claim.derived)} that its author added up (`derived:`)"
    if claim.copy_of:
        return f"repeats '{claim.copy_of}' (`copy_of:`)"
    return ""


def what_it_is(claim: Claim, ledger: Ledger, units: Units) -> str:
    """Return in a sentence what a figure that is no evidence is; "" of any other."""
    if claim.copy_of:
        when = ledger.claims[claim.copy_of].when
        return f"Repeats {claim.copy_of}{f' (of {when})' if when else ''}: no evidence of its own."
    if not claim.derived:
        return ""
    found = sum_of(claim, ledger, units)
    said = found.words if isinstance(found, Sum) else f"what they add to is not known, as {found}"
    return f"A total that its author added up: {said}. No evidence of its own."


def sums_off(ledger: Ledger, units: Units) -> Iterator[Fault]:
    """Yield a warning for each total that its parts do not add up to, or cannot be added up to."""
    for claim in ledger.said.values():
        if claim.derived:
            found = sum_of(claim, ledger, units)
            if isinstance(found, str):
                message = f"the arithmetic of the total '{claim.id}' cannot be checked: {found}"
                yield Fault(message, claim.where("derived"))
            elif found.off:
                yield Fault(
                    f"claim '{claim.id}' is not the sum that it is said to be: {found.words}",
                    claim.where("derived"),
                )
