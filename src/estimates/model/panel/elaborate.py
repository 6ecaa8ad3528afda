"""Writes a model with dimensions out as a model of its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from estimates.errors import Fault, Faults, Place
from estimates.language.expression import Expression, Name, names
from estimates.language.phrases import spoken
from estimates.language.units import Units
from estimates.model.dates import Date
from estimates.model.dimensions import Position, cell_name, label_text, variable
from estimates.model.ledger import Where
from estimates.model.panel.base import Base
from estimates.model.panel.cells import Made, cell_label, in_cell, renamed
from estimates.model.panel.check_panels import check_panels
from estimates.model.panel.checks import check_dimensions
from estimates.model.panel.expand import Expander
from estimates.model.panel.panel import Grid, Panel
from estimates.model.panel.paths import Paths, Sometime
from estimates.model.panel.scope import PanelError, Scope, checked_over
from estimates.model.panel.stocks import stock_at
from estimates.model.panel.uses import Uses, broken_below
from estimates.model.panels import PanelQuantity
from estimates.model.spec import Parts, Relation, Use


def elaborate(
    parts: Parts, units: Units, faults: Faults, warnings: list[Fault]
) -> tuple[Parts, Panel]:
    """Return the model of a model's cells, and which of them belong together.

    A model in which nothing is over a dimension comes back as it is.
    """
    if parts.cells or not _spread(parts):
        return parts, Panel()
    return _Elaborator(parts, units, faults, warnings).parts()


def _spread(parts: Parts) -> bool:
    """Return whether anything in a model has to be written out."""
    if parts.dimensions or parts.panels or any(r.first for r in parts.relations.values()):
        return True
    uses = {id(use.about): use.about for use in (*parts.claims, *parts.compare)}
    branches = [one for r in parts.relations.values() for one in r.branches.values()]
    written = [*uses.values(), *parts.targets, *(one for one in branches if one is not None)]
    return any(" " in name or "." in name for one in written for name in names(one))


class _Elaborator:
    """Writes out one model."""

    def __init__(self, parts: Parts, units: Units, faults: Faults, warnings: list[Fault]) -> None:
        self._parts = parts
        self._warnings = warnings
        self._faults = faults
        self._scope = Scope(parts)
        self._dimensions = self._scope.dimensions
        self._made = Made(self._dimensions.called)
        self._base = Base(self._scope, self._made, units, faults)
        self._expander = Expander(self._scope, self._cell, self._made.figure)
        self._broken = set(parts.broken)
        self._paths: dict[str, Paths] = {}
        self._grids: dict[str, Grid] = {}
        self._asked: dict[str, Expression] = {}

    def parts(self) -> tuple[Parts, Panel]:
        """Return the written-out model, complete only if no fault has been added."""
        parts, before = self._parts, len(self._faults)
        check_dimensions(
            self._dimensions, [*parts.quantities, *parts.panels, *parts.relations], self._faults
        )
        if len(self._faults) > before:
            self._faults.raise_if_any()  # with a label missing, every name would be unknown
        self._broken |= check_panels(self._scope, self._faults)
        over = [one.over for one in parts.panels.values()]
        over += [one.over for one in parts.relations.values()]
        if {one for held in over for one in held} - self._dimensions.every.keys():
            self._faults.raise_if_any()  # and so with a whole dimension
        for quantity in parts.panels.values():
            if quantity.walk is not None and quantity.name not in self._broken:
                self._paths[quantity.name] = Paths(
                    quantity, self._scope, self._made, self._base, self._faults
                )
        for relation in parts.relations.values():
            if relation.name not in self._broken:
                self._make_relation(relation)
        for quantity in parts.panels.values():
            if quantity.stock is not None and quantity.name not in self._broken:
                self._make_stock(quantity)
        broken = frozenset(self._broken)
        uses = Uses(self._scope, self._expander, self._faults, broken, self._warnings)
        claims, compare = uses.of(parts.claims), uses.of(parts.compare)
        targets = tuple(self._targets())
        for quantity in parts.panels.values():
            if quantity.stock is None and quantity.name not in self._broken:
                self._make_quantity(quantity)
        return self._whole(claims, compare, targets), Panel(
            self._dimensions,
            self._grids,
            targets,
            dict(self._made.dated),
            frozenset(self._made.links),
            tuple(filter(None, (path.path() for path in self._paths.values()))),
        )

    def _whole(
        self, claims: tuple[Use, ...], compare: tuple[Use, ...], targets: tuple[Grid, ...]
    ) -> Parts:
        parts, made = self._parts, self._made
        scalars = {
            name: one
            for name, one in parts.relations.items()
            if name not in self._grids and name not in made.relations
        }
        own = {*parts.quantities, *parts.relations}
        cells = [cell for grid in targets for cell in grid.cells.values()]
        lead = [grid.headline(self._dimensions) for grid in targets[:1]]
        asked = dict.fromkeys([*lead, *cells])
        return replace(
            parts,
            quantities={**parts.quantities, **made.quantities},
            relations={**scalars, **made.relations},
            claims=tuple(map(self._as_asked, claims)),
            compare=tuple(map(self._as_asked, compare)),
            targets=tuple(map(Name, asked)),
            panels={},
            dimensions={},
            variants={},
            broken=frozenset(self._broken),
            cells=frozenset({*made.quantities, *made.relations} - own),
        )

    def _as_asked(self, use: Use) -> Use:
        """Return a use; one about what a target or a relation is, is about that."""
        name = self._called.get(use.about)
        return use if name is None else replace(use, about=Name(name))

    @cached_property
    def _called(self) -> Mapping[Expression, str]:
        """The names of targets and relations by the expressions that they are."""
        plain: dict[Expression, str] = {
            branch: name
            for name, relation in self._made.relations.items()
            for option, branch in relation.branches.items()
            if option is None and branch is not None and not isinstance(branch, Name)
        }
        return {**plain, **{cell: name for name, cell in self._asked.items()}}

    # Cells -------------------------------------------------------------------------------------

    def _cell(self, name: str, at: Position) -> Name:
        """Return the name of a cell, made or noted as needed where its date is no label."""
        over = self._scope.over(name)
        cell = cell_name(name, over, at)
        time = self._dimensions.time
        when = at[time.name] if time is not None and time.name in over else ""
        if isinstance(when, str) or cell in self._made.relations or name in self._broken:
            return Name(cell)
        relation = self._parts.relations.get(name)
        if relation is not None:
            if relation.first is not None:
                raise PanelError(
                    f"'{name}' follows from date to date, so it has no value at {when.text}; "
                    f"add it to {time.name if time else 'time'}"
                )
            self._add_relation(relation, over, at)
        elif name in self._paths:
            return self._paths[name].need(at)
        else:
            self._dated_stock(self._parts.panels[name], at, when)
        return Name(cell)

    def _dated_stock(self, quantity: PanelQuantity, at: Position, when: Date) -> None:
        time = self._dimensions.time
        assert time is not None
        if quantity.stock is None:
            raise PanelError(
                f"'{quantity.name}' has no walk, so it has no value at {when.text}, between the "
                f"dates of {time.name}; give it a walk, or add {when.text} to {time.name}"
            )
        if isinstance(when, Sometime) or when.years < time.dates[0].years:
            raise PanelError(f"the stock '{quantity.name}' has no value at {when.text}")
        self._add_stock(quantity, at)

    def _make_relation(self, relation: Relation) -> None:
        over = self._scope.over(relation.name)
        cells = {}
        try:
            if not over:
                self._made.relations[relation.name] = replace(
                    relation, branches=self._branches(relation.branches, {})
                )
                return
            for at in self._dimensions.positions(over):
                self._add_relation(relation, over, at)
                cells[self._labels(at)] = cell_name(relation.name, over, at)
        except PanelError as error:
            self._faults.add(
                f"relation '{relation.name}': {error.message}", relation.where("is", error.offset)
            )
            self._broken.add(relation.name)
        if over:
            self._grids[relation.name] = Grid(relation.name, over, cells)

    def _add_relation(self, relation: Relation, over: tuple[str, ...], at: Position) -> None:
        name = cell_name(relation.name, over, at)
        if name in self._made.relations:
            return
        time = self._dimensions.time
        branches: Mapping[str | None, Expression | None] = relation.branches
        if relation.first is not None and time is not None and at[time.name] == time.labels[0]:
            branches = {None: relation.first}
        self._made.relations[name] = replace(
            renamed(relation, name, cell_label(relation, over, at, self._dimensions.called)),
            branches=self._branches(branches, at),
        )
        if any(isinstance(one, Date) for one in at.values()):
            self._made.dated[name] = (relation.name, self._labels(at))

    def _branches(
        self, branches: Mapping[str | None, Expression | None], at: Position
    ) -> dict[str | None, Expression | None]:
        return {
            option: None if branch is None else self._expander.at(branch, at)
            for option, branch in branches.items()
        }

    def _make_stock(self, quantity: PanelQuantity) -> None:
        cells = {}
        for at in self._dimensions.positions(quantity.over):
            self._add_stock(quantity, at)
            cells[self._labels(at)] = cell_name(quantity.name, quantity.over, at)
        self._grids[quantity.name] = Grid(quantity.name, quantity.over, cells)

    def _add_stock(self, quantity: PanelQuantity, at: Position) -> None:
        time, stock = self._dimensions.time, quantity.stock
        assert time is not None
        assert stock is not None
        name = cell_name(quantity.name, quantity.over, at)
        value = stock_at(
            stock,
            at[time.name],
            time,
            lambda one, when: self._expander.at(one, {**at, time.name: when}),
            lambda years: self._made.figure(f"{years:.12g} year"),
            lambda label: Name(cell_name(quantity.name, quantity.over, {**at, time.name: label})),
        )
        self._made.relations[name] = Relation(
            name,
            {None: value},
            None,
            quantity.unit,
            in_cell(quantity.label or spoken(quantity.name), at.values(), self._dimensions.called),
            quantity.note,
            where=quantity.where,
        )
        if isinstance(at[time.name], Date):
            self._made.dated[name] = (quantity.name, self._labels(at))

    def _make_quantity(self, quantity: PanelQuantity) -> None:
        path = self._paths.get(quantity.name)
        if path is not None and quantity.walk is not None:
            others = [one for one in quantity.over if one != quantity.walk.along]
            path.make(list(self._dimensions.positions(others)))
        else:
            for at in self._dimensions.positions(quantity.over):
                prior = self._base.prior(quantity, at)
                if prior is not None:
                    self._made.cell(quantity, at, prior)
        cells = {
            self._labels(at): cell_name(quantity.name, quantity.over, at)
            for at in self._dimensions.positions(quantity.over)
        }
        self._grids[quantity.name] = Grid(quantity.name, quantity.over, cells)

    def _labels(self, at: Position) -> tuple[str, ...]:
        return tuple(map(label_text, at.values()))

    # Targets -----------------------------------------------------------------------------------

    def _targets(self) -> Iterator[Grid]:
        for number, target in enumerate(self._parts.targets):
            place: Callable[[int], Place | None] = self._parts.where.within(f"targets {number}")
            over = checked_over(self._scope, target, "the targets", place, self._faults)
            if over is None or broken_below(target, self._broken):
                self._broken.add("targets")
                continue
            cells = {
                self._labels(at): self._target(target, number, over, at)
                for at in self._dimensions.positions(over)
            }
            grid = Grid(str(target), over, cells)
            if over and any(cell in self._asked for cell in cells.values()):
                name = variable(grid.name)
                self._grids[name] = Grid(name, over, cells)
            yield grid

    def _target(self, target: Expression, number: int, over: tuple[str, ...], at: Position) -> str:
        """Return the name of a target's cell, that of a new relation where it is an expression."""
        cell = self._expander.at(target, at)
        if isinstance(cell, Name) or not names(cell):
            return str(cell)
        name = variable(cell_name(str(target), over, at))
        label = in_cell(str(target), at.values(), self._dimensions.called)
        spots = self._parts.where.spots
        where = Where({"": spots[spot]} if (spot := f"targets {number}") in spots else {})
        self._made.relations[name] = Relation(name, {None: cell}, label=label, where=where)
        self._asked[name] = cell
        return name
