"""Walks through the tokens of a wording: words, signs, units, and what cannot be read."""

import re
from collections.abc import Container
from fractions import Fraction
from typing import NoReturn, Protocol

from estimates.language.units import currencies
from estimates.language.wording import vocabulary
from estimates.language.wording.figures import WordingError
from estimates.language.wording.slips import which_ounce
from estimates.language.wording.tokens import Token, number, raised, tokens
from estimates.language.wording.vocabulary import (
    EXPOSURES,
    HEDGES,
    LONGEST_PHRASE,
    MULTIPLIERS,
    Phrase,
)

_HEDGED = HEDGES | vocabulary.IDLE
_CODE = re.compile(r"[kMGT]?[A-Z]{3}")


class Placed(Protocol):
    """Anything that has a place in the text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


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
        self.monetary = any(map(_is_money, pieces))

    # Taking

    def skip(self, count: int = 1) -> None:
        self.at = min(self.at + count, len(self.pieces) - 1)
        self.next = self.pieces[self.at]

    def take(self) -> Token:
        token = self.next
        self.skip()
        return token

    def ahead(self, count: int = 1) -> Token:
        """Return the token that many places ahead."""
        return self.pieces[min(self.at + count, len(self.pieces) - 1)]

    def accept(self, *words: str) -> bool:
        if self.next.lower in words and self.next.kind != "end":
            self.skip()
            return True
        return False

    def standing(self, phrases: Container[Phrase]) -> Phrase | None:
        """Return the longest of `phrases` that stands here."""
        words = tuple([piece.lower for piece in self.pieces[self.at : self.at + LONGEST_PHRASE]])
        for length in range(len(words), 0, -1):
            if words[:length] in phrases:
                return words[:length]
        return None

    def phrase[T](self, phrases: dict[Phrase, T]) -> T | None:
        """Take the longest of `phrases` that stands here."""
        found = self.standing(phrases)
        if found is None:
            return None
        self.skip(len(found))
        return phrases[found]

    def hedge(self) -> str:
        """Take the hedges that stand here, and return the last of them; "" if none."""
        words = ""
        while (found := self.standing(_HEDGED)) is not None:
            if self.starts_bound():
                break
            self.skip(len(found))
            if found in HEDGES:
                words = " ".join(found)
        return words

    def starts_bound(self) -> bool:
        """Return whether a bound longer than any hedge stands here ("just under" is none)."""
        bound = self.standing(vocabulary.BOUNDS)
        hedge = self.standing(_HEDGED)
        return bound is not None and (hedge is None or len(bound) > len(hedge))

    def glued(self, token: Token) -> bool:
        """Return whether a token follows the one before it without a space."""
        at = self.pieces.index(token)
        return at > 0 and self.pieces[at - 1].end == token.start

    def sign(self) -> bool:
        """Take a minus or plus that stands here, and return whether it was a minus."""
        if self.next.kind == "dash" or self.next.lower == "minus":
            self.take()
            return True
        self.accept("+", "plus")
        return False

    def money(self) -> str:
        """Take the currency that stands before a number: `US$`, or a code such as `CNY`."""
        token = self.next
        if token.kind == "money":
            self.take()
            return currencies.MONEY["".join(token.text.upper().split()).removesuffix(".")]
        code = token.kind == "word" and _CODE.fullmatch(token.text)
        if code and self.ahead().kind in ("number", "dash"):
            return self.take().text
        return ""

    # Units

    def unit(self, money: str = "") -> tuple[str, Fraction]:
        """Take the unit that stands here, "" if none, with how many of it; after `money` its rest.

        `per 100,000 live births` is 1 of 100,000, a share; `per 1,000 person-years` a rate.
        """
        above, among = "", None
        self.same_currency(money)
        if self.rate() is None and (self.is_atom(self.next) or self.percent_ahead()):
            if money and (self.next.text == "%" or self.letter_here()):
                self.fail_letter(self.next)
            if money:
                self.fail(f"the unit is given twice, '{money}' and '{self.next.text}'")
            above = self.atoms()
            while self.accept("*", "·"):
                above += f"*{self.atoms()}"
        unit = above
        while True:
            self.pass_over_what_of(unit or money)
            rate = self.rate()
            if rate is not None and not self.percent_ahead():
                self.skip(len(rate))
                unit = f"{unit or ('' if money else '1')}/{vocabulary.RATES[rate]}"
            elif among is None and self.divisor_ahead():
                self.take()
                among = self.divisor()
                unit = self.per_many(above, money)
            elif self.joint():
                unit = f"{unit or ('' if money else '1')}/{self.atoms()}"
            elif unit and self.accept("*", "·"):
                unit += f"*{self.atoms()}"
            else:
                break
        self.check_ounces(unit)
        return unit, among or Fraction(1)

    def rate(self) -> Phrase | None:
        """Return the rate that stands here, as "a year" or "annually"; an adjective is none."""
        found = self.standing(vocabulary.RATES)
        noun = found is not None and len(found) == 1 and self.is_atom(self.ahead())
        return None if noun else found

    def same_currency(self, money: str) -> None:
        """Pass over the dollars of `$1 billion dollars`."""
        named = self.standing(currencies.CURRENCIES)
        if named is not None and currencies.CURRENCIES[named] == money:
            self.skip(len(named))
        elif money and money in currencies.SHORT_CURRENCIES.get(self.next.lower, ()):
            self.skip()

    def pass_over_what_of(self, unit: str) -> None:
        """Pass over the rice of `3 tonnes of rice a year`; fail where it may be part of a share."""
        if self.next.lower not in ("of", "worth"):
            return
        for count in range(1, len(self.pieces) - self.at):
            token = self.ahead(count)
            if token.kind not in ("word", "hyphen"):
                return
            at, here = self.at, self.next
            self.skip(count)
            rate = self.rate() or ("per",) * (self.next.lower == "per")
            rate = () if self.percent_ahead() else rate
            if rate and unit and unit not in ("%", "‰"):
                return
            self.at, self.next = at, here
            if rate:
                said = self.text[token.start :].strip()
                self.fail(
                    f"a share {said} can be read in two ways: leave '{said}' out, or write it "
                    "right after the figure if it is a rate",
                    token._replace(end=self.pieces[-1].end),
                )

    def per_many(self, above: str, money: str) -> str:
        """Take the unit of so many of `above` per hundred thousand of what stands here."""
        if self.rate() or not self.is_atom(self.next):
            return ""  # how many of each 100,000, whatever is counted
        below = self.atoms()
        if above or money:
            return f"{above}/{below}"
        return f"1/{below}" if is_exposure(below) else ""

    def divisor_ahead(self) -> bool:
        if self.next.lower != "per":
            return False
        after = self.ahead()
        return after.kind == "number" or after.lower in MULTIPLIERS

    def divisor(self) -> Fraction:
        """Take the 100,000 of "per 100,000"."""
        start = self.next
        many = Fraction(1)
        if self.next.kind == "number":
            many = number(self.take(), negative=False).value if "." not in start.text else many * 0
        while is_multiplier(self.next):
            many *= MULTIPLIERS[self.take().lower]
        if many <= 0 or many.denominator != 1:
            self.fail("after 'per' goes a whole number above 0, as in 'per 100,000'", start)
        return many

    def joint(self) -> bool:
        """Take `/`, "per", or the "a" of "20 hours a shift", and return whether one stood here."""
        if self.next.lower in ("a", "an"):
            return self.is_atom(self.ahead()) and self.accept("a", "an")
        return not self.percent_ahead() and self.accept("/", "per")

    def percent_ahead(self) -> bool:
        """Return whether "per cent" stands here, which counts as one word."""
        return self.next.lower == "per" and self.ahead().lower in ("cent", "mille")

    def percent_word(self) -> bool:
        """Return whether "percent" stands here, or "percentage" without its points."""
        points = self.ahead().lower in ("point", "points")
        return self.next.lower in ("percent", "‰") or (
            self.next.lower == "percentage" and not points
        )

    def is_atom(self, token: Token) -> bool:
        if token.kind == "word":
            return token.lower not in vocabulary.RESERVED and not is_multiplier(token)
        return token.text == "%" or token.kind == "money"

    def atoms(self) -> str:
        """Take a unit of one word or several: `live births`, `person-years`, `km s^-1 Mpc^-1`."""
        found = [self.atom()]
        while (
            found[-1] not in ("%", "‰")
            and self.next.kind == "word"
            and not self.percent_word()
            and self.is_atom(self.next)
        ):
            if self.pieces[self.at - 1].text in vocabulary.MISSPELT or _is_money(
                self.pieces[self.at - 1]
            ):
                break
            if self.rate():
                break
            found.append(self.atom())
        if any("**" in one for one in found):
            return "*".join(found)
        return "_".join(found)

    def atom(self) -> str:
        if self.percent_ahead():
            self.skip()
            return "%" if self.take().lower == "cent" else "‰"
        currency = self.phrase(currencies.CURRENCIES)
        if currency is not None:
            return currency
        percent = self.percent_word() and self.next.lower != "‰"
        token = self.next
        if token.kind == "number":
            self.fail(f"write a count with 'of', as {self.as_count()}, or the quotient as a number")
        if not self.is_atom(token):
            self.fail(
                "a unit is missing here" if token.kind == "end" else expected("a unit", token)
            )
        if token.lower in vocabulary.MISSPELT:
            meant = vocabulary.MISSPELT[token.lower]
            self.fail(f"'{token.text}' is not a unit; did you mean '{meant}'?")
        self.check_percent(token)
        self.take()
        name = currencies.MONEY.get(token.text.upper(), token.text)
        if percent:
            name = "%"
        name = {"sq.": "sq", "cu.": "cu"}.get(token.lower, name)
        while self.next.kind == "hyphen" and self.is_atom(self.ahead()):
            self.take()
            name += f"-{self.take().text}"
        return name + self.power(name)

    def check_percent(self, token: Token) -> None:
        """Fail at the pc of `10pc`, which newspapers read as per cent, astronomers as parsecs."""
        before = self.pieces[self.at - 1]
        if token.text == "pc" and before.kind == "number" and before.end == token.start:
            self.fail(
                f"'{before.text}pc' can be read in two ways: write '{before.text} %', or "
                f"'{before.text} parsec'"
            )

    def power(self, name: str) -> str:
        """Take the power after a unit, as `**-1`; "" if none."""
        if self.next.kind == "raised":
            return f"**{raised(self.take())}"
        if not self.accept("^", "**"):
            return ""
        sign = "-" if self.sign() else ""
        if self.next.kind != "number":
            self.fail(f"a power is missing after '{name}'")
        return f"**{sign}{self.take().text}"

    def as_count(self) -> str:
        """Return the two numbers on either side of a slash, as a count."""
        before = self.pieces[max(self.at - 2, 0)]
        if before.kind == "number":
            return f"'{before.text} of {self.next.text}'"
        return "'12 of 882'"

    def letter_here(self) -> bool:
        return self.next.text in vocabulary.LETTERS

    # The end

    def check_ounces(self, unit: str) -> None:
        doubt = which_ounce(unit, " ".join(one.text for one in self.pieces[self.at :]))
        if doubt:
            self.fail(doubt, self.pieces[self.at - 1])

    def fail(self, message: str, token: Placed | None = None) -> NoReturn:
        token = token or self.next
        raise WordingError(message, token.start, token.end)

    def fail_letter(self, token: Token) -> None:
        """Fail if this is a newspaper's letter for a multiplier that may be a unit: "5m"."""
        word = vocabulary.LETTERS.get(token.text)
        if word is not None:
            figure = self.pieces[self.pieces.index(token) - 1].text
            unit = vocabulary.UNITS_OF_LETTERS.get(token.text, "a unit")
            self.fail(
                f"'{figure}{token.text}' can be read in two ways: write '{figure} {word}', or "
                f"'{figure} {token.text}' for {unit}",
                token,
            )

    def fail_without_number(self) -> NoReturn:
        token = self.next
        if token.kind == "end":
            self.fail("a number is missing at the end")
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
                    f"'{said}' is not a number{hint}", token.start, words[length - 1].end
                )
        if words and any(piece.kind == "number" for piece in self.pieces[self.at :]):
            self.fail(
                f"'{token.text}' is not a number: begin with the figure, or words such as 'about'"
            )
        self.fail(expected("a number", token))


def is_multiplier(token: Token) -> bool:
    """Return whether this is "million" or the like; MN, in capitals, is a unit of force."""
    return token.lower in MULTIPLIERS and (len(token.text) > 3 or not token.text.isupper())


def is_exposure(unit: str) -> bool:
    """Return whether a unit is one of time or distance, alone or with another: `person-years`."""
    return re.split(r"[-_*/ ]", unit)[-1].lower() in EXPOSURES


def expected(what: str, token: Token) -> str:
    return f"{what} was expected here, not '{token.text}'"


def _is_money(token: Token) -> bool:
    return (
        token.kind == "money"
        or (
            token.kind == "word" and token.text.upper() in currencies.MONEY and len(token.text) == 3
        )
        or token.lower in currencies.MONEY_WORDS
    )
