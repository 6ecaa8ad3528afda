"""What a prior says: its family, its quantiles, how much it leaves outside, and advice.

The answer to "what have I just claimed to know?", before there is a model.  The prior is checked
as a model would check it; what it says is worked out on the scale on which its family is
symmetric, since there a factor of ten up and one down weigh the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from statistics import NormalDist

from estimates.analysis.explain.prior_words import GRID, PROBABILITIES, Beforehand, advised
from estimates.errors import Fault, Faults, InputError
from estimates.inference.prior_quantiles import quantiles_of
from estimates.language.expression import Name, names
from estimates.language.wording import point_for_thousands
from estimates.model import (
    Conventions,
    Currency,
    IntervalPrior,
    Model,
    NamedPrior,
    Quantity,
    parse_prior,
)
from estimates.model.ledger import DEFAULT_BASIS
from estimates.model.priors import LINKS, PriorError
from estimates.model.spec import Parts
from estimates.stats.links import SCALES, Scale

_FAMILIES = {"lognormal": "log-normal", "logitnormal": "logit-normal", "normal": "normal"}


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

    Returns
    -------
    Beforehand: quantiles in the quantity's unit, density, and what to think of before it is used.

    Raises
    ------
    InputError : for what cannot be read, and for a prior that depends on other quantities

    See Also
    --------
    explain : the same of a wording
    parse_prior : only what was read

    Examples
    --------
    >>> import estimates as est
    >>> round(est.explain_prior("50 to 2,000", unit="person").median)
    316
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
        quantile = quantiles_of(prior)
        low = quantile([0.005])[0]
        scale = SCALES["logit" if share else "log" if low > 0 else "identity"]
        family, why, width, coverage = prior.distribution, "", None, None
    at = (float(f"{one:.12g}") for one in quantile(PROBABILITIES))
    q01, q05, q25, median, q75, q95, q99 = at
    kept = None
    if width is not None and scale.name != "identity":
        expert = conventions.basis[DEFAULT_BASIS].width
        kept = expert**2 / (expert**2 + width**2)
    missed = None if coverage is None else round((1 - coverage) / 2, 12)
    percent = share or (isinstance(prior, IntervalPrior) and text.rstrip().endswith("%"))
    canonical = str(parse_prior(text))
    found = Beforehand(
        text=text, canonical=canonical, family=family, why=why,
        unit="share" if share else quantity.unit, percent=percent, scale=scale.name,
        q01=q01, q05=q05, q25=q25, median=median, q75=q75, q95=q95, q99=q99,
        width=width, coverage=coverage, below=missed, above=missed,
        orders=math.log10(q95 / q05) if scale.name == "log" else None, share_beside_expert=kept,
        advice=(), curve=tuple(quantile(GRID)), model=model.slug if model else "",
    )  # fmt: skip
    return advised(found, prior)


def _checked(text: str, unit: str, support: str, model: Model | None) -> Quantity:
    """Return the quantity with this prior, checked as in a model."""
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
            message = (
                f"'{text}' depends on '{others[0]}': only a prior without other quantities can be "
                "explained"
            )
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
    """Return a fault of a model's quantity, reworded for a prior that stands alone."""
    return (
        message.replace("the prior of 'value'", "the prior")
        .replace("prior of 'value'", "prior")
        .replace("unit of 'value'", "unit")
        .replace("'value'", "it")
    )


def _any_currency(text: str) -> dict[str, Currency]:
    """Return units in which no currency needs a rate, as there is no model to give one."""
    return {code: Currency(code, 1.0) for code in sorted(_codes(text) - {"USD"})}


def _codes(text: str) -> set[str]:
    return set(re.findall(r"(?<![A-Za-z])[kMGBT]?([A-Z]{3})(?![A-Za-z])", text))


type Quantile = Callable[[Sequence[float]], list[float]]


def _of_interval(prior: IntervalPrior, scale: Scale) -> Quantile:
    normal = NormalDist(prior.loc, prior.scale)
    return lambda p: [scale.inverse(normal.inv_cdf(one)) for one in p]


def _why(prior: IntervalPrior, stated_support: bool) -> str:
    if prior.family == "normal":
        return "it may be negative, so an error is an amount"
    if prior.family == "logitnormal":
        return "a share lies between 0 and 1, so an error multiplies its odds"
    because = "stated to be positive" if stated_support else "both ends are above 0"
    return f"{because}, so an error is a factor"
