"""Whether two answers to the same question, made by two runs, say the same.

Both are gone through side by side (`pairs`). Numbers agree within Monte Carlo error, which their
columns name, texts but for the numbers in them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, runtime_checkable

from scipy.special import ndtri

from estimates._util.records import fields_of, is_record

#: Chance that two right runs differ in any of the numbers that are compared.
CHANCE = 1e-3
_LEAST = 4.0  # standard errors that are always allowed
#: Relative difference that arithmetic alone may make.
EXACT = 1e-9
_NUMBER = re.compile(r"[-−+]?\d[\d,.]*(?:e[-−+]?\d+)?")
#: Fields that say what a row of a list is about.
_NAMES = (
    *("claim", "quantity", "axis", "option", "name", "about", "body", "target", "region", "part"),
    *("reading", "kind", "component", "without", "under", "of", "edge", "x", "y"),
    *("claims", "learned", "options"),
)
#: What tells of the run rather than of the answer; draws choose the points of break-even lines.
_OF_THE_RUN = ("diagnostics", "effective", "effective_draws", "draws", "x_value", "y_value")
_MISSING: Final = "(nothing)"

type Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """What stands at one place then and now.

    Attributes
    ----------
    error : combined standard error of two numbers; None where none is stated
    counts : whether it is of the answer, and not of its errors or of the run
    loose : why two right runs may differ in it; None where they may not
    """

    where: Place
    then: Any
    now: Any
    error: float | None = None
    counts: bool = True
    loose: str | None = None

    @property
    def numbers(self) -> bool:
        """Whether both are numbers."""
        return _is_number(self.then) and _is_number(self.now)

    @property
    def apart(self) -> float:
        """How far two numbers lie apart, relative to the larger one."""
        return abs(self.now - self.then) / (max(abs(self.now), abs(self.then)) or 1.0)

    def alike(self, relative: float) -> bool:
        """Return whether the two are the same; numbers may differ by so much of themselves."""
        if self.numbers:
            return self.apart <= relative
        return bool(self.then == self.now)

    def __str__(self) -> str:
        at = " ".join(self.where)
        if _MISSING in (self.then, self.now):
            return f"{at} is in one of the two only"
        if self.numbers:
            return f"{at} was {self.then:.6g}, is {self.now:.6g}"
        said = f"{at} was {_brief(self.then)}, is {_brief(self.now)}"
        return f"{said}; {self.loose}" if self.loose else said


@runtime_checkable
class _Judged(Protocol):
    """A row that says whether Monte Carlo error could turn its verdict."""

    @property
    def only_just(self) -> bool | None: ...


def pairs(
    then: Any, now: Any, where: Place = (), errors: tuple[Any, Any] = (None, None)
) -> Iterator[Pair]:
    """Yield everything that two answers say, place by place.

    Parameters
    ----------
    errors : of two numbers those of each; of two records, records of their fields' errors
    """
    if is_record(type(then)) and type(then) is type(now):
        yield from _of_records(then, now, where, errors)
    elif isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*then, *now]):
            yield from pairs(then.get(key, _MISSING), now.get(key, _MISSING), (*where, key))
    elif isinstance(then, tuple) and isinstance(now, tuple):
        yield from _of_lists(then, now, where)
    else:
        stated = _is_number(then) and _is_number(now) and None not in errors
        error = math.hypot(*errors) if stated else None
        yield Pair(where, then, now, error)


def _of_records(then: Any, now: Any, where: Place, errors: tuple[Any, Any]) -> Iterator[Pair]:
    fields = fields_of(type(then))
    of_errors = {one.column.error for one in fields}
    for one in fields:
        name, at = one.name, (*where, one.key)
        values = getattr(then, name), getattr(now, name)
        if one.apart:
            yield from _apart(*values, where, one.apart)
            continue
        of = tuple(getattr(e, name) for e in errors) if errors[0] is not None else (None, None)
        if one.column.error:
            of = getattr(then, one.column.error), getattr(now, one.column.error)
        for pair in pairs(*values, at, of):
            if name in of_errors or name in _OF_THE_RUN:
                yield replace(pair, counts=False)
            elif name in ("verdict", "only_just") and isinstance(then, _Judged):
                just = name == "only_just" or then.only_just or now.only_just
                yield replace(pair, loose="it holds only just" if just else None)
            else:
                yield pair


def _apart(
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    where: Place,
    names: tuple[tuple[str, tuple[str, ...]], ...],
) -> Iterator[Pair]:
    """Return the entries of a mapping: each a value, or one with its error."""
    for name, (key, *of_error) in names:
        if name not in then and name not in now:
            continue
        one, other = then.get(name, _MISSING), now.get(name, _MISSING)
        if of_error and _MISSING not in (one, other):
            yield from pairs(one[0], other[0], (*where, key), (one[1], other[1]))
        else:
            yield Pair((*where, key), one, other)


def _of_lists(then: tuple[Any, ...], now: tuple[Any, ...], where: Place) -> Iterator[Pair]:
    """Match rows that name themselves by their names, as near ties change their order."""
    one, other = ({_name(row): row for row in rows} for rows in (then, now))
    if "" in one or len(one) < len(then) or len(other) < len(now):
        one, other = ({str(i): row for i, row in enumerate(rows, 1)} for rows in (then, now))
    for name in dict.fromkeys([*one, *other]):
        for pair in pairs(one.get(name, _MISSING), other.get(name, _MISSING), (*where, name)):
            missing = _MISSING in (pair.then, pair.now)
            yield replace(pair, loose="") if missing else pair


@dataclass
class Compared:
    """What was compared, and the result.

    Attributes
    ----------
    errors : combined standard errors of numbers, by their place, that no column names
    numbers : with a stated error
    bare : without one; those that are the same to the last digits have been compared, others not
    texts : how many agree, but for numbers in them
    differences : what two right runs would not differ in
    notices : what they may differ in, and do
    """

    errors: Mapping[Place, float] = field(default_factory=dict)
    numbers: list[Pair] = field(default_factory=list)
    bare: list[Pair] = field(default_factory=list)
    texts: int = 0
    differences: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def compare(self, where: str, then: Any, now: Any) -> None:
        """Go through two answers side by side."""
        for pair in pairs(then, now, (where,) if where else ()):
            if pair.counts:
                self._take(replace(pair, error=self.errors.get(pair.where, pair.error)))

    def beyond(self) -> Iterator[str]:
        """Return the numbers that differ by more than Monte Carlo error allows.

        So many standard errors are allowed that all numbers of two right runs are within them with
        probability 0.999, each being taken to be normal (Bonferroni), and four at the least.
        """
        for one in self.numbers:
            within = self.allowed * (one.error or 0.0)
            if not one.alike(EXACT) and abs(one.now - one.then) > within:
                yield f"{one}; Monte Carlo error allows {within:.2g}"

    @property
    def allowed(self) -> float:
        """The number of standard errors that is allowed."""
        return max(_LEAST, -float(ndtri(CHANCE / (2 * max(1, len(self.numbers))))))

    @property
    def not_compared(self) -> list[Pair]:
        """The numbers without an error that are not the same."""
        return [one for one in self.bare if not one.alike(EXACT)]

    def _take(self, pair: Pair) -> None:
        then, now = pair.then, pair.now
        if pair.numbers:
            (self.bare if pair.error is None else self.numbers).append(pair)
        elif pair.loose is None and isinstance(then, str) and isinstance(now, str):
            if _NUMBER.sub("#", then) == _NUMBER.sub("#", now):
                self.texts += 1
            elif " " in then:
                self.notices.append(f"{' '.join(pair.where)} now says: {now}")
            else:
                self.differences.append(str(pair))
        elif then != now:
            (self.differences if pair.loose is None else self.notices).append(str(pair))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else text[:57] + "…"


def _name(row: Any) -> str:
    """Return what a row of a list is about, by its short texts and reading; "" without any."""
    if not is_record(type(row)):
        return ""
    found = (getattr(row, one.name) for one in fields_of(type(row)) if one.name in _NAMES)
    return "; ".join(filter(None, map(_words, found)))


def _words(value: Any) -> str:
    match value:
        case str():
            return value
        case Mapping():
            parts = tuple(value.values())
        case tuple():
            parts = value
        case _:
            return ""
    return ", ".join(parts) if all(isinstance(one, str) for one in parts) else ""
