"""A ledger drafted from an article: every quote verbatim, nothing decided that a reader must."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from estimates.errors import Faults, InputError, Place
from estimates.language.wording import parse_wording
from estimates.model.drafts.article import ENDINGS, text_of
from estimates.model.drafts.figures import Found, figures, is_table
from estimates.model.drafts.sentences import Sentence, sentences
from estimates.model.drafts.speakers import speaker
from estimates.model.io.load import load_text
from estimates.model.reader.reach import read_bytes
from estimates.model.scaffold import new_folder
from estimates.model.scaffold.ingest import placeholder
from estimates.model.tables.rows import slug

#: The article's text, as it is kept beside the ledger.
TEXT_FILE = "article.txt"

_LONGEST_QUOTE = 300
_MOST = 2_000  # claims of a draft
_TRIED = 20  # claims of which an example of a model may be made
_HEAD = """\
# Drafted from {article}: every sentence with a figure, to be edited.
# Delete what you do not need. See to each claim that its speaker is right, that `says:` is what the
# quote means, that `when:` is a date, and give the `basis:` (register, statistics, expert, hearsay,
# rumour).
# Claims with `because:` could not be put into a wording; give them a `says:`, or leave them.
# {text} holds the text against which `estimates check` proves the quotes; it is not published.

"""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What `draft` has written.

    Attributes
    ----------
    slug : the name of the estimate
    folder : where its files are
    files : every file written
    claims : how many claims are proposed
    without_wording : those that have no `says`, by their ids, and why
    tables : passages with so many numbers that they are tables, which were passed over
    example : a model.yaml about one of the claims, to begin with; "" where none has a unit

    See Also
    --------
    draft : makes it

    Examples
    --------
    >>> import estimates as est
    >>> "without_wording" in est.Drafted.__annotations__
    True
    """

    slug: str
    folder: Path
    files: tuple[Path, ...]
    claims: int
    without_wording: dict[str, str]
    tables: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True)
class _Proposal:
    quote: str
    speaker: str
    found: Found


def draft(article: str | Path, name: str, root: str | Path = Path(), *, url: str = "") -> Drafted:
    """Draft a ledger from an article: a claim for each figure in its sentences.

    Quotes are verbatim; a speaker is proposed where the sentence names one, and a wording where the
    figure can be read as one. What could not be told is said in `because`.

    Parameters
    ----------
    article : a text, HTML or (with pypdf) PDF file
    name : of the estimate, which is written into `root`/models/`name`
    root : the folder that holds `models/`
    url : where the article can be read

    Returns
    -------
    Drafted, with what was written.

    Raises
    ------
    InputError : for an article that cannot be read or has no figures; nothing is then written

    See Also
    --------
    ingest : makes a ledger of a table

    Examples
    --------
    >>> import estimates as est, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("Around 300 people came, said Ann Lee. Nobody paid.")
    >>> made = est.draft(folder / "a.txt", "town", root=folder)
    >>> ledger = est.load_ledger(made.folder / "evidence.yaml")
    >>> [(claim.speaker, str(claim.says)) for claim in ledger.claims.values()]
    [('Ann Lee', 'around 300 people')]
    """
    path, faults = Path(article), Faults()
    if path.suffix.lower() not in ENDINGS:
        faults.add(f"an article ends in {', '.join(ENDINGS)}", Place(str(path)))
    faults.raise_if_any()
    content = read_bytes(path, faults)
    text = None if content is None else text_of(content, str(path), faults)
    faults.raise_if_any()
    assert text is not None
    proposals = list(itertools.islice(_proposals(text), _MOST + 1))
    tables = sum(is_table(one.text) for one in sentences(text))
    if len(proposals) > _MOST:
        message = f"this has more than {_MOST:,} figures, which nobody edits; give a part of it"
        faults.add(message, Place(str(path)))
    elif not proposals:
        only = "; its numbers stand in tables, which `estimates ingest` reads" if tables else ""
        faults.add(f"no sentence of this has a figure{only}", Place(str(path)))
    faults.raise_if_any()
    source = slug(path.stem) or "article"
    about = {"title": path.name} | ({"url": url} if url else {}) | {"text": TEXT_FILE}
    claims = _claims(proposals, source)
    ledger = {"sources": {source: about}, "claims": claims}
    head = _HEAD.format(article=path.name, text=TEXT_FILE)
    written = yaml.safe_dump(ledger, sort_keys=False, allow_unicode=True, width=100)
    files = {"evidence.yaml": head + written, TEXT_FILE: text}
    folder = new_folder(name, Path(root), files)
    return Drafted(
        slug=name,
        folder=folder,
        files=tuple(folder / file for file in files),
        claims=len(claims),
        without_wording={key: held["because"] for key, held in claims.items() if "because" in held},
        tables=tables,
        example=_example(ledger),
    )


