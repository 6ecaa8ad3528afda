"""Shares, dozens and halves of millions: figures whose last digit is no power of ten.

A share in words is as exact as its neighbours are far: who says "a third" did not mean a quarter,
nor two fifths, and means anything nearer to a third than to these. Its step is therefore the cell
between the midpoints to its neighbours.
"""

from fractions import Fraction

_WORDS = {
    Fraction(1, 4): "a quarter",
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 4): "three quarters",
    **{Fraction(i, 5): f"{word}" for i, word in enumerate(("a fifth", "two fifths"), 1)},
    **{Fraction(i, 5): f"{word}" for i, word in enumerate(("three fifths", "four fifths"), 3)},
}
#: The shares that people name, between which lie the cells.
_NAMED = sorted({*_WORDS, *(Fraction(i, 10) for i in (0, 1, 9, 10))})
#: Of how many one says "one in": any other is a count, or a percentage.
AMONG = frozenset((*range(2, 11), 20, 100, 1000))
#: A part of something, as one character.
GLYPHS = {
    sign: Fraction(above, below)
    for signs, below in (("½", 2), ("⅓⅔", 3), ("¼ ¾", 4), ("⅕⅖⅗⅘", 5), ("⅙   ⅚", 6), ("⅛ ⅜ ⅝ ⅞", 8))
    for above, sign in enumerate(signs, 1)
    if sign != " "
}
_SIGNS = {part: sign for sign, part in GLYPHS.items()}
#: The denominators of these.
EIGHTHS = (2, 3, 4, 5, 6, 8)
_WORDS_OF_SCALES = (
    *((Fraction(10**12), "trillion"), (Fraction(10**9), "billion"), (Fraction(10**7), "crore")),
    *((Fraction(10**6), "million"), (Fraction(10**5), "hundred thousand")),
    *((Fraction(10**3), "thousand"), (Fraction(10**2), "hundred"), (Fraction(12), "dozen")),
    (Fraction(1), ""),
)
#: What "half a" may stand before.
SCALES = frozenset(scale for scale, _ in _WORDS_OF_SCALES)
_NEAR = Fraction(1, 10**12)  # what binary fractions lose


def share_step(share: Fraction, digit: Fraction) -> Fraction:
    """Return the step of a share in words; `digit` where people have no name for it."""
    if share not in _NAMED[1:-1]:
        return digit
    at = _NAMED.index(share)
    return (_NAMED[at + 1] - _NAMED[at - 1]) / 2


def in_words(value: Fraction, step: Fraction) -> str:
    """Return a number in words where its step is no power of ten; "" for any other."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    found = _share(value, step) or _dozens(value, step) or _mixed(value, step) or _of(value, step)
    return sign + found if found else ""


def part_sign(value: Fraction) -> str:
    """Return the sign of a part that has one, as `⅛`."""
    return next((sign for part, sign in _SIGNS.items() if _same(value, part)), "")


def _same(a: Fraction, b: Fraction) -> bool:
    return abs(a - b) <= _NEAR * abs(b)


def _share(value: Fraction, step: Fraction) -> str:
    for share, words in _WORDS.items():
        if _same(value, share) and _same(step, share_step(share, step)):
            return words
    return ""


def decimal(step: Fraction) -> bool:
    """Return whether a step is a power of ten, as that of any number in figures is."""
    return set(str(step)) <= set("10/") and str(step).count("1") == 1 + ("/" in str(step))


def _dozens(value: Fraction, step: Fraction) -> str:
    count, digit = value / 12, step / 12
    if not decimal(digit) or (count / digit).denominator != 1:
        return ""
    if not count and digit == 1:
        return "0 dozen"
    if digit < 1:
        return f"{float(count):,.{len(str(digit.denominator)) - 1}f} dozen"
    if count.denominator != 1 or _last(int(count)) != digit:
        return ""
    return "a dozen" if count == 1 else f"{int(count):,} dozen"


def _mixed(value: Fraction, step: Fraction) -> str:
    """Return a mixed number: `half a million`, `¾ million`, `2½ thousand`, `1½`."""
    for scale, word in _WORDS_OF_SCALES:
        whole, part = divmod(value / scale, 1)
        sign = part_sign(part)
        if not sign or not (whole or word):
            continue
        if not _same(step * GLYPHS[sign].denominator, scale):
            continue
        if not whole and sign == "½":
            return f"half a {word}"
        return f"{whole or ''}{sign}{f' {word}' if word else ''}"
    return ""


def _of(value: Fraction, step: Fraction) -> str:
    """Return a ratio: `1 in 8`, `3 per 2,400`."""
    if not value > 0:
        return ""
    for power in range(13):
        among = 10**power / step
        count = value * among
        if _whole(among) and _whole(count) and _last(round(count)) == 10**power:
            share = Fraction(round(count), round(among))
            said = round(among) in AMONG and share < 1 and share not in _NAMED
            joint = "in" if said else "per"
            return f"{round(count):,} {joint} {round(among):,}"
    return ""


def _whole(number: Fraction) -> bool:
    return round(number) > 0 and _same(number, Fraction(round(number)))


def _last(number: int) -> int:
    """Return the unit of the last significant digit of a whole number above 0."""
    digits = str(number)
    return 10 ** (len(digits) - len(digits.rstrip("0")))
