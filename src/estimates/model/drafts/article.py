"""The text of an article: of plain text, of HTML without what is no text, of a PDF."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
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


class _Reader(HTMLParser):
    """Gathers what a page shows as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent and self._silent.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def _of_html(text: str) -> str:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n\n"))
    return "\n\n".join(filter(None, lines)) + "\n"


def _of_pdf(content: bytes, file: str, faults: Faults) -> str | None:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        faults.add(
            "a PDF is read by pypdf, which is not installed: install it (pip install "
            "'estimates[pdf]'), or save the article as text",
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
