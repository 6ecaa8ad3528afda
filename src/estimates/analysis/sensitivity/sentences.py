"""What the analyses come to in a sentence, and why a table is to be read with care."""

from __future__ import annotations

from collections.abc import Iterator

from estimates._util.format import brief
from estimates.analysis.carrying import ENOUGH, RELIABLE
from estimates.analysis.sensitivity.regional import FEWEST
from estimates.analysis.sensitivity.result import Sensitivity
from estimates.analysis.sensitivity.shapley import UNEXPLAINED
from estimates.analysis.sensitivity.view import View
from estimates.language.labels import the
from estimates.language.phrases import asked, compared, counted
from estimates.model import Model

_ROUGH = 0.5  # Pareto k̂ above which weights have no variance


def sentence(found: Sensitivity, model: Model) -> str:
    """Return which reading or quantity, and which claim, matter most, and by how much."""
    parts = [*_leading(found, model), *_carrying(found)]
    if not parts:
        return f"No claim and no reading has any effect on {the(found.label, found.unit)}."
    return " ".join(parts)


def _leading(found: Sensitivity, model: Model) -> Iterator[str]:
    """Yield a phrase on the reading axis or quantity with the largest share of the variance."""
    candidates: dict[str, float] = {}
    for row in found.parts("axis"):
        question = model.readings[row.name].question
        candidates[asked(question, row.name)] = row.share
    for effect in found.shapley:
        weight = sum(row.share for row in found.parts("within") if row.reading == effect.reading)
        declared = model.quantities.get(effect.quantity)
        if declared is None:
            name = found.named(effect.quantity)
        else:
            unit = str(model.unit_of(effect.quantity))
            name = the(declared.label or effect.quantity, unit)
        candidates[name] = candidates.get(name, 0.0) + weight * effect.share
    if candidates:
        what = max(candidates, key=lambda key: candidates[key])
        scale = "variance, on the log scale" if found.scale == "log" else "variance"
        share = _percent(candidates[what])
        yield (
            f"What matters most to {the(found.label, found.unit)} is {what}: it makes up {share} "
            f"of what is uncertain ({scale})."
        )


def _carrying(found: Sensitivity) -> Iterator[str]:
    """Yield a phrase on the claim without which the median moves most."""
    claims = [
        (row, row.median, row.shift)
        for row in found.leave_one_out
        if row.without == "claim" and row.median is not None and row.shift is not None
    ]
    if not claims:
        return
    row, median, shift = max(claims, key=lambda one: one[0].reach)
    if abs(shift) > 2 * (row.shift_se or 0.0):
        moved = _moved(found, median, shift)
        yield f"The claim that matters most is ‘{row.name}’: without it {moved}."
    else:
        yield "No single claim matters much: without any one the median stays, but for chance."


def _moved(found: Sensitivity, median: float, shift: float) -> str:
    """Return how the median would move, by how much where there are several readings.

    Where readings divide, the median of their mixture is not a number to quote.
    """
    before = median - shift
    if len(found.readings) > 1 and before > 0 and median > 0:
        change = f"{brief(100 * abs(median / before - 1), 2)} %"
        return (
            f"the median over all readings would be {change} {'higher' if shift > 0 else 'lower'}"
        )
    times = 100 if found.unit == "share" else 1
    shown = (brief(times * median), brief(times * before))
    return f"the median would be {compared(shown, found.unit, ' instead of ')}"


def notes(found: Sensitivity, view: View) -> Iterator[str]:
    """Yield notes on why a table is empty, or to be read with care."""
    if not view.everywhere:
        yield (
            f"under some reading that has weight nothing is said of {view.target}, so there is no "
            "answer over all readings; each reading stands for itself"
        )
    if not view.usable:
        yield "no reading under which the target can be analysed"
    elif not found.sobol:
        yield (
            "no Sobol indices: they need independent quantities, and a target that is finite "
            "everywhere under the prior; the Shapley effects hold for dependent ones"
        )
    worst = max((row.unexplained for row in found.shapley), default=0.0)
    if worst > UNEXPLAINED:
        yield (
            f"the regression behind the Shapley effects leaves {_percent(worst)} of a variance "
            "unexplained, because the answer bends too sharply for it: take them as rough"
        )
    yield from _weighed_out(found)
    few = {
        (row.claim, row.region, round(row.effective_draws))
        for row in found.region
        if row.effective_draws < FEWEST
    }
    for claim, region, count in sorted(few):
        yield (
            f"{count} effective draws lie {region} {claim}: too few to say what drives the target "
            "there"
        )


def _weighed_out(found: Sensitivity) -> Iterator[str]:
    """Yield a note on claims that were weighed out of the one fit, and on those that cannot be."""
    rows = [row for row in found.leave_one_out if row.without == "claim"]
    weighed = [row for row in rows if row.weighed]
    untold = [row for row in rows if row.weighed is False]
    if weighed:
        anew = len(rows) - len(weighed) - len(untold)
        rest = f"; {anew} carried too much of the weight for that and took a refit" if anew else ""
        rough = sum(row.pareto_k is not None and row.pareto_k > _ROUGH for row in weighed)
        roughly = f", {rough} of them roughly (k̂ above {_ROUGH:g})" if rough else ""
        yield (
            f"{len(weighed)} of {counted(len(rows), 'claim')} were left out by weighing the draws "
            f"of the one fit{roughly}{rest}"
        )
    if untold:
        are = "claim carries" if len(untold) == 1 else "claims carry"
        yield (
            f"{len(untold)} {are} too much to be weighed out (k̂ above {RELIABLE:g}, or fewer than "
            f"{ENOUGH} effective draws): what the answer is without one of them takes a refit, "
            "which --refit-all makes"
        )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
