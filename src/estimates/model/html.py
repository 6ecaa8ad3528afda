"""A model as a notebook shows it: what is unknown, what was said, and how it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from estimates._util.html import folded, line, table
from estimates.language.phrases import called, counted, joined, option_words
from estimates.model.claims import BoundClaim
from estimates.model.naming import in_words_of
from estimates.model.spec import Quantity, Reading, Relation

if TYPE_CHECKING:
    from estimates.model.model import Model


def card(model: Model) -> str:
    """Return the HTML of a model, with everything that comes from its files escaped.

    Names stand where one needs them to write on, beside what they are called.
    """
    with in_words_of(model):
        return _card(model)


def _card(model: Model) -> str:
    evidence = [use for use in model.uses if not use.held_out]
    held_out = [use for use in model.uses if use.held_out]
    return "\n".join(
        filter(
            None,
            (
                table((model.title or model.slug or "model",), [(model.question,)])
                if model.question
                else line(model.title or model.slug),
                _unfolded("evidence", _claims(evidence)),
                _unfolded("held out, to compare with", _claims(held_out)),
                _unfolded("readings", _readings(model.readings)),
                folded(counted(len(model.quantities), "quantity"), _quantities(model.quantities)),
                folded(counted(len(model.relations), "relation"), _relations(model.relations)),
                line(f"It asks for {joined(map(called, _targets(model)))}.")
                if model.targets
                else "",
            ),
        )
    )


def _targets(model: Model) -> list[str]:
    """Return what is asked for; of a panel its quantities, not each of their cells."""
    return [grid.name for grid in model.panel.targets] if model.panel else list(model.targets)


def _unfolded(title: str, markup: str) -> str:
    return markup and f"{line(title.capitalize())}{markup}"


def _claims(uses: list[BoundClaim]) -> str:
    return table(
        ("claim", "quote", "said by", "says", "about"),
        [
            (
                use.id,
                f"“{use.claim.quote}”",
                use.claim.speaker,
                str(use.claim.says),
                called(use.topic),
            )
            for use in uses
        ],
    )


def _readings(readings: Mapping[str, Reading]) -> str:
    return table(
        ("reading", "question", "options and their stated weights"),
        [
            (
                reading.name,
                reading.question,
                ", ".join(
                    f"{option_words(name)} {weight:.3g}" for name, weight in reading.weights.items()
                ),
            )
            for reading in readings.values()
        ],
    )


def _quantities(quantities: Mapping[str, Quantity]) -> str:
    return table(
        ("quantity", "what it is", "prior", "unit"),
        [(one.name, one.label, str(one.prior), one.unit) for one in quantities.values()],
    )


def _relations(relations: Mapping[str, Relation]) -> str:
    return table(
        ("relation", "what it is", "follows from", "unit"),
        [
            (
                one.name,
                one.label,
                "; ".join(
                    ("" if option is None else f"{option}: ")
                    + ("nothing" if branch is None else str(branch))
                    for option, branch in one.branches.items()
                ),
                one.unit,
            )
            for one in relations.values()
        ],
    )
