"""The kinds of wording, as plain values, and how each is read.

What was said is not yet what it means: how wide each wording is as evidence is none of this
floor's business, except for the vague counts, whose words carry their customary size. Every
wording prints itself canonically, and parses back from that to an equal one.

What states its own error or is data (`± 15`, `95% CI`, `12 of 882`) is in `data`, and read by
`counts` and `stated`. The grammar, beside these and the fixed wordings (`rising`, `lower than
claimed`):

    wording  = bound side | vague ["of"] [unit] | [hedge] side
             | ([hedge] side to [hedge] side) [coverage]
    to       = "to" | dash, or "between" … "and" …, "from" … "to" …
    side     = [dash] [money] number [multiplier] [unit] | number "in" number
    number   = figures | words | part ["of"] ["a" multiplier]
    unit     = atoms {("/" | "*" | "per" | "a") atoms} ["per" number [atoms]]
    coverage = "@" percentage | "(" percentage "CI" ")"
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from estimates.language.wording import vocabulary
from estimates.language.wording.counts import UNCLEAR
from estimates.language.wording.cursor import is_multiplier
from estimates.language.wording.figures import (
    AFTER_VAGUE,
    VAGUE,
    Figure,
    Wording,
    WordingError,
    bare,
    stated_coverage,
    unit_suffix,
    with_unit,
)
from estimates.language.wording.numerals import Side
from estimates.language.wording.slips import date_in, grouped_by_points, thousands_shared
from estimates.language.wording.stated import StatedReader
from estimates.language.wording.tokens import Token
from estimates.language.wording.vocabulary import BOUNDS, FRAMES, VAGUE_WORDS


@dataclass(frozen=True, slots=True)
class Point(Wording):
    """A single figure: `20,000 people`, or `around 20,000 people`."""

    kind: ClassVar[str] = "point"
    figure: Figure
    hedged: bool = False

    def __str__(self) -> str:
        return f"{'around ' if self.hedged else ''}{with_unit(self.figure, self.unit)}"


@dataclass(frozen=True, slots=True)
class Range(Wording):
    """Two ends, as `70 to 80 % @ 90%`; the coverage is None if it is not stated."""

    kind: ClassVar[str] = "range"
    low: Figure
    high: Figure
    hedged: bool = False
    coverage: float | None = None

    def __str__(self) -> str:
        hedge = "around " if self.hedged else ""
        stated = "" if self.coverage is None else f" @ {stated_coverage(self.coverage)}"
        low, high = bare(self.low, self.unit), with_unit(self.high, self.unit)
        if thousands_shared(low, str(self.high)):
            high = high.replace(",", "", 1)
        if self.unit and " per " in f"{low}{self.high}":  # each with what it is of
            low = with_unit(self.low, self.unit)
        return f"{hedge}{low} to {high}{stated}"


@dataclass(frozen=True, slots=True)
class Bound(Wording):
    """A bound: `up to 1,000`, `at least 5 %`; `soft` only for "up to", which context can cancel.

    `strict`, as `more than` is, only says how it is written: no figure is exact enough to tell.
    """

    kind: ClassVar[str] = "bound"
    figure: Figure
    upper: bool
    soft: bool = False
    strict: bool = field(default=False, compare=False)

    @property
    def words(self) -> str:
        """`up to`, `at most`, `less than`, `at least` or `more than`."""
        if self.soft:
            return "up to"
        if self.strict:
            return "less than" if self.upper else "more than"
        return "at most" if self.upper else "at least"

    def __str__(self) -> str:
        return f"{self.words} {with_unit(self.figure, self.unit)}"


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
        """Return the same wording in another unit."""
        return replace(self, unit=unit, multiplier=self.multiplier * factor)

    def __str__(self) -> str:
        times = self.multiplier / VAGUE[self.words][2]
        after = next((f" {word}" for word, power in AFTER_VAGUE.items() if times == power), "")
        if not after and times != 1:  # came from a change of units, never from a text
            after = f" times {times:g}"
        of = " of" if self.unit and self.words not in ("a few", "several") else ""
        return f"{self.words}{after}{of}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Direction(Wording):
    """A direction of change: `rising` or `falling`."""

    kind: ClassVar[str] = "direction"
    rising: bool

    def __str__(self) -> str:
        return "rising" if self.rising else "falling"


@dataclass(frozen=True, slots=True)
class Disputed(Wording):
    """`lower than claimed` or `higher than claimed`; the ledger says which claim is meant."""

    kind: ClassVar[str] = "disputed"
    lower: bool

    def __str__(self) -> str:
        return f"{'lower' if self.lower else 'higher'} than claimed"


# How they are read

# Wordings without a number.
_WHOLE: dict[str, Wording] = {
    str(one): one
    for one in (
        *(Direction(rising=rising) for rising in (True, False)),
        *(Disputed(lower=lower) for lower in (True, False)),
    )
}
_LONG = {"mn": "million", "bn": "billion", "tn": "trillion", "k": "thousand"}


def parse_wording(text: str, *, decimals: bool = False, literal: bool = False) -> Wording:
    """Read a wording: what was said, as one of the kinds of wording.

    Parameters
    ----------
    text : as in a claim's `says`
    decimals : whether what is counted, such as people, may have decimals; else `1.200` is refused
    literal : whether `2 to 3,000` begins at 2, as where an author sets an interval; else it is
        refused, as 2,000 may be meant

    Returns
    -------
    A `Point`, `Range`, `Bound`, `Vague`, … with figures as written, in the unit as written.

    Raises
    ------
    WordingError : with the offsets of the word that cannot be understood

    See Also
    --------
    explain : what the wording implies

    Examples
    --------
    >>> import estimates as est
    >>> str(est.parse_wording("about twenty thousand people"))
    'around 20,000 people'
    """
    reader = _Reader(text)
    reader.decimals, reader.literal = decimals, literal
    whole = reader.phrase(vocabulary.WHOLE)
    if whole is None:
        try:
            return reader.wording()
        except WordingError:
            slip = grouped_by_points(text) or date_in(text)
            if slip is None:
                raise
            raise WordingError(*slip) from None
    reader.finish()
    return replace(_WHOLE[whole], text=text)


class _Reader(StatedReader):
    """Reads wordings, with one method for each kind that has a number in it."""

    literal = False  # whether `2 to 3,000` begins at 2

    def wording(self) -> Wording:
        self.measure()
        self.in_the_range()
        hedged_at = self.next
        stated = self.stated_first()
        if stated is not None:
            return self.range(self.side(), "", "to", stated)
        if self.next.text == "(":
            self.take()
            self.opened = ")"
        hedge = self.hedge()
        unhedged = self.bound_or_vague(hedge, hedged_at)
        if unhedged is not None:
            return unhedged
        frame = self.phrase(FRAMES)
        self.framed = frame == "between"
        hedge = self.hedge() or hedge
        if hedge and self.bound_or_vague(hedge, hedged_at) is not None:
            raise AssertionError
        first = self.share_or_side()
        data = self.data(first, hedge or frame or "", hedged_at)
        if data is not None:
            return data
        if self.range_goes_on(frame, hedged_at):
            return self.range(first, hedge, frame or "to", None)
        self.finish()
        return Point(
            figure=first.figure(), hedged=bool(hedge), unit=first.own_unit(), text=self.text
        )

    def in_the_range(self) -> None:
        """Pass over the words around `10 to 20 %` in "in the 10-20% range"."""
        if self.standing({("in", "the"): ""}) and self.pieces[-2].lower == "range":
            self.skip(2)
            del self.pieces[-2]

    def bound_or_vague(self, hedge: str, hedged_at: Token) -> Wording | None:
        """Read a bound or a vague count, which take no hedge, if one stands here."""
        bound = self.phrase(BOUNDS)
        vague = None if bound is not None else self.phrase(VAGUE_WORDS)
        if bound is None and vague is None:
            return None
        if hedge:
            self.fail(f"leave out '{hedge}': a bound or a vague count takes no hedge", hedged_at)
        return self.bound(*bound) if bound is not None else self.vague(vague or "")

    def bound(self, upper: bool, soft: bool, strict: bool) -> Bound:
        if self.hedge():
            before = self.pieces[self.at - 1]
            self.fail(f"a bound takes no '{before.text}': leave it out", before)
        side = self.share_or_side()
        if self.next.lower in ("to", "and") or self.next.kind == "dash":
            self.fail("a bound has one number: write a range without it, as '70 to 80'")
        self.finish()
        return Bound(
            figure=side.figure(),
            upper=upper,
            soft=soft,
            strict=strict,
            unit=side.own_unit(),
            text=self.text,
        )

    def vague(self, words: str) -> Vague:
        count, spread, multiplier = VAGUE[words]
        if words in ("a few", "several"):
            after = []
            while is_multiplier(self.next):
                after.append(self.take())
            said = " ".join(_LONG.get(token.lower, token.lower) for token in after)
            if said and said not in AFTER_VAGUE:
                self.fail(f"'{words} {said}' cannot be read as a number", after[0])
            multiplier = AFTER_VAGUE.get(said, multiplier)
        else:
            self.accept("of")
        if self.next.kind == "number":
            self.fail(f"'{words}' needs no number after it")
        unit, among = self.unit()
        if among != 1:
            self.fail(f"'{words}' of so many is not a number: write it in figures")
        self.finish()
        return Vague(
            words=words,
            count=count,
            spread=spread,
            multiplier=multiplier,
            unit=unit,
            text=self.text,
        )

    def range_goes_on(self, frame: str | None, at: Token) -> bool:
        """Take the word or dash of a range, and return whether a second end follows."""
        token = self.next
        if (
            token.lower == "to"
            or token.kind == "dash"
            or (frame == "between" and token.lower == "and")
        ):
            self.take()
            return True
        if frame == "between":
            self.fail("'between' needs 'and', as 'between 70 and 80'", at)
        if frame is not None:
            self.fail("'from' needs 'to', as 'from 70 to 80'", at)
        if token.lower in ("and", "or"):
            self.fail_or(token)
        return False

    def range(self, first: Side, hedge: str, frame: str, stated: float | None) -> Range:
        if stated is not None and not self.range_goes_on(None, self.next):
            self.fail("an interval has two ends: write '95% CI 0.55 to 0.94'")
        hedge = self.hedge() or hedge
        second = self.share_or_side()
        unit = self.shared_unit(first, second)
        self.check_thousands(first, second)
        low, high = self.ends(first, second)
        self.check_order(low, high, first, second)
        coverage = stated or self.coverage()
        self.finish()
        return Range(
            low=low,
            high=high,
            hedged=bool(hedge),
            coverage=coverage,
            unit=unit,
            text=self.text,
        )

    def check_thousands(self, first: Side, second: Side) -> None:
        """Fail at `2 to 3,000 people`, unless each number has a unit of its own."""
        low, high = first.number.text, second.number.text
        apart = self.literal or (first.own_unit() and second.own_unit())
        if not apart and thousands_shared(low, high):
            self.fail(
                f"'{self.text[first.start : second.end].strip()}' can be read in two ways: write "
                f"'{low},000 to {high}', or '{low} to {high.replace(',', '')}' if {low} is meant",
                replace(first, end=second.end),
            )

    def check_order(self, low: Figure, high: Figure, first: Side, second: Side) -> None:
        where = replace(first, end=second.end)
        if low.value == high.value:
            self.fail(f"both ends of the range are {low}: write the number alone", where)
        if low.value > high.value and first.factor is not None and second.factor is None:
            self.fail(UNCLEAR, where)
        if low.value > high.value:
            ends = f"{second.number.plain} to {first.number.plain}"
            self.fail(f"range runs backwards: write {ends}", where)
