"""A model checked as a whole: scales, units, readings, shares, warnings, and its Python surface."""

from __future__ import annotations

import inspect
import math
import pickle
from pathlib import Path
from statistics import NormalDist

import pytest
from tests.truth.building import build as written
from tests.truth.building import made

from estimates.errors import InputError
from estimates.language.expression import Constant, Expression, Interval, Name, parse_expression
from estimates.language.wording import Figure, Point, Range, parse_wording
from estimates.model import (
    Conventions,
    Currency,
    IntervalPrior,
    Model,
    NamedPrior,
    Option,
    Quantity,
    Reading,
    Relation,
    Use,
    parse_prior,
)
from estimates.model.distributions import DISTRIBUTIONS, REFUSED, Distribution
from estimates.model.io import load_json, load_text
from estimates.model.ledger import Claim, Ledger, Source

QUANTITIES = {
    "workers": ("person", "1,400 to 200,000"),
    "before": ("person", "1,000 to 100,000"),
    "gross": ("USD/person/month", "68 to 1,113"),
    "skim": ("share", "24 to 94 %"),
    "z": ("share", "5 to 95 %"),
    "change": ("", "Normal(mu=0, sigma=1)"),
    "hours": ("hour/day", "8 to 20"),
    "percent": ("%", "1 to 10"),
}
RELATIONS = {
    "net": "gross * (1 - skim)",
    "growth": "workers / before - 1",
    "left": "z * (1 - skim)",
    "pay": "12 * gross",
}


def quantities() -> list[Quantity]:
    return [Quantity(name, parse_prior(prior), unit) for name, (unit, prior) in QUANTITIES.items()]


def relation(name: str, expression: str, unit: str = "") -> Relation:
    return Relation(name, {None: parse_expression(expression)}, unit=unit)


def relations() -> list[Relation]:
    return [relation(name, expression) for name, expression in RELATIONS.items()]


def build(says: str | None = None, about: str = "workers", **more: object) -> Model:
    """A model with one claim `c`, as evidence unless it is compared."""
    use = Use("c", parse_expression(about), **{k: more.pop(k) for k in ("scale",) if k in more})
    claim_fields = {key: more.pop(key) for key in ("sigma", "disputes", "basis") if key in more}
    claims = [Claim("d", "s", parse_wording("around 20,000 people"))]
    if says is not None:
        claims.append(Claim("c", "s", parse_wording(says), **claim_fields))
    section = {} if says is None else {str(more.pop("section", "claims")): [use]}
    arguments: dict = {
        "quantities": quantities(),
        "relations": relations(),
        "targets": ["workers"],
        "ledger": Ledger.of([Source("s")], claims),
        "currencies": [Currency("CNY", 0.15)],
    }
    return made(**(arguments | section | more))


def fault(**arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        build(**arguments)
    (only,) = caught.value.faults
    assert only.place is None
    return only.message


# Scales -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "about", "scale"),
    [
        ("20,000 people", "workers", "log"),
        ("a few thousand people", "workers", "log"),
        ("up to 20,000 people", "workers", "log"),
        ("20,000 ± 3,000 people", "workers", "identity"),
        ("70 to 80 %", "skim", "logit"),
        ("20 %", "z * (1 - skim)", "logit"),
        ("20 %", "left", "logit"),
        ("20 %", "workers / (workers + before)", "logit"),
        ("20 %", "growth", "identity"),  # a percentage is not a share
        ("20 %", "workers / before", "log"),
        ("0.2", "change", "identity"),
        ("12 of 882", "skim", "logit"),
        ("rising", "growth", "identity"),
        ("rising", "log(workers / before)", "identity"),
        ("100 USD/person/month", "net", "log"),
        ("10 USD/person/month", "gross - net", "identity"),
        ("20 hours/day", "hours", "log"),
    ],
)
def test_the_support_decides_the_scale(says: str, about: str, scale: str) -> None:
    (use,) = build(says, about).uses
    assert use.scale == scale


def test_a_scale_can_be_stated_except_where_the_wording_has_its_own() -> None:
    assert build("20 %", "growth", scale="log").uses[0].scale == "log"
    assert build("70 %", "skim", scale="identity").uses[0].scale == "identity"
    assert build("3 ± 1", "change", scale="log").uses[0].scale == "log"
    assert "leave `scale:` out" in fault(says="3 +1 -2", about="change", scale="log")
    assert "leave `scale:` out" in fault(says="rising", about="growth", scale="logit")
    assert "must lie above 0" in fault(says="-20 %", about="growth", scale="log")


