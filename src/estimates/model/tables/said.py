"""What a claim says as the cells of a row, by what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping

from estimates.model.ledger import Claim, Ledger, Source
from estimates.model.ledger_forms import CLAIM, SOURCE
from estimates.model.model import Model
from estimates.model.tables.columns import OF_SOURCE
from estimates.model.tables.figures import NO_FIGURE
from estimates.model.tables.rows import IN_TABLE, slug

_GIVEN = re.compile(rf"{NO_FIGURE}(?: \((?:says: )?(?P<text>[^:()]*)\))?")


def cells_of(ledger: Ledger, claim: Claim) -> dict[str, str]:
    """Return the cells of a claim and of its source, without those that are blank."""
    source = ledger.sources[claim.source]
    said = _of_source(source)
    held = {"id": claim.id, "source": said.pop("", source.id)}
    held |= {key: str(value) for key, value in CLAIM.plain(claim).items() if key != "source"}
    if claim.says is not None:
        held["says"] = claim.says.text or str(claim.says)
    if claim.note.startswith(IN_TABLE):
        held["id"] = held.pop("note").removeprefix(IN_TABLE)
    if "basis" in claim.where.spots:  # even where it is the default
        held["basis"] = claim.basis
    given = _GIVEN.fullmatch(claim.because)
    if claim.says is None and given:
        del held["because"]
        held["says"] = given["text"] or ""
    return {name: value for name, value in (held | said).items() if value}


def use_of(model: Model, claim: str) -> Mapping[str, str]:
    """Return what a claim is about, and whether it is held out."""
    for use in model.parts.claims:
        if use.claim == claim:
            return {"about": str(use.about)}
    for use in model.parts.compare:
        if use.claim == claim:
            return {"about": str(use.about), "use": "compare"}
    return {}


def _of_source(source: Source) -> dict[str, str]:
    """Return the cells of a source; "" is how it is named, where its title says just that."""
    said = {key: str(value) for key, value in SOURCE.plain(source).items() if key in OF_SOURCE}
    made = re.fullmatch(r"(?P<slug>.*?)(-\d+)?", source.id)
    if source.title and made and slug(source.title) in (source.id, made["slug"]):
        said[""] = said.pop("title")
    return said
