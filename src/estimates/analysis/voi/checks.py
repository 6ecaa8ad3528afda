"""What must hold of the value of information, whatever the model: the check of the estimates.

Learning more is never worth less; nothing is worth less than nothing; nothing is worth more than
learning everything.  A breach beyond the Monte Carlo error means that a fit has missed something,
which is said.  What is told holds in any case: a fit on more has those on less among its
candidates, and the best of them is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from estimates.analysis.voi.evppi import Worth
from estimates.analysis.voi.parameters import Fact
from estimates.analysis.voi.result import Judged, Order
from estimates.analysis.voi.sample import Effect, Sample

#: A difference this many standard errors beyond is no chance.
_BEYOND = 4.0
#: Part of what everything is worth that a fit, being an approximation, may be off besides.
_RESOLUTION = 0.005


def monotonicity(
    sample: Sample, found: Sequence[tuple[Fact, Worth]], decision: Judged | None
) -> Order:
    """Return how many orderings were checked, and a sentence on each that fails."""
    violations: list[str] = []
    count = 0
    evpi = None if decision is None else decision.evpi
    for fact, worth in found:
        for what, effect, most in _values(worth, evpi):
            count += 2
            if effect.value < -_BEYOND * effect.se - _RESOLUTION * (most or 0.0):
                violations.append(
                    f"learning {fact.name} comes out worth less than nothing for {what} "
                    f"({effect.value:.3g} ± {effect.se:.2g})"
                )
            if most is not None and effect.value > most * (1 + _RESOLUTION) + _BEYOND * effect.se:
                violations.append(
                    f"learning {fact.name} comes out worth more than learning everything for "
                    f"{what} ({effect.value:.3g} ± {effect.se:.2g}, at most {most:.3g})"
                )
    wholes = [(fact, worth) for fact, worth in found if len(fact.parts) > 1]
    for whole, worth in wholes:
        for part, less in found:
            if not part.parts < whole.parts:
                continue
            pairs = zip(_values(worth, evpi), _values(less, evpi), strict=True)
            for (what, more, most), (_, fewer, _) in pairs:
                count += 1
                difference = more.value - fewer.value
                error = _error(sample, more, fewer)
                if difference < -_BEYOND * error - _RESOLUTION * (most or 0.0):
                    violations.append(
                        f"learning {whole.name} comes out worth less than learning {part.name} "
                        f"alone for {what} ({difference:.3g} ± {error:.2g})"
                    )
    return Order(comparisons=count, violations=tuple(violations))


def in_order(
    found: Mapping[frozenset[str], Worth], evpi: float | None
) -> dict[frozenset[str], Worth]:
    """Return the worth of each set of facts, at least that of its parts and within its bounds.

    Parameters
    ----------
    found : by all that becomes known what a regression says that it is worth
    evpi : what perfect information would spare, where there is a decision

    Notes
    -----
    E[T | X] is a function of X and Z as well, so that a regression on X alone is one on both that
    leaves something out: it bounds what both are worth from below.
    """
    told: dict[frozenset[str], Worth] = {}
    for known in sorted(found, key=lambda one: (len(one), sorted(one))):
        worth = found[known]
        less = [told[other] for other in told if other < known]
        shares = tuple(
            _within(max((share, *(one.shares[i] for one in less)), key=lambda e: e.value), 1.0)
            for i, share in enumerate(worth.shares)
        )
        gain = worth.gain
        if gain is not None:
            gains = [one.gain for one in less if one.gain is not None]
            gain = _within(max((gain, *gains), key=lambda e: e.value), evpi)
        told[known] = Worth(shares, gain)
    return told


def _within(effect: Effect, most: float | None) -> Effect:
    value = max(effect.value, 0.0)
    return replace(effect, value=value if most is None else min(value, most))


def _values(worth: Worth, evpi: float | None) -> Iterator[tuple[str, Effect, float | None]]:
    yield "the estimate", worth.shares[0], 1.0
    if worth.gain is not None:
        yield "the decision", worth.gain, evpi


def _error(sample: Sample, more: Effect, fewer: Effect) -> float:
    """Return the error of a difference of two means over the same draws."""
    joint = sample.error(more.series - fewer.series, more.by_reading - fewer.by_reading)
    beyond = [
        max(0.0, one.se**2 - sample.error(one.series, one.by_reading) ** 2) for one in (more, fewer)
    ]
    return float(np.sqrt(joint**2 + sum(beyond)))
