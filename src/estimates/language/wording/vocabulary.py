"""The words that a wording can begin with, and those that multiply a number."""

from estimates.errors import did_you_mean
from estimates.language.wording.figures import VAGUE

HEDGES = frozenset(
    (
        *("around", "about", "roughly", "approximately", "approx", "approx.", "circa", "ca.", "c."),
        *("some", "nearly", "almost", "~", "≈"),
    )
)
# (upper, soft): only the bound of "up to" can be cancelled by context.
BOUNDS: dict[tuple[str, ...], tuple[bool, bool]] = {
    ("up", "to"): (True, True),
    **{
        tuple(words.split()): (True, False)
        for words in (
            *("at most", "no more than", "not more than", "less than", "fewer than", "under"),
            "below",
        )
    },
    **{
        tuple(words.split()): (False, False)
        for words in (
            *("at least", "no less than", "not less than", "no fewer than", "not fewer than"),
            *("more than", "over", "above"),
        )
    },
}
VAGUE_WORDS: dict[tuple[str, ...], str] = {tuple(words.split()): words for words in VAGUE}
_RISING = ("rising", "increasing", "growing", "going up")
_FALLING = ("falling", "decreasing", "shrinking", "declining", "going down")
_LOWER = ("lower", "less", "fewer", "smaller")
_HIGHER = ("higher", "more", "greater", "larger")
# Wordings without a number, as they are printed.
WHOLE: dict[tuple[str, ...], str] = {
    **{tuple(words.split()): "rising" for words in _RISING},
    **{tuple(words.split()): "falling" for words in _FALLING},
    **{(word, "than", "claimed"): "lower than claimed" for word in _LOWER},
    **{(word, "than", "claimed"): "higher than claimed" for word in _HIGHER},
}
MULTIPLIERS: dict[str, int] = {  # as powers of ten
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "mn": 6,
    "billion": 9,
    "bn": 9,
    "trillion": 12,
    "tn": 12,
}
# Multipliers in the plural, or with a letter lost: no unit is meant by these.
MISSPELT: dict[str, str] = {
    wrong: word
    for word in ("hundred", "thousand", "million", "billion", "trillion")
    for wrong in (f"{word}s", *(word[:i] + word[i + 1 :] for i in range(1, len(word))))
}
# Letters that a newspaper would read as multipliers, and we as units (metre, bit).
LETTERS = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
MONEY = {"$": "USD", "US$": "USD", "HK$": "HKD", "NZ$": "NZD", "A$": "AUD", "C$": "CAD"} | {
    "S$": "SGD",
    "€": "EUR",
    "£": "GBP",
}
# Words with a meaning of their own, which therefore cannot be a unit.
RESERVED = (
    frozenset(("to", "and", "between", "from", "of", "out", "or", "than", "per", "dozen")) | HEDGES
)
NUMERALS = {
    word: number
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six"),
            *("seven", "eight", "nine", "ten", "eleven", "twelve"),
        )
    )
}
_FRACTIONS = frozenset(("half", "third", "thirds", "quarter", "quarters", "fifth", "fifths"))
_BEGINNINGS = (
    *HEDGES,
    *map(" ".join, [*BOUNDS, *VAGUE_WORDS, *WHOLE]),
    *("between", "from"),
)


def suggestion(words: str) -> str:
    """What somebody who wrote `words` where a number should be was likely to mean."""
    if tuple(words.split()) in WHOLE:
        return ", and stands alone"
    if any(word in _FRACTIONS for word in words.split()):
        return "; write a share as 50 %, or as a count: 12 of 60"
    if words in NUMERALS:
        return f"; write numbers in figures: {NUMERALS[words]}"
    if words == "few":
        return "; did you mean 'a few'?"
    return did_you_mean(words, _BEGINNINGS)
