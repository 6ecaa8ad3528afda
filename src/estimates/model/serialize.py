"""A model's whole content as plain values, in the form of a model file with the ledger inside.

Nothing that is at its default is written, so that two ways to say the same have one content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimates.model.ledger import DEFAULT_BASIS, Claim, Ledger, Source
from estimates.model.priors import FixedValue
from estimates.model.spec import (
    DEFAULT_SEED,
    POOLS,
    Currency,
    Parts,
    Quantity,
    Reading,
    Relation,
    Use,
)
from estimates.model.variants import AS_IS, Axis, Variant

FORMAT = 1


def document(parts: Parts) -> dict[str, Any]:
    """The content of a model; `estimates.model.io.load_json` reads it back."""
    return {"format": FORMAT} | _filled(
        title=parts.title,
        question=parts.question,
        note=parts.note,
        seed=None if parts.seed == DEFAULT_SEED else parts.seed,
        evidence=_ledger(parts.ledger),
        currencies={code: _currency(one) for code, one in parts.currencies.items()},
        quantities={name: _quantity(one) for name, one in parts.quantities.items()},
        relations={name: _relation(one) for name, one in parts.relations.items()},
        readings={name: _reading(one) for name, one in parts.readings.items()},
        claims={use.claim: _use(use) for use in parts.claims},
        compare={use.claim: _use(use) for use in parts.compare},
        targets=[str(target) for target in parts.targets],
        conventions=parts.conventions.overrides(),
        variants={name: _axis(one) for name, one in parts.variants.items()},
    )


def _filled(**values: Any) -> dict[str, Any]:
    """Without what is empty."""
    return {key: value for key, value in values.items() if value not in (None, "", {}, [])}


def _ledger(ledger: Ledger) -> dict[str, Any]:
    return _filled(
        sources={source.id: _source(source) for source in ledger.sources.values()},
        claims={claim.id: _claim(claim) for claim in ledger.claims.values()},
    )


def _source(source: Source) -> dict[str, Any]:
    return _filled(
        title=source.title,
        author=source.author,
        publisher=source.publisher,
        published=source.published,
        url=source.url,
        note=source.note,
    )


def _claim(claim: Claim) -> dict[str, Any]:
    return _filled(
        source=claim.source,
        speaker=claim.speaker,
        quote=claim.quote,
        says=None if claim.says is None else str(claim.says),
        basis=None if claim.basis == DEFAULT_BASIS else claim.basis,
        origin=claim.origin,
        when=claim.when,
        sigma=_width(claim),
        disputes=claim.disputes,
        because=claim.because,
        note=claim.note,
    )


def _width(claim: Claim) -> float | str | None:
    width = claim.width
    if width is None:
        return None
    return str(width) if width.unit else width.value


def _currency(currency: Currency) -> dict[str, Any]:
    return _filled(
        rate=f"{float(currency.rate)!r} {currency.base}", date=currency.date, note=currency.note
    )


def _quantity(quantity: Quantity) -> dict[str, Any]:
    known = isinstance(quantity.prior, FixedValue)
    return _filled(
        unit=quantity.unit,
        label=quantity.label,
        support=quantity.support,
        note=quantity.note,
        **{"value" if known else "prior": str(quantity.prior)},
    )


def _relation(relation: Relation) -> dict[str, Any]:
    branches = {
        "is" if option is None else option: "nothing" if branch is None else str(branch)
        for option, branch in relation.branches.items()
    }
    return branches | _filled(
        by=relation.by, unit=relation.unit, label=relation.label, note=relation.note
    )


def _reading(reading: Reading) -> dict[str, Any]:
    options: Mapping[str, Any] = {
        name: _filled(weight=float(one.weight), because=one.because, label=one.label)
        for name, one in reading.options.items()
    }
    update = None if reading.update else False
    return {**options, **_filled(question=reading.question, update=update, note=reading.note)}


def _use(use: Use) -> dict[str, Any]:
    pool = None if use.pool == POOLS[0] else use.pool
    return _filled(about=str(use.about), scale=use.scale, tails=use.tails, pool=pool, note=use.note)


def _axis(axis: Axis) -> dict[str, Any]:
    base = None if axis.base == AS_IS else axis.base
    options = {name: _variant(one) for name, one in axis.options.items()}
    return options | _filled(label=axis.label, base=base, note=axis.note)


def _variant(variant: Variant) -> dict[str, Any]:
    widths: Any = {name: float(factor) for name, factor in variant.widths.items()}
    if variant.width != 1.0:
        widths = float(variant.width)
    return _filled(
        label=variant.label,
        because=variant.because,
        priors={name: str(prior) for name, prior in variant.priors.items()},
        conventions=dict(variant.conventions),
        widths=widths,
        tails=dict(variant.tails),
        weights={
            name: {option: float(weight) for option, weight in weights.items()}
            for name, weights in variant.weights.items()
        },
        without={kind: list(names) for kind, names in variant.without.items()},
        admit=list(variant.admit),
        pool=variant.pool or dict(variant.pools),
    )
