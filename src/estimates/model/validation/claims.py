"""Binds each claim that a model uses to what it is about, and checks claims against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from estimates.errors import Fault, Faults
from estimates.language.expression import Expression, Interval, names
from estimates.language.units import PLAIN, Unit, UnitError, Units
from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Lopsided,
    Vague,
    Wording,
    which_ounce,
)
from estimates.model.claims import BoundClaim
from estimates.model.conventions import TAILS
from estimates.model.derived import why_no_evidence
from estimates.model.ledger import Claim
from estimates.model.spec import POOLS, Parts, Use
from estimates.model.symbols import Structure, scaled
from estimates.model.validation import claim_scale
from estimates.model.validation.claim_scale import check_on_scale, dimension_advice, scale_of
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.names import check_known
from estimates.model.validation.shares import check_count
from estimates.model.variants import datum_of
from estimates.model.widths import WidthError, narrow, on_scale, why_none, wide
from estimates.stats.links import SCALES

#: Currencies with their rates at a claim's date.
type _Rates = tuple[tuple[str, tuple[float, str]], ...]
#: What claims may have in common: what they are about, the unit stated, whether of events.
type _Key = tuple[Expression, str | None, bool, _Rates]


@dataclass(frozen=True, slots=True)
class _Matter:
    """What a claim is about, in the unit it states; `factor` makes its numbers plain."""

    value: Expression
    unit: Unit
    plain: bool
    factor: float
    support: Interval


class Binder:
    """Binds the uses of one model, noting faults and warnings."""

    def __init__(
        self,
        parts: Parts,
        structure: Structure,
        spread: Spread,
        faults: Faults,
        warnings: list[Fault],
    ) -> None:
        self._parts = parts
        self._structure = structure
        self._spread = spread
        self._faults = faults
        self._warnings = warnings
        self._values: dict[Expression, tuple[Expression, Unit]] = {}
        # Thousands of claims are about a few things, in a few units: each is looked at once.
        self._matters: dict[_Key, _Matter] = {}
        self._dated: dict[_Rates, Units] = {}

    def bind(self, use: Use, *, held_out: bool) -> BoundClaim | None:
        """Return the claim bound, or None where something is wrong with it."""
        before = len(self._faults)
        claim = self._claim(use, held_out)
        self._check_options(use, held_out)
        what = f"what claim '{use.claim}' is about"
        known = check_known(use.about, self._parts, what, use.where.within("about"), self._faults)
        if claim is None or claim.says is None or not known:
            return None
        about = names(use.about)
        if not about:
            self._fault(use, "about", f"claim '{claim.id}' is about a number, not a quantity")
        elif held_out and isinstance(claim.says, Direction | Disputed):
            kind = "a direction" if isinstance(claim.says, Direction) else "a dispute"
            self._fault(use, "", f"claim '{claim.id}' is {kind}, which cannot be compared")
        elif all(name in self._structure.unit for name in about):  # else their faults are known
            bound = self._bound(use, claim, claim.says, held_out)
            return bound if len(self._faults) == before else None
        return None

    def _fault(self, use: Use, field: str, message: str, offset: int = 0) -> None:
        self._faults.add(message, use.where(field, offset))

    def _claim(self, use: Use, held_out: bool) -> Claim | None:
        claims, broken = self._parts.ledger.claims, self._parts.broken
        claim = claims.get(use.claim)
        if claim is None and use.claim not in broken:
            hint = self._faults.hint(use.claim, claims)
            if not claims:
                hint = "; name the file of claims in `evidence:`"
            self._fault(use, "", f"unknown claim '{use.claim}'{hint}")
        elif claim is not None and claim.says is None and claim.because and claim.id not in broken:
            self._fault(use, "", f"claim '{claim.id}' cannot be used: {claim.because}")
        elif claim is not None and not held_out and (why := why_no_evidence(claim)):
            message = f"claim '{claim.id}' {why}: no evidence of its own; leave it out of `claims:`"
            self._fault(use, "", message)
        return claim

    def _check_options(self, use: Use, held_out: bool) -> None:
        allowed = {"scale": (use.scale, tuple(SCALES)), "tails": (use.tails, TAILS)}
        allowed["pool"] = (use.pool, POOLS if held_out else ())
        for field, (given, choices) in allowed.items():
            if given is None or given in choices:
                continue
            if not choices:
                message = f"claim '{use.claim}' is evidence, so it has no pool; see `compare:`"
            else:
                hint = self._faults.hint(given, choices) or f"; it is one of {', '.join(choices)}"
                message = f"claim '{use.claim}' has unknown {field} '{given}'{hint}"
            self._fault(use, field, message)

    def _bound(self, use: Use, claim: Claim, said: Wording, held_out: bool) -> BoundClaim | None:
        """Return the claim with its numbers, and the value it is about in the unit it states."""
        stating = claim
        if isinstance(said, Disputed):
            stating = self._parts.ledger.claims.get(claim.disputes, claim)
        stated = stating.says
        if stated is None or isinstance(stated, Disputed):
            return None  # the fault of the dispute is known
        matter = self._matter(use, stating, stated)
        if matter is None:
            return None
        value, plain, support = matter.value, matter.plain, matter.support
        written = "" if plain else stated.unit
        if isinstance(stated, Events) and not plain:
            written = str(matter.unit)

        def here(wording: Wording) -> Wording:
            wording = self._as_agreed(wording)
            if isinstance(wording, Events):
                return wording
            return wording.scaled(matter.factor, written) if wording.unit != written else wording

        wording = here(said)
        kind, units = claim.kind or claim.basis, self._structure.units
        groups = () if held_out else self._parts.kinds.values()
        scale = scale_of(wording, use.scale, matter.unit, support, kind, groups, units)
        bound = BoundClaim(
            id=claim.id,
            claim=claim,
            about=use.about,
            written=use.written,
            value=value,
            scale=scale,
            tails=use.tails or self._parts.conventions.tails,
            held_out=held_out,
            pool=(use.pool or POOLS[0]) if held_out else None,
            unit=written,
            wording=wording,
            basis=claim.basis,
            sigma=self._sigma(claim, wording, scale, matter.unit),
            origin=claim.origin or None,
            disputed=None if stating is claim else here(stated),
            note=use.note,
            place=use.where(),
        )
        check_on_scale(bound, use, plain, support, self._faults, self._warnings)
        if isinstance(wording, Events) and support.low < 0:
            self._fault(
                use,
                "about",
                f"claim '{claim.id}' counts events ({wording}), but '{use.about}' can be negative; "
                "a rate is not: give what feeds it a positive prior",
            )
        if isinstance(wording, Counted):
            outside = check_count(bound, self._structure, self._parts, self._spread)
            if outside:
                self._fault(use, "about", outside)
        return bound

    def _matter(self, use: Use, stating: Claim, stated: Wording) -> _Matter | None:
        """Return what a claim is about, in the unit that it or the disputed claim states."""
        key = (
            use.about,
            None if isinstance(stated, Direction | Counted) else stated.unit,
            isinstance(stated, Events),
            tuple(use.rates.items()),
        )
        known = self._matters.get(key)
        if known is not None:
            return known
        unit = self._stated_unit(use, stating, stated)
        value = None if unit is None else self._value(use, unit)
        if unit is None or value is None:
            return None
        units = self._units(use)
        plain = units.dimensionless(unit)
        factor = units.factor(unit, PLAIN) if plain else 1.0
        matter = _Matter(value, unit, plain, factor, self._structure.support_of(value))
        self._matters[key] = matter
        return matter

    def _sigma(self, claim: Claim, wording: Wording, scale: str, unit: Unit) -> float | None:
        """Return the claim's own width on its scale, where it states one that it can have."""
        width = claim.width
        if width is None or width.value <= 0:
            return None  # the fault of a width below 0 is known
        place = claim.where("sigma")
        none = why_none(wording)
        if none:
            self._faults.add(f"claim '{claim.id}' {none}", place)
            return None
        try:
            found = on_scale(width, wording, scale, unit, self._structure.units)
        except WidthError as error:
            self._faults.add(f"claim '{claim.id}': {error}", place)
            return None
        doubt = "" if found is None else narrow(width, wording, scale) or wide(width, found, scale)
        if doubt:
            self._warnings.append(Fault(f"claim '{claim.id}': {doubt}", place))
        return found

    def _stated_unit(self, use: Use, claim: Claim, said: Wording) -> Unit | None:
        """Return the unit that a claim states; a direction or a count is about a plain number."""
        units = self._units(use)
        if isinstance(said, Direction | Counted):
            value = self._own(use)
            if value is None or units.dimensionless(value[1]):
                return None if value is None else PLAIN
            advice = dimension_advice(claim.id, use.about, said, units.show(value[1]))
            self._fault(use, "about", advice)
            return None
        doubt = which_ounce(said.unit, " ".join((claim.quote, *self._labels(use))))
        if doubt:
            self._faults.add(f"claim '{claim.id}': {doubt}", claim.where("says"))
            return None
        try:
            return claim_scale.unit_said(said, units, self._own(use))
        except UnitError as error:
            start = max(said.text.rfind(said.unit), 0) + (error.offset or 0)
            self._faults.add(f"claim '{claim.id}': {error.message}", claim.where("says", start))
            return None

    def _units(self, use: Use) -> Units:
        """Return the units, with the currency rates of a claim's date."""
        if not use.rates:
            return self._structure.units
        key = tuple(use.rates.items())
        if key not in self._dated:
            rates = {one.code: (one.rate, one.base) for one in self._parts.currencies.values()}
            self._dated[key] = Units(rates | dict(use.rates))
        return self._dated[key]

    def _labels(self, use: Use) -> Iterator[str]:
        """Yield what the quantities that a claim is about are called."""
        for name in names(use.about):
            row = self._parts.quantities.get(name) or self._parts.relations.get(name)
            yield from (name, row.label if row else "")

    def _own(self, use: Use) -> tuple[Expression, Unit] | None:
        """Return what a claim is about, bound in its own unit."""
        if use.about not in self._values:
            try:
                self._values[use.about] = self._structure.bind(use.about)
            except UnitError as error:
                message = f"what claim '{use.claim}' is about: {error.message}"
                self._fault(use, "about", message, error.offset or 0)
                return None
        return self._values[use.about]

    def _value(self, use: Use, unit: Unit) -> Expression | None:
        """Return what a claim is about, bound in the unit that the claim states."""
        units, found = self._units(use), self._own(use)
        if found is None:
            return None
        bound, own = found
        unit = PLAIN if units.dimensionless(unit) else unit
        try:
            units.factor(unit, own)  # so that an error speaks of what the claim has
            bound = scaled(bound, units.factor(own, unit))
        except UnitError as error:
            said = self._parts.ledger.claims[use.claim]
            place = said.where("says")
            where = f" ({Path(place.file).name}:{place.line})" if place and place.line else ""
            message = (
                f"claim '{use.claim}' about '{use.about}': {error.message}; "
                f"it says '{said.says}'{where}"
            )
            self._fault(use, "about", message)
            return None
        extent = self._structure.extent_of(bound)
        if extent.beyond_limits:
            message = f"claim '{use.claim}' is about too large an expression: {extent}"
            self._fault(use, "about", message)
            return None
        return bound

    def _as_agreed(self, wording: Wording) -> Wording:
        """Return a vague count with the size that the model's conventions give it."""
        if not isinstance(wording, Vague):
            return wording
        agreed = self._parts.conventions.vague[wording.words]
        return replace(wording, count=agreed.count, spread=agreed.spread)


