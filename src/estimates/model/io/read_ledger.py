"""Reads the form of evidence.yaml: sources and claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from estimates.errors import Faults
from estimates.language.wording import Wording, parse_width, parse_wording
from estimates.model.io import hints as misplaced
from estimates.model.io.fields import Fields
from estimates.model.io.yaml_nodes import Entries, Node, Text, place_of
from estimates.model.ledger import DEFAULT_BASIS, Claim, Ledger, Source

_LEDGER = ("sources", "claims")
_SOURCE = ("title", "author", "publisher", "published", "url", "note")
_CLAIM = (
    *("source", "speaker", "quote", "says", "basis", "origin", "when"),
    *("sigma", "disputes", "because", "note"),
)


@dataclass(frozen=True, slots=True)
class ReadLedger:
    """What could be read of a ledger, and the names of what could not.

    `lost` says that a whole file could not be read, so that nothing is known to be missing;
    `dropped` how many claims were left out because another has their name.
    """

    ledger: Ledger = field(default_factory=Ledger)
    broken: frozenset[str] = frozenset()
    lost: bool = False
    dropped: int = 0

    def excused(self, cited: Iterable[str]) -> frozenset[str]:
        """Claims that are unknown because they were given the name of another."""
        known = {*self.ledger.claims, *self.broken}
        return misplaced.excused((one for one in cited if one not in known), known, self.dropped)


def read_ledger(node: Node, faults: Faults) -> ReadLedger:
    """Sources and claims as written; what is wrong between them is found by `check_ledger`."""
    top = Fields("the ledger", None, node, _LEDGER, faults, advice=misplaced.LEDGER)
    for section in _LEDGER:
        top.check_entries(section)
    for key, _ in top.entries("sources"):
        if key.value == "claims":
            message = "`claims:` is indented as if it were a source; move it to the left edge"
            top.fault(message, place_of(key))
    if top.broken:
        return ReadLedger(lost=True)
    twice = top.twice("claims")
    dropped = frozenset(twice)
    broken: set[str] = set(twice)
    sources: dict[str, Source] = {}
    for key, value in top.entries("sources"):
        source = _source(key, value, faults)
        sources[key.value] = source
    lost = top.twice("sources")
    named = [_source_named(value) for _, value in top.entries("claims")]
    broken |= misplaced.excused(
        (one for one in named if one and one not in sources), sources, len(lost)
    )
    claims: dict[str, Claim] = {}
    for key, value in top.entries("claims"):
        fields = Fields(f"claim '{key.value}'", key, value, _CLAIM, faults, advice=misplaced.CLAIM)
        claims[key.value] = _claim(key.value, fields)
        if fields.broken:
            broken.add(key.value)
    return ReadLedger(
        Ledger(sources, {name: one for name, one in claims.items() if name not in dropped}),
        frozenset(broken),
        dropped=len(twice),
    )


def _source_named(claim: Node) -> str:
    """The id under `source:` of a claim, "" where there is none."""
    _, named = claim.values.get("source", (None, None)) if isinstance(claim, Entries) else (0, None)
    return named.value if isinstance(named, Text) else ""


def _source(key: Text, value: Node, faults: Faults) -> Source:
    fields = Fields(f"source '{key.value}'", key, value, _SOURCE, faults, advice=misplaced.SOURCE)
    return Source(
        id=key.value,
        title=fields.text("title"),
        publisher=fields.text("publisher"),
        published=fields.text("published"),
        url=fields.text("url"),
        author=fields.text("author"),
        note=fields.text("note"),
        where=fields.where,
    )


@lru_cache(10_000)
def _wording(text: str) -> Wording:
    """A wording; what many claims say is parsed once."""
    return parse_wording(text)


def _claim(name: str, fields: Fields) -> Claim:
    return Claim(
        id=name,
        source=fields.text("source"),
        says=fields.parsed("says", _wording),
        quote=fields.text("quote"),
        speaker=fields.text("speaker"),
        basis=fields.text("basis", DEFAULT_BASIS),
        origin=fields.text("origin"),
        when=fields.text("when"),
        sigma=fields.parsed("sigma", parse_width),
        disputes=fields.text("disputes"),
        because=fields.text("because"),
        note=fields.text("note"),
        where=fields.where,
    )


def merged(ledgers: Iterable[ReadLedger], faults: Faults) -> ReadLedger:
    """Several ledgers as one; a name that two of them give to different things is a fault."""
    sources: dict[str, Source] = {}
    claims: dict[str, Claim] = {}
    broken: frozenset[str] = frozenset()
    lost, dropped = False, 0
    for one in ledgers:
        broken |= one.broken
        lost |= one.lost
        dropped += one.dropped
        for name, source in one.ledger.sources.items():
            if sources.setdefault(name, source) != source:
                faults.add(_twice("source", sources[name]), source.where())
        for name, claim in one.ledger.claims.items():
            if name in claims:
                faults.add(_twice("claim", claims[name]), claim.where())
            claims.setdefault(name, claim)
    return ReadLedger(Ledger(sources, claims), broken, lost, dropped)


def _twice(kind: str, first: Source | Claim) -> str:
    place = first.where()
    return f"another ledger has a {kind} '{first.id}'" + (f" ({place})" if place else "")
