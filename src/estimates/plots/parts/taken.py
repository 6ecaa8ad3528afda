"""What a claim is taken to say, as numbers that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from estimates.analysis.cited import cited
from estimates.language.wording import Lopsided, Measured, Published, Range, Wording
from estimates.model import BoundClaim
from estimates.model.likelihood import Yes, implied, named, sampling_model, settled
from estimates.plots.parts.findings import Findings

_Z90 = 1.6448536269514722  # half an equal-tailed 90 % interval, in normal sds


@dataclass(frozen=True)
class Taken:
    """What a claim is taken to say, in its own unit.

    Attributes
    ----------
    low, high : ends of its 90 % interval, or of a bound's soft edge
    inner : the ends as quoted (of a range, of value ± error, of a cited figure), if any
    centre : the figure at its centre; of a bound, the bound
    side : −1 for "up to", 1 for "at least", 0 where it is no bound
    """

    low: float
    high: float
    inner: tuple[float, float] | None
    centre: float
    side: int = 0

    def times(self, factor: float) -> Taken:
        """Return the claim's figures in another unit."""
        inner = None if self.inner is None else (self.inner[0] * factor, self.inner[1] * factor)
        return Taken(self.low * factor, self.high * factor, inner, self.centre * factor, self.side)


def taken(findings: Findings, use: BoundClaim) -> Taken:
    """Return what a claim is taken to say, by its sampling model."""
    said = sampling_model(use, findings.model.conventions)
    term = settled(said, findings.view.own_error(use))
    inner = None
    if use.held_out and not isinstance(term, Yes):
        yardstick = cited(use, findings.model.conventions)
        assert yardstick.low is not None
        assert yardstick.high is not None
        inner = yardstick.low, yardstick.high
    match term:
        case Yes(scale=scale, limit=limit, width=width, upper=upper):
            ends = [scale.inverse(limit + sign * _Z90 * width) for sign in (-1, 1)]
            return Taken(ends[0], ends[1], None, scale.inverse(limit), -1 if upper else 1)
        case _:
            low, high = (implied(term, p) for p in (0.05, 0.95))
            return Taken(low, high, _own_ends(use.wording) or inner, named(term))


def _own_ends(wording: Wording) -> tuple[float, float] | None:
    """Return the ends that a wording states itself."""
    match wording:
        case Range(low=low, high=high) | Published(low=low, high=high):
            return low.value, high.value
        case Measured(value=value, sigma=sigma):
            return value.value - sigma, value.value + sigma
        case Lopsided(value=value, above=above, below=below):
            return value.value - below, value.value + above
        case _:
            return None
