"""Numbers as an editor sets them: no digit beyond the Monte Carlo error, three at the most."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Protocol, runtime_checkable

SIGNIFICANT = 3
NONE = "—"

#: Words for as far as there are some, and powers of ten beyond.
_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_HUGE, _TINY = 1e15, 1e-4
_SMALL = Decimal("0.1")  # of a million is said without one
_MULTIPLIERS = ("", "thousand", "million", "billion", "trillion")
_WORD = re.compile(r" (?:million|billion|trillion)$")
_FIGURE = re.compile(
    r"(?<![\w.,])([\d,]*\d(?:\.\d+)?)(?: (million|billion|trillion))?(?![\w.,]*\d)"
)
_NOUGHTS = re.compile(r"\.(\d*?)0+(?!\d)")  # at the end of decimals
_LEAST_P = 1e-4  # below it nobody needs to know how far
_MOST = 12  # digits in which numbers that hardly differ are told apart
_WORDY = 4  # digits up to which a number as it was written has a word, `2.346 million`


def number(value: float | None, error: float | None = None, digits: int = SIGNIFICANT) -> str:
    """Return a value with digits down to the first of its error, at most `digits` of them.

    `20,400` (error 130, but three digits), `20,000` (error 1,300), `4.80 billion`, `2.1×10⁻⁵`, `—`
    for what is not defined.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    # The power of ten of the last digit to show; rounding up may add a digit before it.
    last = _magnitude(value) - digits + 1
    if error and math.isfinite(error):
        last = max(last, _magnitude(error))
    last = max(last, _magnitude(round(value, -last) or value) - digits + 1)
    return spelled(value, last)


def stated(value: float | None) -> str:
    """Return a value as it was written: nothing rounded away, no noughts added."""
    if value is None:
        return NONE
    if value == 0 or not math.isfinite(value):
        return spelled(value)
    if _TINY <= abs(value) < _HUGE and float(f"{value:.{_WORDY}g}") != value:
        return _signed(f"{value:,.10f}".rstrip("0").rstrip("."))
    return spelled_short(value, 7)


def brief(value: float | None, digits: int = SIGNIFICANT) -> str:
    """Return a computed value without a Monte Carlo error: a few digits, no noughts added."""
    shown = number(value, digits=digits)
    return _bare(shown)


