"""Claims as observed variables of a PyMC model: one for each vector of claims.

A claim whose value leaves its domain has probability 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable as Tensor

from estimates.inference.mixed import Mixing, Weighed, mixed
from estimates.inference.observed import Observations, Observed
from estimates.inference.program import batch
from estimates.inference.tensors import (
    Asserted,
    BinomialOdds,
    Block,
    Law,
    TensorOps,
    TensorRegisters,
    TwoHalves,
    all_valid,
)
from estimates.language.expression import Expression
from estimates.model.assertions import log_chance, log_odds
from estimates.model.likelihood import DEGREES_OF_FREEDOM

#: g(θ) where θ leaves the domain: so far off that the claim's density is exactly 0.
_IMPOSSIBLE = np.float64(1e200)
#: Widths from what was said, where it is said, or denied, for sure; its square is a number.
_FAR = np.float64(1e100)
SHARED_ERROR = "shared_error"


def add_claims(
    vector: Observed, observations: Observations, registers: TensorRegisters, plain: bool
) -> None:
    """Add a vector of claims to the PyMC model in context, as one observed variable.

    Of a plain model, to be used by hand, bounds are PyMC's own Bernoulli variables.
    """
    context = pm.modelcontext(None)
    said = context[f"{vector.name}_y"]
    spread = batch(vector.spreads, registers) if vector.spreads else None
    laws = [
        _law(vector, observations, _claimed(vector, about, registers), spread)
        for about in vector.meanings
    ]
    if plain:
        laws = list(map(_as_bernoulli, laws))
    if not vector.options:
        ((law, arguments),) = laws
        law(vector.name, **arguments, observed=said)
        return
    weights = [batch(one, registers).values for one in vector.log_weights]
    together = tuple(
        Mixing(context[f"{vector.name}_other_{j}"], context[f"{vector.name}_has_{j}"])
        for j in range(vector.copied)
    )
    lead = context[f"{vector.name}_lead"] if vector.copied else None
    mixed(vector.name, laws, Weighed(weights, together, lead), said)


def _law(vector: Observed, observations: Observations, block: Block, spread: Block | None) -> Law:
    """Return the distribution of the claims, and its arguments, given g(θ)."""
    context = pm.modelcontext(None)

    def data(key: str) -> Tensor:
        return context[f"{vector.name}_{key}"]

    family, active = vector.family, data("active") > 0.5
    values, valid = block.values, all_valid([block, *([spread] if spread else [])])
    match family:
        case "count":
            # A probability of 0 where something was counted, of 1 where nothing was: density 0.
            impossible = pt.switch(data("y") > 0, 0.0, 1.0)
            inside = _within((values >= 0) & (values <= 1), valid)
            share = pt.switch(active, pt.switch(inside, values, impossible), 0.5)
            return pm.Binomial, {"n": data("trials"), "p": share}
        case "rate":
            # A rate of 0 where something happened, a boundless one where nothing did: density 0.
            impossible = pt.switch(data("y") > 0, 0.0, _IMPOSSIBLE)
            inside = _within(values >= 0, valid)
            expected = pt.switch(inside, values * data("exposure"), impossible)
            return pm.Poisson, {"mu": pt.switch(active, expected, 0.0)}
        case "odds":
            if valid is not None:
                values = pt.switch(valid, values, _IMPOSSIBLE * pt.switch(data("y") > 0, -1.0, 1.0))
            return BinomialOdds, {"n": data("trials"), "odds": pt.switch(active, values, 0.0)}
        case "yes":
            return _asserted(vector, values, valid, spread)
    if observations.sharing(vector):
        values = values + _loading(vector, spread) * context[SHARED_ERROR][data("origin")]
    if valid is not None:
        values = pt.switch(valid, values, _IMPOSSIBLE)
    values = pt.switch(active, values, 0.0)
    match family:
        case "skew":
            return TwoHalves, {"mu": values, "up": data("up"), "down": data("down")}
        case "student":
            nu = pt.constant(float(DEGREES_OF_FREEDOM))
            return pm.StudentT, {"nu": nu, "mu": values, "sigma": data("sigma")}
        case "normal":
            return pm.Normal, {"mu": values, "sigma": _width(vector, "sigma", spread)}


def _as_bernoulli(law: Law) -> Law:
    """Return the same distribution, of bounds as PyMC has it."""
    kind, arguments = law
    if kind is not Asserted:
        return law
    distance, truth = arguments.values()
    odds = log_chance(distance, truth, TensorOps()) - log_chance(-distance, truth, TensorOps())
    return pm.Bernoulli, {"logit_p": odds}


def _asserted(vector: Observed, values: Tensor, valid: Tensor | None, spread: Block | None) -> Law:
    """Return the distribution of bounds and directions, and its arguments, given g(θ)."""
    context = pm.modelcontext(None)
    keys = ("limit", "sign", "truth", "presupposes")
    limit, sign, true, presupposes = (context[f"{vector.name}_{key}"] for key in keys)
    width = _width(vector, "width", spread)
    active = context[f"{vector.name}_active"] > 0.5
    said = 2 * context[f"{vector.name}_y"] - 1
    values = pt.switch(active, values, 0.0)
    if vector.presupposing:
        terms = {"limit": limit, "sign": sign, "truth": true, "width": width}
        odds = log_odds(values, terms | {"presupposes": presupposes}, TensorOps())
        if valid is not None:
            odds = pt.switch(valid, odds, -_IMPOSSIBLE * said)
        return pm.Bernoulli, {"logit_p": pt.switch(active, odds, 1e4 * said)}
    distance = sign * (limit - values) / width
    truth = pt.constant(1.0) if vector.certain else pt.switch(active, true, 1.0)
    if valid is not None:
        distance = pt.switch(valid, distance, -_FAR * said)
        truth = truth if vector.certain else pt.switch(valid, truth, 1.0)
    return Asserted, {"distance": pt.switch(active, distance, _FAR * said), "truth": truth}


def _within(inside: Tensor, valid: Tensor | None) -> Tensor:
    return inside if valid is None else inside & valid


def _width(vector: Observed, key: str, spread: Block | None) -> Tensor:
    """Return the width of each claim, with its own error integrated out."""
    context = pm.modelcontext(None)
    width = context[f"{vector.name}_{key}"]
    if spread is None:
        return width
    return pt.sqrt(width**2 + context[f"{vector.name}_own"] * spread.values**2)


def _loading(vector: Observed, spread: Block | None) -> Tensor:
    """Return how much each claim has of the error that it shares with its copies."""
    context = pm.modelcontext(None)
    loading = context[f"{vector.name}_loading"]
    if spread is None:
        return loading
    shared = loading > 0  # at 0 the root has no slope
    joint = loading**2 + context[f"{vector.name}_joint"] * spread.values**2
    return pt.switch(shared, pt.sqrt(pt.switch(shared, joint, 1.0)), 0.0)


def _claimed(
    vector: Observed, expressions: Sequence[Expression], registers: TensorRegisters
) -> Block:
    """Return g(θ) of what each claim is about; what several share is computed once."""
    distinct = list(dict.fromkeys(expressions))
    block = _on_scale(vector, batch(distinct, registers))
    if len(distinct) == len(expressions):
        return block
    place = {expression: number for number, expression in enumerate(distinct)}
    index = registers.indices([place[expression] for expression in expressions])
    return Block(block.values[index], None if block.valid is None else block.valid[index])


def _on_scale(vector: Observed, block: Block) -> Block:
    """Return g(θ), with a harmless value where θ is off the scale, and which are on it."""
    if vector.odds or vector.scale.name == "identity":
        return block
    inside = block.values > 0
    if vector.scale.high < math.inf:
        inside = inside & (block.values < vector.scale.high)
    values = vector.scale.within(pt.switch(inside, block.values, 0.5), pt)
    return Block(values, inside if block.valid is None else inside & block.valid)
