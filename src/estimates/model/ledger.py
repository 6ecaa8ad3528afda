"""What was said: sources, and claims quoted from them. Knows nothing of any model.

A ledger is checked as a whole, whether it came from a file or was built in Python; each thing in
it remembers where it was written (`where`), so that a fault found much later can still point at
the very word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from estimates.errors import Fault, Faults, InputError, Place
from estimates.language.wording import Direction, Disputed, Range, Width, Wording, WordingError
from estimates.language.wording.figures import COVERAGES
from estimates.model.ids import fault_of_id

#: How a speaker can know; docs/method.md gives each its width.
BASES = ("register", "statistics", "expert", "hearsay", "rumour")
DEFAULT_BASIS = "expert"

_WEB = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


class Spot(NamedTuple):
    """Where a text starts; `exact` if its characters stand side by side in the file from there."""

    file: str
    line: int
    column: int
    exact: bool = False

    def place(self, offset: int = 0) -> Place:
        """Return the place of the character at `offset`, or of the start if that is unknown."""
        return Place(self.file, self.line, self.column + (offset if self.exact else 0))


@dataclass(frozen=True, slots=True)
class Where:
    """Where a thing (`""`) and its fields were written; empty for what was built in Python."""

    spots: Mapping[str, Spot] = field(default_factory=dict)

    def __call__(self, name: str = "", offset: int = 0) -> Place | None:
        """Return the place of a field, of a character in it, or else of the thing itself."""
        spot = self.spots.get(name)
        if spot is not None:
            return spot.place(offset)
        whole = self.spots.get("")
        return None if whole is None else whole.place()

    def within(self, name: str, start: int = 0) -> Callable[[int], Place | None]:
        """Return the places in a field's text, counted from its character `start`."""
        return lambda offset: self(name, start + offset)


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Source:
    """Where claims were published, as a librarian would note it.

    Attributes
    ----------
    id : by which claims name it
    title, publisher, published, author, note : free text; a date as `2017-08`
    url : as it was written, which may be anything; `address` is what may be linked to
    archived : the address of a copy that is kept, which is linked to where there is no other
    text : the file with its words, beside the ledger, in which quotes are looked for
    where : where it is written

    Examples
    --------
    >>> import estimates as est
    >>> est.Source("scmp", url="https://example.org/a").address
    'https://example.org/a'
    """

    id: str
    title: str = ""
    publisher: str = ""
    published: str = ""
    url: str = ""
    author: str = ""
    note: str = ""
    archived: str = ""
    text: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def address(self) -> str:
        """The `url`, or else the archived copy, if it is an address of the web; else ""."""
        return web_address(self.url) or web_address(self.archived)


