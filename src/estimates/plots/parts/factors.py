"""A target as a count times a rate, found in the relation that declares it.

The target's relation is read as a product; factors that are relations themselves are opened until
one is a count: a quantity counted in people or in another noun, not measured in money, time,
length or the like.  That is x, people before other nouns, the first before the rest; y is the
target per unit of x, in the other factor's own unit and words where there is just one other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.language.expression import Binary, Expression, Name, Scale, parse_expression
from estimates.language.units import Unit
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.words import spoken

Array = NDArray[np.float64]
#: Dimensions that are measured, not counted.
_MEASURED = frozenset(
    f"[{one}]"
    for one in (
        "currency", "time", "length", "mass", "temperature", "current", "luminosity", "substance",
        "printing_unit", "information",
    )
)  # fmt: skip
_DEEPEST = 6


@dataclass(frozen=True)
class Factors:
    """A target as x times y.

    Attributes
    ----------
    x : name of the count
    y : name of the other factor; "" where there are several
    x_unit, y_unit : units of the two; their product has the target's dimension
    y_label : of the rate, in words
    per_target : y per unit of (target / x)
    """

    x: str
    y: str
    x_unit: Unit
    y_unit: Unit
    y_label: str
    per_target: float


def factors(findings: Findings, target: str) -> Factors | None:
    """The count and the rate of a target that is positive; None where it has no count."""
    model = findings.model
    product = _product(findings, target)
    for _ in range(_DEEPEST):
        counts = [one for one in product if _is_count(findings, one)]
        if counts:
            break
        opened = [inner for one in product for inner in (_product(findings, one) or [one])]
        if opened == product:
            return None
        product = opened
    else:
        return None
    x = next((one for one in counts if _noun(findings.unit(one)) == "[person]"), counts[0])
    if findings.support(target).low < 0 or findings.support(x).low < 0:
        return None
    others = [one for one in product if one != x]
    y = others[0] if len(others) == 1 and others[0] in findings.names else ""
    x_unit, unit = findings.unit(x), findings.unit(target)
    y_unit = findings.unit(y) if y else unit / x_unit
    if not model.units.same_dimension(unit / x_unit, y_unit):
        return None
    one = spoken(x_unit.terms[0][0])
    y_label = findings.label(y) if y else f"{findings.label(target)} per {one}"
    return Factors(x, y, x_unit, y_unit, y_label, model.units.factor(unit / x_unit, y_unit))


def _product(findings: Findings, name: str) -> list[str]:
    """The factors of a name that all its branches share; empty if it is no product of names.

    A divisor is a factor too, written `1 / b`; a sum or call is one as it stands.
    """
    relation = findings.model.relations.get(name)
    if relation is None:
        if name in findings.names and name not in findings.model.quantities:
            return [text for text, _ in _flat(parse_expression(name), 1)]
        return []
    spoken_of = [branch for branch in relation.branches.values() if branch is not None]
    found = [dict.fromkeys(text for text, _ in _flat(branch, 1)) for branch in spoken_of]
    shared = [text for text in found[0] if all(text in other for other in found)]
    if len(found[0]) < 2 or not shared:
        return []
    if any(list(other) != list(found[0]) for other in found):
        return [*shared, f"{name} / ({' * '.join(shared)})"]
    return shared


def _flat(expression: Expression, power: int) -> Iterator[tuple[str, int]]:
    match expression:
        case Binary("*", left, right):
            yield from _flat(left, power)
            yield from _flat(right, power)
        case Binary("/", left, right):
            yield from _flat(left, power)
            yield from _flat(right, -power)
        case Scale(_, operand):
            yield from _flat(operand, power)
        case Name(name) if power == 1:
            yield name, 1
        case _:
            yield (str(expression) if power == 1 else f"1 / ({expression})"), power


def _is_count(findings: Findings, name: str) -> bool:
    if name not in findings.names or findings.constant(name):
        return False
    return bool(_noun(findings.unit(name)))


def _noun(unit: Unit) -> str:
    """The dimension of what a unit counts; "" if it measures, or counts several things."""
    if len(unit.dimension) != 1 or unit.dimension[0][1] != 1:
        return ""
    dimension = unit.dimension[0][0]
    return "" if dimension in _MEASURED else dimension
