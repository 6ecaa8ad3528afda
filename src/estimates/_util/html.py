"""HTML by which objects show themselves in a notebook; every text is escaped here, and here only.

What a ledger or a model says is a stranger's: nothing of it may act as markup.  That holds for TeX
too: notebooks typeset what stands between two dollar signs, as in "US$100 to US$200 million".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape as _escape

_CELL = "text-align:left;vertical-align:top;padding:0.3em 0.7em"
_NUMBER = f"{_CELL};text-align:right"
# Delimiters of TeX count only within one text; one in an element of its own begins nothing.
_PLAIN = str.maketrans({sign: f"<span>{sign}</span>" for sign in "$\\"})


def escape(text: str) -> str:
    """Return text as HTML that reads the same, in which nothing is a tag and nothing is TeX."""
    return _escape(text).translate(_PLAIN)


def line(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    title: str = "",
    numeric: Sequence[bool] = (),
) -> str:
    """Return a table with its title above it; "" without rows.

    Parameters
    ----------
    numeric : which columns are set to the right; none, if not given
    """
    styles = [_NUMBER if one else _CELL for one in numeric] or [_CELL] * len(headers)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{style}">{escape(cell)}</td>'
            for style, cell in zip(styles, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    if not body:
        return ""
    head = "".join(
        f'<th style="{style}">{escape(header)}</th>'
        for style, header in zip(styles, headers, strict=True)
    )
    above = f"<p><b>{escape(title)}</b></p>" if title else ""
    return f"{above}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def folded(summary: str, markup: str) -> str:
    """Return markup that a click unfolds; "" without any."""
    if not markup:
        return ""
    return f"<details><summary>{escape(summary)}</summary>{markup}</details>"
