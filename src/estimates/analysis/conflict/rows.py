"""What was found, as flat rows of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.conflict.bodies import inputs, label_of
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import from_scale, on_scale
from estimates.analysis.conflict.head_to_head import Pair
from estimates.analysis.conflict.multiplicity import Families
from estimates.analysis.conflict.node_split import Comparison, Judged
from estimates.analysis.conflict.result import (
    ANSWER,
    DRAWS,
    EVIDENCE,
    KNOWN,
    LEVEL,
    PARTLY,
    PRIOR,
    WEIGHTED,
    About,
    Against,
    ClaimRow,
    Curves,
    Distance,
    Grounded,
    Measured,
    Method,
    PairRow,
    Rest,
    Sides,
    SplitRow,
    SplitUnderReading,
)
from estimates.analysis.conflict.tail_probability import Tail, z_of
from estimates.inference.meant import claimed
from estimates.model.combinations import prior_only
from estimates.stats.kde import kernel_density
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_QUANTILES = {"q05": 0.05, "median": 0.5, "q95": 0.95}
#: Where the rest narrows the prior by less than half (in variance), it mostly is the prior.
LEARNED = 0.5
_POINTS = 161
_DRAWN = 24  # splits whose densities are in the document

#: A row with the number of a reading under which it is.
type Part = tuple[SplitUnderReading, int]


# What is compared --------------------------------------------------------------------------------


def grounds(case: Case, comparison: Comparison) -> tuple[Grounded, ...]:
    """Return what the rest (part,) of a comparison depends on."""
    claim, model = comparison.claim, case.model
    found = []
    for part, u in enumerate(comparison.u):
        reading = comparison.members(part)[0]
        choice = case.readings[reading].choice
        rest = case.engine.speaking(choice, case.engine.evidence_ids - comparison.without)
        unknown, alone = inputs(model, claim, choice), prior_only(model, choice, rest)
        silent = [name for name in unknown if name in alone]
        before = claimed(model, claim, case.view.before.under(reading), choice)
        wide = _spread(on_scale(comparison.side.scale, before))
        learned = max(0.0, 1 - (_spread(u) / wide) ** 2) if wide > 0 else None
        against: Against
        if not unknown:
            against, learned = KNOWN, None
        elif len(silent) == len(unknown):
            against, learned = PRIOR, 0.0
        else:
            mostly = silent or (learned is not None and learned < LEARNED)
            against = PARTLY if mostly else EVIDENCE
        found.append(Grounded(against=against, prior_of=", ".join(silent), learned=learned))
    return tuple(found)


def _spread(values: Array) -> float:
    """Return half the width of the middle 68 %: an sd that a Cauchy has too."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0
    low, high = np.quantile(finite, (0.16, 0.84))
    return float(high - low) / 2


def _about(case: Case, comparison: Comparison) -> About:
    claim, side = comparison.claim, comparison.side
    return About(
        about=claim.topic,
        label=label_of(case.model, claim),
        unit=claim.unit,
        scale=side.scale.name,
        kind=side.kind,
    )


# Numbers -----------------------------------------------------------------------------------------


def _distance(found: Judged | Tail | Pair) -> Measured:
    """Return p with its error, and its z, positive where the side lies above."""
    log_p, error, above = found.log_p, found.error, found.above
    z = _number(z_of(log_p))
    return Measured(
        p=math.exp(log_p) if log_p > -700 else 0.0,
        log10_p=_number(log_p / math.log(10)),
        mcse_p=None if error is None else _number(error),
        z=-z if z is not None and above is False else z,
        lies=None if above is None else "above" if above else "below",
    )


def told_sides(comparison: Comparison, shares: Array) -> Sides:
    """Return the two partial posteriors in numbers, in the claim's unit."""
    side, kept = comparison.side, shares > 0
    body: dict[str, float | None] = {f"body_{name}": None for name in _QUANTILES}
    if side.quantile is not None:
        for name, p in _QUANTILES.items():
            body[f"body_{name}"] = _number(from_scale(side.scale, np.array(side.quantile(p))))
    values = comparison.partial.values[comparison.claim.id][kept]
    rest: dict[str, float | None] = {f"rest_{name}": None for name in _QUANTILES}
    if kept.any() and np.isfinite(values).all():
        pooled = WeightedDraws(values, shares[kept])
        rest = {f"rest_{name}": _number(pooled.quantile(p)) for name, p in _QUANTILES.items()}
    limit = _number(from_scale(side.scale, np.array(side.centre)))
    return Sides(**body, **rest, limit=limit if side.kind == "statement" else None)


def _number(value: float | Array) -> float | None:
    """Return a finite number as it is, and None for nan or infinity."""
    found = float(value)
    return found if math.isfinite(found) else None


# Rows --------------------------------------------------------------------------------------------


def split_row(case: Case, one: Judged, p_adjusted: float) -> SplitRow:
    """Return the row of a body against the rest, over all readings by weight."""
    comparison = one.comparison
    claims = (c.id for b in case.bodies if b.name == one.name for c in b.claims)
    made = _split(SplitRow, case, one, comparison.shares, one.ground, one, p_adjusted)
    return made(claims=", ".join(claims), spoken=comparison.spoken)


def split_parts(case: Case, one: Judged, family: Families) -> Iterator[Part]:
    """Yield a row for each of the readings that a body tells apart."""
    comparison = one.comparison
    for part, (tail, ground) in enumerate(zip(one.tails, one.grounds, strict=True)):
        members = comparison.members(part)
        shares, p_adjusted = comparison.alone(part), family.under(one, members)
        made = _split(SplitUnderReading, case, one, shares, ground, tail, p_adjusted)
        row = made(
            under=case.words_of(members),
            weight=float(case.weights[members].sum()),
            weight_without=float(comparison.partial.weights[members].sum()),
        )
        yield row, members[0]


