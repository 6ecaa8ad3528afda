"""What learning a fact is worth: the variance that it removes, and the loss that it spares.

For an estimate T the value of learning X exactly is the expected share of the variance removed,

    Var(E[T | X]) / Var(T) = 1 − E[(T − E[T | X])²] / Var(T)

the closed first-order Sobol index of X, for dependent inputs too (Oakley & O'Hagan 2004, JRSS B
66:751).  Its standard error comes from its influence function, [(T − μ)²(1 − share) −
(T − E[T | X])²] / Var(T) (Williamson, Gilbert, Carone & Simon 2021, Biometrics 77:9), whose mean's
Monte Carlo error counts the draws' autocorrelation.

For a decision between two actions whose losses differ by D, and which today is taken by the sign
of E[D],

    EVPPI = E[max(0, E[D | X])] − max(0, E[D])

(Raiffa & Schlaifer 1961; Ades, Lu & Claxton 2004, Medical Decision Making 24:207).  It is found as
what is gained by the action that a fit which has not seen a draw chooses there: never too large
but by chance, where the mean of max(0, fit) rises with every error of the fit.

What another claim would bring, as good as the best that speaks of a quantity now, is the expected
value of sample information by regression (Strong, Oakley, Brennan & Breeze 2015, Medical Decision
Making 35:570): for each draw of the quantity the new claim is spoken, with the width of the
narrowest claim that speaks of it, and the target is regressed on what it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import to_scale
from estimates.analysis.voi.parameters import Fact, narrowest_claim
from estimates.analysis.voi.sample import Effect, Sample
from estimates.language.expression import Expression
from estimates.model import BoundClaim
from estimates.model.likelihood import DEGREES_OF_FREEDOM, Noisy
from estimates.stats.links import SCALES
from estimates.stats.spline_regression import regress

Array = NDArray[np.float64]
_FEW_VALUES = 10  # a quantity of so few values is a category
_LEAST_FOLD = 12  # points of a fold from which a regression is tried
#: Inputs of one regression at the most: those that matter most on their own.
MOST_INPUTS = 24


@dataclass(frozen=True, eq=False)
class Question:
    """What depends on the facts.

    Attributes
    ----------
    responses : (response, reading, chain, draw), each with some variance; the last is the
        difference of losses where `decides`
    decides : whether there is a decision
    above : whether "above" is the better thing to say as things stand
    """

    sample: Sample
    responses: Array
    decides: bool
    above: bool


@dataclass(frozen=True)
class Worth:
    """The worth of a fact.

    Attributes
    ----------
    shares : one a response that is to be estimated
    gain : loss spared; None without a decision
    """

    shares: tuple[Effect, ...]
    gain: Effect | None


def values_of(sample: Sample, members: Sequence[str | Expression]) -> Array:
    """Draws of the members of a fact, (member, reading, chain, draw)."""
    found = [sample.values(m) if isinstance(m, str) else sample.worked_out(m) for m in members]
    return np.array(found).reshape(len(members), *sample.shape)


def worth(question: Question, fact: Fact) -> Worth:
    """Return the worth of learning a fact."""
    return worth_of(question, values_of(question.sample, fact.members), fact.axes)


def worth_of(question: Question, learned: Array, axes: Sequence[str]) -> Worth:
    """Return the worth of learning draws (member, reading, chain, draw), and readings."""
    sample, responses = question.sample, question.responses
    count = len(responses) - question.decides
    coefficients = np.zeros(len(responses))
    squared = np.zeros_like(responses[:count])
    gain = np.zeros(sample.shape)
    learns = bool(axes)
    for weights in sample.options(axes):
        part = weights / sample.weights
        for cell in _cells(learned, weights, sample):
            predicted, left, size = _fit(sample, responses, learned, weights, cell)
            learns = learns or bool(cell.inputs) or not cell.points.all()
            coefficients += size
            where = cell.points
            of_point = np.broadcast_to(part[:, None, None], sample.shape)[where]
            squared[:, where] += of_point * left[:count]
            if question.decides:
                act = (predicted[-1] > 0).astype(float) - question.above
                gain[where] += of_point * responses[-1, where] * act
    if not learns:  # a constant
        nothing = sample.effect(np.zeros(sample.shape))
        return Worth((nothing,) * count, nothing if question.decides else None)
    shares = tuple(_share(sample, responses[i], squared[i], coefficients[i]) for i in range(count))
    return Worth(shares, sample.effect(gain) if question.decides else None)


def everything(question: Question) -> Worth:
    """Return the worth of learning the target itself: everything, by no regression."""
    sample, nothing = question.sample, np.zeros(question.sample.shape)
    all_of_it = replace(sample.effect(nothing), value=1.0)
    gain = None
    if question.decides:
        difference = question.responses[-1]
        gain = sample.effect(difference * ((difference > 0).astype(float) - question.above))
    return Worth((all_of_it,) * (len(question.responses) - question.decides), gain)


def _share(sample: Sample, target: Array, squared: Array, coefficients: float) -> Effect:
    mean = sample.mean(target)
    spread = (target - mean) ** 2
    variance = sample.mean(spread)
    share = 1 - sample.mean(squared) / variance
    found = sample.effect((spread * (1 - share) - squared) / variance)
    # Where nothing is explained the influence of each draw vanishes, and what is left is the noise
    # of the fit: of second order, like that of an adjusted R².
    series = np.tensordot(sample.weights, target, axes=1)
    error = sample.error(series, np.zeros(len(sample.weights)))
    effective = variance / error**2 if error > 0 else float(target[0].size)
    second = (1 - share) * np.sqrt(2 * coefficients) / effective
    return Effect(share, float(np.hypot(found.se, second)), found.series, found.by_reading)


@dataclass(frozen=True, eq=False)
class _Cell:
    """Draws that share the kind of what is learned: numbers, none, or one of few values.

    Attributes
    ----------
    points : (reading, chain, draw)
    inputs : indices of the members that vary within it, as numbers do
    """

    points: NDArray[np.bool_]
    inputs: tuple[int, ...]


def _cells(learned: Array, weights: Array, sample: Sample) -> Iterator[_Cell]:
    """Return cells of draws; to learn that a quantity does not exist is to learn something."""
    there = np.broadcast_to((weights > 0)[:, None, None], sample.shape)
    code = np.zeros(sample.shape, dtype=np.int64)
    numeric = []
    for i, values in enumerate(learned):
        finite = np.isfinite(values)
        kind = np.where(finite, 0, np.where(np.isnan(values), 1, np.where(values > 0, 2, 3)))
        different = np.unique(values[there & finite])
        if len(different) > _FEW_VALUES:
            numeric.append(i)
        elif len(different):
            kind = np.where(finite, 4 + np.searchsorted(different, values), kind)
        code = code * (_FEW_VALUES + 5) + np.minimum(kind, _FEW_VALUES + 4)
        _, code = np.unique(code, return_inverse=True)
        code = code.reshape(sample.shape)
    for one in np.unique(code[there]):
        points = there & (code == one)
        inputs = tuple(i for i in numeric if np.ptp(np.nan_to_num(learned[i][points])) > 0)
        yield _Cell(points, inputs)


def _fit(
    sample: Sample, responses: Array, learned: Array, weights: Array, cell: _Cell
) -> tuple[Array, Array, Array]:
    """Return E[responses | learned] in a cell: predicted, squared residuals, coefficients."""
    where = cell.points
    y = responses[:, where]
    w = np.broadcast_to(weights[:, None, None], sample.shape)[where]
    fold = sample.fold[where]
    _, fold = np.unique(fold, return_inverse=True)
    sizes = np.bincount(fold)
    if len(sizes) < 3 or sizes.min() < _LEAST_FOLD:
        mean = y @ (w / w.sum())
        return np.broadcast_to(mean[:, None], y.shape), (y - mean[:, None]) ** 2, np.ones(len(y))
    inputs = learned[list(cell.inputs)][:, where]
    found = regress(inputs[:MOST_INPUTS], y, w, fold)
    return found.predicted, found.squared, found.coefficients


# One more claim -------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewClaim:
    """The variance that one more claim, as good as this one, would remove."""

    claim: str
    share: Effect


def share_of_new_claims(
    question: Question,
    facts: Sequence[Fact],
    seed: int,
    each: Callable[..., Iterable[Any]] = map,
) -> dict[str, NewClaim]:
    """Return by basic quantity the share of variance that one more claim about it would remove.

    Parameters
    ----------
    facts : those that are no basic quantities, or of which nobody speaks, are passed over
    each : a `map`, over threads if need be

    Returns
    -------
    By the key of a fact.
    """
    sample = question.sample
    only = Question(sample, question.responses[:1], False, question.above)

    def ask(fact: Fact) -> NewClaim | None:
        best = narrowest_claim(sample.model, fact.name, sample.view.own_error)
        if best is None:
            return None
        claim, term = best
        spoken = _spoken(sample.values(fact.name), term, _rng(seed, fact.name))
        spoken = spoken + _seen(sample, claim, fact.name)
        return NewClaim(claim.id, worth_of(only, spoken[None], ()).shares[0])

    basic = [fact for fact in facts if fact.kind == "quantity"]
    found = zip(basic, each(ask, basic), strict=True)
    return {fact.key: one for fact, one in found if one is not None}


def _spoken(values: Array, term: Noisy, rng: np.random.Generator) -> Array:
    shape = values.shape
    noise = rng.standard_t(DEGREES_OF_FREEDOM, shape) if term.student else rng.normal(size=shape)
    return to_scale(term.scale, values) + term.sigma * noise


def _seen(sample: Sample, claim: BoundClaim, quantity: str) -> Array | float:
    """Return what the claim's kind and source add to a quantity, on the claim's scale."""
    if not claim.plain:
        return 0.0
    scale, units = SCALES[claim.scale], sample.model.units
    seen, there = (to_scale(scale, sample.worked_out(one)) for one in (claim.value, claim.plain[0]))
    if claim.scale != "identity":
        return seen - there
    return (seen - there) * units.factor(units.parse(claim.unit), sample.model.unit_of(quantity))


def _rng(seed: int, name: str) -> np.random.Generator:
    words = np.frombuffer(hashlib.sha256(f"new claim\n{name}".encode()).digest(), dtype=np.uint32)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(words.tolist())))
