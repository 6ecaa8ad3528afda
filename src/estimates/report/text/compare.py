"""The answer beside the cited figures: first where it lies, then how far off.

Never P(inside) alone.
"""

from __future__ import annotations

from estimates.analysis.compare.result import Comparison
from estimates.language.cells import reading
from estimates.language.phrases import capitalised, cited_range
from estimates.model import Model
from estimates.report.text.answers import state
from estimates.report.text.screen import Answer, Sheet

_ADMITTED = {
    "held-out": "held out",
    "independent": "believed: as independent evidence",
    "redundant": "believed: as the same evidence said twice",
    "as declared": "admitted as the model says",
}


def of_comparison(found: Comparison, model: Model, converged: bool) -> Answer:
    """Return a table for each cited figure, and sentences that say what it means."""
    sheets, gaps = [], []
    for claim in found.claims:
        first = found.of(claim)[0]
        cited = cited_range(first.low, first.high, first.unit)
        sheets.append(Sheet(f"{claim}: {cited}, {_ADMITTED[found.pool]}", found.told(claim)))
        gaps += [f"{reading(row.reading)}: {row.note}." for row in found.of(claim) if row.note]
    first_finding, *more = found.findings
    held = found.pool == "held-out" or not found.comparisons
    return Answer(
        finding=" ".join(filter(None, (*gaps, first_finding))),
        sheets=sheets,
        state=state(model, converged) if held else f"{capitalised(_ADMITTED[found.pool])}.",
        alarms=() if converged else ("see `estimates fit`.",),
        more=more,
        notes=[
            "To edge: how far the median is from the nearer end of the cited range, as a factor (1 "
            "inside) or a difference (0 inside). Conflict p: small where answer and figure cannot "
            "be the same number; a range over readings, where opposite conflicts would cancel out. "
            "Overlap: of their densities, 1 where they are the same. Ratio, difference: of the "
            "answer to the centre of the figure."
        ],
    )
