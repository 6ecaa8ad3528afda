"""Numbers with their units, wordings, dates and questions, as a sentence says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated

from estimates._util.format import cited_ends, grown, span
from estimates._util.records import Column
from estimates.language.units import Unit, UnitError, Units
from estimates.language.units.words import PLURALS
from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Lopsided,
    Measured,
    Point,
    Published,
    Range,
    Vague,
    Wording,
)

_MONEY = re.compile(r"([kMGBT]?)([A-Z]{3})")
_MONEY_IN = re.compile(r"\b[kMGBT]?([A-Z]{3})\b")
_MULTIPLIERS = {
    "": "",
    "k": "thousand",
    "M": "million",
    "G": "billion",
    "B": "billion",
    "T": "trillion",
}
_SIGNS = {"USD": "US$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_TIMES = ("second", "minute", "hour", "day", "week", "month", "year", "decade", "century")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_QUOTED = re.compile(r'"([^"]*)"')


def spoken(name: str) -> str:
    """Return a name of a model in words: `china_and_russia` is `china and russia`."""
    return name.replace("_", " ")


#: The labels that a result carries, so that it can be told without its model.
OptionLabels = Annotated[
    Mapping[str, str] | None, Column("of the options of readings that have one", optional=True)
]
NameLabels = Annotated[
    Mapping[str, str] | None,
    Column("of quantities, kinds and labels of dimensions that have one", optional=True),
]
Questions = Annotated[
    Mapping[str, str] | None, Column("what each reading leaves open", optional=True)
]

_NONE: Mapping[str, str] = MappingProxyType({})
_LABELS: ContextVar[Mapping[str, str]] = ContextVar("labels", default=_NONE)
_NAMES: ContextVar[Mapping[str, str]] = ContextVar("names", default=_NONE)
_QUESTIONS: ContextVar[Mapping[str, str]] = ContextVar("questions", default=_NONE)


@contextmanager
def labelling(
    options: Mapping[str, str] | None,
    names: Mapping[str, str] | None = None,
    questions: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Call things by these labels while it is entered; by those before, where None is given.

    Parameters
    ----------
    options : the labels of options of readings
    names : those of quantities, relations, kinds and labels of dimensions
    questions : what each reading leaves open
    """
    held = [(_LABELS, options), (_NAMES, names), (_QUESTIONS, questions)]
    tokens = [(of, of.set(of.get() if given is None else given)) for of, given in held]
    try:
        yield
    finally:
        for of, token in tokens:
            of.reset(token)


def called(name: str) -> str:
    """Return what a quantity, a cell or an expression of some is called, else its name in words.

    A cell is `wage (China) in 2017`; an expression keeps its signs: `wage (China) × share kept`.
    """
    names = _NAMES.get()
    if name in names:
        return names[name]
    if _PATH.fullmatch(name):
        return _cell(name, names)
    told = _PATH.sub(lambda found: _cell(found[0], names), name).replace(" * ", " × ")
    return _IN_DATE.sub(lambda found: f"in {published(found[1])}", told)


_PATH = re.compile(r"[^\W\d]\w*(?:\.\w[\w-]*)*")
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
_IN_DATE = re.compile(rf"\bin ({_DATE.pattern})\b")


def _cell(name: str, names: Mapping[str, str]) -> str:
    if name in names:
        return names[name]
    head, *labels = name.split(".")
    places = [one for one in labels if not _DATE.fullmatch(one)]
    if head not in names and not all(one in names for one in places):
        return spoken(name)
    where = ", ".join(names.get(one) or spoken(one) for one in places)
    dates = (f"in {published(one)}" for one in labels if one not in places)
    what = names.get(head) or spoken(head)
    return " ".join(filter(None, (what, f"({where})" if where else "", *dates)))


def question_of(reading: str) -> str:
    """Return what a reading leaves open, else its name in words."""
    return _QUESTIONS.get().get(reading) or spoken(reading)


def option_words(option: str) -> str:
    """Return an option of a reading by its label, else its name: `full wage or china and russia`.

    Those that one fit stands for are joined by `|`.
    """
    labels = _LABELS.get()
    return " or ".join(labels.get(one) or spoken(one) for one in option.split("|"))