def test_the_support_is_the_union_of_the_branches() -> None:
    readings = [Reading("r", {"a": Option(1, "x"), "b": Option(3, "x")})]
    expressions: dict[str | None, Expression | None] = {
        "a": parse_expression("skim"),
        "b": parse_expression("workers / before"),
    }
    both = Relation("both", expressions, by="r")
    model = build("50 %", "both", readings=readings, relations=[*relations(), both])
    assert model.support_of("both") == Interval(0, math.inf)
    assert model.uses[0].scale == "log"


def test_zero_needs_a_sigma_on_the_identity_scale_only() -> None:
    for says in ("0", "around 0", "up to 0", "at least 0"):
        assert "`sigma:`" in fault(says=says, about="change")
        build(says, "change", sigma=0.1)
    build("0 ± 1", "change")
    build("-1 to 1", "change")
    assert "must lie above 0" in fault(says="0 people", about="workers", sigma=0.1)


# Units ------------------------------------------------------------------------------------------


def test_a_bound_claim_speaks_in_its_own_unit() -> None:
    model = build("1,000 to 2,000 CNY/person/month", "gross")
    (use,) = model.uses
    assert use.unit == "CNY/person/month"
    assert str(use.value) == "6.66667 * gross"
    assert use.wording == parse_wording("1,000 to 2,000 CNY/person/month")
    (use,) = build("1 MUSD/year", "workers * gross").uses
    assert str(use.value) == "1.2e-05 * (workers * gross)"


def test_what_is_dimensionless_is_a_plain_fraction() -> None:
    (use,) = build("75 %", "skim").uses
    assert (use.unit, use.wording, use.value) == (
        "",
        Point(figure=Figure(0.75, 0.01)),
        Name("skim"),
    )
    (use,) = build("2 to 3 %", "percent").uses
    assert isinstance(use.wording, Range)
    assert use.wording.low.value == pytest.approx(0.02)
    assert str(use.value) == "0.01 * percent"
    (use,) = build("18 hours/day", "hours").uses
    assert use.wording == Point(figure=Figure(pytest.approx(0.75), pytest.approx(1 / 24)))


def test_a_dispute_speaks_in_the_unit_of_what_it_disputes() -> None:
    (use,) = build("lower than claimed", "workers", disputes="d").uses
    assert use.unit == "people"
    assert use.disputed == parse_wording("around 20,000 people")
    assert use.scale == "log"
    assert "person where" in fault(says="lower than claimed", about="gross", disputes="d")


def test_every_named_value_is_in_its_own_unit() -> None:
    model = build(
        relations=[
            relation("yearly", "workers * gross", "MUSD/year"),
            relation("twice", "2 * yearly"),
        ]
    )
    assert str(model.bound_relations["yearly"].branches[None]) == "1.2e-05 * (workers * gross)"
    assert model.relations["twice"].unit == "MUSD/year"
    assert model.unit_of("twice / workers") == model.units.parse("MUSD/year/person")
    assert str(model.resolve("twice", {})) == "2 * (1.2e-05 * (workers * gross))"
    assert model.order == (*QUANTITIES, "yearly", "twice")


def test_a_constant_in_an_argument_is_in_the_quantitys_unit() -> None:
    own = [
        Quantity("mu", parse_prior("Normal(mu=0, sigma=10)"), "USD"),
        Quantity("member", parse_prior("Normal(mu=mu, sigma=5)"), "kUSD"),
        Quantity("rate", parse_prior("Exponential(lam=1 / abs(mu))"), "kUSD"),
    ]
    model = made(quantities=own, targets=["member"])
    prior = model.quantities["member"].prior
    assert isinstance(prior, NamedPrior)
    assert prior.arguments["sigma"] == Constant(5.0)
    assert str(prior.arguments["mu"]) == "0.001 * mu"
    rate = model.quantities["rate"].prior
    assert isinstance(rate, NamedPrior)
    assert str(rate.arguments["lam"]) == "1000 * (1 / abs(mu))"


# Priors -----------------------------------------------------------------------------------------


