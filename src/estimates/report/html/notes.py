"""Notes of a model or a ledger as HTML: what stands between backticks as code, and the like.

A note is a stranger's.  Of Markdown that is read which can neither run nor load anything: code,
emphasis, lists, and links to the web; every other sign stands as it is.
"""

from __future__ import annotations

import functools
import re

from markdown_it import MarkdownIt
from markupsafe import Markup

from estimates.model.ledger import web_address


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return bool(safe_url(url))


@functools.cache
def _reader() -> MarkdownIt:
    return _Reader("zero").enable(["backticks", "emphasis", "escape", "link", "list"])


def safe_url(url: str) -> str:
    """Return an address that may be linked to: of the web, and nothing that runs."""
    return "" if re.search(r"[<>\"']", url) else web_address(url)


def noted(text: str) -> Markup:
    """Return a note as paragraphs and lists."""
    return Markup(_reader().render(text).strip())


def inline(text: str) -> Markup:
    """Return a note within a line."""
    return Markup(_reader().renderInline(" ".join(text.split())))
