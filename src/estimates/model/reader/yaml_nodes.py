"""A YAML text as a tree of plain nodes, each of which knows its line and column.

Built from the parser's events, so that nothing is ever executed, guessed or expanded: every
scalar stays text, and aliases, tags and deep nesting are refused. JSON and plain Python values
become the same nodes, without places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from estimates.errors import Faults, Place, shown, unshowable
from estimates.model.ledger import Spot
from estimates.model.reader.yaml_errors import in_words

_DEEPEST = 20
_EMPTY = frozenset(("", "~", "null"))
_SCALAR, _ENDED = yaml.ScalarEvent, yaml.MappingEndEvent
_MOST_SECTIONS = 1_000  # keys of a file, of which a dozen are known
_MOST_ENTRIES = 200_000
_MOST_PIECES = 1_000  # into which commas cut a text that was meant as one

_THREE_DIGITS = re.compile(r"\d{3}(?!\d)")
# What YAML allows in a text; anything else is a slip of an editor or a binary file.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Text(NamedTuple):
    """A scalar; `plain` if written without quotes, so that an empty one means nothing at all."""

    value: str
    spot: Spot | None = None
    plain: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing was written, or a null."""
        return self.value in _EMPTY and self.plain


class Items(NamedTuple):
    """A list."""

    values: tuple[Node, ...]
    spot: Spot | None = None


class Entries(NamedTuple):
    """A mapping; keys are unique.

    `flow` if written in braces; `twice` are the keys that were given again with something else
    below them, once for each time, which is then left out.
    """

    values: Mapping[str, tuple[Text, Node]]
    spot: Spot | None = None
    flow: bool = False
    twice: tuple[str, ...] = ()


type Node = Text | Items | Entries


def place_of(node: Node | None) -> Place | None:
    """Return where a node begins, if it was read from a file."""
    return node.spot.place() if node is not None and node.spot is not None else None


class _Unreadable(Exception):
    """Raised where the text cannot be read any further; its fault has been noted."""


def parse_yaml(text: str, file: str, faults: Faults) -> Node | None:
    """Return the tree of a YAML text, or None with a fault for what cannot be read."""
    bad = _UNREADABLE.search(text)
    if bad:
        line, column = _position(text, bad.start())
        faults.add(
            f"the character U+{ord(bad[0]):04X} cannot be in a text file; is this a YAML file?",
            Place(file, line, column),
        )
        return None
    try:
        return _Builder(text, file, faults).document()
    except _Unreadable:
        return None
    except yaml.MarkedYAMLError as error:
        faults.add(*in_words(error, text, file))
        return None
    except yaml.YAMLError as error:
        faults.add(f"not YAML: {' '.join(str(error).split())}", Place(file))
        return None


