"""What the analyses come to in a sentence, and why a table is to be read with care."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from estimates._util.format import brief
from estimates.analysis.sensitivity.regional import FEWEST
from estimates.analysis.sensitivity.result import (
    LeaveOneOutRow,
    PowerScalingRow,
    RegionRow,
    ShapleyRow,
    SobolRow,
    TornadoRow,
    VarianceRow,
)
from estimates.analysis.sensitivity.shapley import UNEXPLAINED
from estimates.analysis.sensitivity.view import View
from estimates.language.phrases import asked, compared


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of the answer (see `Sensitivity`)."""

    tornado: tuple[TornadoRow, ...]
    variance: tuple[VarianceRow, ...]
    shapley: tuple[ShapleyRow, ...]
    sobol: tuple[SobolRow, ...]
    power_scaling: tuple[PowerScalingRow, ...]
    leave_one_out: tuple[LeaveOneOutRow, ...]
    region: tuple[RegionRow, ...]


def sentence(view: View, tables: Tables) -> str:
    """Which reading or quantity, and which claim, carry the answer, and by how much."""
    parts = [*_leading(view, tables), *_carrying(view, tables)]
    if not parts:
        return f"No claim and no reading bears on {view.title}."
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + "."


def _leading(view: View, tables: Tables) -> Iterator[str]:
    """The reading axis or quantity with the largest share of the whole variance."""
    within = [row.share for row in tables.variance if row.part == "within"]
    candidates: dict[str, float] = {}
    for row in tables.variance:
        if row.part == "axis":
            question = view.model.readings[row.name].question
            words = asked(question, row.name)
            candidates[f"the answer to {words}" if question else words] = row.share
    labels = [view.label(i) for i in view.usable]
    for effect in tables.shapley:
        weight = within[labels.index(dict(effect.reading))] if within else 0.0
        key = view.model.quantities[effect.quantity].label or effect.quantity
        candidates[key] = candidates.get(key, 0.0) + weight * effect.share
    if candidates:
        what = max(candidates, key=lambda key: candidates[key])
        scale = "the variance of its logarithm" if view.logarithmic else "its variance"
        share = _percent(candidates[what])
        yield f"what decides {view.title} most is {what}: {share} of {scale}"


def _carrying(view: View, tables: Tables) -> Iterator[str]:
    """The claim without which the median moves most."""
    claims = [
        (row, row.median, row.shift)
        for row in tables.leave_one_out
        if row.without == "claim" and row.median is not None and row.shift is not None
    ]
    if not claims:
        return
    row, median, shift = max(claims, key=lambda one: one[0].reach)
    if abs(shift) > 2 * (row.shift_se or 0.0):
        yield (
            f"the claim that carries it is ‘{row.name}’: without it the median would be "
            f"{_amounts(view, median, median - shift)}"
        )
    else:
        yield "no single claim, left out, moves its median beyond Monte Carlo error"


def notes(view: View, tables: Tables) -> Iterator[str]:
    """Why a table is empty, or to be read with care."""
    if not view.everywhere:
        yield (
            f"{view.target} is no number under some reading that has weight, so there is no "
            "mixture of it; each reading stands for itself"
        )
    if not view.usable:
        yield "no reading under which the target can be analysed"
    elif not tables.sobol:
        yield (
            "no Sobol indices: they need independent quantities, and a target that is finite "
            "everywhere under the prior; the Shapley effects hold for dependent ones"
        )
    worst = max((row.unexplained for row in tables.shapley), default=0.0)
    if worst > UNEXPLAINED:
        yield (
            f"the regression behind the Shapley effects leaves {_percent(worst)} of a variance "
            "unexplained: the target bends too sharply for polynomials, take them as rough"
        )
    few = {
        (row.claim, row.region, round(row.effective_draws))
        for row in tables.region
        if row.effective_draws < FEWEST
    }
    for claim, region, count in sorted(few):
        yield (
            f"{count} effective draws lie {region} {claim}: too few to say what drives the target "
            "there"
        )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _amounts(view: View, value: float, instead_of: float) -> str:
    """`US$166 instead of US$137 a month`."""
    times = 100 if view.unit == "share" else 1
    shown = tuple(brief(times * one) for one in (value, instead_of))
    return compared(shown, view.unit, " instead of ")