def telling(*values: float | None) -> int:
    """Return how many digits tell numbers apart: three, more where they differ by less.

    Two of what lies between the lowest and the highest are kept: 493.662 to 493.691 are six.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    width = max(known) - min(known) if known else 0.0
    if not width:
        return SIGNIFICANT
    largest = max(map(abs, known))
    return max(SIGNIFICANT, min(_magnitude(largest) - _magnitude(width) + 2, _MOST))


def cited(value: float, digits: int = SIGNIFICANT) -> str:
    """Return an end of a cited figure: `1,234` where so many digits were written, else three.

    A single figure is taken as a range whose ends nobody wrote: `77.5` for 77.4948.
    """
    written = math.isclose(float(f"{value:.{_WORDY}g}"), value, rel_tol=1e-9)
    return brief(value, _WORDY) if written else number(value, digits=digits)


def cited_ends(*ends: float | None, factor: float = 1.0) -> tuple[str | None, ...]:
    """Return the ends of a cited range as `cited`, told apart where they hardly differ.

    Parameters
    ----------
    factor : to show them in another unit, 100 for a share in per cent
    """
    digits = telling(*ends)
    return tuple(None if end is None else cited(factor * end, digits) for end in ends)


@runtime_checkable
class Interval(Protocol):
    """A median between the ends of a 90 % interval; None where they are not defined."""

    @property
    def q05(self) -> float | None: ...
    @property
    def median(self) -> float | None: ...
    @property
    def q95(self) -> float | None: ...


@runtime_checkable
class Spreads(Protocol):
    """States its standard deviation, which tells a constant from what is mostly one."""

    @property
    def sd(self) -> float | None: ...


@runtime_checkable
class MedianErrs(Protocol):
    """States the Monte Carlo error of its median."""

    @property
    def mcse_median(self) -> float | None: ...


@runtime_checkable
class EndsErr(Protocol):
    """States the Monte Carlo errors of the ends of its interval."""

    @property
    def mcse_q05(self) -> float | None: ...
    @property
    def mcse_q95(self) -> float | None: ...


#: How much more a quantile errs than a median would at its own side's sd: √(p(1 − p)) / φ(z_p),
#: over the same of the median, 1.2533.
QUANTILES = {"q05": 1.69, "q25": 1.09, "median": 1.0, "q75": 1.09, "q95": 1.69}
_FEWEST = 400  # effective draws that the trust gates let through


def quantile_error(found: Interval, name: str) -> float | None:
    """Return the Monte Carlo error of one of the `QUANTILES`, as stated or from the spread.

    The standard deviation on each side is a 1.645th of the way from the median to that end; the
    median errs by 1.2533 sd/sqrt(draws), with 400 effective draws; another quantile more than a
    median would at its own side's sd.  Exact for a normal.  None where there is no spread.
    """
    if isinstance(found, EndsErr) and name in ("q05", "q95"):
        of_end = found.mcse_q05 if name == "q05" else found.mcse_q95
        if of_end is not None:
            return of_end
    error = found.mcse_median if isinstance(found, MedianErrs) else None
    if name == "median" and error is not None:
        return error
    low, middle, high = found.q05, found.median, found.q95
    if low is None or middle is None or high is None or not low < middle < high:
        return None
    below, above = (middle - low) / 1.645, (high - middle) / 1.645
    sd = math.sqrt(below * above)
    if error is None:
        error = 1.2533 * sd / math.sqrt(_FEWEST)
    if name == "median":
        return error
    return QUANTILES[name] * error * (below if name in ("q05", "q25") else above) / sd


def median_and_interval(found: Interval | None, factor: float = 1.0) -> tuple[str, str]:
    """Return `20,400` and `10,600 to 37,000`, their digits cut by the Monte Carlo errors.

    Parameters
    ----------
    factor : to show it in another unit, 100 for a share in per cent
    """
    if found is None or found.q05 is None or found.median is None or found.q95 is None:
        return NONE, NONE
    if found.q05 == found.q95 and not (isinstance(found, Spreads) and found.sd):
        return stated(factor * found.median), "fixed"

    digits = telling(found.q05, found.q95)

    def shown(value: float, name: str) -> str:
        error = quantile_error(found, name)
        return number(factor * value, None if error is None else factor * error, digits)

    ends = span(shown(found.q05, "q05"), shown(found.q95, "q95"))
    return shown(found.median, "median"), ends


def span(low: str, high: str, between: str = " to ") -> str:
    """Return two figures with the word of both said once: `2.9 to 7.1 billion`."""
    word = _WORD.search(high)
    if word and low.endswith(word[0]) and between == " to ":
        low = low.removesuffix(word[0])
    return f"{low}{between}{high}"


def grown(figures: str, multiplier: str) -> tuple[str, str]:
    """Return figures of so many thousands or millions each, with the word that suits them.

    `1,200` million is `1.2` billion, `0.021` billion `21` million, `0.021` million `21,000`.  Where
    figures deserve different words each has its own, and none is left for after them.
    """
    if multiplier not in _MULTIPLIERS or "×" in figures:
        return figures, multiplier
    found = [_grown(one, multiplier) for one in _FIGURE.finditer(figures)]
    if len({word for _, word in found}) < 2:
        word = found[0][1] if found else multiplier
        texts = iter([text for text, _ in found])
    else:
        word = ""
        texts = iter([" ".join(filter(None, one)) for one in found])
    return _FIGURE.sub(lambda _: next(texts), figures), word


def _grown(figure: re.Match[str], multiplier: str) -> tuple[str, str]:
    """Return one figure, and the word after it."""
    digits, own = figure[1], figure[2] or ""
    value = Decimal(digits.replace(",", ""))
    place = _MULTIPLIERS.index(multiplier) + _MULTIPLIERS.index(own)
    moved = 0
    while abs(value) >= 1000 and place + moved < len(_MULTIPLIERS) - 1:
        value, moved = value.scaleb(-3), moved + 1
    while 0 < abs(value) < _SMALL and place + moved > 0:
        value, moved = value.scaleb(3), moved - 1
    if moved < 0 and place + moved == 1:  # US$21,200, not US$21.2 thousand
        value, moved = value.scaleb(3), moved - 1
    if place + moved >= len(_MULTIPLIERS):
        return f"{digits} {own}", multiplier
    if not moved:
        return digits, _MULTIPLIERS[place]
    shown = f"{value:,f}"
    return _bare(shown) if moved > 0 else shown, _MULTIPLIERS[place + moved]


def probability(value: float | None) -> str:
    """Return two decimals, and never a certainty that draws cannot give."""
    if value is None or not math.isfinite(value):
        return NONE
    if value < 0.005:
        return "<0.01"
    if value >= 0.995:
        return ">0.99"
    return f"{value:.2f}"


def chance(value: float | None) -> str:
    """Return a probability as a sentence says it: `0.23`, `more than 0.99`."""
    text = probability(value)
    return text.replace("<", "less than ").replace(">", "more than ")


def spelled(value: float, last: int | None = None) -> str:
    """Return a number as figures show it: `20,000`, `1.2 million`, `3×10⁻⁵`.

    Parameters
    ----------
    last : the place of its last digit, 10**last; three significant digits by default
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if last is None:
        last = _magnitude(value) - SIGNIFICANT + 1
    for size, word in _WORDS if abs(value) < _HUGE else ():
        if abs(round(value, -last)) >= size:
            return f"{_decimal(value / size, last - _magnitude(size))} {word}"
    if _TINY <= abs(value) < _HUGE or last > _magnitude(value):
        return _decimal(value, last)
    return _power(f"{value:.{max(0, _magnitude(value) - last)}e}")


