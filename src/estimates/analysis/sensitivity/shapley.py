"""Where the variance of the target comes from: between readings, and within each of them.

Within a reading by Shapley effects (Owen 2014, SIAM/ASA J Uncertainty Quantification 2:245; Song,
Nelson & Staum 2016, ibid. 4:1060), which share all of the variance among dependent quantities.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from estimates.analysis.sensitivity.result import Part, Reading, ShapleyRow, VarianceRow
from estimates.analysis.sensitivity.view import View
from estimates.stats.convergence import mcse_mean

Array = NDArray[np.float64]
#: More quantities than this have more subsets than can be gone through; orders of them are drawn.
EXACT = 10
_ORDERS = 100
#: Of more inputs than this those are looked at that go most with the output.
MOST = 24
_BLOCKS = 8
_TERMS, _FEWER = 300, 150  # of the polynomial, at the most
_HYPERBOLIC = 0.7
#: Polynomials to try, by kind (Hermite, or Legendre) and degree: what is smooth in the normal
#: scores, then what bends.
_FAMILIES = ((True, 1), (True, 2), (True, 3), (True, 4), (False, 6), (False, 9), (False, 12))
_NOTHING = 0.005  # unexplained; what is below this is well enough explained
_RIDGE = 1e-9
_EXACT = 1e-12  # of the largest draw: what differs by less is rounding
#: Above this share of the variance that the polynomial leaves, the effects are doubted.
UNEXPLAINED = 0.05


def between_and_within(view: View) -> list[VarianceRow]:
    """Return shares of the target's variance: between readings, by axis, and within each.

    The axes' shares are Var(E[T | option])/Var(T), which need not add up: axes may interact.
    """
    if not view.everywhere or not view.usable:
        return []
    usable = list(view.usable)
    values = _of_size_one([view.scaled(view.draws(i)) for i in usable])
    means = np.array([v.mean() for v in values])
    variances = np.array([v.var() for v in values])
    errors = np.array([_error(v) for v in values])
    errors2 = np.array([_error((v - v.mean()) ** 2) for v in values])
    fits = view.whole.fits[usable]
    rng = np.random.default_rng(0)  # of the errors' simulation alone
    simulated = view.whole.simulated[:, usable]
    simulated = simulated / simulated.sum(axis=1, keepdims=True)
    count = len(simulated)
    # Readings of one fit share its draws, and so their errors.
    noise = {f: rng.standard_normal((count, 2)) for f in np.unique(fits)}
    m = means + np.stack([noise[f][:, 0] for f in fits], axis=1) * errors
    v = np.abs(variances + np.stack([noise[f][:, 1] for f in fits], axis=1) * errors2)
    weights = view.whole.weights[usable] / view.whole.weights[usable].sum()
    if max(float(np.ptp(means)), math.sqrt(variances.max())) <= _EXACT:
        return []  # the target is known exactly: there is no variance to share out
    whole = _parts(weights[None], means[None], variances[None])
    spread = _parts(simulated, m, v)

    rows = [_share("between readings", "", None, whole[0], spread[0])]
    for axis in view.whole.model.readings:
        groups = [view.whole.readings[i].label[axis] for i in usable]
        if len(set(groups)) > 1:
            now = _axis(weights[None], means[None], variances[None], groups)
            rows.append(_share("axis", axis, None, now, _axis(simulated, m, v, groups)))
    for place, reading in enumerate(usable):
        mine = whole[1][:, place], spread[1][:, place]
        rows.append(_share("within", "", view.label(reading), *mine))
    return rows


def _share(part: Part, name: str, reading: Reading | None, now: Array, then: Array) -> VarianceRow:
    return VarianceRow(
        part=part,
        name=name,
        reading=reading,
        share=float(now[0]),
        share_se=float(then.std()),
    )


def _of_size_one(values: list[Array]) -> list[Array]:
    """Draws over the largest of them: shares know no unit, and squares of it might overflow."""
    largest = max(float(np.abs(v).max()) for v in values)
    return [v / largest for v in values] if largest > 0 else values


def _parts(weights: Array, means: Array, variances: Array) -> tuple[Array, Array]:
    middle = (weights * means).sum(axis=1, keepdims=True)
    between = (weights * (means - middle) ** 2).sum(axis=1)
    within = weights * variances
    total = between + within.sum(axis=1)
    total = np.where(total > 0, total, 1.0)
    return between / total, within / total[:, None]


def _axis(weights: Array, means: Array, variances: Array, groups: list[str]) -> Array:
    middle = (weights * means).sum(axis=1)
    total = (weights * (variances + (means - middle[:, None]) ** 2)).sum(axis=1)
    between = np.zeros(len(total))
    for group in dict.fromkeys(groups):
        inside = np.array([g == group for g in groups])
        share = weights[:, inside].sum(axis=1)
        mean = (weights[:, inside] * means[:, inside]).sum(axis=1) / np.maximum(share, 1e-300)
        between += share * (mean - middle) ** 2
    return np.asarray(between / np.where(total > 0, total, 1.0))


def _error(values: Array) -> float:
    return 0.0 if np.ptp(values) == 0 else float(mcse_mean(values[None])[0])


def shapley(view: View) -> list[ShapleyRow]:
    """Return Shapley effects of quantities on the target within each reading, largest first."""
    rows: list[ShapleyRow] = []
    for reading in view.usable:
        inputs = view.inputs(reading)
        if not inputs:
            continue
        (target,) = _of_size_one([view.scaled(view.draws(reading))])
        if np.ptp(target) <= _EXACT:
            continue
        values = np.stack([view.draws(reading, name) for name in inputs])
        if len(inputs) > MOST:
            chosen = _strongest(values, target)
            inputs, values = tuple(inputs[i] for i in chosen), values[chosen]
        players = list(dict.fromkeys(map(view.quantity, inputs)))
        which = [players.index(view.quantity(name)) for name in inputs]
        effects, errors, unexplained = shapley_effects(values, target, which)
        found = [
            ShapleyRow(
                reading=view.label(reading),
                quantity=name,
                share=float(effect),
                share_se=float(error),
                unexplained=float(unexplained),
            )
            for name, effect, error in zip(players, effects, errors, strict=True)
        ]
        rows += sorted(found, key=lambda row: -row.share)
    return rows


def _strongest(inputs: Array, output: Array) -> list[int]:
    """Return the inputs whose ranks correlate most with the output's, in their order."""
    ranks = rankdata(np.concatenate([inputs, output[None]]).reshape(len(inputs) + 1, -1), axis=1)
    strength = np.abs(np.corrcoef(ranks)[-1, :-1])
    return sorted(np.argsort(-strength)[:MOST].tolist())