def under(options: Iterable[str]) -> str:
    """Return a condition on readings, as tables call them: `under “gross, share, china”`."""
    return f"under “{', '.join(map(option_words, options))}”"


_IRREGULAR = {one: many for many, one in PLURALS.items()}


def plural(noun: str) -> str:
    """Return the plural of a unit's word, as `people` of `person`; with _ for spaces."""
    noun = spoken(noun)
    *before, last = noun.split(" ")
    if last in _IRREGULAR:
        return " ".join([*before, _IRREGULAR[last]])
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|ch|sh)$", noun) else "s")


def capitalised(text: str) -> str:
    """Return the text with its first letter a capital, unless it begins with a model's own name."""
    return text if _OF_A_MODEL.match(text) else text[:1].upper() + text[1:]


#: `wage.china * kept`, `in_hand in 2012`: what is written so in a file.
_OF_A_MODEL = re.compile(r"\w+[._]\w")


def joined(words: Iterable[str], last: str = "and") -> str:
    """Return items as a list in a sentence: `a, b and c`."""
    *rest, end = words
    return f"{', '.join(rest)} {last} {end}" if rest else end


def counted(number: int, noun: str) -> str:
    """Return a count with its noun: `1 quantity`, `3 quantities`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def published(date: str) -> str:
    """Return a date in words: `2017-08` is `August 2017`."""
    year, *rest = date.split("-")
    if not rest:
        return year
    month = _MONTHS[int(rest[0]) - 1]
    return f"{int(rest[1])} {month} {year}" if len(rest) > 1 else f"{month} {year}"


def said(wording: Wording, unit: Unit) -> str:
    """Return a wording as a phrase, with its unit in words."""
    match wording:
        case Range(low=low, high=high, hedged=hedged):
            joint = " to " if low.value < 0 or high.value < 0 else "–"
            figures = f"{low}{joint}{high}".replace("-", "−")
            return _hedge(hedged) + amount(figures, unit)
        case Point(figure=figure, hedged=hedged):
            return _hedge(hedged) + amount(_signed(str(figure)), unit)
        case Bound(figure=figure, words=words):
            return f"{words} {amount(_signed(str(figure)), unit)}"
        case Measured() | Lopsided():
            bare = str(replace(wording, unit=""))
            return amount(bare.replace("-", "−"), unit)
        case Published(value=value, low=low, high=high, coverage=coverage):
            interval = f"({100 * coverage:.4g} %: {_signed(str(low))} to {_signed(str(high))})"
            return f"{amount(_signed(str(value)), unit)} {interval}"
        case Vague(unit=text):
            return vague_amount(str(wording).removesuffix(text).strip(), unit)
        case Counted() | Events() | Direction() | Disputed():
            return str(wording)
    return wording.text


def _hedge(hedged: bool) -> str:
    return "around " if hedged else ""


def _signed(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def unit_words(unit: Unit) -> str:
    """Return a unit in words, `US$ million a year`, `people`, `km/s/Mpc`; "" for none."""
    sign, multiplier, rest = _parts(unit)
    return " ".join(part for part in (sign.strip(), multiplier, rest) if part)


def amount(figures: str, unit: Unit) -> str:
    """Return a figure with its unit around it: `US$100–200 million a year`, `70–80 %`."""
    sign, multiplier, rest = _parts(unit)
    return _together(sign + figures, multiplier, rest)


def _together(figures: str, multiplier: str, rest: str) -> str:
    if multiplier:
        figures, multiplier = grown(figures, multiplier)
    return " ".join(filter(None, (figures, multiplier, rest)))


def vague_amount(bare: str, unit: Unit) -> str:
    """Return a number word with its unit: `dozens of million US$ a year`."""
    sign, multiplier, rest = _parts(unit)
    return " ".join(part for part in (bare, multiplier, sign.strip(), rest) if part)


def in_words(unit: str) -> str:
    """Return a document's unit in words: `MUSD/year` is `US$ million a year`, a share is `%`."""
    if unit == "share":
        return "%"
    known = _known(unit)
    return unit if known is None else unit_words(known)


