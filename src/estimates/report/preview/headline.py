"""The headline of what was gathered."""

from __future__ import annotations

from collections.abc import Iterator

from estimates._util.format import probability
from estimates.language.finding import LIGHT, UnderReading, divide, medians
from estimates.language.phrases import under
from estimates.report.html.content import Gathered
from estimates.report.html.prose import cited_range, figures_of
from estimates.report.preview.moved import Answer, Figure

_MOST = 4  # readings that have a line each


def headline(found: Gathered) -> Answer:
    """Return the answer in a few numbers: median, interval, and how it bears on what is cited.

    Where readings divide, the median of each comes first, of many all in one line.
    """
    return Answer(found.label, tuple(_figures(found)))


def _by_reading(found: Gathered) -> Iterator[Figure]:
    rows = [
        (row, row.quantities[found.target])
        for row in found.summary.readings
        if found.target in row.quantities and row.posterior >= LIGHT
    ]
    heavy = [UnderReading(numbers, row.posterior) for row, numbers in rows]
    if not divide(heavy):
        return
    if len(rows) > _MOST:
        yield Figure("median by reading", medians(heavy, str(found.unit)))
        return
    for row, numbers in rows:
        text, _ = figures_of(numbers, found.unit)
        yield Figure(under(row.reading.values()), text, numbers.median, numbers.mcse_median)


def _figures(found: Gathered) -> Iterator[Figure]:
    numbers = found.numbers
    median, interval = figures_of(numbers, found.unit)
    readings = list(_by_reading(found))
    yield from readings
    over = "median over all readings" if readings else "median"
    yield Figure(over, median, numbers.median, numbers.mcse_median)
    yield Figure("90 % interval", interval)
    for row in found.cited:
        if row.inside is not None:
            met = "meets" if row.bound is not None else "inside"
            yield Figure(f"{met} the cited {cited_range(row, found)}", probability(row.inside))
