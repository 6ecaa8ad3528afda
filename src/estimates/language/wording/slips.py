"""Slips in a wording that the grammar alone would misread: points for thousands, and dates."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.,])\d[\d,_]*(?:\.\d+)*")
_NOUGHTS = re.compile(r"[1-9]\d{0,2}\.000")
_GROUPS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}")
_DECIMAL = re.compile(r"0?\.\d+|\d+\.(?:\d{1,2}|\d{4,})")
# After these a point can only begin decimals.
_SCALED = re.compile(r"(?:e[+-]?\d| ?(?:%|per ?cent|(?:thousand|[mbt]n|(?:m|b|tr)illion)\b))", re.I)

#: Metals that are weighed in troy ounces.
_PRECIOUS = re.compile(r"\b(?:gold|silver|platinum|palladium|bullion)\b", re.IGNORECASE)
_OUNCES = (
    "an ounce of a precious metal can be read in two ways: write 'troy ounces' (31.1 g), or "
    "'avoirdupois_ounces' (28.35 g)"
)

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_DATE = re.compile(
    rf"\b{_YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?![\d%-])(?!\s*[^\W\d])"
    rf"|\b\d{{1,2}}\.\d{{1,2}}\.{_YEAR}\b|\b\d{{1,2}}/\d{{1,2}}/{_YEAR}\b"
    rf"|\b(?:\d{{1,2}}\.? )?{_MONTH},? (?:\d{{1,2}},? )?{_YEAR}\b|\b\d{{1,2}}\.? {_MONTH}$"
    rf"|\b(?:in|since|by|during|of|as of|until|before|after) {_YEAR}\b(?![,.%]?\d)"
    rf"|\b(?:this|last|next) (?:year|month|week|decade)\b",
    re.IGNORECASE,
)


def point_for_thousands(text: str) -> tuple[str, int] | None:
    """Return what is wrong, and where, if a point groups thousands as in half of the world.

    `20.000` would be read as twenty, to three decimals. It is refused unless the text shows that
    decimals are meant: by another number that can be nothing else (`1.000 ± 0.012`), by % or by a
    multiplier. `20.500` may always be meant, and `1.200.000` never.
    """
    slip = grouped_by_points(text)
    if slip is not None:
        return slip[0], slip[1]
    found = list(_NUMBER.finditer(text))
    if any(_DECIMAL.fullmatch(one[0]) for one in found) or "%" in text:
        return None
    for one in found:
        if _NOUGHTS.fullmatch(one[0]) and not _SCALED.match(text, one.end()):
            plain = one[0][:-1]  # with two noughts it cannot be thousands
            return (
                f"write {one[0]} as {one[0].replace('.', ',')}: a point begins decimals; "
                f"if they are meant, write {plain}",
                one.start(),
            )
    return None


def grouped_by_points(text: str) -> tuple[str, int, int] | None:
    """Return what is wrong, and where, in `1.200.000`, where points group a million."""
    for one in _NUMBER.finditer(text):
        if _GROUPS.fullmatch(one[0]):
            written = one[0].replace(".", ",")
            return f"write {one[0]} as {written}: a point begins decimals", one.start(), one.end()
    return None


def thousands_shared(first: str, second: str) -> bool:
    """Return whether the thousand of `30 to 40,000` may be meant for both.

    `30 to 40000` says that it is not: nobody shares a thousand that is not set off.
    """
    head, _, noughts = second.partition(",")
    return first.isdigit() and len(first) <= 3 and noughts == "000" and int(first) < int(head)


def which_ounce(unit: str, about: str) -> str:
    """Return what is wrong where `ounces` are said of gold; else ""."""
    ounces = unit.partition("/")[0].lower() in ("ounce", "ounces", "oz")
    return _OUNCES if ounces and _PRECIOUS.search(about.replace("_", " ")) else ""


def date_in(text: str) -> tuple[str, int, int] | None:
    """Return what is wrong, and where, if a date stands in a wording that cannot be read."""
    found = _DATE.search(text)
    if found is None:
        return None
    return (
        f"'{found[0]}' is a date, not part of the figure; keep it in `when:`",
        found.start(),
        found.end(),
    )
