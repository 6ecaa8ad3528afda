"""The question itself: what differs, and the answers on the way from one model to the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from estimates.analysis.diff.answers import SAMPLING, Answer, Answers, scaled
from estimates.analysis.diff.cited import cited_rows
from estimates.analysis.diff.edits import Edit
from estimates.analysis.diff.pair import Pair
from estimates.analysis.diff.result import (
    ChangeRow,
    Diff,
    ReadingRow,
    StepRow,
    TargetRow,
    TargetStepRow,
)
from estimates.analysis.diff.sentences import (
    is_noise,
    quiet_sentence,
    sentence_of,
    verdicts_of,
)
from estimates.analysis.diff.steps import Made, Step, Ways
from estimates.analysis.diff.words import row_of, row_of_rename, text_of_step
from estimates.analysis.result import Head, Numbers
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import attributes
from estimates.inference.sampling import Sampling
from estimates.language.phrases import labelling
from estimates.model import Model
from estimates.model.dimensions import variable
from estimates.model.naming import LABELS, labels_in


def diff(
    before: Model,
    after: Model,
    *,
    names: tuple[str, str] | None = None,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Diff:
    """Find what changed between two models, and what each change does to the answer.

    Parameters
    ----------
    before, after : two models, or one before and after
    names : what the two are called in sentences; by default their slugs, or `before` and `now`
    seed : of all fits; by default that of `after`
    sampling : of each fit; by default half the draws that `fit` makes
    workers, progress : as in `fit`

    Returns
    -------
    Diff with the tables `steps` (how the headline moves by each change alone and in order),
    `changes` (every change, also those that move nothing, and why), `targets`, `by_target` and
    `readings`, all in the units of `after`.

    Raises
    ------
    InputError : where one of the two cannot be fitted

    See Also
    --------
    whatif : the answer if something were otherwise
    load_at : a model as it was at a revision in git

    Notes
    -----
    A step is a change that checks by itself, or with the steps that it needs, which it then comes
    after; changes that need each other are one step.  `alone` is the step made in `before` (with
    what it needs), `move` the step made after those above it, so that moves add up to the whole.
    Every answer is a fit of its own with the same random numbers; errors are those of independent
    fits, and so on the safe side.  Where only numbers differ, nothing is compiled anew.

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> def said(words):
    ...     claims = {"a": est.Claim(words, about=n, source="A newspaper")}
    ...     return est.Model({"n": n}, claims=claims, targets=["n"])
    >>> quick = est.Sampling(draws=100, tune=100)
    >>> found = est.diff(said("around 300 people"), said("around 600 people"), sampling=quick)
    >>> [step.text for step in found.steps]
    ['claim a says around 600 people, not around 300 people']
    """
    called = names or _names(before, after)
    seed = after.seed if seed is None else seed
    was, now = labels_in(before), labels_in(after)
    with labelling(*((was[key] or {}) | (now[key] or {}) for key in LABELS)):
        pair = Pair.of(before, after)
        return _found(pair, called, seed, sampling or SAMPLING, workers, progress)


def _found(
    pair: Pair,
    called: tuple[str, str],
    seed: int,
    sampling: Sampling,
    workers: Workers | None,
    progress: Progress | None,
) -> Diff:
    """Return what changed and what that did, in the words of the labels that are set."""
    head = _head(pair.last, seed)
    quiet = [row_of(one, None) for one in pair.quiet]
    named = tuple(row_of_rename(one) for one in pair.renames)
    ways = Ways(pair.start, pair.edits, pair.last.slug)
    targets = pair.targets(ways)
    told = _Sides(before=called[0], after=called[1], digest_before=pair.before.digest)
    if not pair.edits or not targets:
        steps = [Step((number,)) for number in range(len(pair.edits))]
        changes = (*_changes(pair.edits, steps, numbered=False), *named, *quiet)
        sentence = quiet_sentence(*called, changes)
        if pair.edits:
            sentence = "The two have no target in common, so their answers cannot be compared."
        head |= {"sentence": sentence}
        return Diff(**head, **told, changes=changes)
    steps = ways.steps()
    way = _Way(steps)
    answers = Answers(ways, pair.last, targets, seed, sampling, workers)
    answers.fit(way.needed, progress)
    return _result(pair, way, answers, targets, head, told, (*named, *quiet))


class _Sides(TypedDict):
    before: str
    after: str
    digest_before: str


# The way ---------------------------------------------------------------------------------------


class _Way:
    """Which changes are made at each point of the way."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.until: list[Made] = [frozenset()]
        for step in steps:
            self.until.append(self.until[-1] | frozenset(step.edits))

    @property
    def needed(self) -> Iterable[Made]:
        """The models to fit."""
        yield self.until[0]
        yield self.until[-1]
        yield from self.until
        for step in self.steps:
            yield step.needs
            yield step.needs | frozenset(step.edits)

    def alone(self, number: int) -> dict[Made, int]:
        """Return whose difference a step is by itself."""
        step = self.steps[number]
        return {step.needs | frozenset(step.edits): 1, step.needs: -1}

    def move(self, number: int) -> dict[Made, int]:
        """Return whose difference a step is after those before it."""
        return {self.until[number + 1]: 1, self.until[number]: -1}

    @property
    def whole(self) -> dict[Made, int]:
        """Whose difference the whole way is."""
        return {self.until[-1]: 1, self.until[0]: -1}

    @property
    def together(self) -> dict[Made, int]:
        """What the whole way is beyond the sum of the steps alone."""
        terms = dict(self.whole)
        for number in range(len(self.steps)):
            for made, times in self.alone(number).items():
                terms[made] = terms.get(made, 0) - times
        return {made: times for made, times in terms.items() if times}


