"""What a claim's width is: of every wording, on every scale, with every form of `sigma:`."""

from __future__ import annotations

import json
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from estimates import Model, explain
from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.inference.question import Condition
from estimates.language.wording import Width, parse_width, parse_wording
from estimates.model.describe import describe
from estimates.model.io import load_json
from estimates.model.ledger import Claim
from estimates.model.likelihood import Noisy, Yes, sampling_model

QUANTITIES: dict[str, Any] = {
    "people": {"unit": "person", "prior": "1,000 to 100,000"},
    "share": {"unit": "share", "prior": "1 to 60 %"},
    "ratio": {"prior": "0.1 to 10"},
    "growth": {"prior": "Normal(mu=0, sigma=1)"},
    "speed": {"unit": "km/s/Mpc", "prior": "Normal(mu=70, sigma=100)"},
}
WIDTHS = {"register": 0.05, "statistics": 0.15, "expert": 0.35, "hearsay": 0.60, "rumour": 1.00}


def model(about: str = "people", *, use: dict[str, Any] | None = None, **claim: Any) -> Model:
    """A model with one claim."""
    return several({"c": claim}, {"c": {"about": about, **(use or {})}})


def several(claims: dict[str, dict[str, Any]], uses: dict[str, Any]) -> Model:
    """A model with some claims."""
    ledger = {
        "sources": {"s": {"title": "t"}},
        "claims": {name: {"source": "s", **one} for name, one in claims.items()},
    }
    content = {"evidence": ledger, "quantities": QUANTITIES, "claims": uses, "targets": ["people"]}
    return load_json(json.dumps(content))


def term(made: Model) -> Noisy | Yes:
    """The sampling model of the only claim."""
    found = sampling_model(made.uses[0], made.conventions)
    assert isinstance(found, Noisy | Yes)
    return found


def width(made: Model) -> float:
    found = term(made)
    return found.sigma if isinstance(found, Noisy) else found.width


