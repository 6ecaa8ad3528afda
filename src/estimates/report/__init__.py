"""One page that holds a whole answer: what was asked, what came out, and why."""

from estimates.report.gathered import Gathered, gather
from estimates.report.page import html_of, write_page, write_report

__all__ = ["Gathered", "gather", "html_of", "write_page", "write_report"]
