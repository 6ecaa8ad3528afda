"""Of which time a figure is, and whether it is so much in that time: `sold 40 cars last year`."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Signs of a sentence in which the words that belong to a figure stand.
_NEAR = 80
_MONTHS = "January February March April May June July August September October November December"
_MONTH = "|".join(_MONTHS.split())
_PERIOD = (
    r"(?P<ago>(?:in\s|during\s|over\s)?(?:the\s)?(?:last|previous|past)\s(?P<each>year|month|week))\b"
    rf"|\b(?:in|during|for|throughout)\s(?:(?P<month>{_MONTH})\s)?(?P<year>(?:1[89]|20)\d\d)\b"
    r"(?!\s?[-–/]\s?\d|,\d)"
)
_AFTER = re.compile(rf"[^,;:.!?]{{0,{_NEAR}}}?\b(?:{_PERIOD})", re.IGNORECASE)
_FIRST = re.compile(rf"\W*(?:{_PERIOD})", re.IGNORECASE)
_BETWEEN = re.compile(rf"[^,;:.!?]*?\b(?:{_PERIOD})[^,;:.!?]*$", re.IGNORECASE)
# What is done so many times, or for so much, within a time.
_DONE = re.compile(
    r"\b(?:made|makes|earn(?:ed|s|ing)?|pa(?:id|ys|ying)|spen[dt]s?|sold|bought|export(?:ed|s)"
    r"|import(?:ed|s)|produc(?:ed|es)|generat(?:ed|es|ing)|rais(?:ed|ing)|receiv(?:ed|es)"
    r"|remit(?:ted|s)|brought in|took in|built|recorded|killed|arrested|deported|issued|granted"
    r"|treated|carried|shipped|delivered|cost)\s(?:out\s|back\s|home\s)?$",
    re.IGNORECASE,
)
_FLOW = re.compile(
    r"\b(?:revenues?|sales|exports|imports|profits?|turnover|income|earnings|output|production"
    r"|spending|remittances|takings|receipts|losses)\b[^,;:.]{0,60}?\b(?:was|were|of|at|reached"
    r"|totall?ed|hit|worth|to)\s(?:worth\s)?$",
    re.IGNORECASE,
)
# Two figures that are one quantity: `£5 12s`, `6 feet 2 inches`, `10 shillings and sixpence`.
_PARTS = {
    r"feet|foot|ft": r"inch(?:es)?|in\b",
    r"hours?": "minutes?",
    r"minutes?": "seconds?",
    r"years?": "months?",
    r"weeks?": "days?",
    r"pounds?": r"ounces?|shillings?|pence|s\b",
    r"stone": "pounds?",
    r"dollars?|euros?": "cents?",
    r"shillings?": r"pence|d\b",
}
_WORD = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)"
_OLD_MONEY = re.compile(
    rf"[,\s]{{1,2}}(?:and\s)?(?:{_WORD}\s?s\b|{_WORD}pence\b)(?:\s{_WORD}\s?d\b)?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Of which time a figure is.

    Attributes
    ----------
    when : as `2017`, `2017-03`, or in the words of the text: `last year`; "" where nothing is said
    rate : as `/year`, where the figure is so much in that time; else ""
    """

    when: str = ""
    rate: str = ""


def period(sentence: str, start: int, end: int, *, whole: bool) -> Period:
    """Return the time of the figure that stands between two places of a sentence.

    Parameters
    ----------
    whole : whether the figure may be so much in a time: no share, and no rate yet
    """
    before = sentence[max(start - 2 * _NEAR, 0) : start]
    clause = re.split(r"[;:.!?]\s", before)[-1]
    found = (
        _AFTER.match(sentence, end, end + 2 * _NEAR)
        or _BETWEEN.search(clause)
        or _FIRST.match(sentence)
    )
    if found is None:
        return Period()
    flows = whole and (_DONE.search(clause) or _FLOW.search(clause))
    each = (found["each"] or ("month" if found["month"] else "year")).lower()
    return Period(_when(found), f"/{each}" if flows else "")


def _when(found: re.Match[str]) -> str:
    if found["ago"]:
        return re.sub(r"^(?:in|during|over)\s", "", found["ago"].lower()).removeprefix("the ")
    if found["month"]:
        return f"{found['year']}-{_MONTHS.lower().split().index(found['month'].lower()) + 1:02d}"
    return found["year"]


def rest_of_two(sentence: str, end: int, says: str) -> int:
    """Return where the second of two figures ends that are one quantity; 0 where there is none."""
    unit = says.split("/")[0].split()[-1].lower() if says.split() else ""
    if says[:1] == "£" or re.fullmatch(r"shillings?|pounds?", unit):
        old = _OLD_MONEY.match(sentence, end)
        if old is not None:
            return old.end()
    for first, second in _PARTS.items():
        if re.fullmatch(first, unit):
            rest = re.compile(rf"[,\s]{{1,2}}(?:and\s)?{_WORD}[\s-](?:{second})\b", re.IGNORECASE)
            found = rest.match(sentence, end)
            return found.end() if found else 0
    return 0
