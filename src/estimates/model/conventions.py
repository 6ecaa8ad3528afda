"""The conventions: choices, not findings, each written once, printed with every result.

A model overrides them under `conventions:`; docs/method.md argues for the defaults.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from estimates._util.files import Json
from estimates.errors import Faults, did_you_mean
from estimates.language.wording import VAGUE
from estimates.model.ledger import Where
from estimates.stats.links import LARGEST

TAILS = ("normal", "student-t")

_WIDEST = 100.0  # on the log scale
_BELOW_ONE = math.nextafter(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a way of knowing is worth.

    Attributes
    ----------
    width : standard deviation on the log or logit scale
    coverage : probability that a range said by such a speaker holds the truth
    truth : probability that such a speaker is right about a direction or in a dispute
    """

    width: float
    coverage: float
    truth: float


@dataclass(frozen=True, slots=True)
class Vagueness:
    """A vague word's customary count, in multiples of the word, and its spread on the log scale."""

    count: float
    spread: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """When the answer is called below, above or consistent with the cited figure.

    Attributes
    ----------
    side : P(below) or P(above) from which the answer is on that side
    inside : P(inside) from which it may be consistent
    tail : ... provided that neither P(below) nor P(above) reaches this
    weight : readings of at least this weight that differ divide the mixture
    """

    side: float = 0.90
    inside: float = 0.50
    tail: float = 0.30
    weight: float = 0.10


def _basis() -> dict[str, Basis]:
    return {
        "register": Basis(0.05, 0.95, 0.95),
        "statistics": Basis(0.15, 0.90, 0.90),
        "expert": Basis(0.35, 0.70, 0.80),
        "hearsay": Basis(0.60, 0.50, 0.65),
        "rumour": Basis(1.00, 0.30, 0.55),
    }


def _vague() -> dict[str, Vagueness]:
    return {words: Vagueness(count, spread) for words, (count, spread, _) in VAGUE.items()}


@dataclass(frozen=True, slots=True)
class Conventions:
    """Every convention, with its default.

    Attributes
    ----------
    basis : what each way of knowing is worth
    hedge : width of "around" and its like, on the log or logit scale
    soft_bound : width δ of "up to", whose bound can be cancelled, and of a dispute
    hard_bound : width δ of "at most", "at least" and "more than"
    direction : width δ of "rising" and "falling", in growth
    copies : f; a copy scatters about its datum with f times the smallest width of the copies
    vague : customary size of the vague counts
    tails : `normal` or `student-t` (four degrees of freedom)
    verdict : the thresholds of the comparison's verdict

    Examples
    --------
    >>> import estimates as est
    >>> est.Conventions().hedge
    0.1
    """

    basis: Mapping[str, Basis] = field(default_factory=_basis)
    hedge: float = 0.10
    soft_bound: float = 0.10
    hard_bound: float = 0.03
    direction: float = 0.02
    copies: float = 0.15
    vague: Mapping[str, Vagueness] = field(default_factory=_vague)
    tails: str = "normal"
    verdict: Verdict = Verdict()

    def overrides(self) -> dict[str, Json]:
        """Return what differs from the defaults, as a file has it under `conventions:`."""
        return differing(asdict(self), asdict(Conventions()))


def differing(values: Mapping[str, Json], defaults: Mapping[str, Json]) -> dict[str, Json]:
    """Return the entries of nested values that differ from the defaults."""
    result: dict[str, Json] = {}
    for name, value in values.items():
        default = defaults[name]
        if isinstance(value, Mapping) and isinstance(default, Mapping):
            value = differing(value, default)
        if value != default and value != {}:
            result[name] = value
    return result


def check_conventions(conventions: Conventions, where: Where, faults: Faults) -> None:
    """Add a fault for every number outside its range, placed at `conventions <key> <key>…`."""

    def check(path: str, value: float, low: float, high: float, words: str) -> None:
        if not low < value <= high:
            place = where(f"conventions {path}")
            faults.add(f"convention '{path}' is {value:g}; it is {words}", place)

    width = (0.0, _WIDEST, f"a width above 0, at most {_WIDEST:g}")
    share = (0.0, _BELOW_ONE, "a share strictly between 0 and 1")
    for name, basis in conventions.basis.items():
        check(f"basis {name} width", basis.width, *width)
        check(f"basis {name} coverage", basis.coverage, *share)
        check(f"basis {name} truth", basis.truth, 0.0, 1.0, "a share above 0")
    for name in ("hedge", "soft_bound", "hard_bound", "direction"):
        check(name, getattr(conventions, name), *width)
    check("copies", conventions.copies, 0.0, 1.0, "a share above 0")
    for words, vague in conventions.vague.items():
        check(f"vague {words} count", vague.count, 0.0, LARGEST, "a count above 0")
        check(f"vague {words} spread", vague.spread, *width)
    for threshold, value in asdict(conventions.verdict).items():
        check(f"verdict {threshold}", value, *share)
    if conventions.tails not in TAILS:
        hint = did_you_mean(conventions.tails, TAILS) or f"; they are {' or '.join(TAILS)}"
        faults.add(f"unknown tails '{conventions.tails}'{hint}", where("conventions tails"))
