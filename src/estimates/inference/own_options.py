"""What each claim with an option of its own is found to mean.

The probability that claim i means option k is the mean over the posterior of
π_k p(y_i | f_k(θ)) / Σ_j π_j p(y_i | f_j(θ)); copies of one datum share the option, and have one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.inference.log_likelihood import option_densities, option_weights, value_on_scale
from estimates.inference.observed import Observations, observe
from estimates.inference.result import OwnOptions
from estimates.inference.ridges import width
from estimates.inference.tree_view import TreeView
from estimates.model import BoundClaim, Model
from estimates.model.likelihood import Noisy, Term

Array = NDArray[np.float64]


def own_options(view: TreeView) -> tuple[OwnOptions, ...] | None:
    """Return for each claim of the evidence with options of its own how likely each of them is.

    None where a model has no readings that claims have for themselves.
    """
    model = view.model
    if not model.parts.own_readings:
        return None
    observations = observe(model)
    evidence = frozenset(use.id for use in model.uses if not use.held_out)
    rows: list[OwnOptions] = []
    for group in _data(model, observations, evidence):
        probabilities = _probabilities(view, observations, group, evidence)
        if probabilities is not None:
            rows += [row for claim in group for row in _rows(claim, probabilities)]
    place = {use.id: i for i, use in enumerate(model.uses)}
    return tuple(sorted(rows, key=lambda row: (row.reading, place[row.claim])))


def _data(
    model: Model, observations: Observations, evidence: frozenset[str]
) -> Iterator[list[BoundClaim]]:
    """Yield the claims that share an option."""
    groups: defaultdict[str, list[BoundClaim]] = defaultdict(list)
    for use in model.uses:
        if use.options and use.id in evidence:
            groups[f"origin {use.origin}" if use.origin else use.id].append(use)
    yield from groups.values()


def _probabilities(
    view: TreeView,
    observations: Observations,
    group: Sequence[BoundClaim],
    evidence: frozenset[str],
) -> Array | None:
    """Return the probability of each option, (option,); None where the claims are silent."""
    total, found = 0.0, np.zeros(len(group[0].options))
    for number, reading in enumerate(view.readings):
        weight = float(view.weights[number])
        spoken = view.model.resolve(group[0].value, reading.choice) is not None
        if not spoken or not weight or not view.usable[number]:
            continue
        values = {name: one.ravel() for name, one in view.env(number).items()}
        each = _log_joint(view.model, observations, group, values, reading.choice, evidence)
        shares = np.exp(each - np.logaddexp.reduce(each, axis=0))
        found += weight * shares.mean(axis=1)
        total += weight
    return found / total if total else None


def _log_joint(
    model: Model,
    observations: Observations,
    group: Sequence[BoundClaim],
    values: Mapping[str, Array],
    choice: Mapping[str, str],
    evidence: frozenset[str],
) -> Array:
    """Return log π_k p(y | f_k(θ)) of all copies of a datum together, (option, draw)."""
    once = observations.counted_once(evidence)
    distinct = [claim for claim in group if claim.id in once]
    terms = observations.terms
    first = distinct[0]
    if len(distinct) == 1 or not all(_normal(terms[claim.id]) for claim in distinct):
        # Copies count about once: where their noise is not normal, the sharpest stands for all.
        sharpest = min(distinct, key=lambda claim: width(terms[claim.id]))
        return option_densities(model, sharpest, terms[sharpest.id], values, choice)
    weights = option_weights(model, first, values, choice)
    rows = [observations.copied_row(claim, evidence, values) for claim in distinct]
    found = []
    for k, weight in enumerate(weights):
        # y = g + L·e + σ·ε, e shared: by the determinant and the inverse of diag(σ²) + L Lᵀ.
        log, pull, stiff = np.zeros_like(weight), np.zeros_like(weight), np.zeros_like(weight)
        for claim, row in zip(distinct, rows, strict=True):
            on_scale = value_on_scale(model, claim, claim.options[k].value, values, choice)
            residual = (row.y - on_scale) / row.sigma
            log += -0.5 * residual**2 - np.log(row.sigma)
            pull += row.loading * residual / row.sigma
            stiff += (row.loading / row.sigma) ** 2
        found.append(weight + log - 0.5 * np.log1p(stiff) + 0.5 * pull**2 / (1 + stiff))
    return np.stack(found)


def _normal(term: Term) -> bool:
    return isinstance(term, Noisy) and not term.student


def _rows(claim: BoundClaim, probabilities: Array) -> Iterator[OwnOptions]:
    """Yield a row for each reading of which the claim has an option."""
    for reading in claim.options[0].choice:
        options: defaultdict[str, float] = defaultdict(float)
        for one, probability in zip(claim.options, probabilities.tolist(), strict=True):
            options[one.choice[reading]] += probability
        yield OwnOptions(reading=reading, claim=claim.id, options=dict(options))
