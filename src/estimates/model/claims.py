"""A claim as a model uses it: one unit, one scale, one expression.

A claim knows no model and a likelihood no source; what stands between them is this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from estimates.errors import Place
from estimates.language.expression import Expression
from estimates.language.wording import Lopsided, Measured, Published, Range, Wording
from estimates.model.ledger import Claim


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a claim may mean where it has an option of its own.

    Attributes
    ----------
    choice : option by reading
    log_weight : the logarithm of its weight, bound
    value : what the claim is then about, bound
    """

    choice: Mapping[str, str]
    log_weight: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class BoundClaim:
    """A claim as a model uses it.

    Attributes
    ----------
    id : the claim's id in the ledger
    claim : the claim itself
    about : what it is about, as written in the model
    value : the same, bound: its value is in `unit` and needs no unit any more
    scale : `identity`, `log` or `logit`; for a count only what its comparison is drawn on
    tails : `normal` or `student-t`
    held_out : set beside the answer instead of being evidence
    pool : how a held-out claim is admitted when asked; None for evidence
    unit : the claim's own written unit; "" for whatever is dimensionless, then a plain fraction
        ("75 %" is .75)
    wording : what was said, its numbers in `unit`
    basis, origin : as in the ledger, None for none
    sigma : the whole width on the claim's scale (on `identity` in `unit`), where the claim states
        one; None otherwise
    disputed : the wording of the claim that this one disputes, its numbers in `unit`
    options : what it may mean, where it has options of its own (`{each: claim, …}`); `value` is
        then that of the first
    kind : `group.kind` of its sources, where the model has kinds; else None
    plain : `values` without what its kind sees of them; empty where that is the same
    spread : the width of the claim's own error, learnt in place of its basis, on its scale and in
        `unit`; None where it has none, or has it in `value`
    place : where the model uses it, if in a file
    note : free text
    written : where it is about cells, what was written and its date (`sum(workers, country) in
        2017`)

    See Also
    --------
    Claim : as one writes it

    Examples
    --------
    >>> import estimates as est
    >>> model = est.load("scmp-2017-headline")
    >>> [use.id for use in model.uses if use.held_out]
    ['cited-revenue']
    """

    id: str
    claim: Claim
    about: Expression
    value: Expression
    scale: str
    tails: str
    held_out: bool
    pool: str | None
    unit: str
    wording: Wording
    basis: str
    sigma: float | None = None
    origin: str | None = None
    disputed: Wording | None = None
    note: str = ""
    options: tuple[Alternative, ...] = ()
    kind: str | None = None
    plain: tuple[Expression, ...] = ()
    spread: Expression | None = None
    written: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def values(self) -> tuple[Expression, ...]:
        """All that it may be about."""
        return tuple(one.value for one in self.options) or (self.value,)

    @property
    def by_itself(self) -> BoundClaim:
        """The claim without what its kind adds, about what there is."""
        plain = self.plain or self.values
        options = tuple(
            replace(one, value=value) for one, value in zip(self.options, plain, strict=False)
        )
        return replace(self, value=plain[0], options=options, kind=None, plain=(), spread=None)

    @property
    def states_error(self) -> bool:
        """Whether its statistical error is stated, as a published contrast states it."""
        if self.sigma is not None:
            return True
        match self.wording:
            case Measured() | Lopsided() | Published():
                return True
            case Range(coverage=coverage):
                return coverage is not None
            case _:
                return False

    @property
    def topic(self) -> str:
        """What it is about, as people read it."""
        return self.written or str(self.about)