def test_an_interval_holds_its_coverage() -> None:
    for family, low, high in (("normal", -1, 3), ("lognormal", 2, 50), ("logitnormal", 0.2, 0.7)):
        prior = IntervalPrior(low, high, 0.8, family)
        link = {"normal": lambda x: x, "lognormal": math.log}.get(
            family, lambda x: math.log(x / (1 - x))
        )
        normal = NormalDist(prior.loc, prior.scale)
        assert normal.cdf(link(high)) - normal.cdf(link(low)) == pytest.approx(0.8)
        assert normal.cdf(link(low)) == pytest.approx(0.1)
        assert link(prior.centre) == pytest.approx(prior.loc)


@pytest.mark.parametrize(
    ("prior", "phrase"),
    [
        ("Uniform(lower=2, upper=1)", "it must ascend"),
        ("Triangular(lower=0, upper=1, c=2)", "it must ascend"),
        ("Uniform(lower=0, upper=change)", "it must ascend"),
        ("Beta(mu=0.886, sigma=0.449)", "below 0.3178"),
        ("Normal(mu=0, sigma=change)", "must be above 0, but it is -"),
        ("Normal(mu=0, sigma=0)", "must be above 0, but it is 0"),
        ("Beta(mu=1.5, nu=3)", "must be between 0 and 1, but it is 1.5"),
        ("Normal(mu=1/0, sigma=1)", "must be a number"),
        ("Normal(mu=quoted, sigma=1)", "depends on the reading 'r'; a prior cannot"),
    ],
)
def test_arguments_lie_where_they_make_sense(prior: str, phrase: str) -> None:
    quoted = Relation("quoted", {"a": Name("change"), "b": Name("z")}, by="r")
    more = Quantity("more", parse_prior(prior))
    message = fault(
        quantities=[*quantities(), more],
        relations=[*relations(), quoted],
        readings=[Reading("r", {"a": Option(1, "x"), "b": Option(1, "x")})],
    )
    assert phrase in message


@pytest.mark.parametrize(
    "prior",
    [
        "Normal(mu=change, sigma=abs(change))",
        "Normal(mu=workers / before, sigma=skim)",
        "Uniform(lower=change, upper=change + 1)",
        "Beta(alpha=2 + change ** 2, beta=1)",
        "Gamma(mu=z, sigma=z * skim)",
        "Normal(mu=growth)",
        "Normal()",
    ],
)
def test_arguments_may_be_expressions_of_other_quantities(prior: str) -> None:
    model = build(quantities=[*quantities(), Quantity("more", parse_prior(prior))])
    assert model.order.index("more") > model.order.index("change")


def test_priors_over_hundreds_of_orders_of_magnitude() -> None:
    wide = [
        Quantity("x", parse_prior("1e-90 to 1e90")),
        Quantity("y", parse_prior("LogNormal(mu=300)")),
    ]
    model = made(
        quantities=wide,
        relations=[relation("s", "1 - x / (1 + x)", "share")],
        targets=["s"],
        ledger=Ledger.of([Source("s")], [Claim("c", "s", parse_wording("3"))]),
        claims=[Use("c", Name("y"))],
    )
    assert model.support_of("s") == Interval(0, 1)


def test_a_relation_too_large_is_never_written_out() -> None:
    doubling = [relation("r0", "z")]
    doubling += [relation(f"r{n + 1}", f"r{n} + r{n}") for n in range(60)]
    more = [
        Quantity("late", parse_prior("Normal(mu=r60)")),
        Quantity("small", parse_prior("Normal(mu=r3)")),
        Quantity("large", parse_prior("Normal(mu=r12 + r12 + r12)")),
    ]
    with pytest.raises(InputError) as caught:
        build(quantities=[*quantities(), *more], relations=doubling)
    assert [fault.message.partition(" is too large")[0] for fault in caught.value.faults] == [
        "relation 'r14'",
        "'mu' in the prior of 'large'",
    ]


def test_a_relation_in_an_argument_is_written_out() -> None:
    model = build(quantities=[*quantities(), Quantity("more", parse_prior("Normal(mu=growth)"))])
    prior = model.quantities["more"].prior
    assert isinstance(prior, NamedPrior)
    assert prior.arguments["mu"] == parse_expression("workers / before - 1")
    assert model.order.index("more") < model.order.index("growth")


