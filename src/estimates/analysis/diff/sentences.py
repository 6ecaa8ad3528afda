"""What changed and what it did, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import NormalDist

from estimates._util.format import brief, number
from estimates.analysis.diff.result import ChangeRow, CitedRow, Lies, StepRow, TargetRow
from estimates.language.labels import the
from estimates.language.phrases import capitalised, cited_range, compared, joined, spoken, told

_CHANCE = 0.05  # that noise is taken for a move, over all moves together
_FEW = 4  # steps that are named
_LEAST = 0.1  # of the whole move, which what changes do together must exceed
_NAMED = 3  # cited figures that have a sentence of their own
#: By verdict where an answer lies, before and now.
_PLACES = {
    "below": ("lay below", "lies below"),
    "above": ("lay above", "lies above"),
    "consistent": ("fitted", "fits"),
    "straddles": ("lay partly inside", "lies partly inside"),
    "divided": ("depended on what was meant beside", "depends on what was meant beside"),
}
_PARTS = (
    (0.95, "nearly all of it"), (0.85, "nine tenths of it"), (0.71, "three quarters of it"),
    (0.58, "two thirds of it"), (0.42, "half of it"), (0.29, "a third of it"),
    (0.22, "a quarter of it"), (0.0, "less than a quarter of it"),
)  # fmt: skip


def is_noise(value: float | None, error: float | None, among: int = 1) -> bool:
    """Return whether a difference is within Monte Carlo error.

    Parameters
    ----------
    among : differences that are looked at, of which chance may make some large (Bonferroni)
    """
    errors = NormalDist().inv_cdf(1 - _CHANCE / (2 * among))
    return value is None or abs(value) <= errors * (error or 0.0)


def sentence_of(
    target: TargetRow,
    steps: Sequence[StepRow],
    together: float | None,
    mcse_together: float | None,
) -> str:
    """Return how the headline moves, and by what."""
    return " ".join(
        [
            f"{_moves(target)}{_because(target, steps)}.",
            *_others(target, steps),
            *_together(target, together, mcse_together),
            *_noisy(steps),
        ]
    )


def verdicts_of(rows: Sequence[CitedRow]) -> Iterator[str]:
    """Yield how the verdict on each figure that is cited of the headline moved."""
    for row in rows[:_NAMED]:
        if said := _verdict_of(row):
            yield said


def _verdict_of(row: CitedRow) -> str:
    """Return `Before, the answer lay above the cited US$100 to 200; now it lies below it`."""
    was, now = row.before.verdict, row.after.verdict
    if now is None:
        return (
            f"Before, the answer {_PLACES[was][0]} {_cited(row.before, row.unit)}." if was else ""
        )
    figure = _cited(row.after, row.unit)
    if was is None:
        return f"The answer {_PLACES[now][1]} {figure}."
    same = (row.before.low, row.before.high) == (row.after.low, row.after.high)
    if was == now and same:
        return f"The answer {_PLACES[now][1]} {figure}, as before."
    if same:
        return f"Before, the answer {_PLACES[was][0]} {figure}; now it {_PLACES[now][1]} it."
    before = _cited(row.before, row.unit)
    return f"Before, the answer {_PLACES[was][0]} {before}; now it {_PLACES[now][1]} {figure}."


def _cited(lies: Lies, unit: str) -> str:
    return f"the cited {cited_range(lies.low, lies.high, unit)}"


def quiet_sentence(before: str, after: str, changes: Sequence[ChangeRow]) -> str:
    """Return what is said where no answer can be moved."""
    if not changes:
        return f"Nothing changed: {before} and {after} say the same."
    texts = [one.text for one in changes if one.how != "renamed"] or [one.text for one in changes]
    more = f", and {len(texts) - 3} more" if len(texts) > 3 else ""
    return f"Nothing changed that the answer follows from: {'; '.join(texts[:3])}{more}."


def _moves(target: TargetRow) -> str:
    what, unit = capitalised(the(spoken(target.label), target.unit)), target.unit
    was, now = (_figure(one.median, one.mcse_median, unit) for one in (target.before, target.after))
    if not was or not now:
        return f"{what} has {'no value any more' if was else 'a value now'}" if was or now else what
    if is_noise(target.difference, target.mcse_difference):
        return f"{what} stays at about {told(now, unit)}"
    return f"{what} moves from {compared((was, now), unit)}"


def _because(target: TargetRow, steps: Sequence[StepRow]) -> str:
    """Return which step moves the answer most, and how much of the whole that is."""
    if is_noise(target.difference, target.mcse_difference):
        moved = [one for one in steps if not _is_still(one, steps)]
        if not moved:
            return ""
        what = _named([str(one.step) for one in moved])
        return f", though {what} {'moves' if len(moved) == 1 else 'move'} it on the way"
    whole = target.difference
    if whole is None:
        return ""
    if len(steps) == 1:
        return f", because {steps[0].text}"
    lead = max(steps, key=lambda one: (one.move or 0.0) / whole)
    share = (lead.move or 0.0) / whole
    if share > 1.05:
        return f", because {lead.text}; others take some of it back"
    words = next(words for least, words in _PARTS if share >= least)
    return f", {words} because {lead.text}"


def _others(target: TargetRow, steps: Sequence[StepRow]) -> Iterator[str]:
    """Yield the step that moves the answer most of all others, in either direction."""
    known = (one for one in steps if not _is_still(one, steps))
    moved = sorted(known, key=lambda one: -abs(one.move or 0.0))
    if len(moved) > 1:
        second = moved[1]
        size = _figure(abs(second.move or 0.0), second.mcse_move, target.unit)
        way = "up" if (second.move or 0.0) > 0 else "down"
        points = f"{size} points" if target.unit == "share" else told(size, target.unit)
        yield f"Next comes that {second.text}: {way} by {points}."


def _together(
    target: TargetRow, together: float | None, mcse_together: float | None
) -> Iterator[str]:
    if together is None or is_noise(together, mcse_together):
        return
    if abs(together) <= _LEAST * abs(target.difference or 0.0):
        return
    size = _figure(abs(together), mcse_together, target.unit)
    points = f"{size} points" if target.unit == "share" else told(size, target.unit)
    way = "more" if together > 0 else "less"
    yield f"What each does alone does not add up to this: together they come to {points} {way}."


def _noisy(steps: Sequence[StepRow]) -> Iterator[str]:
    noisy = [str(one.step) for one in steps if one.noise and not one.failed]
    if noisy and len(steps) > 1:
        verb = "does" if len(noisy) == 1 else "do"
        yield f"What {_named(noisy)} {verb} is within noise."


def _is_still(step: StepRow, steps: Sequence[StepRow]) -> bool:
    """Return whether a step moves nothing in its place."""
    return is_noise(step.move, step.mcse_move, 2 * len(steps))


def _named(steps: Sequence[str]) -> str:
    """Return steps by their numbers, or how many there are."""
    if len(steps) > _FEW:
        return f"{len(steps)} of the steps"
    return f"step{'s' if len(steps) > 1 else ''} {joined(steps)}"


def _figure(value: float | None, error: float | None, unit: str) -> str:
    if value is None:
        return ""
    factor = 100.0 if unit == "share" else 1.0
    return number(factor * value, factor * error) if error else brief(factor * value)
