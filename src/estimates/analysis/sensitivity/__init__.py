"""Which quantity, which claim and which reading carry the answer."""

from estimates.analysis.sensitivity.run import find_drivers

__all__ = ["find_drivers"]
