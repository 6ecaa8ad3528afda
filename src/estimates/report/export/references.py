"""The sources of a ledger as references: BibTeX for LaTeX, CSL-JSON for Zotero and pandoc.

A ledger says of a source what a librarian would note, in free text, not what kind it is. The kind
is read off what is there, cautiously: what cannot be told is a web page where it has an address,
else something else. Claims and their quotes are not part of a reference.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from estimates._util.files import Json
from estimates.model.ledger import Ledger, Source

if TYPE_CHECKING:
    from estimates.model import Model

#: What LaTeX takes for itself. No brace is left: BibTeX counts escaped ones too.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&#_%"},
}
#: `Astronomy & Astrophysics 641, A6`: a journal, its volume, its first page or article.
_VOLUME = re.compile(r"(\D.*?)[, ]\s*(\d+), ([A-Za-z]{0,2}\d[\d–-]*)")
_ARXIV = re.compile(r"https?://arxiv\.org/(?:abs|pdf)/([\w./-]+?)(?:\.pdf)?/?$")
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\S+)$")
_INSTITUTION = re.compile(
    r"\b(agency|association|authority|bank|bureau|cent(er|re)|commission|committee|council|"
    r"department|federation|foundation|government|institut(e|ion)|ministry|nations|office|"
    r"organi[sz]ation|parliament|programme|register|secretariat|university)\b",
    re.IGNORECASE,
)
_PERIODICAL = re.compile(
    r"\b(chronicle|courier|daily|economist|gazette|guardian|herald|journal|magazine|mail|mirror|"
    r"monthly|news|newspaper|observer|post|review|star|sun|telegraph|times|tribune|weekly|"
    r"zeitung)\b",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(rf"^the |{_INSTITUTION.pattern}", re.IGNORECASE)
_NO_PERIODICAL = re.compile(r"\b(blog|mailing list|forum|wiki|website)\b", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # do not show, but some scripts cannot be written without
#: Entry types of BibLaTeX, and how CSL calls them.
_CSL = {"report": "report", "online": "webpage", "misc": "document", "software": "software"}


@dataclass(frozen=True)
class Reference:
    """One thing that can be cited.

    Attributes
    ----------
    key : what it is cited by, of ASCII letters, digits and `:-_.`
    type : `article`, `report`, `online`, `misc` or `software`
    container : the journal or newspaper
    published : a year, year-month or date; "" if not known
    pages : with an en dash between two
    eprint : the number of a preprint on arXiv
    """

    key: str
    type: str
    title: str = ""
    authors: tuple[str, ...] = ()
    container: str = ""
    publisher: str = ""
    published: str = ""
    url: str = ""
    note: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    eprint: str = ""
    version: str = ""


def references(ledger: Ledger) -> list[Reference]:
    """Return every source of a ledger as something that can be cited, in the ledger's order."""
    keys = _keys(ledger.sources)
    return [_reference(source, keys[source.id]) for source in ledger.sources.values()]


def bibtex(model: Model) -> str:
    """Return the sources of a model's ledger as a BibTeX file (UTF-8), with an entry for each.

    Parameters
    ----------
    model : a checked model (see `estimates.load`); its sources, used or not, are cited

    Returns
    -------
    Entries `@article`, `@report`, `@online` and `@misc`, for BibLaTeX, and for BibTeX, which takes
    the types that it does not know for `@misc`. Keys are the sources' ids.

    See Also
    --------
    csl_json : for Zotero and pandoc

    Examples
    --------
    >>> import estimates as est
    >>> est.bibtex(est.load("scmp-2017-headline"))[:1]
    '@'
    """
    return bibtex_text(references(model.ledger))


def csl_json(model: Model) -> str:
    """Return the sources of a model's ledger as CSL-JSON, which Zotero and pandoc read.

    Parameters
    ----------
    model : a checked model (see `estimates.load`); its sources, used or not, are cited

    Returns
    -------
    A JSON list with an entry for each source, whose ids are the sources'.

    See Also
    --------
    bibtex : for LaTeX

    Examples
    --------
    >>> import json
    >>> import estimates as est
    >>> {"id", "type"} <= set(json.loads(est.csl_json(est.load("scmp-2017-headline")))[0])
    True
    """
    return csl_text(references(model.ledger))


def bibtex_text(found: Sequence[Reference]) -> str:
    """Return references as BibTeX; "" without any."""
    return "\n".join(_entry(one) for one in found)


def csl_text(found: Sequence[Reference]) -> str:
    """Return references as CSL-JSON."""
    return json.dumps([_item(one) for one in found], indent=2, ensure_ascii=False) + "\n"


def latex(text: str) -> str:
    """Return text as LaTeX sets it, on one line, whatever signs are in it."""
    return "".join(_LATEX.get(sign, sign) for sign in _plain(text))