@pytest.mark.parametrize("prior", ["Beta(2, 3)", "Uniform(0, 1)", "Uniform(0, z)", "LogitNormal()"])
def test_a_share_can_have_any_prior_that_stays_inside(prior: str) -> None:
    model = build(quantities=[*quantities(), Quantity("more", parse_prior(prior), "share")])
    assert model.quantities["more"].support == "share"


@pytest.mark.parametrize(
    "prior", ["Normal(0, 1)", "HalfNormal(1)", "Uniform(0, 2)", "Uniform(0, gross)"]
)
def test_a_share_cannot_have_another(prior: str) -> None:
    with pytest.raises(InputError):
        build(quantities=[*quantities(), Quantity("more", parse_prior(prior), "share")])


def test_tables_of_distributions_agree_with_pymc() -> None:
    import pymc
    from pymc.distributions import continuous

    assert set(continuous.__all__) == DISTRIBUTIONS.keys() | REFUSED.keys()
    for name, distribution in DISTRIBUTIONS.items():
        parameters = inspect.signature(getattr(pymc, name).dist).parameters.values()
        named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        positional = [p for p in named if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert [p.name for p in named] == list(distribution.arguments)
        assert len(positional) == distribution.positional
        for needed, _ in distribution.forms:
            getattr(pymc, name).dist(**{key: _example(key, distribution) for key in needed})
        for parameter in named:
            default = distribution.arguments[parameter.name].default
            assert default is None or parameter.default == default


def _example(key: str, distribution: Distribution) -> float:
    return 0.3 if distribution.arguments[key].high == 1 else 0.5


# Shares -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "z * (1 - skim)",
        "1 - skim - z * (1 - skim)",  # interval arithmetic alone cannot tell
        "workers / (workers + before)",
        "abs(sin(change))",
        "min(1, workers / before)",
        "exp(-abs(change))",
    ],
)
def test_a_share_that_stays_inside(expression: str) -> None:
    model = build(relations=[relation("part", expression, "share")])
    assert model.support_of("part").within(Interval(0, 1))


@pytest.mark.parametrize(
    "expression", ["skim + z", "skim - z", "workers / before", "2 * skim", "change"]
)
def test_a_share_that_does_not_names_a_witness(expression: str) -> None:
    message = fault(relations=[relation("part", expression, "share")])
    assert "can leave 0 to 1" in message
    assert " when " in message


def test_a_witness_respects_hierarchies() -> None:
    own = [
        Quantity("whole", parse_prior("1 to 100")),
        Quantity("part", parse_prior("Uniform(0, whole)")),
    ]
    made(quantities=own, relations=[relation("s", "part / whole", "share")], targets=["s"])


# Readings ---------------------------------------------------------------------------------------

READINGS = """
quantities: {a: 1 to 2, b: 1 to 2, n: 3 to 4}
relations:
  first: {by: r, x: a, y: 2 * a}
  second: {by: s, u: first + b, v: nothing}
  third: second + n
readings:
  r: {update: true, x: {weight: 1, because: x}, y: {weight: 3, because: x}}
  s: {update: false, u: {weight: 1, because: x}, v: {weight: 1, because: x}}
targets: [a]
"""


def test_combinations_have_the_weights_as_stated() -> None:
    model = load_text(READINGS)
    assert [(one.label, one.weight) for one in model.combinations()] == [
        ("x, u", 0.125),
        ("x, v", 0.125),
        ("y, u", 0.375),
        ("y, v", 0.375),
    ]
    assert build().combinations()[0].label == ""
    assert build().combinations()[0].weight == 1.0


def test_weights_of_any_size_are_normalised() -> None:
    reading = Reading("r", {"a": Option(1e308), "b": Option(1e308)})
    assert reading.weights == {"a": 0.5, "b": 0.5}


def test_a_choice_resolves_to_basic_quantities() -> None:
    model = load_text(READINGS)
    assert str(model.resolve("third * 2", {"r": "y", "s": "u"})) == "(2 * a + b + n) * 2"
    assert model.resolve("third", {"r": "x", "s": "v"}) is None
    assert model.axes_of("third") == {"r", "s"}
    assert model.axes_of("a + b") == frozenset()
    assert str(model.resolve("first", {"r": "x"})) == "a"
    with pytest.raises(KeyError):
        model.resolve("third", {"r": "x"})


# Warnings ---------------------------------------------------------------------------------------


def warnings_of(*arguments: str, **more: object) -> list[str]:
    idle = {"z", "change", "hours", "percent"}
    more.setdefault("targets", ["workers", *idle])
    return [warning.message for warning in build(*arguments, **more).warnings]


