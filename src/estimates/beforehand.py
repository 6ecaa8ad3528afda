"""What a prior says: its family, its quantiles, how much it leaves outside, and advice.

The answer to "what have I just claimed to know?", before there is a model.  The prior is checked
as a model would check it; what it says is worked out on the scale on which its family is
symmetric, since there a factor of ten up and one down weigh the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.errors import Fault, Faults, InputError
from estimates.expression import Constant, Name, names
from estimates.model import (
    Conventions,
    Currency,
    IntervalPrior,
    Model,
    NamedPrior,
    Quantity,
    parse_prior,
)
from estimates.model.parts import Parts
from estimates.model.priors import LINKS, PriorError
from estimates.numbers import brief, stated
from estimates.prose import compared, told
from estimates.scales import SCALES, Scale
from estimates.wording import point_for_thousands

#: The probabilities at which a prior is told.
PROBABILITIES = {
    **{"q01": 0.01, "q05": 0.05, "q25": 0.25, "median": 0.5},
    **{"q75": 0.75, "q95": 0.95, "q99": 0.99},
}
#: Evenly spaced probabilities, from which a curve can be drawn.
GRID = tuple(i / 200 for i in range(1, 200))

_FAMILIES = {"lognormal": "log-normal", "logitnormal": "logit-normal", "normal": "normal"}
_DRAWS, _SEED = 400_000, 20170808
_SHARP = math.log(3.0)  # between the ends: about as sharp as an expert's figure
_LITTLE, _NOTHING = math.log(100.0), math.log(10_000.0)
_BELOW_ZERO = 0.001


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
        """Plain values, as `estimates explain --prior … --json` prints them."""
        values = asdict(self)
        del values["curve"]
        return {"format": 1, "kind": "prior", "reads": values.pop("canonical"), **values}


def explain_prior(
    text: str, *, unit: str = "", support: str = "", model: Model | None = None
) -> Beforehand:
    """Say what a prior claims to know, before it stands in a model.

    Parameters
    ----------
    text : a prior, as in a quantity's `prior:`
    unit : of the quantity; else the one in the text, and `share` where that is %
    support : `share`, `positive` or `real`, as in the quantity's `support:`
    model : whose units and conventions are used; the defaults, and any currency, if left out

    Raises `InputError` for what cannot be read, and for a prior that depends on other quantities.
    """
    quantity = _checked(text, unit, support, model)
    prior = quantity.prior
    share = quantity.support == "share"
    conventions = model.conventions if model else Conventions()
    if isinstance(prior, IntervalPrior):
        scale = SCALES[LINKS[prior.family]]
        quantile = _of_interval(prior, scale)
        family, why = _FAMILIES[prior.family], _why(prior, bool(support))
        width, coverage = prior.scale, prior.coverage
    else:
        assert isinstance(prior, NamedPrior)
        quantile = _of_named(prior)
        low = quantile([0.005])[0]
        scale = SCALES["logit" if share else "log" if low > 0 else "identity"]
        family, why, width, coverage = prior.distribution, "", None, None
    at = quantile(list(PROBABILITIES.values()))
    told_at = {name: float(f"{one:.12g}") for name, one in zip(PROBABILITIES, at, strict=True)}
    q05, q95 = told_at["q05"], told_at["q95"]
    kept = None
    if width is not None and scale.name != "identity":
        expert = conventions.basis["expert"].width
        kept = expert**2 / (expert**2 + width**2)
    missed = None if coverage is None else round((1 - coverage) / 2, 12)
    percent = share or (isinstance(prior, IntervalPrior) and text.rstrip().endswith("%"))
    canonical = str(parse_prior(text))
    found = Beforehand(
        text=text, canonical=canonical, family=family, why=why,
        unit="share" if share else quantity.unit, percent=percent, scale=scale.name, **told_at,
        width=width, coverage=coverage, below=missed, above=missed,
        orders=math.log10(q95 / q05) if scale.name == "log" else None, share_beside_expert=kept,
        advice=(), curve=tuple(quantile(GRID)), model=model.slug if model else "",
    )  # fmt: skip
    return _advised(found, prior)


def _checked(text: str, unit: str, support: str, model: Model | None) -> Quantity:
    """The quantity with this prior, checked as one of a model."""
    slip = None if "(" in text else point_for_thousands(text)
    if slip is not None:
        raise InputError([Fault(f"'{text}', at character {slip[1] + 1}: {slip[0]}")])
    try:
        prior = parse_prior(text)
    except PriorError as error:
        where = f"'{text}', at character {error.offset + 1}" if text.strip() else "''"
        raise InputError([Fault(f"{where}: {error.message}")]) from None
    if isinstance(prior, NamedPrior):
        others = sorted({name for one in prior.arguments.values() for name in names(one)})
        if others:
            message = f"'{text}' depends on '{others[0]}': only a prior that stands alone is told"
            raise InputError([Fault(message)])
    elif prior.unit == "%" and not unit and not support and 0 < prior.low < prior.high < 100:
        unit = "share"
    elif model is None and unit and prior.unit and _codes(unit) != _codes(prior.unit):
        message = f"'{text}' in {unit} needs the rate of a model: give one with --model"
        raise InputError([Fault(message)])
    currencies = dict(model.parts.currencies) if model else _any_currency(f"{unit} {text}")
    parts = Parts(
        quantities={"value": Quantity("value", prior, unit=unit, support=support)},
        targets=(Name("value"),),
        currencies=currencies,
    )
    try:
        return Model.of(parts, Faults()).quantities["value"]
    except InputError as error:
        raise InputError(
            [Fault(f"'{text}': {_without_name(fault.message)}") for fault in error.faults]
        ) from None


def _without_name(message: str) -> str:
    """A fault of a model's quantity, said of a prior that stands alone."""
    return (
        message.replace("the prior of 'value'", "the prior")
        .replace("prior of 'value'", "prior")
        .replace("unit of 'value'", "unit")
        .replace("'value'", "it")
    )


