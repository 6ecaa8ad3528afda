"""The claims of a model as observed vectors, and the data that switch each of them on or off.

Claims of one kind and scale are one vector.  A claim that is silent (left out, held out, or
`nothing` under a reading) keeps its place with a density of exactly 1, so that leaving out is a
change of data and not of the model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from estimates.language.expression import NUMPY_OPS, Constant, Expression, evaluate
from estimates.model import BoundClaim, Model
from estimates.model.likelihood import (
    DEGREES_OF_FREEDOM,
    Count,
    Noisy,
    Rate,
    Skew,
    Term,
    Yes,
    respoken,
    sampling_model,
    settled,
)
from estimates.stats.links import Scale

Array = NDArray[np.float64]
#: The data of a compiled model by name: doubles, and whole numbers that count or point.
type Data = dict[str, NDArray[np.generic]]

#: Widths at which a residual of 0 has density 1, so that a silent claim adds log 1 = 0.
_NORMAL_SILENCE = 1 / math.sqrt(2 * math.pi)
_STUDENT_SILENCE = math.exp(
    gammaln((DEGREES_OF_FREEDOM + 1) / 2) - gammaln(DEGREES_OF_FREEDOM / 2)
) / math.sqrt(DEGREES_OF_FREEDOM * math.pi)

type Family = Literal["normal", "student", "skew", "yes", "rate", "count", "odds"]


@dataclass(frozen=True)
class Observed:
    """One observed vector: claims of one family on one scale.

    Attributes
    ----------
    name : of the observed variable, such as `normal_log`
    family : that of their sampling models; `odds` are counts in log-odds
    claims, terms : the claims and their sampling models, in the vector's order
    odds : where the claims are about log-odds by their form, those of each, under each of its own
        options; else none
    options : how many options of its own each claim has; 0 for none
    """

    name: str
    family: Family
    scale: Scale
    claims: tuple[BoundClaim, ...]
    terms: tuple[Term, ...]
    odds: tuple[tuple[Expression, ...], ...] = ()
    options: int = 0

    @property
    def meanings(self) -> tuple[tuple[Expression, ...], ...]:
        """Return by option what each claim is about, as log-odds where its form has them."""
        return tuple(zip(*(self.odds or (claim.values for claim in self.claims)), strict=True))

    @property
    def log_weights(self) -> tuple[tuple[Expression, ...], ...]:
        """Return by option the logarithm of its weight for each claim."""
        weights = ([one.log_weight for one in claim.options] for claim in self.claims)
        return tuple(zip(*weights, strict=True))

    @property
    def copied(self) -> int:
        """How many copies a claim has at most that share its option."""
        if not self.options:
            return 0
        origins = Counter(claim.origin for claim in self.claims if claim.origin)
        return max(origins.values(), default=1) - 1

    @property
    def spreads(self) -> tuple[Expression, ...]:
        """The width of each claim's own error (`BoundClaim.spread`), 0 where it has none.

        Empty where no claim has any.
        """
        if all(claim.spread is None for claim in self.claims):
            return ()
        return tuple(Constant(0.0) if c.spread is None else c.spread for c in self.claims)

    @property
    def presupposing(self) -> bool:
        return any(isinstance(term, Yes) and term.presupposes for term in self.terms)

    @property
    def certain(self) -> bool:
        return all(term.truth == 1 for term in self.terms if isinstance(term, Yes))


@dataclass(frozen=True)
class Copied:
    """A datum y = g(θ) + loading·e + sigma·ε, e shared by all copies of it; arrays (draw,)."""

    y: Array
    sigma: Array
    loading: Array


@dataclass(frozen=True)
class Observations:
    """All claims of a model, evidence and held out, as observed vectors.

    Attributes
    ----------
    vectors : the observed vectors
    origins : origins whose copies differ in wording, each with an explicit shared error
    copies_scatter : the convention f of method §1: how far copies scatter about their datum
    """

    vectors: tuple[Observed, ...]
    origins: tuple[str, ...]
    copies_scatter: float

    @property
    def claims(self) -> tuple[BoundClaim, ...]:
        return tuple(claim for vector in self.vectors for claim in vector.claims)

    @property
    def by_id(self) -> dict[str, BoundClaim]:
        return {claim.id: claim for claim in self.claims}

    @property
    def terms(self) -> dict[str, Term]:
        return {
            claim.id: term
            for vector in self.vectors
            for claim, term in zip(vector.claims, vector.terms, strict=True)
        }

    def respoken(self, spoken: Mapping[str, float]) -> Observations:
        """Return the claims, some with other data than the ledger's (see `likelihood.respoken`)."""
        if not spoken:
            return self
        vectors = [
            replace(
                vector,
                terms=tuple(
                    respoken(term, spoken[claim.id]) if claim.id in spoken else term
                    for claim, term in zip(vector.claims, vector.terms, strict=True)
                ),
            )
            for vector in self.vectors
        ]
        return replace(self, vectors=tuple(vectors))

    def settled(self, own: Mapping[str, float]) -> Observations:
        """Return the claims, own errors of some at known widths (see `likelihood.settled`)."""
        vectors = [
            replace(
                vector,
                terms=tuple(
                    settled(term, own.get(claim.id, 0.0))
                    for claim, term in zip(vector.claims, vector.terms, strict=True)
                ),
            )
            for vector in self.vectors
        ]
        return replace(self, vectors=tuple(vectors))

    def copies(self, active: Collection[str]) -> dict[str, str]:
        """Return active claims that repeat another of their origin word by word, with it."""
        first: dict[tuple[str, str, str | None, Term], str] = {}
        found = {}
        for vector in self.vectors:
            for claim, term in zip(vector.claims, vector.terms, strict=True):
                if claim.id in active and claim.origin is not None:
                    said = first.setdefault(
                        (claim.origin, str(claim.about), claim.kind, term), claim.id
                    )
                    if said != claim.id:
                        found[claim.id] = said
        return found

    def counted_once(self, active: Collection[str]) -> frozenset[str]:
        """Return active claims, with only the first of an origin's identical copies."""
        known = {claim.id for vector in self.vectors for claim in vector.claims}
        return frozenset((known & set(active)) - self.copies(active).keys())

    def data(self, active: Collection[str]) -> Data:
        """Return the compiled model's data when exactly these claims speak."""
        speaking = self.counted_once(active)
        smallest = self._smallest_widths(speaking)
        result: Data = {}
        for vector in self.vectors:
            on = np.array([claim.id in speaking for claim in vector.claims])
            result[f"{vector.name}_active"] = on.astype(float)
            if vector.copied:
                result |= _together(vector, on)
            match vector.family:
                case "normal" | "student":
                    result |= self._noisy(vector, on, smallest)
                case "yes":
                    result |= _yes(vector, on)
                case "skew":
                    result |= _skews(vector, on)
                case "rate":
                    result |= _rates(vector, on)
                case "count" | "odds":
                    result |= _counts(vector, on)
        return result

    def copied_row(
        self, claim: BoundClaim, active: Collection[str], values: Mapping[str, Array]
    ) -> Copied:
        """Return the datum of a noisy claim among its copies, at draws of every quantity."""
        vector = next(one for one in self.vectors if claim in one.claims)
        place, data = vector.claims.index(claim), self.data(active)

        def row(key: str) -> Array:
            found = data.get(f"{vector.name}_{key}")
            return np.zeros(1) if found is None else np.asarray(found[place], dtype=float)

        own = np.zeros(1) if claim.spread is None else evaluate(claim.spread, values, NUMPY_OPS)
        return Copied(
            row("y"),
            np.sqrt(row("sigma") ** 2 + row("own") * np.square(own)),
            np.sqrt(row("loading") ** 2 + row("joint") * np.square(own)),
        )

    def _smallest_widths(self, speaking: frozenset[str]) -> dict[str, float]:
        """Return by origin the smallest width of its speaking copies, where there are several."""
        widths: dict[str, list[float]] = {}
        for vector in self.vectors:
            for claim, term in zip(vector.claims, vector.terms, strict=True):
                if claim.id in speaking and claim.origin in self.origins:
                    assert isinstance(term, Noisy)
                    assert claim.origin is not None
                    widths.setdefault(claim.origin, []).append(term.sigma)
        return {origin: min(sigmas) for origin, sigmas in widths.items() if len(sigmas) > 1}

    def _noisy(
        self, vector: Observed, on: NDArray[np.bool_], smallest: Mapping[str, float]
    ) -> Data:
        silence = _STUDENT_SILENCE if vector.family == "student" else _NORMAL_SILENCE
        common = 1 - self.copies_scatter**2
        y, sigma, loading = np.zeros(len(on)), np.full(len(on), silence), np.zeros(len(on))
        # Of the variance of each claim's own error: what it has to itself, and with its copies.
        own, joint = np.zeros(len(on)), np.zeros(len(on))
        for i, (claim, term) in enumerate(zip(vector.claims, vector.terms, strict=True)):
            if not on[i]:
                continue
            assert isinstance(term, Noisy)
            shared = smallest.get(claim.origin or "", 0.0)
            y[i] = term.y
            loading[i] = math.sqrt(common) * shared
            # The square of a width may be beyond all numbers where the width is not.
            sigma[i] = term.sigma * math.sqrt(1 - common * (shared / term.sigma) ** 2)
            own[i] = term.spread**2 * (1 - common if shared else 1.0)
            joint[i] = term.spread**2 * common if shared else 0.0
        data = {f"{vector.name}_y": y, f"{vector.name}_sigma": sigma}
        if vector.spreads:
            data |= {f"{vector.name}_own": own, f"{vector.name}_joint": joint}
        if self.sharing(vector):
            data[f"{vector.name}_loading"] = loading
            data[f"{vector.name}_origin"] = np.array(
                [self._origin_index(claim) for claim in vector.claims], dtype=np.int64
            )
        return data

    def sharing(self, vector: Observed) -> bool:
        """Return whether a claim of the vector shares its error with differently worded copies."""
        return any(claim.origin in self.origins for claim in vector.claims)

    def _origin_index(self, claim: BoundClaim) -> int:
        return self.origins.index(claim.origin) if claim.origin in self.origins else 0


