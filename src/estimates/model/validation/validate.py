"""Checks a model as a whole, in one pass that stops at nothing and names every fault once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, prod

from estimates.errors import Fault, Faults
from estimates.language.expression import Expression, Name, names
from estimates.language.units import UnitError, Units
from estimates.model.claims import BoundClaim
from estimates.model.conventions import check_conventions
from estimates.model.ledger import check_ledger
from estimates.model.panel.elaborate import elaborate
from estimates.model.panel.panel import Panel
from estimates.model.spec import Parts
from estimates.model.symbols import Structure
from estimates.model.validation.apart import set_apart, with_options
from estimates.model.validation.claims import Binder, check_origins, check_uses
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.extremes import Typical, check_figures, check_size
from estimates.model.validation.kinds import with_kinds
from estimates.model.validation.names import arrange, check_known, check_names
from estimates.model.validation.quantities import check_quantity
from estimates.model.validation.relations import check_branches, check_relation
from estimates.model.validation.shares import called_shares
from estimates.model.validation.warnings import cautions
from estimates.model.variants import check_variants

_MOST_COMBINATIONS = 1024
_LEAST_WEIGHT = 1e-12
_MOST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Checked:
    """What the checks of a model have found; complete only if no fault has been added.

    Attributes
    ----------
    parts : the model as declared, written out in cells where it has dimensions
    panel : which cells belong together
    """

    structure: Structure
    uses: tuple[BoundClaim, ...]
    warnings: tuple[Fault, ...]
    parts: Parts
    panel: Panel


def check(parts: Parts, faults: Faults) -> Checked:
    """Check a model as a whole."""
    check_ledger(parts.ledger, faults, parts.broken)
    check_conventions(parts.conventions, parts.where, faults)
    declared = replace(parts, broken=parts.broken | check_names(parts, faults))
    _check_readings(declared, faults)
    units = _units(declared, faults)
    warnings: list[Fault] = []
    parts, panel = elaborate(declared, units, faults, warnings)
    found = faults if not panel else Faults()
    structure = Structure(units)
    spread, typical = Spread(structure, parts.readings), Typical(structure, parts.readings)
    _fill(structure, parts, spread, typical, found)
    check_uses(parts, found)
    binder = Binder(parts, structure, spread, found, warnings)
    bound = [binder.bind(use, held_out=False) for use in parts.claims]
    bound += [binder.bind(use, held_out=True) for use in parts.compare]
    uses = tuple(use for use in bound if use is not None)
    check_origins(uses, found, warnings)
    check_figures(uses, typical, found)
    _check_targets(parts, structure, found)
    seen = with_options(parts, structure, spread, uses, found)
    seen, doubts = with_kinds(parts, structure, spread, seen, panel, found)
    if found is not faults:
        _once_a_place(found, faults)
    if not 0 <= parts.seed <= _MOST_SEED:
        faults.add(
            f"the seed is {parts.seed}; write a whole number from 0 to {_MOST_SEED}",
            parts.where("seed"),
        )
    if not faults:
        warnings += cautions(parts, structure, uses)
        warnings += called_shares(parts, structure, uses, spread, panel.made)
        warnings += doubts
        warnings += check_variants(
            declared, lambda varied, found: check(varied, found).warnings, faults
        )
    if panel:
        warnings = list({(one.place or one.message): one for one in reversed(warnings)}.values())
    set_apart(parts, structure)
    return Checked(structure, seen, tuple(dict.fromkeys(warnings)), parts, panel)


def _once_a_place(found: Faults, faults: Faults) -> None:
    """Keep one fault of each place: cells are written in one, and share its fault."""
    seen = set()
    for fault in found.error.faults if found else ():
        if fault.place is None or fault.place not in seen:
            faults.add(fault.message, fault.place)
        seen.add(fault.place)


def _fill(
    structure: Structure, parts: Parts, spread: Spread, typical: Typical, faults: Faults
) -> None:
    """Add quantities and relations one after another, leaving out what follows from a fault."""
    needs, broken = arrange(parts, faults)
    for name, needed in needs.items():
        relation = parts.relations.get(name)
        if relation is not None and not check_branches(relation, parts, faults):
            broken.add(name)
        if name in broken or not broken.isdisjoint(needed):
            broken.add(name)
        elif relation is not None:
            if not check_relation(relation, parts, structure, spread, faults) or not check_size(
                f"relation '{name}'", Name(name), typical, relation.where(), faults
            ):
                broken.add(name)
        else:
            quantity = parts.quantities[name]
            if not check_quantity(quantity, structure, spread, faults) or not check_size(
                f"quantity '{name}'", Name(name), typical, quantity.where("prior"), faults
            ):
                broken.add(name)
    if not (parts.quantities or parts.panels or parts.broken):
        faults.add("a model needs at least one quantity; add `quantities:`", parts.where())


def _units(parts: Parts, faults: Faults) -> Units:
    """Return the units with the currencies, each checked by itself so that faults can name it."""
    rates: dict[str, tuple[float, str]] = {}
    stand_ins: dict[str, tuple[float, str]] = {}  # so that a bad rate makes no more faults
    for code, one in parts.currencies.items():
        base = "USD" if one.base in parts.currencies else one.base
        try:
            Units({code: (1.0, "USD")})
            stand_ins[code] = (1.0, "USD")
            Units({code: (one.rate, base)})
            rates[code] = (one.rate, one.base)
        except UnitError as error:
            faults.add(error.message, one.where())
    try:
        return Units(stand_ins | rates)
    except UnitError as error:
        faults.add(error.message, parts.where("currencies"))
        return Units(stand_ins)


def _check_readings(parts: Parts, faults: Faults) -> None:
    for name, reading in parts.readings.items():
        if reading.each not in ("", "claim"):
            faults.add(
                f"reading '{name}' is for each '{reading.each}'; write `each: claim`, or leave it "
                "out",
                reading.where("each"),
            )
        if not reading.options:
            faults.add(f"reading '{name}' has no options", reading.where())
        for option, one in reading.options.items():
            if 0 < one.weight < inf and not _LEAST_WEIGHT <= one.weight <= 1 / _LEAST_WEIGHT:
                faults.add(
                    f"the weight of '{option}' in reading '{name}' is {one.weight:g}; write one "
                    f"between {_LEAST_WEIGHT:g} and {1 / _LEAST_WEIGHT:g}",
                    reading.where(option),
                )
            if not 0 < one.weight < inf:
                faults.add(
                    f"the weight of '{option}' in reading '{name}' is {one.weight:g}; "
                    "a weight is a number above 0",
                    reading.where(option),
                )
    common = [reading for reading in parts.readings.values() if not reading.each]
    count = prod(len(reading.options) for reading in common)
    if count > _MOST_COMBINATIONS:
        faults.add(
            f"the readings have {count:,} combinations, each of which needs a fit of its own; "
            f"keep to {_MOST_COMBINATIONS:,}",
            parts.where("readings"),
        )


def _check_targets(parts: Parts, structure: Structure, faults: Faults) -> None:
    if not parts.targets and "targets" not in parts.broken:
        faults.add(
            "a model needs a target, the quantity that the reader came for; add `targets:`",
            parts.where("targets"),
        )
    seen: set[Expression] = set()
    for number, target in enumerate(parts.targets):
        field = f"targets {number}"
        if not check_known(target, parts, "the targets", parts.where.within(field), faults):
            continue
        if target in seen:
            faults.add(f"target '{target}' is named twice", parts.where(field))
            continue
        seen.add(target)
        if not names(target):
            faults.add(f"target '{target}' is a number, not a quantity", parts.where(field))
        if not all(name in structure.unit for name in names(target)):
            continue  # its own fault is known
        try:
            extent = structure.extent_of(structure.bind(target)[0])
            if extent.beyond_limits:
                faults.add(f"target '{target}' is too large: {extent}", parts.where(field))
        except UnitError as error:
            faults.add(f"target '{target}': {error.message}", parts.where(field, error.offset or 0))
        silent = next((name for name in names(target) if structure.silent[name]), None)
        if silent is not None:
            faults.add(
                f"target '{target}' has no value in every reading: '{silent}' says `nothing` "
                f"under {structure.silent[silent]}",
                parts.where(field),
            )
