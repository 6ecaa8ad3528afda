"""The account of a model in words: from each quote to what it is taken to say, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.text import Text

from estimates._util.format import brief, number, probability, stated
from estimates.language.labels import the
from estimates.language.phrases import called, counted, joined, option_words, spoken
from estimates.model import Model
from estimates.model.account import (
    Account,
    AxisRow,
    CurrencyRow,
    KindRow,
    QuantityRow,
    ReadingRow,
    RelationRow,
    Said,
    SourceRow,
    Taken,
)
from estimates.model.describe import as_said, relation_row
from estimates.model.panel.lookup import words_for
from estimates.model.panel.panel import Grid
from estimates.model.panel.words import in_panel, of_dimension
from estimates.model.panels import PanelQuantity
from estimates.report.text.screen import Answer, Sheet
from estimates.report.text.tables import paragraph

_TABLE = 7  # lines of claims, however much is to be said of the model
_ASKED, _HELD = 4, 2  # targets, and held-out figures, that are told on the first screen
_FAMILIES = {"lognormal": "log-normal", "logitnormal": "logit-normal", "normal": "normal"}
_POOLS = {
    "independent": "Admitted as independent evidence, unless told otherwise.",
    "redundant": "Admitted as the same evidence said twice, unless told otherwise.",
}


def of_account(account: Account, axes: Sequence[AxisRow], model: Model) -> Answer:
    """Return the model in ten lines, or all of it, in the order of a sceptic."""
    targets = [account.rows[name] for name in account.targets if name in account.rows]
    asked = [the(row.label or row.name, row.unit) for row in targets] or account.targets
    if model.panel:
        asked = list(dict.fromkeys(_asked(account, model, grid) for grid in model.panel.targets))
    claims = counted(len(account.evidence), "claim")
    sources = counted(len({claim.source for claim in account.evidence}), "source")
    readings = [row.question or f"{spoken(row.name)}?" for row in account.readings]
    sentences = [
        account.question,
        _over(model),
        f"It asks for {joined(_first_few(asked, _ASKED))}.",
        f"The evidence is {claims} from {sources}."
        if account.evidence
        else "No claim is evidence: the answer rests on the model's own ranges.",
        f"What is open is how phrases are meant: {' '.join(readings)}" if readings else "",
    ]
    return Answer(
        finding=" ".join(filter(None, sentences)),
        sheets=[Sheet("Evidence", account.evidence, least=_TABLE)] if account.evidence else [],
        state=_held_out(model),
        written=lambda width: _sections(account, axes, model, width),
    )


def _asked(account: Account, model: Model, grid: Grid) -> str:
    """Return what a target of a panel is called; of a cell the quantity that it is of."""
    named = grid.name if grid.over else model.panel.quantity(grid.name)
    cell = account.rows.get(next(iter(grid.cells.values())))
    return the(words_for(model, named), cell.unit if cell else "")


def _over(model: Model) -> str:
    """Return the dimensions of a panel, each with its labels."""
    if not model.panel:
        return ""
    whole = [of_dimension(one) for one in model.panel.dimensions.whole.values()]
    return f"Its dimensions are {joined(whole)}."


def _panel(one: PanelQuantity) -> Iterator[str]:
    """Yield a quantity of a panel as it is declared, with what links its cells."""
    label = f": {one.label}" if one.label else ""
    yield f"{one.name}{f' ({one.unit})' if one.unit else ''}{label}: {in_panel(one)}"
    yield from _noted(one.note)


def _declared(model: Model, rows: Sequence[RelationRow]) -> list[RelationRow]:
    """Return the relations as they are declared: of those over dimensions not each cell."""
    if not model.panel:
        return list(rows)
    return [relation_row(one) for one in model.parts.relations.values()]


def _held_out(model: Model) -> str:
    held = [f"{one.id} ({as_said(one.claim, model)})" for one in model.uses if one.held_out]
    if not held:
        return "Nothing is held out."
    return f"Held out, and set beside the answer: {joined(_first_few(held, _HELD))}."


def _first_few(named: Sequence[str], most: int) -> Sequence[str]:
    """Return names as a list has room for them: of one more than that all are told."""
    return named if len(named) <= most + 1 else [*named[:most], f"{len(named) - most} more"]


def _sections(
    account: Account, axes: Sequence[AxisRow], model: Model, width: int
) -> Iterator[Text]:
    if account.note:
        yield from (Text(), *map(Text, paragraph(account.note, width)))

    def section[Row](
        title: str, rows: Sequence[Row], render: Callable[[Row], Iterator[str]]
    ) -> Iterator[Text]:
        if rows:
            yield from (Text(), Text(title, "bold"))
        for row in rows:
            for place, text in enumerate(render(row)):
                yield from map(Text, paragraph(text, width, indent=6 if place else 2))

    yield from section("Evidence", account.evidence, _claim)
    yield from section("Held out, and set beside the answer", account.compare, _claim)
    quantities = [row for row in account.quantities if row.name in model.parts.quantities]
    yield from section(
        "Quantities, as known beforehand",
        quantities if model.panel else account.quantities,
        _quantity,
    )
    yield from section("Over dimensions", list(model.parts.panels.values()), _panel)
    yield from section("Relations", _declared(model, account.relations), _relation)
    yield from section("Readings", account.readings, _reading)
    yield from section("Readings that every claim has for itself", account.own_readings, _reading)
    yield from section("Kinds of sources", account.kinds, _kind)
    yield from section("Other ways to analyse the claims, for `multiverse`", axes, _axis)
    yield from section("Currencies", account.currencies, _currency)
    yield from section("In the ledger, not used here", account.unused, _unused)
    yield from section("Sources", account.sources, _source)


def _claim(claim: Taken) -> Iterator[str]:
    about = called(claim.about)
    written = f" ({claim.about})" if about != spoken(claim.about) else ""
    yield f"{claim.claim}: about {about}{written}"
    yield from _quoted(claim)
    yield f"{claim.says}: taken as {_taken(claim)}"
    for option, value in (claim.means or {}).items():
        yield f"if it means {option}: about {value}"
    if claim.source_kind:
        yield _kind_words(claim)
    if claim.width is None:
        law = (
            "Poisson: its events alone set"
            if claim.kind == "rate"
            else "binomial: its counts alone set"
        )
        yield f"{law} its width"
    else:
        width = number(claim.width, digits=2)
        yield f"{claim.scale} scale, width {width}{_width_from(claim)}"
        if claim.mostly_rounding:
            yield (
                "Most of that is rounding: the figure is taken to be known to its last digit "
                "that is not 0. If it is known better, write its digits, or give the claim a "
                "`sigma:`."
            )
    if claim.tails == "student-t":
        yield "tails: student-t with four degrees of freedom"
    if claim.copies:
        yield (
            f"a copy, with {', '.join(claim.copies)}, of one datum ({claim.origin}): "
            "together they count about once"
        )
    if claim.pool in _POOLS:
        yield _POOLS[claim.pool]
    yield from _noted(claim.note)
    yield from _noted(claim.use_note)


def _kind_words(claim: Taken) -> str:
    """Return what the kind of a claim adds to it, in words."""
    error = "" if claim.scatter is None else (
        f", and is off by an amount of its own: {claim.scatter}, of a size that is learnt "
        "in place of its basis"
    )  # fmt: skip
    return f"of kind {claim.source_kind}{error}"


def _kind(row: KindRow) -> Iterator[str]:
    yield f"{row.kind}{f' ({row.unit})' if row.unit else ''}" + (f": {row.label}" * bool(row.label))
    said = {"sees": row.factor or "all of what there is", "sources differ by": row.source,
            "each claim is off by": row.scatter}  # fmt: skip
    words = (f"{key} {value}" for key, value in said.items() if value)
    yield f"{'; '.join(words)}; {counted(len(row.claims), 'claim')}"
    if row.against:
        yield f"learnt against {row.against}"
    yield from _noted(row.note)


def _noted(note: str) -> Iterator[str]:
    if note:
        yield f"Note: {note}"


def _taken(claim: Taken) -> str:
    """Return a claim as taken: `20,000 people (90 % between 10,500 and 38,100)`."""
    factor, unit = (100, " %") if claim.share else (1, f" {claim.unit}".rstrip())

    def figure(value: float | None, digits: int = 3) -> str:
        return brief(None if value is None else factor * value, digits)

    if claim.bound is not None:
        said = f"{claim.bound.side} {figure(claim.bound.at, 4)}{unit}"
        if claim.disputes:
            said += f", against {claim.disputes}"
        if claim.truth is not None and claim.truth < 1:
            said += f", the speaker being right with probability {probability(claim.truth)}"
        return said
    ends = f"{figure(claim.q05)} and {figure(claim.q95)}"
    return f"{figure(claim.centre, 4)}{unit} (90 % between {ends})"


def _width_from(claim: Taken) -> str:
    """Return the parts of a width: `, from hedge 0.10, rounding 0.14 (in quadrature)`."""
    named = [
        f"{_part(part, claim)} {number(size, digits=2)}"
        for part, size in claim.width_from.items()
        if size
    ]
    if not named:
        return ""
    return f", from {', '.join(named)}" + (
        " (in quadrature)" if len(named) > 1 and claim.kind != "skew" else ""
    )


def _part(part: str, claim: Taken) -> str:
    """Return a part of a width in words."""
    held = stated(100 * (claim.coverage or 0.0))
    match part:
        case "basis":
            return f"basis ({claim.basis})"
        case "basis / 3":
            return f"a third of the basis ({claim.basis}), as the range is narrower:"
        case "range":
            return f"the range, its ends as {held} %:"
        case "stated range":
            return f"the range, whose stated {held} % is its width:"
        case "sigma":
            return f"its own sigma, {claim.sigma}:"
        case _:
            return part


def _quoted(claim: Said) -> Iterator[str]:
    if claim.quote:
        marks = {True: " (stands in its source)", False: " (does not stand in its source)"}
        yield f"“{claim.quote}”{marks[claim.proved] if claim.proved is not None else ''}"
    source = ", ".join(filter(None, (claim.source, claim.when)))
    yield "— " + (f"{claim.speaker} ({source})" if claim.speaker else source)


def _unused(claim: Said) -> Iterator[str]:
    yield f"{claim.claim}: {claim.says or 'not used'}"
    yield from _quoted(claim)
    if claim.because:
        yield f"Because: {claim.because}"
    if claim.is_no_evidence:
        yield claim.is_no_evidence


def _quantity(row: QuantityRow) -> Iterator[str]:
    yield _named(row)
    if row.value is not None:
        yield f"known: {stated(row.value)}"
    elif row.low is not None and row.high is not None and row.family is not None:
        factor, unit = (100, " %") if row.unit == "share" else (1, "")
        yield (
            f"{stated(factor * row.low)} to {stated(factor * row.high)}{unit} with "
            f"probability {probability(row.coverage)}, {_FAMILIES[row.family]}"
        )
    else:
        yield row.prior
    yield from _noted(row.note)


def _relation(row: RelationRow) -> Iterator[str]:
    yield _named(row)
    if row.by is None:
        yield f"= {row.is_}"
    for option, branch in row.branches.items():
        meaning = f"= {branch}" if branch else "nothing is said of it"
        yield f"if “{option_words(option)}” is meant: {meaning}"
    yield from _noted(row.note)


def _named(row: QuantityRow | RelationRow) -> str:
    unit = f" ({row.unit})" if row.unit else ""
    return f"{row.name}{unit}" + (f": {row.label}" if row.label else "")


def _reading(row: ReadingRow) -> Iterator[str]:
    yield f"{row.name}: {row.question}".rstrip(": ")
    yield "The evidence moves these weights." if row.update else "Held at the stated weights."
    for option in row.options:
        because = f": {option.because}" if option.because else ""
        words = option_words(option.name)
        label = f" ({words})" if words != spoken(option.name) else ""
        yield f"{option.name}{label}, weight {probability(option.weight)}{because}"
    yield from _noted(row.note)


def _axis(row: AxisRow) -> Iterator[str]:
    """Yield an axis, its base and each option with what it changes."""
    yield row.axis + (f": {row.label}" if row.label else "")
    yield f"{row.base}: the model as it stands"
    for option in row.options:
        label = f" ({option.label})" if option.label else ""
        changes = "; ".join(f"{one.kind} {one.to}" for one in option.changes)
        because = f". {option.because}" if option.because else ""
        yield f"{option.option}{label}: {changes}{because}"
    yield from _noted(row.note)


def _currency(row: CurrencyRow) -> Iterator[str]:
    date = f" ({row.date})" if row.date else ""
    yield f"1 {row.code} = {stated(row.rate)} {row.base}{date}"
    yield from _noted(row.note)


def _source(row: SourceRow) -> Iterator[str]:
    said = (row.author, row.title, row.publisher, row.published)
    yield f"{row.id}: {'. '.join(filter(None, said))}"
    if row.url:
        yield row.url
    yield from _noted(row.note)