def observe(model: Model) -> Observations:
    """Arrange a model's claims, evidence first, as observed vectors."""
    pairs = [(claim, sampling_model(claim, model.conventions)) for claim in model.uses]
    odds = model.count_odds.claims

    def kind(i: int) -> tuple[Family, str, int]:
        claim, term = pairs[i]
        family, scale = _kind(term)
        options = len(claim.options)
        if claim.id not in odds:
            return family, scale, options
        return ("odds", "logit", options) if family == "count" else (family, "odds", options)

    order = sorted(range(len(pairs)), key=lambda i: (*kind(i), i))
    vectors = []
    for (family, scale_name, options), group in groupby(order, key=kind):
        members = [pairs[i] for i in group]
        vectors.append(
            Observed(
                name=f"{family}_{scale_name}" + (f"_{options}" if options else ""),
                family=family,
                scale=members[0][1].scale,
                claims=tuple(claim for claim, _ in members),
                terms=tuple(term for _, term in members),
                odds=tuple(odds[claim.id] for claim, _ in members if claim.id in odds),
                options=options,
            )
        )
    return Observations(tuple(vectors), _mixed_origins(pairs), model.conventions.copies)


def _kind(term: Term) -> tuple[Family, str]:
    match term:
        case Noisy(student=student):
            return ("student" if student else "normal"), term.scale.name
        case Skew():
            return "skew", term.scale.name
        case Rate():
            return "rate", term.scale.name
        case Yes():
            return "yes", term.scale.name
        case Count():
            return "count", term.scale.name


