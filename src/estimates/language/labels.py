"""Labels of quantities within a sentence: `the number of guests`, `the Hubble constant`."""

from __future__ import annotations

import re

from estimates.language.phrases import spoken
from estimates.language.units import UnitError, Units
from estimates.language.units.unit import Unit


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: A label that begins so has an article of its own, or takes none.
_OWN = _words(
    "the a an this that these those what how which who whose whether when where why all each "
    "every any both no some one two three four five six seven eight nine ten half my your his "
    "her its our their many few several most"
)
#: With these the part of a label ends whose last word is its noun.
_ENDS = _words(
    "of in at for from to on by with without per that which who whose whom where when than less "
    "plus minus times outside inside among under over above below between within during after "
    "before since until across around about into not and or as if via versus because while"
)
#: What may stand after the noun: `workers abroad`, `coffees sold`.
_AFTER = _words(
    "abroad here there now then today each overall online sold made paid spent used left lost "
    "needed born held kept known meant seen said taken given put built driven drunk eaten worn "
    "grown flown due alone only altogether"
)
_PLURALS = _words("people children men women police cattle mice feet teeth geese")
#: End in s and are no plurals.
_SINGULAR = _words(
    "news gas bus lens physics economics mathematics politics series species census chaos "
    "corpus bias canvas atlas diabetes measles rabies headquarters crossroads gross"
)
#: Without an article where nothing says which: `inflation`, but `the inflation of 2023`.
_MASS = _words(
    "inflation unemployment employment poverty mortality morbidity rainfall traffic turnout "
    "corruption obesity malaria diabetes measles rabies smoking deforestation"
)
#: Names of places and bodies that have an article.
_THE = re.compile(r"(United|Netherlands|Philippines|Bahamas|Gambia|US|USA|UK|EU|UN|USSR)\b")
_NAME = re.compile(r"[A-Z0-9][\w&.’'-]*")
#: What formulas call things: `d2`, `mu`, `sigma`.
_SYMBOL = re.compile(
    r"[a-z]{1,2}\d*|(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|rho|sigma|tau|phi|"
    r"chi|psi|omega)\d*"
)
_YEAR = re.compile(r"(1[5-9]|20)\d\d")
_POSSESSIVE = re.compile(r"^[A-Z]\S*(?:[ -][A-Z]\S*)*['’]s?\s")
#: Count nothing although they are plurals: they are what is measured.
_MEASURES = _words(
    "odds costs wages earnings revenues sales profits losses emissions proceeds savings funds "
    "assets debts taxes exports imports prices salaries expenses takings percentages shares "
    "rates hours days weeks months years"
)

#: Are shares already.
_SHARES = _words("odds percentages shares rates")


def the(label: str, unit: str = "") -> str:
    """Return a label as a sentence names it, with the article that its noun takes.

    `annual revenue` is `the annual revenue`; what counts things is their number, `guests` in
    `person/day` is `the number of guests`, and a plural with a share for a unit is a share; names,
    questions and labels that have an article stay as they are.

    Parameters
    ----------
    label : of a quantity, or its name
    unit : as documents write it, `person/day`, `share`
    """
    label = spoken(label).strip()
    words = label.split()
    if not words or _is_named(label, words):
        return label
    noun = _noun(words)
    if _is_plural(noun) and not _THE.match(label):
        return f"the {_of_many(noun, unit)}{label}"
    if noun in _MASS and not re.search(rf"\b{noun} (of|that|which)\b", label):
        return label
    return f"the {label}"


def _is_named(label: str, words: list[str]) -> bool:
    """Return whether it stands without an article of ours."""
    first = words[0]
    if (
        _SYMBOL.fullmatch(label)
        or len(label) == 1
        or first.lower() in _OWN
        or (first[0].isdigit() and not _YEAR.fullmatch(first))
    ):
        return True
    if _POSSESSIVE.match(label):
        return True
    head = words[: _end(words)]
    return all(map(_NAME.fullmatch, head)) and not _THE.match(label) and len(head[-1]) > 1


def _end(words: list[str]) -> int:
    """Return how many words come before what says more of the noun."""
    for place, word in enumerate(words):
        if place and (word.lower().strip(",") in _ENDS or word.startswith("(")):
            return place
    return len(words)


def _noun(words: list[str]) -> str:
    """Return the word that the others say more of."""
    head = [word.strip(",.\"“”‘’'()") for word in words[: _end(words)]]
    while len(head) > 1 and _follows(head[-1]):
        head.pop()
    return head[-1].lower()


def _follows(word: str) -> bool:
    return word in _AFTER or bool(re.fullmatch(r"\w{2,}(ed|ing)", word))


def _is_plural(noun: str) -> bool:
    if noun in _PLURALS:
        return True
    return bool(re.fullmatch(r"\w*\w{2}[^\Wsui]s", noun)) and noun not in _SINGULAR


def _of_many(noun: str, unit: str) -> str:
    """Return what a plural is of: a number, a share, or nothing where it is an amount."""
    if unit == "share":
        return "" if noun in _SHARES else "share of "
    if noun in _MEASURES:
        return ""
    return "number of " if _counts(unit) else ""


def _counts(unit: str) -> bool:
    """Return whether a unit counts things: `person/day` does, `MUSD/year` and `km` do not."""
    try:
        parsed: Unit = Units({}).parse(unit)
    except UnitError:
        return False
    above = [word for word, power in parsed.terms if power > 0]
    return all(re.fullmatch(r"[a-z][a-z_]{2,}", word) and word not in _MEASURED for word in above)


_MEASURED = _words(
    "second minute hour day week month year decade century metre meter mile gram tonne ounce "
    "litre pound kelvin watt joule dollar euro hectare acre gallon barrel share bar lux mol rad "
    "mil amp erg bit byte degree percentage_point basis_point"
)
