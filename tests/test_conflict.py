"""Conflict: quiet where there is none, loud where there is, growing with it, and p as it should be.

The references are closed forms: normals beside normals, counts beside a beta-binomial, a bound
beside a normal.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure
from scipy import integrate, stats
from tests.screens import full_text
from tests.truth.building import SOURCE, build, save

from estimates import Model, conflict, fit
from estimates.analysis.conflict.bodies import bodies_of, connected
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import Side, own_side, predictive, share
from estimates.analysis.conflict.head_to_head import head_to_head
from estimates.analysis.conflict.node_split import Comparison
from estimates.analysis.conflict.result import IMPORTANCE, NORMAL, WEIGHTED, Conflict
from estimates.analysis.conflict.tail_probability import Stratum, given_up, tail, z_of
from estimates.analysis.conflict.without_both import Without
from estimates.cli.app import app
from estimates.inference.engine import Engine
from estimates.inference.sampling import Sampling
from estimates.model.likelihood import Count, Noisy, Yes
from estimates.plots import conflict as conflict_figure
from estimates.stats.links import IDENTITY, LOG, LOGIT, Scale

SHORT = Sampling(draws=500, tune=300)
WIDE = 100.0  # sd of a prior that says next to nothing


def normal(scale: Scale, mean: float, sd: float) -> Side:
    """What a noisy reading says by itself."""
    return predictive(Noisy(scale, mean, sd))


def asked(model: Model) -> dict[str, Any]:
    """The document of a model, which can be printed and shown."""
    found = conflict(fit(model, sampling=SHORT))
    assert found.converged, found.document["failed"]
    json.loads(found.to_json())
    assert full_text(found)
    return dict(found.document)


def measured(folder: Path, *values: tuple[float, float], prior: float = WIDE) -> Model:
    """Measurements of one quantity."""
    says = {f"m{i}": f"{y} ± {s}" for i, (y, s) in enumerate(values)}
    quantities = {"x": {"prior": f"Normal(mu=0, sigma={prior})", "support": "real"}}
    return build(folder, quantities=quantities, says=says, claims=dict.fromkeys(says, "x"))


def row_of(document: dict[str, Any], name: str, table: str = "splits", key: str = "body") -> Any:
    return next(row for row in document[table] if row[key] == name)


def left(values: list[tuple[float, float]], out: int, prior: float = WIDE) -> tuple[float, float]:
    """Mean and sd of a normal posterior without one measurement."""
    kept = [one for i, one in enumerate(values) if i != out]
    precision = 1 / prior**2 + sum(s**-2 for _, s in kept)
    return sum(y / s**2 for y, s in kept) / precision, precision**-0.5


def z_split(values: list[tuple[float, float]], out: int, prior: float = WIDE) -> float:
    mean, sd = left(values, out, prior)
    y, s = values[out]
    return (y - mean) / math.hypot(s, sd)


def near_p(row: Any, z: float) -> None:
    """Within four Monte Carlo errors of 2Φ(−|z|), the errors a small part of it; z to 3 %."""
    p = 2 * stats.norm.sf(abs(z))
    assert row["mcse_p"] < 0.12 * p
    assert abs(row["p"] - p) < 4 * row["mcse_p"] + 1e-9 * p, (row["p"], p, row["mcse_p"])
    assert row["z"] == pytest.approx(z, rel=0.03, abs=0.06)


# Closed forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("apart", [0.0, 1.0, 3.0, 9.0])
def test_two_normals(tmp_path: Path, apart: float) -> None:
    """z = (y₁ − y₂)/√(s₁² + s₂²), as far into the tail as they lie apart."""
    s1, s2 = 0.5, 1.0
    values = [(67.4, s1), (67.4 + apart * math.hypot(s1, s2), s2)]
    found = asked(measured(tmp_path / "two", *values))
    for i in range(2):
        near_p(row_of(found, f"m{i}"), z_split(values, i))
        assert row_of(found, f"m{i}")["against"] == "the other evidence"
    assert found["pairs"][0]["z"] == pytest.approx(-apart, abs=1e-6)
    assert found["pairs"][0]["p"] == pytest.approx(2 * stats.norm.sf(apart), rel=1e-6)
    claim = row_of(found, "m0", "claims", "claim")
    assert claim["p"] == row_of(found, "m0")["p"]
    assert bool(found["conflicts"]) == (apart >= 3)
    assert ("cannot both be right" in found["sentence"]) == (apart >= 3)
    if apart >= 3:
        assert "Leaving out either ‘m0’ or ‘m1’ resolves it" in found["sentence"]
        without = {row["without"]: row for row in found["without"]}
        assert without["m0"]["resolves"]
        assert without["m1"]["resolves"]
        assert without["m0"]["median"] == pytest.approx(values[1][0], abs=0.2)
        assert without["m1"]["median"] == pytest.approx(values[0][0], abs=0.1)
    else:
        assert found["without"] == []
        assert "No two independent pieces of evidence" in found["sentence"]


def test_one_outlier_of_three(tmp_path: Path) -> None:
    """Each against the other two; leaving out the outlier alone resolves it."""
    values = [(10.0, 1.0), (10.5, 1.0), (17.0, 1.0)]
    found = asked(measured(tmp_path / "three", *values))
    for i in range(3):
        near_p(row_of(found, f"m{i}"), z_split(values, i))
    assert found["splits"][0]["body"] == "m2"
    resolving = [row["without"] for row in found["without"] if row["resolves"]]
    assert resolving == ["m2"]
    assert "Leaving out ‘m2’ resolves it; leaving out any other does not." in found["sentence"]


def test_a_rest_without_two_is_weighed_out_of_one_refit(tmp_path: Path) -> None:
    """Each p in closed form: of ten one is far out, and the nine others beside a rest without it.

    Of these one is off by itself, so that its weights are the least even.
    """
    values = [(9.0, 1.0), (-2.5, 0.5), *((0.1 * i, 1.0) for i in range(8))]
    model = measured(tmp_path / "ten", *values)
    case = Case(fit(model, seed=1), None, None)
    suspect, *others = case.bodies
    rest = Without.of(case, suspect)
    assert rest is not None
    found = rest.partials(others)
    assert len(found) >= 8
    for number, body in enumerate(others, 1):
        if body.name not in found:
            continue
        kept = [one for i, one in enumerate(values) if i not in (0, number)]
        precision = WIDE**-2 + sum(s**-2 for _, s in kept)
        mean = sum(y / s**2 for y, s in kept) / precision
        y, s = values[number]
        exact = 2 * stats.norm.sf(abs(y - mean) / math.hypot(s, precision**-0.5))
        partial = found[body.name]
        comparison = Comparison(body.name, case.sides[body.name], body.first, frozenset(), partial)
        (told,) = comparison.tails
        assert math.exp(told.log_p) == pytest.approx(exact, abs=4 * told.error)
        assert told.error < 0.25 * exact


def test_what_moves_the_weights_of_readings_is_not_weighed(tmp_path: Path) -> None:
    model = readings_model(tmp_path / "two")
    case = Case(fit(model, sampling=SHORT, seed=1), None, None)
    assert Without.of(case, next(one for one in case.bodies if one.name == "a")) is None


def test_the_prior_counts_once(tmp_path: Path) -> None:
    """A prior sharper than the claims stays on the side of the rest, and there alone."""
    values = [(1.0, 1.0), (3.0, 0.7)]
    found = asked(measured(tmp_path / "sharp", *values, prior=0.7))
    for i in range(2):
        near_p(row_of(found, f"m{i}"), z_split(values, i, 0.7))
    # A third of the prior's variance is gone, less than half: the rest is mostly the prior.
    assert row_of(found, "m1")["against"] == "the other evidence and the prior"
    assert row_of(found, "m1")["learned"] == pytest.approx(0.49 / 1.49, abs=0.08)


def test_a_wide_rest_and_a_narrow_claim(tmp_path: Path) -> None:
    """Where the tail is made by the rest alone no draw reaches it: further fits do."""
    values = [(0.0, 1.0), (6.0, 0.02)]
    found = asked(measured(tmp_path / "narrow", *values))
    near_p(row_of(found, "m1"), z_split(values, 1))
    assert row_of(found, "m1")["method"] == IMPORTANCE
    # Draws carried to where the rest of m0 has them need no refit.
    near_p(row_of(found, "m0"), z_split(values, 0))
    assert row_of(found, "m0")["method"] == WEIGHTED
    assert not row_of(found, "m0")["refitted"]


def test_counts(tmp_path: Path) -> None:
    """Against the beta-binomial's exact mid-p; the split has Jeffreys' prior."""
    counts = [(3, 40), (21, 60)]
    model = build(
        tmp_path / "counts",
        quantities={"share": {"unit": "share", "prior": "Beta(alpha=1, beta=1)"}},
        says={"a": "3 of 40", "b": "21 of 60"},
        claims={"a": "share", "b": "share"},
    )
    found = asked(model)
    for i, name in enumerate("ab"):
        (r, n), (k, m) = counts[i], counts[1 - i]
        law = stats.betabinom(n, 1 + k, 1 + m - k)
        low = law.cdf(r - 1) + law.pmf(r) / 2
        true = 2 * min(low, 1 - low)
        claim = row_of(found, name, "claims", "claim")
        assert abs(claim["p"] - true) < 4 * claim["mcse_p"], name
        own, rest = stats.beta(r + 0.5, n - r + 0.5), stats.beta(1 + k, 1 + m - k)
        above = integrate.quad(lambda x, o=own, q=rest: o.sf(x) * q.pdf(x), 0, 1)[0]
        split = row_of(found, name)
        assert abs(split["p"] - 2 * min(above, 1 - above)) < 4 * split["mcse_p"], name
        assert split["kind"] == "count"
    assert found["conflicts"]


def test_a_bound_and_a_prior(tmp_path: Path) -> None:
    """A bound has the probability that it would be said; alone it is against the prior."""
    model = build(
        tmp_path / "bound",
        quantities={"x": {"prior": "Normal(mu=0, sigma=1)", "support": "real"},
                    "y": {"prior": "Normal(mu=0, sigma=1)", "support": "real"}},
        says={"most": {"says": "at least 2", "sigma": 0.5}, "far": "9 ± 1"},
        claims={"most": "x", "far": "y"},
    )  # fmt: skip
    found = asked(model)
    claim = row_of(found, "most", "claims", "claim")
    width = model.conventions.hard_bound * 2
    total = math.sqrt(1 + 0.25 + width**2 + (1 / math.sqrt(12)) ** 2)
    assert abs(claim["p"] - stats.norm.sf(2 / total)) < 4 * claim["mcse_p"] + 2e-3
    assert claim["against"] == "the prior"
    assert claim["lies"] == "above"
    assert found["splits"] == []
    assert "No quantity has two independent pieces of evidence" in found["sentence"]
    far = row_of(found, "far", "claims", "claim")
    near_p(far, 9 / math.sqrt(2))
    assert "‘far’ lies far from the prior" in found["sentence"]


# Bodies ----------------------------------------------------------------------------------------


def test_copies_are_one_body(tmp_path: Path) -> None:
    """Three papers with one figure do not outvote it, and are left out together."""
    says: dict[str, Any] = {
        "paper": {"says": "10.0 ± 1.0", "origin": "ministry"},
        "radio": {"says": "10.4 ± 1.5", "origin": "ministry"},
        "blog": {"says": "10.0 ± 1.0", "origin": "ministry"},
        "census": "14.0 ± 1.0",
    }
    model = build(
        tmp_path / "copies",
        quantities={"x": {"prior": f"Normal(mu=0, sigma={WIDE})", "support": "real"}},
        says=says,
        claims=dict.fromkeys(says, "x"),
    )
    assert [body.name for body in bodies_of(model)] == ["ministry", "census"]
    found = asked(model)
    # The shared error has variance (1 − f²)s²; the two wordings have the rest to themselves.
    common = (1 - model.conventions.copies**2) * 1.0
    own = np.array([1.0 - common, 1.5**2 - common])
    weights = (1 / own) / (1 / own).sum()
    mean, sd = float(weights @ [10.0, 10.4]), math.sqrt(common + 1 / (1 / own).sum())
    near_p(row_of(found, "ministry"), (mean - 14) / math.hypot(sd, 1.0))
    near_p(row_of(found, "census"), (14 - mean) / math.hypot(sd, 1.0))
    radio = row_of(found, "radio", "claims", "claim")
    near_p(radio, (10.4 - 14) / math.hypot(1.5, 1.0))
    assert radio["body"] == "ministry"
    assert row_of(found, "ministry")["claims"] == "paper, radio, blog"


def test_an_origin_called_like_a_claim(tmp_path: Path) -> None:
    """A name of an origin is not taken for that of a claim."""
    model = build(
        tmp_path / "names",
        quantities={"x": "1 to 100"},
        says={"a": "around 10", "b": {"says": "around 12", "origin": "a"}},
        claims={"a": "x", "b": "x"},
    )
    assert [body.name for body in bodies_of(model)] == ["a", "origin a"]


def test_conflict_through_a_relation(tmp_path: Path) -> None:
    """A claim on a sum against claims on its parts; any of the three resolves it."""
    says = {"one": "1 ± 1", "two": "2 ± 1", "sum": "15 ± 1", "apart": "5 ± 1"}
    model = build(
        tmp_path / "sum",
        quantities={n: {"prior": f"Normal(mu=0, sigma={WIDE})", "support": "real"} for n in "abc"},
        relations={"total": "a + b"},
        says=says,
        claims={"one": "a", "two": "b", "sum": "total", "apart": "c"},
    )
    found = asked(model)
    for name, z in (("sum", 12 / 3**0.5), ("one", -12 / 3**0.5), ("two", -12 / 3**0.5)):
        near_p(row_of(found, name), z)
        assert row_of(found, name)["against"] == "the other evidence"
    assert {row["body"] for row in found["splits"]} == {"one", "two", "sum"}
    assert row_of(found, "apart", "claims", "claim")["against"] == "the prior"
    islands = connected(model, bodies_of(model))
    assert islands["one"] == islands["sum"] != islands["apart"]
    assert [row["without"] for row in found["without"] if row["resolves"]] == ["one", "two", "sum"]
    assert "any one of ‘one’, ‘two’ or ‘sum’" in found["sentence"]


def test_a_hierarchy_informs(tmp_path: Path) -> None:
    """A member of a group is known by the others, through what they have in common."""
    says = {f"s{i}": f"{y} ± 1" for i, y in enumerate((0.0, 0.5, -0.5, 12.0))}
    quantities: dict[str, Any] = {"mu": "Normal(mu=0, sigma=100)"}
    quantities |= {f"x{i}": "Normal(mu=mu, sigma=1)" for i in range(4)}
    model = build(
        tmp_path / "group",
        quantities={n: {"prior": p, "support": "real"} for n, p in quantities.items()},
        says=says,
        claims={f"s{i}": f"x{i}" for i in range(4)},
    )
    found = asked(model)
    # y_i ~ N(mu, 2): without the fourth mu is N(0, ⅔), its own x has variance 1 more.
    near_p(row_of(found, "s3"), 12 / math.sqrt(1 + 1 + 2 / 3))
    assert row_of(found, "s3")["against"] == "the other evidence"
    assert next(row["without"] for row in found["without"] if row["resolves"]) == "s3"


# Readings --------------------------------------------------------------------------------------


def readings_model(folder: Path, **entry: Any) -> Model:
    """Two claims that agree where the second speaks of x, and not where it speaks of 10 x."""
    return build(
        folder,
        quantities={"x": {"prior": "Normal(mu=5, sigma=20)", "support": "real"}},
        says={"a": "5 ± 1", "b": "5 ± 1"},
        relations={"other": {"by": "meaning", "same": "x", "tenfold": "x * 10"}},
        readings={"meaning": {"question": "?", **entry,
                              "same": {"weight": 1, "because": "-"},
                              "tenfold": {"weight": 1, "because": "-"}}},
        claims={"a": "x", "b": "other"},
    )  # fmt: skip


def test_a_conflict_under_one_reading_is_said(tmp_path: Path) -> None:
    """The mixture has none, one reading has: it is named, and resolved there."""
    found = asked(readings_model(tmp_path / "readings", update=False))
    under = {row["under"]: row for row in found["splits_by_reading"] if row["body"] == "a"}
    # Of x at 10x = 5 ± 1 the rest says 0.5 ± 0.1.
    near_p(under["meaning = tenfold"], (5 - 0.5) / math.hypot(1, 0.1))
    assert under["meaning = same"]["p"] > 0.9
    assert not row_of(found, "a")["conflict"]
    assert "But under “tenfold” ‘" in found["sentence"]
    assert found["without"][0]["under"] == "meaning = tenfold"
    # Two of one thing, but under one reading only.
    assert [(row["first"], row["under"]) for row in found["pairs"]] == [("a", "meaning = same")]
    assert found["pairs"][0]["p"] == pytest.approx(1.0)


def test_opposite_conflicts_do_not_cancel(tmp_path: Path) -> None:
    """Far above under one reading and far below under the other is in conflict with both."""
    model = build(
        tmp_path / "opposite",
        quantities={"x": {"prior": "Normal(mu=0, sigma=50)", "support": "real"}},
        says={"a": "0 ± 1", "b": "0 ± 1"},
        relations={"other": {"by": "sign", "up": "x + 8", "down": "x - 8"}},
        readings={"sign": {"question": "?", "up": {"weight": 1, "because": "-"},
                           "down": {"weight": 1, "because": "-"}}},
        claims={"a": "x", "b": "other"},
    )  # fmt: skip
    row = row_of(asked(model), "a")
    assert row["p"] == pytest.approx(2 * stats.norm.sf(8 / 2**0.5), rel=0.4)
    assert row["lies"] is None


def test_a_claim_that_one_reading_silences(tmp_path: Path) -> None:
    """Where a claim says nothing it is in no conflict, and the weight of the rest is said."""
    model = build(
        tmp_path / "silent",
        quantities={"x": {"prior": "Normal(mu=0, sigma=50)", "support": "real"}},
        says={"a": "0 ± 1", "b": "8 ± 1"},
        relations={"other": {"by": "speaks", "yes": "x", "no": "nothing"}},
        readings={"speaks": {"question": "?", "update": False,
                             "yes": {"weight": 1, "because": "-"},
                             "no": {"weight": 3, "because": "-"}}},
        claims={"a": "x", "b": "other"},
    )  # fmt: skip
    found = asked(model)
    b = row_of(found, "b")
    near_p(b, 8 / math.sqrt(2 + 1e-9))
    assert b["spoken"] == pytest.approx(0.25)
    a = {row["under"]: row for row in found["splits_by_reading"] if row["body"] == "a"}
    assert a["speaks = no"]["against"] == "the prior"
    assert a["speaks = yes"]["against"] == "the other evidence"


# Paths that are rare -----------------------------------------------------------------------------


def test_no_claims_and_a_held_out_figure(tmp_path: Path) -> None:
    """A forward estimate has nothing to contradict; the cited figure stands beside the answer."""
    model = build(
        tmp_path / "forward",
        quantities={"x": "1 to 100"},
        says={"cited": "around 10"},
        claims={},
        compare={"cited": "x"},
    )
    found = asked(model)
    assert found["splits"] == found["pairs"] == found["without"] == []
    assert "nothing can contradict anything" in found["sentence"]
    row = found["claims"][0]
    assert row["held_out"]
    assert row["against"] == "the answer"
    assert row["p"] > 0.5
    assert row["p_adjusted"] is None
    assert conflict_figure(Conflict.read(found)) is None


def test_statements_counts_and_many_readings(tmp_path: Path) -> None:
    """Every kind of claim at once, all out of the blue."""
    ledger = {
        "sources": SOURCE,
        "claims": {
            "heads": {"source": "elsewhere", "says": "around 20,000 people"},
            "fewer": {"source": "elsewhere", "says": "lower than claimed", "disputes": "heads"},
            "pay": {"source": "elsewhere", "says": "around 120 to 150 USD/person/month"},
            "most": {"source": "elsewhere", "says": "up to 40 USD/person/month"},
            "counted": {"source": "elsewhere", "says": "12 of 40"},
            "share": {"source": "elsewhere", "says": "70 to 80 %"},
            "rises": {"source": "elsewhere", "says": "rising"},
        },
    }
    model = save(
        tmp_path / "all",
        ledger,
        {
            "evidence": "evidence.yaml",
            "quantities": {
                "people": {"unit": "person", "prior": "1,000 to 100,000"},
                "wage": {"unit": "USD/person/month", "prior": "50 to 2000"},
                "skim": {"unit": "share", "prior": "10 to 90 %"},
                "growth": {"prior": "Normal(mu=0, sigma=0.1)", "support": "real"},
                "hours": {"value": "3 hours"},
            },
            "relations": {
                "net": "wage * (1 - skim)",
                "quoted": {"by": "reading", "gross": "wage", "net": "net"},
                "revenue": {"unit": "MUSD/year", "is": "people * wage * skim"},
            },
            "readings": {"reading": {"gross": {"weight": 2, "because": "-"},
                                     "net": {"weight": 1, "because": "-"}}},
            "claims": {"heads": "people", "fewer": "people", "pay": "quoted", "most": "wage",
                       "counted": "skim", "share": {"about": "skim", "tails": "student-t"},
                       "rises": "growth"},
            "targets": ["revenue"],
        },
    )  # fmt: skip
    found = asked(model)
    kinds = {row["claim"]: row["kind"] for row in found["claims"]}
    assert kinds["fewer"] == kinds["most"] == kinds["rises"] == "statement"
    assert kinds["counted"] == "count"
    assert row_of(found, "share")["conflict"]
    assert row_of(found, "fewer")["p"] >= 0.2  # a speaker who may be mistaken is no proof
    assert found["sentence"].startswith("‘")
    assert isinstance(conflict_figure(Conflict.read(found)), Figure)


# The parts ---------------------------------------------------------------------------------------


def test_far_tails_in_closed_form() -> None:
    """z of a p that no float holds, and head to head of two normals ten sd apart."""
    for z in (0.5, 3.0, 8.0, 20.0, 37.0):
        log_p = math.log(2) + stats.norm.logsf(z)
        assert z_of(log_p) == pytest.approx(z, rel=1e-9)
        one, other = normal(IDENTITY, 0.0, 1.0), normal(IDENTITY, z * 2**0.5, 1.0)
        found, above = head_to_head(one, other)
        assert found == pytest.approx(log_p, rel=1e-6)
        assert not above
    assert z_of(0.0) == 0.0


def test_head_to_head_across_units_and_scales() -> None:
    """Thousands beside ones, a logit beside a logit, a log scale beside a plain one."""
    one, other = normal(LOG, math.log(2000), 0.3), normal(LOG, math.log(3), 0.4)
    found, above = head_to_head(one, other, 1000.0)
    assert found == pytest.approx(math.log(2) + stats.norm.logsf(math.log(1.5) / 0.5), abs=1e-6)
    assert not above
    a, b = share(Count(3, 40)), share(Count(21, 60))
    p = integrate.quad(lambda x: stats.beta(3.5, 37.5).sf(x) * stats.beta(21.5, 39.5).pdf(x), 0, 1)[
        0
    ]
    assert head_to_head(a, b)[0] == pytest.approx(math.log(2 * p), rel=1e-4)
    # Five of five and one of one: the density has no end at a share of one (y = s²).
    rest, other = stats.beta(0.5, 5.5), stats.beta(0.5, 1.5)
    p = integrate.quad(lambda s: rest.cdf(s * s) * other.pdf(s * s) * 2 * s, 0, 1)[0]
    for a, b in ((Count(5, 5), Count(1, 1)), (Count(0, 5), Count(0, 1))):
        found, above = head_to_head(share(a), share(b))
        assert found == pytest.approx(math.log(2 * min(p, 1 - p)), rel=1e-3)
        assert above == ((p > 0.5) == (a.successes > 0))
    plain = normal(IDENTITY, 5.0, 1.0)
    mixed = integrate.quad(
        lambda u: stats.norm(5, 1).sf(math.exp(u)) * stats.norm(math.log(9), 0.3).pdf(u), -2, 6
    )[0]
    assert head_to_head(plain, normal(LOG, math.log(9), 0.3))[0] == pytest.approx(
        math.log(2 * mixed), rel=1e-3
    )


def test_copies_with_heavy_tails(tmp_path: Path) -> None:
    """Two copies with Student's noise: quadrature beside the normal closed form's neighbour."""
    says: dict[str, Any] = {
        "a": {"says": "10.0 ± 1.0", "origin": "o"},
        "b": {"says": "11.0 ± 2.0", "origin": "o"},
    }
    model = build(
        tmp_path / "heavy",
        quantities={"x": {"prior": "Normal(mu=0, sigma=50)", "support": "real"}},
        says=says,
        claims={"a": {"about": "x", "tails": "student-t"},
                "b": {"about": "x", "tails": "student-t"}},
    )  # fmt: skip
    side = own_side(bodies_of(model)[0], Engine(model, seed=1).observations)
    assert side.quantile is not None
    assert side.log_pdf is not None
    grid = np.linspace(-40, 60, 20_001)
    assert np.trapezoid(np.exp(side.log_pdf(grid)), grid) == pytest.approx(1.0, abs=1e-3)
    c2 = 1 - model.conventions.copies**2

    def density(u: float) -> float:
        """The shared error, integrated out by another rule."""
        s = [math.sqrt(1 - c2), math.sqrt(4 - c2)]
        e = np.linspace(-8, 8, 4001)
        f = stats.norm.pdf(e)
        for y, width in zip((10.0, 11.0), s, strict=True):
            f = f * stats.t(4).pdf((y - u - math.sqrt(c2) * e) / width)
        return float(np.trapezoid(f, e))

    us = np.linspace(0, 20, 81)
    true = np.array([density(u) for u in us])
    found = np.exp(side.log_pdf(us))
    assert found / found.max() == pytest.approx(true / true.max(), abs=0.002)


def test_a_tail_out_of_reach_is_labelled() -> None:
    """Without further draws the tail of a normal stands in, exact where the rest is normal."""
    rng = np.random.default_rng(1)
    u = rng.standard_normal((4, 4000))
    side = normal(IDENTITY, 7.0, 0.1)
    first = tail(side, [Stratum(u)])
    assert not first.good
    found = given_up(side, first, u)
    assert found.method == NORMAL
    assert z_of(found.log_p) == pytest.approx(7 / math.hypot(1, 0.1), rel=0.03)
    close = tail(normal(IDENTITY, 0.5, 1.0), [Stratum(u)])
    assert close.good
    assert given_up(side, close, u) is close


def test_pulled_draws_weigh_right() -> None:
    """The balance heuristic with draws of a known pull gives the tail without bias."""
    rng = np.random.default_rng(2)
    u = rng.standard_normal((4, 2000))
    side = normal(IDENTITY, 6.0, 0.2)
    pull, s = 18.0, 2**0.5  # a claim of 18 ± √2 on a standard normal: N(6, ⅔)
    pulled = Stratum(
        6.0 + math.sqrt(2 / 3) * rng.standard_normal((4, 2000)),
        lambda x: stats.norm.logpdf(pull, x, s),
        float(stats.norm.logpdf(pull, 0, math.sqrt(3))),
        0.01,
    )
    found = tail(side, [Stratum(u), pulled])
    true = 2 * stats.norm.sf(6 / math.hypot(1, 0.2))
    assert found.good
    assert abs(math.exp(found.log_p) - true) < 4 * found.error
    assert found.error < 0.1 * true


@pytest.mark.parametrize("upper", [True, False])
def test_a_statement_is_as_likely_as_it_is(upper: bool) -> None:
    """Mid-p of something said is the probability that it is said."""
    side = predictive(Yes(LOG, math.log(100), 0.1, upper))
    assert side.log_pdf is None
    u = np.full((4, 100), math.log(100) + (0.2 if upper else -0.2))
    found = tail(side, [Stratum(u)])
    assert math.exp(found.log_p) == pytest.approx(stats.norm.sf(2))
    assert found.above is not upper


def test_values_off_the_domain_lie_beyond_its_end() -> None:
    """A rest that says 0 or less lies below whatever is said of a positive quantity."""
    from estimates.analysis.conflict.contrast import on_scale

    side = predictive(Noisy(LOG, 0.0, 1.0))
    above, below = side.tails(on_scale(LOG, np.array([-3.0, 0.0])))
    assert np.all(above == 0.0)
    assert np.all(below == -np.inf)
    assert list(on_scale(LOGIT, np.array([-1.0, 2.0]))) == [-np.inf, np.inf]


def test_sides_know_their_quantiles() -> None:
    """Each density's quantiles agree with its tails."""
    for side in (
        predictive(Noisy(LOG, 1.0, 0.3)),
        predictive(Noisy(IDENTITY, 1.0, 0.3, student=True)),
        share(Count(3, 40)),
        share(Count(0, 12)),
        share(Count(12, 12)),
    ):
        assert side.quantile is not None
        for p in (0.05, 0.5, 0.95):
            above, below = side.tails(np.array([side.quantile(p)]))
            assert np.exp(below[0]) == pytest.approx(p, abs=1e-9)
            assert np.exp(above[0]) == pytest.approx(1 - p, abs=1e-9)


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    measured(tmp_path / "models" / "three", (10.0, 1.0), (10.5, 1.0), (17.0, 1.0))
    return tmp_path