def told(figures: str, unit: str) -> str:
    """Return figures with a document's unit: `US$118 million a year`, `17,400 people`, `75.2 %`.

    Figures of a share are per cents.
    """
    return compared((figures,), unit)


def compared(figures: tuple[str, ...], unit: str, between: str = " to ") -> str:
    """Return figures that share a unit: `US$166 instead of US$137 per person per month`."""
    known = None if unit == "share" else _known(unit)
    sign, multiplier, rest = ("", "", in_words(unit)) if known is None else _parts(known)
    if figures == ("1",) and rest == "people":
        rest = "person"
    return _together(between.join(sign + one for one in figures), multiplier, rest)


def cited_range(low: float | None, high: float | None, unit: str) -> str:
    """Return a cited range, `US$100 to 200 million a year`; a bound has one end only."""
    one, other = cited_ends(low, high, factor=100.0 if unit == "share" else 1.0)
    if one is None or other is None:
        return f"up to {told(other or '', unit)}" if one is None else f"at least {told(one, unit)}"
    return told(span(one, other), unit)


def cited_words(wording: Wording | None, low: float | None, high: float | None, unit: str) -> str:
    """Return a cited figure as it was cited: a bound in its words, and what a single figure spans.

    `more than 100,000 people`; `US$100 to 200 million a year`; `50 people, taken as 35 to 72`.
    """
    taken = cited_range(low, high, unit)
    if isinstance(wording, Bound):
        return f"{wording.words} {taken.removeprefix('at least ').removeprefix('up to ')}"
    known = None if wording is None else _known(wording.unit)
    if wording is None or isinstance(wording, Range) or known is None:
        return taken
    return f"{said(wording, known)}, taken as {taken}"


def asked(question: str, name: str) -> str:
    """Return the question that a reading leaves open: `“Whose work counts?”`.

    Where the model does not say what the question is, how the name is to be read.
    """
    if not question:
        return f"how ‘{spoken(name)}’ is to be read"
    inner = _QUOTED.sub(r"‘\1’", question.strip())
    return f"“{inner}”"


@lru_cache(maxsize=256)
def _known(unit: str) -> Unit | None:
    # Of a model's own currencies the rates are not known here, and do not matter.
    codes = {code: (1.0, "USD") for code in _MONEY_IN.findall(unit) if code != "USD"}
    for currencies in ({}, codes):
        try:
            return Units(currencies).parse(unit)
        except UnitError:
            continue
    return None


def _parts(unit: Unit) -> tuple[str, str, str]:
    """Return the text before a number, the text right after it, and the text after that."""
    if not unit.terms:
        return "", "", ""
    above = [word for word, power in unit.terms if power == 1]
    below = [word for word, power in unit.terms if power == -1]
    if len(above) + len(below) < len(unit.terms) or len(above) > 1:
        return "", "", str(unit)
    money = _MONEY.fullmatch(above[0]) if above else None
    if str(unit) == "share":
        return "", "", ""
    if above and not money and not _noun(above[0]):
        if not all(map(_noun, below)):
            return "", "", str(unit)
        return "", "", " ".join(filter(None, [above[0], _rates(below)]))
    rest = _rates(below)
    if money:
        sign = _SIGNS.get(money[2], f"{money[2]} ")
        return sign, _MULTIPLIERS[money[1]], rest
    return "", "", " ".join([*map(plural, above), *filter(None, [rest])])


def _rates(below: list[str]) -> str:
    if len(below) == 1 and below[0] in _TIMES:
        return f"{'an' if below[0] == 'hour' else 'a'} {below[0]}"
    return " ".join(f"per {word}" for word in below)


def _noun(word: str) -> bool:
    """Return whether it is a word, and not a symbol such as `km`."""
    return word in _TIMES or (len(word) > 3 and word.replace("_", "").isalpha() and word.islower())


def worded(verdict: str, only_just: bool | None) -> str:
    """Return a verdict in words: `divided, but only just` where Monte Carlo error could turn it."""
    return f"{verdict}, but only just" if only_just else verdict
