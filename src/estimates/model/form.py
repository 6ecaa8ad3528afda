"""What a mapping of the two files may hold, declared once.

A `Form` says of each key what it is and what its value looks like. From it come how a mapping is
read, with the errors for what is not in it (`model/reader/fields.py`), how a thing is written
(`Form.plain`), and the JSON Schema by which editors check and complete (`schema_document`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

#: A JSON Schema, or a part of one.
type Schema = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Kind:
    """What can stand under a key.

    Attributes
    ----------
    schema : its JSON Schema
    read : `str`, `float`, `int` or `bool`, or the parser of a text; None where the value has parts,
        each of which is read by itself
    write : the plain value that is read back as this one; None leaves the key out
    forms : of a value that is a mapping with keys of its own
    """

    schema: Schema
    read: Callable[[str], object] | None = None
    write: Callable[[Any], Any] | None = None
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True)
class Key:
    """A key of a mapping: a line of help, and what stands under it."""

    name: str
    help: str
    kind: Kind
    required: bool = False
    examples: tuple[str | int | list[str], ...] = ()

    @property
    def schema(self) -> Schema:
        """The JSON Schema of the key's value, with its help."""
        examples = {"examples": list(self.examples)} if self.examples else {}
        return {"description": self.help, **self.kind.schema, **examples}


@dataclass(frozen=True, eq=False)
class Form:
    """A mapping of one of the files.

    Attributes
    ----------
    name : under which the schema defines it
    help : what it is
    keys : those that it knows
    others : what stands under keys that it does not know, where it takes such
    short : the key that is meant where a text stands in place of the mapping
    more : conditions of the schema beside those of the keys
    advice : where a key belongs that newcomers write here
    """

    name: str
    help: str
    keys: tuple[Key, ...] = ()
    others: Kind | None = None
    short: str = ""
    more: Schema = field(default_factory=dict)
    advice: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def known(self) -> tuple[str, ...]:
        """The names of its keys."""
        return tuple(key.name for key in self.keys)

    @property
    def schema(self) -> Schema:
        """Its JSON Schema."""
        required = [key.name for key in self.keys if key.required]
        return {
            "description": self.help,
            "type": "object",
            "properties": {key.name: key.schema for key in self.keys},
            **({"required": required} if required else {}),
            "additionalProperties": self.others.schema if self.others else False,
            **self.more,
        }

    @property
    def kind(self) -> Kind:
        """The mapping, or its short form, as a kind of value."""
        whole: Schema = {"$ref": f"#/$defs/{self.name}"}
        if self.short:
            (brief,) = (key for key in self.keys if key.name == self.short)
            whole = {"anyOf": [_no_mapping(brief.schema), whole]}
        return Kind(whole, forms=(self,))

    def but(self, *keys: Key, **changes: Any) -> Form:
        """Return the form with keys added, or put in the place of those of the same names."""
        own = {key.name: key for key in self.keys} | {key.name: key for key in keys}
        return replace(self, keys=tuple(own.values()), **changes)

    def without(self, *names: str) -> Form:
        """Return the form without some keys."""
        return replace(self, keys=tuple(key for key in self.keys if key.name not in names))

    def plain(self, thing: Any) -> dict[str, Any]:
        """Return the keys of a thing that the form can write, without those at their defaults."""
        written = dict(self._written(thing))
        return {key: value for key, value in written.items() if value not in (None, "", {}, [])}

    def _written(self, thing: Any) -> Iterator[tuple[str, object]]:
        defaults = {one.name: one for one in fields(thing)}
        for key in self.keys:
            own = defaults.get(key.name)
            if own is None or key.kind.write is None:
                continue
            value = getattr(thing, key.name)
            if value is not None and (own.default is MISSING or value != own.default):
                yield key.name, key.kind.write(value)


def _no_mapping(schema: Schema) -> Schema:
    """Return a schema without its mappings: where these may stand, the keys are another's."""
    if "anyOf" not in schema:
        return schema
    kept = [one for one in schema["anyOf"] if one.get("type") != "object"]
    return {**schema, "anyOf": kept}


#: A mapping in which any name may stand.
OPEN = Form("", "", others=Kind({}))

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_document(title: str, top: Form, defined: Mapping[str, Schema] | None = None) -> Schema:
    """Return the JSON Schema of a file, with the forms that it refers to.

    Parameters
    ----------
    defined : what else the forms refer to, by name
    """
    found: dict[str, Schema] = dict(defined or {})
    waiting = list(_within(top))
    while waiting:
        form = waiting.pop(0)
        if form.name and form.name not in found:
            found[form.name] = form.schema
            waiting += _within(form)
    return {
        "$schema": _DIALECT,
        "$comment": "Published with estimates; made of the forms by which the program reads.",
        "title": title,
        **top.schema,
        "$defs": found,
    }


def _within(form: Form) -> Iterator[Form]:
    kinds = [key.kind for key in form.keys] + ([form.others] if form.others else [])
    for kind in kinds:
        yield from kind.forms


# Kinds of value -------------------------------------------------------------------------------

_PLAIN: Schema = {"type": ["string", "number"]}

TEXT = Kind({"type": ["string", "number", "null"]}, str, str)
#: A text that cannot be left empty.
WORDS = Kind(_PLAIN, str, str)
FLAG = Kind({"type": "boolean"}, bool, bool)
#: A key that has no place here, though it has elsewhere.
NEVER = Kind({"not": {}})


def parsed(parse: Callable[[str], object], schema: Schema = _PLAIN) -> Kind:
    """Make the kind of a text with a grammar of its own."""
    return Kind(schema, parse, str)


def choice(*options: str) -> Kind:
    """Make the kind of one of some words."""
    return Kind({"enum": list(options)}, str, str)


def number(**limits: float) -> Kind:
    """Make the kind of a number within limits, named as in the schema; above 0 by default."""
    limits = {"exclusiveMinimum": 0, **limits}
    return Kind({"type": "number", **limits}, float, float)


def mapping(of: Kind, *, write: Callable[[Any], Any] | None = None, **conditions: Any) -> Kind:
    """Make the kind of a mapping from names to values of one kind."""
    schema = {"type": "object", **conditions, "additionalProperties": of.schema}
    return Kind(schema, write=write, forms=of.forms)


def either(*kinds: Kind, write: Callable[[Any], Any] | None = None) -> Kind:
    """Make the kind of a value of one of some kinds."""
    forms = tuple(form for kind in kinds for form in kind.forms)
    return Kind({"anyOf": [kind.schema for kind in kinds]}, write=write, forms=forms)


def items(of: Kind, **conditions: Any) -> Kind:
    """Make the kind of a list."""
    return Kind({"type": "array", "items": of.schema, **conditions})


#: A name, or a list of names.
NAMES = either(WORDS, items(WORDS), write=list)

#: Keys that many mappings have.
LABEL = Key("label", "A name for tables and figures.", TEXT)
NOTE = Key("note", "Anything else.", TEXT)
#: A section may be left empty.
SECTION: dict[str, Any] = {"type": ["object", "null"]}
