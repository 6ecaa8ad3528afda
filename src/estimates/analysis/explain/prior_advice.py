"""What to think of before a prior is used, a sentence each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from statistics import NormalDist

import numpy as np

from estimates._util.format import brief
from estimates.analysis.explain.prior_words import Beforehand, amount, figure, told_unit
from estimates.language.expression import Constant
from estimates.language.phrases import compared
from estimates.model import IntervalPrior, NamedPrior

_SHARP = math.log(3.0)  # between the ends: about as sharp as an expert's figure
_LITTLE, _NOTHING = math.log(100.0), math.log(10_000.0)
_BELOW_ZERO = 0.001
_UNIT = {"lower": 0.0, "upper": 1.0}  # where a Uniform ends if it does not say


def advised(found: Beforehand, prior: IntervalPrior | NamedPrior) -> Beforehand:
    """The same with what to think of before it is used."""
    return replace(found, advice=tuple(_advice(found, prior)))


def _advice(found: Beforehand, prior: IntervalPrior | NamedPrior) -> Iterator[str]:
    if found.scale == "log" and found.orders is not None:
        yield from _of_factor(found, found.orders * math.log(10))
    if isinstance(prior, NamedPrior):
        yield from _of_distribution(found, prior)
        return
    if found.scale == "log" and prior.high > 5 * prior.low:
        middle = figure(found, found.median), figure(found, (prior.low + prior.high) / 2)
        yield (
            f"Its middle is {compared(middle, told_unit(found), ', not ')}: factors count, and "
            "half of the probability lies on either side."
        )
    if found.scale == "logit":
        yield from _of_share(found, prior)
    if found.scale == "identity":
        below = _below_zero(prior)
        if prior.low > 0 and below > _BELOW_ZERO:
            yield (
                f"{brief(100 * below, 2)} % of it lies below 0. If the quantity cannot, leave "
                "`support: real` out and it becomes log-normal."
            )


def _of_factor(found: Beforehand, log_factor: float) -> Iterator[str]:
    factor = f"A factor of {brief(math.exp(log_factor), 2)} between the ends"
    if log_factor <= _SHARP:
        yield (
            f"{factor}: says much, about as much as an expert's figure would. Say in `note:` where "
            "it comes from, and use no claim that says the same again."
        )
    elif log_factor < _LITTLE:
        yield f"{factor}: says something, and is weighed against the claims."
    elif log_factor < _NOTHING:
        yield f"{factor}: says little; fine where claims will speak."
    else:
        yield (
            f"{factor}: says next to nothing; fine where claims will speak, but without one the "
            "answer is as wide. Would neither end surprise you?"
        )


def _of_share(found: Beforehand, prior: IntervalPrior) -> Iterator[str]:
    if _piles_up(prior.loc, prior.scale):
        yield (
            "So wide a share piles up near 0 and near 100 %, and the middle is unlikely. If all "
            "shares are alike to you, `5 to 95 %` comes near that."
        )
    elif found.q95 - found.q05 > 0.6:
        yield "Most shares are possible: says little; fine where claims will speak."
    elif found.q95 - found.q05 < 0.15:
        yield (
            "Ends so near say much. Say in `note:` where they come from, and use no claim that "
            "says the same again."
        )


def _piles_up(loc: float, scale: float) -> bool:
    """Whether a logit-normal has two marked peaks.

    Its slope vanishes where logit x = loc + scale² (2x − 1), at three places if there are two
    peaks.  Up to a scale of 2 they are low: 5 to 95 % (1.8) is nearly flat.
    """
    if scale < 2:
        return False
    x = np.linspace(-30, 30, 6001)
    slope = loc + scale**2 * np.tanh(x / 2) - x
    return int(np.count_nonzero(np.diff(np.sign(slope)))) >= 3


def _of_distribution(found: Beforehand, prior: NamedPrior) -> Iterator[str]:
    if prior.distribution == "Uniform" and found.q05 > 0 and found.curve[0] > 0:
        low, high = (prior.arguments.get(key, Constant(d)) for key, d in _UNIT.items())
        assert isinstance(low, Constant)
        assert isinstance(high, Constant)
        if low.value >= 0 and high.value > 10 * low.value:
            top = (high.value * 0.9) / (high.value - low.value)
            yield (
                f"Uniform is not ignorant of size: {brief(100 * top, 2)} % of it lies above "
                f"{amount(found, high.value / 10)}, a tenth of its end. Where only the order of "
                "magnitude is unknown, give an interval."
            )
    spread, tail = found.q95 - found.median, found.q99 - found.median
    if spread > 0 and tail > 3 * spread:  # 1.41 of a normal, 5 of a Cauchy
        yield (
            f"Heavy tails: one in a hundred lies above {amount(found, found.q99)}, against "
            f"{amount(found, found.q95)} for one in twenty."
        )


def _below_zero(prior: IntervalPrior) -> float:
    return NormalDist(prior.loc, prior.scale).cdf(0.0)
