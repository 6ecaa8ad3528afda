"""The words that a wording can begin with, and those that make up numbers and units."""

from difflib import SequenceMatcher
from fractions import Fraction

from estimates.errors import did_you_mean
from estimates.language.wording.figures import VAGUE

type Phrase = tuple[str, ...]


def _phrases(*texts: str) -> frozenset[Phrase]:
    return frozenset(tuple(text.split()) for text in texts)


LONGEST_PHRASE = 4
HEDGES = _phrases(
    *("around", "about", "roughly", "approximately", "approx", "approx.", "circa", "ca.", "c."),
    *("some", "nearly", "almost", "virtually", "practically", "~", "≈"),
    *("an estimated", "estimated", "estimated at", "close to", "approaching", "something like"),
    *("an estimated total of", "an estimated sum of", "more like", "in the neighbourhood of"),
    *("not quite", "in the region of", "in the order of", "of the order of", "on the order of"),
    *(f"just {word}" for word in ("over", "under", "above", "below", "short of")),
    *(
        f"{much} {word}"
        for much in ("slightly", "a little", "just", "little")
        for word in ("more than", "less than", "fewer than", "over", "under")
    ),
)
# Words that say nothing of the number.
_IDLE = (
    *(f"{a} {total} of" for a in ("a", "the") for total in ("total", "sum", "total sum")),
    *(f"a {total} of" for total in ("total amount", "combined total", "combined sum", "factor")),
    *("an average of", "average of", "the", "another", "an additional", "a further", "an extra"),
    *("a rate of", "at a rate of", "the rate of"),
    *(f"a {great}" for great in ("record", "massive", "staggering", "whopping", "huge")),
    "exactly",
    "precisely",
    "only",
    "just",
    "a mere",
)
IDLE = _phrases(*_IDLE)
_SOFT = ("up to", "as many as", "as much as", "as high as")
_UPPER = (
    *("at most", "no more than", "not more than", "less than", "fewer than", "under", "below"),
    *("a maximum of", "well under", "well below", "far fewer than", "far less than"),
    *("hardly more than", "scarcely more than", "no greater than", "no higher than", "<", "≤"),
)
_LOWER_BOUND = (
    *("at least", "no less than", "not less than", "no fewer than", "not fewer than"),
    *(f"{barely} {less} than" for barely in ("hardly", "scarcely") for less in ("less", "fewer")),
    *("more than", "over", "above", "greater than", "a minimum of", "in excess of", "upwards of"),
    *("well over", "well above", "far more than", "many more than", "upward of", "north of"),
    *(f"{far}{past}" for far in ("", "far ") for past in ("exceeding", "surpassing", "topping")),
    *("exceeded", "surpassed", "topped", ">", "≥"),
)
_REACHED = (
    *("at most", "no more than", "not more than", "a maximum of", "no greater than"),
    *("no higher than", "≤", "at least", "no less than", "not less than", "no fewer than"),
    *("not fewer than", "a minimum of", "≥", "hardly more than", "scarcely more than"),
    *(f"{barely} {less} than" for barely in ("hardly", "scarcely") for less in ("less", "fewer")),
)
# (upper, soft, strict): only the bound of "up to" can be cancelled by context.
BOUNDS: dict[Phrase, tuple[bool, bool, bool]] = {
    **dict.fromkeys(_phrases(*_SOFT), (True, True, False)),
    **{said: (True, False, said not in _phrases(*_REACHED)) for said in _phrases(*_UPPER)},
    **{said: (False, False, said not in _phrases(*_REACHED)) for said in _phrases(*_LOWER_BOUND)},
}
# Names of what is measured, before the figure: they say nothing of it.
_MEASURES = (
    *("RR", "HR", "OR", "aRR", "aHR", "aOR", "IRR", "SMR", "PR", "RD", "MD", "SMD", "WMD"),
    *("risk ratio", "relative risk", "hazard ratio", "odds ratio", "rate ratio"),
    *("incidence rate ratio", "prevalence ratio", "risk difference", "mean difference"),
    *("standardised mean difference", "standardized mean difference"),
)
MEASURES = frozenset(
    words
    for name in _MEASURES
    for said in (name, f"adjusted {name}", f"pooled {name}")
    for words in [tuple(said.split())]
)
VAGUE_WORDS: dict[Phrase, str] = {
    (*many, *words.split()): words
    for words in VAGUE
    for many in ((), ("many",))
    if not many or (words.endswith("s") and words != "tens")
}
# What begins a range.
FRAMES: dict[Phrase, str] = {
    **{(*before, "between"): "between" for before in ((), ("anywhere",), ("somewhere",))},
    **{(*before, "from"): "from" for before in ((), ("anywhere",), ("somewhere",), ("ranging",))},
    **{(*before, "range", "of"): "" for before in (("in", "the"), ("a",), ("the",))},
}
_RISING = ("rising", "increasing", "growing", "going up")
_FALLING = ("falling", "decreasing", "shrinking", "declining", "going down")
_LOWER = ("lower", "less", "fewer", "smaller")
_HIGHER = ("higher", "more", "greater", "larger")
# Wordings without a number, as they are printed.
WHOLE: dict[Phrase, str] = {
    **{tuple(words.split()): "rising" for words in _RISING},
    **{tuple(words.split()): "falling" for words in _FALLING},
    **{(word, "than", "claimed"): "lower than claimed" for word in _LOWER},
    **{(word, "than", "claimed"): "higher than claimed" for word in _HIGHER},
}
MULTIPLIERS: dict[str, Fraction] = {
    word: Fraction(10**power)
    for words, power in (
        ("hundred", 2),
        ("thousand k", 3),
        ("lakh lakhs", 5),
        ("million mn mln", 6),
        ("crore crores", 7),
        ("billion bn bln", 9),
        ("trillion tn trn", 12),
    )
    for word in words.split()
} | {"dozen": Fraction(12)}
# Multipliers in the plural, or with a letter lost: no unit is meant by these.
MISSPELT: dict[str, str] = {
    wrong: word
    for word in ("hundred", "thousand", "million", "billion", "trillion")
    for wrong in (f"{word}s", *(word[:i] + word[i + 1 :] for i in range(1, len(word))))
}
# Letters that a newspaper reads as multipliers, and a laboratory as units (metre, bit).
LETTERS = {"K": "thousand", "m": "million", "M": "million"} | {
    **dict.fromkeys(("b", "B"), "billion"),
    **dict.fromkeys(("t", "T"), "trillion"),
}
UNITS_OF_LETTERS = {"m": "metres", "K": "kelvins", "M": "moles a litre", "b": "bits", "B": "bytes"}
# Rates that need no "per".
RATES: dict[Phrase, str] = {
    **{
        (each, time): time
        for each in ("a", "an", "each", "every", "per")
        for time in ("year", "month", "week", "day", "hour", "minute", "second")
    },
    **{("per", "annum"): "year", ("per", "head"): "person", ("per", "capita"): "person"},
    **{("annually",): "year", ("yearly",): "year", ("monthly",): "month", ("weekly",): "week"},
    **{("daily",): "day", ("hourly",): "hour"},
}
# What is measured rather than counted: of these one says "per 1,000 person-years" and means a rate.
EXPOSURES = frozenset(
    (
        *("year", "years", "yr", "y", "month", "months", "week", "weeks", "day", "days"),
        *("hour", "hours", "h", "minute", "minutes", "second", "seconds", "s", "decades"),
        *("km", "kilometre", "kilometres", "kilometer", "kilometers", "mile", "miles", "m"),
        *("tonne", "tonnes", "kg", "litre", "litres", "liter", "liters", "ha", "hectares"),
    )
)
# Words with a meaning of their own, which therefore cannot be a unit.
RESERVED = frozenset(
    (
        *("to", "and", "between", "from", "of", "out", "or", "than", "per", "in", "over", "during"),
        *("this", "last", "next"),  # year
        *("every", "each", "the", "a", "an", "were", "was", "are", "is", "had", "have", "has"),
        *(
            "worth",
            "with",
            "for",
            "by",
            "on",
            "at",
            "minus",
            "plus",
            "half",
            "among",
            "within",
            "ci",
        ),
        *("se", "s.e.", "sd", "iqr", "stat", "stat.", "syst", "syst.", "sys."),
        *(words[0] for words in HEDGES if len(words) == 1),
    )
)
NUMERALS = {
    word: number
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
            *("seventeen", "eighteen", "nineteen"),
        )
    )
}
TENS = {
    word: 10 * tens
    for tens, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
    )
}
_ORDINALS = {
    3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth",
    10: "tenth", 12: "twelfth", 20: "twentieth", 100: "hundredth", 1000: "thousandth",
}  # fmt: skip
#: Of how many parts each is one.
PARTS = {
    **{word: among for among, word in _ORDINALS.items()},
    **{f"{word}s": among for among, word in _ORDINALS.items()},
    **{"half": 2, "halves": 2, "quarter": 4, "quarters": 4},
}
# What an interval may be called.
INTERVALS = frozenset(
    (
        *("ci", "cri", "ui", "cl", "hdi", "confidence", "credible", "uncertainty", "credibility"),
        *("interval", "intervals", "range", "limits", "level", "probability"),
    )
)
# What is published beside a number and is not an error of it.
SPREADS = {
    "deviation": "SD is the spread of single values: give the standard error of what is meant",
    "sd": "SD is the spread of single values: give the standard error of what is meant",
    "iqr": "an IQR holds half of the single values: give a confidence interval instead",
    "range": "a range of single values is not an error: give a confidence interval instead",
}
_BEGINNINGS = (
    *map(" ".join, [*HEDGES, *BOUNDS, *VAGUE_WORDS, *WHOLE]),
    *("between", "from"),
)


def suggestion(words: str) -> str:
    """Return what somebody who wrote `words` in the place of a number is likely to have meant."""
    if tuple(words.split()) in WHOLE:
        return ", and stands alone"
    if words in ("once", "twice", "double", "thrice", "triple"):
        return "; write how many there are, in figures"
    if words in ("as few as", "as little as", "as low as"):
        return "; write 'at least' for a lower bound, or the figure alone"
    if words == "few":
        return "; did you mean 'a few'?"
    if words in ("a couple", "couple", "a handful", "handful", "a number", "many"):
        return "; write 'a few', 'several', 'dozens of' or a number"
    near = [one for one in _BEGINNINGS if one != words and _spelt_alike(words, one)]
    return did_you_mean(words, near)


def _spelt_alike(said: str, known: str) -> bool:
    """Return whether each word is one of the others misspelt: "hardly" is no "far"."""
    pairs = list(zip(said.split(), known.split(), strict=False))
    return len(said.split()) == len(known.split()) and all(
        one == two or SequenceMatcher(None, one, two).ratio() >= 0.7 for one, two in pairs
    )
