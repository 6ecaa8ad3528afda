"""Checks quantities and relations over dimensions, before any of their cells is written out."""

from __future__ import annotations

from collections.abc import Sequence

from estimates.errors import Faults
from estimates.language.expression import Expression
from estimates.model.dimensions import in_words
from estimates.model.panel.checks import oversize
from estimates.model.panel.scope import Scope, checked_over
from estimates.model.panel.stocks import LEAVING
from estimates.model.panels import ELSE, PanelQuantity
from estimates.model.priors import NamedPrior
from estimates.model.spec import Relation


def check_panels(scope: Scope, faults: Faults) -> frozenset[str]:
    """Return the names that cannot be written out, after a fault for each."""
    check = _Check(scope, faults)
    parts = scope.parts
    quantities = (one.name for one in parts.panels.values() if not check.quantity(one))
    relations = (one.name for one in parts.relations.values() if not check.relation(one))
    return frozenset((*quantities, *relations))


class _Check:
    """Checks one model."""

    def __init__(self, scope: Scope, faults: Faults) -> None:
        self._scope = scope
        self._dimensions = scope.dimensions
        self._faults = faults

    def quantity(self, quantity: PanelQuantity) -> bool:
        before, name = len(self._faults), quantity.name
        for one in quantity.over:
            if one not in self._dimensions.whole:
                part = one in self._dimensions
                hint = self._faults.hint(one, self._dimensions.whole)
                self._fault(
                    quantity,
                    "over",
                    f"'{name}' is over '{one}', "
                    + (
                        f"a part of {self._dimensions[one].of}; put the whole into `over:`"
                        if part
                        else f"which is no dimension{hint}"
                    ),
                )
        if len(self._faults) > before:
            return False
        if wrong := oversize(self._dimensions, quantity.over):
            self._fault(quantity, "over", f"'{name}': {wrong}")
        if quantity.stock is not None:
            self._check_stock(quantity)
        else:
            self._check_priors(quantity)
            self._check_links(quantity)
        return len(self._faults) == before

    def _check_stock(self, quantity: PanelQuantity) -> None:
        time, name = self._dimensions.time, quantity.name
        assert quantity.stock is not None
        if time is None or time.name not in quantity.over:
            self._fault(quantity, "stock", f"stock '{name}' is not over time; say so in `over:`")
        if quantity.priors or quantity.alike or quantity.walk or quantity.correlated:
            self._fault(quantity, "stock", f"'{name}' is a stock, so it follows from its inflow "
                        "and has neither a prior nor links")  # fmt: skip
        if quantity.stock.leave not in LEAVING:
            hint = self._faults.hint(quantity.stock.leave, LEAVING)
            choices = hint or f"; it is one of {', '.join(LEAVING)}"
            self._fault(
                quantity, "stock", f"unknown `leave: {quantity.stock.leave}` of '{name}'{choices}"
            )
        for part in (quantity.stock.first, quantity.stock.inflow, quantity.stock.stay):
            self._within(part, quantity.over, f"the stock of '{name}'", quantity, "stock")

    def _check_priors(self, quantity: PanelQuantity) -> None:
        name, priors, field = quantity.name, quantity.priors, quantity.field
        if not priors or None in priors:
            return
        walk, alike = quantity.walk, quantity.alike
        if alike is not None:
            self._fault(
                quantity,
                "alike",
                f"'{name}' has a prior by label, and members that are alike have one in common; "
                "write one interval",
            )
        labels = [one for one in priors if one not in (None, ELSE)]
        of = self._dimensions.dimension_of
        for label in labels:
            if of.get(str(label)) not in quantity.over:
                known = [each for d in quantity.over for each in self._dimensions[d].labels]
                hint = self._faults.hint(str(label), known)
                self._fault(
                    quantity,
                    f"{field} {label}",
                    f"unknown label '{label}' of {in_words(quantity.over)} in the {field} of "
                    f"'{name}'{hint}",
                )
                return
        named = {of[str(label)] for label in labels}
        if len(named) > 1:
            self._fault(
                quantity, field, f"the {field} of '{name}' has labels of {in_words(sorted(named))};"
                " keep to those of one dimension"
            )  # fmt: skip
        elif named and ELSE not in priors:
            (dimension,) = named
            at = walk.at if walk and walk.along == dimension else None
            wanted = [at] if at else self._dimensions[dimension].labels
            missing = [label for label in wanted if label not in priors]
            if missing:
                held = "number" if field == "value" else "interval"
                lacking = in_words([f"'{one}'" for one in missing[:3]])
                self._fault(
                    quantity,
                    field,
                    f"{field} of '{name}' has no {held} for {lacking}; give it, or else: …",
                )

    def _check_links(self, quantity: PanelQuantity) -> None:
        name, walk, alike = quantity.name, quantity.walk, quantity.alike
        linked = walk or alike or quantity.correlated
        time = self._dimensions.time
        if walk is not None and (time is None or walk.along != time.name):
            self._fault(quantity, "walk", f"the walk of '{name}' goes along '{walk.along}', which "
                        "is no time; write `{along: year, by: …}`")  # fmt: skip
        elif walk is not None and walk.along not in quantity.over:
            self._fault(quantity, "walk", f"'{name}' walks along {walk.along} but is not over it")
        elif walk is not None and time is not None and walk.at and walk.at not in time.labels:
            hint = self._faults.hint(walk.at, time.labels)
            self._fault(quantity, "walk", f"unknown label '{walk.at}' of {time.name}{hint}")
        if walk is not None:
            for one in walk.together:
                if one not in quantity.over or one == walk.along:
                    self._fault(
                        quantity, "walk", f"the steps of '{name}' cannot go together along "
                        f"'{one}'; it is over {in_words(quantity.over)}"
                    )  # fmt: skip
            if len(walk.together) > 1:
                self._fault(
                    quantity, "walk", f"the steps of '{name}' go together along one dimension"
                )
        if alike is not None and (
            alike.along not in quantity.over or self._dimensions[alike.along].time
        ):
            self._fault(
                quantity,
                "alike",
                f"the members of '{name}' cannot be alike along '{alike.along}'; it is over "
                f"{in_words(quantity.over)}",
            )
        if linked and any(isinstance(one, NamedPrior) for one in quantity.priors.values()):
            self._fault(
                quantity, "prior", f"'{name}' has linked cells, so its prior is an interval"
            )

    def relation(self, relation: Relation) -> bool:
        before, name = len(self._faults), relation.name
        found: list[tuple[str, ...]] = []
        for option, branch in relation.branches.items():
            if branch is None:
                continue
            key = "is" if option is None else option
            over = checked_over(
                self._scope,
                branch,
                f"relation '{name}'",
                relation.where.within(key),
                self._faults,
            )
            found += [over] if over is not None else []
        for one in relation.over:
            if one not in self._dimensions.whole:
                hint = self._faults.hint(one, self._dimensions.whole)
                self._faults.add(
                    f"relation '{name}' is over '{one}', which is no dimension{hint}",
                    relation.where("over"),
                )
        if len(self._faults) > before:
            return False
        whole = self._scope.union(*found)
        if relation.over and set(relation.over) != set(whole) and relation.first is None:
            is_over = f"over {in_words(whole)}" if whole else "one number"
            self._faults.add(
                f"relation '{name}' is {is_over}, not over {in_words(relation.over)}",
                relation.where("over"),
            )
        if relation.first is not None and self._dimensions.time is None:
            self._faults.add(
                f"relation '{name}' has a first value, but the model has no time",
                relation.where("first"),
            )
        if wrong := oversize(self._dimensions, self._scope.over(name)):
            self._faults.add(f"relation '{name}': {wrong}", relation.where())
        return len(self._faults) == before

    def _within(
        self,
        expression: Expression,
        over: Sequence[str],
        what: str,
        quantity: PanelQuantity,
        field: str,
    ) -> None:
        found = checked_over(
            self._scope, expression, what, quantity.where.within(field), self._faults
        )
        more = [one for one in found or () if one not in over]
        if more:
            self._fault(
                quantity, field, f"{what}: '{expression}' is over {in_words(more)}, and "
                f"'{quantity.name}' is not"
            )  # fmt: skip

    def _fault(self, quantity: PanelQuantity, field: str, message: str) -> None:
        self._faults.add(message, quantity.where(field))
