"""The compiled model of one estimate, refitted as often as a question needs.

A `Question` says all that can differ between two fits: which branches the readings take, which
claims speak, and whose prior is moved.  The engine compiles on the first question that needs it
and answers the others from the same machine code, each with its own diagnostics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from estimates.bridge import Evidence, bridge
from estimates.diagnostics import Check, check
from estimates.forward import Layout, layout, quantities, recentred, simulate, unconstrained
from estimates.model import Model
from estimates.observations import Observations, observe
from estimates.pointwise import log_likelihood
from estimates.program import Latents, Step, plan, variable
from estimates.readings import touched
from estimates.sampling import Adaptation, Draws, Sampling

if TYPE_CHECKING:
    from estimates.density import CompiledDensity

Array = NDArray[np.float64]
_CANDIDATES = 2000  # prior draws among which chains find a feasible start
_MANY_CANDIDATES = 200_000  # where the first are all impossible
_STARTS = 64
_TRIES = 5


@dataclass(frozen=True)
class Move:
    """A prior moved on its own scale: by `shift` prior sds, its sd times `stretch`."""

    quantity: str
    shift: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True)
class Question:
    """All in which two fits of one model can differ.

    Attributes
    ----------
    choice : option by reading
    active : ids of the claims that speak
    move : a prior that is moved, or None
    widened : factors on the widths of claims that are noisy readings
    """

    choice: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    active: frozenset[str] = frozenset()
    move: Move | None = None
    widened: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Answer:
    """One fit: its draws, evidence and diagnostics."""

    question: Question
    key: str
    draws: Draws
    evidence: Evidence
    check: Check


class Engine:
    """A model ready to be fitted under any question; everything it answers is a fresh object."""

    def __init__(self, model: Model, *, seed: int) -> None:
        self.model = model
        self.seed = seed
        self.steps: tuple[Step, ...] = plan(model)
        self.observations: Observations = observe(model)
        self.layout: Layout = layout(self.steps, len(self.observations.origins))
        self.evidence_ids = frozenset(c.id for c in model.uses if not c.held_out)

    @cached_property
    def density(self) -> CompiledDensity:
        """The compiled joint log density (this is the slow step, and imports PyMC)."""
        from estimates.compiler import build, structure
        from estimates.density import compile_density

        movable = frozenset(self.movable)
        return compile_density(build(self.model, movable=movable), structure(self.model, movable))

    @cached_property
    def movable(self) -> tuple[str, ...]:
        """Unknowns whose priors the weights of readings may echo."""
        return tuple(name for name in touched(self.model) if name in self._group)

    @cached_property
    def _group(self) -> dict[str, Latents]:
        return {name: group for group in self.layout.groups for name in group.members}

    def group_of(self, quantity: str) -> Latents:
        """The vector of latents that a basic unknown is drawn in."""
        return self._group[quantity]

    # Questions -------------------------------------------------------------------------------

    def speaking(self, choice: Mapping[str, str], admitted: frozenset[str]) -> frozenset[str]:
        """The admitted claims that say something under this choice of readings."""
        return frozenset(
            claim.id
            for claim in self.observations.claims
            if claim.id in admitted and self.model.resolve(claim.value, choice) is not None
        )

    def key(self, question: Question) -> str:
        """Equal for questions whose joint density of quantities and claims is the same."""
        claims = self.observations.claims
        said = sorted(
            f"{claim.id}={self.model.resolve(claim.value, question.choice)}"
            for claim in claims
            if claim.id in question.active
        )
        changes = [repr(question.move)] if question.move else []
        changes += [f"{name}*{factor}" for name, factor in sorted(question.widened.items())]
        return "\n".join([*said, *changes])

    def rng(self, purpose: str, key: str) -> np.random.Generator:
        """A generator that depends on the seed, the purpose and the question alone."""
        digest = hashlib.sha256(f"{purpose}\n{key}".encode()).digest()
        words = np.frombuffer(digest, dtype=np.uint32).tolist()
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=tuple(words)))

    # Answers ---------------------------------------------------------------------------------

    def ask(self, question: Question, sampling: Sampling, *, tries: int = _TRIES) -> Answer:
        """Fit under one question, with evidence and diagnostics.

        A fit that fails its checks is tried again, a hierarchy also in its centred form (which
        suits claims that say more of its members than the hierarchy does) and any fit more
        carefully, up to `tries` times; the last is returned whether it passed or not.
        """
        key = self.key(question)
        if not question.active and question.move is None:
            return self._prior_answer(question, key, sampling)
        if not self.layout.size:
            return self._known_answer(question, key, sampling)
        if not len(self._starts(question)):
            return self._impossible_answer(question, key, sampling)
        answer = self._try(question, key, sampling, 0, centred=False)
        centred = False
        if self._hierarchical and tries > 1 and not answer.check.passed:
            other = self._try(question, key, sampling, 0, centred=True)
            if _better(other.check, answer.check):
                answer, centred = other, True
        for attempt in range(1, tries):
            if answer.check.passed:
                break
            sampling = sampling.harder(diverged=answer.check.divergences > 0)
            answer = self._try(question, key, sampling, attempt, centred)
        return answer

    def values(self, points: Array, choice: Mapping[str, str]) -> dict[str, Array]:
        """Every quantity of unconstrained points (chain, draw, dimension): (chain, draw)."""
        chains, draws = points.shape[:2]
        flat = points.reshape(chains * draws, -1)
        parts = self.layout.parts(flat)
        found = quantities(self.model, self.steps, parts, choice, len(flat))
        return {name: value.reshape(chains, draws) for name, value in found.items()}

    def prior_points(self, draws: int, key: str) -> Array:
        """Independent prior draws as unconstrained points (draw, dimension)."""
        rng = self.rng("prior", key)
        latents = simulate(self.model, self.steps, draws, rng)
        errors = rng.standard_normal((draws, self.layout.errors))
        return unconstrained(self.model, self.steps, latents, errors)

    @cached_property
    def _candidates(self) -> Array:
        return self.prior_points(_CANDIDATES, "starts")

    @property
    def _many_candidates(self) -> Array:
        return self.prior_points(_MANY_CANDIDATES, "more starts")

    def most_likely(self, question: Question) -> float:
        """The greatest log likelihood of the claims that speak: no evidence can exceed it."""
        with_claims = self._posed(question)
        without = self._posed(Question(question.choice, frozenset(), question.move))

        def negative(point: Array) -> tuple[float, Array]:
            high, up = with_claims.logp(point, gradient=True)
            low, down = without.logp(point, gradient=True)
            if not np.isfinite(high[0]) or not np.all(np.isfinite(up)):
                return 1e30, np.zeros_like(point)
            return float(low[0] - high[0]), (down - up)[0]

        best = -np.inf
        for start in self._starts(question)[:8]:
            found = minimize(negative, start, jac=True, method="L-BFGS-B")
            best = max(best, -float(found.fun))
        return best

    def _posed(self, question: Question) -> CompiledDensity:
        """The density under a question's data."""
        data: dict[str, NDArray[Any]] = self.observations.data(question.active)
        for vector in self.observations.vectors:
            for position, claim in enumerate(vector.claims):
                if claim.id in question.widened:
                    data[f"{vector.name}_sigma"][position] *= question.widened[claim.id]
        if self.model.readings:
            data["choice"] = np.array(
                [
                    list(reading.options).index(question.choice[name])
                    for name, reading in self.model.readings.items()
                ],
                dtype=np.int64,
            )
        if question.move is not None:
            data |= self._moved(question.move)
        return self.density.with_data(**data)

    def _moved(self, move: Move) -> dict[str, NDArray[Any]]:
        group = self.group_of(move.quantity)
        position = group.members.index(move.quantity)
        shift, stretch = np.zeros(group.size), np.ones(group.size)
        shift[position], stretch[position] = move.shift, move.stretch
        if not group.plain:
            # The latent is moved on its unconstrained scale, about the prior's own centre there;
            # quantiles, because a Cauchy has no sd.
            latent = self.layout.parts(self._candidates)[group.name][position]
            low, centre, high = np.quantile(latent, [0.16, 0.5, 0.84])
            shift[position] = centre + move.shift * (high - low) / 2 - move.stretch * centre
        return {f"{group.name}_shift": shift, f"{group.name}_stretch": stretch}

    def _try(
        self, question: Question, key: str, sampling: Sampling, attempt: int, centred: bool
    ) -> Answer:
        from estimates.density import draw

        density, starts = self._posed(question), self._starts(question)
        rng = self.rng(f"fit {attempt}{' centred' if centred else ''}", key)
        if centred:
            data = {f"{group.name}_centred": np.ones(group.size) for group in self._hierarchical}
            density = density.with_data(**data)
            starts = recentred(self.steps, starts, back=False)
        # Copies of one datum lie on a ridge with their shared error, which a diagonal metric
        # crosses slowly; without such copies the diagonal one adapts faster.
        adaptation: Adaptation = "low_rank" if self.layout.errors else "diag"
        seed = int(rng.integers(2**63))
        draws = draw(density.with_starts(starts), sampling, seed, adaptation)
        evidence = bridge(draws.points, draws.logp, density.logp, rng)
        if centred:
            standard = recentred(self.steps, draws.flat, back=True)
            draws = replace(draws, points=standard.reshape(draws.points.shape))
        return Answer(question, key, draws, evidence, self._check(draws, question.choice))

    @cached_property
    def _hierarchical(self) -> tuple[Latents, ...]:
        """Groups whose location or scale is unknown, and which can be drawn centred on it."""
        return tuple(g for g in self.layout.groups if g.plain and g.hierarchical)

    def _prior_answer(self, question: Question, key: str, sampling: Sampling) -> Answer:
        """Without evidence the posterior is the prior, drawn directly and independently."""
        shape = (sampling.chains, sampling.draws)
        points = self.prior_points(shape[0] * shape[1], key).reshape(*shape, -1)
        stats = {"diverging": np.zeros(shape, dtype=bool), "n_steps": np.zeros(shape, dtype=int)}
        draws = Draws(points, np.zeros(shape), stats)
        check_ = self._check(draws, question.choice)
        return Answer(question, key, draws, Evidence(0.0, 0.0), check_)

    def _known_answer(self, question: Question, key: str, sampling: Sampling) -> Answer:
        """Where nothing is unknown the evidence is the claims' density, exactly."""
        answer = self._prior_answer(question, key, replace(sampling, draws=2))
        values = {
            n: v.ravel() for n, v in self.values(answer.draws.points, question.choice).items()
        }
        said = log_likelihood(
            self.model, self.observations, values, question.choice, question.active
        )
        log = float(sum(densities[0] for densities in said.values()))
        draws = self._prior_answer(question, key, sampling).draws
        return Answer(question, key, draws, Evidence(log, 0.0), answer.check)

    def _impossible_answer(self, question: Question, key: str, sampling: Sampling) -> Answer:
        """Claims that no draw of the priors allows: evidence 0, and no posterior at all."""
        answer = self._prior_answer(question, key, sampling)
        none = replace(answer.draws, points=np.full_like(answer.draws.points, np.nan))
        return Answer(question, key, none, Evidence(-np.inf, 0.0), answer.check)

    def _check(self, draws: Draws, choice: Mapping[str, str]) -> Check:
        values = self.values(draws.points, choice)
        watched = {name: values[name] for name in self.watched if name in values}
        return check(watched, draws.stats["diverging"])

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """What the gates look at: every basic unknown, and every target that is a quantity."""
        unknown = [
            name for step in self.steps if isinstance(step, Latents) for name in step.members
        ]
        return tuple(dict.fromkeys([*unknown, *map(variable, self.model.targets)]))

    def _starts(self, question: Question) -> Array:
        """Feasible points to start from: prior draws where the density is positive, if any."""
        density = self._posed(question)
        for candidates in (self._candidates, self._many_candidates):
            logp = density.logp(candidates)
            usable = np.isfinite(candidates).all(axis=1) & (logp > -1e100)
            if usable.any():
                break
        feasible = candidates[usable]
        # The likelier half of what is feasible: spread out, yet not lost in a far tail.
        ranked = feasible[np.argsort(-logp[usable], kind="stable")]
        return ranked[: max(_STARTS, len(ranked) // 2)][:: max(1, len(ranked) // (2 * _STARTS))]


def _better(one: Check, other: Check) -> bool:
    """Does one fit fail its checks less badly than another?"""

    def badness(check: Check) -> tuple[bool, int, float]:
        return not check.passed, check.divergences, -(check.min_ess_bulk or 0.0)

    return badness(one) < badness(other)
