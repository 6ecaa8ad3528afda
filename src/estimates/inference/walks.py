"""The cells of a walk over time, of its steps, as PyTensor computes them: by one sparse product."""

from __future__ import annotations

import pytensor.tensor as pt
from pytensor.tensor import TensorVariable as Tensor

from estimates.inference.program import batch
from estimates.inference.steps import Walk
from estimates.inference.tensors import TensorRegisters
from estimates.language.expression import Call, Expression, Name
from estimates.model.panel.panel import Rows


def walked(walk: Walk, steps: Tensor, registers: TensorRegisters) -> tuple[Tensor, Tensor | None]:
    """Return the cells of a walk on its link scale, of its steps, and which of them are valid."""
    path = walk.path
    starts = batch([_on_link(path.link, Name(name)) for name in path.starts], registers)
    by, own, shared = (batch((one,), registers) for one in (path.by, *path.parts))
    moved = own.values * _product(path.own, steps, registers)
    if path.common:
        common = batch([Name(name) for name in path.common], registers).values
        moved = moved + shared.values * _product(path.shared, common, registers)
    places = registers.indices(path.start)
    valid = None if starts.valid is None else starts.valid[places]
    return starts.values[places] + by.values * moved, valid


def _on_link(link: str, value: Expression) -> Expression:
    return value if link == "identity" else Call(link, (value,))


def _product(rows: Rows, vector: Tensor, registers: TensorRegisters) -> Tensor:
    """Return a sparse matrix times a vector."""
    entries = [(i, j, weight) for i, row in enumerate(rows) for j, weight in row]
    into, from_, weights = (list(column) for column in zip(*entries, strict=True))
    terms = registers.numbers(weights) * vector[registers.indices(from_)]
    places = registers.indices(into)
    return pt.inc_subtensor(pt.zeros(len(rows))[places], terms)
