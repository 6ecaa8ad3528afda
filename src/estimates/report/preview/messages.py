"""What goes to the processes that work, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from estimates.errors import Fault
from estimates.report.preview.moved import Answer


@dataclass(frozen=True)
class Fitting:
    """A model to be fitted, and the head of its report made.

    Attributes
    ----------
    number : of the version of the model, by which everything that comes back is known
    content : what `Model.to_json` returned
    slug : what the model is called
    words : of claims whose quotes were looked for, what stands in the source
    """

    number: int
    content: str
    slug: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Filling:
    """A report that has a head, for whoever makes its other parts.

    Attributes
    ----------
    found : a `Gathered`, pickled
    """

    number: int
    found: bytes


type Task = Fitting | Filling


@dataclass(frozen=True)
class Setting:
    """What all work of a process has in common.

    Attributes
    ----------
    root : the folder whose `results/` are read
    seed : of the draws; None for the model's own
    part_seconds : that a part of the report may take
    """

    root: Path
    seed: int | None
    part_seconds: float


@dataclass(frozen=True)
class Ready:
    """A process has loaded what it needs."""


@dataclass(frozen=True)
class Step:
    """How far the work has come, in words."""

    number: int
    told: str


@dataclass(frozen=True)
class Head:
    """The answer in numbers, ahead of its page."""

    number: int
    answer: Answer


@dataclass(frozen=True)
class Page:
    """A report as far as it is made.

    Attributes
    ----------
    text : HTML, without what the preview has itself
    pending : what is still being worked out, in words
    """

    number: int
    text: str
    pending: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """A model that is well formed and still has no answer."""

    number: int
    faults: tuple[Fault, ...]
    more: int


@dataclass(frozen=True)
class Failed:
    """Work that ended in an error that nobody expected."""

    number: int
    sentence: str


@dataclass(frozen=True)
class Ended:
    """The work is over, done or stopped: the process is free.

    Attributes
    ----------
    quiet : whether nothing that it began is still at work
    """

    number: int
    quiet: bool


type Told = Ready | Step | Head | Filling | Page | Refused | Failed | Ended
