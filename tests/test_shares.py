"""Counts and what they are about: in log-odds by its form, and proven to be a share."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, gammaln, log_expit
from scipy.stats import norm

from estimates import Model
from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.question import Condition
from estimates.language.expression import Interval, bounds, evaluate, parse_expression
from estimates.language.expression.evaluation import MATH_OPS
from estimates.model.io import load_json

READINGS = {"r": {"question": "which?", "one": {"weight": 1, "because": "-"},
                  "other": {"weight": 1, "because": "-"}}}  # fmt: skip


def model(about: str, says: str = "12 of 40", **more: Any) -> Model:
    """A model with one claim."""
    ledger = {"sources": {"s": {"title": "t"}}, "claims": {"c": {"source": "s", "says": says}}}
    content = {
        "evidence": ledger,
        "quantities": {"x": {"prior": "Normal(mu=0, sigma=1000)"}} | more.pop("quantities", {}),
        "claims": {"c": about},
        "targets": ["x"],
    }
    return load_json(json.dumps(content | more))


def refusal(*arguments: Any, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        model(*arguments, **more)
    return "\n".join(one.message for one in caught.value.faults)


# In log-odds ------------------------------------------------------------------------------------

FAR = np.array([-800.0, -40.0, -3.0, 0.0, 1.7, 40.0, 800.0])
FORMS = {
    "logistic(x)": {},
    "1 / (1 + exp(-x))": {},
    "1 / (exp(-x) + 1)": {},
    "exp(x) / (1 + exp(x))": {},
    "1 - logistic(-x)": {},
    "1 - 1 / (1 + exp(x))": {},
    "p": {"relations": {"p": "odds / (1 + odds)", "odds": "exp(x)"}},
    "q": {"relations": {"q": "p", "p": "logistic(x)"}},
    "(2 * exp(x)) / (2 * exp(x) + 2)": {},
    "by": {
        "relations": {"by": {"by": "r", "one": "logistic(x)", "other": "exp(x) / (1 + exp(x))"}},
        "readings": READINGS,
    },
}


@pytest.mark.parametrize("about", FORMS)
def test_a_count_has_a_value_and_a_slope_however_far_out(about: str) -> None:
    # Odds that are themselves a relation are shown, and must have a value.
    sd = 100 if about == "p" else 1000
    quantities = {"x": {"prior": f"Normal(mu=0, sigma={sd})"}}
    made = model(about, quantities=quantities, **json.loads(json.dumps(FORMS[about])))
    engine = Engine(made, seed=1)
    points = (FAR / sd)[:, None]
    choice = {"r": "other"} if made.readings else {}
    value, slope = engine.posed(Condition(choice, frozenset({"c"}))).surface(points)
    ways = gammaln(41) - gammaln(13) - gammaln(29)
    count = ways + 12 * log_expit(FAR) + 28 * log_expit(-FAR)
    prior = -0.5 * (FAR / sd) ** 2 - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(value, count + prior, rtol=1e-12)
    expected = sd * (12 - 40 * expit(FAR)) - FAR / sd
    np.testing.assert_allclose(slope[:, 0], expected, rtol=1e-9, atol=1e-9)
    found = log_likelihood(made, engine.observations, {"x": FAR}, choice, {"c"})["c"]
    np.testing.assert_allclose(found, count, rtol=1e-12)


def test_odds_of_their_own_that_would_overflow_are_refused() -> None:
    """A share of them would not, but they are shown themselves; what passes has a value."""
    relations = {"p": "odds / (1 + odds)", "odds": "exp(x)"}
    said = refusal("p", "0.9 ± 0.02", relations=relations)
    assert "relation 'odds'" in said
    assert "too large to compute with" in said
    quantities = {"x": {"prior": "Normal(mu=0, sigma=30)"}}
    made = model("p", "0.9 ± 0.02", relations=relations, quantities=quantities)
    engine = Engine(made, seed=1)
    values = engine.values(engine.candidates[None], {})
    assert np.isfinite(values["odds"]).all()
    np.testing.assert_allclose(values["p"], expit(values["x"]), rtol=1e-9)


SAYINGS = {"around 95 %": "normal", "at least 90 %": "yes", "80 to 90 %": "normal"}


@pytest.mark.parametrize("about", ["logistic(x)", "exp(x) / (1 + exp(x))", "p"])
@pytest.mark.parametrize("says", SAYINGS)
def test_any_claim_of_a_share_is_in_log_odds_where_it_has_them(says: str, about: str) -> None:
    """The share is 1 to every digit from x = 37; the claim is about x there as it is anywhere."""
    relations = {"p": {"unit": "share", "is": "1 / (1 + exp(-x))"}}
    made = model(about, says, relations=relations)
    engine = Engine(made, seed=1)
    (vector,) = engine.observations.vectors
    (term,) = vector.terms
    assert (vector.name, term.scale.name) == (f"{SAYINGS[says]}_odds", "logit")
    posed = engine.posed(Condition({}, frozenset({"c"})))
    value, slope = posed.surface((FAR / 1000)[:, None])
    if SAYINGS[says] == "normal":
        z = (term.y - FAR) / term.sigma
        claim, steep = norm.logpdf(z) - np.log(term.sigma), z / term.sigma
    else:
        z = (FAR - term.limit) / term.width
        claim = norm.logcdf(z)
        steep = np.exp(norm.logpdf(z) - claim) / term.width
    prior = norm.logpdf(FAR / 1000)
    np.testing.assert_allclose(value, claim + prior, rtol=1e-9)
    np.testing.assert_allclose(slope[:, 0], 1000 * steep - FAR / 1000, rtol=1e-6, atol=1e-9)
    found = log_likelihood(made, engine.observations, {"x": FAR}, {}, {"c"})["c"]
    np.testing.assert_allclose(found, claim, rtol=1e-9)


def test_a_hazard_is_exact_where_it_is_all_but_certain() -> None:
    """θ = 1 − exp(−eˣ): log θ and log(1 − θ) = −eˣ are known where θ is 1 to every digit."""
    engine = Engine(model("1 - exp(-exp(x))"), seed=1)
    x = np.array([-700.0, -40.0, -1.0, 0.5, 5.0, 20.0])
    found = engine.posed(Condition({}, frozenset({"c"}))).logp((x / 1000)[:, None])
    w = np.exp(x)
    log_share = np.where(x < -30, x, np.log(-np.expm1(-w)))
    count = gammaln(41) - gammaln(13) - gammaln(29) + 12 * log_share - 28 * w
    prior = -0.5 * (x / 1000) ** 2 - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(found, count + prior, rtol=1e-12)


def test_a_reading_may_have_a_share_of_its_own_beside_a_logistic() -> None:
    relations = {"p": {"by": "r", "one": "logistic(x)", "other": "s"}}
    quantities = {"s": {"unit": "share", "prior": "1 to 60 %"}}
    made = model("p", quantities=quantities, relations=relations, readings=READINGS)
    engine = Engine(made, seed=1)
    assert [vector.family for vector in engine.observations.vectors] == ["odds"]
    draws = {"x": np.array([900.0, 0.3]), "s": np.array([0.2, 0.6])}
    for option, odds in (("one", draws["x"]), ("other", np.log(draws["s"] / (1 - draws["s"])))):
        found = log_likelihood(made, engine.observations, draws, {"r": option}, {"c"})["c"]
        ways = gammaln(41) - gammaln(13) - gammaln(29)
        np.testing.assert_allclose(
            found, ways + 12 * log_expit(odds) + 28 * log_expit(-odds), rtol=1e-12
        )


@pytest.mark.parametrize("about", ["s", "s * logistic(x)", "0.5 + 0.4 * sin(x)"])
def test_other_counts_are_of_the_share_itself(about: str) -> None:
    made = model(about, quantities={"s": {"unit": "share", "prior": "1 to 60 %"}})
    assert [v.family for v in Engine(made, seed=1).observations.vectors] == ["count"]


# A share is proven ------------------------------------------------------------------------------

INSIDE = [
    "exp(x) / (1 + exp(x))", "1 / (1 + exp(-x))", "1 - exp(-exp(x))", "logistic(x) * a",
    "a + z * (1 - a)", "a + b", "w * a + (1 - w) * z", "a * z + (1 - w) * (1 - a)",
    "a * z / (a * z + (1 - a) * (1 - w))", "w * logistic(x) + (1 - w) * logistic(y)",
    "a + (1 - a) * z + (1 - a) * (1 - z) * w", "1 - (1 - a)**10", "a + z - a * z",
    "exp(x) / (1 + exp(x) + exp(y))", "min(1, g)", "max(0, min(1, x))", "exp(-g)", "g / (g + h)",
    "(g * a + h * z) / (g + h)", "num / den", "0.5 * (a + z)", "exp(-(x - y)**2)", "abs(a - z)",
]  # fmt: skip
OUTSIDE = ["g", "g / h", "x", "a + z", "a - z", "1 - g", "1 - (1 - g) ** 10", "2 * a", "logit(a)",
           "4 * g * (1 - g)"]  # fmt: skip
FEEDING: dict[str, Any] = {
    "quantities": {
        **{name: {"unit": "share", "prior": "5 to 80 %"} for name in ("a", "z", "w")},
        "y": {"prior": "Normal(mu=0, sigma=2)"},
        "g": {"prior": "0.1 to 5"},
        "h": {"prior": "0.1 to 5"},
    },
    "relations": {"b": "z * (1 - a)", "num": "exp(y)", "den": "1 + num"},
}


@pytest.mark.parametrize("about", INSIDE)
def test_a_form_that_stays_inside_is_accepted(about: str) -> None:
    assert model(about, **FEEDING).uses[0].id == "c"


@pytest.mark.parametrize("about", OUTSIDE)
def test_a_count_of_what_is_no_share_is_refused_with_a_witness(about: str) -> None:
    message = refusal(about, **FEEDING)
    assert f"counts a share (12 of 40), but '{about}' can leave 0 to 1: it is " in message


def test_a_prior_within_0_to_1_is_told_what_it_lacks() -> None:
    quantities = {"p": {"prior": "0.01 to 0.9"}}
    assert "give 'p' `unit: share`" in refusal("p", quantities=quantities)
    assert model("p", quantities={"p": {"unit": "share", "prior": "0.01 to 0.9"}})


def test_every_branch_must_be_a_share() -> None:
    relations = {"p": {"by": "r", "one": "logistic(x)", "other": "exp(x)"}}
    assert "can leave 0 to 1" in refusal("p", relations=relations, readings=READINGS)


@given(st.data())
def test_bounds_hold_every_value(data: st.DataObject) -> None:
    """Soundness: wherever in the box the names lie, the value lies within the bounds."""
    text = data.draw(st.sampled_from([one for one in INSIDE + OUTSIDE if "num" not in one]))
    expression = parse_expression(text)
    box = {name: Interval(0, 1) for name in "azwb"} | {"g": Interval(0), "h": Interval(0)}
    box |= {"x": Interval(), "y": Interval()}
    found = bounds(expression, box.__getitem__)
    env = {
        name: data.draw(st.floats(max(one.low, -30), min(one.high, 30)), label=name)
        for name, one in box.items()
    }
    try:
        value = evaluate(expression, env, MATH_OPS)
    except (ArithmeticError, ValueError):
        return
    assert found.low - 1e-9 <= value <= found.high + 1e-9 * max(1.0, abs(value))


# What is called one -----------------------------------------------------------------------------


def warnings_of(quantities: dict[str, Any], relations: dict[str, Any]) -> list[str]:
    made = load_json(
        json.dumps(
            {
                "quantities": quantities,
                "relations": relations,
                "targets": [*(relations or quantities)],
            }
        )
    )
    return [one.message for one in made.warnings]


def test_a_prior_that_is_used_as_a_share_and_is_none_is_warned_of() -> None:
    found = warnings_of({"p": "0.01 to 0.9"}, {"any_of_ten": "1 - (1 - p)**10"})
    assert any("'p' is called a probability" in one and "`unit: share`" in one for one in found)
    found = warnings_of({"loss": "0.01 to 0.9"}, {"kept": "100 * (1 - loss)"})
    assert any("'loss' is subtracted from 1" in one for one in found)
    assert not warnings_of({"loss": "0.05 to 0.1"}, {"kept": "100 * (1 - loss)"})  # 7 sds below 1
    share = {"p": {"unit": "share", "prior": "0.01 to 0.9"}}
    assert not warnings_of(share, {"any_of_ten": "1 - (1 - p)**10"})


@pytest.mark.parametrize(
    ("name", "label", "warned"),
    [
        ("share_of_rent", "", True),
        ("part", "probability of rain", True),
        ("p_rain", "", True),
        ("part", "", False),
        ("share_ratio", "", False),
        ("part", "change in the share", False),
        ("log_prob", "", False),
    ],
)
def test_a_figure_called_a_share_that_leaves_it_is_warned_of(
    name: str, label: str, warned: bool
) -> None:
    quantities = {"a": "1 to 10", "b": "1 to 10"}
    found = warnings_of(quantities, {name: {"is": "a / b", "label": label}})
    assert bool(found) == warned
    assert all("can leave 0 to 1: it is " in one for one in found)
    assert not warnings_of(quantities, {name: {"is": "a / (a + b)", "label": label}})


# Contrasts that share an arm --------------------------------------------------------------------


def shared(first: str, second: str) -> str:
    claims = {name: {"source": "s", "says": says, "origin": "trial"}
              for name, says in (("ab", first), ("ac", second))}  # fmt: skip
    content = {
        "evidence": {"sources": {"s": {"title": "t"}}, "claims": claims},
        "quantities": {n: {"prior": "Normal(mu=0, sigma=10)"} for n in "bc"},
        "relations": {"p": "logistic(b)", "q": "logistic(c)"},
        "claims": {"ab": "p" if " of " in first else "b", "ac": "q" if " of " in second else "c"},
        "targets": ["b - c"],
    }
    with pytest.raises(InputError) as caught:
        load_json(json.dumps(content))
    return "\n".join(one.message for one in caught.value.faults)


def test_contrasts_that_share_an_arm_are_refused_by_what_is_missing() -> None:
    for message in (
        shared("-1.00 ± 0.30", "-0.50 ± 0.20"),
        shared("-1.6 to -0.4 @ 95%", "-0.9 to -0.1 @ 95%"),
    ):
        assert "the variance of the common arm" in message
        assert "give each arm as a count" in message
    assert "leave `origin:` out" in shared("12 of 40", "9 of 40")
    assert "common arm" not in shared("3", "4")