def _mixed_origins(pairs: Iterable[tuple[BoundClaim, Term]]) -> tuple[str, ...]:
    wordings: dict[str, set[tuple[Term, str | None]]] = {}
    for claim, term in pairs:
        if claim.origin is not None and isinstance(term, Noisy):
            wordings.setdefault(claim.origin, set()).add((term, claim.kind))
    return tuple(origin for origin, terms in wordings.items() if len(terms) > 1)


def _together(vector: Observed, on: NDArray[np.bool_]) -> Data:
    """Return the places of the copies that share an option, counted in the first that speaks."""
    count = len(vector.claims)
    lead = np.ones(count)
    other = np.zeros((vector.copied, count), dtype=np.int64)
    has = np.zeros((vector.copied, count))
    first, found = dict[str, int](), dict[str, int]()
    for i, claim in enumerate(vector.claims):
        if not on[i] or claim.origin is None:
            continue
        place = first.setdefault(claim.origin, i)
        if place != i:
            j = found[claim.origin] = found.get(claim.origin, -1) + 1
            lead[i], other[j, place], has[j, place] = 0.0, i, 1.0
    copies = {f"{vector.name}_other_{j}": row for j, row in enumerate(other)}
    flags = {f"{vector.name}_has_{j}": row for j, row in enumerate(has)}
    return {f"{vector.name}_lead": lead, **copies, **flags}


def _yes(vector: Observed, on: NDArray[np.bool_]) -> Data:
    terms = [term for term in vector.terms if isinstance(term, Yes)]
    columns = {
        "limit": [term.limit for term in terms],
        "width": [term.width for term in terms],
        "sign": [1.0 if term.upper else -1.0 for term in terms],
        "truth": [term.truth for term in terms],
        "presupposes": [float(term.presupposes) for term in terms],
    }
    data: Data = {
        f"{vector.name}_{key}": np.array(values, dtype=float) for key, values in columns.items()
    }
    data[f"{vector.name}_y"] = np.array([term.said for term in terms], dtype=np.int64)
    if vector.spreads:
        data[f"{vector.name}_own"] = np.array([term.spread**2 for term in terms]) * on
    return data


def _skews(vector: Observed, on: NDArray[np.bool_]) -> Data:
    terms = [term for term in vector.terms if isinstance(term, Skew)]
    return {
        f"{vector.name}_y": np.array([term.y for term in terms]) * on,
        f"{vector.name}_up": np.where(on, [term.up for term in terms], _NORMAL_SILENCE),
        f"{vector.name}_down": np.where(on, [term.down for term in terms], _NORMAL_SILENCE),
    }


def _rates(vector: Observed, on: NDArray[np.bool_]) -> Data:
    terms = [term for term in vector.terms if isinstance(term, Rate)]
    return {
        f"{vector.name}_y": np.array([term.events for term in terms], dtype=np.int64) * on,
        f"{vector.name}_exposure": np.array([term.exposure for term in terms]) * on,
    }


def _counts(vector: Observed, on: NDArray[np.bool_]) -> Data:
    terms = [term for term in vector.terms if isinstance(term, Count)]
    return {
        f"{vector.name}_y": np.array([t.successes for t in terms], dtype=np.int64) * on,
        f"{vector.name}_trials": np.array([t.trials for t in terms], dtype=np.int64) * on,
    }
