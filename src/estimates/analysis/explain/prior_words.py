"""A prior as it is read, and its figures in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates._util.format import brief, stated
from estimates.language.phrases import told

#: The probabilities at which a prior is told.
PROBABILITIES = {
    **{"q01": 0.01, "q05": 0.05, "q25": 0.25, "median": 0.5},
    **{"q75": 0.75, "q95": 0.95, "q99": 0.99},
}
#: Evenly spaced probabilities, from which a curve can be drawn.
GRID = tuple(i / 200 for i in range(1, 200))


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


def amount(found: Beforehand, value: float) -> str:
    """A value with its unit, in words."""
    return told(figure(found, value), told_unit(found))


def span(found: Beforehand, low: float, high: float) -> str:
    """`1,000 to 100,000 people`."""
    return told(f"{figure(found, low)} to {figure(found, high)}", told_unit(found))


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


def told_unit(found: Beforehand) -> str:
    """The unit that its figures have, as `estimates.language.phrases.told` takes it."""
    return "share" if found.percent else found.unit


def figure(found: Beforehand, value: float) -> str:
    """A value without its unit, a share in per cent."""
    return brief(100 * value if found.percent else value)


def percentage(probability: float) -> str:
    """`5 %`."""
    return f"{stated(round(100 * probability, 6))} %"
