"""One fit as a piece of work: a question answered, with its evidence under moved priors.

What many fits keep in memory is bounded: where a model has very many readings, each keeps only as
many draws as there is room for, evenly thinned once its evidence and diagnostics are known.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from estimates._util.files import Json
from estimates.inference.diagnostics import Check
from estimates.inference.engine import Engine
from estimates.inference.jobs import Job
from estimates.inference.program import names_of, target_text
from estimates.inference.question import Condition, Fit, Move
from estimates.inference.sampling import Draws, Sampling
from estimates.language.phrases import option_words
from estimates.model import Model
from estimates.stats.bridge import MarginalLikelihood
from estimates.stats.convergence import effective, split
from estimates.stats.importance import BOUNDED, smoothed

#: Largest standard error of a reading's weight.
LARGEST_WEIGHT_ERROR = 0.005
_RELIABLE = 0.7  # Pareto k below which importance weights can be trusted (Vehtari et al. 2024)
#: Numbers that the draws of all quantities under all readings may be (128 MB), and those of every
#: claim's likelihood again.
ROOM = 16_000_000
FEWEST = 50  # draws of a chain that are kept at the least


@dataclass(frozen=True)
class FitJob:
    """A question to be answered.

    Attributes
    ----------
    moves : priors that, one at a time, are moved, for what the evidence would then be
    kept : draws of each chain that are kept
    """

    question: Condition
    sampling: Sampling
    moves: tuple[Move, ...] = ()
    kept: int | None = None


def draws_kept(model: Model, sampling: Sampling) -> int:
    """Return how many draws of each chain there is room for under every reading."""
    numbers = _arrays(model) * sampling.chains
    return min(sampling.draws, max(FEWEST, ROOM // max(1, numbers)))


def _arrays(model: Model) -> int:
    """Return how many arrays of draws the readings can have at most, those alike kept once.

    Those of a quantity differ between readings of which the evidence depends on one, since these
    have fits of their own, or the quantity itself.
    """
    evidence = [model.axes_of(use.about) for use in model.uses if not use.held_out]
    fits = frozenset[str]().union(*evidence)
    sizes = {name: len(reading.options) for name, reading in model.readings.items()}
    known = {*model.quantities, *model.relations}
    spoken = (name if name in known else target_text(name) for name in names_of(model))
    return sum(
        prod(sizes[axis] for axis in fits | model.axes_of(one) if axis in sizes) for one in spoken
    )


def thinned_rows[Number: np.generic](values: NDArray[Number], kept: int) -> NDArray[Number]:
    """Return `count` draws of each chain (second axis), evenly spaced; all if there are fewer."""
    count = values.shape[1]
    return values if kept >= count else values[:, np.arange(kept) * count // kept]


def thinned(draws: Draws, kept: int) -> Draws:
    """Return `count` draws of each chain, evenly spaced."""
    return Draws(
        thinned_rows(draws.points, kept),
        thinned_rows(draws.logp, kept),
        {name: thinned_rows(values, kept) for name, values in draws.stats.items()},
    )


def answer(engine: Engine, fit: FitJob) -> Fit:
    """Return the answer to a question, with the evidence under each move (its fits may fail it)."""
    engine = engine.pinning(fit.question.pinned)
    found = engine.ask(fit.question, fit.sampling)
    moved, failed = {}, list(found.check.failed)
    for move in fit.moves:
        moved[move], sentences = _moved_evidence(engine, found, move, fit.sampling)
        failed += [f"with the prior of {move.quantity} moved, {one}" for one in sentences]
    check = replace(found.check, failed=tuple(failed))
    draws = found.draws if fit.kept is None else thinned(found.draws, fit.kept)
    return replace(found, draws=draws, check=check, moved=moved)


def _moved_evidence(
    engine: Engine, answer: Fit, move: Move, sampling: Sampling
) -> tuple[float, tuple[str, ...]]:
    """Return the log evidence under a moved prior: by importance weights if they hold, or a refit.

    With it the refit's failed checks.
    """
    if answer.evidence.log == -np.inf:
        return -np.inf, ()
    group = engine.group_of(move.quantity)
    if group.plain:
        latents = engine.layout.parts(answer.draws.flat)[group.name]
        latent = latents[group.members.index(move.quantity)]
        moved = (latent - move.shift) / move.stretch
        log_ratio = (latent**2 - moved**2) / 2 - np.log(move.stretch)  # of two normal densities
        log_mean = _log_mean_weight(log_ratio.reshape(answer.draws.logp.shape), answer.check)
        if log_mean is not None:
            return answer.evidence.log + log_mean, ()
        if engine.model.panel:  # of very many cells, none is worth a refit
            return answer.evidence.log + _normal_ratio(latent, move), ()
    refitted = engine.ask(replace(answer.question, move=move), sampling)
    return refitted.evidence.log, refitted.check.failed


def _normal_ratio(latent: NDArray[np.float64], move: Move) -> float:
    """Return the log ratio of evidence under a moved prior, the posterior taken to be normal.

    What the claims say of a latent is then N(z; m, s²)/N(z; 0, 1), and its mean under the moved
    prior N(shift, stretch²) an integral of three normals.  A posterior wider than its prior, which
    is noise, counts as the prior: nothing is learnt of the latent.
    """
    mean, variance = float(latent.mean()), float(latent.var())
    told = 1 / variance - 1
    if told <= 0:
        return 0.0
    centre = mean / variance / told
    spread = 1 / told
    before = (centre**2 / (1 + spread) + np.log(1 + spread)) / 2
    after_variance = move.stretch**2 + spread
    after = ((centre - move.shift) ** 2 / after_variance + np.log(after_variance)) / 2
    return float(before - after)


def _log_mean_weight(log_ratio: NDArray[np.float64], check: Check) -> float | None:
    """Return the log mean of importance weights (chain, draw); None where it does not hold.

    A relative error r of the evidence is one of w(1 − w)r ≤ r/4 of a weight w.
    """
    largest = float(log_ratio.max())
    ratio = np.exp(log_ratio - largest)
    mean = float(ratio.mean())
    log_mean = largest + float(np.log(mean))
    spread, tolerated = float(ratio.std()) / mean, 4 * LARGEST_WEIGHT_ERROR
    # Bounded weights and a margin of four in the effective draws need no closer look.
    certain = (check.min_ess_bulk or 0.0) / 4
    if BOUNDED * mean > 1 and spread < tolerated * np.sqrt(certain):
        return log_mean
    worth = float(effective(split(ratio[None]))[0])
    _, pareto = smoothed(log_ratio.ravel())
    reliable = pareto < _RELIABLE and spread < tolerated * np.sqrt(worth)
    return log_mean if reliable else None


def _describe(fit: FitJob) -> Json:
    return {
        "question": fit.question.to_json(),
        "sampling": asdict(fit.sampling),
        "moves": [asdict(move) for move in fit.moves],
        "kept": fit.kept,
    }


def _encode(found: Fit) -> bytes:
    """Encode arrays as they are, the rest as JSON (with -Infinity for -inf)."""
    question = found.question
    said = {
        "question": {
            "choice": dict(question.choice),
            "active": sorted(question.active),
            "move": asdict(question.move) if question.move else None,
            "widened": dict(question.widened),
            "spoken": dict(question.spoken),
            "fixed": dict(question.fixed),
            "pinned": dict(question.pinned),
        },
        "key": found.key,
        "evidence": asdict(found.evidence),
        "check": asdict(found.check),
        "moved": [[asdict(move), log] for move, log in found.moved.items()],
    }
    stream = io.BytesIO()
    stats = {f"stat_{name}": v for name, v in found.draws.stats.items()}
    np.savez(stream, allow_pickle=False, points=found.draws.points, logp=found.draws.logp, **stats)
    return json.dumps(said).encode() + b"\n" + stream.getvalue()


def _decode(content: bytes) -> Fit:
    head, _, arrays = content.partition(b"\n")
    said = json.loads(head)
    with np.load(io.BytesIO(arrays)) as read:
        stats = {
            name.removeprefix("stat_"): read[name] for name in read.files if name[:5] == "stat_"
        }
        draws = Draws(read["points"], read["logp"], stats)
    question = said["question"]
    question["active"] = frozenset(question["active"])
    question["move"] = Move(**question["move"]) if question["move"] else None
    check = said["check"]
    check["failed"] = tuple(check["failed"])
    moved = {Move(**move): log for move, log in said["moved"]}
    evidence = MarginalLikelihood(**said["evidence"])
    return Fit(Condition(**question), said["key"], draws, evidence, Check(**check), moved)


FIT: Job[FitJob, Fit] = Job(
    kind="answer",
    run=answer,
    describe=_describe,
    encode=_encode,
    decode=_decode,
    label=lambda fit: ", ".join(map(option_words, fit.question.choice.values())) or "the model",
)
