"""A fit and what was asked of it as files for other tools: tables, draws, references.

The package is called as its public function is not: a module of that name would hide it.
"""

from estimates.report.export.draws import write_draws
from estimates.report.export.folder import FORMATS, export

__all__ = ["FORMATS", "export", "write_draws"]