def web_address(text: str) -> str:
    """Return an address that may be linked to: http(s), and nothing that runs or hides; else "".

    A browser passes over blanks and control characters within a scheme (`java\\tscript:`), so that
    nothing with one of them is an address.
    """
    text = text.strip(" ")
    found = _WEB.fullmatch(text) if text.isprintable() else None
    return text if found else ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of one speaker, as a wording.

    Attributes
    ----------
    id : its name in the ledger
    source : id of a `Source`
    says : the quote as a wording; None for a claim that no model can use, which then has a
        `because`
    quote, speaker, when, note, because : free text
    basis : how the speaker can know, one of `BASES`
    kind : what kind of source this is, where `basis` is too coarse; "" is the basis
    origin : claims of one origin are copies of one datum
    sigma : the whole width, instead of what basis, hedge and rounding give: a number on the
        claim's scale, or a `Width` or its text (`10 %`, `2,000 people`, `2 points`)
    disputes : the id of the claim that a `lower than claimed` disputes
    derived : ids of the claims of which this one is a total that its author added up
    copy_of : the id of the claim that this one repeats, for another year say
    same_as : of a figure that a model compares more than once, the id of the claim in the ledger
        whose other name this is
    """

    id: str
    source: str = ""
    says: Wording | None = None
    quote: str = ""
    speaker: str = ""
    basis: str = DEFAULT_BASIS
    origin: str = ""
    when: str = ""
    sigma: Width | str | float | None = None
    disputes: str = ""
    derived: tuple[str, ...] = ()
    copy_of: str = ""
    because: str = ""
    note: str = ""
    kind: str = ""
    same_as: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def datum(self) -> str:
        """The id of the claim in the ledger, under whatever name a model has it."""
        return self.same_as or self.id

    def __post_init__(self) -> None:
        if self.sigma is not None and not isinstance(self.sigma, Width):
            try:
                object.__setattr__(self, "sigma", Width.of(self.sigma))
            except WordingError as error:
                raise InputError([Fault(f"claim '{self.id}': {error.message}")]) from None

    @property
    def width(self) -> Width | None:
        """`sigma` as a `Width`."""
        assert self.sigma is None or isinstance(self.sigma, Width)
        return self.sigma

    @property
    def place(self) -> Place | None:
        """Where the claim was written, if in a file."""
        return self.where()


@dataclass(frozen=True)
class MadeOf:
    """The table of which a ledger was made, and what was told of it beside it.

    The ledger is what counts; the table gives the columns in which it is written again.

    Attributes
    ----------
    file : beside the ledger; the table itself where a model reads one in place of a ledger
    columns : headings by what they mean, where their names do not say it
    about, unit, coverage, measure, decimal : as they were told when it was read
    itself : whether the table is the ledger
    where : where it is written
    """

    file: str
    columns: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    unit: str = ""
    coverage: str = ""
    measure: str = ""
    decimal: str = ""
    itself: bool = False
    where: Where = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Ledger:
    """What was said: sources and claims by their ids.

    Attributes
    ----------
    sources : by id
    claims : by id, in the order in which they were written
    made_of : the tables of which it was made, which say nothing that it does not

    See Also
    --------
    load_ledger : reads one

    Examples
    --------
    >>> import estimates as est
    >>> ledger = est.load_ledger("models/scmp-2017/evidence.yaml")
    >>> ledger.claims["wages"].speaker == ""
    False
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    made_of: tuple[MadeOf, ...] = field(default=(), compare=False, repr=False)

    @property
    def said(self) -> Mapping[str, Claim]:
        """The claims as the ledger has them, without other names that a model gives them."""
        return {name: one for name, one in self.claims.items() if not one.same_as}

    def named(self, names: Mapping[str, str]) -> Ledger:
        """Return the ledger with claims under other names, too: by name the claim's own id.

        Under another name it is no copy of any datum, as it may be about something else.
        """
        more = {
            name: replace(self.claims[of], id=name, same_as=of, origin="")
            for name, of in names.items()
        }
        return replace(self, claims={**self.claims, **more}) if more else self

    @staticmethod
    def of(sources: Iterable[Source] = (), claims: Iterable[Claim] = ()) -> Ledger:
        """Return a checked ledger from its parts; raises `InputError`."""
        faults = Faults()
        sources, claims = tuple(sources), tuple(claims)
        ledger = Ledger({s.id: s for s in sources}, {c.id: c for c in claims})
        for kind, things in (("source", sources), ("claim", claims)):
            for name, times in Counter(thing.id for thing in things).items():
                if times > 1:
                    faults.add(f"the {kind} '{name}' is given {times} times; keep one")
        check_ledger(ledger, faults)
        faults.raise_if_any()
        return ledger


def check_ledger(ledger: Ledger, faults: Faults, broken: frozenset[str] = frozenset()) -> None:
    """Add a fault for everything that is wrong with a ledger as a whole.

    `broken` names sources and claims that were written but could not be read: their own faults
    are known already, and nothing is said of what points at them.
    """
    for kind, ids in (("source", ledger.sources), ("claim", ledger.said)):
        for name, thing in ids.items():
            wrong = fault_of_id(name)
            if wrong:
                faults.add(f"'{name[:40]}' cannot be the id of a {kind}: {wrong}", thing.where())
    for source in ledger.sources.values():
        if source.published and not _DATE.fullmatch(source.published):
            faults.add(
                f"source '{source.id}' is published '{source.published}'; "
                "write a date (2017-08-12), a year-month (2017-08) or a year (2017)",
                source.where("published"),
            )
    for claim in ledger.said.values():
        if claim.id not in broken:
            _check_claim(claim, ledger, faults, broken)
    _check_made(ledger, faults, broken)


