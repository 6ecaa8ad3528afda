"""The speaker that a sentence names."""

from __future__ import annotations

import functools
import re

_VERBS = (
    r"(?:said|says|say|told|tells|estimates?|estimated|believes?|believed|claims?|claimed|thinks?|"
    r"notes?|noted|reports?|reported|puts?|expects?|expected|fears?|feared|promised|promises|finds?|"
    r"found|argues?|argued|adds?|added|writes?|wrote|warns?|warned|calculates?|calculated|"
    r"registered|recorded|counted|stated|states|announced|suggests?|suggested|reckon(?:s|ed)?|predicts?|"
    r"predicted|concludes?|concluded|explained|insisted|acknowledged)"
)
# Every repetition has an end, so that a sentence takes time in proportion to its length.
_NAMED = (
    r"[A-ZÀ-Þ][\w’'.-]{0,30}+"
    r"(?:\s(?:(?:van|von|de|der|la|bin|al)\s)?[A-ZÀ-Þ][\w’'-]{0,30}+){0,6}"
)
_TITLES = re.compile(
    r"^(?:(?:mr|mrs|ms|dr|prof|professor|captain|chief executive|lead author|president|"
    r"minister|spokesman|spokeswoman|economist|author|director|analyst)\.?\s)+",
    re.IGNORECASE,
)
_GROUP = (
    r"(?:[Tt]he|[Aa]n?|[Oo]ne|[Oo]ur|[Hh]er|[Hh]is|[Tt]heir|[Ss]ome|[Oo]verseas)\s"
    r"[\w’'-]{1,30}+(?:\s(?!who\b|that\b|which\b)[\w’'-]{1,30}+){0,6}?"
)
_TITLED = (
    r"(?:(?:[Cc]hief executive|[Ll]ead author|\b[A-Z]?[a-z]{1,20}+ minister|[Pp]rofessor"
    r"|[Dd]irector|[Aa]nalyst)\s)"
)
_WHO = (
    rf"(?:{_TITLED}?{_NAMED}|{_GROUP}|[Hh]e|[Ss]he|[Tt]hey|[Oo]rgani[sz]ers|[Oo]fficials"
    r"|[Rr]esearchers|[Ss]cientists)"
)
_ACCORDING = re.compile(
    rf"\b[Aa]ccording to (?P<who>{_NAMED}|{_GROUP}|[a-z]{{1,30}}\s?[a-z]{{0,30}})(?=\s*[,.;”\"]|$)"
)
_AFTER = re.compile(
    rf"[,”\"]\s(?:said|says|added|reported|warned|wrote|noted|estimates|told\s\w+)\s"
    rf"(?P<who>(?:[a-z]{{1,30}}+\s){{0,2}}{_NAMED}|{_GROUP})(?=\s*[,.;:”\"]|\sof\s|\sat\s|\sfrom\s|$)"
)
_APART = (
    r"(?:,\s(?:[^,“”\"]|,\d){1,200}+,|\s(?:of|from|at|in|with|for)\s(?:the\s)?[^,;“”\"]{2,60}?"
    r"|,?\swho\s[^“”\"]{2,200}?,?)?"
)
_HAVE = r"(?:had\s|has\s|have\s|also\s|then\s|later\s|now\s)?"
_BEFORE = re.compile(
    rf"(?:^|[“”\"]\s|[,;:]\s|\.\s|\b(?:while|but|and|that|which|when|as)\s)"
    rf"(?P<who>{_WHO}){_APART}\s{_HAVE}{_VERBS}\b"
)
_COLON = re.compile(rf"^(?P<who>{_NAMED}){_APART}\s[^“”:\"]{{2,40}}:\s[“\"]")
_PRONOUNS = frozenset(("he", "she", "they", "it", "which", "who", "this"))
_LONGEST = 120


def speaker(sentence: str, start: int, end: int) -> str:
    """Return who says what stands at a place of a sentence; "" where the sentence does not say.

    Pronouns are names of nobody.
    """
    sentence = re.sub(r"\s", " ", sentence)
    found = []
    for one in _named(sentence):
        if one.start("who") <= start < one.end("who"):
            continue  # the figure is part of the name
        apart = min(abs(one.start("who") - start), abs(one.start("who") - end))
        later = one.start("who") > end and one.re is _BEFORE
        if later and not _closes(sentence, one):
            continue  # who speaks after the figure, of something else
        found.append((apart, one["who"]))
    for _, who in sorted(found):
        name = _TITLES.sub("", who.strip())
        if name.lower() not in _PRONOUNS and name and len(name) < _LONGEST:
            return name
    return ""


@functools.lru_cache(maxsize=4)
def _named(sentence: str) -> tuple[re.Match[str], ...]:
    """Return who is named in a sentence, looked for once for all its figures."""
    ways = (_ACCORDING, _AFTER, _BEFORE, _COLON)
    return tuple(one for way in ways for one in way.finditer(sentence))


def _closes(sentence: str, who: re.Match[str]) -> bool:
    """Return whether a speaker is named after what is said: `…, the company reported`."""
    if not sentence[: who.start("who")].rstrip().endswith((",", "”", '"')):
        return False
    return not re.match(r"\s(?:that|of|it|its|an?|the|more|about)\b|\s\S*\d", sentence[who.end() :])
