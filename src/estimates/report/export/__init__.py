"""A fit and what was asked of it as files for other tools: tables, draws, references.

The package is called as its public function is not: a module of that name would hide it.
"""

from estimates.report.export.draws import arviz_tree, write_draws
from estimates.report.export.folder import FORMATS, export

__all__ = ["FORMATS", "arviz_tree", "export", "write_draws"]
