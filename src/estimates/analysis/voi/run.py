"""The value of finding out: what learning a fact would do to an estimate, and to a decision.

Nothing is fitted anew: the draws of the posterior, mixed over its readings, are all that is needed
(see `voi`, `regression`).  Learning is exact here, and conditional on the model: what is learned
is the value of a quantity, or which meaning a phrase has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from estimates.analysis.result import head_of
from estimates.analysis.voi.checks import in_order, monotonicity
from estimates.analysis.voi.decision import Loss, decision_of
from estimates.analysis.voi.evppi import (
    NewClaim,
    Question,
    Worth,
    everything,
    share_of_new_claims,
    worth,
)
from estimates.analysis.voi.parameters import (
    Fact,
    becomes_known,
    facts,
    least,
    settles,
    target_of,
)
from estimates.analysis.voi.result import SINGLE, ValueOfInformation
from estimates.analysis.voi.rows import Estimation, judged_of, row_of, with_new_claim
from estimates.analysis.voi.sample import Sample
from estimates.analysis.voi.sentences import sentence_of
from estimates.errors import NotConverged
from estimates.inference.jobs import in_threads
from estimates.inference.origin import Origin
from estimates.inference.posterior import fitted
from estimates.language.expression import Expression
from estimates.language.labels import the
from estimates.model.dimensions import variable

if TYPE_CHECKING:
    import xarray as xr

    from estimates.inference.jobs import Progress, Workers
    from estimates.model import Model

__all__ = ["voi"]


def voi(
    model_or_fit: Model | xr.DataTree,
    target: str | None = None,
    threshold: float | None = None,
    *,
    groups: Sequence[Sequence[str]] | None = None,
    cells: bool = False,
    loss: Loss = "probability",
    loss_false_above: float = 1.0,
    loss_false_below: float = 1.0,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> ValueOfInformation:
    """Value information: what learning each quantity, reading or group of them is worth.

    Parameters
    ----------
    model_or_fit : a model, or what `estimates.fit` returned of it (which saves a fit)
    target : the model's first, if not given
    threshold : in the target's unit; else the low end of the first cited figure about the target.
        Without either there is an estimate only, and no decision
    groups : names of quantities, relations and readings that are learned together
    cells : whether the cells of a quantity over dimensions are learned one by one, not together
    loss : `probability` (a wrong statement costs its loss) or `linear` (for each unit by which the
        target misses the threshold)
    loss_false_above, loss_false_below : what saying "above" of what is not costs, and the reverse
    workers : how many threads (`count`); nothing is fitted anew, and no executor is needed but to
        fit a model
    progress : called as `progress(done, total, what)`

    Returns
    -------
    ValueOfInformation; it has `target`, `estimation`, `decision` (None without a threshold),
    `facts` (a row each, those that remove most first), and `monotonicity`.  Shares are of the
    variance on `estimation.scale`: the log scale for a target that is positive, on whose own scale
    a few large draws would decide; `share_own` is on its own.

    Raises
    ------
    InputError : for an unknown target, an unknown name in a group, or an impossible loss
    NotConverged : where no reading is possible, so that there are no draws

    See Also
    --------
    sensitivity : where the variance comes from

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> found = est.voi(fit, threshold=100)
    >>> found.decision.threshold
    100.0
    """
    fit = fitted(model_or_fit, workers, progress)
    sample = Sample.of(fit)
    if not sample.kept:
        raise NotConverged("no reading has draws to learn from; see `estimates fit`")
    model = sample.model
    wanted = target_of(model, target)
    decision = decision_of(model, wanted, threshold, loss, loss_false_above, loss_false_below)
    asked = facts(model, wanted, groups or (), cells=cells)
    estimation = Estimation.of(sample, wanted, variable(wanted))
    judged = judged_of(estimation, decision)
    question = estimation.question(decision)
    taken = {fact.key: least(model, fact) for fact in asked}
    known = {key: becomes_known(model, one.members, one.axes) for key, one in taken.items()}
    for key, one in taken.items():
        if settles(model, known[key], wanted):  # there is no more to know
            taken[key] = replace(one, members=(variable(wanted),), axes=())
    found: dict[frozenset[str], Worth] = {}
    new: dict[str, NewClaim] = {}
    if question is not None:
        tell = _Told(progress, len(asked) + 1)
        with in_threads(workers) as each:
            single = [fact for fact in asked if fact.kind in (*SINGLE, "derived")]
            rest = [fact for fact in asked if fact.kind not in (*SINGLE, "derived")]
            for some in (single, rest):
                # The same information under two names is asked about once, in one order.
                sets = {known[fact.key]: fact.key for fact in some if known[fact.key] not in found}
                ordered = [
                    _by_rank(sample, wanted, taken[key])
                    if model.panel
                    else _by_share(taken[key], found, known, single)
                    for key in sets.values()
                ]
                everywhere = [settles(model, one, wanted) for one in sets]
                work = partial(_ask, question, tell)
                found |= zip(sets, each(work, ordered, everywhere), strict=True)
            new = share_of_new_claims(question, asked, Origin.of(fit).seed, each)
        tell("")
    told = in_order(found, None if judged is None else judged.evpi)
    rows = []
    for fact in asked:
        worth = told.get(known[fact.key])
        row = row_of(fact, taken[fact.key], worth, estimation, decision)
        rows.append(with_new_claim(row, new.get(fact.key)))
    pairs = [(fact, found[known[fact.key]]) for fact in asked if known[fact.key] in found]
    order = monotonicity(sample, pairs, judged)
    rows.sort(key=lambda row: -(row.share if row.share is not None else -1.0))
    spread = estimation.spread()
    sentence = sentence_of(the(estimation.label, estimation.unit), spread, judged, rows)
    return ValueOfInformation(
        **head_of(fit, sentence, order.violations),
        target=wanted,
        label=estimation.label,
        unit=estimation.unit,
        estimation=spread,
        decision=judged,
        facts=tuple(rows),
        monotonicity=order,
    )


class _Told:
    """Counts what is done, in whichever thread."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self, what: str) -> None:
        self._done = min(self._done + 1, self._total)
        if self._progress is not None:
            self._progress(self._done, self._total, what)


