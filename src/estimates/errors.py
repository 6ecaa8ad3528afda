"""What can be wrong, and where.

Bad input is a list of faults, each one sentence with its place in a file; all the faults of a
file are gathered before anything is raised, so that a writer mends them in one go. A result
that must not be trusted is another thing, and has its own exception.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; line and column count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in one sentence, and where it stands if that is known."""

    message: str
    place: Place | None = None

    def __str__(self) -> str:
        return self.message if self.place is None else f"{self.place}: {self.message}"


class InputError(ValueError):
    """Input that cannot be used; the command line answers it with exit status 2."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class WorkersLost(InputError):
    """Those who were to do the work are gone or do not answer; what they had finished is kept."""


class NotConverged(RuntimeError):
    """A fit whose diagnostics say that its numbers must not be used (exit status 1)."""


class Faults:
    """Gathers the faults of a file, to be raised together."""

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    def add(self, message: str, place: Place | None = None) -> None:
        """Note a fault, unless the very same one has been noted."""
        self._faults[Fault(message, place)] = None

    def raise_if_any(self) -> None:
        """Raise `InputError` with everything noted, in the order in which it was noted."""
        if self._faults:
            raise InputError(self._faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __len__(self) -> int:
        return len(self._faults)


def did_you_mean(word: str, choices: Iterable[str], cutoff: float = 0.7) -> str:
    """`"; did you mean 'workers'?"`, or nothing where no choice comes near `word`.

    `cutoff` is how near it must come, from 0 to 1 (the same).
    """
    by_lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""
