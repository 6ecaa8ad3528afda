"""Reads two numbers that belong together: shares in words, counts, events, ends of a range.

share      = number ("in" | "out of") ["every"] number
counted    = whole "of" whole
events     = whole "events" "in" side
"""

from dataclasses import replace
from fractions import Fraction

from estimates.language.wording.cursor import is_exposure
from estimates.language.wording.data import Counted, Events
from estimates.language.wording.figures import Figure
from estimates.language.wording.numerals import Numerals, Side
from estimates.language.wording.ratios import decimal
from estimates.language.wording.tokens import Number, Token

#: What is said of `500 to 1 million`.
UNCLEAR = (
    "it is unclear whether the multiplier is meant for both numbers:"
    " write both out, each with its own"
)
_LARGEST = 2**53  # up to here every whole number is a float
_EVENT = ("event", "events")


class CountReader(Numerals):
    """Reads two numbers: shares in words, counts, events, and the ends of a range."""

    def share_or_side(self) -> Side:
        """Read a number, or two that say a share: `one in five children`."""
        side = self.side()
        at, here = self.at, self.next
        second = None if side.money or side.among != 1 else self.among(side)
        if second is None:
            return side
        n, start = second
        unit, _ = self.unit()
        if unit and (is_exposure(unit) or side.unit in _EVENT) and side.unit:
            self.at, self.next = at, here  # events, which `data` reads
            return side
        if side.unit and n.value not in (100, 1000) and n.value > 20:
            self.fail_count_or_events(side, n, unit)
        share = self.share(side, n)
        return Side(share, Fraction(1), "", "", side.start, start.end)

    def fail_count_or_events(self, side: Side, n: Number, unit: str) -> None:
        r, of = f"{int(side.figure().value):,}", f"{int(n.value):,}"
        self.fail(
            f"'in' can be read in two ways: write '{r} of {of}' for a count, '{r} events in "
            f"{of} {unit or 'person-years'}' for a rate, or the share as a %",
            replace(side, end=n.end),
        )

    # Counts and events

    def number_after_of(self) -> bool:
        after = self.ahead(2) if self.ahead().lower in ("the", "all") else self.ahead()
        return after.kind in ("number", "dash", "money", "end")

    def counted(self, first: Side, hedge: str, at: Token) -> Counted:
        if hedge:
            self.fail(f"a count takes no '{hedge}': leave it out", at)
        self.take()
        self.accept("the", "all")
        second = self.side()
        if first.unit == "%" or (0 < first.number.value < 1 and not first.own_unit()):
            self.fail("write the share alone: what it is of goes into a relation", first)
        if first.own_unit() or second.money or second.unit == "%":
            side = first if first.own_unit() else second
            self.fail("a count is a share and takes no unit: write '12 of 882'", side)
        successes, trials = self.whole(first), self.whole(second)
        if not trials:
            self.fail("nothing can be counted among 0", second)
        if successes > trials:
            self.fail(f"{successes:,} cannot be among {trials:,}", first)
        self.finish()
        return Counted(successes=successes, trials=trials, text=self.text)

    def events(self, first: Side, hedge: str, at: Token) -> Events:
        if hedge:
            self.fail(f"a count takes no '{hedge}': leave it out", at)
        self.take()
        second = self.side()
        if not second.unit or second.money:
            self.fail("say in how much: '31 events in 2,400 person-years'", second)
        exposure = second.figure()
        if exposure.value <= 0:
            self.fail("nothing happens in no time: the exposure is above 0", second)
        self.finish()
        return Events(events=self.whole(first), exposure=exposure, unit=second.unit, text=self.text)

    def whole(self, side: Side) -> int:
        value = side.figure().value
        if value < 0 or value != int(value) or value > _LARGEST:
            self.fail("only whole numbers, 0 or more, can be counted", side)
        return int(value)

    # Two numbers

    def ends(self, first: Side, second: Side) -> tuple[Figure, Figure]:
        """Read both ends of a range; the second's multiplier or divisor holds for the first."""
        factor = first.factor
        if factor is None and second.factor is not None:
            factor = self.common(first, second)
        among = second.among if second.among != 1 else None
        if first.among not in (1, second.among):
            self.fail("write both ends per the same number", second)
        if not decimal(second.among):
            self.fail("write a range per 1, or per 10, 100, 1,000 …", second)
        if first.factor == 1 != (second.factor or 1):  # a quarter to half a million
            self.fail(UNCLEAR, first)
        return first.figure(factor, among), second.figure()

    def common(self, first: Side, second: Side) -> Fraction:
        assert second.factor is not None
        if not second.number.text and abs(second.number.value) < 1:
            return Fraction(1)  # half a million has its own
        if first.number.value < second.number.value:
            return second.factor
        whole = second.number.value * second.factor
        if 1000 <= first.number.value < whole <= 100 * first.number.value:
            return Fraction(1)  # 800,000 to 1.2 million
        self.fail(UNCLEAR, first)

    def shared_unit(self, first: Side, second: Side) -> str:
        """Return the unit of two numbers, said with the second, with both, or by a sign before."""
        a, b = first.own_unit(), second.own_unit()
        if first.money and not first.unit and not second.money:
            if second.unit[:2] in ("", "1/"):
                return first.money + second.unit[1:]
        elif not a or a == b or (first.money == second.money and not first.unit):
            return b
        if not b:
            self.fail("write the unit after the second number", second)
        self.fail(
            f"the two numbers differ in unit, '{a}' and '{b}': write one unit for both", second
        )
