"""Walks through the tokens of a wording: numbers with their units, and what cannot be read."""

import re
from dataclasses import dataclass
from typing import NoReturn

from estimates.language.wording import vocabulary
from estimates.language.wording.figures import WordingError
from estimates.language.wording.tokens import Number, Token, number, tokens
from estimates.language.wording.vocabulary import HEDGES, MULTIPLIERS

_COMPARED = {">": "more than", "<": "less than", "≥": "at least", "≤": "at most"}
_CODE = re.compile(r"[kMGT]?[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Side:
    """A number with what stands around it: `US$1.2 million/year`."""

    number: Number
    power: int | None  # of the multiplier, if there is one
    money: str  # unit said by a sign or code before the number
    unit: str  # unit after the number
    start: int
    end: int

    def own_unit(self) -> str:
        return self.money + self.unit


class Cursor:
    """A place among the tokens of one wording, moving forward only."""

    def __init__(self, text: str) -> None:
        pieces = tokens(text)
        if not pieces:
            raise WordingError("an empty wording says nothing", 0, len(text))
        # What is missing at the end is pointed at by the last word.
        pieces.append(pieces[-1]._replace(kind="end", text="", lower=""))
        self.text = text
        self.pieces = pieces
        self.at = 0
        self.next = pieces[0]

    def skip(self, count: int = 1) -> None:
        self.at = min(self.at + count, len(self.pieces) - 1)
        self.next = self.pieces[self.at]

    def take(self) -> Token:
        token = self.next
        self.skip()
        return token

    def accept(self, *words: str) -> bool:
        if self.next.lower in words:
            self.skip()
            return True
        return False

    def phrase[T](self, phrases: dict[tuple[str, ...], T], longest: int) -> T | None:
        """The longest of `phrases` that stands here, taken."""
        words = tuple([piece.lower for piece in self.pieces[self.at : self.at + longest]])
        for length in range(len(words), 0, -1):
            if words[:length] in phrases:
                self.skip(length)
                return phrases[words[:length]]
        return None

    def fail(self, message: str, token: Token | Side | Number | None = None) -> NoReturn:
        token = token or self.next
        raise WordingError(message, token.start, token.end)

    def hedge(self) -> Token | None:
        token = None
        while self.next.lower in HEDGES:
            token = self.take()
        return token

    def side(self) -> Side:
        start = self.next.start
        negative = self.sign()
        money = self.money()
        if money:
            negative = self.sign() or negative
        if self.next.kind != "number":
            self.fail_without_number()
        written = number(self.take(), negative)
        power = self.multiplier()
        unit = self.unit(money)
        return Side(written, power, money, unit, start, self.pieces[self.at - 1].end)

    def sign(self) -> bool:
        """Whether a minus stands here, taken; a plus is taken too."""
        if self.next.kind == "dash":
            self.take()
            return True
        self.accept("+")
        return False

    def money(self) -> str:
        """The currency that stands before a number: `US$`, or a code such as `CNY`."""
        token = self.next
        if token.kind == "money":
            self.take()
            return vocabulary.MONEY[token.text.upper()]
        if token.kind == "word" and _CODE.fullmatch(token.text):
            ahead = self.pieces[self.at + 1]
            if ahead.kind in ("number", "dash"):
                return self.take().text
        return ""

    def multiplier(self) -> int | None:
        power = None
        while is_multiplier(self.next):
            if power not in (None, MULTIPLIERS["hundred"]):
                self.fail(f"one multiplier is enough: leave out '{self.next.text}'")
            power = (power or 0) + MULTIPLIERS[self.take().lower]
        return power

    def unit(self, money: str = "") -> str:
        """The unit that stands here, "" if none; after `money` only what goes on: `/month`."""
        unit = ""
        if self.joint("/"):
            unit = f"{'' if money else '1'}/{self.atom()}"
        elif self.percent_ahead() or self.is_atom(self.next):
            if money:
                self.fail_letter(self.next)
                self.fail(f"the unit is given twice, '{money}' and '{self.next.text}'")
            unit = self.atom()
        while unit:
            if self.joint("/"):
                unit += f"/{self.atom()}"
            elif self.accept("*", "·"):
                unit += f"*{self.atom()}"
            else:
                break
        return unit

    def joint(self, sign: str) -> bool:
        """Whether `/`, "per", or the "a" of "20 hours a day" stands here, taken."""
        if self.next.lower in ("a", "an"):
            return self.is_atom(self.pieces[self.at + 1]) and self.accept("a", "an")
        return not self.percent_ahead() and self.accept(sign, "per")

    def percent_ahead(self) -> bool:
        """Whether "per cent" stands here, which is one word."""
        return self.next.lower == "per" and self.pieces[self.at + 1].lower == "cent"

    def is_atom(self, token: Token) -> bool:
        if token.kind == "word":
            lower = token.lower
            return lower not in vocabulary.RESERVED and not is_multiplier(token)
        return token.text == "%" or token.kind == "money"

    def atom(self) -> str:
        if self.percent_ahead():
            self.skip(2)
            return "%"
        token = self.next
        if token.kind == "number":
            self.fail("write a count with 'of', as '12 of 882', or the quotient as a number")
        if not self.is_atom(token):
            self.fail(
                "a unit is missing here" if token.kind == "end" else _expected("a unit", token)
            )
        if token.lower in vocabulary.MISSPELT:
            meant = vocabulary.MISSPELT[token.lower]
            self.fail(f"'{token.text}' is no unit; did you mean '{meant}'?")
        self.take()
        name = vocabulary.MONEY.get(token.text.upper(), token.text)
        if token.lower == "percent":
            name = "%"
        if not self.accept("^", "**"):
            return name
        sign = "-" if self.sign() else ""
        if self.next.kind != "number":
            self.fail(f"a power is missing after '{name}'")
        return f"{name}**{sign}{self.take().text}"

    def coverage(self) -> float | None:
        """`@ 90%`, as a fraction."""
        if not self.accept("@"):
            return None
        token = self.take()
        if token.kind != "number":
            self.fail("write the coverage as '@ 90%'", token)
        stated = number(token, negative=False)
        fraction = stated.figure(-2 if self.accept("%") else 0).value
        if not 0 < fraction < 1:
            self.fail("a coverage lies between 0 and 100 %: write it as '@ 90%'", stated)
        return fraction

    def finish(self) -> None:
        """Nothing may follow."""
        token = self.next
        if token.kind == "end":
            return
        if token.text == "@":
            self.fail("only a range has a coverage")
        if token.text == "+":
            self.fail("write 'more than' before the number, not '+' after it")
        before = self.pieces[self.at - 1]
        if token.lower == "in" and self.pieces[self.at + 1].kind == "number":
            self.fail("write a count with 'of', as '12 of 882'")
        if token.text in (",", ";", "("):
            self.fail("only one figure fits here: keep what follows it in `quote:` or `note:`")
        if token.kind == "number" and before.lower == "in":
            self.fail("write a count with 'of', as '12 of 882'", before)
        if token.text in ("'", "’") and before.kind == "number":
            self.fail("thousands are grouped by commas, as in 20,000")
        if token.kind == "number" and before.kind == "number":
            self.fail("two numbers in a row: write 'to' between them, or 20,000 with its comma")
        if token.kind == "word" and self.is_atom(before):
            self.fail_letter(before)
            self.fail(f"'{token.text}' is out of place; a unit is one word, as oil_barrel")
        self.fail(f"'{token.text}' is out of place")

    def fail_letter(self, token: Token) -> None:
        """Fail if this is a newspaper's letter for a multiplier: "20k people", "£5m"."""
        word = vocabulary.LETTERS.get(token.lower)
        if word is not None:
            self.fail(f"'{token.text}' is read as a unit: write '{word}' to multiply", token)

    def fail_without_number(self) -> NoReturn:
        token = self.next
        if token.kind == "end":
            self.fail("a number is missing at the end")
        if token.text in _COMPARED:
            self.fail(f"write '{_COMPARED[token.text]}' instead of {token.text}")
        words = []
        for piece in self.pieces[self.at : self.at + 3]:
            if piece.kind != "word":
                break
            words.append(piece)
        for length in range(len(words), 0, -1):
            said = " ".join(piece.lower for piece in words[:length])
            hint = vocabulary.suggestion(said)
            if hint:
                raise WordingError(
                    f"'{said}' is no number{hint}", token.start, words[length - 1].end
                )
        self.fail(_expected("a number", token))


def is_multiplier(token: Token) -> bool:
    """Whether this is "million" or the like; short forms in small letters only (MN is a force)."""
    return token.lower in MULTIPLIERS and (len(token.text) > 2 or token.text.islower())


def _expected(what: str, token: Token) -> str:
    return f"{what} should stand here, not '{token.text}'"
