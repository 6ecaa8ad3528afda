"""Whether what one speaker says can all be meant: the speaker's claims alone, by their words alone.

A speaker's own arithmetic is not excused by ignorance of the world.  So the claims of one speaker,
held-out ones too, are a model of their own, with the priors and relations of the whole one but no
other claim, and no claim has the width of a basis: rounding, hedges and what a statement states
are all, the ends of a range holding 90 %.

A bound is heard in two ways.  As logic has it, "at least L" allows everything above L.  As people
mean it, the truth is not far above: g(θ) − g(L) = |N(0, .25)| + N(0, .03), which is skew-normal
(Azzalini 1985, Scand J Statist 12:171); "up to" is the mirror of it.  The half-normal part is an
unknown of that model, h, and the claim a reading of width .03 of what lies h below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from estimates.analysis.conflict.bodies import label_of
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.head_to_head import pairs_of
from estimates.analysis.conflict.multiplicity import evident_of, families
from estimates.analysis.conflict.node_split import Judged
from estimates.analysis.conflict.result import LEVEL, PRIOR, Hearing, SpeakerRow
from estimates.analysis.conflict.rows import told_sides
from estimates.analysis.conflict.splits import rests, splits_of
from estimates.errors import Faults
from estimates.inference.origin import Origin
from estimates.inference.posterior import fit
from estimates.inference.refit import SAMPLING
from estimates.language.expression import Binary, Call, Constant, Expression, Name, Unary
from estimates.language.wording import Bound, Disputed, Point
from estimates.model import BoundClaim, Model
from estimates.model.ledger import Ledger
from estimates.model.priors import FixedValue, NamedPrior
from estimates.model.spec import Quantity, Use

#: Of what people mean by a bound: how far beyond it the truth mostly lies, and its own width.
MEANT, EXACT = 0.25, 0.03
BOTH: tuple[Hearing, ...] = ("as logic has it", "as people mean it")
WORDS: tuple[Hearing, ...] = ("",)
_NOTHING = 1e-9  # a basis that widens nothing
_COVERAGE = 0.90


@dataclass(frozen=True)
class Speaker:
    """A speaker with claims of which at least two are about what can be compared."""

    name: str
    uses: tuple[BoundClaim, ...]


def speakers_of(model: Model) -> list[Speaker]:
    """Return the speakers with two claims or more, held-out ones included, in the model's order."""
    groups: dict[str, list[BoundClaim]] = {}
    for use in model.uses:
        if any(one.claim.datum == use.claim.datum for one in groups.get(use.claim.speaker, ())):
            continue  # a figure that is compared more than once was said once
        # Who disputes somebody else's figure says nothing by that which could be an own total.
        disputes = isinstance(use.claim.says, Disputed)
        own = disputes and model.ledger.claims[use.claim.disputes].speaker == use.claim.speaker
        if use.claim.speaker and (not disputes or own):
            groups.setdefault(use.claim.speaker, []).append(use)
    return [Speaker(name, tuple(uses)) for name, uses in groups.items() if len(uses) > 1]


def by_speaker(case: Case) -> tuple[list[SpeakerRow], list[str]]:
    """Return a row for each speaker and way of hearing bounds, and why not to trust them."""
    rows: list[SpeakerRow] = []
    failed: list[str] = []
    for speaker in speakers_of(case.model):
        bounds = [use for use in speaker.uses if isinstance(use.wording, Bound)]
        for hearing in BOTH if bounds else WORDS:
            found, said = _judged(case, speaker, hearing)
            rows += [found] if found is not None else []
            failed += [f"{speaker.name}: {one}" for one in said]
    return rows, failed


