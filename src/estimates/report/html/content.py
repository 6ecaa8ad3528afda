"""All that a report shows, worked out once, and where in the page what is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import xarray as xr

from estimates._util.parts import Parts
from estimates.analysis.compare.result import Comparison, Row
from estimates.analysis.compare.run import compare
from estimates.analysis.fit_view import FitView
from estimates.analysis.registry import ANALYSES, Memory, asked
from estimates.analysis.result import Result
from estimates.analysis.weighed_out import without_each
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.inference.origin import Origin, model_of
from estimates.inference.refit_result import Refit
from estimates.inference.result import QuantitySummary, Summary
from estimates.inference.summary import summary
from estimates.language.phrases import spoken
from estimates.language.units import Unit
from estimates.model import Model
from estimates.model.account import Account
from estimates.model.describe import describe
from estimates.model.dimensions import variable

#: Cards on kinds of number: the answer over all readings, and the weights of the readings.
ANSWER, WEIGHTS = "trace-answer", "trace-weights"

#: Parts that may be pending beside analyses: the answer without each claim, and the pictures.
REFITS, FIGURES = "refits", "figures"

#: The list of the ledger's claims that the model does not use.
UNUSED = "unused"


def anchor(kind: str, name: str) -> str:
    """Return the name of a card, a fragment of an address: `quantity-skim`."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_-]+', '-', name).strip('-')}"


def comparison(claim: str) -> str:
    """Return the card on the comparison with a cited figure."""
    return anchor("trace-comparison", claim)


@dataclass(frozen=True)
class Link:
    """A link to a card: its name as an address, and its title."""

    id: str
    name: str

    @staticmethod
    def to_claim(claim: str) -> Link:
        """Return the link to a claim's card."""
        return Link(anchor("claim", claim), claim)


@dataclass(frozen=True)
class Gathered:
    """A fit, and every question about it answered.

    Attributes
    ----------
    fit : what `estimates.fit` returned
    model : the model that was fitted
    account : the model in words (see `describe`)
    summary : the fit in numbers
    comparison : the answer beside the cited figures, held out; None without any
    analyses : by command the answer
    without : by claim the answer without it
    parts : makes what follows from these, and knows what broke
    words : what stands in the source of each claim whose quote was looked for
    pending : parts that are not made yet: analyses by name, `REFITS`, `FIGURES`
    """

    fit: xr.DataTree
    model: Model
    account: Account
    summary: Summary
    comparison: Comparison | None
    analyses: Mapping[str, Result]
    without: Mapping[str, Refit]
    parts: Parts = field(default_factory=Parts)
    words: Mapping[str, str] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()

    def analysis[R: Result](self, kind: type[R]) -> R:
        """Return the answer of this kind; raise KeyError where there is none."""
        for answer in self.analyses.values():
            if isinstance(answer, kind):
                return answer
        raise KeyError(kind.__name__)

    @property
    def target(self) -> str:
        """The headline target."""
        return self.model.targets[0]

    @property
    def failed(self) -> list[str]:
        """The reasons not to trust something here, a sentence each, none twice."""
        found = [s for one in self.analyses.values() for s in one.failed]
        found += self.summary.diagnostics.failed
        found += [sentence for one in self.without.values() for sentence in one.failed]
        return list(dict.fromkeys(found))

    @cached_property
    def unit(self) -> Unit:
        """The unit of the headline target."""
        return self.model.unit_of(self.target)

    def units_of(self, name: str) -> Unit:
        """Return the unit of a quantity or a target."""
        return self.model.unit_of(name)

    @cached_property
    def cited(self) -> list[Row]:
        """The rows of the comparison with figures about the headline target, over all readings."""
        about = {use.id: str(use.about) for use in self.model.uses}
        return [
            row for row in self.compared if row.reading is None and about[row.claim] == self.target
        ]

    @property
    def compared(self) -> tuple[Row, ...]:
        """Every row of the comparison."""
        return self.comparison.comparisons if self.comparison else ()

    @property
    def numbers(self) -> QuantitySummary:
        """The headline target over all readings."""
        return self.summary.quantities[variable(self.target)]

    @property
    def label(self) -> str:
        """The name of the headline target."""
        return self.numbers.label or spoken(self.target)


def gather(
    fit: xr.DataTree,
    workers: Workers,
    progress: Progress | None = None,
    parts: Parts | None = None,
    words: Mapping[str, str] | None = None,
    memory: Memory | None = None,
) -> Gathered:
    """Ask everything about a fit; what the workers' store keeps is found there.

    Parameters
    ----------
    parts : makes each part; by default without a limit of time.  What breaks is missing, and in
        `parts.broken`
    words : of claims whose quotes were looked for, what stands in the source (`prove(model).words`)
    memory : of what was answered before about this very fit
    """
    *_, found = gathering(begun(fit, parts, words), workers, progress, memory)
    return replace(found, pending=frozenset())


def begun(
    fit: xr.DataTree, parts: Parts | None = None, words: Mapping[str, str] | None = None
) -> Gathered:
    """Return the head of a report: the answer, beside what is cited, and what it was made of.

    Everything else is `pending`; parameters are those of `gather`.
    """
    parts = parts or Parts()
    origin, model = Origin.of(fit), model_of(fit)
    compared, beside = None, partial(compare, fit, "held-out")
    if model.compare:
        command = f"estimates compare {origin.slug}"
        compared = parts.make("the comparison with the cited figures", beside, command)
    account = replace(describe(model, words), model=origin.slug)
    analyses = (name for name, one in ANALYSES.items() if one.asked_unbidden(model))
    pending = frozenset((REFITS, FIGURES, *analyses))
    return Gathered(
        fit, model, account, summary(fit), compared, {}, {}, parts, words or {}, pending
    )


def gathering(
    found: Gathered,
    workers: Workers,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Iterator[Gathered]:
    """Yield a report with one part more each time; at the end figures alone are pending."""
    fit, model, parts = found.fit, found.model, found.parts
    origin = Origin.of(fit)
    # Of a panel every claim is weighed out by `sensitivity`, which takes no refit for each.
    claims = [use.id for use in model.uses if not use.held_out and not model.panel]
    again = f"estimates report {origin.slug}"

    def left_out() -> dict[str, Refit]:
        view, engine = FitView.of(fit), Engine(model, seed=origin.seed)
        sets = [frozenset({name}) for name in claims]
        found = without_each(view, engine, sets, workers=workers, progress=progress)
        answers = {name: found[one].answer for name, one in zip(claims, sets, strict=True)}
        return {name: one for name, one in answers.items() if one is not None}

    without = parts.make("the answer without each claim", left_out, again)
    found = replace(found, without=without or {}, pending=found.pending - {REFITS})
    yield found
    for name, answer in asked(fit, model, workers, progress, parts, memory):
        analyses = found.analyses if answer is None else {**found.analyses, name: answer}
        found = replace(found, analyses=analyses, pending=found.pending - {name})
        yield found
