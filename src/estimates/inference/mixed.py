"""The density of claims that may mean several things: Σ π_k p(y | f_k(θ)), claim by claim.

PyMC's own mixture works on matrices; this one is a chain of vectors, which the machine code knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pymc.distributions.distribution import Continuous, Discrete
from pytensor.tensor import TensorVariable as Tensor
from scipy.special import expit

from estimates.inference.tensors import Asserted, BinomialOdds, Law

type Array = NDArray[np.generic]
type Places = NDArray[np.int64]

#: The log density of what is impossible: a number so low that it drops out, with a gradient of 0.
_NONE = -1e18


@dataclass(frozen=True)
class Mixing:
    """Copies of one datum, which share the option.

    Attributes
    ----------
    other : of each claim, the place of one of its copies
    has : 1 where it has one, else 0
    """

    other: Tensor
    has: Tensor


@dataclass(frozen=True)
class Weighed:
    """How the options of a vector of claims are weighed.

    Attributes
    ----------
    log_weights : a vector for each option
    copies : of each claim its copies
    lead : 1 for the claim of each datum in which its copies are counted, else 0; None without
        any
    """

    log_weights: Sequence[Tensor]
    copies: tuple[Mixing, ...] = ()
    lead: Tensor | None = None

    @property
    def arguments(self) -> list[Tensor]:
        """All of it, as a distribution takes it."""
        copies = [one for copy in self.copies for one in (copy.other, copy.has)]
        return [*self.log_weights, *copies, *([] if self.lead is None else [self.lead])]

    def of(self, arguments: Sequence[Tensor]) -> Weighed:
        """Return the same, of the arguments of a distribution."""
        rest = iter(arguments)
        weights = [next(rest) for _ in self.log_weights]
        copies = tuple(Mixing(next(rest), next(rest)) for _ in self.copies)
        return Weighed(weights, copies, next(rest, None))

    def log_density(self, each: Sequence[Tensor]) -> Tensor:
        """Log of Σ π_k p_k, given the log density of each claim under each option."""
        total = None
        for weight, one in zip(self.log_weights, each, strict=True):
            joint = one
            for copy in self.copies:
                joint = joint + copy.has * one[copy.other]
            term = weight + joint
            total = term if total is None else pt.logaddexp(total, term)
        return total if self.lead is None else pt.switch(self.lead > 0.5, total, 0.0)


def mixed(name: str, laws: Sequence[Law], weighed: Weighed, said: Tensor) -> Tensor:
    """Add an observed variable, a mixture of distributions of one family, to the model."""
    law, first = laws[0]
    keys = tuple(first)
    arguments = [one[key] for _, one in laws for key in keys]
    count = len(arguments)

    def split(given: Sequence[Tensor]) -> list[Mapping[str, Tensor]]:
        rows = [given[i : i + len(keys)] for i in range(0, count, len(keys))]
        return [dict(zip(keys, row, strict=True)) for row in rows]

    def logp(value: Tensor, *given: Tensor) -> Tensor:
        each = [pm.logp(law.dist(**one), value) for one in split(given[:count])]
        floored = [pt.switch(pt.gt(one, _NONE), one, _NONE) for one in each]
        return weighed.of(given[count:]).log_density(floored)

    def random(
        *given: Array, rng: np.random.Generator, size: tuple[int, ...] | None = None
    ) -> Array:
        own = weighed.of(given[count:])
        shape = size or np.broadcast_shapes(*(np.shape(one) for one in given))
        option = _options(own, rng, shape)
        drawn = [_drawn(law, list(one.values()), rng, shape) for one in split(given[:count])]
        return np.choose(option, drawn)

    discrete = law in (pm.Binomial, pm.Poisson, pm.Bernoulli, BinomialOdds, Asserted)
    return pm.CustomDist(
        name,
        *arguments,
        *weighed.arguments,
        logp=logp,
        random=random,
        signature=f"{','.join(['()'] * (count + len(weighed.arguments)))}->()",
        dtype="int64" if discrete else "float64",
        observed=said,
    )


def _options(weighed: Weighed, rng: np.random.Generator, shape: tuple[int, ...]) -> Places:
    """Draw an option for each claim, one for all copies of a datum."""
    weights = np.exp(np.stack([np.broadcast_to(one, shape) for one in weighed.log_weights]))
    option = (rng.random(shape) > np.cumsum(weights, axis=0)[:-1]).sum(axis=0, dtype=np.int64)
    for copy in weighed.copies:
        lead = np.flatnonzero(np.asarray(copy.has) > 0)
        option[..., np.asarray(copy.other)[lead]] = option[..., lead]
    return option


def _drawn(
    law: type[Continuous] | type[Discrete],
    arguments: Sequence[Array],
    rng: np.random.Generator,
    shape: tuple[int, ...],
) -> Array:
    """Draw from a distribution, its arguments in the order of its random variable."""
    if law is pm.Bernoulli:  # the arguments are log odds
        arguments = [expit(*arguments)]
    return np.asarray(law.rv_op.rng_fn(rng, *arguments, shape))
