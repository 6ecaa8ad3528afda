"""The dimensions of a model: their labels, which of them are dates, and parts of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from estimates.language.phrases import spoken
from estimates.model.dates import Date
from estimates.model.ledger import NOWHERE, Where

#: A label of each of some dimensions, by dimension; of time perhaps a date between the labels.
type Position = Mapping[str, str | Date]


@dataclass(frozen=True, slots=True)
class Dimension:
    """What quantities are over: countries, years.

    Attributes
    ----------
    name : an identifier
    labels : its members in order; of a time they are dates
    time : whether its labels are dates, in order
    of : of a part, the dimension whose members it has some of; else ""
    named : what readers see instead of a label, where that is another
    """

    name: str
    labels: tuple[str, ...]
    time: bool = False
    of: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def dates(self) -> tuple[Date, ...]:
        """The dates of its labels; none where they are not dates."""
        found = [Date.of(label) for label in self.labels] if self.time else []
        return tuple(date for date in found if date is not None)


@dataclass(frozen=True)
class Dimensions:
    """All dimensions of a model, by name."""

    every: Mapping[str, Dimension] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.every)

    def __contains__(self, name: str) -> bool:
        return name in self.every

    def __getitem__(self, name: str) -> Dimension:
        return self.every[name]

    @cached_property
    def whole(self) -> Mapping[str, Dimension]:
        """Those that quantities can be over: no parts."""
        return {name: one for name, one in self.every.items() if not one.of}

    @cached_property
    def time(self) -> Dimension | None:
        """The one whose labels are dates."""
        return next((one for one in self.whole.values() if one.time), None)

    def called(self, label: str) -> str:
        """Return what readers see instead of a label."""
        return self._named.get(label, spoken(label))

    @cached_property
    def _named(self) -> Mapping[str, str]:
        return {label: name for one in self.whole.values() for label, name in one.named.items()}

    @cached_property
    def dimension_of(self) -> Mapping[str, str]:
        """The dimension of every label."""
        return {label: one.name for one in self.whole.values() for label in one.labels}

    def positions(self, over: Iterable[str]) -> Iterator[dict[str, str | Date]]:
        """Yield every cell of some dimensions, the last one varying fastest."""
        over = tuple(over)
        for labels in product(*(self.whole[name].labels for name in over)):
            yield dict(zip(over, labels, strict=True))

    def count(self, over: Iterable[str]) -> int:
        """Return how many cells there are."""
        number = 1
        for name in over:
            number *= len(self.whole[name].labels)
        return number


def label_text(where: str | Date) -> str:
    """Return a label, or a date as it was written."""
    return where if isinstance(where, str) else where.text


def cell_name(name: str, over: Iterable[str], at: Position) -> str:
    """Return the name of a cell, its labels in the quantity's order: `workers.china.2017`."""
    return ".".join([name, *(label_text(at[one]) for one in over)])


def in_words(over: Iterable[str]) -> str:
    """Return dimensions in words: `country and year`."""
    names = list(over)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def variable(target: str) -> str:
    """Return a target's name among labelled arrays, where a slash would be a path."""
    return target.replace("/", "÷")