def _any_currency(text: str) -> dict[str, Currency]:
    """Currencies need no rate where there is no model to give them one."""
    return {code: Currency(code, 1.0) for code in sorted(_codes(text) - {"USD"})}


def _codes(text: str) -> set[str]:
    return set(re.findall(r"(?<![A-Za-z])[kMGBT]?([A-Z]{3})(?![A-Za-z])", text))


type Quantile = Callable[[Sequence[float]], list[float]]


def _of_interval(prior: IntervalPrior, scale: Scale) -> Quantile:
    normal = NormalDist(prior.loc, prior.scale)
    return lambda p: [scale.inverse(normal.inv_cdf(one)) for one in p]


def _of_named(prior: NamedPrior) -> Quantile:
    """By PyMC's inverse distribution function; of many draws where it has none."""
    import pymc as pm  # a second that intervals do not need

    values = {}
    for name, argument in prior.arguments.items():
        assert isinstance(argument, Constant)
        values[name] = argument.value
    family = getattr(pm, prior.distribution)
    law = family.dist(**values)
    try:
        pm.icdf(law, 0.5)
    except NotImplementedError:
        draws = np.asarray(pm.draw(family.dist(**values, size=_DRAWS), random_seed=_SEED))
        return lambda p: [float(one) for one in np.quantile(draws, list(p))]
    return lambda p: [float(one) for one in pm.icdf(law, np.asarray(p, dtype=float)).eval()]


def _why(prior: IntervalPrior, stated_support: bool) -> str:
    if prior.family == "normal":
        return "its support is real, so errors are differences"
    if prior.family == "logitnormal":
        return "a share errs in odds"
    because = "stated to be positive" if stated_support else "both ends are above 0"
    return f"{because}, so errors are factors"


# Advice -----------------------------------------------------------------------------------------


def _advised(found: Beforehand, prior: IntervalPrior | NamedPrior) -> Beforehand:
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
            f"Its middle is {compared(middle, _told_unit(found), ', not ')}: factors count, and "
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


_UNIT = {"lower": 0.0, "upper": 1.0}


def _below_zero(prior: IntervalPrior) -> float:
    return NormalDist(prior.loc, prior.scale).cdf(0.0)


def amount(found: Beforehand, value: float) -> str:
    """A value with its unit, in words."""
    return told(figure(found, value), _told_unit(found))


def span(found: Beforehand, low: float, high: float) -> str:
    """`1,000 to 100,000 people`."""
    return told(f"{figure(found, low)} to {figure(found, high)}", _told_unit(found))


def profile(
    found: Beforehand, along: Callable[[float], float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The density along an axis: places on it, and heights of which the highest is 1.

    Parameters
    ----------
    along : the place of a value on the axis, increasing
    """
    at = np.array([along(one) for one in found.curve])
    gaps = np.diff(at)
    kept = gaps > 1e-9 * (at[-1] - at[0])
    heights = 1 / gaps[kept]
    return ((at[:-1] + at[1:]) / 2)[kept], heights / heights.max()


def _told_unit(found: Beforehand) -> str:
    return "share" if found.percent else found.unit


def figure(found: Beforehand, value: float) -> str:
    """A value without its unit, a share in per cent."""
    return brief(100 * value if found.percent else value)


def percentage(probability: float) -> str:
    """`5 %`."""
    return f"{stated(round(100 * probability, 6))} %"
