"""The figures of a sentence, and each as a wording where it can be read as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from estimates.language.units.currencies import CODES, MONEY_NAMES
from estimates.language.wording import WordingError, parse_wording
from estimates.language.wording.vocabulary import BOUNDS, FRAMES, HEDGES, IDLE
from estimates.model.drafts.against import against
from estimates.model.drafts.periods import period, rest_of_two

#: Signs before and after a figure in which the words that belong to it stand. They bound what one
#: figure costs, so that a text of any kind takes time in proportion to its length.
_BEFORE, _AFTER, _CLAUSE = 80, 160, 240
#: Figures of a sentence above which it is a table.
_MOST = 25


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of a sentence.

    Attributes
    ----------
    start, end : where it stands in the sentence, with the words that belong to it
    says : its wording; "" where none can be given
    because : why not
    when : the time that it is of, as `2017` or `last year`; "" where none is said
    """

    start: int
    end: int
    says: str
    because: str = ""
    when: str = ""


_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_TIMES = r"(?:hundred|thousand|million|billion|trillion|mn|bn|tn|lakh|crore)\b"
_MONEY = (
    r"(?:\b(?:US|HK|A|C|NZ|S|NT|R|CN)\$|CN¥|[$€£¥₹₩₽₪₦₴฿]"
    rf"|\b(?:(?-i:{'|'.join(sorted(CODES))})\s|(?:Rs\.?|RMB|SFr|Ksh|Tsh|Ush|DKr|NKr|SKr|kr)\s?))"
)
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_ONE = (
    rf"(?:(?:{_MONEY}\s?)?(?:(?<![\w.])[-−])?{_DIGITS}(?:\s?{_TIMES}|[kmb]\b|bn\b)?"
    rf"|\b(?:half a (?:million|billion)|a (?:dozen|million|billion|hundred|thousand)\b"
    rf"|(?:two|three|half a) dozen\b)"
    rf"|\b(?:{_WORDS})(?:-(?:one|{_WORDS}))?(?:\s{_TIMES}){{0,3}}\b|\bzero\b)"
)
_ORDINAL = "third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth|twentieth|hundredth"
_PART = (
    r"\b(?:(?:one[ -])?half(?! (?:an? )?(?:hundred|thousand|million|billion|trillion|dozen)\b)"
    rf"|(?:an?|one)[ -](?:{_ORDINAL})"
    rf"|(?:two|three|four|five|six|seven|eight|nine|ten|eleven)[ -](?:{_ORDINAL})s)\b"
)
_ODDS = (
    rf"\b(?:one|{_WORDS}|\d+)\s(?:in|out of)(?:\severy)?\s(?:an?\s)?(?:{_WORDS}|{_DIGITS}|{_TIMES})"
)
_VAGUE = (
    r"\b(?:(?:tens|hundreds) of (?:thousands|millions)|dozens|scores|hundreds|thousands|millions)\b"
    r"(?! of (?:years ago|times))"
    rf"|\b(?:a few|several)(?:\s(?:dozen|{_TIMES}))?(?=\s(?!of\b|times\b)[A-Za-z])"
)
_PERCENT = r"\s?(?:%|per\s?cent\b)"
_JOIN = r"(?:\s?[-–—]\s?|\s(?:to|and|or)\s)"
_CORE = re.compile(
    rf"(?P<vague>{_VAGUE})|(?P<odds>{_ODDS})"
    rf"|(?P<first>{_PART}|{_ONE}|\bone(?=\sor\s))(?P<percent>{_PERCENT})?"
    rf"(?P<more>\s?(?:±|\+/-|plus or minus)\s?{_DIGITS}|\s(?:of|out of)\s(?:the\s)?{_DIGITS}"
    rf"|{_JOIN}(?:an?\s)?(?:{_ONE}|{_PART})(?(percent){_PERCENT}|(?:{_PERCENT})?))?",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"(?:\s\(|,\s|;\s)(?:(?P<held>\d\d(?:\.\d+)?)\s?%\s(?:CI|CrI|confidence interval|credible "
    rf"interval)[:,]?\s\(?(?P<low>[-−]?{_DIGITS})\s?%?{_JOIN}(?P<high>[-−]?{_DIGITS})\s?%?)\)?"
)
_TIME = r"(?:year|month|week|day|night|hour|minute|second|person|head|worker|household|square \w+)"
_RATE = re.compile(
    rf"\s(?P<each>(?:(?:a|an|per|each|every)\s{_TIME}\b)(?:\s(?:a|an|per)\s{_TIME}\b)?|annually\b"
    r"|yearly\b|monthly\b|weekly\b|daily\b)"
)
_OTHERWISE = re.compile(r"\s(?:off|of\s\w{1,40}|\([^)]{0,80}\))(?=\s)")
_SAID_RATE = re.compile(r"\b(?P<each>annual|yearly|monthly|weekly|daily)\b", re.IGNORECASE)
_EACH = {"annual": "year", "yearly": "year", "monthly": "month", "weekly": "week", "daily": "day"}
_EACH |= {"annually": "year"}

