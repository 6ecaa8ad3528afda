"""Reads errors and intervals that a wording states itself.

measured   = side {"±" side | "+" side "−" side} | figures "(" digits ")"
published  = side "(" percentage "CI" side to side ")" | measured "(" percentage "CI" ")"
"""

from dataclasses import replace
from fractions import Fraction

from estimates.language.wording import vocabulary
from estimates.language.wording.counts import CountReader
from estimates.language.wording.data import Lopsided, Measured, Published
from estimates.language.wording.figures import Figure, Wording
from estimates.language.wording.numerals import Side
from estimates.language.wording.ratios import decimal
from estimates.language.wording.tokens import Number, Token, number

_LABELS = frozenset(
    ("stat", "stat.", "sys", "sys.", "syst", "syst.", "statistical", "systematic", "se", "s.e.")
)
_OPEN = {"(": ")", "[": "]"}


class StatedReader(CountReader):
    """Reads what follows a first number, where it makes that a datum."""

    opened = ""  # what closes the bracket with which the wording begins

    def data(self, first: Side, hedge: str, at: Token) -> Wording | None:
        """Return the datum that the next token makes of a number; None for a plain figure."""
        if self.next.lower in ("of", "among") and self.number_after_of():
            return self.counted(first, hedge, at)
        if first.unit and self.next.lower in ("in", "over", "during"):
            return self.events(first, hedge, at)
        measured = self.errors(first, hedge, at)
        if measured is not None:
            return measured
        return self.interval(first, hedge)

    def measure(self) -> None:
        """Pass over the name of what is measured: `RR 0.72`, `hazard ratio, 0.81`, `OR = 1.2`."""
        for length in range(4, 0, -1):
            words = [piece.text for piece in self.pieces[self.at : self.at + length]]
            first, *rest = words
            capital = (first[:1].lower() + first[1:], *rest)  # `Hazard ratio`
            if {tuple(words), capital} & vocabulary.MEASURES:
                self.skip(length)
                self.accept("=", ":", ",", "of")
                return

    # Errors

    def errors(self, first: Side, hedge: str, at: Token) -> Wording | None:
        """Read `± 0.8 ± 1.7`, `+1.9 −1.7` or `69.8(19)`, and what follows them."""
        found = [self.concise(first)] if self.concise_ahead(first) else []
        close = _OPEN.get(self.next.text, "") if self.error_ahead(1) else ""
        if close:
            self.take()
        while self.error_ahead(0):
            found.append(self.error())
            self.label()
        for bracket in (close, self.opened):
            if bracket and not self.accept(bracket):
                self.fail(f"'{bracket}' is missing here")
        if not found:
            return None
        if hedge:
            self.fail(f"a measurement takes no '{hedge}': its error is given", at)
        return self.with_errors(first, found)

    def error_ahead(self, count: int) -> bool:
        """Return whether an error stands here: ± or a signed number right after the value."""
        if count and self.next.text not in _OPEN:
            return False
        count += self.ahead(count).text == "^"
        token, after = self.ahead(count), self.ahead(count + 1)
        if token.kind == "error":
            return True
        if token.text != "+" and token.kind != "dash":
            return False
        # `+1.9 −1.7` or `−1.7 +1.9`: two signed numbers.
        if after.kind != "number":
            return False
        third = self.ahead(count + 2)
        skip = 1 if third.text in ("/", ",", "^") else 0
        sign = self.ahead(count + 2 + skip)
        opposite = sign.kind == "dash" if token.text == "+" else sign.text == "+"
        return opposite and self.ahead(count + 3 + skip).kind == "number"

    def error(self) -> tuple[Side, ...]:
        """Read one error: the same both ways, or one up and one down."""
        self.accept("^")
        if self.next.kind == "error":
            self.take()
            return (self.positive(self.side()),)
        up_first = self.take().text == "+"
        one = self.positive(self.without_unit())
        self.accept("/", ",", "^")
        self.take()
        two = self.positive(self.side())
        return (one, two) if up_first else (two, one)

    def without_unit(self) -> Side:
        """Read a number without a unit."""
        start = self.next.start
        written, _ = self.numeral(negative=False)
        return Side(written, self.multiplier(), "", "", start, self.pieces[self.at - 1].end)

    def positive(self, side: Side) -> Side:
        if side.figure().value <= 0:
            self.fail("a standard error must be above 0", side)
        return side

    def concise_ahead(self, first: Side) -> bool:
        """Return whether `(19)` stands right after the digits of the value."""
        digits, close = self.ahead(), self.ahead(2)
        return (
            self.next.text == "("
            and self.next.start == first.end == first.number.end
            and digits.kind == "number"
            and digits.text.isdigit()
            and close.text == ")"
        )

    def concise(self, first: Side) -> tuple[Side, ...]:
        """Read the 19 of `69.8(19)`, in units of the last digit."""
        self.take()
        digits = number(self.take(), negative=False)
        self.take()
        text = first.number.text
        place = Fraction(1, 10 ** len(text.partition(".")[2])) if "." in text else Fraction(1)
        error = replace(digits, step=Fraction(1)).times(place)
        return (self.positive(Side(error, None, "", "", digits.start, digits.end)),)

    def label(self) -> None:
        """Take "(stat)", "SE" and the like after an error; a spread is none."""
        at = 1 if self.next.text in _OPEN else 0
        word = self.ahead(at).lower
        if word in vocabulary.SPREADS:
            self.fail(vocabulary.SPREADS[word], self.ahead(at))
        if word not in _LABELS:
            return
        self.skip(at + 1)
        if at:
            self.accept(".")
            if not self.accept(")", "]"):
                self.fail("')' is missing here")

    def with_errors(self, first: Side, found: list[tuple[Side, ...]]) -> Wording:
        last = found[-1][-1]
        if self.pieces[self.at - 1].text in _OPEN.values() and not last.unit:
            last, found, first = self.after_brackets(first, found)
        factor = first.factor if first.factor is not None else last.factor
        if first.factor is not None and any(
            side.factor is None for error in found for side in error
        ):
            self.fail("write the multiplier with both numbers, or once after the last", last)
        unit = self.shared_unit(first, last) if last.own_unit() else first.own_unit()
        among = last.among if last.among != 1 else first.among
        self.check_decimal(factor, among, first, *(side for error in found for side in error))
        value = first.figure(factor, among)
        errors = [tuple(side.figure(factor, among) for side in error) for error in found]
        published = self.level_after(value, errors, unit)
        if published is not None:
            return published
        self.finish()
        if all(len(error) == 1 or error[0] == error[1] for error in errors):
            one, *further = (error[0] for error in errors)
            return Measured(
                value=value, error=one, further=tuple(further), unit=unit, text=self.text
            )
        return Lopsided(
            value=value,
            up=tuple(error[0] for error in errors),
            down=tuple(error[-1] for error in errors),
            unit=unit,
            text=self.text,
        )

    def after_brackets(
        self, first: Side, found: list[tuple[Side, ...]]
    ) -> tuple[Side, list[tuple[Side, ...]], Side]:
        """Read a power of ten, a multiplier and a unit after `69.8(19)`, which belong to both."""
        if first.unit or first.factor is not None or _multiplied(found):
            return found[-1][-1], found, first
        plain = Number(Fraction(1), Fraction(1), 0, 0, "1")
        exponent = self.next if self.next.kind == "word" else None
        ten = Fraction(1)
        if exponent is not None and exponent.text in "eE" and self.ahead(2).text.isdigit():
            self.take()
            sign = self.sign()
            ten = Fraction(10) ** (min(int(self.take().text), 400) * (-1 if sign else 1))
        else:
            ten = self.powers(plain).value
        factor = self.multiplier()
        unit, among = self.unit(first.money)

        def scaled(side: Side) -> Side:
            return replace(side, number=side.number.times(ten), factor=factor, among=among)

        found = [tuple(map(scaled, error)) for error in found]
        last = replace(found[-1][-1], unit=unit)
        found[-1] = (*found[-1][:-1], last)
        return last, found, replace(scaled(first), unit=unit)

    def level_after(
        self, value: Figure, errors: list[tuple[Figure, ...]], unit: str
    ) -> Published | None:
        """Read the interval that `± 3 (95% CI)` states."""
        opened = self.next.text in _OPEN
        if not opened or self.ahead().kind != "number":
            return None
        close = _OPEN[self.take().text]
        coverage = self.level()
        if coverage is None or not self.accept(close):
            self.fail("say what the error covers, as '(95% CI)'")
        if len(errors) > 1:
            self.fail("an interval has one error: write both of its ends")
        self.finish()
        up, down = errors[0][0], errors[0][-1]
        low = Figure(value.value - down.value, min(value.step, down.step))
        high = Figure(value.value + up.value, min(value.step, up.step))
        return Published(
            value=value, low=_round(low), high=_round(high), coverage=coverage, unit=unit,
            text=self.text,
        )  # fmt: skip

    # Intervals

    def stated_first(self) -> float | None:
        """Read the coverage of "95% CI 0.55 to 0.94"."""
        if self.next.kind != "number" or not self.level_ahead(0):
            return None
        return self.level()

    def level_ahead(self, count: int) -> bool:
        """Return whether `95% CI` stands here."""
        token = self.ahead(count)
        percent = self.ahead(count + 1).lower in ("%", "percent")
        named = self.ahead(count + 2).lower in vocabulary.INTERVALS
        return token.kind == "number" and percent and named

    def level(self) -> float | None:
        """Read `95% CI` as a fraction, with the words and signs around it."""
        stated = number(self.take(), negative=False)
        if not self.accept("%", "percent"):
            return None
        fraction = self.fraction(stated, Fraction(1, 100))
        while self.accept(*vocabulary.INTERVALS):
            pass
        self.accept(":", ",", "=", "of")
        return fraction

    def fraction(self, stated: Number, factor: Fraction) -> float:
        fraction = stated.figure(factor).value
        if not 0 < fraction < 1:
            self.fail("a coverage lies between 0 and 100 %: write it as '@ 90%'", stated)
        return fraction

    def coverage(self) -> float | None:
        """Read `@ 90%`, or `(90% CI)`, as a fraction."""
        if self.next.text in _OPEN and self.level_ahead(1):
            close = _OPEN[self.take().text]
            fraction = self.level()
            if not self.accept(close):
                self.fail(f"'{close}' is missing here")
            return fraction
        at = 1 if self.next.lower in ("within", "at", "with") else 0
        if at and self.level_ahead(at):
            self.take()
            return self.level()
        if not self.accept("@"):
            return None
        token = self.take()
        if token.kind != "number":
            self.fail("write the coverage as '@ 90%'", token)
        stated = number(token, negative=False)
        return self.fraction(stated, Fraction(1, 100) if self.accept("%") else Fraction(1))

    def interval(self, first: Side, hedge: str) -> Wording | None:
        """Read `(95% CI 0.55 to 0.94)` after a value."""
        at = 1 if self.next.text in (*_OPEN, ",", ";") else 0
        self.check_spread(at)
        if not at or not self.level_ahead(at):
            if at and self.next.text in _OPEN:
                self.check_bare(at)
            return None
        close = _OPEN.get(self.take().text, "")
        coverage = self.level()
        low = self.side()
        if not self.accept("to", ",", "and") and self.next.kind != "dash":
            self.fail("an interval has two ends: write '95% CI 0.55 to 0.94'")
        if self.next.kind == "dash" and self.pieces[self.at - 1].lower not in ("to", ",", "and"):
            self.take()
        high = self.side()
        if close and not self.accept(close):
            self.fail(f"'{close}' is missing here")
        if not first.unit and not first.money:
            factor = self.multiplier()
            unit, among = self.unit()
            first = replace(
                first, unit=unit, factor=first.factor or factor,
                among=among if first.among == 1 else first.among,
            )  # fmt: skip
        self.finish()
        assert coverage is not None
        return self.published(first, low, high, coverage, hedge)

    def published(
        self, first: Side, low: Side, high: Side, coverage: float, hedge: str
    ) -> Published:
        unit = self.shared_unit(low, high)
        if unit and first.own_unit() and unit != first.own_unit():
            self.fail(
                f"the value and its interval differ in unit, '{first.own_unit()}' and '{unit}'", low
            )
        factor = high.factor if high.factor is not None else first.factor
        among = high.among if high.among != 1 else first.among
        self.check_decimal(factor, among, first, low, high)
        value = first.figure(None, among)
        bottom, top = low.figure(factor, among), high.figure(factor, among)
        if not bottom.value < top.value:
            self.fail("the interval runs backwards", replace(low, end=high.end))
        if not bottom.value <= value.value <= top.value:
            self.fail(
                f"{value} lies outside of its own interval, {bottom} to {top}: one of the three "
                "is mistaken",
                first,
            )
        return Published(
            value=value, low=bottom, high=top, coverage=coverage, hedged=bool(hedge),
            unit=first.own_unit() or unit, text=self.text,
        )  # fmt: skip

    def check_decimal(self, factor: Fraction | None, among: Fraction, *sides: Side) -> None:
        """Refuse dozens, halves and the like beside an error, which is in figures."""
        for side in sides:
            if not decimal(side.number.step * (side.factor or factor or 1) / among):
                self.fail("write a number with an error or an interval in figures", side)

    def check_spread(self, at: int) -> None:
        for count in (at, at + 1):
            word = self.ahead(count).lower
            if at and word in vocabulary.SPREADS:
                self.fail(vocabulary.SPREADS[word], self.ahead(count))

    def two_ends(self, at: int) -> bool:
        """Return whether two numbers, or an error, stand in the bracket."""
        inside = self.pieces[self.at + at : -1]
        signed = inside[0].kind == "dash" or any(one.kind == "error" for one in inside)
        return signed or sum(one.kind == "number" for one in inside) > 1 or len(inside) <= 2

    def check_bare(self, at: int) -> None:
        """Refuse an interval that does not say what it covers."""
        inside = self.ahead(at)
        if inside.lower in ("ci", "margin") or (
            inside.kind in ("number", "dash") and self.two_ends(at)
        ):
            ends = self.text[inside.start :].strip().partition(")")[0].partition("]")[0]
            self.fail(
                f"say what the interval covers, as '(95% CI {ends})' if it is one of 95 %, or "
                "leave it out",
                inside,
            )


def _multiplied(found: list[tuple[Side, ...]]) -> bool:
    return any(side.factor is not None for error in found for side in error)


def _round(figure: Figure) -> Figure:
    """Return the figure rounded to its own last digit, as a sum of decimals has it."""
    value = round(Fraction(figure.value) / Fraction(figure.step)) * Fraction(repr(figure.step))
    return Figure(float(value), figure.step)
