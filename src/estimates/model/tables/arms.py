"""Two arms of a trial as one figure: a ratio of risks or of odds, or a difference of risks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from estimates.errors import did_you_mean

#: What can be made of two arms, by the names that metafor has.
MEASURES = {"RR": "risk ratio", "OR": "odds ratio", "RD": "risk difference"}
_COVERAGE = 95
_HALF_WIDTH = NormalDist().inv_cdf(0.5 + _COVERAGE / 200)


@dataclass(frozen=True, slots=True)
class Arms:
    """Counts of a trial: those with the event and those without, treated and in control.

    Attributes
    ----------
    a, b : with the event and without, in the first arm
    c, d : the same in the second
    """

    a: int
    b: int
    c: int
    d: int

    @property
    def said(self) -> str:
        """The counts in words."""
        return f"{self.a} of {self.a + self.b} against {self.c} of {self.c + self.d}"

    @property
    def corrected(self) -> bool:
        """Whether half a case is added to each cell, since one of them is 0."""
        return 0 in (self.a, self.b, self.c, self.d)

    def says_nothing(self, measure: str) -> bool:
        """Return whether the counts leave a ratio open: nobody, or for odds everybody, had it."""
        nobody, everybody = self.a + self.c == 0, self.b + self.d == 0
        return (measure != "RD" and nobody) or (measure == "OR" and everybody)

    def wording(self, measure: str) -> str:
        """Return the measure as a wording, with its large-sample error.

        The errors are those of `escalc` in metafor (Viechtbauer 2010, J Stat Softw 36:3, section
        3.1): of the logarithm of a ratio, and of a difference.
        """
        half = 0.5 if self.corrected else 0.0
        a, b, c, d = (cell + half for cell in (self.a, self.b, self.c, self.d))
        first, second = a / (a + b), c / (c + d)
        if measure == "RD":
            variance = first * (1 - first) / (a + b) + second * (1 - second) / (c + d)
            return f"{first - second:.5g} ± {math.sqrt(variance):.5g}"
        if measure == "OR":
            log, variance = math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
        else:
            log = math.log(first / second)
            variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
        away = _HALF_WIDTH * math.sqrt(variance)
        middle, low, high = (f"{math.exp(log + step):.5g}" for step in (0.0, -away, away))
        return f"{middle} ({_COVERAGE}% CI {low} to {high})"


def fault_of_measure(name: str) -> str:
    """Return what is wrong with the name of a measure; "" where it is one."""
    if name.upper() in MEASURES:
        return ""
    hint = did_you_mean(name.upper(), MEASURES) or f"; it can be {', '.join(MEASURES)}"
    return f"no measure of two arms is called '{name[:40]}'{hint}"
