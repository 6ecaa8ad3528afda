"""Climbing to the maxima of densities whose tops are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from estimates.stats.modes import DEEPEST, Surface, apart, climb, modes

Array = np.ndarray
SPREADS = np.repeat([1.0, 3.0, 10.0, 30.0], 4)[:, None]
STARTS = SPREADS * np.random.default_rng(1).normal(size=(16, 3))


def mixture(*tops: tuple[float, float, float]) -> Surface:
    """Log density and gradient of a mixture of round normals in 3 dimensions.

    Each top has its weight, its place on the first axis and its sd.
    """

    def surface(points: Array) -> tuple[Array, Array]:
        logs, slopes = [], []
        for weight, place, sd in tops:
            away = points - np.array([place, 0.0, 0.0])
            constant = np.log(weight) - 3 * np.log(sd) - 1.5 * np.log(2 * np.pi)
            logs.append(constant - (away**2).sum(axis=1) / (2 * sd**2))
            slopes.append(-away / sd**2)
        total = logsumexp(logs, axis=0)
        shares = np.exp(np.array(logs) - total)
        return total, (shares[..., None] * np.array(slopes)).sum(axis=0)

    return surface


@pytest.mark.parametrize("sd", [1e-3, 0.1, 1.0, 5.0])
def test_of_a_normal_the_mass_is_exact_and_there_is_one(sd: float) -> None:
    found = modes(mixture((0.3, 2.0, sd)), STARTS)
    assert len(found) == 1
    assert np.linalg.norm(found[0].point - [2.0, 0.0, 0.0]) < 0.2 * sd
    # Reached to a hundredth of a log unit, and from there exact: the surface is a parabola.
    assert found[0].log_mass == pytest.approx(np.log(0.3), abs=0.02)


def test_two_tops_are_both_found_with_what_each_holds() -> None:
    found = modes(mixture((0.9, -3.0, 0.5), (0.1, 3.0, 0.2)), STARTS)
    by_place = {round(mode.point[0]): mode.log_mass for mode in found}
    assert set(by_place) == {-3, 3}
    assert by_place[-3] == pytest.approx(np.log(0.9), abs=0.02)
    assert by_place[3] == pytest.approx(np.log(0.1), abs=0.02)
    assert found[0].point[0] > 0, "the narrow one is higher, though it holds less"


def test_a_long_valley_is_climbed() -> None:
    """A normal with correlation .999 and sds a thousand-fold apart."""
    sds = np.array([1.0, 1e-3])
    precision = np.linalg.inv(np.outer(sds, sds) * np.array([[1, 0.999], [0.999, 1]]))

    def surface(points: Array) -> tuple[Array, Array]:
        return -np.einsum("ij,jk,ik->i", points, precision, points) / 2, -points @ precision

    _, values = climb(surface, np.random.default_rng(2).normal(size=(400, 2)))
    # In fifty steps some are still on their way, a log unit or two below: the median is -0.24 and
    # the hundredth -3.4, each over 400 starts with an error below a tenth of the room.
    assert np.median(values) > -0.5
    assert np.quantile(values, 0.01) > -6


def test_where_there_is_no_density_nothing_is_climbed() -> None:
    """Half a normal: what starts outside stays there, and nothing leaves by the wall."""

    def surface(points: Array) -> tuple[Array, Array]:
        inside = points[:, :1] > 0
        values = np.where(inside, -(points**2) / 2, -np.inf)[:, 0]
        return values, np.where(inside, -points, np.nan)

    points, values = climb(surface, np.array([[-1.0], [2.0]]))
    assert values[0] == -np.inf
    assert points[0, 0] == -1.0
    assert 0 < points[1, 0] < 0.2


def normal_of(precision: Array) -> Surface:
    def surface(points: Array) -> tuple[Array, Array]:
        return -np.einsum("ij,jk,ik->i", points, precision, points) / 2, -points @ precision

    return surface


@pytest.mark.parametrize("correlation", [0.0, 0.999, 0.999999])
def test_on_one_hill_no_two_places_are_apart(correlation: float) -> None:
    """Chains that have stayed at either end of a ridge of one log-concave density."""
    precision = np.linalg.inv(np.array([[1.0, correlation], [correlation, 1.0]]))
    along = np.random.default_rng(4).normal(size=(50, 1)) * 0.1
    either = [end + along * np.ones(2) for end in (-2.5, 2.5)]
    assert not apart(normal_of(precision), either[0], either[1])


@pytest.mark.parametrize(("distance", "expected"), [(0.5, False), (1.5, False), (8.0, True)])
def test_two_hills_are_apart_once_there_is_a_valley_between(
    distance: float, expected: bool
) -> None:
    """Two normals of sd 1 have one top up to a distance of two sds."""
    surface = mixture((0.5, -distance / 2, 1.0), (0.5, distance / 2, 1.0))
    rng = np.random.default_rng(5)
    sides = [
        np.array([x, 0, 0]) + 0.5 * rng.normal(size=(60, 3)) for x in (-distance / 2, distance / 2)
    ]
    assert apart(surface, sides[0], sides[1]) is expected


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.9999])
def test_tightness_is_that_of_the_correlations(correlation: float) -> None:
    """Of two unknowns with a correlation ρ and any sds: 1/√(1 − ρ)."""
    sds = np.array([2.0, 0.01])
    covariance = np.outer(sds, sds) * np.array([[1, correlation], [correlation, 1]])
    found = modes(normal_of(np.linalg.inv(covariance)), STARTS[:, :2])[0]
    assert found.tightness == pytest.approx((1 - correlation) ** -0.5, rel=0.01)


def test_where_a_ridge_bends_starts_about_its_top_stay_near_it() -> None:
    """b = a² ± 1e-6: the normal that fits the top leaves the ridge at once."""
    width = 1e-6

    def surface(points: Array) -> tuple[Array, Array]:
        a, b = points.T
        off = (b - a**2) / width
        slopes = np.stack([-a + 2 * a * off / width, -off / width], axis=1)
        return -(off**2) / 2 - a**2 / 2, slopes

    top = modes(surface, np.array([[0.0, 0.0]]))[0]
    values, _ = surface(top.around)
    assert len(top.around) > 1
    assert np.all(values > top.logp - DEEPEST)
