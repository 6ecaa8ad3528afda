"""What is said beside the tables of an analysis: what heads mean, and what could not be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from estimates._util.format import brief, chance, number, stated
from estimates.analysis.conflict.result import (
    IMPORTANCE,
    NORMAL,
    PARTLY,
    ROUGH,
    WEIGHTED,
    ClaimRow,
    Conflict,
    SplitRow,
    SplitUnderReading,
)
from estimates.analysis.forest.result import Forest
from estimates.analysis.inverse.result import Inverse
from estimates.analysis.multiverse.result import Multiverse
from estimates.analysis.result import Result
from estimates.analysis.sensitivity.result import Sensitivity
from estimates.analysis.validate.result import Validation
from estimates.analysis.voi.result import Judged, ValueOfInformation
from estimates.analysis.voi.sentences import threshold_words
from estimates.analysis.whatif.result import WhatIf
from estimates.language.labels import the
from estimates.language.phrases import capitalised, counted, in_words, option_words


def notes_of(found: Result) -> list[str]:
    """Return the notes, in the order of the tables."""
    tell: Callable[[Any], Iterable[str]] | None = _NOTES.get(type(found))
    return [] if tell is None else list(tell(found))


def _forest(found: Forest) -> Iterator[str]:
    yield (
        "Each claim stands alone, by its words and its basis: what states its own error is as wide "
        "as that, without the scatter of its kind. Pooled: the posterior over all "
        "readings. Next claim: where one more claim, as wide as these, would lie."
    )


def _sensitivity(found: Sensitivity) -> Iterator[str]:
    yield (
        "Shapley effects share out the uncertainty among quantities, also where these depend on "
        "each other; Sobol indices do so for the prior alone. Power-scaling sensitivity: how far "
        "the answer moves as a part counts for more; from 0.05 it matters."
    )
    for row in found.leave_one_out:
        change = row.weight_shift
        if row.without == "claim" and change is not None and change.size > 0.05:
            yield (
                f"Without {row.name} the reading “{option_words(change.option)}” has a weight of "
                f"{chance(change.after)} instead of {chance(change.before)}."
            )
    for note in found.notes:
        yield f"{capitalised(note)}."


def _conflict(found: Conflict) -> Iterator[str]:
    rows: list[SplitRow | SplitUnderReading | ClaimRow] = [
        *found.splits,
        *found.splits_by_reading,
        *found.claims,
    ]
    if not rows:
        return
    yield (
        "p: two-sided, small where the two cannot be the same number. z: what it is worth in "
        "standard errors, positive where the evidence lies above the rest. Adjusted by Holm's "
        f"method: {_families(found)}. Below {found.level:g} it is called a conflict."
    )
    if any(row.kind == "statement" for row in rows):
        yield "Of a bound or a direction p is the probability, by the rest, that it would be said."
    if any(row.against == PARTLY for row in rows):
        yield (
            "“The other evidence and the prior”: some of what the claim speaks of is known from "
            "its prior alone, or mostly."
        )
    methods = {row.method for row in rows}
    if WEIGHTED in methods:
        yield _by_weights(found)
    if IMPORTANCE in methods:
        yield "The far tails come from further fits that were pulled there."
    if NORMAL in methods:
        yield "A tail that no draw reached is that of a normal: an extrapolation."
    if found.without and found.agreeing:
        agree = "piece of evidence agrees" if found.agreeing == 1 else "pieces of evidence agree"
        yield (
            f"{found.agreeing} {agree} with the rest and cannot be what is wrong; without it "
            "a conflict would only be harder to see."
        )
    if found.not_tried and found.without:
        yield f"{found.not_tried} more disagree with the rest and were not left out in turn."
    elif found.not_tried:
        yield (
            "What leaving one of them out would do takes refits of the whole panel: --refit-all "
            f"makes them, of {counted(found.not_tried, 'piece')} of evidence."
        )
    if found.without:
        yield "Nothing has been left out: which of them is wrong, p does not say."


def _by_weights(found: Conflict) -> str:
    """Return how many pieces of evidence were weighed out of the fit, and how well that went."""
    rows = {row.body: row for row in found.splits}.values()
    kept = [row for row in rows if not row.refitted]
    rough = sum(row.k_hat is not None and row.k_hat > ROUGH for row in kept)
    told = (
        f"{len(kept)} of {counted(len(rows), 'piece')} of evidence were left out by weighing the "
        "draws of the one fit; k̂ says how well that can be done (badly above 0.5). "
    )
    if not rough:
        return f"{told}What looked bad was fitted anew; --refit-all does so with all of them."
    return (
        f"{told}What could be a conflict and was the furthest from the rest was fitted anew. Of "
        f"{rough} others k̂ is above {ROUGH:g}: their p is rough. --refit-all fits the model anew "
        "without each piece."
    )


def _families(found: Conflict) -> str:
    """Return over how many comparisons each family is adjusted."""
    bodies, parts = found.families[0], []
    if bodies.tests:
        seen = f" (seen from {bodies.comparisons} sides)"
        under = (
            ", under each reading for those there" if any(r.under for r in found.families) else ""
        )
        parts.append(
            f"pieces of evidence, each against the rest and two by two, for "
            f"{counted(bodies.tests, 'comparison')}"
            f"{seen if bodies.tests < bodies.comparisons else ''}{under}"
        )
    parts += [
        f"{row.of} for {counted(row.tests, 'comparison')}"
        for row in found.families
        if row.of != "bodies" and row.tests
    ]
    return "; ".join(parts)


_STATUS = {
    "says nothing of it": "under this reading nothing is said of it",
    "impossible": "impossible under the claims",
    "not defined": "the answer is not defined for any draw",
}


def _inverse(found: Inverse) -> Iterator[str]:
    yield (
        "Below each value: how many posterior standard deviations the quantities, all together, "
        "would have to be from their most likely values for the answer to be exactly there; below "
        "1 is hardly surprising, above 3 very. Inside: the probability of the range. Weight then: "
        "of the reading, if the answer is in the range."
    )
    for row in found.readings:
        if row.single:
            where = f"{', '.join(map(option_words, row.options.values()))}: " if row.options else ""
            lost = [found.named(edge) for edge in found.levels if row.surprise[edge] is None]
            if row.status != "ok":
                yield f"{where}{_STATUS.get(row.status, row.status)}."
            elif lost:
                yield f"{where}no values of the quantities were found that reach {', '.join(lost)}."
            if row.unpinned:
                yield (
                    f"{where}the least surprising values at {row.unpinned} lie where the answer "
                    "has a kink or the density an edge; they are the best that was found."
                )
    if found.lines:
        yield "Where two quantities break even is drawn in a figure, and in the JSON document."
    if any(row.held for row in found.options):
        yield "The weights of some readings are held: they stay as the model states them."
    if any(row.method == "subset simulation" for row in found.readings):
        yield (
            "Where too few draws lie in the range, the posterior given the range was drawn anew, "
            "by subset simulation."
        )
    if found.claim and found.ranged:
        yield "All of this supposes that the cited range is right; everywhere else it is held out."


def _voi(found: ValueOfInformation) -> Iterator[str]:
    log = found.estimation.scale == "log"
    yield (
        f"Removes: the expected share of the variance of {the(found.label, found.unit)} (EVPPI"
        + ("; on the log scale, since a few large draws would decide otherwise" if log else "")
        + "). Loss avoided: how much lower the expected loss would be. New claim: the same for one "
        "more claim, as good as the best that there is. Facts depend on each other, so the shares "
        "need not add up."
    )
    if found.decision is None:
        yield "No figure is cited of it; --threshold asks about a decision."
    else:
        yield _decision(found.decision)
    order = found.monotonicity
    if order.violations:
        yield "FAILED: knowing more comes out worth less, which cannot be."
    else:
        yield (
            f"Checked in {order.comparisons} comparisons: within Monte Carlo error, nothing is "
            "worth less than a part of it, less than nothing, or more than knowing everything."
        )


def _decision(decision: Judged) -> str:
    whose = f" (an end of {decision.claim})" if decision.claim else ""
    text = f"Threshold {threshold_words(decision)}{whose}: P(above) is {chance(decision.above)}. "
    if decision.evpi is None:
        return text + "The expected loss is not finite."
    if decision.clear:
        return text + "No draw lies on the other side, so no fact could change what to say."
    unit = f" {in_words(decision.loss_unit)}".rstrip()
    each = f" for each{unit}" if decision.loss == "linear" else ""
    return text + (
        f"Losses: {stated(decision.loss_false_above)} for a false “above”, "
        f"{stated(decision.loss_false_below)} for a false “not above”{each}. Saying "
        f"“{decision.said}” now has an expected loss of "
        f"{number(decision.evpi, decision.evpi_se)}{unit} (EVPI: with perfect information it would "
        "be none)."
    )


def _multiverse(found: Multiverse) -> Iterator[str]:
    yield (
        f"{len(found.cells):,} of {counted(found.total, 'cell')}; a cell is one way of analysing "
        "the claims. Effect: of choosing the option instead of the model as it stands, averaged "
        "over everything else. From, to: the range over pairs of cells that differ in nothing "
        "else. Share: of the variance between the cells, by this choice alone."
    )
    for one in found.verdicts:
        if one.only_just:
            yield (
                f"{one.claim}: {one.only_just} of {counted(one.compared, 'verdict')} hold only "
                "just: they would change if a probability or a weight were two Monte Carlo errors "
                "away."
            )
        if one.believing:
            yield (
                f"{one.claim}: {counted(one.believing, 'cell')} that believe the figure are not "
                "counted: an answer agrees with what it was made from."
            )
    if found.weight_flips or found.width_flips:
        yield "Where no weight or factor is given, none would change the verdict."
    if found.width_flips:
        yield (
            f"Factors on widths were tried up to {found.width_limit:g} either way, in steps of at "
            f"most {brief(max(one.step for one in found.width_flips), 3)}, shorter where the "
            "verdict is near to another; it changes between the two given there."
        )


def _validate(found: Validation) -> Iterator[str]:
    yield (
        "Each claim left out is set beside what the rest foretells, with the claim's own width. If "
        "right: where the share lies in 95 of 100 cases if the model is right and the claims do "
        "not depend on each other. P: the share of what was foretold that lies below the claim; of "
        "bounds, counts and events a random one of those that it may be."
    )
    if found.judged is not found.groups[0]:
        yield (
            "What the rest foretells of some claims goes together; of those the latest counts, by "
            "the date of its source, and it is they by whom the model is judged."
        )
    yield f"The model was fitted to {counted(found.kept, 'claim')}."


def _whatif(found: WhatIf) -> Iterator[str]:
    if any(row.kind == "value" for row in found.supposed):
        yield (
            "To set a quantity is to learn that it is so (conditioning): what it was worked out "
            "from responds as well as what follows from it. What would happen if somebody made it "
            "so (an intervention) is another question, which these claims do not answer."
        )
    if any(row.held is not None for row in found.targets):
        yield (
            "Readings held: the answer as supposed with the weights that the readings had. What it "
            "lacks to the answer as supposed is what the supposition says of how the phrases were "
            "meant."
        )
    yield (
        "Cited figures are held out of both answers. A difference within two Monte Carlo errors "
        "counts as none. Shifts are in standard deviations of the answer as it is, on the log "
        "scale for positive quantities and the logit scale for shares."
    )


_NOTES: dict[type[Result], Callable[[Any], Iterable[str]]] = {
    Forest: _forest,
    Sensitivity: _sensitivity,
    Conflict: _conflict,
    Inverse: _inverse,
    ValueOfInformation: _voi,
    Multiverse: _multiverse,
    Validation: _validate,
    WhatIf: _whatif,
}
