"""What differs between the contents of two models, change by change, and how each is made.

A content is what `Model.to_dict` returns: defaults are left out, so that two ways to say the same
have one content, and neither comments nor the order of entries count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from estimates._util.files import Json
from estimates.analysis.diff.result import How, Kind
from estimates.model.serialize import Plain

type Way = tuple[str, ...]  # the keys under which something stands in a content

#: What is only said, and no number follows from, by where it stands.
_WORDS = ("label", "note", "question", "because", "title")
_WORDS_OF_CLAIM = ("quote", "speaker", "note", "because")
_SECTIONS: tuple[tuple[str, Kind], ...] = (
    ("currencies", "currency"), ("dimensions", "dimension"), ("readings", "reading"),
    ("kinds", "kind"),
)  # fmt: skip
_TOP = ("title", "question", "note", "seed", "format")


@dataclass(frozen=True)
class Edit:
    """A change of a content.

    Attributes
    ----------
    kind, name, how : what is changed
    puts : by where it stands what is put there; None takes it away
    before, after : by a word for each part what stood and stands there
    because : why no answer is moved by it; "" where one may be
    """

    kind: Kind
    name: str
    how: How
    puts: Mapping[Way, Json]
    before: Mapping[str, Json] = field(default_factory=dict)
    after: Mapping[str, Json] = field(default_factory=dict)
    because: str = ""

    def made(self, content: Plain) -> Plain:
        """Return a content with the change made."""
        return with_puts(content, self.puts)


def with_puts(content: Plain, puts: Mapping[Way, Json]) -> Plain:
    """Return a content with values put where they belong; None takes one away."""
    made = deepcopy(content)
    for way, value in puts.items():
        _put(made, way, value)
    return made


def _put(held: Plain, way: Way, value: Json) -> None:
    key, *rest = way
    if rest:
        inner = held.setdefault(key, {})
        _put(inner, tuple(rest), value)
        value = inner or None
    if value is None:
        held.pop(key, None)
    else:
        held[key] = deepcopy(value)


def at(content: Plain, *way: str) -> Json:
    """Return what stands in a content under some keys; None where nothing does."""
    held: Json = content
    for key in way:
        held = held.get(key) if isinstance(held, Mapping) else None
    return held


def entries(content: Plain, *way: str) -> list[str]:
    """Return the names that stand in a content under some keys."""
    found = at(content, *way)
    return list(found) if isinstance(found, Mapping) else []


def targets_of(content: Plain) -> list[str]:
    """Return the targets of a content."""
    return [str(one) for one in _listed(at(content, "targets"))]


def _listed(held: Json) -> Sequence[Json]:
    return held if isinstance(held, list | tuple) else ()


def edits_between(before: Plain, after: Plain) -> list[Edit]:
    """Return the changes from one content to another, in the order of the latter's file."""
    found = [
        *_of_claims(before, after),
        *_of_sources(before, after),
        *(one for section, kind in _SECTIONS for one in _of_section(before, after, section, kind)),
        *_of_quantities(before, after),
        *_of_conventions(before, after),
        *_of_variants(before, after),
        *_of_targets(before, after),
        *_of_heads(before, after),
    ]
    place = {way: number for number, way in enumerate(_ways(after))}
    last = len(place)
    return sorted(found, key=lambda one: min(place.get(way, last) for way in one.puts))


def _ways(content: Plain) -> Iterator[Way]:
    """Yield where entries stand: quantities first, as priors come before what is heard."""
    for section in ("dimensions", "currencies", "quantities", "relations", "readings", "kinds"):
        yield from ((section, name) for name in content.get(section, {}))
    for section in ("claims", "compare"):
        for name in content.get(section, {}):
            yield ("evidence", "claims", name)
            yield (section, name)


def _both(before: Json, after: Json) -> list[str]:
    """Return the names in either of two mappings, those of the second in its order first."""
    names: dict[str, None] = {}
    for held in (after, before):
        names |= dict.fromkeys(held if isinstance(held, Mapping) else ())
    return list(names)


def _how(before: Json, after: Json) -> How:
    return "new" if before is None else "gone" if after is None else "changed"


def _without(value: Json, words: Sequence[str]) -> Json:
    """Return a value without what is only said, at whatever depth."""
    if not isinstance(value, Mapping):
        return value
    return {key: _without(one, words) for key, one in value.items() if key not in words}