def _check_claim(claim: Claim, ledger: Ledger, faults: Faults, broken: frozenset[str]) -> None:
    where = claim.where
    if not claim.source:
        faults.add(f"claim '{claim.id}' names no source; add `source:`", where())
    elif claim.source not in ledger.sources and claim.source not in broken:
        hint = faults.hint(claim.source, ledger.sources)
        faults.add(f"claim '{claim.id}': unknown source '{claim.source}'{hint}", where("source"))
    if claim.basis not in BASES:
        hint = faults.hint(claim.basis, BASES) or f"; a basis is one of {', '.join(BASES)}"
        faults.add(f"claim '{claim.id}': unknown basis '{claim.basis}'{hint}", where("basis"))
    if claim.width is not None and not (0 < claim.width.value < math.inf):
        faults.add(
            f"claim '{claim.id}': sigma is {claim.width}; a width is a number above 0",
            where("sigma"),
        )
    if claim.says is None and not claim.because:
        faults.add(
            f"claim '{claim.id}' says nothing; add `says:`, "
            "or say in `because:` why no model can use it",
            where(),
        )
    if isinstance(claim.says, Range) and claim.says.coverage is not None:
        least, most = COVERAGES
        if not least <= claim.says.coverage <= most:
            faults.add(
                f"claim '{claim.id}' is said to hold {100 * claim.says.coverage:.10g} % of "
                f"probability; a coverage lies between {100 * least:g} and {100 * most:.10g} %",
                where("says"),
            )
    if isinstance(claim.says, Disputed):
        _check_dispute(claim, ledger, faults, broken)
    elif claim.disputes:
        faults.add(
            f"claim '{claim.id}' disputes another, so it must say "
            "`lower than claimed` or `higher than claimed`",
            where("disputes"),
        )


def _check_dispute(claim: Claim, ledger: Ledger, faults: Faults, broken: frozenset[str]) -> None:
    if not claim.disputes:
        faults.add(
            f"claim '{claim.id}' disputes a figure; name that figure's claim in `disputes:`",
            claim.where("says"),
        )
        return
    if claim.disputes in broken:
        return
    other = ledger.claims.get(claim.disputes)
    place = claim.where("disputes")
    if other is None:
        hint = faults.hint(claim.disputes, ledger.claims)
        faults.add(f"claim '{claim.id}' disputes unknown claim '{claim.disputes}'{hint}", place)
    elif other.says is None or isinstance(other.says, Direction | Disputed):
        faults.add(
            f"claim '{claim.id}' disputes '{other.id}', which gives no figure; "
            "name a claim that says a number",
            place,
        )


def _check_made(ledger: Ledger, faults: Faults, broken: frozenset[str]) -> None:
    """Add a fault for each claim that `derived:` or `copy_of:` cannot name."""
    claims = ledger.said
    for claim in claims.values():
        if claim.derived and claim.copy_of:
            faults.add(
                f"claim '{claim.id}' is both a total of others and a copy; keep one of `derived:` "
                "and `copy_of:`",
                claim.where("copy_of"),
            )
        for name in _named(claim):
            field = "copy_of" if name == claim.copy_of else "derived"
            if name == claim.id:
                faults.add(f"claim '{name}' is made from itself; name others", claim.where(field))
            elif name not in claims and name not in broken:
                said = f"claim '{claim.id}': unknown claim '{name}' in `{field}:`"
                faults.add(f"{said}{faults.hint(name, claims)}", claim.where(field))
        circle = _circle(claim.id, claims)
        if len(circle) > 1 and claim.id == min(circle):
            way = " of ".join(f"'{one}'" for one in (*circle, circle[0]))
            faults.add(f"figures are made from each other in a circle: {way}", claim.where())


def _named(claim: Claim) -> Sequence[str]:
    return (*claim.derived, *([claim.copy_of] if claim.copy_of else []))


def _circle(start: str, claims: Mapping[str, Claim]) -> tuple[str, ...]:
    """Return the way from a claim back to itself; () where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in _named(claims[way[-1]]) if way[-1] in claims else ():
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
