"""What commands print, for tests that have an answer already."""

from __future__ import annotations

from estimates.analysis.result import Result
from estimates.report.text.answers import of_result
from estimates.report.text.screen import Frame, full


def full_text(found: Result) -> str:
    """With `--full`, in 80 columns, as one line."""
    lines = [line.plain for line in full(of_result(found), Frame("A model"), 80)]
    return " ".join(" ".join(lines).split())
