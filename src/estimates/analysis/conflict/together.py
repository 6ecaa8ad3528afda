"""Several claims taken as one body of evidence, against all the rest.

A node-split with a set (Presanis et al. 2013, Statistical Science 28:376): the claims of the set
say by themselves what each thing that they are about is, each with a flat prior on its scale; the
rest, refitted without them, says the same things jointly.  Of one thing p is that of any split.  Of
several the differences δ are a vector, and p is the probability that δ lies as far from its mean as
0 does, in its own covariance: where all is normal, that of χ² with a degree of freedom a thing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import log_expit

from estimates.analysis.conflict.bodies import Body, core, inputs, label_of
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import Side, from_scale, on_scale, tabulated
from estimates.analysis.conflict.head_to_head import carried
from estimates.analysis.conflict.refits import LEAVE, Left, Partial
from estimates.analysis.conflict.result import (
    DRAWS,
    EVIDENCE,
    NORMAL,
    PARTLY,
    PRIOR,
    Against,
    Method,
    SetRow,
    ThingRow,
)
from estimates.analysis.conflict.tail_probability import Stratum, given_up, tail, z_of
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.log_likelihood import log_density
from estimates.model.combinations import prior_only
from estimates.model.likelihood import Count, Rate
from estimates.stats.convergence import mcse_mean
from estimates.stats.links import Scale

Array = NDArray[np.float64]
_POINTS = 8001
_DEEP = 60.0  # log density below its top that no p can see
_FEWEST = 50  # draws as far out as 0, below which they say too little of how many there are


@dataclass(frozen=True, eq=False)
class _Thing:
    """What several bodies of a set are about: one expression, in the unit of the first of them."""

    bodies: tuple[tuple[Body, float], ...]
    side: Side
    grid: Array
    density: Array

    @property
    def first(self) -> Body:
        return self.bodies[0][0]


@dataclass(frozen=True, eq=False)
class _Found:
    """A set against the rest under readings for which it is the same."""

    members: tuple[int, ...]
    things: tuple[_Thing, ...]
    rest: tuple[Array, ...]
    aside: tuple[str, ...]
    log_p: float
    error: float
    method: Method


def sets_of(case: Case, named: Sequence[Sequence[str]]) -> list[tuple[Body, ...]]:
    """Return the bodies of each set; an origin comes with all its copies.

    Raises
    ------
    InputError : for a name that is no claim of the evidence
    """
    place = {claim: body for body in case.bodies for claim in body.ids}
    held = {use.id for use in case.model.uses if use.held_out}
    faults = []
    for name in dict.fromkeys(name for group in named for name in group):
        if name in held:
            faults.append(Fault(f"'{name}' is held out, and no evidence that could be taken apart"))
        elif name not in place:
            faults.append(Fault(f"no claim '{name}' in the evidence{did_you_mean(name, place)}"))
    if faults:
        raise InputError(faults)
    return [tuple(dict.fromkeys(place[name] for name in group)) for group in named]


def set_against_rest(
    case: Case, sets: Sequence[tuple[Body, ...]]
) -> tuple[list[SetRow], list[ThingRow], list[str]]:
    """Return for each set its rows, first over all readings; and why not to trust them."""
    items = [
        Left(
            frozenset(name for body in group for name in body.ids),
            tuple(body.first.id for body in group),
            plain=True,
        )
        for group in sets
    ]
    partials = case.sweep(LEAVE, items)
    rows: list[SetRow] = []
    things: list[ThingRow] = []
    for group, partial in zip(sets, partials, strict=True):
        found = list(_under_readings(case, group, partial))
        rows += _rows(case, group, partial, found)
        things += [row for one in found for row in _thing_rows(case, group, one)]
    return rows, things, [sentence for partial in partials for sentence in partial.failed]


def _under_readings(case: Case, group: tuple[Body, ...], partial: Partial) -> Iterator[_Found]:
    """Yield the comparison under each reading that makes another one of it."""
    same: dict[tuple[int, ...], list[int]] = {}
    for reading in range(len(case.readings)):
        key = tuple(int(partial.part[body.first.id][reading]) for body in group)
        same.setdefault(key, []).append(reading)
    for key, members in same.items():
        spoken = [(body, part) for body, part in zip(group, key, strict=True) if part >= 0]
        if spoken:
            yield _compared(case, spoken, tuple(members), partial)


def _compared(
    case: Case,
    spoken: Sequence[tuple[Body, int]],
    members: tuple[int, ...],
    partial: Partial,
) -> _Found:
    choice = case.readings[members[0]].choice
    groups: dict[str, list[tuple[Body, float]]] = {}
    for body, _ in spoken:
        resolved = case.model.resolve(body.first.value, choice)
        assert resolved is not None, "claims that speak are about something"
        factor, what = core(resolved)
        groups.setdefault(str(what), []).append((body, factor))
    parts = dict(spoken)
    things, rest, aside = [], [], []
    for own in groups.values():
        # What has options of its own is about no one thing.
        figures = [
            one
            for one in own
            if case.whole_sides[one[0].name].log_pdf is not None and not one[0].first.options
        ]
        if not figures:
            aside += [body.name for body, _ in own]
            continue
        ordered = [figures[0], *(one for one in own if one is not figures[0])]
        thing = _thing(case, ordered)
        values = partial.values[thing.first.first.id][parts[thing.first]]
        things.append(thing)
        rest.append(on_scale(thing.side.scale, values))
    log_p, error, method = (
        _distance(case, things, rest, ",".join(body.name for body, _ in spoken))
        if things
        else _all_said(case, spoken, partial)
    )
    return _Found(members, tuple(things), tuple(rest), tuple(aside), log_p, error, method)


def _thing(case: Case, bodies: Sequence[tuple[Body, float]]) -> _Thing:
    """Return the product of what bodies say of one thing, on the scale of the first."""
    (first, factor), *_ = bodies
    scale = case.whole_sides[first.name].scale
    parts = [(body, factor / own) for body, own in bodies]
    ends = []
    for body, ratio in parts:
        side = case.whole_sides[body.name]
        centre = float(carried(side.scale, scale, np.array(side.centre), ratio))
        low, high = (
            float(carried(side.scale, scale, np.array(side.centre + k * side.width), ratio))
            for k in (-1, 1)
        )
        width = max(abs(high - centre), abs(centre - low))
        ends += [centre - 12 * width, centre + 12 * width]

    def density(grid: Array) -> Array:
        found = sum((_said(case, body, grid, scale, 1 / ratio) for body, ratio in parts), 0 * grid)
        match case.whole.terms[first.first.id]:
            case Count():  # Jeffreys' prior, as of any count by itself; flat else
                found += (log_expit(grid) + log_expit(-grid)) / 2
            case Rate():
                found += grid / 2
        return np.asarray(found)

    grid = np.linspace(min(ends), max(ends), _POINTS)
    for _ in range(3):  # nearer to where there is anything
        log = density(grid)
        there = np.flatnonzero(log > log.max() - _DEEP)
        low, high = max(there[0] - 1, 0), min(there[-1] + 1, _POINTS - 1)
        grid = np.linspace(grid[low], grid[high], _POINTS)
    log = density(grid)
    heights = np.exp(log - log.max())
    side = case.whole_sides[first.name] if len(bodies) == 1 else tabulated(scale, grid, heights)
    return _Thing(tuple(bodies), side, grid, heights / heights.sum())


def _said(case: Case, body: Body, grid: Array, scale: Scale, ratio: float) -> Array:
    """Return the log likelihood of a thing by a body, at values on another body's scale."""
    once = case.whole.counted_once(body.ids)
    if len(once) == 1:
        term = case.whole.terms[next(iter(once))]
        return log_density(term, from_scale(scale, grid) * ratio)
    side = case.whole_sides[body.name]
    assert side.log_pdf is not None, "copies that differ in wording are readings"
    return side.log_pdf(carried(scale, side.scale, grid, ratio))


