"""What can be wrong, and where.

Bad input is a list of faults, each one sentence with its place in a file; all the faults of a
file are gathered before anything is raised, so that a writer mends them in one go. A result
that must not be trusted is another thing, and has its own exception.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from operator import eq
from typing import Self

#: Faults that are listed; the rest is counted.  So are suggestions, which take time to find.
MOST_LISTED = 100

_MOST_CHOICES = 200_000  # compared with misspelt words, in all
_MOST_COMPARED = 100  # compared in full with one word, the likeliest first
_LONGEST_WORD = 200

# What moves a terminal's cursor, changes its settings or the order of what is read; what no
# program shows; and halves of characters.  Joiners and the marks of Arabic and Hebrew are text.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)


def unshowable(text: str) -> re.Match[str] | None:
    """Return the first character that has no place in a text.

    That is a control character but tab and newline, a mark that turns the direction of reading, a
    line separator or half of a character.
    """
    return _UNSHOWABLE.search(text)


def shown(text: str) -> str:
    """Return a text that is safe on a terminal, with its `unshowable` signs as `<U+001B>`."""
    return _UNSHOWABLE.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file.

    Attributes
    ----------
    file : as it was named
    line, column : count from 1; None where they are not known

    Examples
    --------
    >>> import estimates as est
    >>> str(est.Place("model.yaml", 3, 7))
    'model.yaml:3:7'
    """

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    message : one sentence, and the likely fix
    place : where it stands, if that is known

    See Also
    --------
    InputError : carries faults

    Examples
    --------
    >>> import estimates as est
    >>> try:
    ...     est.Model({"n": "50 to"}, targets=["n"])
    ... except est.InputError as error:
    ...     print(len(error.faults))
    1
    """

    message: str
    place: Place | None = None

    def __str__(self) -> str:
        return shown(self.message if self.place is None else f"{self.place}: {self.message}")


class InputError(ValueError):
    """Input that cannot be used; the command line answers it with exit status 2.

    Attributes
    ----------
    faults : what is wrong, `MOST_LISTED` at most
    more : how many faults there are beside these

    See Also
    --------
    Fault : one of them

    Examples
    --------
    >>> import estimates as est
    >>> try:
    ...     est.load("no-such-model")
    ... except est.InputError as error:
    ...     print(len(error.faults), error.more)
    1 0
    """

    def __init__(self, faults: Iterable[Fault], more: int = 0) -> None:
        every = tuple(faults)
        self.faults: tuple[Fault, ...] = every[:MOST_LISTED]
        self.more = more + len(every) - len(self.faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.faults), *and_more(self.more)])

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Fault, ...], int]]:
        return type(self), (self.faults, self.more)


def and_more(count: int) -> tuple[str, ...]:
    """Return the line after a list that leaves some out: `… and 4,900 more`."""
    return (f"… and {count:,} more",) if count else ()


class WorkersLost(InputError):
    """Raised when workers are gone or do not answer; what they finished is kept."""


class NotConverged(RuntimeError):
    """Raised for a fit whose diagnostics say that its numbers must not be used (exit status 1).

    See Also
    --------
    fit : returns such a fit too, with the reasons in `attrs["failed"]`

    Examples
    --------
    >>> import estimates as est
    >>> issubclass(est.NotConverged, Exception)
    True
    """


class Faults:
    """Gathers the faults of a file, to be raised together; the first `MOST_LISTED` are kept."""

    def __init__(self) -> None:
        self._listed: list[Fault] = []
        self._known: set[int] = set()  # hashes of all, since there may be hundreds of thousands
        self._choices = 0

    def add(self, message: str, place: Place | None = None) -> None:
        """Note a fault, unless the very same one has been noted."""
        key = hash((message, place))
        if key in self._known:
            return
        self._known.add(key)
        if len(self._listed) < MOST_LISTED:
            self._listed.append(Fault(message, place))

    def hint(self, word: str, choices: Collection[str], cutoff: float = 0.7) -> str:
        """Return `did_you_mean`, as long as faults are listed and the search is not too long."""
        self._choices += len(choices)
        if len(self._listed) >= MOST_LISTED or self._choices > _MOST_CHOICES:
            return ""
        return did_you_mean(word, choices, cutoff)

    @property
    def error(self) -> InputError:
        """The faults noted, in their order, as one error."""
        return InputError(self._listed, len(self) - len(self._listed))

    def raise_if_any(self) -> None:
        """Raise `InputError` with everything noted, in the order in which it was noted."""
        if self:
            raise self.error

    def __bool__(self) -> bool:
        return bool(self._listed)

    def __len__(self) -> int:
        return len(self._known)


def did_you_mean(word: str, choices: Iterable[str], cutoff: float = 0.7) -> str:
    """Return `"; did you mean 'workers'?"`, or "" where no choice comes near `word`.

    `cutoff` is how near it must come, from 0 to 1 (the same).
    """
    by_lower = {choice.lower(): choice for choice in choices}
    near = _nearest(word.lower(), by_lower, cutoff)
    return f"; did you mean '{by_lower[near]}'?" if near else ""


def _nearest(word: str, choices: Iterable[str], cutoff: float) -> str:
    """Return the choice most like a word by difflib's ratio; "" if none reaches the cutoff.

    As `get_close_matches` would find it, but that a ratio is worked out only where its upper
    bound, by the letters that both have, could still win: names are often alike.
    """
    if len(word) > _LONGEST_WORD:
        return ""
    matcher = SequenceMatcher(None, "", word)
    bounds: list[tuple[float, str]] = []
    for choice in choices:
        if 2 * min(len(choice), len(word)) < cutoff * (len(choice) + len(word)):
            continue
        matcher.set_seq1(choice)
        bound = matcher.quick_ratio()
        if bound >= cutoff:
            bounds.append((bound, choice))
    if len(bounds) > _MOST_COMPARED:
        bounds.sort(key=lambda one: (one[0], _ends_shared(word, one[1])), reverse=True)
    else:
        bounds.sort(reverse=True)
    best = (cutoff, "")
    for bound, choice in bounds[:_MOST_COMPARED]:
        if bound < best[0]:
            break
        matcher.set_seq1(choice)
        best = max(best, (matcher.ratio(), choice))
    return best[1]


def _ends_shared(a: str, b: str) -> int:
    """Return how many letters two words have in common at both ends."""
    at_start = sum(takewhile(bool, map(eq, a, b)))
    return at_start + sum(takewhile(bool, map(eq, reversed(a), reversed(b))))
