"""Many claims, many quantities, many readings: what grows, and what must not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.truth.building import build

from estimates import Model, Sampling, Store, Workers, by_reading, fit, summary
from estimates.inference import fit_job as fits
from estimates.inference import pointwise
from estimates.inference.codegen.llvm import lower
from estimates.inference.codegen.schedule import arrange
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept
from estimates.inference.pymc_model import build as to_graph
from estimates.report.reproduce import stored_fit

SHORT = Sampling(draws=300, tune=300)
PHRASES, COMBINATIONS = 3, 8
MEMBERS = 100


def claims_about(folder: Path, count: int) -> Model:
    """So many claims about ten quantities, every third about a sum of two."""
    rng = np.random.default_rng(1)
    figures = np.round(np.exp(rng.normal(9, 0.4, count)), -1)
    return build(
        folder,
        quantities={f"q{k}": {"unit": "person", "prior": "500 to 200,000"} for k in range(10)},
        says={f"c{i}": f"around {int(f):,} people" for i, f in enumerate(figures)},
        claims={
            f"c{i}": f"q{i % 10}" + (f" + q{(i + 1) % 10}" if i % 3 == 0 else "")
            for i in range(count)
        },
        targets=["q0"],
    )


def instructions(model: Model) -> int:
    """How long the text is from which machine code is made."""
    import pytensor.tensor as pt

    graph = to_graph(model)
    density = graph.logp()
    slopes = pt.concatenate([s.ravel() for s in pt.grad(density, graph.value_vars)])
    data = [(shared, shared.get_value().size) for shared in graph.data_vars]
    return len(lower(arrange([density, slopes], graph.value_vars, data)).text.splitlines())


def test_a_hundred_times_the_claims_make_the_same_code(tmp_path: Path) -> None:
    few = instructions(claims_about(tmp_path / "few", 30))
    many = instructions(claims_about(tmp_path / "many", 3000))
    assert many == few


def test_the_density_of_many_claims_is_the_sum_of_theirs(tmp_path: Path) -> None:
    model = claims_about(tmp_path / "many", 1000)
    engine = Engine(model, seed=1)
    from estimates.inference.question import Condition

    question = Condition({}, engine.evidence_ids)
    points = engine.candidates[:20]
    whole = engine.posed(question).logp(points) - engine.posed(Condition({})).logp(points)
    one_by_one = engine.log_likelihood(points[None], question)[0]
    # A thousand terms, each to double precision.
    np.testing.assert_allclose(whole, one_by_one, rtol=1e-10)


def test_a_hierarchy_of_a_hundred_members(tmp_path: Path) -> None:
    """Normal members with known errors: pulled together as the closed form says."""
    rng = np.random.default_rng(2)
    truth = rng.normal(5, 3, MEMBERS)
    said = np.round(truth + rng.normal(0, 2, MEMBERS), 3)
    model = build(
        tmp_path / "schools",
        quantities={
            "mu": {"prior": "-20 to 40", "support": "real"},
            "tau": {"prior": "HalfNormal(sigma=5)"},
            **{f"t{i}": {"prior": "Normal(mu=mu, sigma=tau)"} for i in range(MEMBERS)},
        },
        says={f"c{i}": f"{y} ± 2" for i, y in enumerate(said)},
        claims={f"c{i}": f"t{i}" for i in range(MEMBERS)},
        targets=["mu", "tau"],
    )
    tree = fit(model, sampling=Sampling(draws=500, tune=500))
    assert tree.attrs["converged"], tree.attrs["failed"]
    drawn = tree["posterior"]
    # Integrated over the members, y ~ Normal(mu, tau² + 2²): a sample of n knows their mean and
    # spread to 1/sqrt(n) of a sd; a normal approximation is good to a tenth of that.
    spread = np.hypot(3.0, 2.0)
    known = 1 / np.sqrt(MEMBERS)
    assert float(drawn["mu"].mean()) == pytest.approx(said.mean(), abs=0.5 * spread * known)
    tau = float(drawn["tau"].mean())
    assert tau == pytest.approx(np.sqrt(said.var() - 4), abs=0.5 * spread**2 / 3 * known)
    mu = float(drawn["mu"].mean())
    pulled = mu + tau**2 / (tau**2 + 4) * (said - mu)
    means = np.array([float(drawn[f"t{i}"].mean()) for i in range(MEMBERS)])
    # Four standard errors of 2,000 draws, and the spread of mu and tau.
    assert np.abs(means - pulled).max() < 4 * 1.7 / np.sqrt(1000) + 0.3


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Three phrases read in two ways each: 8 combinations, all of them different fits."""
    names = [f"q{i}" for i in range(PHRASES)]
    return build(
        tmp_path_factory.mktemp("root") / "models" / "readings",
        quantities={n: {"unit": "person", "prior": "200 to 5000"} for n in names}
        | {"f": {"unit": "share", "prior": "30 to 90 %"}},
        says={f"c{i}": f"around {900 + 100 * i} people" for i in range(PHRASES)},
        claims={f"c{i}": f"m{i}" for i in range(PHRASES)},
        relations={
            f"m{i}": {"unit": "person", "by": f"r{i}", "all": f"q{i}", "part": f"q{i} * f"}
            for i in range(PHRASES)
        }
        | {"total": {"unit": "person", "is": " + ".join(names)}},
        readings={
            f"r{i}": {
                "question": "which?",
                "all": {"weight": 1 + i, "because": "-"},
                "part": {"weight": 1, "because": "-"},
            }
            for i in range(PHRASES)
        },
        targets=["total"],
    )


