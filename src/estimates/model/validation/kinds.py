"""Kinds of sources: which claims are of which, and the quantities that each kind brings.

A claim i of kind k by source s is y = g(θ) + log b_k + v_s + τ_k·u_i + w_i·ε_i. The factor b_k and
the source's own v_s are quantities, folded into what the claim is about. The claim's own error
τ_k·u_i is integrated out where the claim has a width, for an explicit u beside a tiny w would be a
ridge that no sampler crosses: the width is hypot(w, τ) then, and τ the claim's `spread`. A
Student-t is a normal whose precision is Gamma(ν/2, ν/2) (Andrews & Mallows 1974), so that it needs
no explicit error either. Counts, events and lopsided errors have no width, and keep u_i.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from estimates.errors import Fault, Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name, stable
from estimates.language.units import PLAIN, Unit, UnitError
from estimates.language.wording import Counted, Direction, Events, Lopsided
from estimates.model.claims import BoundClaim
from estimates.model.kinds import SHARE, Ceiling, Size, SourceGroup, SourceKind
from estimates.model.ledger import Where
from estimates.model.levels import set_by_priors
from estimates.model.likelihood import DEGREES_OF_FREEDOM
from estimates.model.panel.panel import Panel
from estimates.model.priors import FixedValue, NamedPrior, Prior
from estimates.model.spec import RESERVED, Parts, Quantity
from estimates.model.symbols import Structure, scaled
from estimates.model.validation.apart import mapped
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.names import check_known
from estimates.model.validation.quantities import check_quantity

_WORD = re.compile(r"\w[\w-]*")


def with_kinds(
    parts: Parts,
    structure: Structure,
    spread: Spread,
    uses: Sequence[BoundClaim],
    panel: Panel,
    faults: Faults,
) -> tuple[tuple[BoundClaim, ...], list[Fault]]:
    """Return the claims with what their kinds add, and warnings; new quantities join."""
    if not parts.kinds:
        return tuple(uses), []
    groups = list(_groups(parts, structure, faults))
    kinds = {
        f"{group.said.name}.{name}": _Kind(f"{group.said.name}.{name}", one, group)
        for group in groups
        for name, one in group.said.kinds.items()
    }
    warnings: list[Fault] = []
    assigned = [_kind_of(use, groups, kinds, structure, warnings) for use in uses]
    for use, kind in zip(uses, assigned, strict=True):
        if kind is not None:
            kind.uses.append(use)
    maker = _Maker(parts, structure, spread, faults)
    for kind in kinds.values():
        if not kind.uses:
            message = f"no claim is of kind '{kind.name}'"
            warnings.append(Fault(message, kind.said.where()))
        elif not _fits(kind, faults) or not maker.shared(kind):
            kind.broken = True
    found = tuple(
        use if kind is None or kind.broken else maker.joined(use, kind)
        for use, kind in zip(uses, assigned, strict=True)
    )
    warnings += set_by_priors(found, parts.kinds, panel)
    return found, warnings


@dataclass(frozen=True)
class _Group:
    """A group with its unit read."""

    said: SourceGroup
    unit: Unit
    share: bool

    def takes(self, use: BoundClaim, unit: Unit, structure: Structure) -> bool:
        """Return whether a claim in this unit is one of the group's."""
        if isinstance(use.wording, Direction):
            return False
        if structure.units.dimensionless(unit):
            return structure.units.dimensionless(self.unit) and self.share == _on_logit(use)
        return structure.units.same_dimension(unit, self.unit)


@dataclass(eq=False)
class _Kind:
    """A kind with the claims that are of it."""

    name: str
    said: SourceKind
    group: _Group
    uses: list[BoundClaim] = field(default_factory=list)
    broken: bool = False

    @property
    def absolute(self) -> bool:
        """Whether its errors are in the unit of what is claimed."""
        return bool(self.uses) and self.uses[0].scale == "identity"


def _on_logit(use: BoundClaim) -> bool:
    """Return whether a claim errs in log-odds, which a count does not."""
    return use.scale == "logit" or isinstance(use.wording, Counted)


