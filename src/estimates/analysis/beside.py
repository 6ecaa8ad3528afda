"""An answer beside a cited figure, as every table says it: of a bound, whether it is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from estimates._util.records import Column


class BesideFigure:
    """What is said of an answer beside a cited figure: where it lies, or how a bound is met."""

    if TYPE_CHECKING:
        low: float | None
        high: float | None
        below: float | None
        inside: float | None
        above: float | None
        median: float | None
        mcse_median: float | None

        @property
        def in_factors(self) -> bool:
            """Whether factors of the answer mean something."""

    @property
    def bound(self) -> float | None:
        """The figure that a bound names, which has one end; None for any other."""
        if self.low is None or self.high is None:
            return self.high if self.low is None else self.low
        return None

    @property
    def lies_below(
        self,
    ) -> Annotated[float | None, Column("", "below", form="probability", first=5)]:
        """How likely the answer lies below what is cited; None beside a bound."""
        return self.below if self.bound is None else None

    @property
    def lies_inside(
        self,
    ) -> Annotated[float | None, Column("", "inside", form="probability", first=6)]:
        """How likely it lies inside; None beside a bound."""
        return self.inside if self.bound is None else None

    @property
    def lies_above(
        self,
    ) -> Annotated[float | None, Column("", "above", form="probability", first=7)]:
        """How likely it lies above; None beside a bound."""
        return self.above if self.bound is None else None

    @property
    def met(self) -> Annotated[float | None, Column("", "met", form="probability", first=8)]:
        """How likely it meets a bound; None beside any other figure."""
        return None if self.bound is None else self.inside

    @property
    def times_bound(
        self,
    ) -> Annotated[float | None, Column("", "× the bound", error="times_error", first=9)]:
        """The median divided by a bound, where factors mean something."""
        if not self.in_factors or self.median is None or not self.bound:
            return None
        return self.median / self.bound

    @property
    def times_error(self) -> float | None:
        """The Monte Carlo error of `times_bound`."""
        if self.times_bound is None or self.mcse_median is None:
            return None
        return abs(self.mcse_median / (self.bound or 1.0))
