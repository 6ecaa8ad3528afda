"""What is claimed in `test_wordings`: every kind of wording, and several at once.

Each row is about a quantity of its own, of one of the families below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import widths as w
from .quadrature import beta, interval

Array = NDArray[np.float64]
MONTHS = 12  # a known constant of the model


@dataclass(frozen=True)
class Case:
    """A claim, and what it must mean."""

    says: str
    means: Callable[[Array], Array]
    ledger: dict[str, Any] = field(default_factory=dict)
    use: dict[str, Any] = field(default_factory=dict)

    @property
    def student(self) -> bool:
        return "tails" in self.use


def case(says: str, means: Callable[[Array], Array], **entries: Any) -> Case:
    """Entries of the ledger, or of the use (`about`, `scale`, `tails`)."""
    use = {k: v for k, v in entries.items() if k in ("about", "scale", "tails")}
    return Case(says, means, {k: v for k, v in entries.items() if k not in use}, use)


BETAS = {"chance": (2, 8), "edge": (0.5, 0.5), "flat": (1, 1), "sure": (3, 2), "rare": (1, 20)}
#: The entry of each family of quantities, and its prior.
QUANTITIES = {
    "heads": {"unit": "person", "prior": "20 to 2000"},
    "part": {"unit": "share", "prior": "5 to 60 %"},
    "level": {"unit": "USD", "support": "real", "prior": "-50 to 150"},
    "ratio": {"prior": "0.7 to 1.5"},
    "rate": {"support": "real", "prior": "50 to 90"},
    "monthly": {"prior": "10 to 10000"},
    "growth": {"support": "real", "prior": "-0.2 to 0.3"},
    **{
        name: {"unit": "share", "prior": f"Beta(alpha={a}, beta={b})"}
        for name, (a, b) in BETAS.items()
    },
}
PRIORS = {
    "heads": interval(20, 2000, "log"),
    "part": interval(0.05, 0.60, "logit"),
    "level": interval(-50, 150, "identity"),
    "ratio": interval(0.7, 1.5, "log"),
    "rate": interval(50, 90, "identity"),
    "monthly": interval(10, 10000, "log"),
    "growth": interval(-0.2, 0.3, "identity"),
    **{name: beta(a, b) for name, (a, b) in BETAS.items()},
}
#: Claims that others dispute; no model uses them as evidence.
DISPUTED = {
    "crowd": "around 150 people",
    "crowd-range": "120 to 180 people",
    "third": "30 %",
    "forty": "40 USD",
    "loss": "-40 USD",
}


def growing(likelihood: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A likelihood of a growth as one of the ratio."""
    return lambda ratio: likelihood(ratio - 1)