def refusal(*arguments: Any, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        model(*arguments, **more)
    (only,) = caught.value.faults
    return only.message


def warnings(made: Model) -> list[str]:
    return [one.message for one in made.warnings if "claim 'c'" in one.message]


# Stated coverage --------------------------------------------------------------------------------


@pytest.mark.parametrize("basis", WIDTHS)
@pytest.mark.parametrize("tails", ["normal", "student-t"])
@pytest.mark.parametrize("hedge", ["", "around "])
def test_stated_coverage_is_the_width(basis: str, tails: str, hedge: str) -> None:
    """Whoever says it, and however; with heavy tails it is their own interval."""
    says = f"{hedge}66.4 to 68.4 km/s/Mpc @ 95%"
    made = model("speed", says=says, basis=basis, use={"tails": tails})
    z = stats.t(4).ppf(0.975) if tails == "student-t" else stats.norm.ppf(0.975)
    assert width(made) == pytest.approx(1 / z, rel=1e-9)
    said = [one for one in warnings(made) if "hedge" in one]
    assert len(said) == (1 if hedge else 0)


def test_two_stated_intervals_pool_as_two_normals() -> None:
    """As `67.4 ± 0.5` and its like do: precisions add, and the centre is weighted by them."""
    made = several(
        {"a": {"says": "66.4 to 68.4 km/s/Mpc @ 95%"}, "b": {"says": "69 to 77 km/s/Mpc @ 90%"}},
        {"a": "speed", "b": "speed"},
    )
    engine = Engine(made, seed=1)
    place = next(group for group in engine.layout.groups if "speed" in group.members)
    start = 0
    for group in engine.layout.groups:
        if group is place:
            break
        start += group.size
    points = np.zeros((3, engine.layout.size))
    column = start + place.members.index("speed")
    points[:, column] = (np.array([60.0, 68.0, 76.0]) - 70) / 100
    left, here, right = engine.posed(Condition({}, frozenset({"a", "b"}))).logp(points)
    precision = -(left - 2 * here + right) / 8**2
    mean = 68 + (right - left) / (2 * 8) / precision
    sds = np.array([1 / stats.norm.ppf(0.975), 4 / stats.norm.ppf(0.95), 100.0])
    weights = sds**-2
    assert precision == pytest.approx(weights.sum(), rel=1e-6)
    assert mean == pytest.approx(float(weights @ [67.4, 73.0, 70.0]) / weights.sum(), rel=1e-7)


def test_without_a_stated_coverage_the_larger_of_two_is_the_width_and_is_named() -> None:
    wide, narrow = model(says="10,000 to 20,000 people"), model(says="10,000 to 10,500 people")
    assert width(wide) == pytest.approx(math.log(2) / 2 / NormalDist().inv_cdf(0.85))
    assert width(narrow) == pytest.approx(0.35 / 3)
    assert set(term(wide).parts) == {"range"}
    assert set(term(narrow).parts) == {"basis / 3"}
    (entry,) = describe(narrow).evidence
    assert entry.width_from == {"basis / 3": pytest.approx(0.35 / 3)}


def test_an_interval_that_leaves_its_scale_is_told_which_scale_would_hold_it() -> None:
    assert "add `scale: identity`" in refusal("ratio", says="-5 to 5 @ 90%")
    assert "add `scale: identity`" in refusal("share", says="-5 to 5 % @ 90%")
    held = model("ratio", says="-5 to 5 @ 90%", use={"scale": "identity"})
    assert width(held) == pytest.approx(5 / NormalDist().inv_cdf(0.95))


# A width of one's own ---------------------------------------------------------------------------

SAYS = {  # about, wording, scale: the figure at which a width is taken, on the plain scale
    ("people", "20,000 people"): ("log", 20_000),
    ("people", "around 20,000 people"): ("log", 20_000),
    ("people", "10,000 to 40,000 people"): ("log", 20_000),
    ("people", "around 10 to 40 thousand people"): ("log", 20_000),
    ("people", "up to 20,000 people"): ("log", 20_000),
    ("people", "at least 20,000 people"): ("log", 20_000),
    ("people", "a few thousand people"): ("log", 3_200),
    ("ratio", "3"): ("log", 3),
    ("share", "10 %"): ("logit", 0.1),
    ("share", "at most 10 %"): ("logit", 0.1),
    ("share", "20 to 80 %"): ("logit", 0.5),
    ("growth", "-20 %"): ("identity", -0.2),
    ("growth", "around 10 to 30 %"): ("identity", 0.2),
    ("speed", "67.4 km/s/Mpc"): ("identity", 67.4),
    ("speed", "over 60 km/s/Mpc"): ("identity", 60),
}
SLOPES = {
    "log": lambda x: 1 / x,
    "logit": lambda x: 1 / (x * (1 - x)),
    "identity": lambda x: 1.0,
}
UNITS = {"people": ("people", 1), "speed": ("m/s/Mpc", 1e-3)}


@given(
    case=st.sampled_from(list(SAYS)),
    form=st.sampled_from(["bare", "%", "points", "unit"]),
    size=st.floats(0.06, 2.9),
    basis=st.sampled_from(list(WIDTHS)),
    tails=st.sampled_from(["normal", "student-t"]),
)
def test_sigma_is_the_whole_width(
    case: tuple[str, str], form: str, size: float, basis: str, tails: str
) -> None:
    """σ is what the table says for every wording, scale and form, and nothing is added to it."""
    about, says = case
    scale, at = SAYS[case]
    size = float(f"{size:.4g}")
    plain = about in ("share", "ratio", "growth")
    if (form == "points" and not plain) or (form == "unit" and plain):
        form = "%"
    slope = SLOPES[scale](at)
    unit, factor = UNITS.get(about, ("", 1.0))
    sigma, expected = {
        "bare": (size, size),
        "%": (f"{10 * size:.4g} %", float(f"{10 * size:.4g}") / 100 * abs(at) * slope),
        "points": (f"{size} points", size / 100 * slope),
        "unit": (f"{size} {unit}", size * factor * slope),
    }[form]
    idle = {} if says.startswith(("up", "at", "over")) else {"tails": tails}
    made = model(about, says=says, sigma=sigma, basis=basis, use=idle)
    assert made.uses[0].scale == scale
    assert width(made) == pytest.approx(expected, rel=1e-9)
    assert set(term(made).parts) == {"sigma"}
    again = load_json(made.to_json())
    assert again == made
    assert width(again) == width(made)


@pytest.mark.parametrize(
    ("about", "says", "why"),
    [
        ("growth", "0.2 ± 0.1", "whose ± is its whole width"),
        ("share", "12 of 40", "is a count"),
        ("growth", "rising", "is a direction"),
        ("people", "10,000 to 20,000 people @ 80%", "leave `sigma:` out, or the `@ 80%`"),
    ],
)
def test_what_has_a_width_or_none_takes_no_other(about: str, says: str, why: str) -> None:
    assert why in refusal(about, says=says, sigma=0.2)


def test_a_dispute_takes_no_width() -> None:
    with pytest.raises(InputError, match="disputes another claim's figure"):
        several(
            {
                "a": {"says": "20,000 people"},
                "b": {"says": "lower than claimed", "disputes": "a", "sigma": 0.2},
            },
            {"a": "people", "b": "people"},
        )


def test_a_bare_width_that_was_meant_in_another_form_is_refused_with_the_forms() -> None:
    message = refusal(says="20,000 people", sigma=2000)
    assert "`sigma: 2,000 people`" in message
    assert "`sigma: 10 %`" in message
    assert "`sigma: 5 points`" in refusal("share", says="10 %", sigma=5)
    assert "`sigma: 100 %`" in refusal("ratio", says="5", sigma=5)
    assert width(model("growth", says="5", sigma=5)) == 5  # identity: in its own unit
    assert width(model(says="20,000 people", sigma=3)) == 3


def test_a_small_bare_width_of_a_share_is_told_in_points() -> None:
    (warning,) = warnings(model("share", says="10 %", sigma=0.02))
    assert "0.18 percentage points" in warning
    assert "`sigma: 2 points`" in warning
    assert not warnings(model("share", says="10 %", sigma=0.05))
    assert not warnings(model("share", says="10 %", sigma="0.1 points"))
    assert not warnings(model(says="20,000 people", sigma=0.02))


def test_a_width_that_leaves_a_claim_nothing_to_say_is_warned_of() -> None:
    (warning,) = warnings(model(says="20,000 people", sigma="400 %"))
    assert "hardly anything" in warning


@pytest.mark.parametrize(
    ("about", "says", "sigma", "why"),
    [
        ("people", "20,000 people", "2 points", "point where person is needed"),
        ("people", "20,000 people", "2 USD", "USD"),
        ("people", "20,000 people", "0", "a number above 0"),
        ("people", "20,000 people", "-5 %", "a number above 0"),
        ("people", "20,000 people", "1 to 2 %", "must be a number"),
        ("people", "20,000 people", "about 5 %", "must be a number"),
        ("people", "20,000 people", "12 of 40", "must be a number"),
        ("people", "20,000 people", "nan", "must be a number"),
        ("share", "10 %", "2 people", "plain number"),
        ("growth", "0 %", "5 %", "of a figure of 0 is not a width"),
        ("ratio", "5", "1e300", "on the log scale"),
    ],
)
def test_what_is_no_width(about: str, says: str, sigma: str, why: str) -> None:
    assert why in refusal(about, says=says, sigma=sigma)


def test_a_figure_of_0_needs_a_width_in_its_own_unit() -> None:
    assert width(model("growth", says="0 %", sigma="5 points")) == pytest.approx(0.05)


@given(
    st.sampled_from(["0.35", "10 %", "2,000 people", "2 points", "0.5 USD/month", "1e-3"])
    | st.floats(1e-6, 1e6).map(lambda x: f"{x:.3g}")
    | st.floats(1e-3, 1e5).map(lambda x: f"{x:.3f} people")
)
def test_a_width_parses_back_from_what_it_prints(text: str) -> None:
    width = parse_width(text)
    again = parse_width(str(width))
    assert (again.value, again.unit) == (width.value, width.unit)


@pytest.mark.parametrize("text", ["2 points", "2 pp", "2 percentage points", "2 point"])
def test_points_go_by_several_names(text: str) -> None:
    assert width(model("share", says="10 %", sigma=text)) == pytest.approx(0.02 / 0.09)


def test_a_claim_in_python_takes_any_form() -> None:
    says = parse_wording("20,000 people")
    for sigma in (0.1, "0.1", "10 %", Width.of("2,000 people")):
        assert isinstance(Claim("c", "s", says, sigma=sigma).width, Width)
    with pytest.raises(InputError, match="claim 'c': `sigma:` must be a number"):
        Claim("c", "s", says, sigma="wide")


def test_show_and_explain_say_where_the_width_is_from() -> None:
    (entry,) = describe(model(says="20,000 people", sigma="2,000 people")).evidence
    assert entry.sigma == "2,000 people"
    assert entry.width_from == {"sigma": pytest.approx(0.1)}
    found = explain("20,000 people", sigma="2,000 people")
    assert [one.width for one in found.bases] == pytest.approx([0.1] * 5)
    with pytest.raises(InputError, match="is a count"):
        explain("12 of 40", sigma="2 points")


def test_copies_with_widths_of_their_own_share_the_least() -> None:
    made = several(
        {
            "a": {"says": "20,000 people", "origin": "o", "sigma": "10 %"},
            "b": {"says": "22,000 people", "origin": "o", "sigma": "4,400 people"},
        },
        {"a": "people", "b": "people"},
    )
    data = Engine(made, seed=1).observations.data({"a", "b"})
    common = 1 - made.conventions.copies**2
    assert data["normal_log_loading"] == pytest.approx([math.sqrt(common) * 0.1] * 2)
    own = [math.sqrt(s**2 - common * 0.1**2) for s in (0.1, 0.2)]
    assert data["normal_log_sigma"] == pytest.approx(own)


# Bounds and rounding ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "delta"),
    [("at most 1", 0.03), ("up to 1", 0.1), ("at least 1", 0.03), ("over 1", 0.03)],
)
@pytest.mark.parametrize("basis", WIDTHS)
def test_a_bound_carries_no_rounding(says: str, delta: float, basis: str) -> None:
    made = model("ratio", says=says, basis=basis)
    assert width(made) == pytest.approx(math.hypot(delta, WIDTHS[basis]))


def test_show_says_where_rounding_is_most_of_a_width() -> None:
    coarse = model("ratio", says="1", basis="register")
    exact = model("ratio", says="1.00", basis="register")
    bound = model("ratio", says="at most 1", basis="register")
    own = model("ratio", says="1", sigma=0.1)
    said = [describe(one).evidence[0].mostly_rounding for one in (coarse, exact, bound, own)]
    assert said == [True, False, False, False]
