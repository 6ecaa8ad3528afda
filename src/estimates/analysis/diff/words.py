"""Changes in words: what is now, and what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from estimates._util.files import Json
from estimates.analysis.diff.edits import Edit, same
from estimates.analysis.diff.renames import Rename
from estimates.analysis.diff.result import ChangeRow
from estimates.language.labels import the
from estimates.language.phrases import called, counted, joined, option_words, question_of, spoken

_LONGEST = 60
_SOME = 2  # parts of a thing that are told
_LABELLED = ("quantity", "prior", "unit", "relation", "target", "kind", "dimension")
_OF_RELATION = ("is", "unit", "by", "support", "over", "first", "label", "note")
_REASONED = "is argued otherwise"  # said only where nothing else changed
_FORMULAS = ("is", "about")  # parts that name quantities


def row_of(edit: Edit, step: int | None) -> ChangeRow:
    """Return a change as a row."""
    return ChangeRow(
        step=step,
        kind=edit.kind,
        name=edit.name,
        how=edit.how,
        text=text_of(edit),
        before=_written(edit.before, edit),
        after=_written(edit.after, edit),
        because=edit.because,
    )


def row_of_rename(one: Rename) -> ChangeRow:
    """Return a new name as a row."""
    return ChangeRow(
        kind=one.kind,
        name=one.after,
        how="renamed",
        text=f"{one.kind} {one.before} is called {one.after}",
        before=one.before,
        after=one.after,
        because="a name alone",
    )


def text_of_step(edits: Sequence[Edit]) -> str:
    """Return what a step is, in words."""
    texts = [text_of(edit) for edit in edits]
    if len(texts) <= _SOME:
        return joined(texts)
    return f"{texts[0]}, with {counted(len(texts) - 1, 'other change')} that need each other"


def text_of(edit: Edit) -> str:
    """Return a change in words: `claim wages says around 160 USD, not around 150 USD`."""
    what = _thing(edit)
    if edit.kind in ("words", "target"):
        return _of_head(edit)
    if edit.kind in ("prior", "unit"):
        return f"{what} is {_part(edit.after, edit.kind)}, not {_part(edit.before, edit.kind)}"
    if edit.how != "changed":
        said = _brief(edit.after if edit.how == "new" else edit.before)
        return f"{what} is {edit.how}" + (f": {said}" if said else "")
    keys = [
        key
        for key in dict.fromkeys([*edit.after, *edit.before])
        if not same(edit.before.get(key), edit.after.get(key))
    ]
    if "use" in keys and not edit.before.keys() & edit.after.keys() >= {"use"}:
        keys = [key for key in keys if key not in ("about", "scale", "tails", "pool")]
    tell = {"relation": _of_formula, "reading": _of_reading}.get(edit.kind, _of_part)
    told = [tell(key, edit.before.get(key), edit.after.get(key)) for key in keys]
    parts = [one for one in dict.fromkeys(told) if one != _REASONED] or told[:1]
    more = len(parts) - _SOME
    shown = [*parts[:_SOME], *([f"{more} more"] if more > 0 else [])]
    return f"{what} {joined(shown)}" if shown else f"{what} is otherwise"


def _thing(edit: Edit) -> str:
    """Return what is changed by its label, else by its kind and name."""
    if edit.kind == "reading":
        question = question_of(edit.name)
        return (
            f"reading {edit.name}"
            if question == spoken(edit.name)
            else f"the reading of “{question}”"
        )
    label = called(edit.name)
    known = edit.kind in _LABELLED and label != spoken(edit.name)
    if edit.kind in ("prior", "unit"):
        return f"the {edit.kind} of {the(label)}" if known else f"{edit.kind} of {edit.name}"
    return the(label) if known else f"{edit.kind} {edit.name}"


def _of_head(edit: Edit) -> str:
    if edit.kind == "target":
        if edit.how == "changed":
            return f"the headline is {called(edit.name)}, not {called(_only(edit.before))}"
        return f"target {called(edit.name)} is {edit.how}"
    if edit.name in ("seed", "format"):
        return f"{edit.name} is {_only(edit.after)}, not {_only(edit.before)}"
    return f"the {edit.name} is worded otherwise"


def _only(parts: Mapping[str, Json]) -> str:
    """Return the one thing that is said; what is not said is not."""
    (said,) = parts.values()
    return _said(said) if said is not None else "not said"


def _of_formula(key: str, before: Json, after: Json) -> str:
    """Return one part of a relation: what it is, or what it is under an option of a reading."""
    if key in _OF_RELATION or before is None or after is None:
        return _of_part(key, before, after)
    now, was = called(_said(after)), called(_said(before))
    return f"is {now} under “{option_words(key)}”, not {was}"


def _of_reading(key: str, before: Json, after: Json) -> str:
    """Return one part of a reading: the weight of an option, or what the claims may do."""
    if key == "update":
        return "is held at its stated weights" if after is False else "is weighed by the claims now"
    if key in ("label", "note", "question", "because"):
        return _REASONED
    option = option_words(key)
    if before is None or after is None:
        return f"has “{option}” {'too' if before is None else 'no more'}"
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return f"gives “{option}” a weight of {_said(after)}, not {_said(before)}"
    now, was = _weight(after), _weight(before)
    if same(was, now):
        return _REASONED
    return f"gives “{option}” a weight of {_said(now)}, not {_said(was)}"


def _weight(option: Mapping[str, Json]) -> Json:
    match option:
        case {"weight": stated}:
            return stated
    return 1


def _of_part(key: str, before: Json, after: Json) -> str:
    """Return one part of a thing, as it is and as it was."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        inner = [
            _of_part(f"{key} {_inside(one)}", before.get(one), after.get(one))
            for one in dict.fromkeys([*after, *before])
            if not same(before.get(one), after.get(one))
        ]
        return joined(inner[:_SOME])
    if key == "use":
        return _of_use(before, after)
    now, was = _said(after), _said(before)
    if key in _FORMULAS:
        now, was = called(now), called(was)
    if key == "says" and before is not None and after is not None:
        return f"says {now}, not {was}"
    if not key or key in ("is", "about"):
        verb = "is about" if key == "about" else "is"
        return f"{verb} {now}, not {was}" if before is not None else f"{verb} {now}"
    if before is None:
        return f"has {key} {now}"
    return f"has {key} {now}, not {was}" if after is not None else f"has {key} {was} no more"


def _inside(name: str) -> str:
    """Return an option, or a label of a dimension, in words."""
    option = option_words(name)
    return called(name) if option == spoken(name) else option


def _of_use(before: Json, after: Json) -> str:
    if after is None:
        return "is used no more"
    return "is held out now" if after == "held out" else "counts as evidence now"


def _brief(parts: Mapping[str, Json]) -> str:
    """Return what a thing is above all: what is said, its prior, what it is equal to."""
    for key in ("says", "prior", "value", "is", "", "headline", "because"):
        if parts.get(key):
            return _said(parts[key])
    return ""


def _part(parts: Mapping[str, Json], key: str) -> str:
    return _said(parts.get(key, "as by default"))


def _said(value: Json) -> str:
    """Return a value as somebody would write it, cut where it is long."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{key}: {_said(one)}" for key, one in value.items())
    elif isinstance(value, list | tuple):
        text = ", ".join(map(_said, value))
    else:
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _written(parts: Mapping[str, Json], edit: Edit) -> str:
    """Return the parts that differ, as they were written."""
    different = [
        f"{key}: {_said(parts[key])}" if key else _said(parts[key])
        for key in parts
        if parts[key] is not None and not same(edit.before.get(key), edit.after.get(key))
    ]
    return "; ".join(different)