def _distance(
    case: Case, things: Sequence[_Thing], rest: Sequence[Array], name: str
) -> tuple[float, float, Method]:
    """Return log p that the set and the rest differ by nothing, its error, and how it was found."""
    if len(things) == 1:
        (thing,), (u,) = things, rest
        found = given_up(thing.side, tail(thing.side, [Stratum(u)]), u)
        return found.log_p, found.error, found.method
    u = np.stack(list(rest))
    there = np.isfinite(u).all(axis=0)
    flat = u[:, there]
    middle = np.array([one.grid @ one.density for one in things])
    own = [one.density @ (one.grid - m) ** 2 for one, m in zip(things, middle, strict=True)]
    mean = middle - flat.mean(axis=1)
    inverse = np.linalg.pinv(np.diag(own) + np.cov(flat))
    zero = float(mean @ inverse @ mean)
    rng = case.engine.rng("together", name)
    drawn = np.stack(
        [np.interp(rng.random(u[0].shape), np.cumsum(t.density), t.grid) for t in things]
    )
    apart = (drawn - u) - mean[:, None, None]
    beyond = np.einsum("icd,ij,jcd->cd", apart, inverse, apart) >= zero
    beyond &= there
    if beyond.sum() >= _FEWEST:
        return math.log(beyond.mean()), float(mcse_mean(beyond[None].astype(float))[0]), DRAWS
    return float(stats.chi2.logsf(zero, len(things))), math.nan, NORMAL


