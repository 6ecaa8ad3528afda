"""Quotes proved: whether the words of a claim stand in the text of its source.

The text is a file beside the ledger, which is read and never published. It may be missing where a
ledger was passed on; then nothing is proved and nothing is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote as percent

from estimates.errors import Fault, Faults, InputError
from estimates.model.drafts.article import text_of
from estimates.model.ledger import Source
from estimates.model.model import Model
from estimates.model.reader.reach import Reach, read_bytes

_MARKS = "‘’‚‛“”„‟\"'′″«»`´"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SIGN = re.compile(
    rf"(?P<blank>\s+)|(?P<mark>[{_MARKS}]+)|(?P<dash>\s*[{_DASHES}]\s*)|(?P<other>.)"
)
_GAP = re.compile(r"\s*[\[(]?\s*(?:…|\.\.\.)\s*[\])]?\s*")
_FURTHEST = 5_000  # signs that a gap may leave out
_MOST_TRIES = 200  # places at which the first words of a quote may stand
_LONG = 80  # signs of a quote above which an address names its ends alone
_ENDS = 4  # words


@dataclass(frozen=True, slots=True)
class Proofs:
    """What could be proved of a model's quotes.

    Attributes
    ----------
    words : of each claim that was tried, the words of the text; "" where they do not stand there
    faults : a fault for each quote that does not stand in its source
    absent : ids of the sources whose text is not here

    See Also
    --------
    prove : makes them

    Examples
    --------
    >>> import estimates as est
    >>> est.Proofs({"said": "around 300 people", "unsaid": ""}).proved
    1
    """

    words: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def proved(self) -> int:
        """How many quotes stand in their sources."""
        return sum(map(bool, self.words.values()))


NO_PROOFS = Proofs()


def prove(model: Model, root: str | Path = Path(), *, allow_outside: bool = False) -> Proofs:
    """Look for the quotes of a model in the texts of their sources.

    Typographic quotes, dashes and white space count as their plain forms, and … leaves something
    out; every other sign must be the same.

    Parameters
    ----------
    model : one that was read from files
    root : the folder that holds `models/`; texts below it are read
    allow_outside : read texts wherever they lie

    Returns
    -------
    Proofs, with the words of each quote that stands in its source.

    Raises
    ------
    InputError : for a text that cannot be read, or lies outside

    See Also
    --------
    load : reads the model

    Examples
    --------
    >>> import estimates as est
    >>> est.prove(est.load("scmp-2017")).proved
    0
    """
    faults = Faults()
    texts: dict[str, str] = {}
    absent = []
    for source in model.ledger.sources.values():
        text = _text(source, Path(root), allow_outside, faults) if source.text else None
        if text is not None:
            texts[source.id] = text
        elif source.text:
            absent.append(source.id)
    faults.raise_if_any()
    words: dict[str, str] = {}
    wrong = []
    for claim in model.ledger.claims.values():
        if not claim.quote or claim.source not in texts:
            continue
        found = find_quote(claim.quote, texts[claim.source])
        words[claim.id] = found
        if not found:
            source = model.ledger.sources[claim.source]
            message = (
                f"the quote of claim '{claim.id}' does not stand in {source.text}, word for word"
            )
            wrong.append(Fault(message, claim.where("quote")))
    return Proofs(words, tuple(wrong), tuple(absent))


def _text(source: Source, root: Path, outside: bool, faults: Faults) -> str | None:
    """Return the text of a source; None where it is not here, or with a fault."""
    place = source.where("text")
    if place is None:
        return None  # a model that was not read from files
    folder = Path(place.file).parent
    reach = Reach.of(folder, root, outside)
    path = reach.file(source.text, place, faults)
    if path is None or not path.exists():
        return None
    problems = Faults()
    content = read_bytes(path, problems, place)
    text = None if content is None else text_of(content, str(path), problems)
    try:
        problems.raise_if_any()
    except InputError as error:
        for fault in reach.silenced(error.faults):
            faults.add(fault.message, fault.place)
    return text


def find_quote(quote: str, text: str) -> str:
    """Return the words of a text that are a quote; "" where it does not stand there."""
    pieces = [piece.strip() for piece in _GAP.split(quote) if piece.strip(_MARKS + " ")]
    if not pieces:
        return ""
    first, *others = map(_pattern, pieces)
    for tried, begin in enumerate(first.finditer(text)):
        end = _end(others, text, begin.end())
        if end is not None:
            return text[begin.start() : end]
        if tried >= _MOST_TRIES:
            break
    return ""


def _end(others: list[re.Pattern[str]], text: str, at: int) -> int | None:
    """Return where the last of the pieces ends that follow one another from a place on."""
    for other in others:
        found = other.search(text, at, at + _FURTHEST)
        if found is None:
            return None
        at = found.end()
    return at


def _pattern(piece: str) -> re.Pattern[str]:
    """Return what finds the words of a piece, however its quotation marks and dashes are set."""
    piece = piece.strip(_MARKS + " ")
    signs = "".join(_signs(piece))
    left = r"(?<!\w)" if re.match(r"\w", piece) else ""
    right = r"(?!\w)" if re.search(r"\w$", piece) else ""
    return re.compile(f"{left}{signs}{right}")


def _signs(piece: str) -> Iterator[str]:
    for sign in _SIGN.finditer(piece):
        if sign["blank"]:
            yield r"\s+"
        elif sign["mark"]:
            yield rf"[{re.escape(_MARKS)}]+"
        elif sign["dash"]:
            yield rf"\s*[{re.escape(_DASHES)}]+\s*"
        else:
            yield re.escape(sign["other"])


def address_at(address: str, words: str) -> str:
    """Return an address that opens a page at some words of it (a text fragment of the W3C)."""
    if not address or not words or "#:~:" in address:
        return address
    said = words.split()
    whole = " ".join(said)
    parts = [whole]
    if len(whole) > _LONG and len(said) > 2 * _ENDS:
        parts = [" ".join(said[:_ENDS]), " ".join(said[-_ENDS:])]
    fragment = ",".join(percent(part, safe="").replace("-", "%2D") for part in parts)
    mark = "" if "#" in address else "#"
    return f"{address}{mark}:~:text={fragment}"
