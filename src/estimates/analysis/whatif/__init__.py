"""The answer if something were otherwise, beside the answer as it is."""

from estimates.analysis.whatif.run import whatif

__all__ = ["whatif"]
