"""The answer in a sentence or two: which fact to chase next."""

from __future__ import annotations

from collections.abc import Sequence

from estimates._util.format import probability
from estimates.analysis.voi.result import SINGLE, FactRow, Judged, Spread
from estimates.language.labels import the
from estimates.language.phrases import told

_NAMED = 2  # facts in the sentence
_LONG = 60  # letters of a label that is not said twice
_LEAST = 0.01  # of the variance: less is not worth naming


def sentence_of(what: str, spread: Spread, decision: Judged | None, rows: Sequence[FactRow]) -> str:
    """Return which fact to learn, what that would remove, and what loss it would avoid."""
    singles = [(row, row.removed) for row in rows if row.kind in SINGLE]
    removing = [(row, removed) for row, removed in singles if removed is not None]
    if not removing:
        return (
            f"There is nothing to find out about {what}: it is known already, or its variance is "
            "not finite, or nothing that it follows from is open."
        )
    worth_it = [(row, r) for row, r in removing if r.value > _LEAST and r.beyond_chance]
    scale = ", on the log scale" if spread.scale == "log" else ""
    ofwhat = f"what is uncertain about {what} (its variance{scale})"
    if not worth_it:
        first = f"Learning no single fact would remove as much as 1 % of {ofwhat}."
    else:
        ((top, most), *more) = worth_it[:_NAMED]
        first = f"Learning {_learned(top)} would remove {percent(most.value)} of {ofwhat}"
        first += "".join(f"; learning {_learned(r)}, {percent(s.value)}" for r, s in more) + "."
    named = worth_it[0][0] if worth_it else None
    return f"{first} {_of_decision(decision, rows, named)}".rstrip()


def _of_decision(decision: Judged | None, rows: Sequence[FactRow], named: FactRow | None) -> str:
    if decision is None or decision.evpi is None:
        return ""
    edge = threshold_words(decision)
    if decision.clear:
        return f"Whether it is above {edge} is clear already: every draw says “{decision.said}”."
    plain = decision.plain
    now = decision.evpi

    def shown(loss: float) -> str:
        return probability(loss) if plain else told(f"{loss:.3g}", decision.loss_unit)

    amount = shown(now)
    cost = (
        f"would be wrong with a probability of {amount}"
        if plain
        else f"would have an expected loss of {amount}"
    )
    side = "above" if decision.said == "above" else "not above"
    state = f"Saying now that it is {side} {edge} {cost}"
    sparing = [(row, row.spared) for row in rows if row.kind in SINGLE]
    best = max(
        ((row, spared) for row, spared in sparing if spared is not None),
        key=lambda one: one[1].value,
        default=None,
    )
    if best is None or not best[1].beyond_chance:
        return f"{state}; no single fact would lower that."
    row, spared = best
    left = max(0.0, now - spared.value)
    if shown(left) == amount:
        return f"{state}; no single fact would lower that by much."
    again = row is named and len(row.label) > _LONG
    what = "learning the first of these" if again else f"learning {_learned(row)}"
    return f"{state}; {what} would lower that to {shown(left)}."


def _learned(row: FactRow) -> str:
    return row.label if row.kind == "group" else the(row.label, row.unit)


def threshold_words(decision: Judged) -> str:
    """Return the threshold with its unit in words."""
    times = 100 if decision.unit == "share" else 1
    return told(figure(times * decision.threshold), decision.unit)


def figure(value: float) -> str:
    """Return a number with four digits, or all of a large one: `68.04`, `2,000`, `100,000`."""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.4g}"


def percent(share: float) -> str:
    """Return a share as `48 %`; never all of it, nor less than nothing."""
    value = 100 * share
    if value < 0.5:
        return "<1 %"
    return ">99 %" if value >= 99.5 else f"{value:.0f} %"
