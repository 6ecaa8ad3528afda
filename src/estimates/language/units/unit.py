"""A unit of measure as a plain value: how many base units, of which dimension, how written.

Units are values so that they compare, hash and travel between processes. Scales are exact
fractions: a year is 12 months, never 12.000000000000002.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Self

type Powers = tuple[tuple[str, float], ...]

_LARGEST_EXPONENT = 12  # of one power as written
_HIGHEST = 48  # power of a base unit that powers and products may lead to
_MOST_BITS = 20_000  # of a scale's numerator or denominator
_FARTHEST = 10**150  # base units; beyond it squares leave the numbers of a computer


class UnitError(ValueError):
    """A unit that cannot be read or does not fit; `offset` is set by whoever knows the place."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset

    def __reduce__(self) -> tuple[type[Self], tuple[str, int | None]]:
        return type(self), (self.message, self.offset)


def _combined(a: Powers, b: Powers, sign: int) -> Powers:
    """Return exponents added (sign 1) or subtracted (-1), in the order in which the names came."""
    powers = dict(a)
    for name, exponent in b:
        powers[name] = round(powers.get(name, 0) + sign * exponent, 9)
    return tuple((name, exponent) for name, exponent in powers.items() if exponent)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: how many base units it is, of which dimension, and how it was written.

    Units multiply, divide and take powers; two are equal if scale and dimension are, however
    they were written.
    """

    scale: Fraction = Fraction(1)
    dimension: Powers = ()
    terms: Powers = field(default=(), compare=False)

    def __post_init__(self) -> None:
        # Exact scales grow without end where relations multiply relations: a few lines would do.
        above, below = self.scale.numerator, self.scale.denominator
        fits = max(above.bit_length(), below.bit_length()) <= _MOST_BITS
        if not (fits and 0 < above <= _FARTHEST * below and below <= _FARTHEST * above):
            raise UnitError(
                "a unit this large or small (more than 1e150 base units, or less than 1e-150 of "
                "one) is beyond computing; use one of another size, or a lower power"
            )
        for name, exponent in self.dimension:
            if abs(exponent) > _HIGHEST:
                raise UnitError(
                    f"a unit of {name.strip('[]')} to the power {exponent:g} is beyond computing; "
                    f"the highest power is {_HIGHEST}"
                )

    def __mul__(self, other: "Unit") -> "Unit":
        return Unit(
            self.scale * other.scale,
            tuple(sorted(_combined(self.dimension, other.dimension, 1))),
            _combined(self.terms, other.terms, 1),
        )

    def __truediv__(self, other: "Unit") -> "Unit":
        return Unit(
            self.scale / other.scale,
            tuple(sorted(_combined(self.dimension, other.dimension, -1))),
            _combined(self.terms, other.terms, -1),
        )

    def __pow__(self, exponent: float) -> "Unit":
        if not abs(exponent) <= _LARGEST_EXPONENT:
            raise UnitError(f"a unit cannot be raised to the power {exponent:g}")
        size = max(self.scale.numerator.bit_length(), self.scale.denominator.bit_length())
        exact = exponent == int(exponent) and size * abs(exponent) <= _MOST_BITS
        try:
            scale = (
                self.scale ** int(exponent) if exact else Fraction(float(self.scale) ** exponent)
            )
        except OverflowError:
            raise UnitError(f"{self} to the power {exponent:g} is too large a unit") from None
        return Unit(scale, _raised(self.dimension, exponent), _raised(self.terms, exponent))

    def __str__(self) -> str:
        """Return the unit as in a model file: `USD/person/month`."""
        terms = [term for term in self.terms if term[0] != "share"]  # a share of people is people
        if not terms:
            return "share" if self.terms else ""
        above = "*".join(_power(*term) for term in terms if term[1] > 0)
        below = [_power(name, -exponent) for name, exponent in terms if exponent < 0]
        return "/".join([above or "1", *below])

    def in_words(self) -> str:
        """Return the unit as in a sentence: `USD per person per month`."""
        if not self.dimension and self.scale == 1:
            return "a plain number"
        return str(self).replace("1/", "per ", 1).replace("/", " per ").replace("*", " ")


def _raised(powers: Powers, exponent: float) -> Powers:
    raised = ((name, round(power * exponent, 9)) for name, power in powers)
    return tuple((name, power) for name, power in raised if power)


def _power(name: str, exponent: float) -> str:
    return name if exponent == 1 else f"{name}**{exponent:g}"


PLAIN = Unit()
