"""Combinations of readings that say exactly the same are one, their weights added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimates.expression import names
from estimates.model import Model


@dataclass(frozen=True)
class Distinct:
    """A combination of readings that differs from every other in something.

    Attributes
    ----------
    choice : option by reading (of the first of those that are the same)
    label : the same, options that make no difference joined by `|`
    members : indices into `model.combinations()`
    """

    choice: Mapping[str, str]
    label: Mapping[str, str]
    members: tuple[int, ...]

    @property
    def text(self) -> str:
        """`gross, share, china`; "" where a model has no readings."""
        return ", ".join(self.label.values())


def distinct_readings(model: Model) -> tuple[Distinct, ...]:
    """The combinations of readings, those merged whose every quantity and claim is the same."""
    combinations = model.combinations()
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, combination in enumerate(combinations):
        groups.setdefault(_meaning(model, combination.choice), []).append(number)
    return tuple(
        Distinct(
            combinations[members[0]].choice,
            _label([combinations[i].choice for i in members]),
            tuple(members),
        )
        for members in groups.values()
    )


def _meaning(model: Model, choice: Mapping[str, str]) -> tuple[str, ...]:
    branching = [name for name in model.relations if model.axes_of(name)]
    found = [str(model.resolve(name, choice)) for name in branching]
    found += [
        str(model.resolve(use.value, choice)) for use in model.uses if model.axes_of(use.value)
    ]
    return tuple(found)


def _label(choices: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {
        axis: "|".join(dict.fromkeys(choice[axis] for choice in choices)) for axis in choices[0]
    }


def touched(model: Model) -> tuple[str, ...]:
    """Basic quantities of the evidence that the updated readings make mean different things.

    The priors of these decide how far the readings' weights merely echo a prior.
    """
    found: dict[str, None] = {}
    choices = [combination.choice for combination in model.combinations()]
    for axis, reading in model.readings.items():
        if not reading.update:
            continue
        for use in model.uses:
            if use.held_out or axis not in model.axes_of(use.value):
                continue
            for choice in choices:
                resolved = model.resolve(use.value, choice)
                if resolved is not None:
                    found |= dict.fromkeys(names(resolved))
    return tuple(found)