def _split[Row](
    row: Callable[..., Row],
    case: Case,
    one: Judged,
    shares: Array,
    ground: Grounded,
    found: Judged | Tail,
    p_adjusted: float,
) -> Callable[..., Row]:
    """Return the fields that every row of a split has."""
    return partial(
        row,
        body=one.name,
        **vars(_about(case, one.comparison)),
        **vars(ground),
        **vars(told_sides(one.comparison, shares)),
        **vars(_distance(found)),
        p_adjusted=p_adjusted,
        conflict=p_adjusted < LEVEL,
        method=_method(one, found.method),
        **vars(_rest(one)),
    )


def _rest(one: Judged) -> Rest:
    """Return how the rest of a comparison was found."""
    rest = one.comparison.partial
    return Rest(k_hat=_number(rest.k), refitted=rest.refitted)


def _method(one: Judged, method: Method) -> Method:
    """Return by what way p was found, of draws whether they were weighed."""
    weighed = not one.comparison.partial.refitted and method == DRAWS
    return WEIGHTED if weighed else method


def pair_row(case: Case, pair: Pair, p_adjusted: float) -> PairRow:
    """Return the row of two bodies head to head."""
    return PairRow(
        first=pair.one.name,
        second=pair.other.name,
        about=pair.one.first.topic,
        label=label_of(case.model, pair.one.first),
        under=case.words_of(pair.members),
        weight=float(sum(case.weights[i] for i in pair.members)),
        **vars(_distance(pair)),
        p_adjusted=p_adjusted,
        conflict=p_adjusted < LEVEL,
    )


def claim_row(case: Case, one: Judged, p_adjusted: float | None = None) -> ClaimRow:
    """Return the row of a claim beside what the rest says; a held-out figure has no adjusted p."""
    comparison, tails, held_out = one.comparison, one.tails, p_adjusted is None
    claim = case.model.ledger.claims[comparison.claim.id]
    apart, lowest_p, under = (
        Distance(p=None, log10_p=None, mcse_p=None, z=None, lies=None),
        None,
        "",
    )
    if tails:
        apart = _distance(one)
        lowest = int(np.argmin([tail.log_p for tail in tails]))
        lowest_p = math.exp(tails[lowest].log_p)
        under = case.words_of(comparison.members(lowest))
    ground = Grounded(against=ANSWER, prior_of="", learned=None) if held_out else one.ground
    return ClaimRow(
        claim=claim.id,
        body=next((b.name for b in case.bodies if claim.id in b.ids), ""),
        source=claim.source,
        speaker=claim.speaker,
        **vars(_about(case, comparison)),
        held_out=held_out,
        **vars(ground),
        **vars(apart),
        p_adjusted=p_adjusted,
        lowest_p=lowest_p,
        lowest_under=under,
        method=_method(one, one.method) if tails else "",
        **vars(_rest(one)),
    )


# Densities ---------------------------------------------------------------------------------------


def densities(
    splits: Sequence[Judged], rows: Sequence[SplitRow], parts: Sequence[Part]
) -> dict[str, Curves]:
    """Return curves of the splits, and of conflicts under a reading, the smallest p first."""
    comparisons = {one.name: one.comparison for one in splits}
    worst = [(row, reading) for row, reading in parts if row.under and row.worth_saying]
    found = {}
    for row, reading in worst[:_DRAWN]:
        comparison = comparisons[row.body]
        shares = comparison.alone(int(comparison.part[reading]))
        found[row.curve] = _curves(comparison, shares)
    for whole in rows[:_DRAWN]:
        comparison = comparisons[whole.body]
        found[whole.curve] = _curves(comparison, comparison.shares)
    return {name: curves for name, curves in found.items() if curves is not None}


def _curves(comparison: Comparison, shares: Array) -> Curves | None:
    """Return both partial posteriors on a grid; None without any."""
    side, kept = comparison.side, shares > 0
    u = comparison.u[kept]
    inside = np.isfinite(u)
    if not inside.any() or np.ptp(u[inside]) == 0:
        return None
    weights = np.broadcast_to((shares[kept] / u[0].size)[:, None, None], u.shape)[inside]
    grid, density = kernel_density(u[inside], weights / weights.sum())
    cumulative = np.cumsum(density)
    cumulative /= cumulative[-1]
    low, high = np.interp((0.002, 0.998), cumulative, grid).tolist()
    if side.quantile is not None:
        ends = side.quantile(0.002), side.quantile(0.998)
    else:
        ends = side.centre - 3 * side.width, side.centre + 3 * side.width
    # Each where it is not zero, so that a narrow density keeps its shape beside a wide one.
    spots = [
        np.linspace(min(low, ends[0]), max(high, ends[1]), _POINTS),
        np.interp(np.linspace(0.001, 0.999, _POINTS), cumulative, grid),
    ]
    if side.quantile is not None:
        spots.append(np.array([side.quantile(p) for p in np.linspace(0.001, 0.999, 81)]))
    points = np.unique(np.concatenate(spots))
    if side.log_pdf is not None:
        body = np.exp(side.log_pdf(points))
    else:
        body = 2 * np.exp(side.tails(points)[0 if side.upper else 1])
    rest = np.interp(points, grid, density, left=0.0, right=0.0)
    return Curves(
        x=tuple(_number(x) for x in from_scale(side.scale, points)),
        rest=tuple(float(f"{y:.4g}") for y in rest),
        body=tuple(float(f"{y:.4g}") for y in body),
    )
