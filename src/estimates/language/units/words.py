"""What one word of a unit means: an everyday unit, one that pint knows, or a thing counted.

Pint is the dictionary for words that are not met every day. It is imported on the first such
word only, because that takes longer than checking a whole model; and not for a noun that its list
of definitions does not hold. Its reading of everyday nouns (`cats` as centi-technical-atmospheres)
is not followed.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from estimates.errors import did_you_mean
from estimates.language.units.unit import Unit, UnitError

if TYPE_CHECKING:
    import pint

_DAY = 86400
_YEAR = 31_557_600  # the Julian year, as in pint and astronomy; a month is its twelfth

# Words met every day, so that most models never wait for pint: the scale and the dimension.
_EVERYDAY: Mapping[str, tuple[Fraction, str]] = {
    "%": (Fraction(1, 100), ""),
    "percentage_point": (Fraction(1, 100), ""),
    "basis_point": (Fraction(1, 10_000), ""),
    "‰": (Fraction(1, 1000), ""),
    "share": (Fraction(1), ""),
    **dict.fromkeys(("person", "population", "inhabitant", "resident"), (Fraction(1), "[person]")),
    "USD": (Fraction(1), "[currency]"),
    "m": (Fraction(1), "[length]"),
    "km": (Fraction(1000), "[length]"),
    "Mpc": (Fraction(3.0856775814913673e22), "[length]"),
    "g": (Fraction(1), "[mass]"),
    "kg": (Fraction(1000), "[mass]"),
    **{
        word: (Fraction(seconds), "[time]")
        for word, seconds in {
            "s": 1,
            "second": 1,
            "minute": 60,
            "h": 3600,
            "hour": 3600,
            "day": _DAY,
            "week": 7 * _DAY,
            "fortnight": 14 * _DAY,
            "month": _YEAR // 12,
            "yr": _YEAR,
            "year": _YEAR,
            "decade": 10 * _YEAR,
            "century": 100 * _YEAR,
        }.items()
    },
}
#: Words whose plural has no s, or a plural alone.
PLURALS: Mapping[str, str] = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "wives": "wife",
    "lives": "life",
    "knives": "knife",
    "feet": "foot",
    "movies": "movie",
    "buses": "bus",
    "kroner": "krone",
    "kronor": "krona",
    "kronur": "króna",
    "news": "news",
    "series": "series",
    "species": "species",
}

# Words in which two readers would see two things.
_REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        ("k", "mn", "bn", "tn", "mln", "bln", "thousand", "million", "billion", "trillion"),
        "is not a unit; if it multiplies a number, write that as '3 thousand' or '1.2 million'",
    ),
    "dollar": "could be of several countries; write the currency's code, such as USD",
    "ton": "is ambiguous; write 'tonne' (1,000 kg), 'short_ton' or 'long_ton'",
    **dict.fromkeys(
        ("barrel", "bbl"), "is ambiguous; write 'oil_barrel' (42 gallons) or 'beer_barrel'"
    ),
    "kilo": "is short for more than one unit; write 'kg'",
    "kt": "is ambiguous; write 'kilotonne' or 'knot'",
}
# Everyday nouns that pint reads as measures (a bag of 94 pounds): here they are things counted.
_NOUNS = frozenset(
    (
        *("bag", "blob", "bus", "chain", "circle", "cycle", "dot", "fifth", "grade", "hand", "jig"),
        *("link", "molecule", "particle", "peck", "perch", "point", "pole", "quarter", "rod"),
        *("shot", "slug", "turn"),
    )
)
# Symbols that take a prefix: pint allows any, and so reads `pin` as picoinch.
_PREFIXABLE = frozenset(
    (
        *("m", "g", "s", "A", "K", "mol", "cd", "Hz", "N", "Pa", "J", "W", "Wh", "V", "F", "S"),
        *("Wb", "T", "H", "lm", "lx", "Bq", "Gy", "Sv", "kat", "l", "L", "eV", "pc", "B", "b"),
        *("bit", "cal", "t", "bar", "Ci", "rad", "sr", "yr", "a", "ly", "Ω"),
    )
)
_SMALL_PREFIXES = {"centi", "deci", "hecto"}
_SMALL_PREFIXABLE = {"m", "l", "L", "Pa", "g"}
# What a misspelt unit was probably meant to be.
_LIKELY = (
    *("person", "people", "share", "percent", "second", "minute", "hour", "week", "month", "year"),
    *("meter", "metre", "kilometer", "kilometre", "gram", "kilogram", "tonne", "liter", "litre"),
    *("hectare", "gallon", "ounce", "joule", "kelvin", "decade", "century", "fortnight"),
)


def singular(word: str) -> str:
    """Return the singular: `piano` of `pianos`, `person` of `people`, `class` of `classes`."""
    if word in PLURALS:
        return PLURALS[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return word[: -2 if word.endswith(("sses", "xes", "ches", "shes")) else -1]


@cache
def dictionary(word: str) -> Unit | None:
    """Return the unit of an everyday word or one of pint's; None for a word of neither."""
    noun = singular(word)
    if noun in _REFUSED:
        raise UnitError(f"'{word}' {_REFUSED[noun]}")
    for name in (word, noun):
        if name in _EVERYDAY:
            scale, dimension = _EVERYDAY[name]
            return Unit(scale, ((dimension, 1),) if dimension else (), ((name, 1),))
    return None if noun in _NOUNS else _from_pint(word)


