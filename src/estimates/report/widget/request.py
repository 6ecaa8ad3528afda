"""What the sliders ask for, and the answer in words: no widgets here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from estimates._util.format import NONE, median_and_interval, number, probability
from estimates._util.html import folded, line, table
from estimates.analysis.result import Numbers
from estimates.analysis.reweight import FEWEST, Draws, Interval, Reweighted, Weighed, reweight
from estimates.language.phrases import option_words, told
from estimates.model import Model
from estimates.model.naming import in_words_of
from estimates.stats.natural import Natural

Array = NDArray[np.float64]
_STEPS = 60  # places of a slider between its ends
_REACH = (0.001, 0.999)  # quantiles between which a slider has places


@dataclass(frozen=True)
class Wish:
    """A supposition, as `reweight` takes it; empty for the answer as it is.

    Attributes
    ----------
    weights : by reading the stated weight of each option
    given : by basic unknown the interval that it lies in, in its unit
    between : the range to compare with, in the target's unit
    hold_readings : whether `given` leaves the readings their weights
    """

    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    given: Mapping[str, Interval] = field(default_factory=dict)
    between: Interval | None = None
    hold_readings: bool = False

    def answer(self, draws: Draws) -> Reweighted:
        """Return the target under the supposition; raise `InputError` for weights that are none."""
        return reweight(
            draws, weights=self.weights, given=self.given, between=self.between,
            hold_readings=self.hold_readings,
        )  # fmt: skip


def places(model: Model, name: str, draws: Array, also: tuple[float | None, ...] = ()) -> Array:
    """Return where a slider can stand: evenly over the draws on the natural scale, and `also`."""
    finite = draws[np.isfinite(draws)]
    natural = Natural.of(model.support_of(name), finite)
    low, high = natural.forward(np.quantile(finite, _REACH))
    even = natural.inverse(np.linspace(low, high, _STEPS))
    # Nobody wants to choose 19,873: three digits, so that neighbours still differ.
    rounded = [float(f"{value:.3g}") for value in even]
    return np.unique([*rounded, *(value for value in also if value is not None)])


def shown(model: Model, name: str, value: float) -> str:
    """Return a value of a quantity or target as a slider shows it, without its unit."""
    return number(100 * value if unit_of(model, name) == "share" else value)


def unit_of(model: Model, name: str) -> str:
    """Return a quantity's unit as documents write it."""
    quantity = model.quantities.get(name) or model.relations.get(name)
    return (quantity.unit if quantity else "") or model.units.show(model.unit_of(name))


def in_html(model: Model, wish: Wish, base: Reweighted, now: Reweighted) -> str:
    """Return the answer as supposed beside the answer as it is."""
    left = f"Worth {now.effective:,.0f} independent draws"
    weights = table(
        ("reading", "as it is", "as supposed"),
        [
            (_called(model, name), f"{base.readings[name]:.2f}", f"{w:.2f}")
            for name, w in now.readings.items()
        ],
    )
    if not now.numbers:
        return line(f"{left}, fewer than {FEWEST}: too few to say anything. Ask for less.") + (
            folded("Weights of the readings", weights)
        )
    unit = unit_of(model, model.targets[0])
    headers = ["", "median", "90 % interval", "50 % interval"]
    if wish.between is not None:
        bound = None in wish.between
        headers += ["met", "× the bound"] if bound else ["below", "inside", "above"]
        headers.append("verdict")
    rows = [
        [title, *_cells(one.numbers, one.effective, unit, wish.between)]
        for title, one in (("as it is", base), ("as supposed", now))
        if one.numbers  # a fit with few draws has none
    ]
    return table(headers, rows) + line(f"{left}.") + folded("Weights of the readings", weights)


def _called(model: Model, name: str) -> str:
    """Return a reading by the labels of its options."""
    with in_words_of(model):
        return ", ".join(map(option_words, name.split(", ")))


def _cells(found: Weighed, effective: float, unit: str, between: Interval | None) -> Iterator[str]:
    """Yield the cells of an answer's row."""
    factor = 100.0 if unit == "share" else 1.0
    # The error of a median of so many draws of a normal with this spread, or of a lognormal, which
    # most targets that are positive resemble.
    spread = (found.q95 - found.q05) / 3.29
    if found.q05 > 0:
        spread = found.median * math.log(found.q95 / found.q05) / 3.29
    error = 1.2533 * spread / effective**0.5
    ends = Numbers(median=found.median, q05=found.q05, q95=found.q95, mcse_median=error)
    middle, interval = median_and_interval(ends, factor)
    yield from (told(middle, unit), interval)
    yield " to ".join(number(factor * end, factor * error) for end in (found.q25, found.q75))
    if between is None:
        return
    bound = next((end for end in between if end is not None), 0.0) if None in between else None
    if bound is None:
        yield from map(probability, (found.below, found.inside, found.above))
    else:
        yield probability(found.inside)
        times = found.q05 > 0 and bound > 0
        yield number(found.median / bound, error / bound) if times else NONE
    yield found.verdict or ""
