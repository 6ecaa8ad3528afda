"""What claims over time are about: at their date, over their span, or as a growth."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from estimates.errors import Fault, Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name, names
from estimates.language.wording import Direction
from estimates.model.dates import Date, When
from estimates.model.dimensions import in_words
from estimates.model.panel.expand import ROUNDED, Expander
from estimates.model.panel.paths import Sometime
from estimates.model.panel.scope import PanelError, Scope, checked_over
from estimates.model.spec import Use


class Uses:
    """Writes out what the claims of a model are about."""

    def __init__(
        self,
        scope: Scope,
        expander: Expander,
        faults: Faults,
        broken: frozenset[str],
        warnings: list[Fault],
    ) -> None:
        self._scope = scope
        self._dimensions = scope.dimensions
        self._expander = expander
        self._faults = faults
        self._broken = broken
        self._warnings = warnings
        self._first: dict[tuple[str, Expression], When] = {}

    def of(self, uses: Iterable[Use]) -> tuple[Use, ...]:
        """Return the uses that could be written out; the others have a fault."""
        uses = tuple(uses)
        self._first = self._first_dates(uses)
        return tuple(one for one in map(self._use, uses) if one is not None)

    def _first_dates(self, uses: Sequence[Use]) -> dict[tuple[str, Expression], When]:
        """Return the date of each datum that has copies: the earliest that one of them gives."""
        found: dict[tuple[str, Expression], When] = {}
        for use in uses:
            claim = self._scope.parts.ledger.claims.get(use.claim)
            when = When.of(claim.when) if claim is not None else None
            if claim is None or not claim.origin or when is None:
                continue
            known = found.setdefault((claim.origin, use.about), when)
            if when.middle < known.middle:
                found[claim.origin, use.about] = when
        return found

    def _when(self, use: Use, over: Sequence[str]) -> When | None:
        """Return the date of a claim; of a copy that of its datum, with a warning."""
        claim = self._scope.parts.ledger.claims.get(use.claim)
        when = When.of(claim.when) if claim is not None else None
        time = self._dimensions.time
        if claim is None or not claim.origin or when is None or not time or time.name not in over:
            return when
        first = self._first[claim.origin, use.about]
        if first != when:
            self._warnings.append(
                Fault(
                    f"claim '{use.claim}' is a copy of origin '{claim.origin}', whose first date "
                    f"is {first.first.text}: it is taken as of then, not of {when.first.text}",
                    claim.where("when"),
                )
            )
        return first

    def _use(self, use: Use) -> Use | None:
        what = f"what claim '{use.claim}' is about"
        place = use.where.within("about")
        over = checked_over(self._scope, use.about, what, place, self._faults)
        if over is None or broken_below(use.about, self._broken):
            return None
        claim = self._scope.parts.ledger.claims.get(use.claim)
        when = self._when(use, over)
        time = self._dimensions.time
        rest = [one for one in over if time is None or one != time.name]
        if rest:
            self._faults.add(self._lacking(use, over, rest), place(0))
            return None
        rates = self._rates(when)
        if not over or time is None:
            about = self._expander.at(use.about, {})
            written = "" if about == use.about or isinstance(about, Name) else str(use.about)
            return replace(use, about=about, written=written, rates=rates)
        if when is None:
            said = claim.when if claim is not None else ""
            wrong = f"when: '{said}', which is no date," if said else "no when:,"
            self._faults.add(
                f"claim '{use.claim}' has {wrong} and {use.about} is over {time.name}", use.where()
            )
            return None
        try:
            about = self._dated(use, when, growth=self._moves(use))
        except PanelError as error:
            self._faults.add(f"claim '{use.claim}': {error.message}", use.where())
            return None
        text = when.first.text + (f" to {when.last.text}" if when.span else "")
        of = "yearly growth of " if self._moves(use) else ""
        written = "" if isinstance(about, Name) else f"{of}{use.about} in {text}"
        return replace(use, about=about, written=written, rates=rates)

    def _moves(self, use: Use) -> bool:
        claim = self._scope.parts.ledger.claims.get(use.claim)
        return claim is not None and isinstance(claim.says, Direction)

    def _dated(self, use: Use, when: When, *, growth: bool) -> Expression:
        time = self._dimensions.time
        assert time is not None
        if growth:
            return self._growth(use.about, when.middle)
        if when.unknown:
            name = re.sub(r"\W", "_", use.claim)
            here = Sometime(when.middle, f"{name}_date", when.first, when.last)
            return self._expander.at(use.about, {time.name: here})
        if when.span:
            return self._expander.mean(use.about, {}, when.first, when.last)
        return self._expander.at(use.about, {time.name: self._expander.moment(when.first)})

    def _growth(self, about: Expression, years: float) -> Expression:
        """Return the yearly log growth of a path at a date, by the step that holds it."""
        time = self._dimensions.time
        assert time is not None
        dates = [one.years for one in time.dates]
        before = max([i for i, one in enumerate(dates) if one < years - 1e-6], default=0)
        after = min(
            [i for i, one in enumerate(dates) if one > years + 1e-6], default=len(dates) - 1
        )
        if before == after:
            raise PanelError(f"a direction needs two dates of {time.name} about its own")
        end, start = (
            self._expander.at(about, {time.name: time.labels[i]}) for i in (after, before)
        )
        change = Call("log", (Binary("/", end, start),))
        return Binary("/", change, Constant(round(dates[after] - dates[before], ROUNDED)))

    def _rates(self, when: When | None) -> Mapping[str, tuple[float, str]]:
        """Return the rates of a claim's date, of currencies that have several."""
        found = {}
        for code, one in self._scope.parts.currencies.items():
            if one.dated and when is not None:
                nearest = min(one.dated, key=lambda text: abs(_years(text) - when.middle))
                found[code] = one.dated[nearest]
        return found

    def _lacking(self, use: Use, over: Sequence[str], rest: Sequence[str]) -> str:
        first = self._dimensions[rest[0]].labels[0]
        chosen = f"{use.about}.{first}" if isinstance(use.about, Name) else "one of its labels"
        return (
            f"'{use.about}' is over {in_words(over)}, '{use.claim}' gives no {rest[0]}: say "
            f"{chosen} or sum({use.about}, {rest[0]})"
        )


def broken_below(expression: Expression, broken: Collection[str]) -> bool:
    """Return whether an expression names something of which a fault is known."""
    heads = {name.split(".")[0] for name in names(expression)}
    return not heads.isdisjoint(broken)


def _years(text: str) -> float:
    date = Date.of(text)
    return date.years if date is not None else 0.0
