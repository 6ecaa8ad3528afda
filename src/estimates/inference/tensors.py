"""PyTensor values in named blocks, and operations on them that never make a nan.

Where an expression leaves its domain (the log of a negative number) the value is replaced by a
harmless one and marked invalid: a plain nan would poison gradients even where it is not chosen.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.distribution import Continuous, Discrete
from pytensor.graph.basic import Constant
from pytensor.tensor import TensorVariable as Tensor
from pytensor.tensor.random.op import RandomVariable
from scipy.special import expit, ndtr

from estimates.model.assertions import log_chance


class _BinomialOddsRV(RandomVariable):
    name = "binomial_odds"
    signature = "(),()->()"
    dtype = "int64"
    _print_name = ("BinomialOdds", r"\\operatorname{BinomialOdds}")

    @classmethod
    def rng_fn(cls, rng: np.random.Generator, n: Tensor, odds: Tensor, size: Tensor) -> Tensor:
        return rng.binomial(n, expit(odds), size)


class BinomialOdds(Discrete):
    """r of n, given the log-odds of the share: it has a value and a slope however far out they are.

    log p(r) = log C(n, r) + r log σ(x) + (n − r) log σ(−x), with log σ(x) = −log(1 + e⁻ˣ).
    """

    rv_op = _BinomialOddsRV()

    @classmethod
    def dist(cls, n: Tensor, odds: Tensor, **options: Tensor) -> Tensor:
        n = pt.as_tensor_variable(n, dtype="int64")
        return super().dist([n, pt.as_tensor_variable(odds)], **options)

    @staticmethod
    def support_point(rv: Tensor, size: Tensor, n: Tensor, odds: Tensor) -> Tensor:
        return pt.round(n * pt.sigmoid(odds))

    @staticmethod
    def logp(value: Tensor, n: Tensor, odds: Tensor) -> Tensor:
        ways = pt.gammaln(n + 1.0) - pt.gammaln(value + 1.0) - pt.gammaln(n - value + 1.0)
        inside = ways - value * pt.softplus(-odds) - (n - value) * pt.softplus(odds)
        return pt.switch(pt.ge(value, 0) & pt.le(value, n), inside, -np.inf)


class _AssertedRV(RandomVariable):
    name = "asserted"
    signature = "(),()->()"
    dtype = "int64"
    _print_name = ("Asserted", r"\\operatorname{Asserted}")

    @classmethod
    def rng_fn(
        cls, rng: np.random.Generator, distance: Tensor, truth: Tensor, size: Tensor
    ) -> Tensor:
        return rng.binomial(1, truth * ndtr(distance) + (1 - truth) * ndtr(-distance), size)


class Asserted(Discrete):
    """Whether a statement is made (1) or denied, true by `distance` widths (`log_chance`)."""

    rv_op = _AssertedRV()

    @classmethod
    def dist(cls, distance: Tensor, truth: Tensor, **options: Tensor) -> Tensor:
        return super().dist([pt.as_tensor_variable(distance), truth], **options)

    @staticmethod
    def support_point(rv: Tensor, size: Tensor, distance: Tensor, truth: Tensor) -> Tensor:
        return pt.ge(distance, 0).astype("int64") + pt.zeros_like(rv)

    @staticmethod
    def logp(value: Tensor, distance: Tensor, truth: Tensor) -> Tensor:
        sure = isinstance(truth, Constant) and bool(np.all(truth.data == 1))
        return log_chance((2 * value - 1) * distance, None if sure else truth, TensorOps())


class _TwoHalvesRV(RandomVariable):
    name = "two_halves"
    signature = "(),(),()->()"
    dtype = "floatX"
    _print_name = ("TwoHalves", r"\\operatorname{TwoHalves}")

    @classmethod
    def rng_fn(
        cls, rng: np.random.Generator, mu: Tensor, up: Tensor, down: Tensor, size: Tensor
    ) -> Tensor:
        below = rng.random(size) * (up + down) < up  # y below μ, by which μ lies above y
        return mu + np.where(below, -up, down) * np.abs(rng.standard_normal(size))


class TwoHalves(Continuous):
    """A skewed datum y given μ: `down` is its sd below μ, `up` above (`likelihood.Skew`)."""

    rv_op = _TwoHalvesRV()

    @classmethod
    def dist(cls, mu: Tensor, up: Tensor, down: Tensor, **options: Tensor) -> Tensor:
        return super().dist([pt.as_tensor_variable(one) for one in (mu, up, down)], **options)

    @staticmethod
    def support_point(rv: Tensor, size: Tensor, mu: Tensor, up: Tensor, down: Tensor) -> Tensor:
        return mu + pt.zeros_like(rv)

    @staticmethod
    def logp(value: Tensor, mu: Tensor, up: Tensor, down: Tensor) -> Tensor:
        residual = (value - mu) / pt.switch(mu > value, up, down)
        return 0.5 * np.log(2 / np.pi) - pt.log(up + down) - 0.5 * residual**2


#: A distribution, and its arguments.
type Law = tuple[type[Continuous] | type[Discrete], dict[str, Tensor]]


@dataclass(frozen=True)
class Block:
    """A vector of values, with a vector that says which of them are valid (None: all)."""

    values: Tensor
    valid: Tensor = None


def all_valid(blocks: Sequence[Block]) -> Tensor:
    """Return which places are valid in all of some blocks; None if all are."""
    conditions = [block.valid for block in blocks if block.valid is not None]
    if not conditions:
        return None
    valid = conditions[0]
    for condition in conditions[1:]:
        valid = valid & condition
    return valid


class TensorOps:
    """PyTensor operations that never produce nan; what was invalid is noted in `conditions`."""

    def __init__(self) -> None:
        self.conditions: list[Tensor] = []

    add = staticmethod(operator.add)
    subtract = staticmethod(operator.sub)
    multiply = staticmethod(operator.mul)
    exp = staticmethod(pt.exp)
    sin = staticmethod(pt.sin)
    cos = staticmethod(pt.cos)
    logistic = staticmethod(pt.sigmoid)
    abs = staticmethod(pt.abs)
    minimum = staticmethod(pt.minimum)
    maximum = staticmethod(pt.maximum)
    log1p = staticmethod(pt.log1p)
    log1mexp = staticmethod(pt.log1mexp)
    logaddexp = staticmethod(pt.logaddexp)
    where = staticmethod(pt.switch)

    def _safe(self, condition: Tensor, value: Tensor) -> Tensor:
        self.conditions.append(condition)
        return pt.switch(condition, value, 1.0)

    def log(self, x: Tensor) -> Tensor:
        return pt.log(self._safe(pt.gt(x, 0), x))

    def logit(self, x: Tensor) -> Tensor:
        inside = pt.gt(x, 0) & pt.lt(x, 1)
        self.conditions.append(inside)
        safe = pt.switch(inside, x, 0.5)
        return pt.log(safe) - pt.log1p(-safe)

    @staticmethod
    def hazard_odds(u: Tensor) -> Tensor:
        """Return log(exp(eᵘ) − 1), held beyond e⁶⁹⁰, where every density is 0."""
        small = pt.lt(u, -37)  # then it is u, to the last digit
        w = pt.exp(pt.switch(small, 0.0, pt.minimum(u, 690.0)))
        return pt.switch(small, u, w + pt.log1mexp(-w))

    def sqrt(self, x: Tensor) -> Tensor:
        self.conditions.append(pt.ge(x, 0))
        # At 0 itself the root is 0 and its slope infinite: a slope of 0 keeps gradients finite.
        return pt.switch(pt.gt(x, 0), pt.sqrt(pt.switch(pt.gt(x, 0), x, 1.0)), 0.0)

    def divide(self, a: Tensor | float, b: Tensor | float) -> Tensor:
        return a / (b if isinstance(b, (int, float)) else self._safe(pt.neq(b, 0), b))

    def power(self, a: Tensor | float, b: Tensor | float) -> Tensor:
        if isinstance(b, (int, float)) and float(b).is_integer():
            return a ** int(b) if b >= 0 else self._safe(pt.neq(a, 0), a) ** int(b)
        positive = pt.gt(a, 0)
        self.conditions.append(positive | (pt.eq(a, 0) & pt.gt(b, 0)))
        return pt.switch(positive, pt.switch(positive, a, 1.0) ** b, 0.0)

    @staticmethod
    def log_ndtr(x: Tensor) -> Tensor:
        """Return log Φ(x), from whichever tail keeps its digits; PyMC's loses some."""
        scaled, edge = x * np.sqrt(np.float64(0.5)), -np.sqrt(np.float64(0.5))
        low, high = pt.minimum(scaled, edge), pt.maximum(scaled, edge)
        lower = pt.log(pt.erfcx(-low) / 2) - low**2
        return pt.switch(pt.lt(scaled, edge), lower, pt.log1p(-pt.erfc(high) / 2))


