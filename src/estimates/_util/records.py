"""Frozen records whose fields say what they are, as plain values and back.

A record is a frozen dataclass.  A field that stands in tables carries a `Column` in its type,
`Annotated[float, Column("share of the variance", error="share_se", form="share")]`: what the
number means, where its Monte Carlo error is, in what unit it is, and how it is written.  Whoever
shows records, in whatever form, asks `columns_of`; nobody reads them by string.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import (
    Annotated,
    Any,
    Literal,
    Self,
    TypeAliasType,
    TypeGuard,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from estimates._util.files import json_text

#: What stands in an annotation: a class, `float | None`, `tuple[Row, ...]`, a name for one.
type TypeForm = type | types.UnionType | types.GenericAlias | TypeAliasType
#: How a column is written: as text, as a number, as per cent, as a probability, with its sign, as
#: somebody wrote it, as the p of a test, as a factor, as
#: standard deviations, as the interval of its row, as a name, a reading or an option in words.
type Form = Literal[
    "", "number", "share", "probability", "signed", "stated", "p", "factor", "sds",
    "interval", "name", "names", "reading", "option", "phrase", "choice", "choices", "weights",
    "under", "edges", "part",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """What a field of a record is.

    Attributes
    ----------
    sense : what it means, in a few words
    label : the head of its column, or the title of its table; the field's name in words, if empty
    unit : the field that names its unit, `answer.unit` where the whole answer does, or the unit
        itself in brackets, `[sd]`
    error : the field with its Monte Carlo error
    form : how it is written
    to : the field with the upper end of the interval of which this is the lower one
    first : its place among the columns that are shown at once; 0 where only the whole table has it,
        below 0 where none has, since another column says it
    lead : its place among the tables of which the first that has rows is shown at once; 0 for none
    key : what it is called in documents, where not as here; `surprise_{}` has every entry of a
        mapping by a `Literal` stand there by itself, and if `error` has braces too, an entry is a
        pair with its error
    optional : whether documents leave it out where it is None
    once : whether tables leave it out of a row where the one above says the same
    """

    sense: str = ""
    label: str = ""
    unit: str = ""
    error: str = ""
    form: Form = ""
    to: str = ""
    first: int = 0
    lead: int = 0
    key: str = ""
    optional: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record class: its name, its name in documents, its type, and what it is.

    Attributes
    ----------
    apart : by the keys of a mapping whose entries stand by themselves, what these are called
    """

    name: str
    key: str
    type: TypeForm
    column: Column
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def entries(self, value: Any) -> Iterator[tuple[str, Any]]:
        """Yield the entries of a value in a document, mostly one."""
        for name, keys in self.apart:
            if name in value:
                yield from zip(keys, value[name] if keys[1:] else (value[name],), strict=True)
        if not self.apart and (value is not None or not self.column.optional):
            yield self.key, value

    def within(self, document: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the field's plain value in a document, if it has one."""
        if self.apart:
            yield {
                name: [document[key] for key in keys] if keys[1:] else document[keys[0]]
                for name, keys in self.apart
                if keys[0] in document
            }
        elif self.key in document:
            yield document[self.key]


_FIELDS: dict[type, tuple[Field, ...]] = {}


def fields_of(record: type) -> tuple[Field, ...]:
    """Return every field of a record class, in order."""
    if record not in _FIELDS:
        _FIELDS[record] = tuple(_fields(record))
    return _FIELDS[record]


def _fields(record: type) -> Iterator[Field]:
    hints = get_type_hints(record, include_extras=True)
    for field in dataclasses.fields(record):
        kind, column = _bare(hints[field.name])
        key = column.key or field.name
        yield Field(field.name, key, kind, column, tuple(_apart(kind, column)))


_COLUMNS: dict[type, tuple[Field, ...]] = {}


def columns_of(record: type) -> tuple[Field, ...]:
    """Return what tables show of a record class: its fields, and properties with a `Column`."""
    if record not in _COLUMNS:
        _COLUMNS[record] = (*fields_of(record), *_properties_of(record))
    return _COLUMNS[record]


def _properties_of(record: type) -> Iterator[Field]:
    for name, member in inspect.getmembers(record, lambda one: isinstance(one, property)):
        # Looked at before it is evaluated: what others return may not be imported.
        if "Column(" in str(inspect.get_annotations(member.fget)):
            (hint,) = get_type_hints(member.fget, include_extras=True).values()
            kind, column = _bare(hint)
            yield Field(name, name, kind, column)


def plain(value: Any) -> Any:
    """Return a record as JSON has it: mappings, lists, and no number that is nan or infinite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int) or value is None:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = ((field, getattr(value, field.name)) for field in fields_of(type(value)))
        return {key: plain(part) for field, one in found for key, part in field.entries(one)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def read[T](record: type[T], document: Mapping[str, Any]) -> T:
    """Return the record with these plain values; raise ValueError where they are not one's."""
    try:
        return _record(record, document)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is no {record.__name__}: {error}") from error


def is_record(kind: TypeForm) -> TypeGuard[type]:
    """Return whether this type is a record."""
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def row_type(kind: TypeForm) -> type | None:
    """Return the class of the rows of a field that holds any number of records; else None."""
    args = get_args(kind)
    if get_origin(kind) in (tuple, Sequence) and args and is_record(args[0]):
        return args[0]
    return None


_NAMES: dict[TypeForm, str] = {
    **{str: "string", float: "number", int: "integer"},
    **{bool: "boolean", type(None): "null"},
}


def schema(kind: TypeForm) -> dict[str, Any]:
    """Return the JSON Schema of the plain values of a type."""
    kind, column = _bare(kind)
    said = {"description": column.sense} if column.sense else {}
    if is_record(kind):
        fields = fields_of(kind)
        return said | {
            "type": "object",
            "properties": {key: one for f in fields for key, one in _properties(f)},
            "required": [f.key for f in fields if not (f.column.optional or f.apart)],
            "additionalProperties": False,
        }
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return said | {"anyOf": [schema(one) for one in args]}
    if origin is Literal:
        return said | {"enum": list(args)}
    if origin in (tuple, list, Sequence):
        if origin is tuple and args[-1:] != (...,):
            return said | {"type": "array", "prefixItems": [schema(a) for a in args]}
        return said | {"type": "array", "items": schema(args[0])}
    if origin in (dict, Mapping):
        return said | {"type": "object", "additionalProperties": schema(args[1])}
    return said | ({"type": _NAMES[kind]} if kind in _NAMES else {})


class Documented:
    """A record that is printed as a document of its own, and read from one."""

    @cached_property
    def document(self) -> dict[str, Any]:
        """What the command prints with `--json`: None, never nan, where a number is undefined."""
        return dict(plain(self))

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Return the answer with this document; raise ValueError where it is none."""
        return read(cls, document)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the document."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema(cls)}

    def to_json(self) -> str:
        """Return the document as text."""
        return json_text(self.document)


def _properties(field: Field) -> Iterator[tuple[str, dict[str, Any]]]:
    said = {"description": field.column.sense} if field.column.sense else {}
    if not field.apart:
        yield field.key, schema(field.type) | said
    for _, keys in field.apart:
        kind, _ = _bare(get_args(field.type)[1])
        yield from zip(keys, map(schema, get_args(kind) if keys[1:] else (kind,)), strict=True)


def _apart(kind: TypeForm, column: Column) -> Iterator[tuple[str, tuple[str, ...]]]:
    patterns = [pattern for pattern in (column.key, column.error) if "{}" in pattern]
    if patterns:
        keys, _ = _bare(get_args(kind)[0])
        for name in get_args(keys):
            yield name, tuple(pattern.format(name) for pattern in patterns)


def _bare(kind: TypeForm) -> tuple[TypeForm, Column]:
    """Return a type without the notes beside it, and the column among these."""
    if isinstance(kind, Annotated.__class__) or get_origin(kind) is Annotated:
        inner, *notes = get_args(kind)
        return inner, next((n for n in notes if isinstance(n, Column)), Column())
    return getattr(kind, "__value__", kind), Column()


type _Reader = Callable[[Any], Any]


@functools.cache
def _reader(kind: TypeForm) -> _Reader:
    """Return a function from plain values to those of a type; it is made once for each type."""
    kind, _ = _bare(kind)
    origin, args = get_origin(kind), get_args(kind)
    if is_record(kind):
        return functools.partial(_record, kind)
    if origin in (Union, types.UnionType):
        kinds = [one for one in args if one is not type(None)]
        if len(kinds) > 1:
            return functools.partial(_one_of, kinds)
        inner = _reader(kinds[0])
        return lambda value: None if value is None else inner(value)
    if origin is tuple and args[-1:] != (...,):
        each = [_reader(one) for one in args]
        return lambda value: tuple(r(v) for r, v in zip(each, value, strict=True))
    if origin in (tuple, Sequence):
        entry = _reader(args[0])
        return lambda value: tuple(map(entry, value))
    if origin in (dict, Mapping):
        entry = _reader(args[1])
        return lambda value: {key: entry(one) for key, one in value.items()}
    if kind is float:
        return lambda value: float(value) if isinstance(value, int) else value
    return lambda value: value


@functools.cache
def _field_readers(record: type) -> tuple[tuple[Field, _Reader], ...]:
    return tuple((field, _reader(field.type)) for field in fields_of(record))


def _record(kind: type, value: Mapping[str, Any]) -> Any:
    given = {
        field.name: reader(one)
        for field, reader in _field_readers(kind)
        for one in field.within(value)
    }
    return kind(**given)


def _one_of(kinds: Sequence[TypeForm], value: Any) -> Any:
    """Return the value as the first of these types that it can have."""
    for kind in kinds if value is not None else ():
        bare, _ = _bare(kind)
        holds = (
            isinstance(value, Mapping)
            if is_record(bare) or get_origin(bare) in (dict, Mapping)
            else not isinstance(value, Mapping)
            and isinstance(value, list | tuple) == (get_origin(bare) in (tuple, Sequence))
        )
        if holds:
            try:
                return _reader(bare)(value)
            except (TypeError, KeyError):
                continue
    return value