def _all_said(
    case: Case, spoken: Sequence[tuple[Body, int]], partial: Partial
) -> tuple[float, float, Method]:
    """Return log of the probability, by the rest, that statements alone would all be made."""
    log = np.zeros(())
    for body, part in spoken:
        values = partial.values[body.first.id][part]
        log = log + log_density(case.whole.terms[body.first.id], values)
    said = np.exp(log)
    error = float(mcse_mean(said[None])[0]) if np.ptp(said) > 0 else 0.0
    return math.log(max(float(said.mean()), 1e-300)), error, DRAWS


# Rows --------------------------------------------------------------------------------------------


def _rows(
    case: Case, group: tuple[Body, ...], partial: Partial, found: Sequence[_Found]
) -> Iterator[SetRow]:
    """Yield the row of all readings, the mean of p by their weights, then one a reading."""
    if not found:
        return
    weights = np.array([partial.weights[list(one.members)].sum() for one in found])
    share = weights / weights.sum() if weights.sum() > 0 else np.full(len(found), 1 / len(found))
    p = np.exp([one.log_p for one in found])
    heavy = found[int(np.argmax(share))]
    whole = min(1.0, float(share @ p))
    error = float(np.linalg.norm(share * np.array([one.error for one in found])))
    yield _row(case, group, heavy, "", 1.0, float(weights.sum()), _log(whole), error)
    if len(found) > 1:
        for one, weight in zip(found, weights.tolist(), strict=True):
            before = float(case.weights[list(one.members)].sum())
            under = case.words_of(one.members)
            yield _row(case, group, one, under, before, weight, one.log_p, one.error)


def _log(p: float) -> float:
    return math.log(p) if p > 0 else -math.inf


def _row(
    case: Case,
    group: tuple[Body, ...],
    one: _Found,
    under: str,
    weight: float,
    weight_without: float,
    log_p: float,
    error: float,
) -> SetRow:
    against, prior_of = _ground(case, group, one)
    z = z_of(log_p)
    return SetRow(
        body=_name(group),
        under=under,
        weight=weight,
        weight_without=weight_without,
        things=len(one.things),
        aside=", ".join(one.aside),
        against=against,
        prior_of=prior_of,
        p=math.exp(log_p) if log_p > -700 else 0.0,
        log10_p=log_p / math.log(10) if math.isfinite(log_p) else None,
        mcse_p=error if math.isfinite(error) else None,
        z=z if math.isfinite(z) else None,
        method=one.method,
    )


def _name(group: tuple[Body, ...]) -> str:
    return ", ".join(body.name for body in group)


def _ground(case: Case, group: tuple[Body, ...], one: _Found) -> tuple[Against, str]:
    """Return what the rest rests on, and what of it is known from priors alone."""
    choice = case.readings[one.members[0]].choice
    left = case.engine.evidence_ids - {name for body in group for name in body.ids}
    rest = prior_only(case.model, choice, case.engine.speaking(choice, left))
    unknown = {name for body in group for name in inputs(case.model, body.first, choice)}
    silent = sorted(unknown & rest)
    against: Against = EVIDENCE
    if silent:
        against = PRIOR if len(silent) == len(unknown) else PARTLY
    return against, ", ".join(silent)


def _thing_rows(case: Case, group: tuple[Body, ...], one: _Found) -> Iterator[ThingRow]:
    for thing, u in zip(one.things, one.rest, strict=True):
        claim, scale = thing.first.first, thing.side.scale
        own = np.interp((0.05, 0.5, 0.95), np.cumsum(thing.density), thing.grid)
        said = from_scale(scale, own).tolist()
        others = from_scale(scale, np.quantile(u[np.isfinite(u)], (0.05, 0.5, 0.95))).tolist()
        yield ThingRow(
            body=_name(group),
            under=case.words_of(one.members),
            claims=", ".join(body.name for body, _ in thing.bodies),
            label=label_of(case.model, claim),
            unit=claim.unit,
            scale=scale.name,
            body_q05=said[0], body_median=said[1], body_q95=said[2],
            rest_q05=others[0], rest_median=others[1], rest_q95=others[2], limit=None,
        )  # fmt: skip