@threadpool_limits.wrap(limits=1)  # each system is small, and threads would only wait
def shapley_effects(
    inputs: Array, output: Array, players: Sequence[int] | None = None
) -> tuple[Array, Array, float]:
    """Return Shapley effects from a sample of dependent inputs and the output.

    Var(E[Y | X_u]) of every subset u comes from a regression of Y on polynomials of the normal
    scores of X_u.  All subsets share one matrix of moments, of which each takes its part.

    Parameters
    ----------
    inputs : (input, chain, draw); output : (chain, draw)
    players : (input,) the player that each input is a part of, from 0; each its own, if left out.
        What is shared out are players: the inputs of one are known together

    Returns
    -------
    Effects (player,), as shares of the variance that the polynomials explain; their standard
    errors, from blocks of the draws; the share of the variance that is not explained.
    """
    count = len(inputs)
    players = range(count) if players is None else players
    flat = inputs.reshape(count, -1)
    ranks = (rankdata(flat, axis=1) - 0.5) / flat.shape[1]
    y = output.ravel()
    number = max(players) + 1
    effects, unexplained = np.zeros(number), math.inf
    for hermite, degree in _FAMILIES:
        terms = _terms(count, degree, 1.0 if hermite else _HYPERBOLIC)
        if degree > 1 and len(terms) > (_TERMS if count <= EXACT else _FEWER):
            continue
        tried = _design(ranks, terms, hermite=hermite)
        within = [tuple(players[i] for i in term) for term in terms]
        found, left = _effects(tried, y, within, number)
        if left < unexplained:
            design, powers, effects, unexplained = tried, within, found, left
        if unexplained < _NOTHING:
            break
    # Blocks are runs of chains, so that the correlation of draws stays inside them.
    blocks = np.array_split(np.arange(len(y)), _BLOCKS)
    each = np.array([_effects(design[b], y[b], powers, number)[0] for b in blocks])
    return effects, each.std(axis=0, ddof=1) / math.sqrt(_BLOCKS), unexplained


def _terms(count: int, degree: int, norm: float) -> list[tuple[int, ...]]:
    """Return monomials, as inputs with repetition, whose degrees' q-norm is at most `degree`.

    With q below 1 few of them join several inputs (Blatman & Sudret 2011, J Comput Phys 230:2345).
    """
    found: list[tuple[int, ...]] = []
    for k in range(1, degree + 1):
        found += _monomials(k, range(count), degree**norm + 1e-9, norm)
        if len(found) > _TERMS:
            break
    return found


