"""Changes put into steps: each checks by itself, or says which others it needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estimates.analysis.diff.edits import Edit
from estimates.errors import InputError
from estimates.model import Model
from estimates.model.io import load_json
from estimates.model.serialize import Plain

type Made = frozenset[int]  # the changes that are made, by their numbers


@dataclass(frozen=True)
class Step:
    """Changes that go together.

    Attributes
    ----------
    edits : their numbers, in order
    needs : the changes of other steps without which these cannot be made, and all that those need
    """

    edits: tuple[int, ...]
    needs: Made = frozenset()


class Ways:
    """The contents between two models, each made from the first by some of the changes."""

    def __init__(self, start: Plain, edits: Sequence[Edit], slug: str) -> None:
        self._start = start
        self._slug = slug
        self._models: dict[Made, Model | None] = {}
        self.edits = edits

    def model(self, made: Iterable[int]) -> Model | None:
        """Return the model with some changes made; None where it would be refused."""
        key = frozenset(made)
        if key not in self._models:
            content = self._start
            for number in sorted(key):
                content = self.edits[number].made(content)
            self._models[key] = checked(content, self._slug)
        return self._models[key]

    # Steps --------------------------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """Return the steps, in the order of the changes as far as what they need allows."""
        needs = {number: self._needed(number) for number in range(len(self.edits))}
        groups = _together(needs)
        steps = []
        for group in groups:
            others = frozenset().union(*(_closed(one, needs) for one in group)) - group
            steps.append(Step(tuple(sorted(group)), others))
        return self._ordered(steps)

    def _needed(self, number: int) -> Made:
        """Return the fewest other changes, one after another tried, with which a change checks."""
        if self.model((number,)) is not None:
            return frozenset()
        needed = frozenset(range(len(self.edits))) - {number}
        near = self._near(number)
        if self.model(near | {number}) is not None:
            needed = near
        for other in sorted(needed, reverse=True):
            if self.model((needed - {other}) | {number}) is not None:
                needed -= {other}
        return needed

    def _near(self, number: int) -> Made:
        """Return the changes that name what this one changes, or the other way round, and so on."""
        texts = [json.dumps([*map(str, edit.puts.values())]) for edit in self.edits]
        near, new = frozenset[int](), {number}
        while new:
            one = new.pop()
            for other, edit in enumerate(self.edits):
                named = edit.name in texts[one] or self.edits[one].name in texts[other]
                if other not in near and other != number and named:
                    near |= {other}
                    new.add(other)
        return near

    def _ordered(self, steps: list[Step]) -> list[Step]:
        """Return steps in an order in which every model on the way checks; the last may be many."""
        left, done = list(steps), frozenset[int]()
        found: list[Step] = []
        while left:
            ready = (
                step
                for step in left
                if step.needs <= done and self.model(done | frozenset(step.edits)) is not None
            )
            step = next(ready, None)
            if step is None:
                rest = tuple(sorted(number for one in left for number in one.edits))
                return [*found, Step(rest)]
            left.remove(step)
            done |= frozenset(step.edits)
            found.append(step)
        return found


def _closed(number: int, needs: dict[int, Made]) -> Made:
    """Return a change with all that it needs, and what that needs."""
    found, new = {number}, {number}
    while new:
        new = {other for one in new for other in needs[one]} - found
        found |= new
    return frozenset(found)


def _together(needs: dict[int, Made]) -> list[Made]:
    """Return the changes in groups that need each other, in the order of their first."""
    closed = {number: _closed(number, needs) for number in needs}
    groups: dict[int, Made] = {}
    for number in needs:
        mutual = frozenset(other for other in closed[number] if number in closed[other])
        groups.setdefault(min(mutual), mutual)
    return list(groups.values())


def checked(content: Plain, slug: str) -> Model | None:
    """Return the model of a content; None where it would be refused."""
    try:
        return load_json(json.dumps(content), slug)
    except InputError:
        return None
