"""The answer in a sentence or two: which fact to chase next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from estimates.analysis.voi.parameters import SINGLE
from estimates.language.phrases import told

_NAMED = 2  # facts in the sentence
_LONG = 60  # letters of a label that is not said twice
_LEAST = 0.01  # of the variance: less is not worth naming

type Row = Mapping[str, Any]


def sentence_of(
    about: Mapping[str, Any], decision: Mapping[str, Any] | None, rows: Sequence[Row]
) -> str:
    """What learning which fact would remove, and what it would spare."""
    what = about["label"]
    singles = [row for row in rows if row["kind"] in SINGLE and row["share"] is not None]
    if not singles:
        return (
            f"There is nothing to find out about {what}: it is known, its variance is not, or "
            "nothing but itself is open."
        )
    worth_it = [row for row in singles if row["share"] > max(_LEAST, 2 * row["share_se"])]
    ofwhat = f"the variance of {'log ' if about['estimation']['scale'] == 'log' else ''}{what}"
    if not worth_it:
        first = f"Learning no single fact would remove as much as 1 % of {ofwhat}."
    else:
        (top, *more) = worth_it[:_NAMED]
        first = f"Learning {top['label']} would remove {percent(top['share'])} of {ofwhat}"
        first += "".join(f"; learning {r['label']}, {percent(r['share'])}" for r in more) + "."
    named = worth_it[0] if worth_it else None
    return f"{first} {_of_decision(decision, rows, named)}".rstrip()


def _of_decision(decision: Mapping[str, Any] | None, rows: Sequence[Row], named: Row | None) -> str:
    if decision is None or decision["evpi"] is None:
        return ""
    edge = threshold_words(decision)
    if decision["clear"]:
        return f"Whether it is above {edge} is clear already: every draw says “{decision['said']}”."
    plain = decision["loss"] == "probability" and (
        decision["loss_false_above"] == decision["loss_false_below"] == 1
    )
    now = decision["evpi"]

    def shown(loss: float) -> str:
        return _probability(loss) if plain else told(f"{loss:.3g}", decision["loss_unit"])

    amount = shown(now)
    cost = f"is wrong with probability {amount}" if plain else f"has an expected loss of {amount}"
    side = "above" if decision["said"] == "above" else "not above"
    state = f"To say that it is {side} {edge} {cost}"
    singles = [r for r in rows if r["kind"] in SINGLE and r["loss_spared"] is not None]
    best = max(singles, key=lambda r: r["loss_spared"], default=None)
    if best is None or best["loss_spared"] <= 2 * best["loss_spared_se"]:
        return f"{state}, which no single fact would lower."
    left = max(0.0, now - best["loss_spared"])
    if shown(left) == amount:
        return f"{state}, which no single fact would lower by much."
    again = best is named and len(best["label"]) > _LONG
    what = "the first of these" if again else f"learning {best['label']}"
    return f"{state}, which {what} would lower to {shown(left)}."


def threshold_words(decision: Row) -> str:
    """The threshold with its unit in words."""
    times = 100 if decision["unit"] == "share" else 1
    return told(figure(times * decision["threshold"]), decision["unit"])


def figure(value: float) -> str:
    """Four digits, or all of a large number: `68.04`, `2,000`, `100,000`."""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.4g}"


def percent(share: float) -> str:
    """`48 %`; never all of it, nor less than nothing."""
    value = 100 * share
    if value < 0.5:
        return "<1 %"
    return ">99 %" if value >= 99.5 else f"{value:.0f} %"


def _probability(value: float) -> str:
    return "<0.01" if value < 0.005 else f"{value:.2f}"
