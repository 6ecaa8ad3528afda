"""What expressions in Python are made of: quantities and relations, and operations on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

type Operand = Term | float
#: An expression: of quantities, or as text.
type Written = Term | str | float


class Term:
    """What can stand in an expression: quantities, relations, and what is made of them."""

    def __add__(self, other: Operand) -> Formula:
        return Formula("+", (self, other))

    def __radd__(self, other: float) -> Formula:
        return Formula("+", (other, self))

    def __sub__(self, other: Operand) -> Formula:
        return Formula("-", (self, other))

    def __rsub__(self, other: float) -> Formula:
        return Formula("-", (other, self))

    def __mul__(self, other: Operand) -> Formula:
        return Formula("*", (self, other))

    def __rmul__(self, other: float) -> Formula:
        return Formula("*", (other, self))

    def __truediv__(self, other: Operand) -> Formula:
        return Formula("/", (self, other))

    def __rtruediv__(self, other: float) -> Formula:
        return Formula("/", (other, self))

    def __pow__(self, other: Operand) -> Formula:
        return Formula("**", (self, other))

    def __rpow__(self, other: float) -> Formula:
        return Formula("**", (other, self))

    def __neg__(self) -> Formula:
        return Formula("neg", (self,))

    def __abs__(self) -> Formula:
        return Formula("abs", (self,))

    # Over dimensions ---------------------------------------------------------------------------

    def __getitem__(self, labels: str | int | tuple[str | int, ...]) -> Cell:
        """Return what it is at some labels, in any order: `workers["china", 2017]`."""
        return Cell(self, labels if isinstance(labels, tuple) else (labels,))

    # Brackets take labels, not places: without these, Python would count through them for ever.
    __iter__ = None
    __contains__ = None

    def sum(self, over: str, *, but: str | Sequence[str] = ()) -> Formula:
        """Return the sum over a dimension or a part of one, `but` some labels."""
        return Formula("sum", (self, _dimension(over, but)))

    def min(self, over: str, *, but: str | Sequence[str] = ()) -> Formula:
        """Return the least over a dimension or a part of one, `but` some labels."""
        return Formula("min", (self, _dimension(over, but)))

    def max(self, over: str, *, but: str | Sequence[str] = ()) -> Formula:
        """Return the greatest over a dimension or a part of one, `but` some labels."""
        return Formula("max", (self, _dimension(over, but)))

    def mean(
        self,
        over: str,
        weight: Operand | None = None,
        *,
        span: tuple[str | int, str | int] | None = None,
        but: str | Sequence[str] = (),
    ) -> Formula:
        """Return the mean over a dimension: weighted, or of a path over a `span` of time."""
        rest: tuple[Operand, ...] = () if weight is None else (weight,)
        if span is not None:
            rest = (*rest, Word(f"{span[0]} to {span[1]}"))
        return Formula("mean", (self, _dimension(over, but), *rest))

    def share(self, over: str, *, but: str | Sequence[str] = ()) -> Formula:
        """Return the share that each label has of the sum over a dimension."""
        return Formula("share", (self, _dimension(over, but)))

    def previous(self) -> Formula:
        """Return what it is one date before."""
        return Formula("previous", (self,))


@dataclass(frozen=True, eq=False)
class Formula(Term):
    """An operation or function of terms and numbers."""

    operation: str
    parts: tuple[Operand, ...]


@dataclass(frozen=True, eq=False)
class Cell(Term):
    """A quantity or relation at some labels."""

    term: Term
    labels: tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Word(Term):
    """What stands in an expression as it is written: a dimension, a span of time."""

    text: str


def _dimension(name: str, but: str | Sequence[str]) -> Word:
    left_out = (but,) if isinstance(but, str) else but
    return Word(" except ".join([name, *map(str, left_out)]))