@pytest.mark.usefixtures("undrawn")
def test_the_command(root: Path) -> None:
    """A report, a document and a figure, the same on the second run."""
    first = CliRunner().invoke(app, ["conflict", "three", "--full", "--root", str(root)])
    assert first.exit_code == 0, first.output
    assert "‘m0’ and ‘m2’ cannot both be right" in " ".join(first.output.split())
    assert "The answer if a piece of evidence were left out" in first.output
    folder = root / "results" / "three"
    assert (folder / "figures" / "conflict.png").is_file()
    kept = (folder / "conflict.json").read_text()
    again = CliRunner().invoke(app, ["conflict", "three", "--root", str(root), "--json"])
    assert again.exit_code == 0
    assert json.loads(again.stdout) == json.loads(kept)
    assert json.loads(kept)["splits"][0]["body"] == "m2"


def test_an_unknown_model(root: Path) -> None:
    """A name that is none has a neighbour."""
    found = CliRunner().invoke(app, ["conflict", "thre", "--root", str(root)])
    assert found.exit_code == 2
    assert "three" in found.output


def test_tables_and_figure(tmp_path: Path) -> None:
    """Lists of rows become tables; what was written down is read back."""
    found = conflict(fit(measured(tmp_path / "two", (1.0, 1.0), (2.0, 1.0)), sampling=SHORT))
    assert isinstance(found, Conflict)
    assert set(found.tables) == {"splits", "splits_by_reading", "pairs", "claims", "families"}
    assert isinstance(conflict_figure(Conflict.read(found.document)), Figure)


def test_own_side_of_a_repeated_claim(tmp_path: Path) -> None:
    """Copies word for word count once: the body is as wide as one of them."""
    says = {n: {"says": "10 ± 1", "origin": "o"} for n in ("a", "b")}
    model = build(
        tmp_path / "same",
        quantities={"x": {"prior": "Normal(mu=0, sigma=50)", "support": "real"}},
        says=says,
        claims=dict.fromkeys(says, "x"),
    )
    side = own_side(bodies_of(model)[0], Engine(model, seed=1).observations)
    assert (side.centre, side.width) == (10.0, 1.0)
