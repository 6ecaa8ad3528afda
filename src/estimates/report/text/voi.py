"""The document of `voi` as tables: what each fact would remove, and spare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, number, probability, stated
from estimates.analysis.voi.result import FactRow, Judged, Order, ValueOfInformation
from estimates.analysis.voi.sentences import threshold_words
from estimates.language.phrases import in_words
from estimates.report.text.tables import WIDTH, Row, paragraph, table

_TITLES = (
    (("quantity", "reading"), "One fact, learned exactly"),
    (("group", "speaker", "source", "readings", "quantities"), "Several at once"),
    (("derived",), "What is worked out from them, if it could be learned itself"),
)
_MOST_ROWS = 20
#: Below so many of its standard errors a value is no more than chance.
_NOISE = 2.0


def report(found: ValueOfInformation, width: int = WIDTH) -> Iterator[Text]:
    """The answer, then a table for single facts, for groups, and for what is worked out."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    decision = found.decision
    spares = decision is not None and decision.evpi is not None and not decision.clear
    for kinds, title in _TITLES:
        rows = [row for row in found.facts if row.kind in kinds]
        if rows:
            yield _table(title, rows, decision if spares else None, width)
            if len(rows) > _MOST_ROWS:
                left = len(rows) - _MOST_ROWS
                yield paragraph(f"({left} more, worth less, in the document)", style="dim")
    yield Text()
    yield paragraph(_legend(found, spares), width=width, style="dim")
    yield Text()
    if decision is None:
        yield paragraph("No figure is cited of it; --threshold asks about a decision.", width=width)
    else:
        yield paragraph(_as_things_stand(decision), width=width)
    yield paragraph(_order(found.monotonicity), width=width)


def _table(title: str, facts: Sequence[FactRow], decision: Judged | None, width: int) -> Text:
    claims = any(fact.share_of_new_claim is not None for fact in facts)
    heads = ["", "removes", "±", *(["spares", "±"] if decision else [])]
    heads += ["new claim"] if claims else []
    rows = []
    for fact in facts[:_MOST_ROWS]:
        least = "≥ " if fact.at_least else ""
        cells = [
            least + percent(fact.share, fact.share_se),
            _error(fact.share, fact.share_se),
        ]
        if decision:
            spared, error = fact.loss_spared, fact.loss_spared_se
            linear = decision.loss == "linear"
            cells += [_spared(spared, error), _error_of_loss(spared, error, linear)]
        if claims:
            cells.append(percent(fact.share_of_new_claim, fact.share_of_new_claim_se))
        name = f"reading ‘{fact.name}’" if fact.kind == "reading" else fact.label
        rows.append(Row(name, cells))
    return table(title, heads, rows, width=width)


def percent(share: float | None, error: float | None) -> str:
    """`48 %`, `2.3 %`; 0 where it is no more than chance, and never quite all."""
    if share is None:
        return NONE
    if share <= _NOISE * (error or 0.0):
        return "0 %"
    if share >= 0.995:
        return ">99 %"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def _error(share: float | None, error: float | None) -> str:
    if share is None or error is None:
        return ""
    return f"{max(100 * error, 0.1):.1f}"


def _spared(value: float | None, error: float | None) -> str:
    if value is None:
        return NONE
    if value <= _NOISE * (error or 0.0):
        return "0"
    return number(value, error)


def _error_of_loss(value: float | None, error: float | None, linear: bool) -> str:
    if value is None or error is None:
        return ""
    return number(error, digits=1) if linear or error >= 0.001 else "0.001"


def _legend(found: ValueOfInformation, spares: bool) -> str:
    log = found.estimation.scale == "log"
    ofwhat = f"the variance of {'log ' if log else ''}{found.label}"
    text = f"(removes: the expected share of {ofwhat}"
    if log:
        text += ", the log because a few large draws would decide on its own scale"
    if spares:
        text += "; spares: expected loss"
    if any(fact.share_of_new_claim is not None for fact in found.facts):
        text += "; new claim: what one more claim as good as the best that there is would remove"
    text += "; ±: standard errors, in the same units. "
    return text + "Shares need not add up, because facts depend on each other.)"


def _as_things_stand(decision: Judged) -> str:
    edge = threshold_words(decision)
    whose = f" (an end of {decision.claim})" if decision.claim else ""
    text = f"Threshold {edge}{whose}: P(above) is {probability(decision.above)}. "
    if decision.evpi is None:
        return text + "The expected loss is not finite."
    if decision.clear:
        return text + "No draw is on the other side: no fact could change what to say."
    unit = f" {in_words(decision.loss_unit)}".rstrip()
    losses = (
        f"{stated(decision.loss_false_above)} for a false “above”, "
        f"{stated(decision.loss_false_below)} for a false “not above”"
    )
    each = f" for each{unit}" if decision.loss == "linear" else ""
    return text + (
        f"Losses: {losses}{each}. Saying “{decision.said}” now has an expected loss of "
        f"{number(decision.evpi, decision.evpi_se)}{unit}, all of which perfect information "
        "would spare."
    )


def _order(order: Order) -> str:
    if order.violations:
        return "FAILED: more knowledge must not be worth less; see below."
    return (
        f"Checked: in {order.comparisons} comparisons nothing is worth less than a part of it, "
        "less than nothing, or more than everything, beyond the errors."
    )
