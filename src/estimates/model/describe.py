"""A model in words: the account of `estimates show`, before any rendering.

Says of every claim what it is taken to say, how wide that is and where the width comes from, so
that a reader can object to each step between a quote and a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from estimates._util.format import stated
from estimates.language.phrases import called, option_words, published, said
from estimates.language.wording import Published, Range, Wording
from estimates.model.account import (
    Account,
    AxisRow,
    Change,
    CurrencyRow,
    Edge,
    KindRow,
    OptionRow,
    QuantityRow,
    ReadingRow,
    RelationRow,
    Said,
    SourceRow,
    Taken,
    VariantRow,
)
from estimates.model.claims import BoundClaim
from estimates.model.conventions import Conventions
from estimates.model.derived import what_it_is
from estimates.model.kinds import SourceKind
from estimates.model.ledger import Claim, Source
from estimates.model.levels import ANCHOR, chain, shared_with
from estimates.model.likelihood import (
    ROUNDING,
    Count,
    Noisy,
    Rate,
    Skew,
    Term,
    Yes,
    covered,
    implied,
    named,
    sampling_model,
)
from estimates.model.model import Model
from estimates.model.priors import FixedValue, IntervalPrior, Prior
from estimates.model.spec import Quantity, Reading, Relation
from estimates.model.variants import Axis, Variant


def describe(model: Model, words: Mapping[str, str] | None = None) -> Account:
    """Return everything that a model states, claim by claim.

    Parameters
    ----------
    model : a checked model (see `estimates.load`)
    words : of claims whose quotes were looked for, what stands in the source (`prove(model).words`)

    Returns
    -------
    Account with typed rows of quantities, relations, readings, claims, sources and conventions;
    `.document` has it in plain values, as `estimates show --json` prints them.

    See Also
    --------
    load : reads a model
    plot : draws a model's graph

    Examples
    --------
    >>> import estimates as est
    >>> account = est.describe(est.load("scmp-2017-headline"))
    >>> [row.name for row in account.quantities]
    ['workers_china', 'workers_russia', 'gross_wage', 'skim']
    """
    used = {use.id for use in model.uses}
    proved = {claim: bool(found) for claim, found in (words or {}).items()}
    return Account(
        model=model.slug,
        title=model.title,
        question=model.question,
        note=model.note,
        digest=model.digest,
        seed=model.seed,
        targets=tuple(model.targets),
        evidence=tuple(_taken(use, model, proved) for use in model.uses if not use.held_out),
        compare=tuple(_taken(use, model, proved) for use in model.uses if use.held_out),
        unused=tuple(
            _said(one, model, proved) for one in model.ledger.claims.values() if one.id not in used
        ),
        quantities=tuple(map(_quantity, model.quantities.values())),
        relations=tuple(map(relation_row, [*model.relations.values(), *model.apart.values()])),
        readings=tuple(map(_reading, model.readings.values())),
        own_readings=tuple(map(_reading, model.parts.own_readings.values())),
        kinds=tuple(_kinds(model)),
        currencies=tuple(
            CurrencyRow(code=one.code, rate=one.rate, base=one.base, date=one.date, note=one.note)
            for one in model.currencies.values()
        ),
        sources=tuple(map(_source, model.ledger.sources.values())),
        conventions=model.conventions,
    )


def axes_of(model: Model) -> tuple[AxisRow, ...]:
    """Return the declared variants: the base of each axis, and what each option changes."""
    return tuple(map(_axis, model.variants.values()))


def as_said(claim: Claim, model: Model) -> str:
    """Return what a claim says, in its own written unit; "" for a claim that says nothing."""
    if claim.says is None:
        return ""
    return said(claim.says, model.units.parse(claim.says.unit))


def source_words(source: Source) -> str:
    """Return a source in words: `South China Morning Post (August 2017)`."""
    name = source.publisher or source.author or source.title or source.id
    return f"{name} ({published(source.published)})" if source.published else name


def sources_of(claims: Iterable[Claim], model: Model) -> str:
    """Return the sources of some claims, each once, in words; "" where there are none."""
    found = dict.fromkeys(claim.source for claim in claims)
    return "; ".join(source_words(model.ledger.sources[one]) for one in found)


def _as_written(wording: Wording) -> str:
    """Return a wording as the ledger has it; of a model read back from a fit, its plain form."""
    return " ".join(wording.text.split()) or str(wording)


def _said(claim: Claim, model: Model, proved: Mapping[str, bool]) -> Said:
    return Said(
        claim=claim.id,
        quote=claim.quote,
        speaker=claim.speaker,
        source=claim.source,
        when=claim.when,
        says=_as_written(claim.says) if claim.says else None,
        because=claim.because,
        note=claim.note,
        is_no_evidence=what_it_is(claim, model.ledger, model.units),
        proved=proved.get(claim.id),
    )


def _taken(use: BoundClaim, model: Model, proved: Mapping[str, bool]) -> Taken:
    """Return a claim as the model takes it."""
    claim, term = use.claim, sampling_model(use, model.conventions)
    copies = [
        other.id
        for other in model.uses
        if use.origin and other.origin == use.origin and other.id != use.id and not other.held_out
    ]
    figures = _figures(term)
    return Taken(
        **vars(_said(claim, model, proved)),
        about=use.topic,
        basis=use.basis,
        disputes=claim.disputes,
        origin=use.origin,
        copies=tuple(copies),
        unit=use.unit,
        percent=claim.says is not None and claim.says.unit == "%",
        tails=use.tails,
        pool=use.pool,
        sigma=None if claim.width is None else str(claim.width),
        coverage=_coverage(use, model.conventions),
        kind=type(term).__name__.lower(),
        **figures._asdict(),
        width_from=dict(term.parts),
        mostly_rounding=use.spread is None
        and ROUNDING in term.parts
        and term.parts[ROUNDING] == max(term.parts.values()),
        source_kind=use.kind,
        scatter=_scatter(use, model),
        means={_choice(one.choice): called(str(one.value)) for one in use.options} or None,
        use_note=use.note,
    )


def _choice(choice: Mapping[str, str]) -> str:
    return " × ".join(map(option_words, choice.values()))


def _scatter(use: BoundClaim, model: Model) -> str | None:
    """Return the size of a claim's own error as the model states it, where that is learnt."""
    kind = _kind_of(use, model)
    return None if kind is None or kind.scatter is None else str(kind.scatter)


