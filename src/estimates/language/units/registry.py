"""Units: people, shares, dated currencies, and everything that pint knows.

Three rules pint does not have. A word which nobody knows is a count noun: `piano` becomes a
dimension of its own, its plural folded, unless it is a slip of the pen away from a known unit.
A code of three capitals is a currency and needs a dated rate. Units with an offset (°C) are
refused, because a claim is about ratios and differences at once.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from estimates.language.units.currencies import ALONE
from estimates.language.units.unit import PLAIN, Unit, UnitError
from estimates.language.units.words import count_noun, dictionary, singular

_LONGEST = 200
_LEAST_WORTH = Fraction(1, 10**30)  # of a currency in USD
_MOST_RATES = 20  # from a currency to USD, one through another

_SPELLINGS: Mapping[str, str] = {
    "percent": "%",
    "per_cent": "%",
    "ratio": "share",
    "fraction": "share",
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "euro": "EUR",
    "yuan": "CNY",
    "renminbi": "CNY",
    "RMB": "CNY",
    "yen": "JPY",
    "percentage_point": "percentage_point",
    "pp": "percentage_point",
    "bp": "basis_point",
    "bps": "basis_point",
    "sq_km": "square_km",
    "avoirdupois_ounce": "ounce",
}
_RAISED: Mapping[str, int] = {"square_": 2, "sq_": 2, "cubic_": 3, "cu_": 3}
# Blanks within the name of one thing, as in `troy ounces`.
_WITHIN = re.compile(r"(?<=[^\W\d_]{2})(?<!\bper) (?!(?:per|an?)\b)(?=[^\W\d_])")
_MONEY_PREFIXES: Mapping[str, int] = {"k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_CURRENCY = re.compile(rf"([{''.join(_MONEY_PREFIXES)}]?)([A-Z]{{3}})")

_FACTOR = re.compile(
    r"\s*(?P<joint>/|\*|·|per\b)?\s*(?P<word>%|1\b|(?![²³])[^\W\d_](?:[^\W²³]|-(?=[^\W\d_]))*\$?|[$€£°‰]\w*)"
    r"(?:\s*(?:\*\*|\^)\s*(?P<power>[-−]?[0-9]+(?:\.[0-9]+)?)|(?P<raised>[²³]))?"
)


class Units:
    """Reads units and converts between them, under the currency rates of one model.

    Parameters
    ----------
    currencies : by code its worth in another, `{"CNY": (0.1493, "USD")}`; all lead to USD in
        the end, possibly through one another

    Raises
    ------
    UnitError : where they do not

    Examples
    --------
    >>> import estimates as est
    >>> units = est.Units({"CNY": (0.15, "USD")})
    >>> round(units.factor(units.parse("CNY/month"), units.parse("USD/year")), 6)
    1.8
    """

    __slots__ = ("_currencies", "_parsed")

    def __init__(self, currencies: Mapping[str, tuple[float, str]] = MappingProxyType({})) -> None:
        self._currencies = _worths(currencies)
        self._parsed: dict[str, Unit] = {}

    def parse(self, text: str) -> Unit:
        """Return the unit written as `text`: words joined by `/`, `*` or `per`, powers as `m**2`.

        "" is dimensionless. Raises `UnitError`.
        """
        unit = self._parsed.get(text)
        if unit is None:
            unit = self._parsed[text] = self._read(text)
        return unit

    def factor(self, given: Unit, wanted: Unit) -> float:
        """Return the factor, above 0, that turns a number in `given` into one in `wanted`.

        Raises `UnitError`, naming both in words, where their dimensions differ.
        """
        if given.dimension != wanted.dimension:
            raise UnitError(f"{given.in_words()} where {wanted.in_words()} is needed")
        if given.scale == wanted.scale:
            return 1.0
        try:
            factor = float(given.scale / wanted.scale)
        except OverflowError:
            factor = 0.0
        if not factor:
            raise UnitError(f"{given.in_words()} and {wanted.in_words()} are too far apart")
        return factor

    def same_dimension(self, a: Unit, b: Unit) -> bool:
        """Return whether numbers in `a` can be converted into `b`."""
        return a.dimension == b.dimension

    def dimensionless(self, unit: Unit) -> bool:
        """Return whether `unit` is a plain number, perhaps scaled (a share, `%`, hour/day)."""
        return not unit.dimension

    def show(self, unit: Unit) -> str:
        """Return the unit as written in a model: `USD/person/month`; "" for a plain number."""
        return str(unit)

    def _read(self, text: str) -> Unit:
        if len(text) > _LONGEST:
            raise UnitError(f"a unit of {len(text)} characters is too long")
        text = _WITHIN.sub("_", text)
        unit = PLAIN
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _FACTOR.match(text, position)
            if match is None or not _joined(match["joint"], first=position == 0):
                raise _unreadable(text, position)
            position = match.end()
            power = float((match["power"] or "1").replace("−", "-"))
            if match["raised"]:
                power = 2.0 if match["raised"] == "²" else 3.0
            factor = self._word(match["word"]) ** power
            unit = unit / factor if match["joint"] in ("/", "per") else unit * factor
        return unit

    def _word(self, word: str) -> Unit:
        """Return the unit of a single word."""
        if word == "1":
            return PLAIN
        word = _SPELLINGS.get(word) or _SPELLINGS.get(singular(word)) or word
        named = ALONE.get(word) or ALONE.get(singular(word))
        word = named if named in self._currencies else word
        code = _CURRENCY.fullmatch(word)
        if code and code[2] in self._currencies:
            scale = _MONEY_PREFIXES.get(code[1], 1) * self._currencies[code[2]]
            return Unit(scale, (("[currency]", 1),), ((word, 1),))
        if word[0] == "m" and word[1:] in self._currencies:
            raise UnitError(
                f"'{word}' is a thousandth of {word[1:]}; for millions write M{word[1:]}"
            )
        if word.upper() in self._currencies:
            raise UnitError(f"unknown unit '{word}'; did you mean '{word.upper()}'?")
        known = dictionary(word.replace("-", "_"))
        if known is not None:
            return known
        several = self._several(word)
        if several is not None:
            return several
        if code:
            raise UnitError(
                f"no rate for the currency '{code[2]}': give one, as `currencies:"
                f" {{{code[2]}: 1.23 USD}}` (a thing counted is written in small letters)"
            )
        return count_noun(word.replace("-", "_"))

    def _several(self, word: str) -> Unit | None:
        """Return the unit of `square_metres` or `person-years`; None for a single thing."""
        for prefix, power in _RAISED.items():
            if word.startswith(prefix):
                return self._word(word.removeprefix(prefix)) ** power
        *before, last = re.split("[-_]", word)
        time = dictionary(last) if before and last else None
        if time is None or (time.dimension != (("[time]", 1),) and "-" not in word):
            return None
        return self._word("_".join(before)) * time


def _joined(joint: str | None, *, first: bool) -> bool:
    """Check that words are joined by a sign, with none before the first but the `/` of a rate."""
    return joint in (None, "/", "per") if first else joint is not None


def _unreadable(text: str, position: int) -> UnitError:
    rest = text[position:].strip()
    hint = "; join the words of one thing with _, as in oil_barrel" if rest[:1].isalpha() else ""
    return UnitError(f"'{rest}' is out of place in the unit '{text}'{hint}")


def _worths(currencies: Mapping[str, tuple[float, str]]) -> dict[str, Fraction]:
    """Return the worth of each currency in USD, followed through its chain of rates."""
    worths, steps = {"USD": Fraction(1)}, {"USD": 0}
    for code, (rate, _) in currencies.items():
        if code == "USD":
            raise UnitError("USD is the base of all rates and has none itself")
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise UnitError(f"a currency's code is three capitals, such as CNY, not '{code}'")
        if not 0 < rate < float("inf"):
            raise UnitError(f"the rate of {code} must be a number above 0, not {rate:g}")
    for code in currencies:
        chain = [code]
        while chain[-1] not in worths:
            base = currencies[chain[-1]][1]
            if base not in currencies and base != "USD":
                raise UnitError(
                    f"the rate of {chain[-1]} is in '{base}', which is neither USD nor declared"
                )
            if base in chain:
                circle = [*chain[:_MOST_RATES], base]
                raise UnitError("rates run in a circle: " + " in ".join(circle))
            chain.append(base)
        for one in reversed(chain[:-1]):
            rate, base = currencies[one]
            steps[one] = steps[base] + 1
            if steps[one] > _MOST_RATES:
                raise UnitError(
                    f"the rate of {one} leads to USD through more than {_MOST_RATES} others; "
                    "give it in USD"
                )
            worths[one] = Fraction(str(rate)) * worths[base]
            if not _LEAST_WORTH <= worths[one] <= 1 / _LEAST_WORTH:
                raise UnitError(f"1 {one} is worth {float(worths[one]):.2g} USD; is that meant?")
    return worths
