"""A model in about ten lines of text, as Python shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from estimates.language.phrases import counted
from estimates.model.claims import BoundClaim
from estimates.model.panel.panel import Grid, Panel
from estimates.model.panel.words import of_dimension
from estimates.model.panels import PanelQuantity
from estimates.model.priors import NamedPrior
from estimates.model.spec import Parts, Quantity, Reading, Relation

_WIDTH = 100
_ROOM = _WIDTH - 14  # beside the heading


class Sketched(Protocol):
    """The part of a model that a sketch reads."""

    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def uses(self) -> tuple[BoundClaim, ...]: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def panel(self) -> Panel: ...
    @property
    def readings(self) -> Mapping[str, Reading]: ...
    @property
    def targets(self) -> tuple[str, ...]: ...


def sketch(model: Sketched) -> str:
    """Return a model in about ten lines, one for each section, long ones cut."""
    title = f": {model.title}" if model.title else ""
    lines = [f"Model {model.slug}{title}"]
    for heading, said in _lines(model):
        lines.append(f"  {heading:<11} {said}")
    return "\n".join(map(_cut, lines))


def _lines(model: Sketched) -> Iterator[tuple[str, str]]:
    for one in model.panel.dimensions.whole.values():
        yield "dimension", of_dimension(one)
    grids = [_grid(one) for one in model.parts.panels.values()]
    basic = [_quantity(one) for one in model.parts.quantities.values()]
    yield "quantities", _some([*grids, *basic], "quantity")
    if model.parts.relations:
        declared = [_relation(one) for one in model.parts.relations.values()]
        yield "relations", _some(declared, "relation")
    for name, reading in model.readings.items():
        weights = ", ".join(f"{option} {weight:.3g}" for option, weight in reading.weights.items())
        yield "reading", f"{name}: {weights}{'' if reading.update else ', held'}"
    for heading, held_out in (("evidence", False), ("held out", True)):
        told = [f"{use.topic}: {use.claim.says}" for use in model.uses if use.held_out == held_out]
        if told:
            yield heading, _some(told, "claim")
    targets = [_over(one) for one in model.panel.targets] or model.targets
    yield "targets", ", ".join(targets)


def _over(one: Grid) -> str:
    return f"{one.name} ({', '.join(one.over)})" if one.over else one.name


def _grid(one: PanelQuantity) -> str:
    return f"{one.name} ({', '.join(one.over)})"


def _quantity(quantity: Quantity) -> str:
    own = isinstance(quantity.prior, NamedPrior) or quantity.prior.unit is None
    unit = f" {quantity.unit}" if own and quantity.unit else ""
    return f"{quantity.name} {quantity.prior}{unit}"


def _relation(relation: Relation) -> str:
    if relation.by:
        return f"{relation.name} by {relation.by}"
    return f"{relation.name} = {relation.branches[None]}"


def _some(told: list[str], noun: str) -> str:
    """Return as many as have room, and how many there are if that is not all."""
    rest = ""
    for shown in range(len(told), 0, -1):
        rest = "" if shown == len(told) else f" … ({counted(len(told), noun)})"
        line = "; ".join(told[:shown]) + rest
        if len(line) <= _ROOM:
            return line
    return f"{told[0][: _ROOM - len(rest)]}{rest}"


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 2] + " …"