def _ask(question: Question, tell: _Told, fact: Fact, all_of_it: bool) -> Worth:
    found = everything(question) if all_of_it else worth(question, fact)
    tell(fact.name)
    return found


def _by_rank(sample: Sample, target: str, fact: Fact) -> Fact:
    """Return cells ordered by how their ranks go with the target's: fits have room for so many.

    Under the reading that weighs most.
    """
    if len(fact.members) <= 1:
        return fact
    heaviest = int(np.argmax(sample.weights))
    ranks = rankdata(sample.values(variable(target))[heaviest])

    def strength(member: str | Expression) -> float:
        values = sample.values(member) if isinstance(member, str) else sample.worked_out(member)
        mine = rankdata(values[heaviest])
        return abs(float(np.corrcoef(mine, ranks)[0, 1])) if np.ptp(mine) > 0 else 0.0

    return replace(fact, members=tuple(sorted(fact.members, key=lambda m: -strength(m))))


def _by_share(
    fact: Fact,
    found: Mapping[frozenset[str], Worth],
    known: Mapping[str, frozenset[str]],
    single: Sequence[Fact],
) -> Fact:
    """Return members ordered by what they matter alone: fits have room for so many."""
    alone = {one.name: known[one.key] for one in single if one.kind != "reading"}

    def share(member: str | Expression) -> float:
        worth = found.get(alone.get(str(member), frozenset()))
        return 0.0 if worth is None else worth.shares[0].value

    return replace(fact, members=tuple(sorted(fact.members, key=lambda m: (-share(m), str(m)))))
