"""Models of one structure: their data by name, without the PyMC model, are those that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pymc as pm
import pytest
from numpy.typing import NDArray
from tests.products import mostly_long

from estimates.inference.observed import Observations, observe
from estimates.inference.posing import numbers_of
from estimates.inference.program import plan
from estimates.inference.pymc_model import build
from estimates.inference.signature import structure
from estimates.inference.steps import Derived, Fixed, Latents, Pinned, Step
from estimates.language.expression import Constant, Expression, Name, Scale
from estimates.model import Model, Relation
from estimates.model.io import load
from estimates.model.likelihood import Term

from .models import random_model

CORPUS = Path(__file__).parents[1] / "corpus" / "models"
ODD = sorted(path.name for path in CORPUS.iterdir())
SEEDS = [f"seed {number}" for number in range(20)]
QUICK = SEEDS[:4]


def data_in(model: pm.Model) -> dict[str, NDArray[np.generic]]:
    return {shared.name: shared.get_value() for shared in model.data_vars}


def otherwise(column: Sequence[Expression]) -> tuple[Expression, ...]:
    """Other numbers, where they are data: a little larger each, and no two made equal."""
    if not all(isinstance(one, Constant) for one in column):
        return tuple(column)
    return tuple(Constant(1.01 * one.value) for one in column if isinstance(one, Constant))


def other_step(step: Step) -> Step:
    """A step of the same structure with other numbers."""
    match step:
        case Fixed():
            return replace(step, values=tuple(1.01 * value for value in step.values))
        case Pinned():
            return replace(step, prior=other_latents(step.prior))
        case Latents():
            return other_latents(step)
    return step


def other_latents(group: Latents) -> Latents:
    arguments = {
        key: otherwise(column) if len(set(column)) > 1 else column
        for key, column in group.arguments.items()
    }
    ends = otherwise(group.location), otherwise(group.scale)
    return replace(group, arguments=arguments, location=ends[0], scale=ends[1])


def other_term(term: Term) -> Term:
    """A term with other numbers, whole ones left as they are."""
    changed = {
        one.name: 1.01 * value
        for one in fields(term)
        if isinstance(value := getattr(term, one.name), float) and (one.name, value) != ("truth", 1)
    }
    return replace(term, **changed)


def other_claims(observations: Observations) -> Observations:
    vectors = [
        replace(vector, terms=tuple(map(other_term, vector.terms)))
        for vector in observations.vectors
    ]
    return replace(observations, vectors=tuple(vectors))


def model_of(name: str, folder: Path) -> Model:
    if name in SEEDS:
        return random_model(folder, SEEDS.index(name))
    return load(CORPUS / name / "model.yaml")


@pytest.mark.parametrize("name", mostly_long([*SEEDS, *ODD], QUICK))
def test_the_data_of_a_sibling(name: str, tmp_path: Path) -> None:
    model = model_of(name, tmp_path)
    steps, said = plan(model), observe(model)
    others, otherwise_said = tuple(map(other_step, steps)), other_claims(said)
    movable = frozenset(n for s in steps if isinstance(s, Latents) for n in s.members[:1])
    form = structure(model, movable, steps, said)
    assert structure(model, movable, others, otherwise_said) == form
    first = data_in(build(model, movable=movable, steps=steps, observations=said))
    other = data_in(build(model, movable=movable, steps=others, observations=otherwise_said))
    found = first | numbers_of(model, others, otherwise_said)
    assert list(found) == list(other)
    for key, values in other.items():
        np.testing.assert_array_equal(found[key], values, err_msg=key)
    changed = [key for key in first if not np.array_equal(first[key], other[key])]
    assert changed or not model.uses
    assert set(changed) <= numbers_of(model, steps, said).keys()


def test_a_factor_of_units_is_part_of_the_structure_in_every_digit(tmp_path: Path) -> None:
    """What is printed of a factor are six digits; codes of two must not be taken for one."""
    model = random_model(tmp_path, 0)
    steps, said = plan(model), observe(model)
    name = model.order[0]

    def form(factor: float) -> str:
        made = Relation("made", {None: Scale(factor, Name(name))})
        return structure(model, frozenset(), (*steps, Derived(None, (made,))), said)

    assert form(1.2345678) == form(1.2345678)
    assert form(1.2345678) != form(1.2345679)
