"""The prior of a cell where no path leads to it: its own, its members' common one, or another's."""

from __future__ import annotations

from math import sqrt

from estimates.errors import Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name
from estimates.language.units import UnitError, Units
from estimates.model.dimensions import Position, cell_name, label_text
from estimates.model.panel.cells import Made, link_of, normal, on_link, plus, size_of, times
from estimates.model.panel.scope import Scope
from estimates.model.panels import ELSE, PanelQuantity
from estimates.model.priors import LINKS, FixedValue, IntervalPrior, Prior

_FAMILIES = {link: family for family, link in LINKS.items()}


class Base:
    """Priors of cells at the time where they hold (all cells, without a walk)."""

    def __init__(self, scope: Scope, made: Made, units: Units, faults: Faults) -> None:
        self._scope = scope
        self._made = made
        self._units = units
        self._faults = faults

    def prior(self, quantity: PanelQuantity, at: Position) -> Prior | None:
        """Return the prior of a cell, None after a fault."""
        if quantity.correlated is not None:
            return self._correlated(quantity, at)
        if quantity.alike is not None:
            centre, within = self._alike(quantity, at)
            return normal(link_of(quantity), centre, within)
        return self.own(quantity, at)

    def own(self, quantity: PanelQuantity, at: Position) -> Prior | None:
        """Return the prior that is written for a cell's labels."""
        if None in quantity.priors:
            return quantity.priors[None]
        for label in map(label_text, at.values()):
            if label in quantity.priors:
                return quantity.priors[label]
        return quantity.priors.get(ELSE)

    def _alike(self, quantity: PanelQuantity, at: Position) -> tuple[Expression, Expression]:
        """Return the centre of the members on the link scale, and their sd about it."""
        assert quantity.alike is not None
        walk = quantity.walk
        others = [
            one
            for one in quantity.over
            if one != quantity.alike.along and not (walk and one == walk.along)
        ]
        name = cell_name(f"{quantity.name}.typical", others, at)
        label = f"{quantity.label or quantity.name}, typical"
        typical = self._made.link(
            name,
            quantity.priors[None],
            quantity.where,
            unit=quantity.unit,
            support=quantity.support,
            label=label,
        )
        within = size_of(
            self._made,
            f"{quantity.name}.within",
            quantity.alike.within,
            quantity,
            "alike",
            f"{quantity.label or quantity.name}, how members differ",
        )
        return on_link(link_of(quantity), typical), within

    def _centre(
        self, quantity: PanelQuantity, at: Position
    ) -> tuple[Expression, Expression] | None:
        """Return the mean and the sd of a cell on the link scale, known or not."""
        if quantity.alike is not None:
            return self._alike(quantity, at)
        prior, link = self.own(quantity, at), link_of(quantity)
        if not isinstance(prior, IntervalPrior):
            return None
        try:
            given = self._units.parse(prior.unit or "")
            wanted = self._units.parse(quantity.unit)
            factor = 1.0 if prior.unit is None else self._units.factor(given, wanted)
            family = _FAMILIES[link]
            own = IntervalPrior(prior.low * factor, prior.high * factor, prior.coverage, family)
            loc, scale = own.loc, own.scale
        except (UnitError, ValueError, ArithmeticError):
            return None  # the fault of the prior is found when it is checked by itself
        if link == "identity" and quantity.unit:
            figures = [self._made.figure(f"{one!r} {quantity.unit}") for one in (loc, scale)]
            return figures[0], figures[1]
        return Constant(loc), Constant(scale)

    def _correlated(self, quantity: PanelQuantity, at: Position) -> Prior | None:
        """Return h(x) given h(y): m + s (ρ (h(y) − m')/s' + √(1 − ρ²) z), as of two normals."""
        assert quantity.correlated is not None
        where = quantity.where("correlated")
        other = self._scope.parts.panels.get(quantity.correlated.other)
        what = f"'{quantity.name}' is correlated with '{quantity.correlated.other}'"
        if other is None:
            self._faults.add(f"{what}, which is no quantity over dimensions", where)
            return None
        if not set(other.over) <= set(quantity.over) or other.correlated is not None:
            reason = (
                "which is itself correlated with another"
                if other.correlated
                else f"which is over more than '{quantity.name}' is"
            )
            self._faults.add(f"{what}, {reason}", where)
            return None
        mine, theirs = self._centre(quantity, at), self._centre(other, at)
        if mine is None or theirs is None:
            self._faults.add(f"{what}: both need an interval as their prior", where)
            return None
        cell = Name(cell_name(other.name, other.over, at))
        off = Binary("-", on_link(link_of(other), cell), theirs[0])
        rho = self._rho(quantity)
        mu = plus(mine[0], times(mine[1], rho, Binary("/", off, theirs[1])))
        rest = (
            Constant(sqrt(1 - rho.value**2))
            if isinstance(rho, Constant)
            else Call("sqrt", (Binary("-", Constant(1.0), Binary("**", rho, Constant(2.0))),))
        )
        return normal(link_of(quantity), mu, times(mine[1], rest))

    def _rho(self, quantity: PanelQuantity) -> Expression:
        assert quantity.correlated is not None
        rho, name = quantity.correlated.rho, f"{quantity.name}.rho"
        return correlation(self._made, name, rho, quantity, "correlated", self._faults)


def correlation(
    made: Made,
    name: str,
    rho: Prior,
    quantity: PanelQuantity,
    field: str,
    faults: Faults,
    *,
    positive: bool = False,
) -> Expression:
    """Return a correlation: a number, or an unknown; of both signs as 2u − 1, u a share."""
    where = quantity.where
    label = f"{quantity.label or quantity.name}, correlation"
    if isinstance(rho, FixedValue):
        value = rho.value / (100 if rho.unit == "%" else 1)
        if not (0 if positive else -1) <= value < 1:
            lowest = "0" if positive else "above -1"
            faults.add(
                f"a correlation of '{quantity.name}' is {value:g}; it lies from {lowest} to 1",
                where(field),
            )
            return Constant(0.0)
        return Constant(value)
    if isinstance(rho, IntervalPrior) and rho.low <= 0 and not positive:
        half = IntervalPrior((rho.low + 1) / 2, (rho.high + 1) / 2, rho.coverage)
        share = made.link(f"{name}.share", half, where, unit="share", label=label)
        return Binary("-", Binary("*", Constant(2.0), share), Constant(1.0))
    return made.link(name, rho, where, unit="share", label=label)