def alone(model: Model, speaker: Speaker, meant: bool) -> Model:
    """Return the model of what one speaker says, by words alone.

    Parameters
    ----------
    meant : whether bounds are heard as people mean them

    Raises
    ------
    InputError : where these claims cannot be a model
    """
    cells = model.cells
    declared_as = {**model.claims, **model.compare}
    uses: list[Use] = []
    claims = dict(model.ledger.claims)
    quantities = dict(cells.quantities)
    for number, use in enumerate(speaker.uses):
        made, says = replace(declared_as[use.id], pool=None), use.claim.says
        if meant and isinstance(says, Bound) and isinstance(use.wording, Bound):
            limit = abs(use.wording.figure.value)
            more, about = _as_meant(use, made.about, limit, number, use.wording.upper)
            quantities |= {one.name: one for one in more}
            made = replace(made, about=about, scale=use.scale)
            width = EXACT * (limit if use.scale == "identity" else 1.0)
            point = Point(figure=says.figure, unit=says.unit)
            claims[use.id] = replace(use.claim, says=point, sigma=width)
        uses.append(made)
    basis = {
        name: replace(one, width=_NOTHING, coverage=_COVERAGE)
        for name, one in cells.conventions.basis.items()
    }
    parts = replace(
        cells,
        ledger=Ledger(model.ledger.sources, claims),
        quantities=quantities,
        claims=tuple(uses),
        compare=(),
        kinds={},
        variants={},
        conventions=replace(cells.conventions, basis=basis),
    )
    return Model.of(parts, Faults())


def _as_meant(
    use: BoundClaim, about: Expression, limit: float, number: int, upper: bool
) -> tuple[list[Quantity], Expression]:
    """Return how far beyond a bound the truth lies, and what then lies at the bound."""
    prior = NamedPrior("HalfNormal", {"sigma": Constant(MEANT)})
    beyond = Quantity(f"beyond_{number}", prior, label=f"how far beyond the bound of {use.id}")
    far: Expression = Name(beyond.name)
    back = far if upper else Unary("-", far)
    match use.scale:
        case "log":
            return [beyond], Binary("*", about, Call("exp", (back,)))
        case "logit":
            return [beyond], Call("logistic", (Binary("+", Call("logit", (about,)), back),))
        case _:
            bound = Quantity(f"limit_{number}", FixedValue(limit), unit=use.unit)
            step = Binary("*", Name(bound.name), back)
            return [beyond, bound], Binary("+", about, step)


def _judged(
    case: Case, speaker: Speaker, hearing: Hearing
) -> tuple[SpeakerRow | None, tuple[str, ...]]:
    """Return whether what a speaker says can all be meant; None where nothing can be compared."""
    model = alone(case.model, speaker, hearing == "as people mean it")
    tree = fit(
        model,
        seed=case.engine.seed,
        sampling=SAMPLING,
        workers=case.workers,
        progress=case.progress,
    )
    own = Case(tree, case.workers, case.progress, thorough=True)
    judged = splits_of(own, rests(own))
    splits = [one for one in judged if one.ground.against != PRIOR]
    failed = (
        *Origin.of(tree).failed,
        *(sentence for one in judged for sentence in one.comparison.partial.failed),
    )
    if not splits:
        return None, failed
    pairs = pairs_of(own)
    family = families(own, splits, pairs, evident_of(own, splits))
    smallest = [min(found.p.values(), default=1.0) for found in family.by_reading]
    best = int(np.argmax(smallest))
    worst = min(splits, key=lambda one: _p_under(one, best))
    comparison = worst.comparison
    part = int(comparison.part[best])
    ground = worst.grounds[part] if part >= 0 else worst.ground
    claim = comparison.claim
    row = SpeakerRow(
        speaker=speaker.name,
        hearing=hearing,
        claims=", ".join(use.id for use in speaker.uses),
        p=smallest[best],
        under=own.words_of([best]),
        readings=len(smallest),
        meant_under=sum(p >= LEVEL for p in smallest),
        can_be_meant=smallest[best] >= LEVEL,
        claim=claim.id,
        label=label_of(case.model, next(use for use in speaker.uses if use.id == claim.id)),
        unit=claim.unit,
        scale=comparison.side.scale.name,
        prior_of=ground.prior_of,
        **vars(told_sides(comparison, comparison.alone(max(part, 0)))),
    )
    return row, failed


def _p_under(one: Judged, reading: int) -> float:
    log_p = one.log_p_under(reading)
    return math.inf if log_p is None else log_p