@pytest.fixture(scope="module")
def whole(readings: Model) -> xr.DataTree:
    return fit(readings, sampling=SHORT, workers=Workers(count=1))


def test_memory_is_bounded_and_the_mixture_whole(
    readings: Model, whole: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert by_reading(whole).sizes == {"reading": COMBINATIONS, "chain": 4, "draw": 300}
    room = COMBINATIONS * len(whole["posterior"].data_vars) * 4 * 100
    for module in (fits, pointwise):
        monkeypatch.setattr(module, "ROOM", room)
    assert draws_kept(readings, SHORT) == 100
    bounded = fit(readings, sampling=SHORT)
    assert by_reading(bounded).sizes == {"reading": COMBINATIONS, "chain": 4, "draw": 100}
    assert bounded["posterior"].sizes == {"chain": 4, "draw": 300}
    np.testing.assert_array_equal(bounded["readings"]["posterior"], whole["readings"]["posterior"])
    readings_of = [one["sample_stats"]["reading"] for one in (bounded, whole)]
    np.testing.assert_array_equal(*readings_of)
    # No draw of a reading is taken twice.
    assert len(np.unique(bounded["posterior"]["total"])) > 0.99 * 1200
    numbers, fewer = (summary(tree).document["quantities"]["total"] for tree in (whole, bounded))
    tolerated = 4 * np.hypot(numbers["mcse_median"], fewer["mcse_median"])
    assert fewer["median"] == pytest.approx(numbers["median"], abs=tolerated)
    assert fewer["mcse_median"] > numbers["mcse_median"]


@pytest.mark.parametrize("long", [0.0, 3600.0], ids=["each at once", "when it is stopped"])
def test_a_fit_keeps_its_parts_until_it_is_whole(
    long: float,
    readings: Model,
    whole: xr.DataTree,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped half way, it goes on; finished, only the whole is kept."""
    monkeypatch.setattr("estimates.report.reproduce._LONG", long)
    told: list[int] = []

    def stop(done: int, total: int, what: str) -> None:
        told.append(done)
        if done == COMBINATIONS // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stored_fit(readings, root=tmp_path, sampling=SHORT, threads=1, progress=stop)
    store = Store(tmp_path / "results" / "store")
    assert len(store.entries()) == COMBINATIONS // 2
    told.clear()
    tree = stored_fit(
        readings,
        root=tmp_path,
        sampling=SHORT,
        progress=lambda done, total, what: told.append(done),
    )
    assert told[0] == COMBINATIONS // 2
    assert [entry.kind for entry in store.entries()] == ["fit"]
    np.testing.assert_array_equal(tree["posterior"]["total"], whole["posterior"]["total"])
