"""The parts of a model as they are declared: quantities, relations, readings, uses of claims.

Every part is frozen, checks nothing by itself, and remembers where it was written; the checks
are made once, on the whole, by `Model.of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from estimates.errors import Place
from estimates.language.expression import FUNCTIONS, Expression
from estimates.model.conventions import Conventions
from estimates.model.dimensions import Dimension
from estimates.model.kinds import SourceGroup
from estimates.model.ledger import NOWHERE, Ledger, Where
from estimates.model.panels import PanelQuantity
from estimates.model.priors import Prior

if TYPE_CHECKING:
    from estimates.model.variants import Axis

#: The seed of a model that states none.
DEFAULT_SEED = 1

POOLS = ("held-out", "independent", "redundant")
SUPPORTS = ("real", "positive", "share")
#: Words with a meaning of their own in a model or in its results.
RESERVED = ("nothing", "chain", "draw", "reading", *FUNCTIONS)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A basic unknown.

    Attributes
    ----------
    name : an identifier
    prior : what is known of it beforehand (see `estimates.model.priors`), or its `FixedValue`
        where it is no unknown but a known constant
    unit : "" is dimensionless, `share` a number strictly between 0 and 1
    support : `real`, `positive` or `share`; "" leaves it to the unit and the prior
    label, note : free text
    """

    name: str
    prior: Prior
    unit: str = ""
    label: str = ""
    support: str = ""
    note: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def place(self) -> Place | None:
        """Where the quantity was written, if in a file."""
        return self.where()


@dataclass(frozen=True, slots=True)
class Relation:
    """A derived quantity.

    Attributes
    ----------
    name : an identifier
    branches : the expression of each option of the reading `by`; under the one key None where
        the relation depends on no reading. The value None means that under this option the
        phrase says nothing of the kind (`nothing` in a file).
    by : the name of a reading
    unit : "" takes the unit that the (first) expression has
    label, note : free text
    over : the dimensions that it is said to have; () leaves them to the expressions
    first : over time, what it is at the first date; its one branch is then what follows from the
        date before (`previous(…)`)
    """

    name: str
    branches: Mapping[str | None, Expression | None]
    by: str | None = None
    unit: str = ""
    label: str = ""
    note: str = ""
    over: tuple[str, ...] = ()
    first: Expression | None = None
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def place(self) -> Place | None:
        """Where the relation was written, if in a file."""
        return self.where()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to read a phrase: its weight as stated, and why."""

    weight: float
    because: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """An ambiguous phrase, as hypotheses.

    Attributes
    ----------
    name : an identifier
    options : the hypotheses by name; their weights count in proportion
    question : what is ambiguous
    update : whether evidence moves the weights; if not they are held as stated
    each : `claim` where every claim has an option of its own; "" where all have one in common
    note : free text
    """

    name: str
    options: Mapping[str, Option]
    question: str = ""
    update: bool = True
    note: str = ""
    each: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def weights(self) -> Mapping[str, float]:
        """The stated weights, made to sum to one."""
        largest = max(option.weight for option in self.options.values())  # sums may overflow
        total = sum(option.weight / largest for option in self.options.values())
        return {name: option.weight / largest / total for name, option in self.options.items()}


@dataclass(frozen=True, slots=True)
class Use:
    """Which claim is about what; as evidence, or set beside the answer.

    Attributes
    ----------
    claim : the id of a claim in the ledger
    about : a quantity, a relation or an expression of them
    scale : `identity`, `log` or `logit`; None leaves it to the support of `about`
    tails : `normal` or `student-t`; None leaves it to the conventions
    pool : for a comparison, how it is admitted when asked; None for evidence
    note : free text
    written : where `about` is about cells, what was written and its date
    rates : of a dated claim, the currencies whose rates at that date are not the model's
    """

    claim: str
    about: Expression
    scale: str | None = None
    tails: str | None = None
    pool: str | None = None
    note: str = ""
    written: str = ""
    rates: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    where: Where = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Currency:
    """A dated rate: what one unit of a currency is worth.

    Attributes
    ----------
    code : as in units, `CNY`
    rate : units of `base` for one of it
    base : another currency, that leads to USD in the end
    note : free text
    date : of the rate
    dated : rates of other dates, by date; a claim of a date takes the nearest one
    where : where it is written

    Examples
    --------
    >>> import estimates as est
    >>> est.Currency("CNY", 0.1493).base
    'USD'
    """

    code: str
    rate: float
    base: str = "USD"
    note: str = ""
    date: str = ""
    dated: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    where: Where = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """A model as declared: everything in it, nothing checked.

    Attributes
    ----------
    ledger : what was said
    quantities, relations, readings, currencies : by name, in the order written
    kinds : the groups of kinds of sources, by name
    claims, compare : uses of claims as evidence, and set beside the answer
    targets : what the reader came for, the first the headline
    variants : other ways to analyse the same claims, by axis
    broken : names that were written but could not be read, so that their own faults are known
    dimensions : what quantities can be over, by name
    panels : quantities over dimensions, and stocks, by name
    cells : names that the program made, of cells and of what links them; the model is written out
    """

    ledger: Ledger = field(default_factory=Ledger)
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    kinds: Mapping[str, SourceGroup] = field(default_factory=dict)
    claims: tuple[Use, ...] = ()
    compare: tuple[Use, ...] = ()
    targets: tuple[Expression, ...] = ()
    currencies: Mapping[str, Currency] = field(default_factory=dict)
    conventions: Conventions = field(default_factory=Conventions)
    seed: int = DEFAULT_SEED
    title: str = ""
    question: str = ""
    note: str = ""
    slug: str = ""
    variants: Mapping[str, Axis] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    panels: Mapping[str, PanelQuantity] = field(default_factory=dict)
    cells: frozenset[str] = frozenset()
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def own_readings(self) -> Mapping[str, Reading]:
        """The phrases of which every claim has a reading of its own, by name."""
        return {name: one for name, one in self.readings.items() if one.each}


def labels_of(readings: Iterable[Reading]) -> dict[str, str]:
    """Return the labels of options by their names, where all readings agree on them."""
    said: dict[str, set[str]] = {}
    for reading in readings:
        for name, option in reading.options.items():
            said.setdefault(name, set()).add(option.label)
    return {name: min(labels) for name, labels in said.items() if len(labels) == 1 and min(labels)}
