"""The headline of what was gathered."""

from __future__ import annotations

from collections.abc import Iterator

from estimates._util.format import probability
from estimates.report.html.content import Gathered
from estimates.report.html.prose import cited_range, figures_of
from estimates.report.preview.moved import Answer, Figure


def headline(found: Gathered) -> Answer:
    """Return the answer in a few numbers: median, interval, and how it bears on what is cited."""
    return Answer(found.label, tuple(_figures(found)))


def _figures(found: Gathered) -> Iterator[Figure]:
    numbers = found.numbers
    median, interval = figures_of(numbers, found.unit)
    yield Figure("median", median, numbers.median, numbers.mcse_median)
    yield Figure("90 % interval", interval)
    for row in found.cited:
        if row.inside is not None:
            met = "meets" if row.bound is not None else "inside"
            yield Figure(f"{met} the cited {cited_range(row, found)}", probability(row.inside))