#: What comes before a figure and is taken along; an article or "another" by itself is not.
_LEADS = sorted(
    {
        " ".join(words)
        for group in (HEDGES, BOUNDS, FRAMES, IDLE)
        for words in group
        if words not in (("the",), ("another",))
    },
    key=len,
    reverse=True,
)
_LEFT = re.compile(
    rf"(?:(?:\b|(?<=[~≈<>≤≥]))(?:{'|'.join(map(re.escape, _LEADS))})\s?)+$", re.IGNORECASE
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Words that end what is counted.
_NOT_COUNTED = _words(
    "a an the this that these those of in on at to for from by with without and or but nor as is",
    "are was were be been being has have had do does did will would could can may might must",
    "should who which whom whose when where while if than then since before after during over",
    "under about into out off up down per each every more less most least not only also said says",
    "because so such it its they their them he his she her we our you your i my working worked",
    "living lived employed used registered interviewed eligible functional available long times",
    "percent",
)
_IRREGULAR = (
    _words(
        "people persons children women men adults police staff aircraft sheep fish cattle data",
        "criteria supernovae species feet",
    )
    | MONEY_NAMES
)
_AND_OTHERS = re.compile(r"(?:,\s[\w-]{1,30}){0,4},?\s(?:and|or)\s([\w-]{1,30})")
_MEASURES = re.compile(
    r"(?:kilomet(?:re|er)s?|met(?:re|er)s?|miles?|km) (?:per|a) second(?: per megaparsec)?"
    r"|(?:kilomet(?:re|er)s?|miles?) (?:per|an) hour|light-years?|[a-z]+/[a-z]+|km/s/Mpc"
    r"|square (?:kilomet(?:re|er)s|met(?:re|er)s|miles|feet)|cubic met(?:re|er)s"
)
_HEAD = re.compile(r"(?:km|kg|cm|mm|ha|g|t|MW|GW|kW|kWh|MWh|TWh|GHz|MHz|Hz|°C)\b")

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|July|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
# What has digits and is no quantity.
_NONE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:\s\d{{4}})?|\b{_MONTH}\s\d{{1,2}}(?!\d)(?:,?\s\d{{4}})?"
    rf"|\b{_MONTH}\s\d{{4}}"
    r"|\b(?:in|since|of|by|until|before|after|during|from|for|between|and|to|early|late|mid-?)\s"
    r"(?:1[5-9]|20)\d\d\b(?!,\d)(?:\s?[-–]\s?\d{2,4})?|\b(?:1[5-9]|20)\d\ds\b"
    r"|\b(?:1[5-9]|20)\d\d(?=\s(?:report|study|census|survey|election|war|law|paper|act))"
    r"|\((?:[^()]*,\s)?(?:1[5-9]|20)\d\d\)|\b\d{4}-\d\d-\d\d\b"
    r"|\b(?:table|tables|figure|fig\.|page|pages|pp?\.|paragraph|para\.|chapter|section|article"
    r"|resolution|no\.|nos\.|number|rule|act|law|route|highway|flight|grade|phase|type|version)\s"
    r"\d[\d./-]*|\bNo\.\s\d+|\b\d{1,2}[:.]\d\d\s?(?:[ap]\.?m|o.clock)|\b\d{1,2}\s?(?:[ap]\.m|[ap]m)\b"
    r"|\b\d{1,2}\so.clock|\baged?\s(?:of\s|between\s)?\d+(?:\s?(?:-|–|to|and)\s?\d+)?(?:\syears)?"
    rf"|\b(?:{_WORDS}|one|\d+)\s(?:years?|months?|weeks?|days?|hours?)\s(?:on|ago|later|earlier)\b"
    r"|\b\d+-year-olds?\b|,\s\d{2}(?=,)|\b[A-Za-z]+-?\d+\b|\bhttps?://\S+|\bS/RES/\S+"
    r"|^\s*\(?\d{1,3}[.)]\s",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"{_DIGITS}|\b(?:{_WORDS})\b", re.IGNORECASE)