def _result(
    pair: Pair,
    way: _Way,
    answers: Answers,
    targets: Sequence[str],
    head: Head,
    told: _Sides,
    quiet: Sequence[ChangeRow],
) -> Diff:
    headline, *others = targets
    steps = tuple(
        _step_row(pair, way, answers, headline, number) for number in range(len(way.steps))
    )
    rows = tuple(_target_row(pair.last, way, answers, one) for one in targets)
    first, last = (answers[made] for made in (way.until[0], way.until[-1]))
    labels = {one.target: one.label for one in rows}
    beside = tuple(cited_rows((pair.first, first), (pair.last, last), labels))
    together = answers.sum(headline, way.together) if len(steps) > 1 else answers.sum("", {})
    failed = [
        *(f"before: {one}" for one in answers[way.until[0]].failed),
        *(f"step {row.step}: {one}" for row in steps for one in row.failed),
    ]
    sentence = " ".join(
        [
            sentence_of(rows[0], steps, together.value, together.error),
            *verdicts_of([one for one in beside if one.target == rows[0].label]),
        ]
    )
    return Diff(
        **head | {"sentence": sentence, "failed": tuple(failed), "converged": not failed},
        **told,
        target=headline,
        label=rows[0].label,
        unit=rows[0].unit,
        steps=steps,
        changes=(*_changes(pair.edits, way.steps), *quiet),
        targets=rows,
        cited=beside,
        by_target=tuple(
            _target_step(pair, way, answers, rows[1 + place], steps, number)
            for place in range(len(others))
            for number in range(len(steps))
        ),
        readings=tuple(_readings(pair.last, way, answers, headline)),
        together=together.value,
        mcse_together=together.error,
    )


def _step_row(pair: Pair, way: _Way, answers: Answers, target: str, number: int) -> StepRow:
    step = way.steps[number]
    alone = answers.sum(target, way.alone(number))
    move = answers.sum(target, way.move(number))
    here = answers[way.until[number + 1]]
    place = {edit: n + 1 for n, one in enumerate(way.steps) for edit in one.edits}
    return StepRow(
        step=number + 1,
        text=text_of_step([pair.edits[one] for one in step.edits]),
        needs=tuple(sorted({place[one] for one in step.needs})),
        alone=alone.value,
        mcse_alone=alone.error,
        move=move.value,
        mcse_move=move.error,
        answer=here.of(target),
        noise=all(is_noise(one.value, one.error, 2 * len(way.steps)) for one in (alone, move)),
        failed=here.failed,
    )


def _target_row(last: Model, way: _Way, answers: Answers, target: str) -> TargetRow:
    was, now = (answers[made].of(target) for made in (way.until[0], way.until[-1]))
    move = answers.sum(target, way.whole)
    unit, label, _ = attributes(last, variable(target)).values()
    ratio = None
    if (was.q05 or 0.0) > 0 and (now.q05 or 0.0) > 0:
        assert was.median is not None
        assert now.median is not None
        ratio = now.median / was.median
    return TargetRow(
        target=target,
        label=label,
        unit=unit,
        before=was,
        after=now,
        difference=move.value,
        mcse_difference=move.error,
        ratio=ratio,
    )


def _target_step(
    pair: Pair,
    way: _Way,
    answers: Answers,
    row: TargetRow,
    steps: Sequence[StepRow],
    number: int,
) -> TargetStepRow:
    alone = answers.sum(row.target, way.alone(number))
    move = answers.sum(row.target, way.move(number))
    return TargetStepRow(
        target=row.label,
        step=number + 1,
        text=steps[number].text,
        unit=row.unit,
        alone=alone.value,
        mcse_alone=alone.error,
        move=move.value,
        mcse_move=move.error,
    )


def _readings(last: Model, way: _Way, answers: Answers, target: str) -> Iterable[ReadingRow]:
    """Yield the readings of either model, beside each other where both have them."""
    sides = [_under(answers[made], target) for made in (way.until[0], way.until[-1])]
    labels = [dict(one) for one in dict.fromkeys([*sides[1], *sides[0]])]
    for label in labels if len(labels) > 1 else ():
        key = tuple(label.items())
        was, now = (side.get(key, (None, Numbers())) for side in sides)
        yield ReadingRow(
            reading=label,
            weight_before=was[0],
            weight_after=now[0],
            before=was[1],
            after=now[1],
        )


type _Label = tuple[tuple[str, str], ...]


def _under(answer: Answer, target: str) -> dict[_Label, tuple[float | None, Numbers]]:
    found = answer.found
    under: dict[_Label, tuple[float | None, Numbers]] = {}
    for one in found.readings if found else ():
        ends = one.targets[variable(target)]
        numbers = Numbers(
            ends.median, ends.q05, ends.q95, ends.mcse_median, ends.mcse_q05, ends.mcse_q95
        )
        whole = found.targets[variable(target)].median if found else None
        factor = (answer.of(target).median or 0.0) / whole if whole else 1.0
        under[tuple(one.reading.items())] = one.weight, scaled(numbers, factor)
    return under


def _changes(
    edits: Sequence[Edit], steps: Sequence[Step], *, numbered: bool = True
) -> Iterable[ChangeRow]:
    """Yield the changes that may move the answer, in the order of their steps."""
    for number, step in enumerate(steps, 1):
        yield from (row_of(edits[one], number if numbered else None) for one in step.edits)


def _names(before: Model, after: Model) -> tuple[str, str]:
    if before.slug != after.slug:
        return before.slug or "before", after.slug or "now"
    return "before", "now"


def _head(after: Model, seed: int) -> Head:
    return Head(
        model=after.slug,
        seed=seed,
        digest=after.digest,
        converged=True,
        failed=(),
        sentence="",
        **labels_in(after),
    )
