"""What there is to know, and what each claim is about: a model, checked as a whole."""

from estimates.model.claims import BoundClaim
from estimates.model.conventions import Basis, Conventions, Vagueness, Verdict
from estimates.model.model import Combination, Model
from estimates.model.priors import FixedValue, IntervalPrior, NamedPrior, Prior, parse_prior
from estimates.model.spec import (
    DEFAULT_SEED,
    Currency,
    Option,
    Parts,
    Quantity,
    Reading,
    Relation,
    Use,
)
from estimates.model.symbols import Structure
from estimates.model.variants import Axis, Variant

__all__ = [
    "DEFAULT_SEED",
    "Axis",
    "Basis",
    "BoundClaim",
    "Combination",
    "Conventions",
    "Currency",
    "FixedValue",
    "IntervalPrior",
    "Model",
    "NamedPrior",
    "Option",
    "Parts",
    "Prior",
    "Quantity",
    "Reading",
    "Relation",
    "Structure",
    "Use",
    "Vagueness",
    "Variant",
    "Verdict",
    "parse_prior",
]
