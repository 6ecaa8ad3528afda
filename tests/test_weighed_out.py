"""Claims weighed out of a fit: what is left, held to closed forms."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from tests.truth.building import build

import estimates as est
from estimates.analysis import weighed_out
from estimates.analysis.carrying import Carrying, weighed
from estimates.analysis.fit_view import FitView
from estimates.analysis.weighed_out import Weighing
from estimates.inference import nuts
from estimates.inference.engine import Engine
from estimates.stats.cavity import carried, matched

_EACH, _COUNT = 6, 12  # claims about each of so many quantities
_SD = 10.0  # of each quantity's prior


def _data() -> list[tuple[int, float, float]]:
    """Claims about normal quantities: which, the value and its error; every ninth far out."""
    rng = np.random.default_rng(4)
    found = []
    for i in range(_EACH * _COUNT):
        about, error = i % _COUNT, round(float(rng.uniform(0.3, 1.5)), 3)
        value = about + error * float(rng.normal()) * (4 if i % 9 == 0 else 1)
        found.append((about, round(value, 3), error))
    return found


DATA = _data()


def exact(without: int | None) -> tuple[float, float]:
    """Mean and sd of the sum of all quantities, a claim left out."""
    mean = variance = 0.0
    for about in range(_COUNT):
        kept = [(y, s) for i, (k, y, s) in enumerate(DATA) if k == about and i != without]
        precision = _SD**-2 + sum(s**-2 for _, s in kept)
        mean += sum(y / s**2 for y, s in kept) / precision
        variance += 1 / precision
    return mean, math.sqrt(variance)


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    names = [f"q{k}" for k in range(_COUNT)]
    model = build(
        tmp_path_factory.mktemp("many") / "many",
        quantities={name: {"prior": f"Normal(0, {_SD})", "support": "real"} for name in names},
        relations={"total": " + ".join(names)},
        says={f"c{i}": f"{y} ± {s}" for i, (_, y, s) in enumerate(DATA)},
        claims={f"c{i}": f"q{k}" for i, (k, _, _) in enumerate(DATA)},
        targets=["total"],
    )
    return est.fit(model, seed=1)


def test_without_each_of_many_claims(fit: xr.DataTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of 72 is fitted anew; each median and interval is that of the closed form."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("these can all be weighed out")

    monkeypatch.setattr(nuts, "draw", refuse)
    found = est.sensitivity(fit)
    rows = {row.name: row for row in found.leave_one_out if row.without == "claim"}
    assert len(rows) == len(DATA) > weighed_out.MOST_REFITTED
    assert all(row.weighed for row in rows.values())
    assert f"{len(DATA)} of {len(DATA)} claims were left out by weighing" in " ".join(found.notes)
    off = []
    for i in range(len(DATA)):
        row, (mean, sd) = rows[f"c{i}"], exact(i)
        assert row.pareto_k is None or row.pareto_k <= weighed_out.RELIABLE
        for value, error, at in (
            (row.median, row.mcse_median, 0.5),
            (row.q05, row.mcse_q05, 0.05),
            (row.q95, row.mcse_q95, 0.95),
        ):
            assert value is not None
            assert error is not None
            off.append((value - stats.norm.ppf(at, mean, sd)) / error)
    # All rest on the draws of one fit, whose own error they share; its square is about 1.
    assert np.max(np.abs(off)) < 6
    assert np.sqrt(np.mean(np.square(off))) < 2.5


def test_few_claims_are_refitted(fit: xr.DataTree, monkeypatch: pytest.MonkeyPatch) -> None:
    view = FitView.of(fit)
    engine, sets = Engine(view.model, seed=1), [frozenset({"c0"}), frozenset({"c1"})]
    few = weighed_out.without_each(view, engine, sets)
    assert not any(one.answer is None or one.answer.weighed for one in few.values())
    monkeypatch.setattr(weighed_out, "MOST_REFITTED", 1)
    many = weighed_out.without_each(view, engine, sets)
    for one in sets:
        answer, refitted = many[one].answer, few[one].answer
        assert answer is not None
        assert refitted is not None
        assert answer.weighed
        said, again = answer.targets["total"], refitted.targets["total"]
        error = math.hypot(said.mcse_median or 0, again.mcse_median or 0)
        assert said.median == pytest.approx(again.median, abs=4.5 * error)
        assert answer.readings[0].targets["total"].curve is not None
    again = weighed_out.without_each(view, engine, sets, refit_all=True)
    assert not any(one.answer is None or one.answer.weighed for one in again.values())


def test_draws_are_carried_to_the_rest(fit: xr.DataTree) -> None:
    """A claim that pulled the answer to itself: its evidence and what is left, in closed form."""
    view = FitView.of(fit)
    engine = Engine(view.model, seed=1)
    far = max(range(len(DATA)), key=lambda i: abs(_residual(i)))
    claims = frozenset({f"c{far}"})
    plain = Weighing(view, engine)._densities[0][f"c{far}"]
    there = Carrying(view, engine).without(0, claims)
    assert there is not None
    assert there.k < weighed(-plain).k
    assert there.effective > 0.9 * there.rows.size  # where all is normal the map is
    about, y, s = DATA[far]
    kept = [(b, e) for i, (k, b, e) in enumerate(DATA) if k == about and i != far]
    precision = _SD**-2 + sum(e**-2 for _, e in kept)
    mean = sum(b / e**2 for b, e in kept) / precision
    ahead = stats.norm.logpdf(y, mean, math.hypot(s, precision**-0.5))
    assert there.log_ratio == pytest.approx(-ahead, abs=0.02)
    values = Carrying(view, engine).values(0, there)[f"q{about}"].ravel()[there.rows]
    error = precision**-0.5 / math.sqrt(there.effective / 4)  # chains are not quite independent
    assert values.mean() == pytest.approx(mean, abs=4 * error)
    assert values.std() == pytest.approx(precision**-0.5, rel=0.06)


def _residual(i: int) -> float:
    about, y, s = DATA[i]
    return (y - about) / s


def test_nothing_is_carried_where_nothing_is_left_out() -> None:
    points = np.random.default_rng(1).standard_normal((500, 2))

    def surface(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return -(x**2).sum(axis=1) / 2, -x

    assert carried(points, surface, surface) == []


def test_a_map_knows_its_volume() -> None:
    """Of a normal beside a sharper factor: the weights are those of the exact ratio."""
    rng = np.random.default_rng(2)
    points = rng.standard_normal((4000, 3)) @ np.linalg.cholesky(np.diag([0.5, 1.0, 1.0])).T

    def left(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return -(x**2).sum(axis=1) / 2, -x

    def whole(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = np.zeros_like(x)
        slope[:, 0] = -x[:, 0]
        return left(x)[0] - x[:, 0] ** 2 / 2, left(x)[1] + slope

    for width, one in zip((1.0, 1.5), carried(points, whole, left, (1.0, 1.5)), strict=True):
        logs = left(one.points)[0] + one.log_volume - whole(points)[0]
        # The ratio of the two normalising constants is √2; of a wider map its mean is too.
        assert np.exp(logs).mean() == pytest.approx(math.sqrt(2), rel=0.05)
        assert one.points[:, 0].std() == pytest.approx(width, rel=0.05)
        np.testing.assert_allclose(one.points[:, 1:], points[:, 1:], atol=0.2)


def test_draws_go_on_to_where_their_weights_send_them() -> None:
    """A factor a hundred times as precise as the rest, of a trial's arm: in closed form.

    Without the factor N(m; 0.2, 0.1²) m ~ N(0, 1) is left, and e follows it by m + e ~ N(0, 0.1²).
    The first step is a fifth of the way, as so little of the precision is left.
    """
    rng = np.random.default_rng(4)
    rest = np.array([[1 + 100.0, 100.0], [100.0, 100.0]])
    precision = rest + np.diag([100.0, 0.0])
    mean = np.linalg.solve(precision, [20.0, 0.0])
    points = rng.multivariate_normal(mean, np.linalg.inv(precision), size=8000)

    def left(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return -np.einsum("ij,jk,ik->i", x, rest, x) / 2, -x @ rest

    def whole(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = np.zeros_like(x)
        slope[:, 0] = -100 * (x[:, 0] - 0.2)
        return left(x)[0] - 50 * (x[:, 0] - 0.2) ** 2, left(x)[1] + slope

    there = carried(points, whole, left)[-1]
    assert there.points[:, 0].std() == pytest.approx(5 * points[:, 0].std())
    logs = []
    for _ in range(4):
        logs.append(left(there.points)[0] + there.log_volume - whole(points)[0])
        weights = np.exp(logs[-1] - logs[-1].max())
        on = matched(there, weights / weights.sum())
        assert on is not None
        there = on
    assert logs[-1].std() < 0.1 * logs[0].std()
    ratio = 0.5 * math.log(np.linalg.det(precision) / np.linalg.det(rest))
    top = (mean @ precision @ mean - 100 * 0.2**2) / 2
    assert np.log(np.mean(np.exp(logs[-1]))) == pytest.approx(ratio - top, abs=0.05)
    assert there.points.std(axis=0) == pytest.approx([1.0, 1.01**0.5], rel=0.05)
    alone = np.eye(len(points))[0]
    assert matched(there, alone) is None


def test_what_cannot_be_weighed_is_refitted(
    fit: xr.DataTree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    view = FitView.of(fit)
    engine, sets = Engine(view.model, seed=1), [frozenset({"c0"})]
    monkeypatch.setattr(weighed_out, "MOST_REFITTED", 0)
    monkeypatch.setattr(weighed_out, "ENOUGH", 1e9)
    store = est.Store(tmp_path)
    found = weighed_out.without_each(view, engine, sets, workers=est.Workers(store=store))
    one = found[sets[0]]
    assert one.answer is not None
    assert not one.answer.weighed
    assert [entry.kind for entry in store.entries()] == ["refit"]
