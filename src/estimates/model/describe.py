"""A model in words: the document of `estimates show`, before any rendering.

Says of every claim what it is taken to say, how wide that is and where the width comes from, so
that a reader can object to each step between a quote and a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from estimates.language.wording import Range
from estimates.model.claims import BoundClaim
from estimates.model.conventions import Conventions
from estimates.model.ledger import Claim
from estimates.model.likelihood import ROUNDING, Count, Noisy, Term, Yes, quantile, sampling_model
from estimates.model.model import Model
from estimates.model.priors import FixedValue, IntervalPrior
from estimates.stats.links import LOGIT


def describe(model: Model) -> dict[str, Any]:
    """Everything that a model states, in plain values.

    Returns
    -------
    dict with `title`, `question`, `evidence` and `compare` (one entry a claim), `unused` claims
    of the ledger, `quantities`, `relations`, `readings`, `sources`, `currencies`, `conventions`.
    """
    used = {use.id for use in model.uses}
    return {
        "format": 1,
        "model": model.slug,
        "title": model.title,
        "question": model.question,
        "note": model.note,
        "digest": model.digest,
        "seed": model.seed,
        "targets": list(model.targets),
        "evidence": [_claim(use, model) for use in model.uses if not use.held_out],
        "compare": [_claim(use, model) for use in model.uses if use.held_out],
        "unused": [_said(claim) for claim in model.ledger.claims.values() if claim.id not in used],
        "quantities": list(_quantities(model)),
        "relations": list(_relations(model)),
        "readings": [
            {
                "name": reading.name,
                "question": reading.question,
                "update": reading.update,
                "note": reading.note,
                "options": [
                    {"name": name, "weight": reading.weights[name], "because": option.because}
                    for name, option in reading.options.items()
                ],
            }
            for reading in model.readings.values()
        ],
        "currencies": [
            {"code": c.code, "rate": c.rate, "base": c.base, "date": c.date, "note": c.note}
            for c in model.currencies.values()
        ],
        "sources": [
            {
                "id": source.id,
                "title": source.title,
                "author": source.author,
                "publisher": source.publisher,
                "published": source.published,
                "url": source.address,
                "note": source.note,
            }
            for source in model.ledger.sources.values()
        ],
        "conventions": conventions_document(model.conventions),
    }


def conventions_document(conventions: Conventions) -> dict[str, Any]:
    """The conventions in plain values."""
    document = {name: getattr(conventions, name) for name in conventions.__dataclass_fields__}
    for name, value in document.items():
        if isinstance(value, Mapping):
            document[name] = {key: asdict(entry) for key, entry in value.items()}
    return document | {"verdict": asdict(conventions.verdict)}


def _said(claim: Claim) -> dict[str, Any]:
    """A claim as it stands in the ledger."""
    return {
        "claim": claim.id,
        "quote": claim.quote,
        "speaker": claim.speaker,
        "source": claim.source,
        "when": claim.when,
        "says": str(claim.says) if claim.says else None,
        "because": claim.because,
        "note": claim.note,
    }


def _claim(use: BoundClaim, model: Model) -> dict[str, Any]:
    """A claim as this model takes it."""
    copies = [
        other.id
        for other in model.uses
        if use.origin and other.origin == use.origin and other.id != use.id and not other.held_out
    ]
    return {
        **_said(use.claim),
        "about": str(use.about),
        "basis": use.basis,
        "disputes": use.claim.disputes,
        "origin": use.origin,
        "copies": copies,
        "unit": use.unit,
        "percent": use.claim.says is not None and use.claim.says.unit == "%",
        "tails": use.tails,
        "pool": use.pool,
        "sigma": None if use.claim.width is None else str(use.claim.width),
        "coverage": _coverage(use, model.conventions),
        **_taken(sampling_model(use, model.conventions)),
        "use_note": use.note,
    }


def _coverage(use: BoundClaim, conventions: Conventions) -> float | None:
    """The probability with which a range is taken to hold the value, where that is its width."""
    if not isinstance(use.wording, Range) or use.sigma is not None:
        return None
    return use.wording.coverage or conventions.basis[use.basis].coverage


def _rounded(parts: Mapping[str, float]) -> bool:
    """Whether the rounding of its figure is the largest part of a width."""
    return ROUNDING in parts and parts[ROUNDING] == max(parts.values())


def _taken(term: Term) -> dict[str, Any]:
    """What a claim is taken to say: in the claim's own unit, the width on its scale."""
    sigma: float | None
    taken: dict[str, Any]
    match term:
        case Noisy(scale=scale, y=y, sigma=sigma, student=student):
            reach = quantile(0.95, student) * sigma
            middle, low, high = (scale.inverse(at) for at in (y, y - reach, y + reach))
            taken = {"centre": middle, "q05": low, "q95": high, "bound": None, "truth": None}
        case Yes(scale=scale, limit=limit, width=sigma, upper=upper, truth=truth):
            bound = {"below" if upper else "above": scale.inverse(limit)}
            taken = {"centre": None, "q05": None, "q95": None, "bound": bound, "truth": truth}
        case Count(successes=successes, trials=trials):
            scale, sigma = LOGIT, None
            from scipy.special import betaincinv  # half a second that few models need

            # Jeffreys' interval: Beta(r + ½, n − r + ½).
            shape = successes + 0.5, trials - successes + 0.5
            low, high = (float(betaincinv(*shape, p)) for p in (0.05, 0.95))
            middle = successes / trials
            taken = {"centre": middle, "q05": low, "q95": high, "bound": None, "truth": None}
    return {
        "kind": type(term).__name__.lower(),
        "scale": scale.name,
        **taken,
        "width": sigma,
        "width_from": dict(term.parts),
        "mostly_rounding": _rounded(term.parts),
    }


def _quantities(model: Model) -> Iterator[dict[str, Any]]:
    for quantity in model.quantities.values():
        prior = quantity.prior
        entry: dict[str, Any] = {"low": None, "high": None, "coverage": None}
        if isinstance(prior, IntervalPrior):
            entry = {"low": prior.low, "high": prior.high, "coverage": prior.coverage}
        yield {
            "name": quantity.name,
            "label": quantity.label,
            "unit": quantity.unit,
            "prior": str(prior),
            "family": prior.family if isinstance(prior, IntervalPrior) else None,
            "value": prior.value if isinstance(prior, FixedValue) else None,
            **entry,
            "note": quantity.note,
        }


def _relations(model: Model) -> Iterator[dict[str, Any]]:
    for relation in model.relations.values():
        yield {
            "name": relation.name,
            "label": relation.label,
            "unit": relation.unit,
            "by": relation.by,
            "is": None if relation.by else str(relation.branches[None]),
            "branches": {
                option: None if branch is None else str(branch)
                for option, branch in relation.branches.items()
                if option is not None
            },
            "note": relation.note,
        }
