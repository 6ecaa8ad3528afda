"""E[Y | X] from draws of both, by penalised splines, with errors that overfitting cannot hide.

The value of partial information is a regression problem: given draws of what might be learned and
of what depends on it, the conditional expectation is a smooth fit of the one on the other (Strong,
Oakley & Brennan 2014, Medical Decision Making 34:311; compared with the alternatives by Heath,
Manolopoulou & Baio 2017, Medical Decision Making 37:747).  No independence of the inputs is
assumed.

One input is a cubic P-spline (Eilers & Marx 1996, Statistical Science 11:89) on its normal scores;
several are a sum of such splines, products of functions of every two, and the product of every
three.
The draws fall into folds that follow the chains.  How smooth a fit is, is chosen by its error on
the folds that it has not seen, and what it leaves unexplained is the mean product of the residuals
of two fits made on different folds, in a third.  That is the true residual variance plus the
squared bias of the fit: what the noise of a fit adds in the usual cross-validation averages out,
the two fits being independent (Newey & Robins 2018, arXiv:1801.09138).

A fit extrapolates to where its own folds have no points, in a corner of two inputs by thirty times
what the response ever reaches; two such fits, wrong in one corner, are a product that no average
over folds mends.  So a fit is held within the range of the response, where every conditional mean
lies (truncation: Györfi, Kohler, Krzyżak & Walk 2002, A Distribution-Free Theory of Nonparametric
Regression, §10.1), and the products themselves are handed on, so that whatever noise is left in
them is in the error that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.linalg.lapack import dposv
from scipy.special import ndtri

Array = NDArray[np.float64]
_DEGREE = 3
_PIECES_ALONE, _PIECES_AMONG = 20, 14  # of the spline of an only input, and of one among several
#: Of each input in a tensor product of two, by how many inputs there are: fine enough for a whole
#: wave of each (Ishigami's function), as the penalties see to it that no more is fitted than holds.
_PIECES_OF_PAIR = {2: 14, 3: 8}
_PER_COEFFICIENT = 8  # draws of a fold that a coefficient of a single spline takes
#: Pairs and triples are formed of so many inputs; the others enter on their own.
_INTERACTING = 6
_FEWEST_FOR_PAIRS = 200  # draws of a fold
_FURTHEST = 4.5  # normal scores beyond are drawn in
_SMOOTHING = tuple(10.0**power for power in range(-8, 5))
_DROPPED = 1e12  # so smooth that it is nought: what does not help is left out
_SMOOTHING_OF_ONE = (*(10.0**power for power in range(-8, 5, 2)), _DROPPED)
_MANY = 8  # inputs; of more, each is as smooth as all of them or left out
_LEVEL = 1e-6  # what a straight line costs, beside a curved one
_RIDGE = 1e-9


@dataclass(frozen=True)
class Regression:
    """A fit of responses on inputs.

    Attributes
    ----------
    predicted : (response, point) E[Y | X] at each point, of a fit that has not seen its fold
    squared : (response, point) (Y − E[Y | X])² at each point, without what the fit's own noise adds
        on the average; it can be negative where two fits lie on both sides of the response
    coefficients : (response,) effective number of coefficients
    """

    predicted: Array
    squared: Array
    coefficients: Array


def regress(inputs: Array, responses: Array, weights: Array, fold: NDArray[np.int64]) -> Regression:
    """Regress responses on inputs, jointly.

    Parameters
    ----------
    inputs : (input, point); none at all means the mean alone
    responses : (response, point)
    weights : (point,) positive
    fold : (point,) from 0, at least three; points of different folds are independent, or nearly so
    """
    count = int(fold.max()) + 1
    sizes = np.bincount(fold, minlength=count)
    design = _Design.of(inputs, weights, int(sizes.min()))
    if count < 3 or sizes.min() < 2:
        raise ValueError("a regression needs three folds with two points each")
    share = weights / weights.sum()
    centre = responses @ share
    spread = np.sqrt(((responses - centre[:, None]) ** 2) @ share)
    spread[spread == 0] = 1.0
    scaled = (responses - centre[:, None]) / spread[:, None]
    folds = _Folds.of(design, scaled, share, fold)
    predicted, squared = np.empty_like(scaled), np.empty_like(scaled)
    coefficients = np.empty(len(scaled))
    for i, penalty in enumerate(folds.smoothest()):
        y, ends = scaled[i], (scaled[i].min(), scaled[i].max())
        without = folds.fits(penalty, i, leave_out=True)
        seen_not = np.einsum("pk,pk->p", design.columns, without[fold])
        predicted[i] = np.clip(seen_not, *ends)
        alone = np.clip(design.columns @ folds.fits(penalty, i, leave_out=False).T, *ends)
        squared[i] = _products_of_two(y[:, None] - alone, fold)
        coefficients[i] = folds.size(penalty)
    return Regression(
        centre[:, None] + spread[:, None] * predicted, spread[:, None] ** 2 * squared, coefficients
    )


def _products_of_two(residuals: Array, fold: NDArray[np.int64]) -> Array:
    """Return a point's mean product (point,) of residuals from two fits, each to another fold.

    residuals : (point, fold that was fitted)
    """
    others = residuals.copy()
    others[np.arange(len(fold)), fold] = 0.0
    pairs = (residuals.shape[1] - 1) * (residuals.shape[1] - 2)
    return np.asarray((others.sum(axis=1) ** 2 - (others**2).sum(axis=1)) / pairs)


@dataclass(frozen=True)
class _Rough:
    """A penalty on some columns that follow one another.

    Attributes
    ----------
    first : column
    block : (column, column)
    """

    first: int
    block: Array

    def add_to(self, whole: Array, strength: float) -> None:
        """Add the penalty to that of all columns, in place."""
        here = slice(self.first, self.first + len(self.block))
        whole[here, here] += strength * self.block


@dataclass(frozen=True)
class _Design:
    """Basis functions at the points, and what makes a combination of them rough.

    Attributes
    ----------
    columns : (point, column); the first is the constant
    roughness : one penalty a smoothing parameter
    """

    columns: Array
    roughness: tuple[_Rough, ...]

    @staticmethod
    def of(inputs: Array, weights: Array, fewest: int) -> _Design:
        scores = np.array([normal_scores(x, weights) for x in inputs])
        constant = np.ones((1, len(weights)))
        if not len(scores):
            return _Design(constant.T.copy(), ())
        room = fewest // (_PER_COEFFICIENT * len(scores)) - _DEGREE
        pieces = _PIECES_ALONE if len(scores) == 1 else _PIECES_AMONG
        mains = [_spline(z, max(1, min(pieces, room))) for z in scores]
        blocks: list[Array] = [constant, *(block for block, _ in mains)]
        rough = [np.zeros((1, 1)), *(penalty for _, penalty in mains)]
        among = scores[:_INTERACTING]
        if len(among) > 1 and fewest >= _FEWEST_FOR_PAIRS:
            products = list(_products(among))
            blocks += [block for block, _ in products]
            rough.append(_diagonal([penalty for _, penalty in products]))
        starts = np.cumsum([0, *(len(penalty) for penalty in rough)]).tolist()
        each = tuple(_Rough(at, one) for at, one in zip(starts, rough, strict=False))
        return _Design(np.concatenate(blocks).T.copy(), each[1:])


def normal_scores(values: Array, weights: Array) -> Array:
    """Return weighted ranks as normal quantiles; equal values share their mean rank.

    What is learned by learning x is learned by learning any monotone function of it.
    """
    found, place = np.unique(values, return_inverse=True)
    mass = np.bincount(place, weights, len(found))
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.clip(ndtri(middle), -_FURTHEST, _FURTHEST)[place]


def _spline(z: Array, pieces: int) -> tuple[Array, Array]:
    """Return cubic B-splines on evenly spaced knots (column, point), and their penalty.

    The penalty is on second differences of the coefficients: a straight line costs
    next to nothing.
    """
    low, high = float(z.min()), float(z.max())
    step = (high - low) / pieces
    knots = low + step * np.arange(-_DEGREE, pieces + _DEGREE + 1)
    knots[_DEGREE], knots[-_DEGREE - 1] = low, high
    columns = BSpline.design_matrix(z, knots, _DEGREE).toarray().T
    difference = np.diff(np.eye(len(columns)), n=2, axis=0)
    return columns, difference.T @ difference + _LEVEL * np.eye(len(columns))


def _products(scores: Array) -> Iterator[tuple[Array, Array]]:
    """Return products of functions of every two inputs, and of every three, with penalties.

    Tensor products of splines for two or three inputs; for more of them the Hermite polynomials of
    total degree four at the most, so that there remain fewer coefficients than a fold can bear.
    """
    if len(scores) in _PIECES_OF_PAIR:
        splines = [_spline(z, _PIECES_OF_PAIR[len(scores)]) for z in scores]
        for (a, rough_a), (b, rough_b) in combinations(splines, 2):
            rough = np.kron(rough_a, np.eye(len(b))) + np.kron(np.eye(len(a)), rough_b)
            yield (a[:, None] * b[None]).reshape(-1, a.shape[1]), rough + 1e-3 * np.eye(len(rough))
    else:
        hermite = [np.array([z, (z**2 - 1) / 2**0.5, (z**3 - 3 * z) / 6**0.5]) for z in scores]
        degrees = [(i, j) for i in range(3) for j in range(3) if i + j <= 2]
        for a, b in combinations(hermite, 2):
            yield np.array([a[i] * b[j] for i, j in degrees]), np.eye(len(degrees))
    for x, y, z in combinations(scores, 3):
        yield (x * y * z)[None], np.ones((1, 1))


def _diagonal(blocks: Sequence[Array]) -> Array:
    size = sum(len(block) for block in blocks)
    whole, at = np.zeros((size, size)), 0
    for block in blocks:
        whole[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return whole


@dataclass(frozen=True)
class _Equations:
    """The equations of a fit to some folds, before any penalty.

    Attributes
    ----------
    gram : (column, column), with a ridge that makes it regular
    cross : (column, response)
    part : of all weight that these folds have
    """

    gram: Array
    cross: Array
    part: float


@dataclass(frozen=True)
class _Folds:
    """Sums over the points of each fold: all that a fit of it, or an error in it, depends on.

    Attributes
    ----------
    gram : (fold, column, column); cross : (fold, column, response); square : (fold, response)
    weight : (fold,)
    """

    gram: Array
    cross: Array
    square: Array
    weight: Array
    roughness: tuple[_Rough, ...]

    @staticmethod
    def of(design: _Design, responses: Array, share: Array, fold: NDArray[np.int64]) -> _Folds:
        gram, cross, square, weight = [], [], [], []
        for k in range(int(fold.max()) + 1):
            here = fold == k
            columns, w, y = design.columns[here], share[here], responses[:, here]
            weighted = columns * w[:, None]
            gram.append(columns.T @ weighted)
            cross.append(weighted.T @ y.T)
            square.append((y**2) @ w)
            weight.append(w.sum())
        scaled = []
        size = np.trace(sum(gram))
        for penalty in design.roughness:
            own = size / max(float(np.trace(penalty.block)), 1e-300)
            scaled.append(_Rough(penalty.first, penalty.block * own))
        parts = (np.array(gram), np.array(cross), np.array(square), np.array(weight))
        return _Folds(*parts, tuple(scaled))

    @cached_property
    def _others(self) -> list[_Equations]:
        """The equations of a fit to all folds but each: a hundred penalties are tried on them."""
        every = range(len(self.gram))
        return [self._of([j for j in every if j != k]) for k in every]

    def _of(self, folds: Sequence[int]) -> _Equations:
        """Return the equations of a fit to these folds."""
        whole = self.gram[folds].sum(axis=0)
        whole += _RIDGE * np.trace(whole) / len(whole) * np.eye(len(whole))
        part = float(self.weight[folds].sum() / self.weight.sum())
        return _Equations(whole, self.cross[folds].sum(axis=0), part)

    def _solve(self, equations: _Equations, penalty: tuple[float, ...], cross: Array) -> Array:
        whole = equations.gram.copy()
        for strength, rough in zip(penalty, self.roughness, strict=True):
            rough.add_to(whole, equations.part * strength)
        _, found, off = dposv(whole, cross)
        return np.asarray(np.linalg.lstsq(whole, cross, rcond=None)[0] if off else found)

    def smoothest(self) -> list[tuple[float, ...]]:
        """Return each response's penalties of least error on the folds that a fit has not seen."""
        if not self.roughness:
            return [()] * self.square.shape[1]
        together = len(self.roughness)
        grid = [(s,) * together for s in (*_SMOOTHING, *((_DROPPED,) if together == 1 else ()))]
        errors = np.array([self._error(penalty) for penalty in grid])
        found = [grid[i] for i in errors.argmin(axis=0)]
        if together == 1:
            return found
        # Then each penalty by itself, from where all of them were best together.
        lowest = errors.min(axis=0)
        tried: dict[tuple[float, ...], Array] = {}
        for which in reversed(range(together)):
            for i, start in enumerate(list(found)):
                for strength in (_DROPPED,) if together > _MANY + 1 else _SMOOTHING_OF_ONE:
                    moved = (*start[:which], strength, *start[which + 1 :])
                    if moved not in tried:
                        tried[moved] = self._error(moved)
                    if tried[moved][i] < lowest[i]:
                        lowest[i], found[i] = float(tried[moved][i]), moved
        return found

    def _error(self, penalty: tuple[float, ...]) -> Array:
        total = np.zeros(self.square.shape[1])
        for k, others in enumerate(self._others):
            beta = self._solve(others, penalty, others.cross)
            total += self.square[k] - 2 * (beta * self.cross[k]).sum(axis=0)
            total += (beta * (self.gram[k] @ beta)).sum(axis=0)
        return total

    def fits(self, penalty: tuple[float, ...], response: int, *, leave_out: bool) -> Array:
        """Return the coefficients (fold, column) of fits to each fold alone, or to all but it."""
        alone = (self._of([k]) for k in range(len(self.gram)))
        used = self._others if leave_out else alone
        return np.array([self._solve(one, penalty, one.cross[:, response]) for one in used])

    def size(self, penalty: tuple[float, ...]) -> float:
        """Return the effective number of coefficients: the trace of the smoother."""
        whole = self._of(range(len(self.gram)))
        return float(np.trace(self._solve(whole, penalty, self.gram.sum(axis=0))))