def _keys(ids: Iterable[str]) -> dict[str, str]:
    """Return a key for each id: the id itself, unless BibTeX cannot read it.

    A changed one carries a digest of its id, so that no two are the same and none depends on what
    else is in the ledger.
    """
    keys = {}
    for name in ids:
        ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        key = re.sub(r"[^A-Za-z0-9:_.-]+", "-", ascii_only).strip("-")
        if key != name:
            digest = hashlib.sha256(name.encode()).hexdigest()[:6]
            key = f"{key}-{digest}" if key else f"source-{digest}"
        keys[name] = key
    return keys


def _reference(source: Source, key: str) -> Reference:
    publisher, url = _plain(source.publisher), _address(source.address)
    container = volume = pages = ""
    arxiv, doi, article = _ARXIV.match(url), _DOI.match(url), _VOLUME.fullmatch(publisher)
    if article:
        container, volume, pages = article.groups()
        kind, publisher, pages = "article", "", pages.replace("--", "–")
    elif _NO_PERIODICAL.search(publisher):
        kind = "online" if url else "misc"
    elif _INSTITUTION.search(publisher):
        kind = "report"
    elif _PERIODICAL.search(publisher):
        kind, container, publisher = "article", publisher, ""
    else:
        kind = "online" if url else "misc"
    return Reference(
        key=key,
        type=kind,
        title=_plain(source.title),
        authors=_authors(source.author),
        container=container,
        publisher=publisher,
        published=source.published,
        url=url,
        note=_plain(source.note),
        volume=volume,
        pages=pages,
        doi=doi.group(1) if doi else "",
        eprint=arxiv.group(1) if arxiv else "",
    )


def _authors(text: str) -> tuple[str, ...]:
    """Names, one each: parted by `;`, `and`, `&`, or by commas where each part is a whole name."""
    parts = [part.strip(" ,") for part in re.split(r";|\band\b|&", _plain(text))]
    if _INSTITUTION.search(text) and ";" not in text:
        return (_plain(text),)
    found: list[str] = []
    for part in filter(None, parts):
        names = [name.strip() for name in part.split(",")]
        whole = all(len(name.split()) > 1 for name in names)
        found += names if whole else [part]
    return tuple(found)


def _entry(one: Reference) -> str:
    house = {"report": "institution", "online": "organization", "software": "organization"}
    fields = {
        "title": f"{{{latex(one.title)}}}" if one.title else "",
        "author": " and ".join(_bibtex_name(name) for name in one.authors),
        "journal": latex(one.container),
        house.get(one.type, "howpublished"): latex(one.publisher),
        "type": "Report" if one.type == "report" else "",
        "eprint": one.eprint,
        "eprinttype": "arxiv" if one.eprint else "",
        "doi": one.doi,
        "volume": latex(one.volume),
        "pages": latex(one.pages),
        "version": latex(one.version),
        "date": one.published,
        "year": one.published[:4],
        "url": one.url,
        "note": latex(one.note),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{one.type}{{{one.key},\n{''.join(lines)}}}\n"


def _bibtex_name(name: str) -> str:
    """Return `Given Family` or `Family, Given` as a person; anything else whole, in braces."""
    words = name.split()
    person = 1 < len(words) <= 4 and name.count(",") < 2 and not _NO_PERSON.search(name)
    return latex(name) if person else f"{{{latex(name)}}}"


def _item(one: Reference) -> dict[str, Json]:
    article = "article-journal" if one.volume else "article-newspaper"
    entry: dict[str, Json] = {"id": one.key, "type": _CSL.get(one.type, article)}
    names = [_csl_name(name) for name in one.authors]
    date = [int(part) for part in one.published.split("-")] if one.published else []
    optional: dict[str, Json] = {
        "title": one.title,
        "author": names,
        "container-title": one.container,
        "publisher": one.publisher,
        "volume": one.volume,
        "page": one.pages,
        "version": one.version,
        "DOI": one.doi,
        "issued": {"date-parts": [date]} if date else None,
        "URL": one.url,
        "note": one.note,
    }
    return entry | {name: value for name, value in optional.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    """Return a name in parts if it has a comma, which alone tells the family name."""
    family, comma, given = name.partition(", ")
    if comma and "," not in given and not _NO_PERSON.search(name):
        return {"family": family, "given": given}
    return {"literal": name}


def _plain(text: str) -> str:
    """Return one line, without signs that do not show."""
    spaced = " ".join(text.split())
    return "".join(
        s for s in spaced if unicodedata.category(s) not in ("Cc", "Cf") or s in _JOINERS
    )


def _address(url: str) -> str:
    """Return an address that is safe within braces and that LaTeX's `\\url` takes."""
    return quote(_plain(url), safe="!#$%&'()*+,-./:;=?@[]_~")


#: By format, what writes references in it.
STYLES: dict[str, Callable[[Sequence[Reference]], str]] = {
    "bibtex": bibtex_text,
    "csl-json": csl_text,
}
