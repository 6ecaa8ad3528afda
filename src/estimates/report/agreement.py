"""Whether two documents of the same question, made by two runs, say the same.

Numbers agree within Monte Carlo error, texts but for the numbers in them; which numbers have an
error that is stated is told by their names (`mcse_x`, `x_se`, or an interval `x_low` to `x_high`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scipy.special import ndtri

#: Chance that two right runs differ in any of the numbers that are compared.
CHANCE = 1e-3
_LEAST = 4.0  # standard errors that are always allowed
_EXACT = 1e-9  # relative, by which arithmetic may differ
_INTERVAL = 2 * 1.6448536269514722  # widths of a 90 % interval in standard errors
_NUMBER = re.compile(r"[-−+]?\d[\d,.]*(?:e[-−+]?\d+)?")
#: Keys whose texts say what an entry of a list is about, beside lists and mappings of texts.
_NAMES = (
    *("claim", "quantity", "axis", "option", "name", "about", "body", "target", "region", "part"),
    *("reading", "kind", "component", "without", "under", "of", "edge", "x", "y"),
)
#: What tells of the run rather than of the answer.
_OF_THE_RUN = ("diagnostics", "effective", "effective_draws", "draws")


@dataclass(frozen=True)
class Number:
    """A number then and now, and its combined standard error (None where none is stated)."""

    where: str
    then: float
    now: float
    error: float | None

    @property
    def same(self) -> bool:
        return abs(self.now - self.then) <= _EXACT * max(abs(self.then), abs(self.now))

    def __str__(self) -> str:
        return f"{self.where} was {self.then:.6g}, is {self.now:.6g}"


@dataclass
class Compared:
    """What was compared, and what came of it.

    Attributes
    ----------
    numbers : with a stated error
    bare : without one; those that are the same to the last digits have been compared, others not
    texts : how many agree, but for numbers in them
    differences : what two right runs would not differ in
    notices : what they may differ in, and do
    """

    numbers: list[Number] = field(default_factory=list)
    bare: list[Number] = field(default_factory=list)
    texts: int = 0
    differences: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def beyond(self) -> Iterator[str]:
        """Numbers that differ by more than Monte Carlo error allows.

        So many standard errors are allowed that all numbers of two right runs are within them with
        probability 0.999, each being taken to be normal (Bonferroni), and four at the least.
        """
        allowed = self.allowed
        for one in self.numbers:
            if not one.same and abs(one.now - one.then) > allowed * (one.error or 0.0):
                yield f"{one}; Monte Carlo error allows {allowed * (one.error or 0.0):.2g}"

    @property
    def allowed(self) -> float:
        """Standard errors that are allowed."""
        return max(_LEAST, -float(ndtri(CHANCE / (2 * max(1, len(self.numbers))))))

    def compare(self, where: str, then: Any, now: Any) -> None:
        """Go through two documents side by side."""
        if isinstance(then, Mapping) and isinstance(now, Mapping):
            self._mappings(where, then, now)
        elif isinstance(then, list) and isinstance(now, list):
            self._lists(where, then, now)
        elif _number(then) and _number(now):
            self.bare.append(Number(where, then, now, None))
        elif isinstance(then, str) and isinstance(now, str):
            self._texts(where, then, now)
        elif then != now:
            self.differences.append(f"{where} was {_brief(then)}, is {_brief(now)}")

    def _mappings(self, where: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for key in dict.fromkeys([*then, *now]):
            at = f"{where} {key}".strip()
            if key not in then or key not in now:
                self.differences.append(f"{at} is in one of the two only")
            elif key in _OF_THE_RUN or _is_error(key, then):
                continue
            elif key == "verdict" and then[key] != now[key]:
                said = f"{at} was {_brief(then[key])}, is {_brief(now[key])}"
                just = then.get("only_just") or now.get("only_just")
                told = self.notices if just else self.differences
                told.append(f"{said}; it holds only just" if just else said)
            elif key == "only_just":
                if then[key] != now[key]:
                    self.notices.append(f"{at} was {then[key]}, is {now[key]}")
            elif _number(then[key]) and _number(now[key]):
                errors = [_error(key, one) for one in (then, now)]
                error = None if None in errors else math.hypot(*(e or 0.0 for e in errors))
                one = Number(at, then[key], now[key], error)
                (self.bare if error is None else self.numbers).append(one)
            else:
                self.compare(at, then[key], now[key])

    def _lists(self, where: str, then: list[Any], now: list[Any]) -> None:
        """Entries that name themselves are matched by their names: near ties change their order."""
        named = [{_name(entry): entry for entry in one} for one in (then, now)]
        if "" not in named[0] and len(named[0]) == len(then) and len(named[1]) == len(now):
            for name in dict.fromkeys([*named[0], *named[1]]):
                if name in named[0] and name in named[1]:
                    self.compare(f"{where} {name}", named[0][name], named[1][name])
                else:
                    self.notices.append(f"{where} {name} is in one of the two only")
            return
        if len(then) != len(now):
            self.notices.append(f"{where} has {len(now)} entries, had {len(then)}")
        for number, (one, other) in enumerate(zip(then, now, strict=False)):
            self.compare(f"{where} {number + 1}", one, other)

    def _texts(self, where: str, then: str, now: str) -> None:
        if _NUMBER.sub("#", then) == _NUMBER.sub("#", now):
            self.texts += 1
        elif " " in then:
            self.notices.append(f"{where} now says: {now}")
        else:
            self.differences.append(f"{where} was {then}, is {now}")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else text[:57] + "…"


def _is_error(key: str, within: Mapping[str, Any]) -> bool:
    """Whether it says how well another number is known."""
    if key.startswith("mcse_"):
        return key.removeprefix("mcse_") in within
    for end in ("_se", "_low", "_high", "_range"):
        of = key.removesuffix(end)
        if of == key or f"{key}_se" in within:
            continue
        if end == "_se" or (of in within and (end == "_range" or _interval(of, within))):
            return True
    return False


def _interval(key: str, within: Mapping[str, Any]) -> bool:
    ends = [within.get(f"{key}{end}") for end in ("_low", "_high")]
    return all(map(_number, [*ends, within.get(key)])) and ends[0] <= within[key] <= ends[1]


def _error(key: str, within: Mapping[str, Any]) -> float | None:
    """The stated standard error of a number, by the names that documents give it."""
    for name in (f"mcse_{key}", f"{key}_se"):
        if _number(within.get(name)):
            return float(within[name])
    # `y_value` and `given_median` have one error with what they are of: `y_se`, `given_se`.
    of, _, what = key.rpartition("_")
    if what in ("value", "median", "sd") and of not in within and _number(within.get(f"{of}_se")):
        return float(within[f"{of}_se"])
    if _interval(key, within):
        return float(within[f"{key}_high"] - within[f"{key}_low"]) / _INTERVAL
    return None


def _name(entry: Any) -> str:
    """What an entry of a list is about: its short texts and its reading; "" if it has no name."""
    if not isinstance(entry, Mapping):
        return ""
    names: list[str] = []
    for key, value in entry.items():
        if isinstance(value, str):
            if key in _NAMES:
                names.append(value)
            continue
        several = list(value.values()) if isinstance(value, Mapping) else value
        if isinstance(several, list) and several and all(isinstance(v, str) for v in several):
            names.append(", ".join(several))
    return "; ".join(names)