_MULTIPLE = re.compile(
    r"\b(?:doubled|tripled|trebled|quadrupled|halved|twice|threefold|twofold|tenfold)\b"
    r"(?:\s(?:in|over|within)\s(?:the\s(?:past|last)\s)?\w+\s(?:years?|months|weeks|decades))?",
    re.IGNORECASE,
)
_DIRECTION = re.compile(
    r"\b(?:is|are|was|were|been|be|going|keeps?|kept|see[^.;,]{0,60})\s(?:also\s|still\s|now\s|"
    r"rapidly\s|slowly\s|steadily\s)?(?P<what>rising|increasing|growing|climbing|falling|shrinking|"
    r"decreasing|declining|dwindling|going up|going down)\b(?!\s(?:\w+\s)?(?:concern|pressure))"
    r"|\b(?:costs?|prices?|wages?|numbers?|figures?|rents?|rates?|opportunities|stocks?|incomes?|"
    r"revenues?|profits?|sales|exports|imports)\b(?:\s[\w-]+){0,3}?\s"
    r"(?P<plain>go up|goes up|rise|rises|increase|increases|shrink|shrinks|fall|falls|decline|"
    r"declines|go down|goes down)(?=\s*(?:[,.;”\"]|and\b|as\b|in\b|$))",
    re.IGNORECASE,
)
_BY_HOW_MUCH = re.compile(rf"\s(?:by|from|to)\s\S{{0,9}}?\d|\s{_DIGITS}")
_UPWARD = ("ris", "increas", "grow", "climb", "going up", "go up", "goes up")


def is_table(sentence: str) -> bool:
    """Return whether a passage has so many numbers that it is no sentence."""
    return sum(1 for _ in _NUMBER.finditer(sentence)) > _MOST


def figures(sentence: str) -> Iterator[Found]:
    """Yield the figures of a sentence, none of them twice; a table has none."""
    if is_table(sentence):
        return
    sentence = re.sub(r"\s", " ", sentence)
    taken = bytearray(len(sentence) + 1)  # 1 where a sign belongs to something already
    for idle in _NONE.finditer(sentence):
        _take(taken, *idle.span())
    for multiple in _MULTIPLE.finditer(sentence):
        _take(taken, *multiple.span())
        yield Found(*multiple.span(), "", "a change against something else")
    for core in _CORE.finditer(sentence):
        if taken[core.start()] or _is_part_of_word(sentence, core):
            continue
        found = _figure(sentence, core)
        if found is not None:
            _take(taken, found.start, found.end)
            yield found
    for way in _DIRECTION.finditer(sentence):
        if taken[way.start()]:
            continue
        word = (way["what"] or way["plain"]).lower()
        if not _BY_HOW_MUCH.match(sentence, way.end()):
            rising = word.startswith(_UPWARD)
            yield Found(*way.span(), "rising" if rising else "falling")


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\1" * (end - start)


def _is_part_of_word(sentence: str, core: re.Match[str]) -> bool:
    """Return whether a number goes on as a word: `5th`, but not `50-person`."""
    if not core["first"] or not re.match(r"[-–]?\w", sentence[core.end() : core.end() + 2]):
        return False
    return not _is_adjective(sentence, core.end())


def _is_adjective(sentence: str, at: int) -> bool:
    """Return whether what follows a number makes it an adjective: `50-person`."""
    return re.match(r"-(?:person|strong|member|man|bed)\b", sentence[at : at + 9]) is not None


def _figure(sentence: str, core: re.Match[str]) -> Found | None:
    left = _LEFT.search(sentence, max(core.start() - _BEFORE, 0), core.start())
    start = left.start() if left else core.start()
    near = sentence[max(core.start() - _CLAUSE, 0) : core.start()]
    before = sentence[max(start - _CLAUSE, 0) : start]
    interval = _INTERVAL.match(sentence, core.end())
    says, end = _said(sentence, core, before, interval)
    after = sentence[end : end + _AFTER]
    if not _is_figure(core, says, after):
        return None
    rest = rest_of_two(sentence, end, says)
    if rest:
        return Found(start, rest, "", "two figures that are one: write it in one unit")
    of = period(sentence, start, end, whole=not (interval or "/" in says or _is_share(core)))
    because = "" if interval else against(near, before, bool(core["more"]), after)
    if because:
        return Found(start, end, "", because, of.when)
    prefix = sentence[start : core.start()]
    found = _read(start, end, prefix, says + of.rate, core)
    if of.rate and not found.says:
        found = _read(start, end, prefix, says, core)
    return replace(found, when=of.when)


def _said(
    sentence: str, core: re.Match[str], before: str, interval: re.Match[str] | None
) -> tuple[str, int]:
    """Return a number with its interval, or with its unit and rate, and where that ends."""
    if interval is not None:
        ends = f"{interval['low']} to {interval['high']}"
        return f"{core[0]} ({interval['held']}% CI {ends})", interval.end()
    says, end = core[0], core.end()
    if not _is_share(core) and "%" not in says:
        unit, end = _unit(sentence, end)
        says += unit
    rate, end = _rate(sentence, end, core, before)
    return says + rate, end


def _is_share(core: re.Match[str]) -> bool:
    part = re.fullmatch(_PART, core["first"] or "", re.IGNORECASE)
    return bool(core["percent"] or core["odds"] or part)


