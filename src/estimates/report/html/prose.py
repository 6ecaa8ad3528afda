"""The answer in plain words, and what the ledger does not establish."""

from __future__ import annotations

from collections.abc import Iterator

from estimates._util.format import Interval, median_and_interval, number, probability
from estimates.analysis.compare.result import Row
from estimates.language.phrases import amount, joined, spoken
from estimates.language.units import Unit
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
    numbers, label = found.numbers, found.label
    if numbers.median is None:
        yield (
            f"Under some reading the model says nothing of {label}, so there is no answer over "
            "all readings; each reading has its own, below.",
            ANSWER,
        )
        return
    median, interval = figures_of(numbers, found.unit)
    yield f"Taken together, the claims put {label} at about {median}.", ANSWER
    if numbers.q05 != numbers.q95:
        yield (
            f"With a probability of 90 % it lies between {interval.replace(' to ', ' and ', 1)}.",
            ANSWER,
        )
    for row in found.cited:
        sides = [
            ("below it", row.below, row.low is not None),
            ("inside", row.inside, True),
            ("above it", row.above, row.high is not None),
        ]
        (first, chance, _), *rest = [side for side in sides if side[2]]
        words = [f"{first} with probability {probability(chance)}"]
        words += [f"{side} with {probability(chance)}" for side, chance, _ in rest]
        says = f"Of the cited {cited_range(row, found)}: the answer lies {joined(words)}."
        yield says, comparison(row.claim)


def cited_range(row: Row, found: Gathered) -> str:
    """Return the cited range of a row of the comparison: `US$100–200 million a year`."""
    unit = found.model.units.parse(row.unit)
    percent = str(unit) == "share"
    one, other = (
        None if end is None else number(100 * end if percent else end)
        for end in (row.low, row.high)
    )
    if one is None or other is None:
        words = f"up to {other}" if one is None else f"at least {one}"
    else:
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
            "Whether the claims are independent: they are taken to be, but for those that the "
            "ledger traces to one origin. Sources that heard it from each other know less together "
            "than it seems.",
            ANSWER,
        )
    for row in found.cited:
        yield (
            f"Whether the cited {cited_range(row, found)} is true: it is compared with, not "
            "tested. Agreement would be no proof of it, as errors that cancel agree too.",
            anchor("claim", row.claim),
        )
    if found.model.readings:
        yield (
            "Anything under a reading that is not listed. All weights are conditional on the "
            "readings that the model names.",
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
            yield f"{question} The claims are not asked: the weights stay as the model states them."
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
        labels = [found.model.quantities[name].label or spoken(name) for name in untouched]
        yield (
            f"Anything of {joined(labels)} beyond what the model's author put into the prior: no "
            "claim informs it."
        )


def _single(found: Gathered) -> Iterator[str]:
    """Return the quantities about which only one body of evidence says something."""
    about: dict[str, list[Taken]] = {}
    for claim in found.account.evidence:
        about.setdefault(claim.about, []).append(claim)
    alone = [
        f"{label_of(found, name)} ({first.speaker or first.source}; {first.basis})"
        for name, (first, *others) in about.items()
        if all(one.body == first.body for one in others)
    ]
    if alone:
        yield f"What only one body of evidence says, so that nothing checks it: {joined(alone)}."


def label_of(found: Gathered, name: str) -> str:
    """Return the label of a quantity, or of an expression of some."""
    row = found.account.rows.get(name)
    return name if row is None else row.label or spoken(name)
