"""Reads the form of evidence.yaml: sources and claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from estimates.errors import Faults
from estimates.evidence import DEFAULT_BASIS, Claim, Ledger, Source
from estimates.files.fields import Fields
from estimates.files.nodes import Node, Text
from estimates.wording import parse_wording

_LEDGER = ("sources", "claims")
_SOURCE = ("title", "author", "publisher", "published", "url", "note")
_CLAIM = (
    *("source", "speaker", "quote", "says", "basis", "origin", "when"),
    *("sigma", "disputes", "because", "note"),
)


@dataclass(frozen=True, slots=True)
class ReadLedger:
    """What could be read of a ledger, and the names of what could not.

    `lost` says that a whole file could not be read, so that nothing is known to be missing.
    """

    ledger: Ledger = field(default_factory=Ledger)
    broken: frozenset[str] = frozenset()
    lost: bool = False


def read_ledger(node: Node, faults: Faults) -> ReadLedger:
    """Sources and claims as written; what is wrong between them is found by `check_ledger`."""
    top = Fields("the ledger", None, node, _LEDGER, faults)
    for section in _LEDGER:
        top.check_entries(section)
    if top.broken:
        return ReadLedger(lost=True)
    broken: set[str] = set()
    sources: dict[str, Source] = {}
    for key, value in top.entries("sources"):
        source = _source(key, value, faults)
        sources[key.value] = source
    claims: dict[str, Claim] = {}
    for key, value in top.entries("claims"):
        fields = Fields(f"claim '{key.value}'", key, value, _CLAIM, faults)
        claims[key.value] = _claim(key.value, fields)
        if fields.broken:
            broken.add(key.value)
    return ReadLedger(Ledger(sources, claims), frozenset(broken))


def _source(key: Text, value: Node, faults: Faults) -> Source:
    fields = Fields(f"source '{key.value}'", key, value, _SOURCE, faults)
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


def _claim(name: str, fields: Fields) -> Claim:
    return Claim(
        id=name,
        source=fields.text("source"),
        says=fields.parsed("says", parse_wording),
        quote=fields.text("quote"),
        speaker=fields.text("speaker"),
        basis=fields.text("basis", DEFAULT_BASIS),
        origin=fields.text("origin"),
        when=fields.text("when"),
        sigma=fields.number("sigma"),
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
    lost = False
    for one in ledgers:
        broken |= one.broken
        lost |= one.lost
        for name, source in one.ledger.sources.items():
            if sources.setdefault(name, source) != source:
                faults.add(_twice("source", sources[name]), source.where())
        for name, claim in one.ledger.claims.items():
            if name in claims:
                faults.add(_twice("claim", claims[name]), claim.where())
            claims.setdefault(name, claim)
    return ReadLedger(Ledger(sources, claims), broken, lost)


def _twice(kind: str, first: Source | Claim) -> str:
    place = first.where()
    return f"another ledger has a {kind} '{first.id}'" + (f" ({place})" if place else "")
