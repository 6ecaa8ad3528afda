"""Which quantity, which claim and which reading carry the answer."""

from estimates.sensitivity.drivers import find_drivers

__all__ = ["find_drivers"]
