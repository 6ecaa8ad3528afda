"""A prior as it is read, its figures in words, and what to think of before it is used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates._util.format import brief, stated
from estimates.language.expression import Constant
from estimates.language.phrases import compared, told
from estimates.model import IntervalPrior, NamedPrior

#: The probabilities at which a prior is told.
PROBABILITIES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
#: Evenly spaced probabilities, from which a curve can be drawn.
GRID = tuple(i / 200 for i in range(1, 200))

_SHARP = math.log(3.0)  # between the ends: about as sharp as an expert's figure
_LITTLE, _NOTHING = math.log(100.0), math.log(10_000.0)
_BELOW_ZERO = 0.001
_UNIT = {"lower": 0.0, "upper": 1.0}  # where a Uniform ends if it does not say


@dataclass(frozen=True, slots=True)
class Beforehand:
    """A prior as it is read.

    Attributes
    ----------
    text, canonical : as written, and as the program would write it
    family : `log-normal`, `logit-normal`, `normal`, or the name of a distribution
    why : what the family follows from; "" where it is named
    unit : of the numbers; "share" for a share, "" for a plain number
    percent : whether figures are best shown as percentages
    scale : identity, log or logit: where it is drawn and where factors or odds count
    q01, q05, q25, median, q75, q95, q99 : quantiles, in `unit`, a share as a fraction
    width : standard deviation on the scale; None for a named distribution
    coverage, below, above : of an interval, what it holds, and what lies on either side of it;
        None for a named distribution
    orders : powers of ten between the 5 and 95 % quantiles, on a log scale; else None
    share_beside_expert : the weight that the prior keeps beside one expert's figure, on the
        scale, from 0 to 1; None where that depends on the figure
    advice : what to think of before it is used, a sentence each
    curve : quantiles at the probabilities of `GRID`
    model : the slug of the model whose units these are, "" for none
    """

    text: str
    canonical: str
    family: str
    why: str
    unit: str
    percent: bool
    scale: str
    q01: float
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    q99: float
    width: float | None
    coverage: float | None
    below: float | None
    above: float | None
    orders: float | None
    share_beside_expert: float | None
    advice: tuple[str, ...]
    curve: tuple[float, ...]
    model: str

    def document(self) -> dict[str, Any]:
        """Return plain values, as `estimates explain --prior … --json` prints them."""
        values = asdict(self)
        del values["curve"]
        return {"format": 1, "kind": "prior", "reads": values.pop("canonical"), **values}

    @property
    def told_unit(self) -> str:
        """The unit of its figures, as `estimates.language.phrases.told` takes it."""
        return "share" if self.percent else self.unit

    def figure(self, value: float) -> str:
        """Return a value without its unit, a share in per cent."""
        return brief(100 * value if self.percent else value)

    def amount(self, value: float) -> str:
        """Return a value with its unit, in words."""
        return told(self.figure(value), self.told_unit)

    def span(self, low: float, high: float) -> str:
        """Return an interval in words: `1,000 to 100,000 people`."""
        return told(f"{self.figure(low)} to {self.figure(high)}", self.told_unit)

    def profile(
        self, along: Callable[[float], float]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the density along an axis: places, and heights relative to the highest.

        Parameters
        ----------
        along : the place of a value on the axis, increasing
        """
        at = np.array([along(one) for one in self.curve])
        gaps = np.diff(at)
        kept = gaps > 1e-9 * (at[-1] - at[0])
        heights = 1 / gaps[kept]
        return ((at[:-1] + at[1:]) / 2)[kept], heights / heights.max()


def percentage(probability: float) -> str:
    """Return a share as a percentage: `5 %`."""
    return f"{stated(round(100 * probability, 6))} %"


def advised(found: Beforehand, prior: IntervalPrior | NamedPrior) -> Beforehand:
    """Return the prior with advice on what to consider before it is used."""
    return replace(found, advice=tuple(_advice(found, prior)))


def _advice(found: Beforehand, prior: IntervalPrior | NamedPrior) -> Iterator[str]:
    if found.scale == "log" and found.orders is not None:
        yield from _of_factor(found, found.orders * math.log(10))
    if isinstance(prior, NamedPrior):
        yield from _of_distribution(found, prior)
        return
    if found.scale == "log" and prior.high > 5 * prior.low:
        middle = found.figure(found.median), found.figure((prior.low + prior.high) / 2)
        yield (
            f"Its middle is {compared(middle, found.told_unit, ', not ')}: factors count, and "
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
            f"{factor}: says hardly anything; fine where claims will speak, but without one the "
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
    """Return whether a logit-normal has two marked peaks.

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
                f"{found.amount(high.value / 10)}, a tenth of its end. Where only the order of "
                "magnitude is unknown, give an interval."
            )
    spread, tail = found.q95 - found.median, found.q99 - found.median
    if spread > 0 and tail > 3 * spread:  # 1.41 of a normal, 5 of a Cauchy
        yield (
            f"Heavy tails: one in a hundred lies above {found.amount(found.q99)}, against "
            f"{found.amount(found.q95)} for one in twenty."
        )


def _below_zero(prior: IntervalPrior) -> float:
    return NormalDist(prior.loc, prior.scale).cdf(0.0)
