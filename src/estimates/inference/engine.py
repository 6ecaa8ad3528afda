"""The compiled model of one estimate, refitted as often as a question needs.

The engine compiles on the first question that needs it and answers the others from the same
machine code, each with its own diagnostics.  Questions may be asked from several threads.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimates.inference.centring import as_data, recentred, suited, wholly
from estimates.inference.diagnostics import BEYOND, Check, against_walls, check
from estimates.inference.forward import (
    PYTENSOR,
    Layout,
    layout,
    points_of,
    quantities,
    simulate,
    unconstrained,
)
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.observed import Observations, observe
from estimates.inference.posing import Sayings, data_of, moved, numbers_of
from estimates.inference.program import plan, with_fixed
from estimates.inference.question import Condition, Fit
from estimates.inference.retry import MOST_FOR_LOW_RANK, Judge, persist
from estimates.inference.ridges import Ridges, difference
from estimates.inference.sampling import Draws, Sampling, Way
from estimates.inference.signature import structure
from estimates.inference.starting import far_and_wide
from estimates.inference.starts import starts
from estimates.inference.steps import Latents, Pinned, Step
from estimates.inference.without_sampler import impossible_answer, known_answer, prior_answer
from estimates.model import Model
from estimates.model.combinations import stated, touched
from estimates.model.dimensions import variable
from estimates.model.likelihood import Yes
from estimates.stats.bridge import bridge
from estimates.stats.modes import apart, climb, modes

if TYPE_CHECKING:
    import pymc as pm

    from estimates.inference.codegen.density import CompiledDensity

Array = NDArray[np.float64]
_CANDIDATES, _MANY_CANDIDATES = 2000, 200_000
#: Steps that one attempt may take, of a density as costly as one of a single claim; a minute.
_WORK = 1e8
_AS_COSTLY = 10  # unknowns and claims that double what a step costs
_PINNINGS = 8  # sets of pinned values whose engines are kept


class Engine:
    """A model ready to be fitted under any question; each answer is a new object."""

    def __init__(
        self,
        model: Model,
        *,
        seed: int,
        cores: int | None = None,
        pinned: Mapping[str, float] | None = None,
    ) -> None:
        """Prepare a model for fitting.

        Parameters
        ----------
        seed : decides, together with the question alone, every draw
        cores : chains that one fit draws at a time (as many as there are processors, if not said)
        pinned : values that basic unknowns are supposed to have; see `pinning`
        """
        self.model = model
        self.seed = seed
        self.cores = cores
        self.pinned = dict(pinned or {})
        self.steps: tuple[Step, ...] = plan(model, self.pinned)
        self.observations: Observations = observe(model)
        self.layout: Layout = layout(self.steps, len(self.observations.origins))
        self.evidence_ids = frozenset(c.id for c in model.uses if not c.held_out)
        self.sayings = Sayings(model, self.observations)
        #: Fits by the key of what was asked, which need not be drawn again (see `recall`).
        self.recalled: dict[str, Fit] = {}
        self._unpinned: Engine | None = None
        self._pinnings: OrderedDict[tuple[tuple[str, float], ...], Engine] = OrderedDict()

    def pinning(self, values: Mapping[str, float]) -> Engine:
        """Return the engine of the model in which basic unknowns have values, and only these.

        What is pinned is no dimension any more: its value is data, and the density of its prior
        there a factor.  Which quantities are pinned is part of the machine code, so a first pin
        of others compiles; another value of the same ones does not.
        """
        if dict(values) == self.pinned:
            return self
        if self._unpinned is not None:
            return self._unpinned.pinning(values)
        key = tuple(sorted(values.items()))
        with PYTENSOR:
            if key not in self._pinnings:
                made = Engine(self.model, seed=self.seed, pinned=values)
                made._unpinned = self
                made._ready()
                self._pinnings[key] = made
                while len(self._pinnings) > _PINNINGS:
                    self._pinnings.popitem(last=False)
            found = copy(self._pinnings[key])
        found.cores = self.cores
        return found

    def using(self, cores: int) -> Engine:
        """Return the same engine, already compiled, with that many processors for one fit."""
        self._ready()
        shared = copy(self)
        shared.cores = cores
        return shared

    def _ready(self) -> None:
        """Make once, now, what each thread would otherwise make for itself."""
        if self.layout.size:
            _ = self.density, self.candidates

    @cached_property
    def content(self) -> str:
        """A digest of the model and its ledger, their order included."""
        return hashlib.sha256(self.model.to_json().encode()).hexdigest()

    @cached_property
    def density(self) -> CompiledDensity:
        """The compiled joint log density (imports PyMC, unless it is cached)."""
        from estimates.inference.codegen.density import compiled_density

        movable = frozenset(self.movable)

        def build() -> pm.Model:
            from estimates.inference.pymc_model import build

            return build(
                self.model, movable=movable, steps=self.steps, observations=self.observations
            )

        form = structure(self.model, movable, self.steps, self.observations)
        numbers = numbers_of(self.model, self.steps, self.observations)
        return compiled_density(form, numbers, build)

    @cached_property
    def movable(self) -> tuple[str, ...]:
        """The unknowns whose priors the weights of readings may echo."""
        found = touched(self.model)
        if self.model.panel:
            found = stated(self.model, found)
        return tuple(name for name in found if name in self._group)

    @cached_property
    def _group(self) -> dict[str, Latents]:
        return {name: group for group in self.layout.groups for name in group.members}

    def group_of(self, quantity: str) -> Latents:
        """Return the vector of latents that a basic unknown is drawn in."""
        return self._group[quantity]

    # Questions -------------------------------------------------------------------------------

    def speaking(self, choice: Mapping[str, str], admitted: frozenset[str]) -> frozenset[str]:
        """Return the admitted claims that say something under this choice of readings."""
        return self.sayings.speaking(choice, admitted)

    def key(self, question: Condition) -> str:
        """Return a key that is equal for questions with the same joint density."""
        said = sorted(
            f"{claim.id}={self.sayings.about(claim, question.choice)}"
            for claim in self.observations.claims
            if claim.id in question.active
        )
        return "\n".join([*said, *question.changes])

    def rng(self, purpose: str, key: str) -> np.random.Generator:
        """Return a generator that depends on the seed, the purpose and the question alone."""
        digest = hashlib.sha256(f"{purpose}\n{key}".encode()).digest()
        words = np.frombuffer(digest, dtype=np.uint32).tolist()
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=tuple(words)))

    # Answers ---------------------------------------------------------------------------------

    def ask(self, question: Condition, sampling: Sampling) -> Fit:
        """Fit under one question, with evidence and diagnostics.

        What fails its checks is tried again (see `retry`), and returned though it still fails.
        """
        if dict(question.pinned) != self.pinned:
            return self.pinning(question.pinned).ask(question, sampling)
        key = self.key(question)
        known = self.recalled.get(key)
        if known is not None and known.draws.logp.size * 2 >= sampling.chains * sampling.draws:
            return known
        if not question.active and question.move is None and not self.telling_pins:
            return prior_answer(self, question, sampling)
        if not self.layout.size:
            return known_answer(self, question, sampling)
        density = self.posed(question)
        begin = starts(self, density, question)
        if not len(begin):
            return impossible_answer(self, question, sampling)

        # Copies of one datum lie on a ridge with their shared error, which a diagonal metric
        # crosses slowly; without such copies the diagonal one adapts faster, and so it does among
        # many unknowns (of 212, a thirtieth of the time).
        few = self.layout.size <= MOST_FOR_LOW_RANK
        way = Way(sampling, "low_rank" if self.layout.errors and few else "diag")
        judge = Judge(
            sharp=(sharp := self.ridges.feared(question)),
            sharp_centred=sharp and self.ridges.feared(question, centred=True),
            differ=partial(self._differ, question),
            apart=partial(apart, density.surface),
            work=_WORK / (1 + (self.layout.size + len(question.active)) / _AS_COSTLY),
            wholly=wholly(self.layout),
            suited=lambda fit: suited(self.steps, fit.draws.flat),
        )
        return persist(
            partial(self._try, question, key, density),
            lambda: modes(density.surface, far_and_wide(begin, self.candidates)),
            begin,
            way,
            judge,
        )

    def values(
        self, points: Array, choice: Mapping[str, str], fixed: Mapping[str, float] | None = None
    ) -> dict[str, Array]:
        """Return every quantity (chain, draw) at unconstrained points (chain, draw, dimension)."""
        chains, draws = points.shape[:2]
        flat = points.reshape(chains * draws, -1)
        steps = with_fixed(self.steps, fixed or {})
        found = quantities(self.model, steps, self.layout.parts(flat), choice, len(flat))
        return {name: value.reshape(chains, draws) for name, value in found.items()}

    def log_likelihood(self, points: Array, question: Condition) -> Array:
        """Return the claims' joint log density (chain, draw) at points (chain, draw, dimension)."""
        values = self.values(points, question.choice, question.fixed)
        said = log_likelihood(
            self.model,
            question.heard(self.observations),
            {name: value.ravel() for name, value in values.items()},
            question.choice,
            question.active,
        )
        shape = points.shape[:2]
        return np.asarray(sum(said.values(), np.zeros(shape[0] * shape[1]))).reshape(shape)

    def log_prior(self, values: Mapping[str, Array]) -> Array:
        """Return the log prior density, up to a constant, at values (draw,) of basic quantities.

        On the scale on which each is drawn: of an interval prior, its link scale.
        """
        choice = self.model.combinations()[0].choice  # no prior depends on a reading
        return np.asarray(self.posed(Condition(choice, frozenset())).logp(self.points_of(values)))

    def points_of(self, values: Mapping[str, Array]) -> Array:
        """Return the unconstrained points (draw, dimension) of basic quantities (draw,)."""
        return points_of(self.steps, values, self.layout.errors)

    def prior_points(self, draws: int, key: str, fixed: Mapping[str, float] | None = None) -> Array:
        """Return independent prior draws as unconstrained points (draw, dimension)."""
        rng = self.rng("prior", key)
        steps = with_fixed(self.steps, fixed or {})
        latents = simulate(self.model, steps, draws, rng)
        errors = rng.standard_normal((draws, self.layout.errors))
        return unconstrained(steps, latents, errors)

    @cached_property
    def candidates(self) -> Array:
        """The prior draws (rows) among which chains find a feasible start."""
        return self.prior_points(_CANDIDATES, "starts")

    @cached_property
    def many_candidates(self) -> Array:
        """Further prior draws, for where all of `candidates` are impossible."""
        return self.prior_points(_MANY_CANDIDATES, "more starts")

    def most_likely(self, question: Condition) -> float:
        """Return the claims' greatest log likelihood, which no evidence can exceed."""
        with_claims = self.posed(question)
        without = self.posed(replace(question, active=frozenset()))

        def rise(points: Array) -> tuple[Array, Array]:
            high, up = with_claims.surface(points)
            low, down = without.surface(points)
            return high - low, up - down

        _, values = climb(rise, far_and_wide(starts(self, with_claims, question), self.candidates))
        return float(values.max())

    def posed(self, question: Condition) -> CompiledDensity:
        """Return the density under a question's data."""
        data = data_of(self.model, self.steps, self.observations, question)
        if question.move is not None:
            group = self.group_of(question.move.quantity)
            data |= moved(group, question.move, self.layout.parts(self.candidates)[group.name])
        return self.density.with_data(**data)

    def _try(
        self,
        question: Condition,
        key: str,
        density: CompiledDensity,
        starts: Array,
        way: Way,
        label: str,
    ) -> Fit:
        from estimates.inference.nuts import draw

        rng = self.rng(f"fit {label}{' centred' if way.centred else ''}", key)
        if way.centred:
            density = density.with_data(**as_data(self.layout, way.centred))
            starts = recentred(self.steps, starts, way.centred, back=False)
        draws = draw(density, starts, way, int(rng.integers(2**63)), self.cores)
        draws = self._walled(draws, question, density)
        evidence = bridge(draws.points, draws.logp, density.logp, rng)
        if way.centred:
            standard = recentred(self.steps, draws.flat, way.centred, back=True)
            draws = replace(draws, points=standard.reshape(draws.points.shape))
        return Fit(question, key, draws, evidence, self.checked(draws, question))

    def _walled(self, draws: Draws, question: Condition, density: CompiledDensity) -> Draws:
        """Draws of which a few divergences against the wall of a bound are counted apart.

        A bound far sharper than what it bounds is a wall, too steep somewhere for steps of any
        size: on it a trajectory may end as a divergence does.  But there is nothing behind it.
        """
        heard = question.heard(self.observations)
        bounds = {name for name in question.active if isinstance(heard.terms[name], Yes)}
        if not bounds or draws.ends is None or not len(draws.ends):
            return draws
        rest = density.with_data(**heard.data(question.active - bounds))
        points = draws.ends.reshape(-1, density.size)
        with np.errstate(invalid="ignore"):
            left = (density.logp(points) - rest.logp(points)).reshape(-1, 2).min(axis=1)
        return against_walls(draws, left < BEYOND)

    @cached_property
    def telling_pins(self) -> bool:
        """Whether a pinned value says something of its parents in a hierarchy."""
        pins = [step for step in self.steps if isinstance(step, Pinned)]
        return any(not step.parents.isdisjoint(self._group) for step in pins)

    def checked(self, draws: Draws, question: Condition) -> Check:
        """Return the diagnostics of draws."""
        found = check(self._watched(draws, question), draws.diverging)
        return replace(found, at_bound=int(np.sum(draws.stats.get("at_bound", 0))))

    def _watched(self, draws: Draws, question: Condition) -> dict[str, Array]:
        values = self.values(draws.points, question.choice, question.fixed)
        return {name: values[name] for name in self.watched if name in values}

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """The quantities that the gates look at: basic unknowns, and targets among quantities."""
        drawn = (step for step in self.steps if isinstance(step, Latents))
        unknown = [name for step in drawn for name in step.members]
        return tuple(dict.fromkeys([*unknown, *map(variable, self.model.targets)]))

    @cached_property
    def ridges(self) -> Ridges:
        """The questions that leave a ridge that bends."""
        return Ridges(
            self.model,
            self.observations,
            self.sayings,
            self.layout.groups,
            self._prior_values,
            {
                False: self.candidates,
                True: recentred(self.steps, self.candidates, wholly(self.layout), back=False),
            },
        )

    @cached_property
    def _prior_values(self) -> dict[str, Array]:
        """The prior draws (draw,) of the basic quantities."""
        choice = self.model.combinations()[0].choice
        values = self.values(self.candidates[None], choice)
        return {name: values[name][0] for name in self.model.quantities}

    def _differ(self, question: Condition, one: Fit, other: Fit) -> str | None:
        return difference(self._watched(one.draws, question), self._watched(other.draws, question))
