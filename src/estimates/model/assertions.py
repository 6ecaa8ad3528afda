"""The odds that a bound or a direction is asserted, in the operations of any array library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def log_odds(values: Any, terms: Mapping[str, Any], presupposing: bool, ops: Any) -> Any:
    """Return the log odds that each statement is made, stable however far θ lies from it.

    Parameters
    ----------
    values : g(θ), one a claim (last axis first axis of the library's own arrays)
    terms : `limit`, `width`, `sign` (+1 upper, −1 lower), `truth`, and `presupposes` (0 or 1)
    presupposing : whether any claim presupposes a positive θ (the extra term costs time)
    """
    distance = terms["sign"] * (terms["limit"] - values) / terms["width"]
    yes, no = ops.log_ndtr(distance), ops.log_ndtr(-distance)
    if presupposing:
        # log(Φ(a) − Φ(b)) from whichever tail keeps its digits: Φ(a) − Φ(b) = Φ(−b) − Φ(−a).
        floor = -values / terms["width"]
        flip = floor > 0
        upper = ops.where(flip, -floor, distance)
        lower = ops.where(flip, -distance, floor)
        top, bottom = ops.log_ndtr(upper), ops.log_ndtr(lower)
        narrowed = top + ops.log1mexp(bottom - top)
        outside = ops.logaddexp(no, ops.log_ndtr(floor))
        asked = terms["presupposes"] > 0.5
        yes, no = ops.where(asked, narrowed, yes), ops.where(asked, outside, no)
    mistaken = 1 - terms["truth"]
    true = ops.log(terms["truth"])
    # Never mistaken: log 0 as a number so low that it drops out, and has a gradient of 0.
    false = ops.where(mistaken > 0, ops.log(ops.where(mistaken > 0, mistaken, 1.0)), -1e18)
    asserted = ops.logaddexp(true + yes, false + no)
    denied = ops.logaddexp(true + no, false + yes)
    return asserted - denied
