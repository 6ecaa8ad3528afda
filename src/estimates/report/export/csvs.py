"""Tables as CSV that a spreadsheet can open without running what a stranger wrote.

A ledger is a stranger's text, and a spreadsheet takes a cell that begins with `=`, `+`, `-` or `@`
for a formula, which may start programs or send the sheet's content away. Such text gets an
apostrophe in front, which spreadsheets read as "this is text" (OWASP, *CSV Injection*). It is done
to text alone: numbers stay numbers, so that -5 is -5. It is done within a text too, after what
some locales take for the end of a cell (`;`, tab, line end). A program that reads the file finds
the apostrophe in these few cells; JSON has every text untouched.
"""

from __future__ import annotations

import csv
import io
import math
import re
from typing import Any

from estimates.report.export.frames import Table

#: A sign that begins a formula, full-width ones too, behind whatever a spreadsheet would not see.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠])")


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", text)


def csv_text(table: Table) -> str:
    """A table as CSV: UTF-8 without a mark, texts quoted, numbers in full, undefined ones empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_STRINGS, lineterminator="\n")
    columns = table.columns
    writer.writerow([defused(column) for column in columns])
    writer.writerows([_cell(row.get(column)) for column in columns] for row in table.rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return defused(value) or None
        case float() if math.isnan(value):
            return None
    return value