def same(one: Json, other: Json) -> bool:
    """Return whether two values are the same, whatever the order of their keys."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# Claims and sources ----------------------------------------------------------------------------


def _of_claims(before: Plain, after: Plain) -> Iterator[Edit]:
    dated = "dimensions" in before or "dimensions" in after
    words = _WORDS_OF_CLAIM if dated else (*_WORDS_OF_CLAIM, "when")
    named = _named(before) | _named(after)
    claims = [at(one, "evidence", "claims") for one in (before, after)]
    compared = _both(at(before, "compare"), at(after, "compare"))
    for name in dict.fromkeys([*_both(*claims), *compared]):
        ways: tuple[Way, ...] = (("evidence", "claims", name), ("claims", name), ("compare", name))
        was, now = ({way: at(one, *way) for way in ways} for one in (before, after))
        different = {way: now[way] for way in ways if not same(was[way], now[way])}
        if not different:
            continue
        held_out = all(one["claims", name] is None for one in (was, now))
        cited = held_out and any(one["compare", name] is not None for one in (was, now))
        because = ""
        if held_out and name not in named:
            because = "held out of the answer" if cited else "no part of the model"
        elif all(same(_without(was[way], words), _without(now[way], words)) for way in ways):
            because = "words alone"
        yield Edit(
            "cited figure" if cited else "claim",
            name,
            _how(*(held[ways[0]] or held[ways[2]] for held in (was, now))),
            different,
            _parts(was),
            _parts(now),
            because,
        )


def _parts(held: Mapping[Way, Json]) -> dict[str, Json]:
    """Return what is said of a claim, its own keys beside how the model uses it."""
    parts: dict[str, Json] = {}
    for way, value in held.items():
        if isinstance(value, Mapping):
            parts |= {str(key): one for key, one in value.items()}
        if value is not None and way[0] != "evidence":
            parts |= {"about": value} if isinstance(value, str) else {}
            parts["use"] = "held out" if way[0] == "compare" else "evidence"
    return parts


def _named(content: Plain) -> set[str]:
    """Return the claims whose figures others speak of."""
    found: set[str] = set()
    for name in entries(content, "evidence", "claims"):
        for key in ("disputes", "derived", "copy_of"):
            said = at(content, "evidence", "claims", name, key)
            found |= {said} if isinstance(said, str) else {*map(str, _listed(said))}
    return found


def _of_sources(before: Plain, after: Plain) -> Iterator[Edit]:
    sources = [at(one, "evidence", "sources") for one in (before, after)]
    for name in _both(*sources):
        way = ("evidence", "sources", name)
        was, now = at(before, *way), at(after, *way)
        if not same(was, now):
            parts = [_as_parts(one) for one in (was, now)]
            how, because = _how(was, now), "words alone"
            yield Edit("source", name, how, {way: now}, parts[0], parts[1], because)


# The model -------------------------------------------------------------------------------------


def _of_section(before: Plain, after: Plain, section: str, kind: Kind) -> Iterator[Edit]:
    for name in _both(before.get(section), after.get(section)):
        yield from _edit(kind, name, {(section, name)}, before, after)


def _of_quantities(before: Plain, after: Plain) -> Iterator[Edit]:
    names = dict.fromkeys(
        name
        for section in ("quantities", "relations")
        for name in _both(before.get(section), after.get(section))
    )
    for name in names:
        ways: set[Way] = {("quantities", name), ("relations", name)}
        for one in _edit("quantity", name, ways, before, after):
            yield Edit(
                _kind_of(one), one.name, one.how, one.puts, one.before, one.after, one.because
            )


def _kind_of(edit: Edit) -> Kind:
    """Return what is changed of a quantity or a relation."""
    if all(way[0] == "relations" for way in edit.puts):
        return "relation"
    different = {
        key
        for key in edit.before.keys() | edit.after.keys()
        if not same(edit.before.get(key), edit.after.get(key))
    }
    if edit.how == "changed" and different <= {"unit"}:
        return "unit"
    return "prior" if edit.how == "changed" and different <= {"prior", "support"} else "quantity"


def _edit(kind: Kind, name: str, ways: set[Way], before: Plain, after: Plain) -> Iterator[Edit]:
    was, now = ({way: at(one, *way) for way in ways} for one in (before, after))
    different = {way: now[way] for way in sorted(ways) if not same(was[way], now[way])}
    if not different:
        return
    held = [next((one for one in side.values() if one is not None), None) for side in (was, now)]
    quiet = all(same(_without(was[way], _WORDS), _without(now[way], _WORDS)) for way in ways)
    parts = [_as_parts(one) for one in held]
    because = "words alone" if quiet else ""
    yield Edit(kind, name, _how(held[0], held[1]), different, parts[0], parts[1], because)


def _as_parts(held: Json) -> Mapping[str, Json]:
    if isinstance(held, Mapping):
        return held
    return {} if held is None else {"": held}


def _of_conventions(before: Plain, after: Plain) -> Iterator[Edit]:
    was, now = (dict(_leaves(at(one, "conventions") or {})) for one in (before, after))
    for way in _both({".".join(one): 1 for one in was}, {".".join(one): 1 for one in now}):
        key = tuple(way.split("."))
        if not same(was.get(key), now.get(key)):
            yield Edit(
                "convention", way, _how(was.get(key), now.get(key)),
                {("conventions", *key): now.get(key)}, {"": was.get(key)}, {"": now.get(key)},
            )  # fmt: skip


def _leaves(held: Json, way: Way = ()) -> Iterator[tuple[Way, Json]]:
    if isinstance(held, Mapping):
        for key, one in held.items():
            yield from _leaves(one, (*way, str(key)))
    else:
        yield way, held


def _of_variants(before: Plain, after: Plain) -> Iterator[Edit]:
    for name in _both(at(before, "variants"), at(after, "variants")):
        way = ("variants", name)
        was, now = at(before, *way), at(after, *way)
        if not same(was, now):
            because = "what `multiverse` asks, and no part of the answer"
            yield Edit("variant", name, _how(was, now), {way: now}, because=because)


def _of_targets(before: Plain, after: Plain) -> Iterator[Edit]:
    was, now = targets_of(before), targets_of(after)
    for name in dict.fromkeys([*now, *was]):
        if (name in was) != (name in now):
            yield Edit(
                "target", str(name), "new" if name in now else "gone", {("targets",): now},
                because="what is asked for, and no part of the answer",
            )  # fmt: skip
    if was[:1] != now[:1] and {*was[:1], *now[:1]} <= {*was} & {*now}:
        yield Edit(
            "target", str(now[0]), "changed", {("targets",): now}, {"headline": was[0]},
            {"headline": now[0]}, "what is asked for, and no part of the answer",
        )  # fmt: skip


def _of_heads(before: Plain, after: Plain) -> Iterator[Edit]:
    for name in _TOP:
        was, now = before.get(name), after.get(name)
        if not same(was, now):
            because = "words alone" if name in _WORDS else "no part of the answer"
            yield Edit("words", name, _how(was, now), {(name,): now}, {"": was}, {"": now}, because)
