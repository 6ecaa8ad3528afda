"""The sentences at the foot of a figure: sources, what is held out, what is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from estimates._util.format import probability
from estimates.language.phrases import joined, option_words, question_of
from estimates.model.describe import as_said, source_words
from estimates.model.naming import in_words_of
from estimates.plots.parts.band import Band
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.style import SIDES
from estimates.plots.parts.table import moves

_SOURCES = 8  # that are told one by one


def cited_bands(findings: Findings, target: str) -> list[Band]:
    """Return the cited figures about a target, in its unit."""
    unit, units = findings.unit(target), findings.model.units
    cited = findings.cited(target)
    found: list[Band] = []
    for i, use in enumerate(cited):
        factor = units.factor(units.parse(use.unit), unit)
        low, high = (end if end is None else end * factor for end in findings.ends(use.id))
        number = str(i + 1) if len(cited) > 1 else ""
        found.append(Band(low, high, as_said(use.claim, findings.model), number, claim=use.id))
    return found


def key_note(entries: Iterable[tuple[str, bool]]) -> str:
    """Return what colours and marks mean, of those that are there."""
    return " ".join(meaning for meaning, there in entries if there)


def trust_note(failed: Sequence[str]) -> str:
    """Return a note on the checks of convergence that have not passed, if any."""
    return f"Not to be trusted: {'; '.join(failed)}." if failed else ""


def sources_note(findings: Findings, claims: Sequence[str] | None = None) -> str:
    """Return a note on the sources, by default those of all claims used."""
    uses = [use for use in findings.model.uses if claims is None or use.id in claims]
    sources = findings.model.ledger.sources
    found = [source_words(sources[one]) for one in dict.fromkeys(u.claim.source for u in uses)]
    if not found:
        return "No claims: what follows from the priors alone."
    if len(found) > _SOURCES + 1:
        first = "; ".join(found[:_SOURCES])
        return f"{len(found)} sources: {first}; and {len(found) - _SOURCES} more, in the ledger."
    return f"{'Sources' if found[1:] else 'Source'}: {'; '.join(found)}."


def held_out_note(findings: Findings, claims: Sequence[str]) -> str:
    """Return a note on which cited figures are held out, and whose they are."""
    phrases = []
    for use in (one for one in findings.model.uses if one.id in claims):
        speaker = use.claim.speaker.split(",")[0]
        phrases.append(as_said(use.claim, findings.model) + (f" ({speaker})" if speaker else ""))
    if not phrases:
        return ""
    return f"Held out, no part of the evidence: the cited {joined(phrases)}."


def left_out_note(findings: Findings, rows: Rows) -> str:
    """Return a note on what the rows of a figure do not show."""
    sentences = []
    if rows.folded:
        with in_words_of(findings.model):
            axes = joined(f"“{question_of(axis)}”" for axis in rows.folded)
        sentences.append(
            f"How {axes} is answered makes hardly any difference here: drawn together, by weight."
        )
    if rows.left_out:
        weight, total = probability(rows.weight_left_out), rows.left_out + len(rows.rows)
        which = f"The {rows.left_out} lightest of {total} readings"
        sentences.append(f"{which}, of weight {weight} together, are not shown.")
    if rows.silent:
        sentences.append(f"{rows.silent} readings say nothing of it or have no weight.")
    return " ".join(sentences)


def weights_note(findings: Findings, rows: Rows) -> str:
    """Return a note on weights that the prior sets, and on how far it can move them."""
    if rows.axes and any(map(moves, rows.rows)):
        return (
            "A range under a weight: how far moving the prior moves it; such a weight is set by "
            "the prior, not by the evidence."
        )
    with in_words_of(findings.model):
        found = [
            f"“{option_words(option)}” {weight:.2f} ({low:.2f}–{high:.2f})"
            for axis, option, weight, low, high in findings.set_by_prior
        ]
    if not found:
        return ""
    return f"Weights set by the prior, not by the evidence (range as it moves): {joined(found)}."


def beside_the_cited(findings: Findings, claim: str, rows: Sequence[Row]) -> str:
    """Return a sentence on what a figure shows beside a cited figure."""
    about = next(str(use.about) for use in findings.cited() if use.id == claim)
    alike = [use.id for use in findings.cited(about)]
    cited = f"cited figure {alike.index(claim) + 1}" if len(alike) > 1 else "the cited figure"
    found = [(row, findings.against(claim, row)) for row in rows]
    if len(rows) == 1:
        against = found[0][1]
        if against is None:
            return ""
        told = zip(SIDES, against.shares, strict=True)
        parts = [f"P({side}) {probability(share)}" for side, share in told]
        return f"The posterior {_SINGLE[against.verdict]} {cited}: {joined(parts)}."
    phrases: list[str] = []
    verdicts = {against.verdict for _, against in found if against}
    if len(verdicts) == 1 and all(against for _, against in found):
        return f"All {len(rows)} readings put it {_PLACES[verdicts.pop()]} {cited}."
    for verdict, words in _PLACES.items():
        weights = [row.weight for row, against in found if against and against.verdict == verdict]
        if weights:
            put = ("puts it " if len(weights) == 1 else "put it ") if not phrases else ""
            what, weight = ("it", "") if phrases else (cited, "weight ")
            phrases.append(
                f"{len(weights)} {put}{words} {what} ({weight}{probability(sum(weights))})"
            )
    return f"Of {len(rows)} readings, {joined(phrases)}." if phrases else ""


_PLACES = {"below": "below", "straddles": "astride", "consistent": "inside", "above": "above"}
_SINGLE = {
    "below": "lies below",
    "consistent": "is consistent with",
    "straddles": "straddles",
    "above": "lies above",
}