def _from_pint(word: str) -> Unit | None:
    if not _defined(word):
        return None
    registry = _registry()
    readings = registry.parse_unit_name(word)
    if not readings or not _sensible(word, readings[0][0]):
        return None
    if registry.Quantity(0.0, word).to_root_units().magnitude != 0:
        raise UnitError(
            f"'{word}' does not start at 0, so no ratios are right in it; for differences of"
            " temperature write delta_degC or K"
        )
    root = registry.Quantity(1.0, word).to_root_units()
    dimension = tuple(sorted((name, float(power)) for name, power in root.dimensionality.items()))
    noun = singular(word)
    same = noun != word and registry.parse_unit_name(noun)[:1]
    name = noun if same and same[0][:2] == readings[0][:2] else word
    return Unit(Fraction(root.magnitude), dimension, ((name, 1),))


def _defined(word: str) -> bool:
    """Return whether pint may know the word, its singular, or what follows a prefix in it."""
    defined = _definitions()
    return any(
        stem in defined
        or any(f"{stem[:i]}-" in defined and stem[i:] in defined for i in range(1, len(stem)))
        for stem in (word, word.removesuffix("s"), word.removeprefix("delta_"))
    )


@cache
def _definitions() -> frozenset[str]:
    """Return every word that pint defines (prefixes as `kilo-`), without importing it."""
    package = find_spec("pint")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pint is not installed", name="pint")
    lists = (Path(package.origin).with_name(f"{name}_en.txt") for name in ("default", "constants"))
    return frozenset(" ".join(one.read_text(encoding="utf-8") for one in lists).split())


@cache
def _registry() -> "pint.UnitRegistry[float]":
    import pint  # on the first uncommon word only: 0.6 s

    return pint.UnitRegistry()


def _sensible(word: str, prefix: str) -> bool:
    """Return whether a reader would see the measure that pint sees, rather than a noun."""
    if not prefix:
        return True
    if word.startswith(prefix):  # written out, as its unit then must be: no `exa` + `m`
        return len(word) - len(prefix) >= 3
    if prefix == "deca":  # a dam is no ten metres
        return False
    allowed = _SMALL_PREFIXABLE if prefix in _SMALL_PREFIXES else _PREFIXABLE
    return any(word.endswith(symbol) and len(word) - len(symbol) in (1, 2) for symbol in allowed)


def count_noun(word: str) -> Unit:
    """Return a new base dimension for a thing counted."""
    noun = singular(word)
    meant = next((known for known in _LIKELY if _slip(noun, known)), None)
    if meant:
        raise UnitError(
            f"unknown unit '{word}'; did you mean '{meant}'?"
            f" (if a thing of that name is counted, write '{noun}_count')"
        )
    if noun not in _NOUNS and len(word) == 3 and word[-1] == "s" and dictionary(word[:-1]):
        raise UnitError(f"unknown unit '{word}'; did you mean '{word[:-1]}'?")
    if noun[0] in "kMGT" and singular(noun[1:]) in _EVERYDAY:
        raise UnitError(
            f"'{noun[1:]}' takes no prefix: write '{noun[1:]}', and the factor in words"
        )
    if len(noun) < 3 or not re.fullmatch(r"[^\W\d_]+(_[^\W\d_]+)*", noun):
        raise UnitError(
            f"unknown unit '{word}'{did_you_mean(word, _LIKELY)}"
            " (powers are written m**2; things counted by their name, in letters)"
        )
    return Unit(Fraction(1), ((f"[{noun}]", 1),), ((noun, 1),))


def _slip(word: str, known: str) -> bool:
    """Return whether `word` is `known` with a letter lost, added, or two neighbours swapped.

    Changed letters do not count: too many nouns (mouth, male) are that near a unit.
    """
    if word[0] != known[0] or len(word) < 4 or word == known:
        return False
    short, long = sorted((word, known), key=len)
    if len(long) == len(short) + 1:
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    return len(long) == len(short) and any(
        short == long[:i] + long[i + 1] + long[i] + long[i + 2 :] for i in range(len(long) - 1)
    )
