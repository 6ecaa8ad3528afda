"""Kinds of sources: what those of a kind see of what there is, and how far each errs by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

from estimates.language.expression import Constant
from estimates.language.wording import Bound, WordingError, parse_wording
from estimates.model.ledger import NOWHERE, Where
from estimates.model.priors import NamedPrior, Prior, PriorError, parse_belief

#: The probability with which a size of which only the top is said stays below it.
_CEILING = 0.95
#: The unit of groups whose claims err in log-odds.
SHARE = "share"
_UP_TO = re.compile(r"\s*up\s+to\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The size of an error of which only the top is said: `up to 80 %`.

    It is half-normal, and below the top with probability 95 %.
    """

    top: float
    unit: str = ""
    offset: int = field(default=0, compare=False, repr=False)  # of the unit in the text

    def prior(self, factor: float) -> NamedPrior:
        """Return the half-normal, its top times a conversion of units."""
        sigma = self.top * factor / NormalDist().inv_cdf((1 + _CEILING) / 2)
        return NamedPrior("HalfNormal", {"sigma": Constant(sigma)})

    def __str__(self) -> str:
        return f"up to {self.top:.15g}{f' {self.unit}' if self.unit else ''}"


#: What is known beforehand of the size of an error.
type Size = Ceiling | Prior


def parse_size(text: str) -> Size:
    """Read `up to 80 %`, `10 to 60 %`, `HalfNormal(sigma=1)` or `30 %`; raises `PriorError`."""
    if not _UP_TO.match(text):
        return parse_belief(text)
    try:
        wording = parse_wording(text)
    except WordingError as error:
        raise PriorError(error.message, error.start) from None
    if not isinstance(wording, Bound):
        raise PriorError("write the top alone, as in `up to 80 %`, or both ends: `10 to 80 %`")
    return Ceiling(wording.figure.value, wording.unit, max(text.rfind(wording.unit), 0))


@dataclass(frozen=True, slots=True)
class SourceKind:
    """What the claims of one kind have in common.

    Attributes
    ----------
    name : the ledger's `kind:` of its claims, or their basis
    factor : what sources of this kind see of what there is, on the log scale; None is 1
    odds : the same as a ratio of odds, of claims on the logit scale
    source : the size of each source's own factor; None for none
    scatter : the size of each claim's own error, in place of its basis; None for none
    label, note : free text
    """

    name: str
    factor: Prior | None = None
    odds: Prior | None = None
    source: Size | None = None
    scatter: Size | None = None
    label: str = ""
    note: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """The kinds of sources of one sort of claims: of those whose own unit is the group's.

    Attributes
    ----------
    name : an identifier
    kinds : by name
    unit : any that the claims' units can be converted to; `share` for claims on the logit scale,
        "" for other plain numbers
    note : free text
    """

    name: str
    kinds: Mapping[str, SourceKind]
    unit: str = ""
    note: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)
