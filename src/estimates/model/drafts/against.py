"""Figures that are no level of anything: changes, multiples, errors of others."""

from __future__ import annotations

import re

_NEAR = 80  # signs before a figure
_CHANGE = (
    r"(?:rose|risen|rises?|fell|fallen|falls?|dropped|drops?|increased?|increases|decreased?|grew|"
    r"grown|grows|declined?|shrank|shrunk|jumped|soared|slumped|climbed|gained|lost|up|down|cut|"
    r"raised|lowered)"
)
_CHANGED = re.compile(rf"\b{_CHANGE}(?:\s\w+)?\s(?:by\s)?(?:\w+\s)?$", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+$", re.IGNORECASE)
_CHANGES = re.compile(rf"\b{_CHANGE}\b", re.IGNORECASE)
_TO = re.compile(r"\bto\s(?:\w+\s)?$")
_GROUP = re.compile(r"\b(?:crew|group|team|family|unit)s?\sof\s$")
_RELATIVE = re.compile(
    r"^\s?(?:more|less|fewer|higher|lower|greater|larger|smaller|faster|times)\b(?!\sthan\sclaimed)"
    r"|^\s(?:of what|that many|that much|as many|as much|the (?:size|number|amount))\b",
    re.IGNORECASE,
)


def against(near: str, before: str, several: bool, after: str) -> str:
    """Return why a figure is no level of anything; "" where it is one.

    Parameters
    ----------
    near, before : what stands before its number, and before the words that belong to it
    several : whether it is a range, or has an error
    after : what stands after it
    """
    if _FROM.search(near) and _CHANGES.search(re.split("[.;]", near)[-1]):
        return "a change: from one level to another"
    last = before[-_NEAR:]
    if _CHANGED.search(last) and not _TO.search(last):
        return "a change, no level"
    if re.search(r"\bgive or take\s$", last, re.IGNORECASE):
        return "the error of another figure; write it with that one, as in 14 ± 3"
    if re.match(r"\s(?:dozen|score|gross)\b", after):
        return "counted by the dozen or score; write the number out"
    if _RELATIVE.match(after):
        return "a figure against something else"
    if _GROUP.search(last) and not several:
        return "the size of a group"
    return ""