def _kind_of(use: BoundClaim, model: Model) -> SourceKind | None:
    if use.kind is None:
        return None
    group, _, name = use.kind.partition(".")
    return model.parts.kinds[group].kinds[name]


def _kinds(model: Model) -> Iterator[KindRow]:
    """Yield the kinds of sources, and what each is learnt against."""
    shared = shared_with(model.uses, model.parts.kinds, model.panel)
    for group in model.parts.kinds.values():
        for name, one in group.kinds.items():
            full = f"{group.name}.{name}"
            sees = one.factor if one.odds is None else one.odds
            yield KindRow(
                kind=full,
                label=one.label,
                unit=group.unit,
                factor=None if sees is None else str(sees),
                source=None if one.source is None else str(one.source),
                scatter=None if one.scatter is None else str(one.scatter),
                claims=tuple(use.id for use in model.uses if use.kind == full),
                against=_against(full, shared),
                note=one.note,
            )


def _against(kind: str, shared: Mapping[str, Mapping[str, int]]) -> str:
    """Return what a kind's level is learnt against, in words; "" where it is known."""
    if kind not in shared:
        return ""
    direct = shared[kind].get(ANCHOR, 0)
    if direct:
        things = "one thing" if direct == 1 else f"{direct} things"
        return f"{things} of which claims of a known factor speak too"
    path = chain(kind, shared)
    return "nothing but priors" if path is None else f"{' and '.join(path)}, which leads there"


def _coverage(use: BoundClaim, conventions: Conventions) -> float | None:
    """Return the probability with which a range holds the value, where its ends are its width."""
    if not isinstance(use.wording, Range | Published) or use.sigma is not None:
        return None
    return use.wording.coverage or covered(use, conventions)


class _Figures(NamedTuple):
    """A claim's figures in the claim's own unit, with the width on its scale."""

    scale: str
    width: float | None
    centre: float | None = None
    q05: float | None = None
    q95: float | None = None
    bound: Edge | None = None
    truth: float | None = None


