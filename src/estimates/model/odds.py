"""The claims of a model whose share has log-odds by its form, such as `logistic(x)`.

A count of such a share is binomial in the log-odds, r log σ(x) + (n − r) log σ(−x), and any other
claim on the logit scale is about x as it stands. Both have a value and a slope however far out x
lies; the share itself would be 0 or 1 there, and its logarithm none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from estimates.language.expression import Call, Expression, Name, log_odds, log_of, names
from estimates.language.wording import Counted
from estimates.model.claims import BoundClaim
from estimates.model.priors import FixedValue
from estimates.model.spec import Relation
from estimates.model.symbols import Structure

_LOG_ODDS, _LOG = "log odds of ", "log of "  # before names: with blanks, so that none is taken


@dataclass(frozen=True)
class CountOdds:
    """What counts, and other claims on the logit scale, are about, in log-odds.

    Attributes
    ----------
    claims : by claim, the log-odds of what it is about (bound), under each of its own options;
        others are about a share itself
    levels : relations that these need beside the model's own, each level after what it needs
    """

    claims: Mapping[str, tuple[Expression, ...]]
    levels: tuple[tuple[Relation, ...], ...]


def count_odds(uses: Iterable[BoundClaim], structure: Structure) -> CountOdds:
    """Return the log-odds of what counts and logit-scale claims are about, by its form."""
    forms = _Forms(structure)
    found = {
        use.id: [log_odds(one, forms.odds_of, forms.log_of) for one in use.values]
        for use in uses
        if _in_odds(use)
    }
    claims = {
        name: tuple(one for one in every if one is not None)
        for name, every in found.items()
        if None not in every
    }
    return CountOdds(claims, forms.levels(one for every in claims.values() for one in every))


def _in_odds(use: BoundClaim) -> bool:
    """Return whether a claim is a function of the log-odds."""
    return use.scale == "logit" or isinstance(use.wording, Counted)


def plain_odds(share: Expression, structure: Structure) -> Expression | None:
    """Return the log-odds of a share in basic quantities only, where its form gives them."""
    return log_odds(share, lambda _: None, lambda name: _log_of_basic(name, structure))


class _Forms:
    """Turns relations into relations of their log-odds or logarithm, where every branch has one."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._made: dict[str, Relation | None] = {}
        self._depth: dict[str, int] = {}

    def odds_of(self, name: str) -> Expression | None:
        """Return the log-odds of a relation, as the name of another."""
        return self._relation(name, _LOG_ODDS) if name in self._structure.relations else None

    def log_of(self, name: str) -> Expression | None:
        """Return the log of a positive quantity, or of a relation whose form gives one."""
        if name in self._structure.relations:
            return self._relation(name, _LOG)
        return _log_of_basic(name, self._structure)

    def levels(self, asked: Iterable[Expression]) -> tuple[tuple[Relation, ...], ...]:
        """Return the new relations that these need, each level after what it needs."""
        found: dict[str, Relation] = {}
        waiting = list(asked)
        while waiting:
            for name in names(waiting.pop()):
                relation = self._made.get(name)
                if relation is not None and name not in found:
                    found[name] = relation
                    waiting += [one for one in relation.branches.values() if one is not None]
        deepest = max((self._depth[name] for name in found), default=0)
        return tuple(
            tuple(one for name, one in found.items() if self._depth[name] == level)
            for level in range(1, deepest + 1)
        )

    def _relation(self, name: str, kind: str) -> Expression | None:
        new = kind + name
        if new not in self._made:
            self._made[new] = None
            own = self._structure.bound_relations[name]
            spoken = {option: one for option, one in own.branches.items() if one is not None}
            found = {option: self._form(branch, kind) for option, branch in spoken.items()}
            if any(one is not None for one in found.values()):
                found = {
                    option: self._plain(spoken[option], kind) if one is None else one
                    for option, one in found.items()
                }
            if all(one is not None for one in found.values()):
                branches = {option: found.get(option) for option in own.branches}
                self._made[new] = Relation(new, branches, by=own.by)
                needed = (one for b in branches.values() if b is not None for one in names(b))
                self._depth[new] = 1 + max((self._depth.get(one, 0) for one in needed), default=0)
        return Name(new) if self._made[new] is not None else None

    def _form(self, branch: Expression, kind: str) -> Expression | None:
        if kind == _LOG:
            return log_of(branch, self.log_of)
        return log_odds(branch, self.odds_of, self.log_of)

    def _plain(self, branch: Expression, kind: str) -> Expression | None:
        """Return the log-odds of a share with a prior of its own, which lies strictly inside."""
        if kind == _LOG_ODDS and isinstance(branch, Name):
            quantity = self._structure.quantities.get(branch.name)
            if quantity is not None and not isinstance(quantity.prior, FixedValue):
                support = self._structure.support[branch.name]
                if support.low >= 0 and support.high <= 1:
                    return Call("logit", (branch,))
        return None


def _log_of_basic(name: str, structure: Structure) -> Expression | None:
    quantity = structure.quantities.get(name)
    if quantity is None:
        return None
    if isinstance(quantity.prior, FixedValue):
        value = quantity.prior.value
        return Call("log", (Name(name),)) if value > 0 else None
    return Call("log", (Name(name),)) if structure.support[name].low >= 0 else None