def _is_figure(core: re.Match[str], says: str, after: str) -> bool:
    """Return whether a small number in words counts anything: `two` alone does not."""
    word = core["first"]
    if core["vague"] or core["odds"] or word is None or re.search(r"\d", core[0]):
        return True
    if core["percent"] or re.search(r"(?i)million|billion|thousand|hundred|dozen|zero", core[0]):
        return True
    if re.fullmatch(_PART, word, re.IGNORECASE):
        return re.match(r"\s(?:of|hour|mile|an?)\b|\s*[,.;)]|\sthe\b", after) is not None or bool(
            core["more"]
        )
    return len(says) > len(core[0])


def _unit(sentence: str, at: int) -> tuple[str, int]:
    """Return the unit that follows a number, with a blank before it, and where it ends."""
    adjective = re.match(r"-(person)\b", sentence[at:])
    if adjective:
        return " people", at + adjective.end()
    measure = re.match(rf"\s(?:{_MEASURES.pattern})", sentence[at:])
    if measure:
        words = measure[0].strip()
        words = re.sub(r"kilomet(?:re|er)s? per second per megaparsec", "km/s/Mpc", words)
        return f" {words}", at + measure.end()
    short = re.match(rf"\s?({_HEAD.pattern})", sentence[at:])
    if short:
        return f" {short[1]}", at + short.end()
    return _counted(sentence, at)


def _counted(sentence: str, at: int) -> tuple[str, int]:
    """Return what is counted: the words up to a noun in the plural."""
    words = []
    of = re.match(r"\s+of(?=\s+[a-z])", sentence[at:])
    position = at + of.end() if of else at
    for _ in range(5):
        word = re.match(r"\s+([A-Za-zÀ-ÿ’'-]+)", sentence[position:])
        if word is None or word[1].lower() in _NOT_COUNTED:
            break
        position += word.end()
        words.append(word[1])
        if _is_plural(word[1]):
            # `men, women and children` are counted together: no one of them is the unit.
            other = _AND_OTHERS.match(sentence, position)
            return ("", at) if other and _is_plural(other[1]) else (f" {' '.join(words)}", position)
        if re.match(r"\s*[,.;:)—–]", sentence[position:]):
            break
    return "", at


def _is_plural(word: str) -> bool:
    name = word.lower()
    return name in _IRREGULAR or (name.endswith("s") and not name.endswith(("ss", "us", "is")))


def _rate(sentence: str, at: int, core: re.Match[str], before: str) -> tuple[str, int]:
    """Return what a figure is per, as `/month`, and where that ends."""
    skipped = at
    for _ in range(3):
        found = _RATE.match(sentence, skipped)
        if found:
            return _per(found["each"]), found.end()
        other = _OTHERWISE.match(sentence, skipped)
        if other is None:
            break
        skipped = other.end()
    if core["percent"] or core["odds"]:
        return "", at
    after = re.match(r"\s(?:in|of)\s(?P<each>annual|yearly|monthly|weekly|daily)\b", sentence[at:])
    if after:
        return f"/{_EACH[after['each']]}", at + after.end()
    clause = re.split(r"[,;:—]", before)[-1]
    said = list(_SAID_RATE.finditer(clause))
    return (f"/{_EACH[said[-1]['each'].lower()]}", at) if said else ("", at)


def _per(words: str) -> str:
    """Return `a month per worker` as `/month/worker`."""
    if words in _EACH:
        return f"/{_EACH[words]}"
    parts = re.findall(rf"(?:a|an|per|each|every)\s({_TIME})", words)
    return "".join(f"/{'person' if part == 'head' else part}" for part in parts)


def _read(start: int, end: int, prefix: str, says: str, core: re.Match[str]) -> Found:
    """Return the wording of a figure, or of less and less around it, until one can be read."""
    problem = ""
    for text in _ways(prefix, says, core):
        try:
            parse_wording(text)
        except WordingError as error:
            problem = problem or error.message
        else:
            return Found(start, end, text)
    return Found(start, end, "", problem)


def _ways(prefix: str, says: str, core: re.Match[str]) -> Iterator[str]:
    says = " ".join(says.split())
    says = re.sub(r"\bone or (two|three)\b", r"one to \1", says)
    says = re.sub(rf"^({_WORDS}) or ({_WORDS})\b", r"\1 to \2", says)
    says = re.sub(r"\bof the (?=\d)", "of ", says)
    prefix = " ".join(prefix.split())
    whole = f"{prefix} {says}".strip() if prefix else says
    yield whole
    rate = re.search(r"(?:/\w+)+$", says)
    tail = rate[0] if rate else ""
    bare = says.removesuffix(tail).split()
    for count in range(len(core[0].split()) + 1, len(bare)):  # without adjectives
        shorter = [*bare[: len(core[0].split())], *bare[count:]]
        yield f"{prefix} {' '.join(shorter)}{tail}".strip()
