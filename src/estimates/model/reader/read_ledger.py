"""Reads the form of evidence.yaml: sources and claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from estimates.errors import Faults
from estimates.model.ledger import Claim, Ledger, MadeOf, Source
from estimates.model.ledger_forms import CLAIM, LEDGER, MADE_OF, SOURCE
from estimates.model.reader.fields import Fields
from estimates.model.reader.hints import excused
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, place_of


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
        """Return the claims that are unknown because they were given the name of another."""
        known = {*self.ledger.claims, *self.broken}
        return excused((one for one in cited if one not in known), known, self.dropped)


def read_ledger(node: Node, faults: Faults) -> ReadLedger:
    """Return sources and claims as written; `check_ledger` finds what is wrong between them."""
    top = Fields("the ledger", None, node, LEDGER, faults)
    for section in ("sources", "claims"):
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
        fields = Fields(f"source '{key.value}'", key, value, SOURCE, faults)
        sources[key.value] = Source(key.value, **fields.values(), where=fields.where)
    lost = top.twice("sources")
    named = [_source_named(value) for _, value in top.entries("claims")]
    broken |= excused((one for one in named if one and one not in sources), sources, len(lost))
    claims: dict[str, Claim] = {}
    for key, value in top.entries("claims"):
        fields = Fields(f"claim '{key.value}'", key, value, CLAIM, faults)
        parts = _parts(fields)
        claims[key.value] = Claim(key.value, **fields.values(), derived=parts, where=fields.where)
        if fields.broken:
            broken.add(key.value)
    kept = {name: one for name, one in claims.items() if name not in dropped}
    return ReadLedger(
        Ledger(sources, kept, _made_of(top, faults)),
        frozenset(broken),
        dropped=len(twice),
    )


def _parts(fields: Fields) -> tuple[str, ...]:
    """Return the ids under `derived:`, one or a list."""
    node = fields.node("derived")
    if isinstance(node, Items) and all(isinstance(one, Text) for one in node.values):
        return tuple(one.value for one in node.values if isinstance(one, Text))
    if isinstance(node, Text):
        return tuple(part.strip() for part in node.value.split(",") if part.strip())
    if node is not None:
        fields.fault(
            f"`derived:` of {fields.what} lists the ids of claims", fields.where("derived")
        )
    return ()


def _made_of(top: Fields, faults: Faults) -> tuple[MadeOf, ...]:
    """Return the table that `made_of:` names."""
    node = top.node("made_of")
    if node is None:
        return ()
    fields = Fields("`made_of:`", top.key("made_of"), node, MADE_OF, faults)
    fields.check_entries("columns")
    if fields.lacks("file"):
        fields.fault("`made_of:` names no table; add `file:`")
    columns = {
        key.value: value.value
        for key, value in fields.entries("columns")
        if isinstance(value, Text)
    }
    told = fields.values()
    if fields.broken or "file" not in told:
        return ()
    return (MadeOf(**told, columns=columns, where=fields.where),)


def _source_named(claim: Node) -> str:
    """Return the id under `source:` of a claim, "" where there is none."""
    _, named = claim.values.get("source", (None, None)) if isinstance(claim, Entries) else (0, None)
    return named.value if isinstance(named, Text) else ""


def merged(ledgers: Iterable[ReadLedger], faults: Faults) -> ReadLedger:
    """Return several ledgers as one; a name with two meanings is a fault."""
    sources: dict[str, Source] = {}
    claims: dict[str, Claim] = {}
    broken: frozenset[str] = frozenset()
    made_of: tuple[MadeOf, ...] = ()
    lost, dropped = False, 0
    for one in ledgers:
        broken |= one.broken
        lost |= one.lost
        dropped += one.dropped
        made_of += one.ledger.made_of
        for name, source in one.ledger.sources.items():
            if sources.setdefault(name, source) != source:
                faults.add(_twice("source", sources[name]), source.where())
        for name, claim in one.ledger.claims.items():
            if name in claims:
                faults.add(_twice("claim", claims[name]), claim.where())
            claims.setdefault(name, claim)
    return ReadLedger(Ledger(sources, claims, made_of), broken, lost, dropped)


def _twice(kind: str, first: Source | Claim) -> str:
    place = first.where()
    return f"another ledger has a {kind} '{first.id}'" + (f" ({place})" if place else "")
