"""Numbers in figures and in words, with their multipliers and units: the sides of a wording."""

from dataclasses import dataclass
from fractions import Fraction

from estimates.language.wording import vocabulary
from estimates.language.wording.cursor import is_exposure, is_multiplier
from estimates.language.wording.ending import Ending
from estimates.language.wording.figures import Figure, grouped, is_counted
from estimates.language.wording.ratios import AMONG, EIGHTHS, GLYPHS, SCALES, decimal, share_step
from estimates.language.wording.tokens import Number, Token, number, raised
from estimates.language.wording.vocabulary import MULTIPLIERS, NUMERALS, PARTS, TENS

_AND_A = ("half", "quarter", "third")


@dataclass(frozen=True, slots=True)
class Side:
    """A number with what stands around it: `US$1.2 million/year`, `27 per 100,000 people`."""

    number: Number
    factor: Fraction | None  # of the multiplier, if there is one
    money: str  # unit said by a sign or code before the number
    unit: str  # unit after the number
    start: int
    end: int
    among: Fraction = Fraction(1)  # of how many: 100,000

    def own_unit(self) -> str:
        return self.money + self.unit

    def figure(self, factor: Fraction | None = None, among: Fraction | None = None) -> Figure:
        """Return the figure, with the other side's multiplier and divisor where it has none."""
        times = self.factor or factor or Fraction(1)
        below = self.among if self.among != 1 else among or Fraction(1)
        return self.number.figure(times / below)


