"""The text of an article: of plain text, of HTML without what is no text, of a PDF."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

from estimates.errors import Faults, Place, unshowable
from estimates.model.reader.texts import decoded

ENDINGS = (".txt", ".md", ".html", ".htm", ".pdf")
MOST_SIGNS = 5_000_000

_SILENT = frozenset(
    ("script", "style", "noscript", "template", "svg", "math", "head", "nav", "button", "select")
)
_BLOCKS = frozenset(
    (
        *(
            "p",
            "div",
            "li",
            "ul",
            "ol",
            "table",
            "tr",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "section",
        ),
        *("article", "header", "footer", "aside", "main", "figure", "figcaption", "blockquote"),
        *("pre", "dl", "dt", "dd", "hr", "br", "form"),
    )
)


#: Elements whose content is no HTML: it ends where they do.
_RAW = frozenset(("script", "style", "noscript", "template"))
# A tag, with its attributes, or a comment or a declaration; what is never closed hides the rest.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*+(?:>|\Z)"
    r"|<(?P<end>/?)(?P<tag>[a-zA-Z][^\s/>]*+)"
    r"(?:=\s*+\"[^\"]*+(?:\"|\Z)|=\s*+'[^']*+(?:'|\Z)|[^>])*+(?:>|\Z)",
    re.DOTALL,
)


def text_of(content: bytes, file: str, faults: Faults) -> str | None:
    """Return the text of an article, paragraphs apart, or None with a fault."""
    ending = Path(file).suffix.lower()
    if ending == ".pdf":
        text = _of_pdf(content, file, faults)
    else:
        text = decoded(content, file, faults)
        if text is not None and ending in (".html", ".htm"):
            text = _of_html(text)
    if text is None:
        return None
    if len(text) > MOST_SIGNS:
        faults.add(f"an article has at most {MOST_SIGNS:,} signs", Place(file))
        return None
    return "".join(sign for sign in text.replace("\r\n", "\n") if not unshowable(sign))


def _of_html(text: str) -> str:
    """Return what a page shows, blocks apart.

    Tags are cut off as the HTML standard cuts them, each in one look: the parser of the standard
    library looks for the end of an unclosed tag anew from every sign of it.
    """
    parts: list[str] = []
    hidden: list[str] = []
    at = 0
    while (found := _TAG.search(text, at)) is not None:
        if not hidden:
            parts.append(_shown(text[at : found.start()]))
        at, tag = found.end(), (found["tag"] or "").lower()
        if tag in _RAW and not found["end"]:
            close = re.compile(rf"</{tag}\b", re.IGNORECASE).search(text, at)
            at = close.start() if close else len(text)
        elif tag in _SILENT and not found["end"]:
            hidden.append(tag)
        elif tag in hidden:
            while hidden.pop() != tag:
                pass
        elif tag in _BLOCKS:
            parts.append("\n\n")
        elif tag in ("td", "th"):
            parts.append(" ")
    if not hidden:
        parts.append(_shown(text[at:]))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n\n"))
    return "\n\n".join(filter(None, lines)) + "\n"


def _shown(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(text))


def _of_pdf(content: bytes, file: str, faults: Faults) -> str | None:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        faults.add(
            "a PDF is read by pypdf, which is not installed: install it (pip install "
            "pypdf), or save the article as text",
            Place(file),
        )
        return None
    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except (PyPdfError, ValueError, KeyError, RecursionError) as error:
        faults.add(f"this is no PDF that can be read: {error}", Place(file))
        return None
    text = "\n\n".join(pages)
    if not text.strip():
        faults.add("this PDF has no text, only pictures; recognise its text first", Place(file))
        return None
    # A word that is broken at the end of a line is one word.
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)