STUDENT = {"tails": "student-t"}
HEADS = [
    case("150 people", w.point(150, 10, "log")),
    case("around 150 people", w.point(150, 10, "log", "hearsay", hedged=True), basis="hearsay"),
    case("120 to 180 people", w.spread(120, 180, "log")),
    case("roughly 120-180 people @ 50%", w.spread(120, 180, "log", hedged=True, coverage=0.5)),
    case("149 to 151 people", w.spread(149, 151, "log", "statistics"), basis="statistics"),
    case("up to 100 people", w.bound(100, "log", upper=True, soft=True)),
    case("at most 30 people", w.bound(30, "log", "register", upper=True), basis="register"),
    case("at least 5,000 people", w.bound(5000, "log", "rumour", upper=False), basis="rumour"),
    case(
        "more than 20,000 people",
        w.bound(20000, "log", "register", upper=False),
        basis="register",
    ),
    case("a few hundred people", w.vague(320, 0.35)),
    case("dozens of people", w.vague(36, 0.5, "statistics"), basis="statistics"),
    case("hundreds of people", w.vague(320, 0.7, student=True), **STUDENT),
    case("300 ± 60 people", w.measured(300, 60)),
    case("150 people", w.point(150, 10, "log", student=True), **STUDENT),
    case("120 to 180 people", w.spread(120, 180, "log", student=True), **STUDENT),
    case("300 ± 60 people", w.measured(300, 60, student=True), **STUDENT),
    case(
        "around 1.5 thousand people", w.point(1500, 100, "log", hedged=True, sigma=0.2), sigma=0.2
    ),
    case(
        "lower than claimed",
        w.dispute(150, "log", lower=True),
        disputes="crowd",
    ),
    case(
        "higher than claimed",
        w.dispute(np.sqrt(120 * 180), "log", "hearsay", lower=False),
        disputes="crowd-range",
        basis="hearsay",
    ),
    case("several people", w.vague(5, 0.35, "rumour"), basis="rumour"),
]
PART = [
    case("30 %", w.point(0.30, 0.1, "logit")),
    case("around 5 %", w.point(0.05, 0.01, "logit", hedged=True)),
    case("20 to 30 %", w.spread(0.2, 0.3, "logit", "statistics"), basis="statistics"),
    case("up to 10 %", w.bound(0.1, "logit", upper=True, soft=True)),
    case("at least 80 %", w.bound(0.8, "logit", upper=False)),
    case("0.25", w.point(0.25, 0.01, "logit", "hearsay"), basis="hearsay"),
    case("99.5 %", w.point(0.995, 0.001, "logit", "register"), basis="register"),
    case("0.2 %", w.point(0.002, 0.001, "logit")),
    case("12 of 882", w.count(12, 882)),
    case("0 of 20", w.count(0, 20)),
    case("20 of 20", w.count(20, 20)),
    case("70 to 80 % @ 90%", w.spread(0.7, 0.8, "logit", coverage=0.9)),
    case("30 %", w.point(0.30, 0.1, "logit", student=True), **STUDENT),
    case("lower than claimed", w.dispute(0.3, "logit", lower=True), disputes="third"),
    case("25 ± 5 %", w.measured(0.25, 0.05)),
    case("1 of 1,000,000", w.count(1, 1_000_000)),
    case("at most 0.1 %", w.bound(0.001, "logit", upper=True)),
    case("30 %", w.point(0.30, 0.1, "log"), scale="log"),
    case("30 %", w.point(0.30, 0.1, "identity"), scale="identity"),
    case("999,999 of 1,000,000", w.count(999_999, 1_000_000)),
]
LEVEL = [
    case("40 USD", w.point(40, 10, "identity")),
    case("around 40 USD", w.point(40, 10, "identity", hedged=True)),
    case("-40 USD", w.point(-40, 10, "identity")),
    case("0 USD", w.point(0, 1, "identity", sigma=10), sigma=10),
    case("20 to 60 USD", w.spread(20, 60, "identity")),
    case("about 20 to 60 USD", w.spread(20, 60, "identity", hedged=True, sigma=90), sigma=90),
    case("up to 30 USD", w.bound(30, "identity", upper=True, soft=True)),
    case("at most -20 USD", w.bound(-20, "identity", upper=True)),
    case("at least 300 USD", w.bound(300, "identity", "register", upper=False), basis="register"),
    case("40 ± 10 USD", w.measured(40, 10)),
    case("at most 1 USD", w.bound(1, "identity", upper=True)),
    case("lower than claimed", w.dispute(40, "identity", lower=True), disputes="forty"),
    case("higher than claimed", w.dispute(-40, "identity", lower=False), disputes="loss"),
    case("40 USD", w.point(40, 10, "identity", student=True), **STUDENT),
    case("700 USD", w.point(700, 100, "identity", "register"), basis="register"),
    case("at least -10 USD", w.bound(-10, "identity", upper=False)),
    case(
        "up to 200 USD",
        w.bound(200, "identity", "rumour", upper=True, soft=True),
        basis="rumour",
    ),
    case("-60 to 10 USD", w.spread(-60, 10, "identity")),
    case("up to 0 USD", w.bound(0, "identity", upper=True, soft=True, sigma=5), sigma=5),
    case("-10 ± 1 USD", w.measured(-10, 1, student=True), **STUDENT),
]
RATIO = [
    *(
        case(word, growing(w.direction(basis, rising=word == "rising")), basis=basis)
        for word in ("rising", "falling")
        for basis in w.WIDTH
    ),
    case("20 %", growing(w.point(0.2, 0.1, "identity"))),
    case("around 5 to 20 %", growing(w.spread(0.05, 0.2, "identity", hedged=True))),
    case("up to 15 %", growing(w.bound(0.15, "identity", upper=True, soft=True))),
    case("at least 15 %", growing(w.bound(0.15, "identity", upper=False))),
    case("-5 ± 2 %", growing(w.measured(-0.05, 0.02))),
]
CHANCE = [case(f"{r} of {n}", w.count(r, n)) for r, n in ((12, 882), (7, 20), (0, 1))]
CHANCE += [case("20 %", w.point(0.2, 0.1, "logit"))]
#: Nothing of many, all of many, and shares near 0 and 1.
EDGE = [case("0 of 30", w.count(0, 30)), case("30 of 30", w.count(30, 30))]
SURE = [case("999,990 of 1,000,000", w.count(999_990, 1_000_000))]
RARE = [case("3 of 1,000,000", w.count(3, 1_000_000))]

#: Several claims about one quantity: of two that cannot both be right, with tails that allow for
#: it; through a known constant; of every kind; and of opposite directions.
RATE = [
    case("67.4 ± 0.5", w.measured(67.4, 0.5, student=True), **STUDENT),
    case("73.04 ± 1.04", w.measured(73.04, 1.04, student=True), **STUDENT),
    case("70 to 74 @ 68%", w.spread(70, 74, "identity", coverage=0.68, student=True), **STUDENT),
]
MONTHLY = [
    case(
        "around 4,000",
        lambda monthly: w.point(4000, 1000, "log", hedged=True)(monthly * MONTHS),
        about="{} * months",
    ),
    case("at most 900", w.bound(900, "log", "register", upper=True), basis="register"),
    case("at least 250", w.bound(250, "log", "statistics", upper=False), basis="statistics"),
    case("a few hundred", w.vague(320, 0.35, "rumour"), basis="rumour"),
]
FLAT = [
    case("12 of 40", w.count(12, 40)),
    case("30 of 60", w.count(30, 60)),
    case("up to 40 %", w.bound(0.4, "logit", upper=True, soft=True)),
    case(
        "30 to 45 %",
        w.spread(0.3, 0.45, "logit", "hearsay", student=True),
        basis="hearsay",
        **STUDENT,
    ),
]
GROWTH = [
    case("rising", w.direction("hearsay", rising=True), basis="hearsay"),
    case("falling", w.direction("statistics", rising=False), basis="statistics"),
    case("2 ± 4 %", w.measured(0.02, 0.04)),
]

ALONE = {
    "heads": HEADS,
    "part": PART,
    "level": LEVEL,
    "ratio": RATIO,
    "chance": CHANCE,
    "edge": EDGE,
    "sure": SURE,
    "rare": RARE,
}
TOGETHER = {"rate": RATE, "monthly": MONTHLY, "flat": FLAT, "growth": GROWTH}
#: The claims about each quantity; what follows the underscore numbers those of one family.
CASES: dict[str, list[Case]] = {
    f"{family}_{i}": [one] for family, cases in ALONE.items() for i, one in enumerate(cases)
} | {f"{family}_0": cases for family, cases in TOGETHER.items()}


def family_of(name: str) -> str:
    """`heads` of `heads_3`."""
    return name.partition("_")[0]