def _example(ledger: Mapping[str, Mapping[str, Mapping[str, str]]]) -> str:
    """Return a model about the first claim of which one can be made, as it is; "" without one."""
    for name, held in itertools.islice(ledger["claims"].items(), _TRIED):
        if "says" not in held:
            continue
        said = parse_wording(held["says"])
        quantity = placeholder([said])
        quantity.pop("note")
        subject = re.sub(r"\W", "_", said.unit.split("/")[0].split("_")[-1])
        content = {
            "quantities": {subject: quantity},
            "claims": {name: subject},
            "targets": [subject],
        }
        try:
            load_text(yaml.safe_dump({"evidence": ledger} | content))
        except InputError:  # a currency without its rate, a unit that is none
            continue
        return yaml.safe_dump({"evidence": "evidence.yaml"} | content, sort_keys=False)
    return ""


def _proposals(text: str) -> Iterator[_Proposal]:
    """Yield a proposal for each figure of a text; of a sentence that stands there twice, once."""
    known: set[str] = set()
    for sentence in sentences(text):
        if sentence.text in known:  # captions are printed twice
            continue
        known.add(sentence.text)
        for found in sorted(figures(sentence.text), key=lambda one: one.start):
            who = speaker(sentence.text, found.start, found.end)
            yield _Proposal(_quote(sentence, found), who, found)


def _quote(sentence: Sentence, found: Found) -> str:
    """Return the sentence, or of a long one the part around the figure, cut between words."""
    text = sentence.text
    if len(text) > _LONGEST_QUOTE:
        room = (_LONGEST_QUOTE - (found.end - found.start)) // 2
        start, end = max(found.start - room, 0), min(found.end + room, len(text))
        start = text.find(" ", start, found.start) + 1 if start else 0
        end = text.rfind(" ", found.end, end) if end < len(text) else end
        text = text[start : end if end > 0 else len(text)]
    return " ".join(text.split())


def _claims(proposals: list[_Proposal], source: str) -> dict[str, dict[str, str]]:
    claims: dict[str, dict[str, str]] = {}
    for one in proposals:
        held = {"source": source}
        if one.speaker:
            held["speaker"] = one.speaker
        held["quote"] = one.quote
        if one.found.says:
            held["says"] = one.found.says
            held |= {"when": one.found.when} if one.found.when else {}
        else:
            held["because"] = f"No wording yet: {one.found.because or 'it could not be read'}."
        claims[_id(one, claims)] = held
    return claims


def _id(one: _Proposal, taken: dict[str, dict[str, str]]) -> str:
    """Return a name made of what is counted, and of the speaker."""
    unit = re.sub(r"[\d.,%$€£¥±–-]+", " ", one.found.says or "figure")
    words = [word for word in slug(f"{one.speaker.split(',')[0]} {unit}").split("-") if word][:6]
    made = "-".join(words) or "figure"
    number, free = 2, made
    while free in taken:
        free, number = f"{made}-{number}", number + 1
    return free