def _groups(parts: Parts, structure: Structure, faults: Faults) -> Iterator[_Group]:
    known: list[_Group] = []
    for name, group in parts.kinds.items():
        taken = name in RESERVED or name in parts.quantities or name in parts.relations
        if taken or not name.isidentifier():
            why = "is taken" if taken else "has other signs than letters, digits and _"
            faults.add(f"'{name}' cannot name a group of kinds: it {why}", group.where())
        for kind in group.kinds.values():
            if not _WORD.fullmatch(kind.name):
                message = f"'{kind.name}' cannot name a kind; use letters, digits, _ and -"
                faults.add(message, kind.where())
        if not group.kinds:
            message = f"group '{name}' has no kinds; add one, as in `hearsay: {{factor: 0.5 to 4}}`"
            faults.add(message, group.where())
        try:
            unit = structure.units.parse(group.unit)
        except UnitError as error:
            place = group.where("unit", error.offset or 0)
            faults.add(f"unit of group '{name}': {error.message}", place)
            continue
        one = _Group(group, unit, group.unit == SHARE)
        for other in known:
            if one.share == other.share and structure.units.same_dimension(unit, other.unit):
                faults.add(
                    f"a claim in {group.unit or 'plain numbers'} could be of group '{name}' and of "
                    f"'{other.said.name}'; put their kinds into one group",
                    group.where("unit"),
                )
        known.append(one)
        yield one


def _kind_of(
    use: BoundClaim,
    groups: Iterable[_Group],
    kinds: Mapping[str, _Kind],
    structure: Structure,
    warnings: list[Fault],
) -> _Kind | None:
    """Return a claim's kind: the ledger's word, or its basis, in its unit's group.

    A figure that is held out is set beside the answer as its words and its basis have it.
    """
    if use.held_out:
        return None
    unit = structure.units.parse(use.unit)
    group = next((one for one in groups if one.takes(use, unit, structure)), None)
    if group is None:
        return None
    word = use.claim.kind or use.basis
    if use.claim.kind and word not in group.said.kinds:
        warnings.append(
            Fault(
                f"claim '{use.id}' is of kind '{word}', which group '{group.said.name}' has not; "
                "it is taken as it stands",
                use.claim.where("kind"),
            )
        )
    return kinds.get(f"{group.said.name}.{word}")


def _fits(kind: _Kind, faults: Faults) -> bool:
    """Return whether a kind says what its claims can have; add a fault where not."""
    said, before = kind.said, len(faults)
    if said.factor is not None and said.odds is not None:
        faults.add(f"kind '{kind.name}' has both a factor and odds; keep one", said.where())
        return False
    odd = next((one for one in kind.uses if (one.scale == "identity") != kind.absolute), None)
    for use in kind.uses:
        logit = _on_logit(use)
        if said.factor is not None and logit:
            faults.add(
                f"claim '{use.id}' of kind '{kind.name}' has its error in log-odds, where what a "
                "kind sees "
                "is a ratio of odds: write `odds:` for `factor:`",
                said.where("factor"),
            )
        elif (said.factor or said.odds) is not None and use.scale == "identity" and not logit:
            faults.add(
                f"claim '{use.id}' of kind '{kind.name}' speaks on the identity scale "
                f"({use.wording}), where a kind has no factor; leave it out, or "
                + (
                    "give the claim `scale: log`"
                    if said.odds is None
                    else "give the group `unit: share`"
                ),
                said.where("factor" if said.factor is not None else "odds"),
            )
        elif said.odds is not None and not logit:
            faults.add(
                f"claim '{use.id}' of kind '{kind.name}' is about no share: write `factor:` for "
                "`odds:`",
                said.where("odds"),
            )
        elif odd is not None and (said.source or said.scatter) is not None:
            faults.add(
                f"claims '{kind.uses[0].id}' and '{odd.id}' of kind '{kind.name}' are on two "
                f"scales, {kind.uses[0].scale} and {odd.scale}; give one a `scale:`, or another "
                "kind",
                said.where(),
            )
        if len(faults) > before:
            return False
    return True


