"""What a forest plot shows, of any model: claims, what they are pooled to, and the next claim.

A claim's own implication is the distribution that its sampling model alone gives what it is about
(a flat prior on its scale): y ± z·σ carried back from the scale, Jeffreys' interval of a count, the
limit of a bound.  What states its own error is as wide as that, what does not as the scatter of its
kind is found to be.  What is pooled is the posterior, over all readings by their weight.  The
prediction interval is that of a next claim, said with the width of those that there are, each as
likely (Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137, §5, for one width).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimates._util.format import number
from estimates.analysis.cited import to_scale
from estimates.analysis.fit_view import FitView
from estimates.analysis.forest.result import Forest, Kind, Line
from estimates.analysis.result import head_of
from estimates.analysis.voi.sample import Sample
from estimates.inference.meant import claimed, needed_by
from estimates.inference.origin import Origin
from estimates.inference.posterior import fitted
from estimates.language.labels import the
from estimates.language.phrases import told
from estimates.model import BoundClaim, Model
from estimates.model.likelihood import (
    DEGREES_OF_FREEDOM,
    Noisy,
    Term,
    Yes,
    implied,
    sampling_model,
    settled,
)
from estimates.stats.convergence import mcse_quantile
from estimates.stats.weighted import WeightedDraws

if TYPE_CHECKING:
    import xarray as xr

    from estimates.inference.jobs import Progress, Workers

Array = NDArray[np.float64]
_LOW, _HIGH = 0.05, 0.95


def forest(
    what: Model | xr.DataTree,
    *,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Forest:
    """Set each claim's own implication beside what is pooled, and what a next claim would say.

    Parameters
    ----------
    what : a model, or what `estimates.fit` returned
    workers, progress : as in `fit`, for the fit of a model

    Returns
    -------
    Forest; its `lines` have medians and 90 % intervals in the unit of the claims.  A bound has no
    interval but a limit, and a direction is left out, since it names no figure.

    See Also
    --------
    conflict : whether claims contradict each other
    plot : draws it

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> lines = est.forest(fit).tables["lines"]
    >>> "median" in lines
    True
    """
    fit = fitted(what, workers, progress)
    sample = Sample.of(fit)
    rng = np.random.default_rng(Origin.of(fit).seed)
    groups: dict[tuple[str, str], list[BoundClaim]] = {}
    for use in sample.model.uses:
        groups.setdefault((str(use.about), use.unit), []).append(use)
    lines = [line for uses in groups.values() for line in _lines(sample, uses, rng)]
    return Forest(**head_of(fit, _sentence(sample.view, lines)), lines=tuple(lines))


def _lines(sample: Sample, uses: Sequence[BoundClaim], rng: np.random.Generator) -> Iterator[Line]:
    """Yield the lines about one thing: evidence, held-out claims, the pool, the next claim."""
    said = [line for use in uses if (line := _alone(sample, use)) is not None]
    if not said:
        return
    yield from sorted(said, key=lambda line: line.kind == "held out")
    draws = _draws(sample, uses[0])
    if draws is None:
        return
    values, weights = draws
    yield _pooled(uses[0], values, weights)
    terms = [_term(sample, use) for use in uses if not use.held_out]
    noisy = [term for term in terms if isinstance(term, Noisy)]
    if noisy:
        yield _next(uses[0], noisy, values, weights, rng)


def _term(sample: Sample, use: BoundClaim) -> Term:
    """Return what a claim says, with its own error as wide as the fit finds it."""
    said = sampling_model(use, sample.model.conventions)
    return settled(said, sample.view.own_error(use))


def _alone(sample: Sample, use: BoundClaim) -> Line | None:
    """Return what a claim implies by itself; None for a direction."""
    line = replace(
        _line(use, "held out" if use.held_out else "claim"),
        claim=use.id,
        speaker=use.claim.speaker,
        says=str(use.claim.says) if use.claim.says else None,
    )
    said = sampling_model(use, sample.model.conventions)
    match settled(said, 0.0) if use.states_error else _term(sample, use):
        case Yes() if use.wording.kind == "direction":
            return None
        case Yes(scale=scale, limit=limit, upper=upper):
            end = scale.inverse(limit)
            return replace(line, at_most=end) if upper else replace(line, at_least=end)
        case term:
            low, middle, high = (implied(term, p) for p in (_LOW, 0.5, _HIGH))
            return replace(line, median=middle, q05=low, q95=high)


def _line(use: BoundClaim, kind: Kind) -> Line:
    return Line(about=str(use.about), kind=kind, unit=use.unit, scale=use.scale)


def _draws(sample: Sample, use: BoundClaim) -> tuple[Array, Array] | None:
    """Draws (reading, chain, draw) of what a claim is about, and weights; None if unspoken of."""
    drawn, weights, alone = [], [], use.by_itself
    for i, reading in enumerate(sample.readings):
        needed = needed_by(sample.model, alone, reading.choice)
        if needed is not None:
            values = {name: sample.values(name)[i] for name in needed}
            drawn.append(claimed(sample.model, alone, values, reading.choice))
            weights.append(sample.weights[i])
    total = sum(weights)
    return (np.array(drawn), np.array(weights) / total) if total > 0 else None


def _pooled(use: BoundClaim, values: Array, weights: Array) -> Line:
    low, middle, high = WeightedDraws(values, weights).quantiles((_LOW, 0.5, _HIGH))
    errors = [mcse_quantile(one[None], 0.5)[0] for one in values]
    return replace(
        _line(use, "pooled"), median=float(middle), q05=float(low), q95=float(high),
        mcse_median=float(np.sqrt(np.square(weights) @ np.square(errors))),
    )  # fmt: skip


def _next(
    use: BoundClaim, terms: Sequence[Noisy], values: Array, weights: Array, rng: np.random.Generator
) -> Line:
    """Return what one more claim, as wide as one of these, would say."""
    scale = terms[0].scale
    sigmas = np.array([term.sigma for term in terms])[rng.integers(len(terms), size=values.shape)]
    student = any(term.student for term in terms)
    shape = values.shape
    noise = rng.standard_t(DEGREES_OF_FREEDOM, shape) if student else rng.standard_normal(shape)
    said = to_scale(scale, values) + sigmas * noise
    at = WeightedDraws(said, weights).quantiles((_LOW, 0.5, _HIGH))
    low, middle, high = (scale.inverse(float(one)) for one in at)
    return replace(_line(use, "next claim"), median=middle, q05=low, q95=high)


def _sentence(view: FitView, lines: Sequence[Line]) -> str:
    """Return a sentence on the thing that most claims are about."""
    by_subject: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        by_subject.setdefault((line.about, line.unit), []).append(line)
    if not by_subject:
        return "No claim of this model names a figure."
    most = max(by_subject.values(), key=lambda own: sum(one.kind == "claim" for one in own))
    count = sum(one.kind == "claim" for one in most)
    speak = {0: "No claim speaks", 1: "One claim speaks"}.get(count, f"{count} claims speak")
    said = f"{speak} of {the(view.title(most[0].about), most[0].told_unit)}."
    puts = "All the evidence together puts it" if view.model.claims else "The model puts it"
    for one in most:
        if one.kind == "pooled" and one.median is not None:
            figure = told(_bare(one.median, one.told_unit, one.mcse_median), one.told_unit)
            said += f" {puts} at about {figure} (90 %: {_between(one)})."
        if one.kind == "next claim":
            said += f" {_foretold(one)}"
    return said


def _foretold(line: Line) -> str:
    """Return what one more claim would say; of claims of hardly known width that has no end."""
    if math.isfinite(line.q95 or 0.0):
        return f"One more claim would most likely say {_between(line)}."
    if line.q05:
        least = _bare(line.q05, line.told_unit)
        return f"One more claim would most likely say {least} or more, without an upper end."
    return "One more claim could say anything: the size of such errors is hardly known."


def _between(line: Line) -> str:
    low, high = line.q05 or 0.0, line.q95 or 0.0
    ends = f"{_bare(low, line.told_unit)} to {_bare(high, line.told_unit)}"
    return f"{ends} %" if line.told_unit == "share" else ends


def _bare(value: float, unit: str, error: float | None = None) -> str:
    times = 100.0 if unit == "share" else 1.0
    return number(times * value, None if error is None else times * error)
