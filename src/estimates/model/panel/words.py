"""What a model says of a quantity over dimensions, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from estimates.language.phrases import called, joined, spoken
from estimates.model.dimensions import Dimension, in_words
from estimates.model.panels import PanelQuantity
from estimates.model.priors import FixedValue, IntervalPrior, NamedPrior


def in_panel(quantity: PanelQuantity) -> str:
    """Return the prior of a quantity over dimensions: `150 to 1,300, by country alike within …`."""
    return "; ".join(_parts(quantity))


def _parts(quantity: PanelQuantity) -> Iterator[str]:
    yield f"over {in_words(quantity.over)}"
    if None in quantity.priors:
        yield _size(quantity.priors[None])
    elif quantity.priors:
        yield ", ".join(
            f"{called(label)} {_size(one)}" for label, one in quantity.priors.items() if label
        )
    if quantity.alike is not None:
        yield f"alike along {quantity.alike.along}, within {_size(quantity.alike.within)}"
    if quantity.walk is not None:
        walk = quantity.walk
        at = f" from {walk.at}" if walk.at else ""
        yield f"a walk along {walk.along}{at}, by {_size(walk.by)} a year"
        if walk.together:
            yield f"together along {joined(walk.together)}"
    if quantity.stock is not None:
        stock = quantity.stock
        first, inflow, stay = (called(str(one)) for one in (stock.first, stock.inflow, stock.stay))
        leave = (
            f"all leave after {stay}"
            if stock.leave == "term"
            else f"they leave at any time, after {stay} on average"
        )
        yield f"a stock: {first} at first, {inflow} a year come in, and {leave}"
    if quantity.correlated is not None:
        yield f"correlated with {called(quantity.correlated.other)}"


def _size(prior: IntervalPrior | NamedPrior | FixedValue) -> str:
    # Thousands with their commas, as a reader sees numbers.
    return re.sub(r"\d{4,}", lambda found: f"{int(found.group()):,}", str(prior))


def of_dimension(one: Dimension) -> str:
    """Return a dimension with its labels: `country (china, russia and rest)`."""
    return f"{one.name} ({joined([one.named.get(label, spoken(label)) for label in one.labels])})"
