"""What the names of a model are called: the labels that stand wherever it is spoken of."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, TypedDict

from estimates.language.phrases import labelling
from estimates.model.spec import labels_of

if TYPE_CHECKING:
    from estimates.model.model import Model


class Labels(TypedDict):
    """The labels of a model, as its results carry them; None where it has none of the kind."""

    option_labels: dict[str, str] | None
    name_labels: dict[str, str] | None
    questions: dict[str, str] | None


#: The labels of each kind, in the order in which `labelling` takes them.
LABELS: tuple[Literal["option_labels"], Literal["name_labels"], Literal["questions"]] = (
    "option_labels",
    "name_labels",
    "questions",
)


def labels_in(model: Model) -> Labels:
    """Return what a model's options, names and readings are called."""
    return Labels(
        option_labels=labels_of(model.readings.values()) or None,
        name_labels=_names(model) or None,
        questions=_questions(model) or None,
    )


def in_words_of(model: Model) -> AbstractContextManager[None]:
    """Return a context in which a model's names are called by their labels."""
    return labelling(labels_of(model.readings.values()), _names(model), _questions(model))


def _questions(model: Model) -> dict[str, str]:
    return {name: one.question for name, one in model.parts.readings.items() if one.question}


def _names(model: Model) -> dict[str, str]:
    """Return labels by name; cells have none of their own, and are told by what they are of."""
    parts, found = model.parts, dict[str, str]()
    for one in model.panel.dimensions.whole.values():
        found |= one.named
    for group in parts.kinds.values():
        for name, kind in group.kinds.items():
            found |= {name: kind.label, f"{group.name}.{name}": kind.label} if kind.label else {}
    linked = (one for one in model.quantities.values() if one.name not in model.panel.home)
    found |= {one.name: one.label for one in linked if one.label}
    found |= {one.name: one.label for one in parts.panels.values() if one.label}
    found |= {one.name: one.label for one in parts.quantities.values() if one.label}
    return found | {one.name: one.label for one in parts.relations.values() if one.label}
