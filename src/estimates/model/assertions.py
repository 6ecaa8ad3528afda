"""The chances and odds that a bound or direction is asserted, in any array library's operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Numbers of an array library, or the library itself.
type Values = Any


def log_chance(distance: Values, truth: Values, ops: Values) -> Values:
    """Return the log probability that each statement is made as it was, or denied as it was.

    Denying what is true is as asserting what is false, so both are t·Φ(d) + (1 − t)·Φ(−d).  None
    of them may presuppose a positive θ (`log_odds`).

    Parameters
    ----------
    distance : d, by how many widths g(θ) lies on the side of what was said, one a claim
    truth : t, the probability that the speaker is right; None where every one of them is certain
    """
    right = ops.log_ndtr(distance)
    if truth is None:
        return right
    mistakable = truth < 1
    chance = (1 - truth) + (2 * truth - 1) * ops.exp(right)
    return ops.where(mistakable, ops.log(ops.where(mistakable, chance, 1.0)), right)


def log_odds(values: Values, terms: Mapping[str, Values], ops: Values) -> Values:
    """Return the log odds that each statement is made, stable however far θ lies from it.

    Some of them presuppose a positive θ; of others `log_chance` takes less time.

    Parameters
    ----------
    values : g(θ), one a claim (last axis first axis of the library's own arrays)
    terms : `limit`, `width`, `sign` (+1 upper, −1 lower), `truth`, and `presupposes` (0 or 1)
    """
    distance = terms["sign"] * (terms["limit"] - values) / terms["width"]
    yes, no = ops.log_ndtr(distance), ops.log_ndtr(-distance)
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
