"""The maxima of a log density, looked for from many points at once.

A sampler whose chains all begin in one of two modes draws from that mode alone, and nothing in its
draws tells.  Climbing from far and wide costs little beside sampling, and finds the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Log densities and their gradients at points (rows).
type Surface = Callable[[Array], tuple[Array, Array]]
_STEPS = 50
_MEMORY = 6
_SHRINKS = 12
_ENOUGH = 0.01  # log density still to be gained, as far as the step foresees
_SUFFICIENT = 1e-4  # share of the foreseen gain that a step must bring (Armijo)
_STEEPEST = 1e100
_STRIDE = 0.25  # latents have sd 1 a priori
_APART = 1.0  # sd of the normal that fits a top
_LOOKED_AT = 8
_DIFFERENCE = 1e-5
_WIDEST = 10.0
_AROUND = 16
_NEARER = (1.0, 0.1, 0.01, 0.001)
#: Log units below a top, beyond which slopes are too steep for a sampler to begin.
DEEPEST = 1e4
_WITNESSES = 6
_STEPS_BETWEEN = 31
_BARRIER = 3.0  # log density; more than an unfinished climb may lack
_CLIMBS = 4


@dataclass(frozen=True)
class Mode:
    """A maximum of a density over unconstrained space.

    Attributes
    ----------
    point : where it is
    logp : the log density there
    log_mass : log of the integral of the normal that fits its top (Laplace), no wider than
        `_WIDEST`; -inf at a wall
    whitening : (dimension, dimension), makes that normal a standard one
    around : points (rows) drawn from that normal, to start from: at the top itself the slope, from
        which a sampler takes its first scale, may vanish
    """

    point: Array
    logp: float
    log_mass: float
    whitening: Array
    around: Array

    @property
    def tightness(self) -> float:
        """How much narrower the tightest combination of coordinates is than each by itself."""
        covariance = np.linalg.inv(self.whitening @ self.whitening.T)
        sds = np.sqrt(np.diag(covariance))
        return float(np.linalg.eigvalsh(covariance / np.outer(sds, sds)).min().clip(1e-12) ** -0.5)

    def holds(self, point: Array) -> bool:
        """Return whether a point reached uphill is this same top, but for an unfinished climb."""
        return float(np.linalg.norm((point - self.point) @ self.whitening)) < _APART


def climb(surface: Surface, starts: Array) -> tuple[Array, Array]:
    """Ascend from every row of `starts` together, by limited-memory BFGS.

    Liu & Nocedal 1989 (Math Programming 45:503), with backtracking.  Returns the points reached,
    (start, dimension), and their log densities; -inf where a start has no density or no slope.
    Tops are reached to about a hundredth of a log unit; in long narrow valleys, to one or two.
    """
    points = np.array(starts, dtype=float)
    values, slopes = surface(points)
    usable = np.isfinite(values) & _usable(slopes)
    active = np.flatnonzero(usable)
    result, reached = points.copy(), np.where(usable, values, -np.inf)
    x, f, g = points[active], values[active], slopes[active]
    history: list[tuple[Array, Array, Array]] = []
    for _ in range(_STEPS):
        if not len(active):
            break
        # Longer steps would leap from one mode into another, where all should be found.
        reach = np.maximum(1.0, np.max(np.abs(x), axis=1) / 3)
        direction = _direction(g, history, reach)
        foreseen = np.vecdot(direction, g)
        new, value, slope, moved = _step(surface, x, f, direction, foreseen)
        done = ~moved | (foreseen < _ENOUGH)
        history.append(_pair(new - x, g - slope))
        x, f, g = new, value, slope
        if done.any():
            result[active[done]], reached[active[done]] = x[done], f[done]
            keep = ~done
            active, x, f, g = active[keep], x[keep], f[keep], g[keep]
            history = [(s[keep], y[keep], rho[keep]) for s, y, rho in history]
        del history[:-_MEMORY]
    result[active], reached[active] = x, f
    return result, reached


def _usable(slopes: Array) -> NDArray[np.bool_]:
    """Return the rows whose squares are numbers too."""
    return np.asarray(np.all(np.abs(slopes) < _STEEPEST, axis=1))


def _direction(slope: Array, history: list[tuple[Array, Array, Array]], reach: Array) -> Array:
    """Return the direction of the two-loop recursion, for all rows at once.

    A row that has met no curvature just now goes straight up.
    """
    if not history:
        return _no_longer(slope, _STRIDE * reach)
    q = slope.copy()
    weights = []
    for s, y, rho in reversed(history):
        weight = rho * np.vecdot(s, q)
        q -= weight[:, None] * y
        weights.append(weight)
    s, y, rho = history[-1]
    curved = rho > 0
    squared = np.vecdot(y, y)
    q /= np.where(curved, rho * squared, 1.0)[:, None]
    for (s, y, rho), weight in zip(history, reversed(weights), strict=True):
        q += (weight - rho * np.vecdot(y, q))[:, None] * s
    q = np.where(curved[:, None], q, slope)
    return _no_longer(q, np.where(curved, 1.0, _STRIDE) * reach)


def _no_longer(steps: Array, longest: Array) -> Array:
    """Return the steps (rows), shortened where a component is longer than it may be."""
    length = np.max(np.abs(steps), axis=1)
    return steps * np.minimum(1.0, longest / np.maximum(length, 1e-300))[:, None]


def _pair(s: Array, y: Array) -> tuple[Array, Array, Array]:
    product = np.vecdot(s, y)
    curved = product > 1e-10 * np.sqrt(np.vecdot(s, s) * np.vecdot(y, y))
    rho = np.where(curved, 1 / np.where(curved, product, 1.0), 0.0)
    return s, y, rho


def _step(
    surface: Surface, x: Array, f: Array, direction: Array, foreseen: Array
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Return a step up along each direction, halved until it gains what it should."""
    size = np.ones(len(x))
    new, value, slope = x.copy(), f.copy(), np.zeros_like(x)
    left = np.arange(len(x))
    for _ in range(_SHRINKS):
        tried = x[left] + size[left, None] * direction[left]
        at, up = surface(tried)
        good = _usable(up)
        good &= at >= f[left] + _SUFFICIENT * size[left] * foreseen[left]
        rows = left[good]
        new[rows], value[rows], slope[rows] = tried[good], at[good], up[good]
        left = left[~good]
        if not len(left):
            break
        size[left] *= 0.25
    moved = np.ones(len(x), dtype=bool)
    moved[left] = False
    return new, value, slope, moved