def _figures(term: Term) -> _Figures:
    scale = term.scale
    ends = () if isinstance(term, Yes) else (implied(term, 0.05), implied(term, 0.95))
    match term:
        case Noisy(sigma=sigma) | Skew(sigma=sigma):
            return _Figures(scale.name, sigma, named(term), *ends)
        case Rate():
            return _Figures("log", None, named(term), *ends)
        case Yes(limit=limit, width=width, upper=upper, truth=truth):
            at = scale.inverse(limit)
            edge = Edge(below=at) if upper else Edge(above=at)
            return _Figures(scale.name, width, bound=edge, truth=truth)
        case Count():
            return _Figures("logit", None, named(term), *ends)


def _quantity(quantity: Quantity) -> QuantityRow:
    prior, family, low, high, coverage = quantity.prior, None, None, None, None
    if isinstance(prior, IntervalPrior):
        family, low, high, coverage = prior.family, prior.low, prior.high, prior.coverage
    return QuantityRow(
        name=quantity.name,
        label=quantity.label,
        unit=quantity.unit,
        prior=str(prior),
        family=family,
        value=prior.value if isinstance(prior, FixedValue) else None,
        low=low,
        high=high,
        coverage=coverage,
        note=quantity.note,
    )


def relation_row(relation: Relation) -> RelationRow:
    """Return what a relation states."""
    return RelationRow(
        name=relation.name,
        label=relation.label,
        unit=relation.unit,
        by=relation.by,
        is_=None if relation.by else str(relation.branches[None]),
        branches={
            option: None if branch is None else str(branch)
            for option, branch in relation.branches.items()
            if option is not None
        },
        note=relation.note,
    )


def _reading(reading: Reading) -> ReadingRow:
    weights = reading.weights
    return ReadingRow(
        name=reading.name,
        question=reading.question,
        update=reading.update,
        note=reading.note,
        options=tuple(
            OptionRow(name=name, weight=weights[name], because=option.because)
            for name, option in reading.options.items()
        ),
    )


def _source(source: Source) -> SourceRow:
    return SourceRow(
        id=source.id,
        title=source.title,
        author=source.author,
        publisher=source.publisher,
        published=source.published,
        url=source.address,
        note=source.note,
    )


def _axis(axis: Axis) -> AxisRow:
    options = [
        VariantRow(
            option=name,
            label=one.label,
            because=one.because,
            changes=tuple(Change(kind=kind, to=to) for kind, to in _changes(one)),
        )
        for name, one in axis.options.items()
    ]
    return AxisRow(
        axis=axis.name, label=axis.label, base=axis.base, note=axis.note, options=tuple(options)
    )


def _changes(variant: Variant) -> Iterator[tuple[str, str]]:
    """Yield the changes of an option, in words."""
    yield from (("prior", f"{name} {_prior(prior)}") for name, prior in variant.priors.items())
    yield from (("convention", words) for words in _nested(variant.conventions))
    if variant.width != 1:
        yield "widths", f"all × {variant.width:g}"
    yield from (("width", f"{name} × {factor:g}") for name, factor in variant.widths.items())
    yield from (("tails", f"{name} {tails}") for name, tails in variant.tails.items())
    for name, weights in variant.weights.items():
        yield "weights", f"{name}: " + ", ".join(f"{o} {w:g}" for o, w in weights.items())
    for kind, names in variant.without.items():
        yield "without", f"{kind} {', '.join(names)}"
    yield from (("admitted as evidence", name) for name in variant.admit)
    if variant.pool:
        yield "pool", variant.pool
    yield from (("pool", f"{name} {pool}") for name, pool in variant.pools.items())


def _prior(prior: Prior) -> str:
    """Return a prior as a reader sees it, its numbers with their commas."""
    match prior:
        case IntervalPrior(low=low, high=high, coverage=coverage, unit=unit):
            ends = f"{_number(low)} to {_number(high)}{f' {unit}' if unit else ''}"
            return ends if coverage == 0.90 else f"{ends} @ {_number(100 * coverage)} %"
        case FixedValue(value=value, unit=unit):
            return f"{_number(value)}{f' {unit}' if unit else ''}"
        case _:
            return str(prior)


def _number(value: float) -> str:
    return stated(value).replace("−", "-")  # as it can be written in a file


def _nested(changes: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in changes.items():
        below = f"{path} {name}".strip()
        if isinstance(value, Mapping):
            yield from _nested(value, below)
        else:
            yield f"{below} {value}"