def test_a_prior_made_from_its_own_claim_draws_a_warning() -> None:
    centre = math.sqrt(1_400 * 200_000)
    for says in (f"around {centre:.0f} people", f"{centre / 2:.0f} to {centre * 2:.0f} people"):
        (warning,) = warnings_of(says, "workers")
        assert warning.startswith("the prior of 'workers' has the same centre as claim 'c'")
    assert warnings_of("20,000 people", "workers") == []
    assert warnings_of(f"{centre:.0f} people", "workers", section="compare") == []
    assert warnings_of(f"up to {centre:.0f} people", "workers") == []
    (warning,) = warnings_of("0 ± 1", "change")
    assert "the prior of 'change'" in warning
    alias = [*relations(), relation("alias", "workers")]
    assert len(warnings_of(f"{centre:.0f} people", "alias", relations=alias)) == 1


def test_what_is_idle_draws_a_warning() -> None:
    assert "nothing follows from 'z'" in " ".join(warnings_of(targets=["workers"], relations=[]))
    reading = Reading("r", {"a": Option(1), "b": Option(1, "a reason")})
    first, second = warnings_of(readings=[reading])
    assert first == "no relation goes by reading 'r'"
    assert second.startswith("option 'a' of reading 'r' does not say where its weight comes from")
    (warning,) = warnings_of("rising", "skim")
    assert "is never below 0" in warning


def test_a_comparison_with_its_own_origin_draws_a_warning() -> None:
    says = parse_wording("20,000 people")
    claims = [Claim(name, "s", says, origin="census") for name in ("c", "copy")]
    uses = [Use("c", Name("workers"))], [Use("copy", Name("workers"))]
    ledger = Ledger.of([Source("s")], claims)
    (warning,) = warnings_of(ledger=ledger, claims=uses[0], compare=uses[1])
    assert "the answer is set beside its own evidence" in warning


# The Python surface -----------------------------------------------------------------------------


def test_a_model_built_in_python_is_the_model_of_its_text() -> None:
    model = build("around 20,000 people", "workers", title="Built")
    again = load_json(model.to_json())
    assert again == model
    assert hash(again) == hash(model)
    assert again != build("around 30,000 people", "workers", title="Built")
    assert model != "a model"


def test_all_faults_are_raised_together() -> None:
    with pytest.raises(InputError) as caught:
        made(
            quantities=[
                Quantity("a", parse_prior("-1 to 1")),
                Quantity("b", parse_prior("1 to 2"), "persn"),
                Quantity("c", IntervalPrior(2, 1)),
                Quantity("d", IntervalPrior(1, 2, coverage=1.5)),
                Quantity("e", parse_prior("1 to 2")),
                Quantity("g", parse_prior("1 to 2"), "persns"),
            ],
            relations=[relation("f", "e + missing")],
            targets=["nowhere"],
            conventions=Conventions(hedge=-1.0),
            seed=-1,
        )
    assert len(caught.value.faults) == 9


def test_models_travel_between_processes() -> None:
    model = build("around 20,000 people", "workers")
    assert pickle.loads(pickle.dumps(model)) == model


def test_a_vague_count_follows_the_conventions() -> None:
    conventions = Conventions()
    conventions = Conventions(
        vague={**conventions.vague, "a few": type(conventions.vague["a few"])(4.0, 0.5)}
    )
    (use,) = build("a few thousand people", "workers", conventions=conventions).uses
    assert (use.wording.count, use.wording.spread) == (4.0, 0.5)
    assert use.wording.multiplier == 1000.0


def test_claims_that_are_alike_are_each_at_fault(tmp_path: Path) -> None:
    """What is found out once for all claims alike is still said of every one."""
    with pytest.raises(InputError) as found:
        written(
            tmp_path,
            quantities={"q": {"unit": "person", "prior": "1 to 9"}},
            says={"a": "5 kg", "b": "5 kg", "c": "around few", "d": "around few"},
            claims={"a": "q", "b": "q"},
        )
    said = [fault.message for fault in found.value.faults]
    assert [sum(f"claim '{name}'" in one for one in said) for name in "abcd"] == [1, 1, 1, 1]
    lines = [fault.place.line for fault in found.value.faults if fault.place]
    assert len(set(lines)) == len(said) == 4
