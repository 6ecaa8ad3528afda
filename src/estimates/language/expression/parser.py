"""Reads an expression, by precedence climbing.

Python's own parser would do, but it reads much more than arithmetic, and its errors speak of
Python. What a writer of models gets wrong (`1,000`, `50 %`, `^`, `3 x`) is answered here.
"""

import re
from typing import NamedTuple, NoReturn

from estimates.errors import did_you_mean
from estimates.language.expression.nodes import (
    FUNCTIONS,
    OVER_DIMENSIONS,
    TALLEST,
    Binary,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Unary,
    extent,
)

LONGEST = 10_000  # characters
_LONGEST_NUMBER = 100  # characters
_DEEPEST = 50  # parentheses, signs and powers within one another

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*(?:\.(?:[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?![\w-])|\w+))*)"
    r"|(?P<op>\*\*|[-+*/(),])|(?P<other>\S))"
)
# A number with a unit, thousands with commas or without; the words of a unit stand side by side.
_WORD = r"[^\W\d_]\w*(?:\*\*-?[0-9])?"
_FIGURE = re.compile(
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
    r"|[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)"
    rf" +(?P<unit>(?!to\b|except\b){_WORD}(?:[/*]{_WORD})*)(?!\w|\s*\(|\.\w)"
)
_DAY = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
_SPAN = re.compile(rf"({_DAY}) +to +({_DAY})(?![\w-])")
_EXCEPT = re.compile(r"([^\W\d]\w*)((?: +except +\w+)+)(?!\w)")

# From the start of a run of digits only: else a long run is searched once from each of its digits.
_THOUSANDS = re.compile(r"(?<![0-9])[0-9]+,[0-9]{3}(?![0-9])")
# Left binding power; `**` is climbed to from the right and binds more tightly than a sign.
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_SIGN = 3
_HINTS = {
    "^": "; powers are written **",
    "%": "; write a share of 50 % as 0.5",
    "−": "; write the minus of the keyboard, -",
    "–": "; write the minus of the keyboard, -",
    "×": "; write *",
    "·": "; write *",
    "÷": "; write /",
    "=": "; write only what is to the right of it",
    "[": "; write ( )",
    "{": "; write ( )",
}