def _monomials(degree: int, inputs: range, room: float, norm: float) -> Iterator[tuple[int, ...]]:
    """Yield the monomials of one degree in order; split powers take more room, never less."""
    if not degree:
        yield ()
    elif degree**norm <= room:
        for i in inputs:
            for power in range(degree, 0, -1):
                rest = range(i + 1, inputs.stop)
                for other in _monomials(degree - power, rest, room - power**norm, norm):
                    yield (i,) * power + other


def _design(ranks: Array, powers: list[tuple[int, ...]], *, hermite: bool) -> Array:
    """Return products (draw, term) of polynomials that are orthonormal for one input.

    Hermite's of normal scores, or Legendre's of the ranks themselves.
    """
    degree = max(len(monomial) for monomial in powers)
    x = ndtri(ranks) if hermite else math.sqrt(3) * (2 * ranks - 1)
    basis = [np.ones_like(x), x]
    for k in range(1, degree):
        if hermite:
            following = (x * basis[k] - math.sqrt(k) * basis[k - 1]) / math.sqrt(k + 1)
        else:
            a, b = (j / math.sqrt(4 * j**2 - 1) for j in (k, k + 1))
            following = (x / math.sqrt(3) * basis[k] - a * basis[k - 1]) / b
        basis.append(following)
    columns = []
    for monomial in powers:
        column = np.ones(x.shape[1])
        for i in set(monomial):
            column = column * basis[monomial.count(i)][i]
        columns.append(column)
    return np.stack(columns, axis=1)


def _effects(
    design: Array, y: Array, powers: list[tuple[int, ...]], count: int
) -> tuple[Array, float]:
    """Return Shapley effects from all subsets of inputs, or those on drawn orders."""
    design, y = design - design.mean(axis=0), y - y.mean()
    if count <= EXACT:
        known = _explained(design, y, powers, np.arange(2**count))
        effects = _exact(count, known)
    else:
        orders = _orders(count)  # what is known before the first step of each, and after each step
        passed = np.pad(np.cumsum(1 << orders, axis=1), ((0, 0), (1, 0)))
        subsets, places = np.unique(passed, return_inverse=True)
        known = _explained(design, y, powers, subsets)
        effects = _sampled(orders, known[places])
    whole = float(known[-1])
    return effects / whole if whole > 0 else effects, 1 - whole


def _explained(
    design: Array, y: Array, powers: list[tuple[int, ...]], subsets: NDArray[np.int64]
) -> Array:
    """Return the share of variance (subset,) that each subset of the inputs explains.

    Parameters
    ----------
    subsets : with the bit of every input that is in it
    """
    n = len(y)
    moments, cross, variance = design.T @ design / n, design.T @ y / n, float(y @ y / n)
    used = np.array([sum(1 << i for i in set(monomial)) for monomial in powers])
    sizes = np.array([np.count_nonzero(used & ~subset == 0) for subset in subsets])
    known = np.zeros(len(subsets))
    for size in np.unique(sizes[sizes > 0]):
        alike = np.flatnonzero(sizes == size)  # which have as many terms, and are solved at once
        inside = used & ~subsets[alike, None] == 0
        terms = np.nonzero(inside)[1].reshape(len(alike), -1)
        count = terms.shape[1]
        part = moments[terms[:, :, None], terms[:, None, :]]
        ridge = _RIDGE * np.trace(part, axis1=1, axis2=2) / count
        part += ridge[:, None, None] * np.eye(count)
        target = cross[terms]
        raw = np.vecdot(target, np.linalg.solve(part, target[:, :, None])[:, :, 0]) / variance
        # Terms explain some of any noise: the adjusted R² takes that off.
        known[alike] = 1 - (1 - raw) * (n - 1) / max(n - 1 - count, 1)
    return known


def _exact(count: int, known: Array) -> Array:
    """Return each input's mean contribution over all orders, by way of all subsets."""
    subsets = np.arange(2**count)
    sizes = np.bitwise_count(subsets)
    weights = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
    effects = np.zeros(count)
    for i in range(count):
        without = subsets[subsets >> i & 1 == 0]
        gains = weights[sizes[without]] * (known[without | 1 << i] - known[without])
        effects[i] = np.cumsum(gains)[-1]
    return effects


def _orders(count: int) -> NDArray[np.int64]:
    """Orders of the inputs drawn at random (Castro, Gómez & Tejada 2009), each with its reverse."""
    rng = np.random.default_rng(0)
    drawn = [rng.permutation(count) for _ in range(_ORDERS // 2)]
    return np.array([one for order in drawn for one in (order, order[::-1])])


def _sampled(orders: NDArray[np.int64], known: Array) -> Array:
    """Return each input's mean contribution over these orders."""
    gains = np.empty(orders.shape)
    np.put_along_axis(gains, orders, np.diff(known, axis=1) / len(orders), axis=1)
    return np.asarray(np.cumsum(gains, axis=0)[-1])