class Numerals(Ending):
    """Reads numbers as people write them."""

    decimals = False  # whether what is counted may have them, as a width of it
    framed = False  # after "between", whose "and" separates

    def side(self) -> Side:
        start = self.next.start
        negative = self.sign()
        money = self.money()
        if money:
            negative = self.sign() or negative
        written, factor = self.numeral(negative)
        if factor is None:
            factor = self.multiplier()
        if factor not in (None, 1) and written.value.denominator == 1 and self.and_a_part():
            part = self.part_after_and()
            written = _mixed(written, part)
        unit, among = self.unit(money)
        end = self.pieces[self.at - 1].end
        parts = written.value.denominator if not written.text else 1
        if unit and parts not in (1, *EIGHTHS, 10):
            self.fail("write this number in figures", written)
        side = Side(written, factor, money, unit, start, end, among)
        self.check_per(side)
        self.check_plural(side)
        self.check_points(side)
        return side

    def numeral(self, negative: bool) -> tuple[Number, Fraction | None]:
        """Read a number, with its multiplier where that stands inside: "half a million"."""
        if (
            self.next.kind == "number"
            and self.next.text not in GLYPHS
            and not self.fraction_ahead()
        ):
            token = self.take()
            return self.powers(number(token, negative)), None
        start = self.next
        share = self.share_in_words()
        if share is not None:
            return share
        value = self.words()
        if value is None:
            self.fail_without_number()
        end = self.pieces[self.at - 1].end
        last = value
        while last and last % 10 == 0:
            last //= 10
        step = Fraction(value, last) if value else Fraction(1)
        found = Number(Fraction(-value if negative else value), step, start.start, end)
        if self.and_a_part():
            found = _mixed(found, self.part_after_and())
        return found, None

    def powers(self, written: Number) -> Number:
        """Return the number times the power of ten that follows: `3.04 × 10^12`, `10^6`."""
        if written.text == "10" and (self.next.text in ("^", "**") or self.next.kind == "raised"):
            return self._ten(written, Fraction(1), Fraction(1))
        marked = self.next.text in ("×", "x", "X", "*", "·") and self.ahead().text == "10"
        if not marked:
            return written
        after = self.ahead(2)
        if after.text in ("^", "**") or after.kind in ("raised", "dash"):
            self.skip(2)
            return self._ten(written, written.value, written.step)
        return written

    def _ten(self, written: Number, value: Fraction, step: Fraction) -> Number:
        token = self.next
        if token.kind == "raised":
            power = raised(self.take())
        else:
            self.accept("^", "**")
            negative = self.sign()
            if self.next.kind != "number" or not self.next.text.isdigit():
                self.fail("a power of ten is missing", token)
            power = int(self.take().text) * (-1 if negative else 1)
        if abs(power) > 400:
            self.fail("this number is too large or too small", token)
        ten, end = Fraction(10) ** power, self.pieces[self.at - 1].end
        return Number(value * ten, step * ten, written.start, end, f"{written.text}e")

    # Multipliers

    def multiplier(self) -> Fraction | None:
        factor = None
        while True:
            if self.next.kind == "hyphen" and is_multiplier(self.ahead()):
                self.skip()  # of `100-thousand`
            token = self.next
            if is_multiplier(token):
                times = MULTIPLIERS[token.lower]
                self.check_multipliers(factor, times, token)
                self.take()
            elif factor is None and self.is_letter(token):
                self.take()
                times = MULTIPLIERS[vocabulary.LETTERS[token.text]]
            else:
                return factor
            factor = times * (factor or 1)

    def check_multipliers(self, factor: Fraction | None, times: Fraction, token: Token) -> None:
        if factor is not None and not factor < times:
            self.fail(f"one multiplier is enough: leave out '{token.text}'")

    def is_letter(self, token: Token) -> bool:
        """Return whether a letter multiplies; fail where it may as well be a unit."""
        if token.text not in vocabulary.LETTERS or token.kind != "word":
            return False
        if self.monetary:
            return True
        after = self.ahead()
        noun = (
            after.kind == "word" and self.is_atom(after) and self.ahead(2).text not in ("^", "**")
        )
        if token.text in "KMBb" and noun:
            return True
        glued = self.glued(token)
        if token.text in "tT" or (not glued and not (noun and token.text == "m")):
            return False
        if glued and after.text == "/":
            return False
        self.fail_letter(token)
        return False

    # Numbers in words

    def words(self) -> int | None:
        """Read a whole number in words: `twenty-five`, `two hundred and fifty`, and `a` million."""
        if self.next.lower in ("a", "an") and is_multiplier(self.ahead()):
            self.take()
            return 1
        small = self.below_hundred()
        if small is None:
            return None
        if self.next.lower != "hundred":
            return small
        joint = self.ahead().lower == "and"
        rest = self.ahead(2 if joint else 1).lower
        if (joint and self.framed) or (rest not in NUMERALS and rest not in TENS):
            return small
        self.skip(2 if joint else 1)
        return 100 * small + (self.below_hundred() or 0)

    def below_hundred(self) -> int | None:
        token = self.next
        if token.lower in NUMERALS:
            self.take()
            return NUMERALS[token.lower]
        if token.lower not in TENS:
            return None
        self.take()
        hyphen = self.next.kind == "hyphen"
        ones = NUMERALS.get(self.ahead().lower if hyphen else self.next.lower, 0)
        if 1 <= ones <= 9:
            self.skip(2 if hyphen else 1)
        return TENS[token.lower] + (ones if ones <= 9 else 0)

    def and_a_part(self) -> bool:
        """Return whether "and a half" stands here."""
        if self.framed:
            return False
        at = 1 if self.next.kind == "hyphen" else 0
        joint, one, part = (self.ahead(at + at * i + i) for i in range(3))
        return joint.lower == "and" and one.lower in ("a", "one") and part.lower in _AND_A

    def part_after_and(self) -> Fraction:
        self.skip(5 if self.next.kind == "hyphen" else 2)
        return Fraction(1, PARTS[self.take().lower])

    # Shares in words

    def fraction_ahead(self) -> bool:
        """Return whether "3 quarters" or "3 in 4" stands here, in figures."""
        after = self.ahead(2) if self.ahead().kind == "hyphen" else self.ahead()
        return after.lower in PARTS and self.next.text.isdigit()

    def share_in_words(self) -> tuple[Number, Fraction | None] | None:
        """Read a share in words, `half`, `a third`, or one of a multiplier: `half a million`."""
        start, at = self.next, self.at
        if start.text in GLYPHS:
            share = GLYPHS[self.take().text]
        else:
            count = self.parts_counted()
            self.accept("-") if self.next.kind == "hyphen" else None
            if count is None or self.next.lower not in PARTS:
                self.at, self.next = at, self.pieces[at]
                return None
            share = Fraction(count, PARTS[self.take().lower])
        multiplier = self.of_a_multiplier()
        if multiplier is not None and (
            share.denominator not in (*EIGHTHS, 1, 10, 100, 1000) or multiplier not in SCALES
        ):
            self.fail("write this number in figures", start)
        end = self.pieces[self.at - 1].end
        if multiplier is not None:
            step = Fraction(1, share.denominator)
            return Number(share, step, start.start, end), multiplier
        if self.next.lower in ("a", "an") and self.is_atom_or_percent(1):
            self.take()  # half a mile, half a per cent
        step = share_step(share, Fraction(1, share.denominator))
        return Number(share, step, start.start, end), Fraction(1)

    def parts_counted(self) -> int | None:
        """Read how many parts: the "two" of "two thirds"; half needs none."""
        if self.next.lower == "half":
            return 1
        if self.next.lower in ("a", "an", "one"):
            self.take()
            return 1
        if self.next.kind == "number":
            return int(self.take().text)
        return self.below_hundred()

    def of_a_multiplier(self) -> Fraction | None:
        """Read the million of "half a million", "a quarter of a million", "½ million"."""
        skipped = 0
        for words in (("of", "a"), ("of", "one"), ("a",), ("-",), ()):
            if all(self.ahead(i).lower == word for i, word in enumerate(words)):
                skipped = len(words)
                break
        if not is_multiplier(self.ahead(skipped)):
            return None
        self.skip(skipped)
        return self.multiplier()

    def is_atom_or_percent(self, count: int) -> bool:
        return self.is_atom(self.ahead(count)) or self.ahead(count).lower == "per"

    def among(self, first: Side) -> tuple[Number, Token] | None:
        """Read the second number of "one in five", "9 out of every 10", and its place."""
        at = self.at
        while self.next.kind == "hyphen":  # six-in-ten
            self.take()
        said = self.next.lower
        if said not in ("in", "out"):
            self.at, self.next = at, self.pieces[at]
            return None
        self.take()
        if said == "out" and not self.accept("of"):
            self.fail("'out' goes with 'of', as '12 out of 882'")
        before = self.next
        if said == "out" and self.hedge():
            self.fail(
                f"a count is of exact numbers, as '12 of 882': leave out '{before.text}', or write "
                "the share as a %",
                before,
            )
        while self.next.kind == "hyphen" or self.next.lower in ("every", "each", "the"):
            self.take()
        start = self.next
        if self.next.kind != "number" and self.next.lower not in {*NUMERALS, *TENS, "a"}:
            if said == "out":
                self.fail_without_number()
            self.at, self.next = at, self.pieces[at]
            return None
        written, _ = self.numeral(negative=False)
        factor = self.multiplier()
        return (written if factor is None else written.times(factor)), start

    def share(self, first: Side, second: Number) -> Number:
        """Return `one in five` as a share; fail where it may as well be a count."""
        r, n = first.number.value * (first.factor or 1), second.value
        whole = r.denominator == n.denominator == 1
        if not whole or n not in AMONG or not 0 < r < n:
            of = f"{_plain(r)} of {_plain(n)}"
            self.fail(
                f"'in' and 'out of' say a share in words, some of 2 to 10, 20, 100 or 1,000: write "
                f"'{of}' for a count of so many, or the share as a %",
                Side(first.number, None, "", "", first.start, second.end),
            )
        share = r / n
        step = share_step(share, first.number.step * (first.factor or 1) / n)
        return Number(share, step, first.start, second.end)

    def check_per(self, side: Side) -> None:
        """Refuse `8.0 per 882`: only `3 per 20`, or so many per 1,000 and its like, are counts."""
        step = side.number.step * (side.factor or 1)
        count = side.number.value * (side.factor or 1)
        if side.among == 1 or (decimal(step) and decimal(side.among)):
            return
        if side.money or not decimal(step) or step < 1 or not 0 < count < side.among:
            self.fail("write this as a number per 1, or per 10, 100, 1,000 …", side)

    # Points for thousands

    def check_plural(self, side: Side) -> None:
        """Refuse `100s of people`, which is not a number of seconds."""
        if side.unit == "s" and self.next.lower == "of" and side.number.text.endswith("0"):
            self.fail("write 'hundreds of', 'thousands of' and the like in words", side)

    def check_points(self, side: Side) -> None:
        """Refuse `1.200 people` and `€1.200`: what is counted has no decimals, money two."""
        text = side.number.text
        if self.decimals or side.factor is not None or side.among != 1 or not grouped(text):
            return
        if (side.money and not side.unit) or is_counted(side.unit):
            written = text.replace(".", ",")
            self.fail(
                f"'{text}' can be read in two ways: write {written}, or {text}e0 if decimals "
                "are meant",
                side.number,
            )


def _mixed(written: Number, part: Fraction) -> Number:
    """Return a whole number and a half, as in `two and a half`."""
    sign = -1 if written.value < 0 else 1
    return Number(
        written.value + sign * part, Fraction(1, part.denominator), written.start, written.end
    )


def _plain(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):g}"


__all__ = ["Numerals", "Side", "is_exposure"]
