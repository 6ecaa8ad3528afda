"""The kinds of wording, as plain values, and how each is read.

What was said is not yet what it means: how wide each wording is as evidence is none of this
floor's business, except for the vague counts, whose words carry their customary size. Every
wording prints itself canonically, and parses back from that to an equal one.

The grammar, beside the fixed wordings (`rising`, `lower than claimed`):

    wording  = bound side | vague ["of"] [unit] | [hedge] side | side "±" side
             | whole "of" whole | ([hedge] side to [hedge] side) ["@" coverage]
    to       = "to" | dash, or "between" … "and" …, "from" … "to" …
    side     = [dash] [money] number [multiplier] [unit]
    unit     = atom {("/" | "*" | "per" | "a") atom}
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar, Self

from estimates.language.wording import vocabulary
from estimates.language.wording.cursor import Cursor, Side, is_multiplier
from estimates.language.wording.figures import (
    AFTER_VAGUE,
    VAGUE,
    Figure,
    Wording,
    WordingError,
    unit_suffix,
)
from estimates.language.wording.slips import date_in
from estimates.language.wording.tokens import Token
from estimates.language.wording.vocabulary import BOUNDS, HEDGES, VAGUE_WORDS


@dataclass(frozen=True, slots=True)
class Point(Wording):
    """`20,000 people`, or `around 20,000 people`."""

    kind: ClassVar[str] = "point"
    figure: Figure
    hedged: bool = False

    def __str__(self) -> str:
        return f"{'around ' if self.hedged else ''}{self.figure}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Range(Wording):
    """`around 120 to 150 USD/person/month`, `70 to 80 % @ 90%`; coverage None if not stated."""

    kind: ClassVar[str] = "range"
    low: Figure
    high: Figure
    hedged: bool = False
    coverage: float | None = None

    def __str__(self) -> str:
        hedge = "around " if self.hedged else ""
        stated = ""
        if self.coverage is not None:
            stated = f" @ {(Decimal(repr(self.coverage)) * 100).normalize():f}%"
        return f"{hedge}{self.low} to {self.high}{unit_suffix(self.unit)}{stated}"


@dataclass(frozen=True, slots=True)
class Bound(Wording):
    """`up to 1,000`, `at least 5 %`; soft only for "up to", which context can cancel."""

    kind: ClassVar[str] = "bound"
    figure: Figure
    upper: bool
    soft: bool = False

    def __str__(self) -> str:
        words = ("up to" if self.soft else "at most") if self.upper else "at least"
        return f"{words} {self.figure}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Vague(Wording):
    """`a few thousand CNY/person/month`: about count * multiplier, spread on the log scale.

    `words` is a key of `VAGUE`; the multiplier holds what the words and a "thousand" after them
    amount to.
    """

    kind: ClassVar[str] = "vague"
    words: str
    count: float
    spread: float
    multiplier: float = 1.0

    def scaled(self, factor: float, unit: str) -> Self:
        """The same wording in another unit."""
        return replace(self, unit=unit, multiplier=self.multiplier * factor)

    def __str__(self) -> str:
        times = self.multiplier / VAGUE[self.words][2]
        after = next((f" {word}" for word, power in AFTER_VAGUE.items() if times == power), "")
        if not after and times != 1:  # came from a change of units, never from a text
            after = f" times {times:g}"
        of = " of" if self.unit and self.words not in ("a few", "several") else ""
        return f"{self.words}{after}{of}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Measured(Wording):
    """`28 ± 15`: a value and its standard error, in one unit."""

    kind: ClassVar[str] = "measured"
    value: Figure
    error: Figure

    def __str__(self) -> str:
        return f"{self.value} ± {self.error}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Counted(Wording):
    """`12 of 882`: successes among trials; a share, without a unit."""

    kind: ClassVar[str] = "counted"
    successes: int
    trials: int

    def __str__(self) -> str:
        return f"{self.successes:,} of {self.trials:,}"


@dataclass(frozen=True, slots=True)
class Direction(Wording):
    """`rising` or `falling`."""

    kind: ClassVar[str] = "direction"
    rising: bool

    def __str__(self) -> str:
        return "rising" if self.rising else "falling"


@dataclass(frozen=True, slots=True)
class Disputed(Wording):
    """`lower than claimed` or `higher than claimed`; which claim, the ledger says."""

    kind: ClassVar[str] = "disputed"
    lower: bool

    def __str__(self) -> str:
        return f"{'lower' if self.lower else 'higher'} than claimed"


# How they are read

_UNCLEAR = (
    "it is unclear whether the multiplier is meant for both numbers:"
    " write both out, each with its own"
)
_UNHEDGED = {**BOUNDS, **VAGUE_WORDS}
# Wordings without a number.
_WHOLE: dict[str, Wording] = {
    str(one): one
    for one in (
        *(Direction(rising=rising) for rising in (True, False)),
        *(Disputed(lower=lower) for lower in (True, False)),
    )
}
_LONG = {"mn": "million", "bn": "billion", "tn": "trillion"}


def parse_wording(text: str) -> Wording:
    """What `text` says, as one of the kinds of wording.

    Raises `WordingError` with the offsets of the word that cannot be understood.
    """
    reader = _Reader(text)
    whole = reader.phrase(vocabulary.WHOLE, 3)
    if whole is None:
        try:
            return reader.wording()
        except WordingError:
            date = date_in(text)
            if date is None:
                raise
            raise WordingError(*date) from None
    reader.finish()
    return replace(_WHOLE[whole], text=text)


class _Reader(Cursor):
    """One method for each kind of wording with a number in it."""

    def wording(self) -> Wording:
        bound = self.phrase(BOUNDS, 3)
        if bound is not None:
            return self.bound(*bound)
        vague = self.phrase(VAGUE_WORDS, 3)
        if vague is not None:
            return self.vague(vague)
        hedge = self.hedge()
        frame = self.take() if self.next.lower in ("between", "from") else None
        hedge = self.hedge() or hedge
        if hedge is not None and self.phrase(_UNHEDGED, 3) is not None:
            self.fail(f"leave out '{hedge.text}': a bound or a vague count takes no hedge", hedge)
        first = self.side()
        following = self.next
        if following.lower in ("of", "out"):
            return self.counted(first, hedge or frame)
        if following.kind == "error":
            return self.measured(first, hedge or frame)
        if self.range_goes_on(frame):
            return self.range(first, hedge)
        self.finish()
        return Point(
            figure=first.number.figure(first.power or 0),
            hedged=hedge is not None,
            unit=first.own_unit(),
            text=self.text,
        )

    def bound(self, upper: bool, soft: bool) -> Bound:
        if self.next.lower in HEDGES:
            self.fail(f"a bound takes no '{self.next.text}': leave it out")
        side = self.side()
        if self.next.lower in ("to", "and") or self.next.kind == "dash":
            self.fail("a bound has one number: write a range without it, as '70 to 80'")
        self.finish()
        figure = side.number.figure(side.power or 0)
        return Bound(figure=figure, upper=upper, soft=soft, unit=side.own_unit(), text=self.text)

    def vague(self, words: str) -> Vague:
        count, spread, multiplier = VAGUE[words]
        if words in ("a few", "several"):
            after = []
            while is_multiplier(self.next) or self.next.lower == "dozen":
                after.append(self.take())
            said = " ".join(_LONG.get(token.lower, token.lower) for token in after)
            if said and said not in AFTER_VAGUE:
                self.fail(f"'{words} {said}' cannot be read as a number", after[0])
            multiplier = AFTER_VAGUE.get(said, multiplier)
        else:
            self.accept("of")
        if self.next.kind == "number":
            self.fail(f"'{words}' needs no number after it")
        unit = self.unit()
        self.finish()
        return Vague(
            words=words,
            count=count,
            spread=spread,
            multiplier=multiplier,
            unit=unit,
            text=self.text,
        )

    def counted(self, first: Side, before: Token | None) -> Counted:
        if before is not None:
            self.fail(f"a count takes no '{before.text}': leave it out", before)
        if self.accept("out") and self.next.lower != "of":
            self.fail("'out' goes with 'of', as '12 out of 882'")
        self.take()
        second = self.side()
        counts = []
        for side in (first, second):
            if side.own_unit():
                self.fail("a count is a share and takes no unit: write '12 of 882'", side)
            value = side.number.figure(side.power or 0).value
            if value < 0 or value != int(value) or value > 2**53:
                self.fail("only whole numbers, 0 or more, can be counted", side)
            counts.append(int(value))
        successes, trials = counts
        if not trials:
            self.fail("nothing can be counted among 0", second)
        if successes > trials:
            self.fail(f"{successes:,} cannot be among {trials:,}", first)
        self.finish()
        return Counted(successes=successes, trials=trials, text=self.text)

    def measured(self, first: Side, before: Token | None) -> Measured:
        if before is not None:
            self.fail(f"a measurement takes no '{before.text}': its error is given", before)
        self.take()
        second = self.side()
        if first.power is not None and second.power is None:
            self.fail("write the multiplier with both numbers, or once after the second", second)
        unit = self.shared_unit(first, second)
        value = first.number.figure((second.power if first.power is None else first.power) or 0)
        error = second.number.figure(second.power or 0)
        if error.value <= 0:
            self.fail("a standard error must be above 0", second)
        self.finish()
        return Measured(value=value, error=error, unit=unit, text=self.text)

    def range_goes_on(self, frame: Token | None) -> bool:
        """Whether a second end follows; if so, the word or dash between is taken."""
        token = self.next
        if frame is not None and frame.lower == "between":
            if not self.accept("and"):
                self.fail("'between' needs 'and', as 'between 70 and 80'", frame)
            return True
        if token.lower == "to" or token.kind == "dash":
            self.take()
            return True
        if frame is not None:
            self.fail("'from' needs 'to', as 'from 70 to 80'", frame)
        if token.lower in ("and", "or"):
            self.fail("for a range write 'to' between the numbers, as '70 to 80'")
        return False

    def range(self, first: Side, hedge: Token | None) -> Range:
        hedge = self.hedge() or hedge
        second = self.side()
        unit = self.shared_unit(first, second)
        power = first.power
        if power is None and second.power is not None:
            if first.number.written >= second.number.written:
                self.fail(_UNCLEAR, first)
            power = second.power
        low = first.number.figure(power or 0)
        high = second.number.figure(second.power or 0)
        self.check_order(low, high, first, second)
        coverage = self.coverage()
        self.finish()
        return Range(
            low=low,
            high=high,
            hedged=hedge is not None,
            coverage=coverage,
            unit=unit,
            text=self.text,
        )

    def check_order(self, low: Figure, high: Figure, first: Side, second: Side) -> None:
        where = replace(first, end=second.end)
        if low.value == high.value:
            self.fail(f"both ends of the range are {low}: write the number alone", where)
        if low.value > high.value and first.power is not None and second.power is None:
            self.fail(_UNCLEAR, where)
        if low.value > high.value:
            ends = f"{second.number.plain} to {first.number.plain}"
            self.fail(f"range runs backwards: write {ends}", where)

    def shared_unit(self, first: Side, second: Side) -> str:
        """The unit of two numbers: said with the second, with both alike, or by a sign before."""
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