def spelled_short(value: float, digits: int | None = None) -> str:
    """Return a number as figures show it, without noughts at its end; rounded to `digits`."""
    if value == 0 or not math.isfinite(value):
        return spelled(value)
    if digits is not None:
        value = round(value, digits - 1 - _magnitude(value))
    size = _magnitude(value)
    places = range(size, max(size - 17, -300), -1)
    last = next((p for p in places if _is_whole(value / 10.0**p)), size - SIGNIFICANT + 1)
    return spelled(value, last)


def rounded(value: float) -> str:
    """Return a number with at most three significant digits, and no noughts at its end."""
    return spelled_short(value, 3)


def _decimal(value: float, last: int) -> str:
    return _signed(f"{round(value, -last) + 0.0:,.{max(0, -last)}f}")


def _bare(shown: str) -> str:
    """Return a number without the noughts at the end of its decimals."""
    return _NOUGHTS.sub(lambda found: f".{found[1]}" if found[1] else "", shown)


def _power(shown: str) -> str:
    """Return `3.2e-07` as `3.2×10⁻⁷`."""
    mantissa, power = shown.split("e")
    return f"{mantissa}×10{_raised(int(power))}".replace("-", "−")


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _signed(shown: str) -> str:
    return shown.replace("-", "−", 1) if shown.startswith("-") else shown


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6


def _magnitude(value: float) -> int:
    """Return the power of ten of the first digit."""
    return math.floor(math.log10(abs(value)))


def p_value(p: float | None) -> str:
    """Return p as a table shows it: `0.31`, `0.0042`, and `<0.0001` for all that is less."""
    if p is None:
        return NONE
    if p >= 0.095:
        return "1" if p >= 1 else ">0.99" if p >= 0.995 else f"{p:.2f}"
    if p >= _LEAST_P:
        return f"{p:.{1 - math.floor(math.log10(p))}f}"
    return "<0.0001"


def p_said(p: float | None, what: str = "p") -> str:
    """Return p as a sentence says it: `p = 0.31`, or `p less than one in 10,000`."""
    if p is not None and p < _LEAST_P:
        return f"{what} less than one in 10,000"
    return f"{what} = {p_value(p)}"
