"""Binds each claim that a model uses to what it is about, and checks claims against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from estimates.errors import Fault, Faults, did_you_mean
from estimates.evidence import Claim
from estimates.expression import Expression, names
from estimates.model.claims import BoundClaim
from estimates.model.conventions import TAILS
from estimates.model.naming import check_known
from estimates.model.parts import POOLS, Parts, Use
from estimates.model.scaling import check_on_scale, dimension_advice, scale_of
from estimates.model.structure import Structure, scaled
from estimates.scales import SCALES
from estimates.units import PLAIN, Unit, UnitError
from estimates.wording import Bound, Counted, Direction, Disputed, Vague, Wording


class Binder:
    """Binds the uses of one model, noting faults and warnings."""

    def __init__(
        self, parts: Parts, structure: Structure, faults: Faults, warnings: list[Fault]
    ) -> None:
        self._parts = parts
        self._structure = structure
        self._faults = faults
        self._warnings = warnings
        self._values: dict[tuple[Expression, Unit], Expression] = {}

    def bind(self, use: Use, *, held_out: bool) -> BoundClaim | None:
        """The claim bound, or None where something is wrong with it."""
        before = len(self._faults)
        claim = self._claim(use)
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
            bound = self._in_one_unit(use, claim, claim.says, held_out)
            return bound if len(self._faults) == before else None
        return None

    def _fault(self, use: Use, field: str, message: str, offset: int = 0) -> None:
        self._faults.add(message, use.where(field, offset))

    def _claim(self, use: Use) -> Claim | None:
        claims, broken = self._parts.ledger.claims, self._parts.broken
        claim = claims.get(use.claim)
        if claim is None and use.claim not in broken:
            hint = did_you_mean(use.claim, claims)
            if not claims:
                hint = "; name the file of claims in `evidence:`"
            self._fault(use, "", f"unknown claim '{use.claim}'{hint}")
        elif claim is not None and claim.says is None and claim.id not in broken:
            self._fault(use, "", f"claim '{claim.id}' cannot be used: {claim.because}")
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
                hint = did_you_mean(given, choices) or f"; it is one of {', '.join(choices)}"
                message = f"claim '{use.claim}' has unknown {field} '{given}'{hint}"
            self._fault(use, field, message)

    def _in_one_unit(
        self, use: Use, claim: Claim, said: Wording, held_out: bool
    ) -> BoundClaim | None:
        """The claim with its numbers, and the value that it is about, in the unit it states."""
        figures = claim
        if isinstance(said, Disputed):
            figures = self._parts.ledger.claims.get(claim.disputes, claim)
        stating = figures.says
        if stating is None or (isinstance(said, Disputed) and figures is claim):
            return None  # the dispute's own fault is known
        unit = self._stated_unit(use, figures, stating)
        if unit is None:
            return None
        plain = self._structure.units.dimensionless(unit)
        try:
            value = self._value(use.about, PLAIN if plain else unit)
        except UnitError as error:
            self._fault(use, "about", f"claim '{claim.id}' about '{use.about}': {error.message}")
            return None
        factor = self._structure.units.factor(unit, PLAIN) if plain else 1.0
        written = "" if plain else stating.unit

        def here(wording: Wording) -> Wording:
            wording = self._as_agreed(wording)
            return wording.scaled(factor, written) if wording.unit != written else wording

        disputed = here(stating) if isinstance(said, Disputed) else None
        wording = here(said)
        support = self._structure.support_of(value)
        scale = scale_of(wording, use.scale, plain, support)
        bound = BoundClaim(
            id=claim.id,
            claim=claim,
            about=use.about,
            value=value,
            scale=scale,
            tails=use.tails or self._parts.conventions.tails,
            held_out=held_out,
            pool=(use.pool or POOLS[0]) if held_out else None,
            unit=written,
            wording=wording,
            basis=claim.basis,
            sigma=claim.sigma,
            origin=claim.origin or None,
            disputed=disputed,
            note=use.note,
            place=use.where(),
        )
        check_on_scale(bound, use, plain, support, self._faults, self._warnings)
        return bound

    def _stated_unit(self, use: Use, claim: Claim, said: Wording) -> Unit | None:
        """The unit that a claim states; a direction or a count is about a plain number."""
        units = self._structure.units
        try:
            if isinstance(said, Direction | Counted):
                unit = self._structure.bind(use.about)[1]
                if units.dimensionless(unit):
                    return PLAIN
                self._fault(
                    use, "about", dimension_advice(claim.id, use.about, said, units.show(unit))
                )
                return None
        except UnitError as error:
            message = f"{error.message} (in what claim '{use.claim}' is about)"
            self._fault(use, "about", message, error.offset or 0)
            return None
        try:
            return units.parse(said.unit)
        except UnitError as error:
            start = max(said.text.rfind(said.unit), 0) + (error.offset or 0)
            self._faults.add(f"claim '{claim.id}': {error.message}", claim.where("says", start))
            return None

    def _value(self, about: Expression, unit: Unit) -> Expression:
        """The expression bound to a unit; raises `UnitError` in the words of whoever claims."""
        value = self._values.get((about, unit))
        if value is None:
            bound, own = self._structure.bind(about)
            self._structure.units.factor(unit, own)
            value = scaled(bound, self._structure.units.factor(own, unit))
            self._values[about, unit] = value
        return value

    def _as_agreed(self, wording: Wording) -> Wording:
        """A vague count as large as the model's conventions have it."""
        if not isinstance(wording, Vague):
            return wording
        agreed = self._parts.conventions.vague[wording.words]
        return replace(wording, count=agreed.count, spread=agreed.spread)


def check_uses(parts: Parts, faults: Faults) -> None:
    """A claim is used once, as evidence or as a comparison."""
    evidence = Counter(use.claim for use in parts.claims)
    compared = Counter(use.claim for use in parts.compare)
    for use in (*parts.claims, *parts.compare):
        times = evidence[use.claim] + compared[use.claim]
        if evidence[use.claim] and compared[use.claim]:
            faults.add(
                f"claim '{use.claim}' is both evidence and compared; "
                "the answer would be set beside itself",
                _last(parts, use.claim).where(),
            )
        elif times > 1:
            faults.add(f"claim '{use.claim}' is used twice", _last(parts, use.claim).where())


def check_origins(uses: Sequence[BoundClaim], faults: Faults, warnings: list[Fault]) -> None:
    """Claims of one origin are copies of one datum: about one thing, on one scale."""
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
                f"{pair}, so they are copies of one datum, but one is about '{copied.about}' and "
                f"the other about '{use.about}'; two figures of one person are a speaker, "
                "not an origin",
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
                f"{pair}, and bounds, directions, disputes and counts of one origin must be alike "
                f"in wording and basis: '{copied.wording}' and '{use.wording}' are not",
                use.place,
            )


def _must_be_identical(*copies: BoundClaim) -> bool:
    return any(isinstance(one.wording, Bound | Counted | Direction | Disputed) for one in copies)


def _identical(one: BoundClaim, other: BoundClaim) -> bool:
    return all(
        getattr(one, field) == getattr(other, field)
        for field in ("wording", "disputed", "unit", "basis", "sigma")
    )


def _last(parts: Parts, claim: str) -> Use:
    return [use for use in (*parts.claims, *parts.compare) if use.claim == claim][-1]
