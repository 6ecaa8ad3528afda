"""The answer if something were otherwise, beside the answer as it is."""

from estimates.supposition.supposing import suppose

__all__ = ["suppose"]
