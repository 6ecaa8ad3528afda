"""Other ways to analyse the same claims: axes of choices, each with options beside the base.

An option says in what it differs from the model as it stands.  What it makes of the model is
checked by the code that checks the model itself, one option at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any

from estimates.errors import Fault, Faults, Place
from estimates.language.wording import Counted
from estimates.model.ledger import NOWHERE, Where, fault_of_name
from estimates.model.priors import Prior
from estimates.model.spec import Option, Parts, Quantity, Reading, Use

#: What the base option of an axis is called where the model gives it no name.
AS_IS = "as is"
#: By what claims can be left out.
GROUPS = ("claims", "sources", "origins", "speakers")

_WORD = re.compile(r"\w[\w-]*")


@dataclass(frozen=True, slots=True)
class Variant:
    """One option of an axis: in what it differs from the model as it stands.

    Attributes
    ----------
    priors : other priors (or known values) of quantities, by name
    conventions : other conventions, nested as in a file
    width : a factor on the width of every claim
    widths : factors on the widths of claims, by id
    tails : `normal` or `student-t` for claims, by id
    weights : other stated weights, by reading and option; options left out keep theirs
    without : evidence left out, by kind (see `GROUPS`) the names
    admit : held-out claims that count as evidence, and are compared with no more
    pool : how every held-out claim is admitted; "" leaves that as it is
    pools : the same for some of them, by id
    label, because : free text
    """

    priors: Mapping[str, Prior] = field(default_factory=dict)
    conventions: Mapping[str, Any] = field(default_factory=dict)
    width: float = 1.0
    widths: Mapping[str, float] = field(default_factory=dict)
    tails: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    admit: tuple[str, ...] = ()
    pool: str = ""
    pools: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    because: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def changes(self) -> bool:
        """Whether it says anything at all."""
        said = (self.priors, self.conventions, self.widths, self.tails, self.weights)
        more = (self.without, self.admit, self.pool, self.pools, self.width != 1.0)
        return any(map(bool, (*said, *more)))


@dataclass(frozen=True, slots=True)
class Axis:
    """A choice that an analyst makes: the base, which is the model as it stands, or an option.

    Attributes
    ----------
    name : an identifier
    options : by name, without the base
    base : what the base option is called
    label, note : free text
    """

    name: str
    options: Mapping[str, Variant]
    base: str = AS_IS
    label: str = ""
    note: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def levels(self) -> tuple[str, ...]:
        """The base and the options."""
        return (self.base, *self.options)


# A model under an option --------------------------------------------------------------------


def dropped(parts: Parts, variant: Variant) -> frozenset[str]:
    """The ids of the evidence that an option leaves out."""
    return frozenset(
        use.claim
        for use in parts.claims
        for kind, names in variant.without.items()
        if belonging(parts, use.claim, kind) in names
    )


def belonging(parts: Parts, claim: str, kind: str) -> str:
    """The id of a claim, or its source, origin or speaker."""
    found = parts.ledger.claims.get(claim)
    if kind == "claims" or found is None:
        return claim if kind == "claims" else ""
    return str(getattr(found, kind.removesuffix("s")))


def pools_of(parts: Parts, variant: Variant) -> Mapping[str, str]:
    """How the option admits held-out claims, those that it speaks of."""
    every = {use.claim: variant.pool for use in parts.compare if variant.pool}
    return {**every, **variant.pools}


def densities(parts: Parts, variants: Iterable[Variant]) -> Parts:
    """The parts of the model with other priors, conventions and tails: what needs an engine."""
    for variant in variants:
        quantities = {name: _quantity(one, variant) for name, one in parts.quantities.items()}
        spots = {**parts.where.spots, **variant.where.spots}
        parts = replace(
            parts,
            quantities=quantities,
            conventions=overridden(parts.conventions, variant.conventions),
            claims=tuple(_tailed(use, variant) for use in parts.claims),
            compare=tuple(_tailed(use, variant) for use in parts.compare),
            where=Where(spots),
            variants={},
        )
    return replace(parts, variants={})


def reweighted(parts: Parts, variants: Iterable[Variant]) -> Parts:
    """The parts of the model with other weights of readings."""
    for variant in variants:
        readings = {name: _reading(one, variant) for name, one in parts.readings.items()}
        parts = replace(parts, readings=readings)
    return parts


def overridden(value: Any, changes: Any) -> Any:
    """Conventions (or a part of them) with changes nested as in a file."""
    if isinstance(value, Mapping):
        return {**value, **{key: overridden(value[key], one) for key, one in changes.items()}}
    if is_dataclass(value) and not isinstance(value, type):
        new = {key: overridden(getattr(value, key), one) for key, one in changes.items()}
        return replace(value, **new) if new else value
    return changes


def _quantity(quantity: Quantity, variant: Variant) -> Quantity:
    prior = variant.priors.get(quantity.name)
    if prior is None:
        return quantity
    spots = dict(quantity.where.spots)
    spot = variant.where.spots.get(f"priors {quantity.name}")
    if spot is not None:  # faults of the new prior stand where it was written
        spots |= {"": spot, "prior": spot, "value": spot}
    return replace(quantity, prior=prior, where=Where(spots))


def _tailed(use: Use, variant: Variant) -> Use:
    tails = variant.tails.get(use.claim)
    if tails is None:
        return use
    spot = variant.where.spots.get(f"tails {use.claim}")
    spots = {**use.where.spots, **({"tails": spot} if spot else {})}
    return replace(use, tails=tails, where=Where(spots))


def _reading(reading: Reading, variant: Variant) -> Reading:
    weights = variant.weights.get(reading.name)
    if not weights:
        return reading
    options: dict[str, Option] = dict(reading.options)
    spots = dict(reading.where.spots)
    for name, weight in weights.items():
        options[name] = replace(options[name], weight=weight)
        spot = variant.where.spots.get(f"weights {reading.name} {name}")
        spots |= {name: spot} if spot else {}
    return replace(reading, options=options, where=Where(spots))


# Checks -------------------------------------------------------------------------------------

type Check = Callable[[Parts, Faults], Iterable[Fault]]


def check_variants(parts: Parts, check: Check, faults: Faults) -> list[Fault]:
    """Add a fault for everything wrong with the variants; returns the warnings that they bring.

    Parameters
    ----------
    parts : of a model that is itself without faults
    check : checks parts as a whole, adds faults and returns warnings
    """
    warnings: list[Fault] = []
    usual = set(check(replace(parts, variants={}), Faults())) if parts.variants else set()
    for axis in parts.variants.values():
        _check_names(axis, faults)
        if not axis.options:
            message = f"the axis '{axis.name}' of `variants:` has no option beside the base"
            faults.add(message, axis.where())
        for name, variant in axis.options.items():
            what = f"variant '{name}' of '{axis.name}'"
            before = len(faults)
            _check_references(parts, variant, what, faults)
            if not variant.changes:
                faults.add(f"{what} changes nothing; say what it changes", variant.where())
            if len(faults) > before:
                continue
            found = Faults()
            new = list(check(reweighted(densities(parts, [variant]), [variant]), found))
            for fault in found.error.faults:
                faults.add(f"{what}: {fault.message}", fault.place or variant.where())
            warnings += [
                Fault(f"{what}: {one.message}", one.place) for one in new if one not in usual
            ]
    _check_clashes(parts, faults)
    return warnings


def _check_names(axis: Axis, faults: Faults) -> None:
    for word in (axis.name, *axis.options):
        if not _WORD.fullmatch(word):
            message = f"'{word}' cannot name an axis or its option; use letters, digits, _ and -"
            faults.add(message, axis.where())
        elif wrong := fault_of_name(word):
            faults.add(f"'{word[:40]}' cannot name an axis or its option: {wrong}", axis.where())
    if axis.base in axis.options:
        message = f"the base of the axis '{axis.name}' is called like its option '{axis.base}'"
        faults.add(message, axis.where("base"))


def _check_references(parts: Parts, variant: Variant, what: str, faults: Faults) -> None:
    """Everything that an option names must be there, and its numbers usable."""
    evidence = [use.claim for use in parts.claims]
    held = [use.claim for use in parts.compare]

    def known(kind: str, name: str, there: Iterable[str], place: Place | None) -> bool:
        there = list(there)
        if name in there:
            return True
        hint = faults.hint(name, there)
        if not hint and there and len(there) <= 12:
            hint = f"; there are {', '.join(there)}"
        faults.add(f"{what}: no {kind} '{name}' in the model{hint}", place)
        return False

    where = variant.where
    for name in variant.priors:
        known("basic quantity", name, parts.quantities, where(f"priors {name}"))
    for name in variant.tails:
        known("claim", name, [*evidence, *held], where(f"tails {name}"))
    for name, factor in variant.widths.items():
        place = where(f"widths {name}")
        if name in held:
            message = f"{what}: claim '{name}' is held out, so its width moves nothing"
            faults.add(message, place)
        elif known("claim", name, evidence, place):
            _check_width(parts, name, what, place, faults)
        _check_factor(factor, what, place, faults)
    _check_factor(variant.width, what, where("widths"), faults)
    for name, weights in variant.weights.items():
        if known("reading", name, parts.readings, where(f"weights {name}")):
            for option in weights:
                place = where(f"weights {name} {option}")
                known(f"option of reading '{name}'", option, parts.readings[name].options, place)
    for kind, names in variant.without.items():
        there = dict.fromkeys(filter(None, (belonging(parts, one, kind) for one in evidence)))
        for name in names:
            if kind == "claims" and name in held:
                message = f"{what}: claim '{name}' is held out, so there is nothing to leave out"
                faults.add(message, where(f"without {name}"))
            else:
                known(f"evidence of {kind.removesuffix('s')}" if kind != "claims" else "claim",
                      name, there, where(f"without {name}"))  # fmt: skip
    for name in variant.admit:
        if name in evidence:
            faults.add(f"{what}: claim '{name}' is evidence already", where(f"admit {name}"))
        else:
            known("held-out claim", name, held, where(f"admit {name}"))
    for name in variant.pools:
        known("held-out claim", name, held, where(f"pool {name}"))
    if variant.pool and not held:
        faults.add(f"{what}: the model holds out no claim to pool", where("pool"))
    for name, pool in {"": variant.pool, **variant.pools}.items():
        if pool and pool not in ("held-out", "independent", "redundant"):
            pools = ("held-out", "independent", "redundant")
            hint = faults.hint(pool, pools) or f"; it is one of {', '.join(pools)}"
            faults.add(f"{what}: unknown pool '{pool}'{hint}", where(f"pool {name}".strip()))


def _check_factor(factor: float, what: str, place: Place | None, faults: Faults) -> None:
    if not 0 < factor < math.inf:
        faults.add(f"{what}: a factor on a width is a number above 0, not {factor:g}", place)


def _check_width(parts: Parts, claim: str, what: str, place: Place | None, faults: Faults) -> None:
    if isinstance(parts.ledger.claims[claim].says, Counted):
        faults.add(f"{what}: claim '{claim}' is a count, which has no width", place)


def _check_clashes(parts: Parts, faults: Faults) -> None:
    """What two axes set differently has no value where both are taken."""
    seen: dict[str, str] = {}
    for axis in parts.variants.values():
        mine = {one for variant in axis.options.values() for one in settings(parts, variant)}
        for one in sorted(mine):
            if one in seen:
                message = (
                    f"the axes '{seen[one]}' and '{axis.name}' of `variants:` both set {one}; "
                    "make them one axis"
                )
                faults.add(message, axis.where())
            seen.setdefault(one, axis.name)


def settings(parts: Parts, variant: Variant) -> Iterator[str]:
    """What an option gives a value of its own, in words; factors and omissions only add up."""
    yield from (f"the prior of '{name}'" for name in variant.priors)
    yield from (f"the convention '{path}'" for path in _leaves(variant.conventions))
    yield from (f"the tails of '{name}'" for name in variant.tails)
    yield from (f"the weights of '{name}'" for name in variant.weights)
    admitted = {*variant.admit, *pools_of(parts, variant)}
    yield from (f"how '{name}' is admitted" for name in admitted)


def _leaves(changes: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in changes.items():
        below = f"{path} {name}".strip()
        if isinstance(value, Mapping):
            yield from _leaves(value, below)
        else:
            yield below
