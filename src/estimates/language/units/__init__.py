"""Units of measure and of counting, and the conversions between them."""

from estimates.language.units.registry import Units
from estimates.language.units.unit import PLAIN, Unit, UnitError

__all__ = ["PLAIN", "Unit", "UnitError", "Units"]
