"""A wording cut into tokens, and numbers as written."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from estimates.language.wording.figures import Figure, WordingError

LONGEST = 300

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+(?:[,_][0-9]+)*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?!\w))?)"
    r"|(?P<money>(?:US|HK|NZ|A|C|S)?\$|€|£)"
    r"|(?P<word>(?:approx|ca|c)\.|(?:[^\W\d_]|°)[\w°]*)"
    r"|(?P<error>±|\+\s?/\s?[-−–]|\+-)"
    r"|(?P<dash>[-−–—‐‑])"
    r"|(?P<joint>/|\*\*?|·|\^)"
    r"|(?P<other>[^\s])",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:_[0-9]{3})+)")
_PARTS = re.compile(r"([0-9,_]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


class Token(NamedTuple):
    """A piece of the text, `text[start:end]`; `lower` is what words are compared by."""

    kind: str
    text: str
    start: int
    end: int
    lower: str


def tokens(text: str) -> list[Token]:
    """The pieces of `text`, without the space between them."""
    if len(text) > LONGEST:
        raise WordingError(f"a wording of {len(text)} characters is too long", LONGEST, len(text))
    return [
        Token(match.lastgroup or "", match[0], match.start(), match.end(), match[0].lower())
        for match in _TOKEN.finditer(text)
    ]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, before any "million": digits, a power of ten, and the last place."""

    digits: str
    power: int
    place: int
    start: int
    end: int

    @property
    def written(self) -> float:
        """The value of the digits alone."""
        return float(f"{self.digits}e{self.power}")

    @property
    def plain(self) -> str:
        """As written, without a multiplier."""
        return str(self.figure())

    def figure(self, power: int = 0) -> Figure:
        """The figure, times ten to `power`."""
        value = float(f"{self.digits}e{self.power + power}")
        step = float(f"1e{self.place + power}")
        if not abs(value) < 1e300 or not step > 1e-300 or (value and abs(value) < 1e-300):
            raise WordingError("this number is too large or too small", self.start, self.end)
        return Figure(value, step)


def number(token: Token, negative: bool) -> Number:
    """What a number token says; raises `WordingError` where its commas are misplaced."""
    match = _PARTS.fullmatch(token.text)
    if match is None:
        raise WordingError(f"'{token.text}' is not a number", token.start, token.end)
    whole, fraction, exponent = match.groups()
    bare = whole
    if not whole.isdigit() and whole:
        if not _GROUPED.fullmatch(whole):
            raise WordingError(_misplaced(token.text, whole), token.start, token.end)
        bare = whole.replace(",", "").replace("_", "")
    power = int(exponent) if exponent and len(exponent) < 5 else 0
    if exponent and len(exponent) >= 5:
        raise WordingError("this number is too large or too small", token.start, token.end)
    if fraction is not None:
        place = -len(fraction)
    else:
        significant = bare.rstrip("0")
        place = len(bare) - len(significant) if significant else 0
    digits = f"{'-' if negative else ''}{bare or '0'}.{fraction or '0'}"
    return Number(digits, power, place + power, token.start, token.end)


def _misplaced(text: str, whole: str) -> str:
    head, _, tail = whole.partition(",")
    hint = f"; write {int(whole.replace(',', '').replace('_', '')):,}"
    if tail.isdigit() and (len(tail) < 3 or head.startswith("0")):
        hint = f"; write {head}.{tail} for a decimal, or groups of three digits as in 20,000"
    return f"the thousands of '{text}' are not in groups of three{hint}"
