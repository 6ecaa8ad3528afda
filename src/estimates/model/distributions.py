"""PyMC's univariate continuous distributions, as far as a check needs them, without PyMC.

For each: its arguments by PyMC's own names and order, what dimension each has beside that of the
quantity x, which must be positive, which sets of them go together, and what values x can take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from math import inf, pi


class Kind(Enum):
    """An argument's kind: the power of the quantity's unit that it has."""

    LIKE_X = 1
    PER_X = -1
    PRECISION = -2
    NUMBER = 0


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument's dimension, and the open interval in which it must lie."""

    kind: Kind
    low: float = -inf
    high: float = inf
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of x.

    Attributes
    ----------
    name : PyMC's
    arguments : by name, in PyMC's order
    forms : the sets of arguments that define it, each as (needed, optional)
    low, high : ends of the support, a number or the argument that is the end; absent and
        without a default, there is no end on that side
    positional : how many arguments PyMC takes by position
    location : the argument that is the centre, on the scale `link`; "" if none is
    """

    name: str
    arguments: Mapping[str, Argument]
    forms: tuple[tuple[frozenset[str], frozenset[str]], ...]
    low: float | str = -inf
    high: float | str = inf
    positional: int = 0
    location: str = ""
    link: str = "identity"

    def takes(self, given: frozenset[str]) -> bool:
        """Return whether these arguments define the distribution."""
        return any(needed <= given <= needed | optional for needed, optional in self.forms)

    def usage(self) -> str:
        """Return the arguments that define it, in words: `mu and sigma, or mu and tau`."""
        forms = []
        for needed, optional in self.forms:
            words = " and ".join(name for name in self.arguments if name in needed)
            extra = ", ".join(name for name in self.arguments if name in optional)
            forms.append(words + (f" ({extra} optional)" if extra else "") if words else extra)
        return ", or ".join(forms)


def _define(
    name: str,
    arguments: dict[str, Argument],
    *forms: str,
    low: float | str = -inf,
    high: float | str = inf,
    positional: int | None = None,
    location: str = "",
    link: str = "identity",
) -> Distribution:
    """Make a distribution of its forms: argument names, those with a question mark optional."""
    read = tuple(
        (
            frozenset(word for word in form.split() if not word.endswith("?")),
            frozenset(word[:-1] for word in form.split() if word.endswith("?")),
        )
        for form in forms
    )
    count = len(arguments) if positional is None else positional
    return Distribution(name, arguments, read, low, high, count, location, link)


_X = Argument(Kind.LIKE_X)
_X0 = Argument(Kind.LIKE_X, default=0.0)
_X1 = Argument(Kind.LIKE_X, default=1.0)
_SPREAD = Argument(Kind.LIKE_X, low=0.0)
_RATE = Argument(Kind.PER_X, low=0.0)
_PRECISION = Argument(Kind.PRECISION, low=0.0)
_NUMBER = Argument(Kind.NUMBER)
_SHAPE = Argument(Kind.NUMBER, low=0.0)
_SHARE = Argument(Kind.NUMBER, low=0.0, high=1.0)

_MU_SIGMA_TAU = {"mu": _X, "sigma": _SPREAD, "tau": _PRECISION}
_LOG_SCALE = {"mu": _NUMBER, "sigma": _SHAPE, "tau": _SHAPE}
_NORMAL_FORMS = ("mu? sigma?", "mu? tau")

_ALL = (
    _define(
        "AsymmetricLaplace",
        {"kappa": _SHAPE, "mu": _X, "b": _RATE, "q": _SHARE},
        "kappa mu b",
        "q mu b",
    ),
    _define(
        "Beta",
        {"alpha": _SHAPE, "beta": _SHAPE, "mu": _SHARE, "sigma": _SHARE, "nu": _SHAPE},
        "alpha beta",
        "mu sigma",
        "mu nu",
        low=0.0,
        high=1.0,
        location="mu",
    ),
    _define("Cauchy", {"alpha": _X, "beta": _SPREAD}, "alpha beta", location="alpha"),
    _define("ChiSquared", {"nu": _SHAPE}, "nu", low=0.0),
    _define(
        "ExGaussian", {"mu": _X, "sigma": _SPREAD, "nu": _SPREAD}, "mu? sigma? nu", positional=2
    ),
    _define(
        "Exponential", {"lam": _RATE, "scale": _SPREAD}, "lam?", "scale", low=0.0, positional=1
    ),
    _define(
        "Gamma",
        {"alpha": _SHAPE, "beta": _RATE, "mu": _SPREAD, "sigma": _SPREAD},
        "alpha beta",
        "mu sigma",
        low=0.0,
        location="mu",
    ),
    _define("Gumbel", {"mu": _X, "beta": _SPREAD}, "mu beta"),
    _define("HalfCauchy", {"beta": _SPREAD}, "beta", low=0.0),
    _define("HalfNormal", {"sigma": _SPREAD, "tau": _PRECISION}, "sigma?", "tau", low=0.0),
    _define(
        "HalfStudentT",
        {"nu": _SHAPE, "sigma": _SPREAD, "lam": _PRECISION},
        "nu sigma?",
        "nu lam",
        low=0.0,
    ),
    _define(
        "InverseGamma",
        {"alpha": _SHAPE, "beta": _SPREAD, "mu": _SPREAD, "sigma": _SPREAD},
        "alpha beta?",
        "mu sigma",
        low=0.0,
        location="mu",
    ),
    _define("Kumaraswamy", {"a": _SHAPE, "b": _SHAPE}, "a b", low=0.0, high=1.0),
    _define("Laplace", {"mu": _X, "b": _SPREAD}, "mu b", location="mu"),
    _define("LogNormal", _LOG_SCALE, *_NORMAL_FORMS, low=0.0, location="mu", link="log"),
    _define("Logistic", {"mu": _X, "s": _SPREAD}, "mu? s?", location="mu"),
    _define(
        "LogitNormal", _LOG_SCALE, *_NORMAL_FORMS, low=0.0, high=1.0, location="mu", link="logit"
    ),
    _define("Moyal", {"mu": _X, "sigma": _SPREAD}, "mu? sigma?"),
    _define("Normal", _MU_SIGMA_TAU, *_NORMAL_FORMS, location="mu"),
    _define("Pareto", {"alpha": _SHAPE, "m": _SPREAD}, "alpha m", low="m"),
    _define(
        "Rice",
        {"nu": Argument(Kind.LIKE_X, low=0.0), "sigma": _SPREAD, "b": _SHAPE},
        "nu sigma?",
        "b sigma?",
        low=0.0,
    ),
    _define(
        "SkewNormal",
        {"alpha": _NUMBER, "mu": _X, "sigma": _SPREAD, "tau": _PRECISION},
        "alpha? mu? sigma?",
        "alpha? mu? tau",
    ),
    _define(
        "SkewStudentT",
        {"a": _SHAPE, "b": _SHAPE, "mu": _X, "sigma": _SPREAD, "lam": _PRECISION},
        "a b mu? sigma?",
        "a b mu? lam",
        positional=2,
    ),
    _define(
        "StudentT",
        {"nu": _SHAPE, "mu": _X, "sigma": _SPREAD, "lam": _PRECISION},
        "nu mu? sigma?",
        "nu mu? lam",
        positional=2,
        location="mu",
    ),
    _define(
        "Triangular",
        {"lower": _X0, "upper": _X1, "c": Argument(Kind.LIKE_X, default=0.5)},
        "lower? upper? c?",
        low="lower",
        high="upper",
    ),
    _define(
        "TruncatedNormal",
        {**_MU_SIGMA_TAU, "lower": _X, "upper": _X},
        "mu? sigma? lower? upper?",
        "mu? tau lower? upper?",
        low="lower",
        high="upper",
        positional=2,
        location="mu",
    ),
    _define("Uniform", {"lower": _X0, "upper": _X1}, "lower? upper?", low="lower", high="upper"),
    _define("VonMises", {"mu": _NUMBER, "kappa": _SHAPE}, "mu? kappa?", low=-pi, high=pi),
    _define(
        "Wald",
        {"mu": _SPREAD, "lam": _SPREAD, "phi": _SHAPE, "alpha": _X0},
        "mu alpha?",
        "mu lam alpha?",
        "mu phi alpha?",
        "lam phi alpha?",
        low="alpha",
    ),
    _define("Weibull", {"alpha": _SHAPE, "beta": _SPREAD}, "alpha beta", low=0.0),
)

#: Every distribution that a prior can be, by PyMC's name.
DISTRIBUTIONS: Mapping[str, Distribution] = {one.name: one for one in _ALL}

#: Continuous distributions that PyMC has and a prior cannot be, with the reason.
REFUSED: Mapping[str, str] = {
    "Flat": "it is improper, it says nothing that adds up to one; give an interval",
    "HalfFlat": "it is improper, it says nothing that adds up to one; give an interval",
    "Interpolated": "it needs tables of numbers; give an interval or another distribution",
    "PolyaGamma": "it needs a library beyond PyMC; Gamma comes near it",
}
