"""What each kind of source is found to see, and what each claim is taken to mean, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from estimates._util.format import brief, probability
from estimates.inference.result import Summary
from estimates.language.phrases import called, spoken
from estimates.model import Model

_LEARNT = ("factor", "odds", "source", "scatter")


@dataclass(frozen=True)
class Kind:
    """A kind of source in words: of each thing learnt its median and 90 % interval."""

    name: str
    learnt: tuple[str, ...]


@dataclass(frozen=True)
class Meanings:
    """The claims that have an option each of one reading, with the probability of each option."""

    reading: str
    question: str
    options: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def kinds(summary: Summary, model: Model) -> list[Kind]:
    """Return a row for each kind of which anything is learnt."""
    return list(_kinds(summary, model))


def _kinds(summary: Summary, model: Model) -> Iterator[Kind]:
    for group in model.parts.kinds.values():
        for kind in group.kinds:
            found = tuple(_told(summary, f"{group.name}.{kind}.{what}") for what in _LEARNT)
            if any(found):
                factor, odds, source, scatter = found
                yield Kind(
                    f"{spoken(group.name)}: {called(kind)}", (factor or odds, source, scatter)
                )


def _told(summary: Summary, name: str) -> str:
    one = summary.quantities.get(name)
    if one is None or one.median is None or one.q05 is None or one.q95 is None:
        return ""
    return f"{brief(one.median, 2)} ({brief(one.q05, 2)}–{brief(one.q95, 2)})"


def meanings(summary: Summary, model: Model) -> list[Meanings]:
    """Return a table for each reading that claims have for themselves: claim × option."""
    found = []
    for name, rows in groupby(summary.claims or (), key=lambda row: row.reading):
        told = list(rows)
        options = tuple(told[0].options)
        reading = model.parts.own_readings[name]
        cells = tuple(
            (row.claim, tuple(probability(row.options[one]) for one in options)) for row in told
        )
        found.append(Meanings(name, reading.question or spoken(name), options, cells))
    return found