def modes(surface: Surface, starts: Array) -> tuple[Mode, ...]:
    """Return the maxima that climbing from `starts` (rows) reaches, the highest first."""
    points, values = climb(surface, starts)
    found: list[Mode] = []
    for row in np.argsort(-values, kind="stable"):
        if len(found) == _LOOKED_AT or not np.isfinite(values[row]):
            break
        if not any(mode.holds(points[row]) for mode in found):
            found.append(_mode(surface, points[row], float(values[row])))
    return tuple(found)


def apart(surface: Surface, one: Array, other: Array) -> bool:
    """Return whether two sets of points (rows) lie on different maxima.

    They do where whoever walks from the top above the one to the top above the other, on the
    highest ground at every step, has to go down: the profile of the density along the line between
    the two tops has a dip.  On a log-concave density it has none, nor where a ridge that bends
    leads from one to the other.
    """
    (start, height), (end, other_height) = _summit(surface, one), _summit(surface, other)
    line = end - start
    along = line / max(float(np.linalg.norm(line)), 1e-300)

    def level(points: Array) -> tuple[Array, Array]:
        values, slopes = surface(points)
        return values, slopes - (slopes @ along)[:, None] * along

    points = start + np.linspace(0, 1, _STEPS_BETWEEN + 2)[1:-1, None] * line
    for _ in range(_CLIMBS):
        points, heights = climb(level, points)
    return bool(heights.min() < min(height, other_height) - _BARRIER)


def _summit(surface: Surface, points: Array) -> tuple[Array, float]:
    """Return the highest point reached from some of these points (rows), and its log density."""
    points = points[np.linspace(0, len(points) - 1, _WITNESSES, dtype=int)]
    for _ in range(_CLIMBS):
        points, heights = climb(surface, points)
    best = int(np.argmax(heights))
    return points[best], float(heights[best])


def _mode(surface: Surface, point: Array, logp: float) -> Mode:
    size = len(point)
    shifts = _DIFFERENCE * np.eye(size)
    _, slopes = surface(np.concatenate([point + shifts, point - shifts]))
    if not np.isfinite(slopes).all():  # at a wall of the domain, where there is no top
        return Mode(point, logp, -np.inf, np.eye(size), point[None])
    curvature = (slopes[size:] - slopes[:size]) / (2 * _DIFFERENCE)
    eigenvalues, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    widths = np.maximum(eigenvalues, _WIDEST**-2) ** -0.5
    mass = logp + float(np.sum(np.log(widths))) + size * np.log(2 * np.pi) / 2
    around = _around(surface, point, logp, axes * widths)
    return Mode(point, logp, mass, axes / widths, around)


def _around(surface: Surface, point: Array, logp: float, root: Array) -> Array:
    """Draw points to start from about a top: from the normal that fits it, as far out as will do.

    Where a ridge bends, that normal leaves it at once, and slopes are a millionfold there.
    """
    steps = np.random.default_rng(0).standard_normal((_AROUND, len(point))) @ root.T
    for share in _NEARER:
        around = point + share * steps
        values, slopes = surface(around)
        usable = np.isfinite(values) & _usable(slopes) & (values > logp - DEEPEST)
        if usable.any():
            return around[usable]
    return point[None]
