"""A YAML parser's complaint as a newcomer would understand it: which slip was made, and where.

The parser stops where it can go on no longer, which is often a line below the slip.  So the text
about that place is looked at for the slips that people make; where none is found, the parser's
own words are put plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from estimates.errors import Place

_NO_COLON = re.compile(r"(?P<indent> *)(?P<key>[\w-]+)(?P<rest>( +[^:#\s][^:]*)?)$")
_NO_SPACE = re.compile(r"(?P<indent> *)(?P<key>[\w-]+):(?P<value>[^\s:/].*)$")
_AFTER_QUOTE = re.compile(r"(?P<head> *[\w-]+: *)(?P<mark>[\"']).*?(?P=mark) *(?P<rest>[^\s#].*)$")
_AFTER_LIST = re.compile(r"(?P<head> *[\w-]+: *)\[[^\]]*\] *(?P<rest>[^\s#].*)$")
_BEFORE_KEY = re.compile(r"[^\s,{\[] +(?P<key>[\w-]+)$")
_OPEN_QUOTE = re.compile(r" *[\w-]+: +(?P<mark>[\"'])(?:(?!(?P=mark)).)*")
_KEY_LINE = re.compile(r" *[\w-]+:(?: |$)")
_LOOKED_AT = 4  # lines above the parser's place
_LONGEST = 2_000  # characters of a line that are looked at

_COLON = (
    "a colon and a space begin a value here, where there can be none; "
    "put a text that contains ': ' in quotes, and check the indentation"
)
_KEY = "a key and a colon were expected here; check the indentation and the quotation marks"


def in_words(error: yaml.MarkedYAMLError, text: str, file: str) -> tuple[str, Place]:
    """Return what is wrong, in one sentence, and the place of the slip."""
    problem, context = error.problem or "this cannot be read", error.context or ""
    began = error.context_mark or error.problem_mark
    mark = error.problem_mark or began
    if mark is None:
        return f"not YAML: {problem}", Place(file)
    lines = text.splitlines() or [""]
    line = lines[min(mark.line, len(lines) - 1)]
    lines = [one[:_LONGEST] for one in lines]
    here = Place(file, mark.line + 1, mark.column + 1)
    if "cannot start any token" in problem:
        return _beginning(line, mark.column), here
    if "comment or line break" in problem:
        return "put a text that begins with > or | in quotes; a bound is `more than 300`", here
    if "expected '-'" in problem:
        return "a list ends here that the lines above began; leave out their dashes", here
    opened = _unclosed(lines, mark.line)
    if opened is not None:
        number, column = opened
        return "this quotation mark is never closed", _at(file, number, column)
    quoted = "quoted scalar" in context
    if quoted and "end of stream" in problem and began is not None:
        return "this quotation mark is never closed", Place(file, began.line + 1, began.column + 1)
    if "flow" in context and began is not None:
        return _in_brackets(problem, line, mark.column, began.line + 1), here
    is_colon = "mapping values are not allowed" in problem
    is_key = "could not find expected ':'" in problem or "block mapping" in context
    if is_colon or is_key or "simple key" in context:
        last = mark.line if is_colon or "simple key" not in context else mark.line - 1
        twice = is_colon and re.match(r" *[\w-]+: +\S.*: ", line)
        found = None if twice else _slip(lines, mark.line, last, file)
        return found or (_COLON if is_colon else _KEY, here)
    return f"not YAML: {problem}", here


def _beginning(line: str, column: int) -> str:
    """Return a sign that cannot begin a text: a tab, or one that YAML keeps for itself."""
    sign = line[column : column + 1]
    if sign == "\t":
        return "indent with spaces instead of tabs"
    if sign == "%":
        return "a text cannot begin with %; write the sign after the number, as in 20 to 95 %"
    return f"a text cannot begin with {sign}; put it in quotes"


def _in_brackets(problem: str, line: str, column: int, opened: int) -> str:
    """Return what is wrong between brackets: a comma left out, or the closing one."""
    before = _BEFORE_KEY.search(line[:column]) if line[column : column + 1] == ":" else None
    if before:
        return f"a comma is missing before '{before['key']}'"
    if "expected ','" in problem:
        closing = "]" if "]" in problem else "}"
        return f"the bracket opened on line {opened} is not closed; add {closing}, or a comma here"
    return f"the bracket opened on line {opened} is not closed as it should be: {problem}"


def _unclosed(lines: list[str], stopped: int) -> tuple[int, int] | None:
    """Return where a text begins with a quotation mark that its line does not close.

    A text may go on over the lines below; but not where the next line looks like a key.
    """
    after = ""  # the next line with something in it
    found = None
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        begun = _OPEN_QUOTE.fullmatch(line) if number < stopped and len(line) < _LONGEST else None
        if begun and _KEY_LINE.match(after):
            found = number, begun.start("mark")
        after = line if line.strip() else after
    return found


def _slip(lines: list[str], stopped: int, last: int, file: str) -> tuple[str, Place] | None:
    """Return the nearest slip in the lines that end where the parser stopped."""
    for number, line in _about(lines, stopped):
        blanks = line[: len(line) - len(line.lstrip())]
        if "\t" in blanks:
            return "indent with spaces instead of tabs", _at(file, number, blanks.index("\t"))
        if blanks.strip(" "):
            return "indent with ordinary spaces; these are others", _at(file, number, 0)
        after = _AFTER_QUOTE.match(line)
        if after:
            message = (
                "the text goes on after its closing quotation mark; put all of it in quotes, "
                f"of the other kind where it has {after['mark']} inside"
            )
            return message, _at(file, number, after.start("rest"))
        after = _AFTER_LIST.match(line)
        if after:
            message = "a text that begins with [ needs quotes around all of it"
            return message, _at(file, number, len(after["head"]))
        bare = _NO_SPACE.match(line)
        if bare:
            message = f"a space is missing after the colon: write `{bare['key']}: {bare['value']}`"
            return message, _at(file, number, bare.start("value"))
    for number, line in _about(lines, stopped):
        missing = _NO_COLON.match(line)
        if missing and number <= max(last, 0):
            key, rest = missing["key"], missing["rest"].strip().lstrip("= ")
            message = f"a colon is missing after '{key}': write `{f'{key}: {rest}'.strip()}`"
            return message, _at(file, number, missing.end("key"))
    return _crooked(lines, stopped, file)


def _crooked(lines: list[str], stopped: int, file: str) -> tuple[str, Place] | None:
    """Return a line indented unlike its neighbour above, and unlike any that could follow."""
    above = [line for _, line in _about(lines, stopped)]
    if len(above) < 2 or stopped >= len(lines):
        return None
    mine, before = (len(line) - len(line.lstrip()) for line in above[:2])
    plain = re.fullmatch(r"\s*[\w-]+:\s+\S.*", above[1])  # has a value, so nothing stands below it
    if mine == before or (mine > before and not plain):
        return None
    message = (
        f"this line is indented by {mine}, the one above by {before}; "
        "keys of one thing must line up exactly"
    )
    return message, _at(file, stopped, mine)


def _about(lines: list[str], stopped: int) -> Iterator[tuple[int, str]]:
    """Yield the line where the parser stopped and those above, without comments and blank lines."""
    for number in range(min(stopped, len(lines) - 1), max(stopped - _LOOKED_AT, -1), -1):
        line = re.sub(r"(^| +)#.*$", "", lines[number]).rstrip(" \r")
        if line.strip():
            yield number, line


def _at(file: str, line: int, column: int) -> Place:
    return Place(file, line + 1, column + 1)