def _position(text: str, index: int) -> tuple[int, int]:
    """Return line and column of a character, from 1."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


class _Builder:
    """Makes nodes of the events of one document."""

    def __init__(self, text: str, file: str, faults: Faults) -> None:
        self._text = text
        self._file = file
        self._faults = faults
        # What cannot be shown can stand in a text only by an escape, but for marks of direction.
        self._suspect = "\\" in text or unshowable(text) is not None
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        self._next: Callable[[], Any] = loader.get_event

    def document(self) -> Node | None:
        """Return the only document of the text."""
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._faults.add("the file is empty", Place(self._file))
            return None
        node = self._node(self._next(), 0)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            message = "a second document starts here; keep one to a file"
            self._faults.add(message, self._spot(after).place())
        return node

    def _spot(self, event: Any) -> Spot:
        mark = event.start_mark
        return Spot(self._file, mark.line + 1, mark.column + 1)

    def _stop(self, message: str, event: Any) -> _Unreadable:
        self._faults.add(message, self._spot(event).place())
        return _Unreadable()

    def _node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        if kind is _SCALAR and event.tag is event.anchor is None and depth <= _DEEPEST:
            return self._scalar(event)  # nearly all of a large file
        if kind is yaml.AliasEvent:
            raise self._stop(
                f"aliases such as *{event.anchor} are not read; write it out, "
                "or put a text that begins with * in quotes",
                event,
            )
        if event.anchor is not None:
            raise self._stop(
                f"anchors such as &{event.anchor} are not read; "
                "put a text that begins with & in quotes",
                event,
            )
        if event.tag is not None:
            raise self._stop(
                f"tags such as {event.tag} are not read; put a text that begins with ! in quotes",
                event,
            )
        if depth > _DEEPEST:
            raise self._stop(f"nested more than {_DEEPEST} deep", event)
        if kind is yaml.SequenceStartEvent:
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _too_many(self, most: int, depth: int, event: Any) -> _Unreadable:
        if depth:
            return self._stop(f"more than {most:,} entries below one key are too many", event)
        return self._stop(
            f"more than {most:,} keys at the left edge, where a model and its ledger have a dozen; "
            "is this the right file?",
            event,
        )

    def _scalar(self, event: Any) -> Text:
        value = event.value
        if self._suspect:
            value = self._showable(event)
        value = value.strip()
        mark = event.start_mark
        style, skipped = event.style, 0
        if style:  # past the quotation mark, and blanks within the quotation marks
            skipped = (style in ("'", '"')) + event.value.find(value)
        exact = self._text.startswith(value, mark.index + skipped)
        column = mark.column + 1 + (skipped if exact else 0)
        return Text(value, Spot(self._file, mark.line + 1, column, exact), not style)

    def _showable(self, event: Any) -> str:
        """Return the text of a scalar, with a fault for a character that has no place in it."""
        text: str = event.value.replace("\r\n", "\n")
        found = unshowable(text)
        if found is None:
            return text
        self._faults.add(_no_place_for(found[0]), self._spot(event).place())
        return shown(text)

    def _sequence(self, start: Any, depth: int) -> Items:
        values = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            values.append(self._node(event, depth + 1))
            if len(values) > _MOST_ENTRIES:
                raise self._too_many(_MOST_ENTRIES, depth, event)
        return Items(tuple(values), self._spot(start))

    def _mapping(self, start: Any, depth: int) -> Entries:
        values: dict[str, tuple[Text, Node]] = {}
        twice: list[str] = []
        last, begun, ended = "", 0, 0  # the entry before, and where its value stands in the text
        count, pieces = 0, 1
        flow, most = bool(start.flow_style), _MOST_ENTRIES if depth else _MOST_SECTIONS
        get, node, below = self._next, self._node, depth + 1
        while type(event := get()) is not _ENDED:
            count += 1
            if count > most:
                raise self._too_many(most, depth, event)
            key, key_event = node(event, below), event
            if type(key) is not Text:
                raise self._stop("a key must be a text", event)
            name = key.value
            if "\n" in name or "\t" in name:
                raise self._stop("a key goes on one line, without tabs", event)
            event = get()
            value = node(event, below)
            if last and isinstance(value, Text) and value.empty:
                before = values[last][1]
                gap = self._text[ended : key_event.start_mark.index]
                if isinstance(before, Text) and _was_split(before, gap, key):
                    ended = key_event.end_mark.index
                    pieces += 1
                    if pieces > _MOST_PIECES:
                        raise self._stop("put a text with that many commas in quotes", key_event)
                    whole = before._replace(value=self._text[begun:ended])
                    values[last] = (values[last][0], whole)
                    continue
            if name in values:
                kept, first = values[name]
                line = f", first on line {kept.spot.line}" if kept.spot else ""
                other = not _same(first, value)
                both = not depth and isinstance(first, Entries) and isinstance(value, Entries)
                remedy = "put all of it under one" if both else "keep one"
                if depth == 1 and other:
                    remedy = "give one of them another name, or keep one"
                self._faults.add(f"'{name}' is given twice{line}; {remedy}", place_of(key))
                if both and isinstance(first, Entries) and isinstance(value, Entries):
                    values[name] = (kept, _joined(first, value))
                elif other:
                    twice.append(name)
                continue
            values[name] = (key, value)
            if flow:
                last, begun, ended = name, event.start_mark.index, event.end_mark.index
                pieces = 1
        return Entries(values, self._spot(start), flow, tuple(twice))


def _same(a: Node, b: Node) -> bool:
    """Return whether two nodes say the same, wherever they stand."""
    match a, b:
        case Text(), Text():
            return a.value == b.value
        case Items(), Items():
            return len(a.values) == len(b.values) and all(map(_same, a.values, b.values))
        case Entries(), Entries():
            return a.values.keys() == b.values.keys() and all(
                _same(value, b.values[name][1]) for name, (_, value) in a.values.items()
            )
        case _:
            return False


def _joined(first: Entries, second: Entries) -> Entries:
    """Return a section that is written in two pieces as one, with nothing missing."""
    both = [name for name in second.values if name in first.values]
    other = [name for name in both if not _same(first.values[name][1], second.values[name][1])]
    return first._replace(
        values={**second.values, **first.values}, twice=(*first.twice, *second.twice, *other)
    )


def _was_split(before: Text, gap: str, key: Text) -> bool:
    """Return whether YAML split a value at a comma that was meant as part of it.

    Inside braces a comma ends a value, so that `{prior: 68 to 1,113}` is read as `68 to 1` and a
    key `113` without a value, and `{prior: Normal(mu=0, sigma=1)}` is cut in the parentheses.
    """
    if not (before.plain and key.plain) or "\n" in gap:
        return False
    thousands = gap == "," and before.value[-1:].isdigit() and _THREE_DIGITS.match(key.value)
    return bool(thousands) or before.value.count("(") > before.value.count(")")


def _no_place_for(sign: str) -> str:
    name = unicodedata.name(sign, "a control character" if ord(sign) < 0xA0 else "no character")
    return (
        f"the character U+{ord(sign):04X} ({name.lower()}) has no place in a text; leave it out, "
        "since it can change what is shown"
    )


def nodes_of(value: Any, depth: int = 0) -> Node:
    """Return plain Python values (of JSON, say) as nodes without places; raise `ValueError`."""
    if depth > _DEEPEST:
        raise ValueError(f"nested more than {_DEEPEST} deep")
    match value:
        case str():
            return Text(_of_json(value).strip(), plain=False)
        case None:
            return Text("")
        case bool():
            return Text(str(value).lower())
        case int() | float():
            return Text(repr(value))
        case Mapping():
            entries = {
                str(key): (Text(_of_json(str(key))), nodes_of(one, depth + 1))
                for key, one in value.items()
            }
            return Entries(entries)
        case Sequence():
            return Items(tuple(nodes_of(one, depth + 1) for one in value))
        case _:
            raise ValueError(f"{type(value).__name__} cannot stand in a model")


def _of_json(text: str) -> str:
    found = unshowable(text)
    if found is not None:
        raise ValueError(_no_place_for(found[0]))
    return text
