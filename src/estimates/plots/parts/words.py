"""Numbers, units, wordings and sources in plain words, as a reader of a picture needs them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from estimates.language.phrases import amount as amount
from estimates.language.phrases import joined as joined
from estimates.language.phrases import plural as plural
from estimates.language.phrases import spoken as spoken
from estimates.language.phrases import unit_words as unit_words
from estimates.language.phrases import vague_amount
from estimates.language.units import Unit
from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Measured,
    Point,
    Range,
    Vague,
    Wording,
)
from estimates.model import Model
from estimates.model.ledger import Claim, Source

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: From here on there are no words, and powers of ten read better than noughts.
_HUGE = 1e15
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def number(value: float, last: int | None = None) -> str:
    """`20,000`, `1.2 million`, `0.35`: three significant digits, or down to the place 10**last."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if last is None:
        last = _magnitude(value) - 2
    for size, word in _LARGE if abs(value) < _HUGE else ():
        if abs(round(value, -last)) >= size:
            return f"{_plain(value / size, last - _magnitude(size))} {word}"
    if abs(value) < 1e-4 or abs(value) >= _HUGE:
        mantissa, power = f"{value:.{max(0, _magnitude(value) - last)}e}".split("e")
        return f"{mantissa}×10{_superscript(int(power))}".replace("-", "−")
    return _plain(value, last)


def brief(value: float) -> str:
    """Three significant digits at the most, and no noughts at their end."""
    if value == 0 or not math.isfinite(value):
        return number(value)
    return round_number(round(value, 2 - _magnitude(value)))


def round_number(value: float) -> str:
    """A value that is round anyway, with no more digits than it has: `0.25`, `3,000`."""
    if value == 0 or not math.isfinite(value):
        return number(value)
    last = next((p for p in range(_magnitude(value), -20, -1) if _is_whole(value / 10.0**p)), -20)
    return number(value, last)


def last_place(median: float, low: float, high: float) -> int:
    """The last place (a power of ten) worth showing of a median and its interval, by their size."""
    size = _magnitude(median) if median else 0
    place = size - 1 if size < 1 else max(size - 2, 0)
    return min(place, _magnitude(high - low) - 1) if high > low else place


def last_digit(value: float, place: int, error: float) -> int:
    """The last place of one number: three digits at the most, and none beyond its error."""
    if value:
        place = max(place, _magnitude(value) - 2) if abs(value) >= 1000 else place
    return max(place, _magnitude(error)) if error > 0 and math.isfinite(error) else place


def probability(value: float) -> str:
    """Two decimals, and never a certainty that draws cannot give."""
    if value < 0.005:
        return "<0.01"
    if value >= 0.995:
        return ">0.99"
    return f"{value:.2f}"


def capitalised(text: str) -> str:
    """The first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def said(wording: Wording, unit: Unit) -> str:
    """A wording as a phrase, with its unit in words."""
    match wording:
        case Range(low=low, high=high, hedged=hedged):
            joint = " to " if low.value < 0 or high.value < 0 else "–"
            figures = f"{low}{joint}{high}".replace("-", "−")
            return _hedge(hedged) + amount(figures, unit)
        case Point(figure=figure, hedged=hedged):
            return _hedge(hedged) + amount(_signed(str(figure)), unit)
        case Bound(figure=figure, upper=upper, soft=soft):
            words = ("up to" if soft else "at most") if upper else "at least"
            return f"{words} {amount(_signed(str(figure)), unit)}"
        case Measured(value=value, error=error):
            return amount(f"{_signed(str(value))} ± {error}", unit)
        case Vague(unit=text):
            bare = str(wording).removesuffix(text).strip()
            return vague_amount(bare, unit)
        case Counted() | Direction() | Disputed():
            return str(wording)
    return wording.text


def as_said(claim: Claim, model: Model) -> str:
    """What a claim says, in its own written unit; "" for a claim that says nothing."""
    if claim.says is None:
        return ""
    return said(claim.says, model.units.parse(claim.says.unit))


def published(date: str) -> str:
    """`2017-08` is `August 2017`."""
    year, *rest = date.split("-")
    if not rest:
        return year
    month = _MONTHS[int(rest[0]) - 1]
    return f"{int(rest[1])} {month} {year}" if len(rest) > 1 else f"{month} {year}"


def source_words(source: Source) -> str:
    """`South China Morning Post, August 2017`."""
    name = source.publisher or source.author or source.title or source.id
    return f"{name} ({published(source.published)})" if source.published else name


def sources_of(claims: Iterable[Claim], model: Model) -> str:
    """The sources of some claims, each once, in words; "" where there are none."""
    found = dict.fromkeys(claim.source for claim in claims)
    return "; ".join(source_words(model.ledger.sources[one]) for one in found)


def _hedge(hedged: bool) -> str:
    return "around " if hedged else ""


def _signed(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _plain(value: float, last: int) -> str:
    return f"{round(value, -last) + 0.0:,.{max(0, -last)}f}".replace("-", "−", 1)


def _superscript(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6


def _magnitude(value: float) -> int:
    """The power of ten of the first digit."""
    return math.floor(math.log10(abs(value)))
