"""The answer in plain words, and what the ledger does not establish."""

from __future__ import annotations

from collections.abc import Iterator

from estimates._util.format import (
    Interval,
    cited_ends,
    median_and_interval,
    number,
    probability,
)
from estimates._util.format import chance as in_words
from estimates.analysis.compare.result import Row
from estimates.language.labels import the
from estimates.language.phrases import amount, called, joined, spoken
from estimates.language.units import Unit
from estimates.language.wording import Bound
from estimates.model.account import Taken
from estimates.report.html.content import ANSWER, UNUSED, WEIGHTS, Gathered, anchor, comparison

#: A sentence, and the card that tells of the numbers in it.
type Told = tuple[str, str]

_MOVED = 0.05  # of weight: less than this is no decision


def figures_of(numbers: Interval, unit: Unit) -> tuple[str, str]:
    """Return median and interval with their unit in words; shares as percentages."""
    if str(unit) == "share":
        median, interval = median_and_interval(numbers, 100)
        return f"{median} %", f"{interval} %"
    median, interval = median_and_interval(numbers)
    return amount(median, unit), amount(interval, unit)


def answer(found: Gathered) -> Iterator[Told]:
    """Yield what the claims together say about the headline target."""
    yield found.summary.sentence, ANSWER
    for row in found.cited:
        if row.below is None:
            continue
        sides = [
            ("below it", row.below, row.low is not None),
            ("inside", row.inside, True),
            ("above it", row.above, row.high is not None),
        ]
        (first, chance, _), *rest = [side for side in sides if side[2]]
        words = [f"{first} with a probability of {in_words(chance)}"]
        words += [f"{side} with one of {in_words(chance)}" for side, chance, _ in rest]
        over = "Over all readings" if len(found.summary.readings) > 1 else "Beside it"
        lies = f"{over}, the answer lies {joined(words)}."
        if row.bound is not None:
            lies = f"{over}, the answer {_beside_bound(row)}."
        yield f"The cited figure is {cited_range(row, found)}. {lies}", comparison(row.claim)


def _beside_bound(row: Row) -> str:
    """`meets it with a probability of 0.93; its median is 1.8 times the bound`."""
    said = f"meets it with a probability of {in_words(row.met or 0.0)}"
    if row.times_bound is None:
        return said
    return f"{said}; its median is {number(row.times_bound, row.times_error)} times the bound"


def cited_range(row: Row, found: Gathered) -> str:
    """Return the cited range of a row of the comparison: `US$100–200 million a year`."""
    unit = found.model.units.parse(row.unit)
    percent = str(unit) == "share"
    one, other = cited_ends(row.low, row.high, factor=100.0 if percent else 1.0)
    if one is None or other is None:
        wording = next(use.wording for use in found.model.uses if use.id == row.claim)
        side = "up to" if one is None else "at least"
        bound = f"{other or one} %" if percent else amount(other or one or "", unit)
        return f"{wording.words if isinstance(wording, Bound) else side} {bound}"
    words = one if one == other else f"{one}–{other}"
    return f"{words} %" if percent else amount(words, unit)


def verdicts(found: Gathered) -> list[Told]:
    """Return how the answer bears on the cited figures of the headline target."""
    sentences: dict[str, str] = {}
    if found.comparison is None:
        return []
    for one in found.cited:
        for sentence in found.comparison.conclusions(one.claim):
            sentences.setdefault(sentence, comparison(one.claim))
    return list(sentences.items())


def limits(found: Gathered) -> Iterator[Told]:
    """Yield what the ledger does not establish, a sentence each."""
    yield from ((sentence, WEIGHTS) for sentence in _unread(found))
    yield from ((sentence, ANSWER) for sentence in (*_uninformed(found), *_single(found)))
    if len({claim.body for claim in found.account.evidence}) > 1:
        yield (
            "Whether the claims are independent. They are taken to be, except those that the "
            "ledger traces to one origin; sources that copied from each other know less together "
            "than it seems.",
            ANSWER,
        )
    for row in found.cited:
        yield (
            f"Whether the cited {cited_range(row, found)} is true. The answer is set beside it; "
            "agreement would be no proof, since errors can cancel out.",
            anchor("claim", row.claim),
        )
    if found.model.readings:
        yield (
            "Anything about a reading that is not listed: all weights suppose that one of the "
            "listed readings is right.",
            WEIGHTS,
        )
    unused = found.account.unused
    if unused:
        count = "One claim" if len(unused) == 1 else f"{len(unused)} claims"
        verb = "is" if len(unused) == 1 else "are"
        says = f"{count} of the ledger {verb} not used here, for the reasons given above."
        yield says, UNUSED


def _unread(found: Gathered) -> Iterator[str]:
    for name, axis in found.summary.options.items():
        if len(axis.options) < 2:
            continue
        question = found.model.readings[name].question or f"How “{spoken(name)}” is meant."
        moved = max(abs(o.posterior - o.prior) for o in axis.options.values())
        if not axis.update:
            yield f"{question} The claims do not bear on this: the weights stay as stated."
        elif moved < _MOVED:
            yield (
                f"{question} The claims do not tell: no weight moves by more than "
                f"{probability(moved) if moved >= 0.005 else '0.01'} from what the model states."
            )


def _uninformed(found: Gathered) -> Iterator[str]:
    told = [one.quantities for one in found.summary.readings]
    untouched = [
        name
        for name in found.model.quantities
        if told and all(name in of and of[name].prior_only for of in told)
    ]
    if untouched:
        labels = [
            the(found.model.quantities[name].label or name, str(found.units_of(name)))
            for name in untouched
        ]
        yield (
            f"Anything about {joined(labels)} beyond what the model's author put into the prior: "
            "no claim speaks of it."
        )


def _single(found: Gathered) -> Iterator[str]:
    """Return the quantities about which only one piece of evidence says something."""
    about: dict[str, list[Taken]] = {}
    for claim in found.account.evidence:
        about.setdefault(claim.about, []).append(claim)
    alone = [
        f"{label_of(found, name)} ({first.speaker or first.source}; {first.basis})"
        for name, (first, *others) in about.items()
        if all(one.body == first.body for one in others)
    ]
    if alone:
        yield f"What rests on one piece of evidence, with nothing to check it: {joined(alone)}."


def label_of(found: Gathered, name: str) -> str:
    """Return the label of a quantity, or of an expression of some."""
    row = found.account.rows.get(name)
    return called(name) if row is None else row.label or spoken(name)