_CALLED = {**FUNCTIONS, **OVER_DIMENSIONS}
_TAKES = {
    (1, 1): "one argument",
    (2, 2): "an expression and a dimension",
    (2, 3): "an expression, a dimension, and a weight or a span of time if there is one",
}


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def parse_expression(text: str) -> Expression:
    """Read an expression: + - * / ** ( ), the `FUNCTIONS`, numbers and names.

    A name may go on with labels, as in `workers.china.2017`. A number with a unit (`55,000 person`)
    and what a reduction goes over (`country except rest`, `2015 to 2017`) are names too, in one
    way of writing each; what they name is found where dimensions are known. A minus right before a
    number is part of the number, except under a power: -2 ** 2 is -4.

    Parameters
    ----------
    text : as in a model file

    Returns
    -------
    Expression; its `str` reads back as the same expression.

    Raises
    ------
    ExpressionError : with the offset of what cannot be read

    Examples
    --------
    >>> import estimates as est
    >>> str(est.parse_expression("n*(w + 1)"))
    'n * (w + 1)'
    """
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ExpressionError(f"an expression of {len(text):,} characters is too long", LONGEST)
        end = len(text.rstrip())
        self.tokens = [
            _Token(kind, match[kind], match.start(kind))
            for match in _TOKEN.finditer(text, 0, end)
            if (kind := match.lastgroup)
        ]
        self.text = text
        self.tokens.append(_Token("end", "", max(end - 1, 0)))
        self.at = 0
        self.depth = 0

    def whole(self) -> Expression:
        thousands = "," in self.text and _THOUSANDS.search(_FIGURE.sub("", self.text))
        if thousands:
            number = thousands[0].replace(",", "")
            raise ExpressionError(
                f"'{thousands[0]}' has a comma: write {number}, or a space after the comma"
                " if two arguments are meant",
                self.text.find(thousands[0]),
            )
        expr = self.expression(0)
        if self.tokens[self.at].kind != "end":
            self.fail_between()
        # A tree cannot be taller than it has tokens.
        if len(self.tokens) > TALLEST and extent(expr)[0] > TALLEST:
            raise ExpressionError("this is too long for one expression: split it into relations")
        return expr

    def expression(self, binding: int) -> Expression:
        """Return an expression whose operators all bind more tightly than `binding`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail("this is nested too deeply: split it into relations")
        left = self.operand()
        while True:
            token = self.tokens[self.at]
            level = _BINDING.get(token.text, 0)
            if level <= binding:
                self.depth -= 1
                return left
            self.at += 1
            right = self.expression(_SIGN - 1 if token.text == "**" else level)
            left = Binary(token.text, left, right, token.offset)

    def operand(self) -> Expression:
        token = self.tokens[self.at]
        phrase = self.phrase(token)
        if phrase is not None:
            return phrase
        self.at += 1
        if token.kind == "name":
            return self.call(token) if self.tokens[self.at].text == "(" else self.name(token)
        if token.kind == "number":
            return self.constant(token)
        if token.text == "-":
            bare = self.tokens[self.at].kind == "number"
            inner = self.expression(_SIGN)
            if bare and isinstance(inner, Constant):
                return Constant(-inner.value, token.offset)
            return Unary("-", inner, token.offset)
        if token.text == "+":
            return self.expression(_SIGN)
        if token.text == "(":
            inner = self.expression(0)
            self.close(token)
            return inner
        self.at -= 1
        if token.kind == "end":
            self.fail("an expression is missing" if self.at == 0 else "something is missing here")
        self.fail(f"a quantity or number was expected here, not '{token.text}'{_hint(token)}")

    def phrase(self, token: _Token) -> Name | None:
        """Return a figure with a unit, a span of time, or a dimension less some of its labels."""
        match token.kind:
            case "number":
                found = _SPAN.match(self.text, token.offset)
                text = f"{found[1]} to {found[2]}" if found else ""
                if not found:
                    found = _FIGURE.match(self.text, token.offset)
                    text = f"{found['number'].replace(',', '')} {found['unit']}" if found else ""
            case "name":
                found = _EXCEPT.match(self.text, token.offset)
                text = " ".join(found[0].split()) if found else ""
            case _:
                found = None
        if found is None:
            return None
        while self.tokens[self.at].kind != "end" and self.tokens[self.at].offset < found.end():
            self.at += 1
        return Name(text, token.offset)

    def constant(self, token: _Token) -> Constant:
        if len(token.text) > _LONGEST_NUMBER:
            raise ExpressionError(
                f"a number of {len(token.text):,} characters is too long: round it", token.offset
            )
        if "_" in token.text and not re.match(r"[0-9]{1,3}(_[0-9]{3})+(?![0-9_])", token.text):
            raise ExpressionError(
                f"the thousands of '{token.text}' are not in groups of three", token.offset
            )
        value = float(token.text)
        if value == float("inf"):
            raise ExpressionError(f"'{token.text}' is too large a number", token.offset)
        if not value and re.match(r"[0_.]*[1-9]", token.text):
            raise ExpressionError(f"'{token.text}' is too small a number", token.offset)
        return Constant(value, token.offset)

    def name(self, token: _Token) -> Name:
        if token.text in FUNCTIONS:
            raise ExpressionError(
                f"'{token.text}' is a function: write {token.text}(...)", token.offset
            )
        return Name(token.text, token.offset)

    def call(self, token: _Token) -> Call:
        if token.text not in _CALLED:
            hint = did_you_mean(token.text, FUNCTIONS) or f"; there are {', '.join(FUNCTIONS)}"
            raise ExpressionError(f"unknown function '{token.text}'{hint}", token.offset)
        opening = self.tokens[self.at]
        self.at += 1
        arguments = [self.expression(0)]
        while self.tokens[self.at].text == ",":
            self.at += 1
            arguments.append(self.expression(0))
        self.close(opening)
        fewest, most = _CALLED[token.text]
        if not fewest <= len(arguments) <= most:
            takes = _TAKES.get((fewest, most), "two arguments or more")
            raise ExpressionError(f"{token.text} takes {takes}, not {len(arguments)}", token.offset)
        return Call(token.text, tuple(arguments), token.offset)

    def close(self, opening: _Token) -> None:
        token = self.tokens[self.at]
        if token.text == ")":
            self.at += 1
        elif token.kind == "end":
            raise ExpressionError("this parenthesis is never closed", opening.offset)
        else:
            self.fail_between()

    def fail(self, message: str) -> NoReturn:
        raise ExpressionError(message, self.tokens[self.at].offset)

    def fail_between(self) -> NoReturn:
        """Fail where an operator should stand."""
        token = self.tokens[self.at]
        if token.text == ")":
            self.fail("this parenthesis was never opened")
        if token.kind in ("name", "number") or token.text == "(":
            after = token.kind == "name" and self.tokens[self.at - 1].kind == "number"
            hint = "; numbers carry no unit here, and units convert themselves" if after else ""
            self.fail(f"an operator is missing before '{token.text}'{hint}")
        self.fail(f"'{token.text}' is out of place{_hint(token)}")


def _hint(token: _Token) -> str:
    return _HINTS.get(token.text, "")