def check_uses(parts: Parts, faults: Faults) -> None:
    """Check that a claim is used once, as evidence or as a comparison."""
    evidence = {datum_of(parts, use.claim) for use in parts.claims}
    for section in (parts.claims, parts.compare):
        seen: set[str] = set()
        for use in section:
            if use.claim in seen:
                faults.add(f"claim '{use.claim}' is used twice", use.where())
            seen.add(use.claim)
    for use in parts.compare:
        datum = datum_of(parts, use.claim)
        if datum in evidence:
            faults.add(
                f"claim '{datum}' is both evidence and compared; "
                "the answer would be set beside itself",
                use.where(),
            )


def check_origins(uses: Sequence[BoundClaim], faults: Faults, warnings: list[Fault]) -> None:
    """Check that claims of one origin are copies of one datum: about one thing, on one scale."""
    first: dict[str, BoundClaim] = {}
    for use in uses:
        if use.origin is None:
            continue
        copied = first.get(use.origin)
        pair = f"claims '{copied.id if copied else ''}' and '{use.id}' share origin '{use.origin}'"
        if copied is None:
            first[use.origin] = use
        elif use.held_out != copied.held_out:
            message = f"{pair}: the answer is set beside its own evidence"
            warnings.append(Fault(message, use.place))
        elif copied.about != use.about:
            faults.add(
                f"{pair}, so they are copies of one datum, but one is about '{copied.topic}' and "
                f"the other about '{use.topic}'; {_instead(copied, use)}",
                use.place,
            )
        elif copied.scale != use.scale:
            faults.add(
                f"{pair} but speak on two scales, {copied.scale} and {use.scale}; "
                "give one of them a `scale:`",
                use.place,
            )
        elif _must_be_identical(copied, use) and not _identical(copied, use):
            faults.add(
                f"{pair}, and bounds, directions, disputes, counts and lopsided errors of one "
                f"origin must be alike in wording and basis: '{copied.wording}' and "
                f"'{use.wording}' are not",
                use.place,
            )


def _instead(*claims: BoundClaim) -> str:
    """Return what claims of one origin about two things may be instead of copies."""
    if all(isinstance(one.wording, Counted) for one in claims):
        return "the arms of one study are counts of their own: leave `origin:` out"
    if all(one.states_error for one in claims):
        return (
            "if they are contrasts that share an arm, their errors hang together by the variance "
            "of the common arm, which neither claim states: give each arm as a count, such as "
            "`12 of 40`, with an `about` of its own; two figures of one person are a speaker, not "
            "an origin"
        )
    return "two figures of one person are a speaker, not an origin"


def _must_be_identical(*copies: BoundClaim) -> bool:
    return any(
        isinstance(one.wording, Bound | Counted | Direction | Disputed | Events | Lopsided)
        for one in copies
    )


def _identical(one: BoundClaim, other: BoundClaim) -> bool:
    return all(
        getattr(one, field) == getattr(other, field)
        for field in ("wording", "disputed", "unit", "basis", "sigma")
    )
