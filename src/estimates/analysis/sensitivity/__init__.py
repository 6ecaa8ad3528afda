"""Which quantity, which claim and which reading carry the answer."""

from estimates.analysis.sensitivity.run import sensitivity

__all__ = ["sensitivity"]