class TensorRegisters:
    """Named symbolic values, in blocks; index arrays and long columns of numbers are data.

    (Index arrays as constants make PyTensor fold them into the graph: a thousand claims then
    take minutes to compile.)
    """

    def __init__(self) -> None:
        self.ops = TensorOps()
        self._blocks: list[Block] = []
        self._where: dict[str, tuple[int, int]] = {}
        self._counter = 0

    def add(self, names: Sequence[str], block: Block) -> None:
        for position, name in enumerate(names):
            self._where[name] = (len(self._blocks), position)
        self._blocks.append(block)

    def scalar(self, name: str) -> Tensor:
        number, position = self._where[name]
        return self._blocks[number].values[position]

    def gather(self, members: Sequence[str]) -> Tensor:
        places = [self._where[name] for name in members]
        if len(places) == 1:
            (number, position) = places[0]
            block = self._blocks[number]
            if block.valid is not None:
                self.ops.conditions.append(block.valid[position])
            return block.values[position]
        used = sorted({number for number, _ in places})
        sizes = np.cumsum([0, *(int(self._size(number)) for number in used)])
        start = {number: int(sizes[i]) for i, number in enumerate(used)}
        index = self.indices([start[number] + position for number, position in places])
        blocks = [self._blocks[number] for number in used]
        if any(block.valid is not None for block in blocks):
            valid = [
                pt.ones(self._size(number), dtype=bool) if block.valid is None else block.valid
                for number, block in zip(used, blocks, strict=True)
            ]
            self.ops.conditions.append(pt.concatenate(valid)[index])
        values = [block.values for block in blocks]
        return (values[0] if len(values) == 1 else pt.concatenate(values))[index]

    def numbers(self, values: Sequence[float]) -> Tensor:
        if len(set(values)) == 1:
            return values[0]
        return self._data(np.asarray(values, dtype=float))

    def indices(self, values: Sequence[int]) -> Tensor:
        return self._data(np.asarray(values, dtype=np.int64))

    def finish(self, value: Tensor, count: int) -> Block:
        conditions, self.ops.conditions = self.ops.conditions, []
        values = pt.broadcast_to(pt.as_tensor(value, dtype="float64"), (count,))
        if not conditions:
            return Block(values)
        valid = conditions[0]
        for condition in conditions[1:]:
            valid = valid & condition
        return Block(values, pt.broadcast_to(valid, (count,)))

    def arrange(self, parts: Sequence[Block], counts: Sequence[int], order: Sequence[int]) -> Block:
        if len(parts) == 1:
            return parts[0]
        values = pt.concatenate([part.values for part in parts])
        valid = None
        if any(part.valid is not None for part in parts):
            valid = pt.concatenate(
                [
                    pt.ones(count, dtype=bool) if part.valid is None else part.valid
                    for part, count in zip(parts, counts, strict=True)
                ]
            )
        if list(order) != sorted(order):
            index = self.indices(np.argsort(order).tolist())
            values = values[index]
            valid = None if valid is None else valid[index]
        return Block(values, valid)

    def _size(self, number: int) -> int:
        return sum(1 for block, _ in self._where.values() if block == number)

    def _data(self, values: Tensor) -> Tensor:
        self._counter += 1
        return pm.Data(f"column_{self._counter}", values)
