"""Reads the fields of one thing: known keys, texts, numbers, flags, each fault with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from estimates.errors import MOST_LISTED, Faults, Place, did_you_mean
from estimates.language.expression import ExpressionError
from estimates.language.wording import WordingError, point_for_thousands
from estimates.model.form import Form, Kind
from estimates.model.ledger import Where
from estimates.model.priors import PriorError
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, place_of

_NUMBER = re.compile(r"[-+]?(\d[\d_]*)?(\.\d+)?([eE][-+]?\d+)?")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%")
_WHOLE = re.compile(r"[-+]?\d[\d_]*")


class Fields:
    """The fields of one thing, by key.

    `what` names the thing in faults ("quantity 'workers'"). Keys that its form does not know are
    faults, unless it takes others, which `rest` then gives.
    """

    def __init__(self, what: str, key: Text | None, node: Node, form: Form, faults: Faults) -> None:
        self.what = what
        self._faults = faults
        self._before = len(faults)
        self._form = form
        self._known = known = form.known
        self._advice = advice = form.advice
        if key is not None and form.short and isinstance(node, Text) and not node.empty:
            node = Entries({form.short: (key, node)}, node.spot)
        self._meant: set[str] = set()  # what keys that are unknown may have been meant as
        self._spot = (key.spot if key else None) or node.spot
        self._values: Mapping[str, tuple[Text, Node]] = {}
        if isinstance(node, Entries):
            self._values = node.values
        elif not (isinstance(node, Text) and node.empty):
            shape = "a list" if isinstance(node, Items) else "a text"
            self.fault(f"{what} must be keys and values, not {shape}", place_of(node))
            self._meant |= set(known)
        if form.others is not None and isinstance(node, Entries) and node.flow:
            self._values = {
                name: pair for name, pair in self._values.items() if not self._cut(*pair)
            }
        if isinstance(node, Entries) and node.flow:
            self._check_values()
        if form.others is None:
            said: set[str] = set()
            for name, (written, value) in self._values.items():
                if name not in known and advice.get(name) not in said:
                    self._unknown(written, value, isinstance(node, Entries) and node.flow)
                    said |= {advice[name]} if name in advice else set()

    def _unknown(self, key: Text, value: Node, flow: bool) -> None:
        if len(self._faults) >= MOST_LISTED:  # counted only, whatever it may be meant as
            self._meant |= set(self._known)
            self.fault(f"unknown key '{key.value}'", place_of(key))
            return
        near = did_you_mean(key.value, self._known)
        self._meant |= {one for one in self._known if not near or f"'{one}'" in near}
        if key.value in self._advice:
            self._meant |= set(self._known)
            message = f"unknown key '{key.value}' in {self.what}; {self._advice[key.value]}"
        elif flow and isinstance(value, Text) and value.empty:
            message = self._ended(key)
        else:
            hint = near or f"; the keys are {', '.join(self._known)}"
            message = f"unknown key '{key.value}' in {self.what}{hint}"
        self.fault(message, place_of(key))

    def _check_values(self) -> None:
        """Add a fault for each known key in braces that has no value, as in `{quote: …, note}`.

        A null is meant: programs that write JSON have it for what is left out.
        """
        for name, (key, value) in self._values.items():
            if name in self._known and isinstance(value, Text) and value.plain and not value.value:
                self._meant.add(name)
                self.fault(
                    f"'{name}' in {self.what} has no value; write `{name}: …`, or leave it out",
                    place_of(key),
                )

    def _cut(self, key: Text, value: Node) -> bool:
        """Return whether words without a value are the rest of a text that a comma ended."""
        found = isinstance(value, Text) and value.empty and " " in key.value
        if found:
            self.fault(self._ended(key), place_of(key))
        return found

    def _ended(self, key: Text) -> str:
        return (
            f"'{key.value}' in {self.what} has no value: inside {{ }} a comma ends a text, "
            "so put a text that contains one in quotes"
        )

    @property
    def broken(self) -> bool:
        """Whether a fault has been found since these fields began to be read."""
        return len(self._faults) > self._before

    def fault(self, message: str, place: Place | None = None) -> None:
        """Note a fault, at the thing itself where no place is given."""
        self._faults.add(message, place or self.where())

    def __contains__(self, key: str) -> bool:
        return self.node(key) is not None

    def lacks(self, *keys: str) -> bool:
        """Return whether none of these is given, nor a key that may be meant as one of them."""
        return not any(key in self or key in self._meant for key in keys)

    def node(self, key: str) -> Node | None:
        """Return the node under a key, None where there is none."""
        pair = self._values.get(key)
        if pair is None or (isinstance(pair[1], Text) and pair[1].empty):
            return None
        return pair[1]

    def key(self, key: str) -> Text:
        """Return the key as written."""
        return self._values[key][0]

    def rest(self) -> Iterator[tuple[Text, Node]]:
        """Yield the unknown keys with their nodes."""
        return (pair for name, pair in self._values.items() if name not in self._known)

    @cached_property
    def where(self) -> Where:
        """Where the thing and its fields are written."""
        spots = {} if self._spot is None else {"": self._spot}
        for name, (key, node) in self._values.items():
            spot = node.spot if isinstance(node, Text) and not node.empty else key.spot
            if spot is not None:
                spots[name] = spot
        return Where(spots)

    def values(self) -> dict[str, Any]:
        """Return the values of those keys that are written and that the form can read."""
        read = {
            key.name: self._value(key.name, key.kind)
            for key in self._form.keys
            if key.kind.read is not None and key.name in self
        }
        return {name: value for name, value in read.items() if value is not None}

    def _value(self, key: str, kind: Kind) -> Any:
        if kind.read is str:
            return self.text(key) or None
        if kind.read is float:
            return self.number(key)
        if kind.read is int:
            return self.whole(key)
        if kind.read is bool:
            return self.flag(key)
        assert kind.read is not None
        return self.parsed(key, kind.read)

    def text(self, key: str) -> str:
        """Return a text, "" where nothing is written."""
        node = self.node(key)
        if node is None:
            return ""
        if isinstance(node, Text):
            return node.value
        shape = "a list" if isinstance(node, Items) else "keys and values"
        hint = "; write `A to B`" if key == "prior" else ""
        self.fault(f"`{key}:` of {self.what} must be a text, not {shape}{hint}", place_of(node))
        return ""

    def parsed[T](self, key: str, parse: Callable[[str], T]) -> T | None:
        """Return a text read by a parser, whose error says what is wrong and at which offset."""
        if key not in self._values:
            return None
        node = self.node(key)
        if not isinstance(node, Text):
            self.text(key)  # which says what is wrong, if anything is there
            return None
        text = node.value
        if "." in text and self._points(key, text):
            return None
        return read(text, parse, self.where.within(key), self.what, self._faults)

    def _points(self, key: str, text: str) -> bool:
        """Return whether a file has 20.000 for twenty thousand (but not within distributions).

        Only a file: what the program itself writes may end in .000.
        """
        if key not in ("says", "prior", "value", "sigma") or "(" in text:
            return False
        found = point_for_thousands(text)
        place = self.where(key, found[1]) if found else None
        if found is None or place is None:
            return False
        self.fault(f"{self.what}: {found[0]}", place)
        return True

    def number(self, key: str) -> float | None:
        """Return a plain number; None where nothing is written."""
        return self._numeric(key, _NUMBER, float, "a number")

    def whole(self, key: str) -> int | None:
        """Return a whole number; None where nothing is written."""
        return self._numeric(key, _WHOLE, int, "a whole number")

    def _numeric[T: (int, float)](
        self, key: str, pattern: re.Pattern[str], convert: Callable[[str], T], kind: str
    ) -> T | None:
        text = self.text(key)
        if not text:
            return None
        if len(text) < 100 and pattern.fullmatch(text) and any(map(str.isdigit, text)):
            return convert(text.replace("_", ""))
        message = f"`{key}:` of {self.what} must be {kind}, not '{text[:40]}'"
        percent = _PERCENT.fullmatch(text)
        if percent and convert is float:
            message += f"; write {float(percent[1]) / 100:g}"
        self.fault(message, self.where(key))
        return None

    def flag(self, key: str) -> bool | None:
        """Return a `true` or `false`; None where neither is written."""
        text = self.text(key).lower()
        if text in ("true", "false"):
            return text == "true"
        if text:
            self.fault(
                f"`{key}:` of {self.what} must be true or false, not '{text[:40]}'",
                self.where(key),
            )
        return None

    def twice(self, key: str) -> tuple[str, ...]:
        """Return the names below a key that were given again to something else."""
        node = self.node(key)
        return node.twice if isinstance(node, Entries) else ()

    def check_entries(self, key: str) -> None:
        """Add a fault where something other than keys and values stands under a key."""
        node = self.node(key)
        if node is not None and not isinstance(node, Entries):
            shape = "a text"
            if isinstance(node, Items):
                shape = "a list; leave out the dashes"
            self.fault(f"`{key}:` must be keys and values, not {shape}", place_of(node))

    def entries(self, key: str) -> Iterator[tuple[Text, Node]]:
        """Yield the entries of a mapping under a key, none where nothing is written."""
        node = self.node(key)
        if isinstance(node, Entries):
            yield from node.values.values()


def read[T](
    text: str,
    parse: Callable[[str], T],
    place: Callable[[int], Place | None],
    what: str,
    faults: Faults,
) -> T | None:
    """Return a parser's reading of a text; its error becomes a fault at the offset it names."""
    try:
        return parse(text)
    except (WordingError, ExpressionError, PriorError) as error:
        offset = error.start if isinstance(error, WordingError) else error.offset
        faults.add(f"{what}: {error.message}", place(offset))
        return None