class _Maker:
    """Makes the quantities that kinds bring, and joins them to claims."""

    def __init__(self, parts: Parts, structure: Structure, spread: Spread, faults: Faults) -> None:
        self._parts = parts
        self._structure = structure
        self._spread = spread
        self._faults = faults

    def shared(self, kind: _Kind) -> bool:
        """Add what all claims of a kind have in common; whether nothing is wrong with it."""
        said, good = kind.said, True
        for key, prior in (("factor", said.factor), ("odds", said.odds)):
            if prior is not None and prior != FixedValue(1.0):
                good &= self._add(kind, key, prior, key)
        for key, size in (("source", said.source), ("scatter", said.scatter)):
            if size is not None:
                prior = self._sized(kind, key, size)
                good &= prior is not None and self._add(kind, key, prior, key, kind.absolute)
        return good

    def _add(self, kind: _Kind, key: str, prior: Prior, field: str, absolute: bool = False) -> bool:
        """Add a positive quantity of a kind, which is in the group's unit where absolute."""
        name, where = f"{kind.name}.{key}", kind.said.where
        if isinstance(prior, NamedPrior):
            for argument, one in prior.arguments.items():
                at = where.within(field, prior.offsets.get(argument, 0))
                if not check_known(one, self._parts, f"{field} of '{kind.name}'", at, self._faults):
                    return False
        spot = where.spots.get(field)
        placed = Where(dict.fromkeys(("", "prior", "value"), spot) if spot else {})
        unit = kind.group.said.unit if absolute and not kind.group.share else ""
        label = _LABELS[key].format(kind.said.label or kind.said.name)
        quantity = Quantity(name, prior, unit, label, "positive", where=placed)
        return check_quantity(quantity, self._structure, self._spread, self._faults)

    def _sized(self, kind: _Kind, key: str, size: Size) -> Prior | None:
        """Return the prior of the size of an error, in the unit that the claims' errors have."""
        unit, group = "" if isinstance(size, NamedPrior) else size.unit or "", kind.group
        plain = self._structure.units.dimensionless(group.unit)
        relative = unit in ("", "%")
        if kind.absolute and unit == "%" and not plain:
            wrong = (
                f"claims of '{kind.name}' speak on the identity scale, so their {key} is in "
                f"{group.said.unit}, as in `{key}: up to 10 {group.said.unit}`"
            )
        elif not kind.absolute and not relative:
            wrong = (
                f"claims of '{kind.name}' have errors on the {kind.uses[0].scale} scale, so their "
                f"{key} is relative, as in `{key}: up to 80 %`, not in {unit}"
            )
        else:
            return self._ceiling(kind, key, size)
        self._faults.add(wrong, kind.said.where(key))
        return None

    def _ceiling(self, kind: _Kind, key: str, size: Size) -> Prior | None:
        if not isinstance(size, Ceiling):
            return size
        wanted = kind.group.unit if kind.absolute and size.unit not in ("", "%") else PLAIN
        try:
            factor = self._structure.units.factor(
                self._structure.units.parse(size.unit) if size.unit else wanted, wanted
            )
        except UnitError as error:
            place = kind.said.where(key, size.offset + (error.offset or 0))
            self._faults.add(f"{key} of '{kind.name}': {error.message}", place)
            return None
        return size.prior(factor)

    def _effect(self, name: str, prior: NamedPrior, unit: str, label: str) -> Name:
        """Return a quantity of one source or claim, made once."""
        if name not in self._structure.unit:
            quantity = Quantity(name, prior, unit, label)
            check_quantity(quantity, self._structure, self._spread, self._faults)
        return Name(name)

    def joined(self, use: BoundClaim, kind: _Kind) -> BoundClaim:
        """Return a claim with what its kind adds."""
        said, changed = kind.said, replace(use, kind=kind.name, plain=use.values)
        if said.scatter is None and not _unknown(said) and not said.source:
            changed = replace(changed, tails="normal")  # an anchor
        factors: list[Expression] = [
            Name(f"{kind.name}.{key}")
            for key in ("factor", "odds")
            if f"{kind.name}.{key}" in self._structure.unit
        ]
        unit = kind.group.said.unit if kind.absolute and not kind.group.share else ""
        errors: list[Expression] = []
        if said.source is not None:
            effect = self._source(use, kind, unit)
            (errors if kind.absolute else factors).append(effect)
        if said.scatter is not None and isinstance(use.wording, Counted | Events | Lopsided):
            errors.append(self._own(use, kind, unit))
        elif said.scatter is not None:
            changed = replace(changed, spread=self._width(use, kind))
        if not (factors or errors):
            return changed

        def seen(value: Expression) -> Expression:
            return self._seen(value, use, factors, errors, kind)

        return mapped(changed, seen)

    def _source(self, use: BoundClaim, kind: _Kind, unit: str) -> Name:
        """Return what one source adds to what all of its kind see: a factor, or an error."""
        name, size = f"{kind.name}.{use.claim.source}", Name(f"{kind.name}.source")
        if use.claim.source in _LABELS:
            self._faults.add(
                f"source '{use.claim.source}' has the name of what every kind has; rename it",
                use.claim.where("source"),
            )
        family = "Normal" if kind.absolute else "LogNormal"
        label = f"what {use.claim.source} adds to what a source of its kind sees"
        return self._effect(name, _centred(family, size), unit, label)

    def _own(self, use: BoundClaim, kind: _Kind, unit: str) -> Name:
        """Return the error of a claim that has no width; copies of one datum have it in common."""
        size = Name(f"{kind.name}.scatter")
        name = f"{kind.name}.scatter.{use.origin or use.id}"
        family = "StudentT" if use.tails == "student-t" else "Normal"
        label = f"the own error of claim {use.origin or use.id}"
        return self._effect(name, _centred(family, size), unit, label)

    def _width(self, use: BoundClaim, kind: _Kind) -> Expression:
        """Return the width of a claim's own error, on its scale and in its unit."""
        size: Expression = Name(f"{kind.name}.scatter")
        if use.tails == "student-t":
            half = Constant(DEGREES_OF_FREEDOM / 2)
            name = f"{kind.name}.tails.{use.origin or use.id}"
            label = f"the precision of the own error of claim {use.origin or use.id}"
            prior = NamedPrior("Gamma", {"alpha": half, "beta": half})
            precision = self._effect(name, prior, "", label)
            size = Binary("*", size, Binary("**", precision, Constant(-0.5)))
        return scaled(size, self._factor(use, kind)) if kind.absolute else size

    def _factor(self, use: BoundClaim, kind: _Kind) -> float:
        """Return the factor from the group's unit to the claim's."""
        units = self._structure.units
        return units.factor(kind.group.unit, units.parse(use.unit))

    def _seen(
        self,
        value: Expression,
        use: BoundClaim,
        factors: Sequence[Expression],
        errors: Sequence[Expression],
        kind: _Kind,
    ) -> Expression:
        """Return what a claim is about, as a source of its kind sees it."""
        if kind.absolute and not _on_logit(use):
            for error in errors:
                value = Binary("+", value, scaled(error, self._factor(use, kind)))
            return value
        if _on_logit(use):
            odds: Expression = Call("logit", (value,))
            for one in (*(Call("log", (factor,)) for factor in factors), *errors):
                odds = Binary("+", odds, one)
            return stable(Call("logistic", (odds,)))
        for one in (*factors, *(Call("exp", (error,)) for error in errors)):
            value = Binary("*", value, one)
        return stable(value)


_LABELS = {
    "factor": "what {} sources see of what there is",
    "odds": "what {} sources see of what there is, as a ratio of odds",
    "source": "how far {} sources differ",
    "scatter": "how far off claims of {} sources are by themselves",
    "tails": "",
}


def _unknown(said: SourceKind) -> bool:
    return any(one not in (None, FixedValue(1.0)) for one in (said.factor, said.odds))


def _centred(family: str, size: Name) -> NamedPrior:
    """Return a prior about nothing, of a size that is learnt."""
    nu = {"nu": Constant(float(DEGREES_OF_FREEDOM))} if family == "StudentT" else {}
    return NamedPrior(family, {**nu, "mu": Constant(0.0), "sigma": size})
