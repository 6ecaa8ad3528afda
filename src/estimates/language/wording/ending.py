"""Reads the end of a wording: what a figure is of, and what cannot follow it."""

from typing import NoReturn

from estimates.language.wording import vocabulary
from estimates.language.wording.cursor import Cursor, is_multiplier
from estimates.language.wording.tokens import Token

_SHARES = ("%", "percent", "cent", "mille", "‰")


class Ending(Cursor):
    """A cursor that knows how a wording may end."""

    def tail(self) -> None:
        """Take what a figure is of, where nothing follows it: "of the global population"."""
        if self.next.lower not in ("of", "the", "worth"):
            return
        rest = self.pieces[self.at + 1 : -1]
        if rest and rest[0].lower in ("a", "an"):
            return  # "a third of a mile" is not a share
        numbers = [one for one in rest if one.kind == "number"]
        share = self.pieces[self.at - 1].lower in _SHARES
        if len(numbers) > share or not all(_is_plain(one) for one in rest):
            return
        if rest and (numbers or not any(map(_is_number_word, rest))):
            self.skip(len(rest) + 1)

    def finish(self) -> None:
        """Fail if anything follows."""
        self.tail()
        token = self.next
        if token.kind == "end":
            return
        before = self.pieces[self.at - 1]
        if before.lower == "times":
            self.fail("so many times another figure is not a figure: write what that makes")
        self._fail_sign(token, before)
        if token.kind == "number" and before.kind == "number":
            joined = f"{before.text},{token.text}" if len(token.text) == 3 else "20,000"
            self.fail(f"two numbers in a row: write 'to' between them, or {joined} with its comma")
        if token.text in (",", ";", "(", "["):
            self.fail_second_figure(token, before)
        if token.kind == "dash" and self.ahead().kind == "number" and self.is_atom(before):
            self.fail(f"a power is written with ^, as {before.text}^-1")
        self.fail(f"'{token.text}' is out of place")

    def fail_second_figure(self, token: Token, before: Token) -> None:
        """Fail at a second figure: `239, 000`, `220 trillion yen ($2.3 trillion)`."""
        after = self.ahead()
        if token.text == "," and before.kind == "number" and after.kind == "number":
            first = before.text.rpartition(",")[2]
            if len(after.text) == 3 and after.text.isdigit() and len(first) <= 3:
                self.fail(f"write {before.text},{after.text} without a blank, or one number alone")
        first, rest = self.text[: token.start].strip(), self.text[token.start :].strip()
        self.fail(
            f"only one figure fits here: write '{first}' and keep '{rest}' in `quote:` or `note:`"
        )

    def fail_or(self, token: Token) -> NoReturn:
        """Fail at `two or three hundred`, and at `10 or so`."""
        before, after = self.text[: token.start].rstrip(), self.text[token.end :].lstrip()
        if after.startswith("so"):
            self.fail(f"write 'around {before}' instead of 'or so'")
        if self.ahead().kind in ("number", "money") or _is_number_word(self.ahead()):
            self.fail(f"for a range write 'to' between the numbers: '{before} to {after}'")
        self.fail("for a range write 'to' between the numbers, as '70 to 80'")

    def _fail_sign(self, token: Token, before: Token) -> None:
        if token.text == "@":
            self.fail("only a range has a coverage")
        after = self.ahead().lower
        if token.text == "+" or token.lower == "plus":
            self.fail(f"write 'more than' before the number, not '{token.text}' after it")
        if token.kind in ("dash", "hyphen") and after == "plus":
            self.fail("write 'more than' before the number, not '-plus' after it")
        if after == "odd":
            self.fail(f"write 'around {before.text}' instead of '-odd'")
        if token.text in ("'", "’") and before.kind == "number":
            self.fail("thousands are grouped by commas, as in 20,000")


def _is_plain(token: Token) -> bool:
    return token.kind in ("word", "hyphen", "number") or token.text in "'’"


def _is_number_word(token: Token) -> bool:
    return (
        token.lower in vocabulary.NUMERALS or token.lower in vocabulary.TENS or is_multiplier(token)
    )
