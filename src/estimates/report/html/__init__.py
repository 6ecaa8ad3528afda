"""One page that holds a whole answer: what was asked, what came out, and why."""

from estimates.report.html.content import Gathered, gather
from estimates.report.html.page import html_of, write_page, write_report

__all__ = ["Gathered", "gather", "html_of", "write_page", "write_report"]
