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

from estimates.errors import Fault, Faults
from estimates.language.wording import Counted, Events
from estimates.model.ids import fault_of_name
from estimates.model.ledger import NOWHERE, Where
from estimates.model.priors import Prior
from estimates.model.spec import POOLS, Option, Parts, Quantity, Reading, Use

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
        """Whether the option changes anything at all."""
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
    """Return the ids of the evidence that an option leaves out."""
    return frozenset(
        use.claim
        for use in parts.claims
        for kind, names in variant.without.items()
        if belonging(parts, use.claim, kind) in names
    )


def belonging(parts: Parts, claim: str, kind: str) -> str:
    """Return the id of a claim, or its source, origin or speaker."""
    found = parts.ledger.claims.get(claim)
    if kind == "claims" or found is None:
        return claim if kind == "claims" else ""
    return str(getattr(found, kind.removesuffix("s")))


def datum_of(parts: Parts, claim: str) -> str:
    """Return the claim of the ledger that a model may have under another name."""
    found = parts.ledger.claims.get(claim)
    return claim if found is None else found.datum


def named_alike(parts: Parts, names: Iterable[str]) -> list[str]:
    """Return the claims that are one before them, under another name."""
    data = [datum_of(parts, name) for name in names]
    return [name for i, name in enumerate(names) if data[i] in data[:i]]


def pools_of(parts: Parts, variant: Variant) -> Mapping[str, str]:
    """Return how the option admits held-out claims, for those that it names."""
    every = {use.claim: variant.pool for use in parts.compare if variant.pool}
    return {**every, **variant.pools}


def densities(parts: Parts, variants: Iterable[Variant]) -> Parts:
    """Return the parts with an option's priors, conventions and tails, for another engine."""
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
    """Return the parts of the model with other weights of readings."""
    for variant in variants:
        readings = {name: _reading(one, variant) for name, one in parts.readings.items()}
        parts = replace(parts, readings=readings)
    return parts


def overridden(value: Any, changes: Any) -> Any:
    """Return conventions (or a part of them) with changes nested as in a file."""
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
            _References(parts, variant, what, faults).check()
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


@dataclass(frozen=True)
class _References:
    """Checks that everything an option names is there, and that its numbers can be used."""

    parts: Parts
    variant: Variant
    what: str
    faults: Faults

    @property
    def evidence(self) -> list[str]:
        return [use.claim for use in self.parts.claims]

    @property
    def held(self) -> list[str]:
        return [use.claim for use in self.parts.compare]

    def check(self) -> None:
        for name in self.variant.priors:
            self._known("basic quantity", name, self.parts.quantities, f"priors {name}")
        for name in self.variant.tails:
            self._known("claim", name, [*self.evidence, *self.held], f"tails {name}")
        self._check_widths()
        self._check_weights()
        self._check_omissions()
        self._check_admitted()

    def _fault(self, message: str, place: str) -> None:
        self.faults.add(f"{self.what}: {message}", self.variant.where(place))

    def _known(self, kind: str, name: str, there: Iterable[str], place: str) -> bool:
        there = list(there)
        if name in there:
            return True
        hint = self.faults.hint(name, there)
        if not hint and there and len(there) <= 12:
            hint = f"; there are {', '.join(there)}"
        self._fault(f"no {kind} '{name}' in the model{hint}", place)
        return False

    def _check_widths(self) -> None:
        ledger = self.parts.ledger
        for name, factor in self.variant.widths.items():
            place = f"widths {name}"
            if name in self.held:
                self._fault(f"claim '{name}' is held out, so its width moves nothing", place)
            elif not self._known("claim", name, self.evidence, place):
                pass
            elif isinstance(ledger.claims[name].says, Counted | Events):
                self._fault(f"claim '{name}' is a count, which has no width", place)
            self._check_factor(factor, place)
        self._check_factor(self.variant.width, "widths")

    def _check_factor(self, factor: float, place: str) -> None:
        if not 0 < factor < math.inf:
            self._fault(f"a factor on a width is a number above 0, not {factor:g}", place)

    def _check_weights(self) -> None:
        for name, weights in self.variant.weights.items():
            if self._known("reading", name, self.parts.readings, f"weights {name}"):
                options = self.parts.readings[name].options
                for option in weights:
                    kind = f"option of reading '{name}'"
                    self._known(kind, option, options, f"weights {name} {option}")

    def _check_omissions(self) -> None:
        for kind, names in self.variant.without.items():
            owners = (belonging(self.parts, one, kind) for one in self.evidence)
            there = dict.fromkeys(filter(None, owners))
            called = "claim" if kind == "claims" else f"evidence of {kind.removesuffix('s')}"
            for name in names:
                place = f"without {name}"
                if kind == "claims" and name in self.held:
                    message = f"claim '{name}' is held out, so there is nothing to leave out"
                    self._fault(message, place)
                else:
                    self._known(called, name, there, place)

    def _check_admitted(self) -> None:
        for name in self.variant.admit:
            if name in self.evidence:
                self._fault(f"claim '{name}' is evidence already", f"admit {name}")
            else:
                self._known("held-out claim", name, self.held, f"admit {name}")
        for name in named_alike(self.parts, self.variant.admit):
            message = f"claim '{name}' is admitted twice, under two names"
            self._fault(message, f"admit {name}")
        for name in self.variant.pools:
            self._known("held-out claim", name, self.held, f"pool {name}")
        if self.variant.pool and not self.held:
            self._fault("the model holds out no claim to pool", "pool")
        for name, pool in {"": self.variant.pool, **self.variant.pools}.items():
            if pool and pool not in POOLS:
                hint = self.faults.hint(pool, POOLS) or f"; it is one of {', '.join(POOLS)}"
                self._fault(f"unknown pool '{pool}'{hint}", f"pool {name}".strip())


def _check_clashes(parts: Parts, faults: Faults) -> None:
    """Add a fault where two axes set one thing, which has no value where both are taken."""
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
    """Yield the settings that an option gives values, in words; factors and omissions add up."""
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
