"""A wording cut into tokens, and numbers as written."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from estimates.language.units.currencies import MONEY
from estimates.language.wording.figures import Figure, WordingError
from estimates.language.wording.ratios import GLYPHS

LONGEST = 300

_PARTS_OF_ONE = "".join(GLYPHS)
_CODES = "|".join(code for code in MONEY if code.isalpha())
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+(?:[,_][0-9]+)*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?!\w))?"
    rf"[{_PARTS_OF_ONE}]?|[{_PARTS_OF_ONE}])"
    rf"|(?P<money>(?:(?:US|HK|NZ|NT|CA|A|C|S|R)\s?)?\$|CN¥|[€£¥₹₩₽₪₦₴฿]|\b(?:{_CODES})\.?(?=\s?[0-9]))"
    r"|(?P<word>(?![⁰¹²³⁴⁵⁶⁷⁸⁹])(?:approx|ca|c|stat|syst?|sq|cu)\.|(?:[^\W\d_]|°)[\w°]*|‰)"
    r"|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<error>±|\+\s?/\s?[-−–]|\+[-−](?=\s?[0-9.]))"
    r"|(?P<hyphen>(?<=\w)[-‐‑](?=[^\W\d_]))"
    r"|(?P<dash>[-−–—‐‑])"
    r"|(?P<joint>/|\*\*?|·|\^)"
    r"|(?P<other>[^\s])",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:_[0-9]{3})+)")
_PARTS = re.compile(rf"([0-9,_]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?([{_PARTS_OF_ONE}]?)")
_SMALL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# What only sets a number, each a single character for one, so that places remain.
# The Lancet's decimal point; before a power of ten it multiplies.
_RAISED_POINT = re.compile(r"(?<=\d)·(?=\d)(?!10(?:\^|\*\*|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]))")
# The rate of `$8.25-an-hour`, where its hyphens only join.
_HYPHENED_RATE = re.compile(r"-(an?|per)-(?=(?:year|month|week|day|hour|minute|second)\b)", re.I)
_PLAIN = str.maketrans(dict.fromkeys("{}_\\", " ") | {"\u00a0": " ", "\u202f": " ", "\u2009": " "})


class Token(NamedTuple):
    """A piece of the text, `text[start:end]`; `lower` is what words are compared by."""

    kind: str
    text: str
    start: int
    end: int
    lower: str


def tokens(text: str) -> list[Token]:
    """Return the pieces of `text`, without the space between them."""
    if len(text) > LONGEST:
        raise WordingError(f"a wording of {len(text)} characters is too long", LONGEST, len(text))
    return [
        Token(match.lastgroup or "", match[0], match.start(), match.end(), match[0].lower())
        for match in _TOKEN.finditer(_typeset(text))
    ]


def raised(token: Token) -> int:
    """Return the power that stands in small raised figures: `⁻¹`."""
    return int(token.text.translate(_SMALL))


def _typeset(text: str) -> str:
    """Return the text without what TeX adds to a number, character by character."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == "$":
        text = text.replace("$", " ")
    text = _RAISED_POINT.sub(".", text)
    text = _HYPHENED_RATE.sub(r" \1 ", text)
    return text.translate(_PLAIN) if "^{" in text else text


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, before any "million": its value and the unit of its last digit."""

    value: Fraction
    step: Fraction
    start: int
    end: int
    text: str = ""

    @property
    def written(self) -> float:
        """The value of the digits alone."""
        return float(self.value)

    @property
    def plain(self) -> str:
        """The number as written, without a multiplier."""
        return str(self.figure())

    def times(self, factor: Fraction, end: int | None = None) -> "Number":
        """Return the number multiplied, and its last digit with it."""
        return Number(
            self.value * factor, self.step * factor, self.start, end or self.end, self.text
        )

    def figure(self, factor: Fraction = Fraction(1)) -> Figure:
        """Return the figure, times a factor."""
        try:
            value, step = float(self.value * factor), float(self.step * factor)
        except OverflowError:
            value, step = float("inf"), 1.0
        if not abs(value) < 1e300 or not step > 1e-300 or (self.value and abs(value) < 1e-300):
            raise WordingError("this number is too large or too small", self.start, self.end)
        return Figure(value, step)


def number(token: Token, negative: bool) -> Number:
    """Return the number of a token; raise `WordingError` where its commas are misplaced."""
    match = _PARTS.fullmatch(token.text)
    if match is None:
        raise WordingError(f"'{token.text}' is not a number", token.start, token.end)
    whole, fraction, exponent, part = match.groups()
    bare = whole
    if not whole.isdigit() and whole:
        if not _GROUPED.fullmatch(whole):
            raise WordingError(_misplaced(token.text, whole), token.start, token.end)
        bare = whole.replace(",", "").replace("_", "")
    if exponent and len(exponent) >= 5:
        raise WordingError("this number is too large or too small", token.start, token.end)
    scale = Fraction(10) ** int(exponent or 0)
    if part:
        if fraction or exponent:
            raise WordingError(f"'{token.text}' is not a number", token.start, token.end)
        value = int(bare or 0) + GLYPHS[part]
        step = Fraction(1, GLYPHS[part].denominator)
    elif fraction is not None:
        value = Fraction(f"{bare or 0}.{fraction}")
        step = Fraction(1, 10 ** len(fraction))
    else:
        value = Fraction(int(bare))
        significant = bare.rstrip("0")
        step = Fraction(10 ** (len(bare) - len(significant)) if significant else 1)
    value = -value if negative else value
    return Number(value * scale, step * scale, token.start, token.end, token.text)


def _misplaced(text: str, whole: str) -> str:
    head, _, tail = whole.partition(",")
    hint = f"; write {int(whole.replace(',', '').replace('_', '')):,}"
    if tail.isdigit() and (len(tail) < 3 or head.startswith("0")):
        hint = f"; write {head}.{tail} for a decimal, or groups of three digits as in 20,000"
    return f"the thousands of '{text}' are not in groups of three{hint}"
