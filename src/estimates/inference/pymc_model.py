"""A model becomes a `pymc.Model`: latents, relations, and claims as observed variables.

Everything that may vary between fits is `pm.Data`.  A claim on a value that has left its domain
has probability 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions import transforms
from pytensor.tensor import TensorVariable as Tensor

from estimates.errors import Fault, InputError
from estimates.inference.claimed import SHARED_ERROR, add_claims
from estimates.inference.observed import Observations, observe
from estimates.inference.posing import numbers_of
from estimates.inference.program import batch, plan, support_ends
from estimates.inference.steps import Derived, Fixed, Latents, Pinned, Step, Walk
from estimates.inference.tensors import (
    Block,
    TensorRegisters,
    all_valid,
)
from estimates.inference.walks import walked
from estimates.language.expression import Expression
from estimates.model import Model

CHOICE = "choice"


def build(
    model: Model,
    *,
    movable: frozenset[str] = frozenset(),
    named: bool = False,
    steps: Sequence[Step] | None = None,
    observations: Observations | None = None,
) -> pm.Model:
    """Build the PyMC model.

    Parameters
    ----------
    model : the estimate
    movable : quantities whose prior must be shiftable by data though it is no interval prior
    named : add every quantity as a `Deterministic` under its own name (for use by hand; the
        engine derives them from the draws instead, which halves the compilation)
    steps, observations : of the model, where they are known already
    """
    steps, observations = steps or plan(model), observations or observe(model)
    registers = TensorRegisters()
    with pm.Model() as pymc_model:
        for name, values in numbers_of(model, steps, observations).items():
            pm.Data(name, values)
        for step in steps:
            match step:
                case Fixed():
                    registers.add(step.members, Block(pymc_model[f"fixed_{step.members[0]}"]))
                case Latents():
                    registers.add(step.members, _latents(step, registers, movable))
                case Pinned():
                    registers.add(step.members, _pinned(step, registers))
                case Derived():
                    _derived(step, registers, model)
        if observations.origins:
            pm.Normal(SHARED_ERROR, 0.0, 1.0, shape=len(observations.origins))
        for vector in observations.vectors:
            add_claims(vector, observations, registers, named)
        if named:
            for name in model.order:
                pm.Deterministic(name, registers.scalar(name))
    return pymc_model


def to_pymc(model: Model, reading: Mapping[str, str] | None = None) -> pm.Model:
    """Return the plain PyMC model under one reading, each quantity a `Deterministic` by its name.

    Basic quantities are functions of latent vectors, and claims of one kind one observed variable.

    Parameters
    ----------
    model : a checked model (see `estimates.load`)
    reading : option by reading; what is left out takes its first option

    Returns
    -------
    A `pymc.Model`, to be sampled or extended by hand; its density is the one that `fit` samples.

    Raises
    ------
    InputError : where a reading or option does not exist

    See Also
    --------
    fit : samples every reading and weighs them

    Examples
    --------
    >>> import estimates as est
    >>> plain = est.to_pymc(est.load("scmp-2017-headline"), {"wage": "net"})
    >>> "revenue" in plain.named_vars
    True
    """
    choice = {name: next(iter(r.options)) for name, r in model.readings.items()}
    for name, option in (reading or {}).items():
        if name not in model.readings or option not in model.readings[name].options:
            raise InputError([Fault(f"the model has no reading '{name}' with option '{option}'")])
        choice[name] = option
    result = build(model, named=True)
    active = frozenset(
        use.id
        for use in model.uses
        if not use.held_out and model.resolve(use.value, choice) is not None
    )
    with result:
        for name, values in observe(model).data(active).items():
            pm.set_data({name: values})
        if model.readings:
            numbers = [list(r.options).index(choice[name]) for name, r in model.readings.items()]
            pm.set_data({CHOICE: np.array(numbers, dtype=np.int64)})
    return result


def _latents(group: Latents, registers: TensorRegisters, movable: frozenset[str]) -> Block:
    arguments = _arguments(group, registers)
    if isinstance(group, Walk):  # whose cells lie about one another
        location = scale = Block(pt.zeros(group.size))
    else:
        location, scale = _ends(group, registers)
    valid = all_valid([location, scale, *arguments.values()])
    moved = group.plain or not movable.isdisjoint(group.members)
    if moved:
        shift = pm.Data(f"{group.name}_shift", np.zeros(group.size))
        stretch = pm.Data(f"{group.name}_stretch", np.ones(group.size))
    if group.centrable:
        # Centred or not as the data say: drawn about c·location with scaleᶜ, c being 0 or 1
        # (Papaspiliopoulos, Roberts & Sköld 2007).
        centred = pm.Data(f"{group.name}_centred", np.zeros(group.size))
        middle, width = centred * location.values, scale.values**centred
        drawn = pm.Normal(group.name, mu=middle, sigma=width, shape=group.size)
        latent = shift + stretch * (drawn - middle) / width
    elif group.plain:
        latent = shift + stretch * pm.Normal(group.name, 0.0, 1.0, shape=group.size)
    else:
        circular = group.family == "VonMises"  # PyMC's own transform of it leaves it periodic
        options = {"default_transform": transforms.Interval(-np.pi, np.pi)} if circular else {}
        latent = getattr(pm, group.family)(
            group.name,
            **{key: block.values for key, block in arguments.items()},
            shape=group.size,
            **options,
        )
        if moved:
            low, high = support_ends(group, {k: b.values for k, b in arguments.items()})
            latent = _moved(latent, shift, stretch, low, high)
    if isinstance(group, Walk):
        values, valid = walked(group, latent, registers)
    else:
        values = location.values + scale.values * latent
    if group.link == "log":
        values = pt.exp(values)
    elif group.link == "logit":
        values = pt.sigmoid(values)
    return Block(values, valid)


def _pinned(step: Pinned, registers: TensorRegisters) -> Block:
    """Return pinned values, which are data, and a potential for the density of their priors.

    With x = link⁻¹(location + scale · z) the density of x is that of z over scale, times the slope
    of the link at x.
    """
    group = step.prior
    values = pm.modelcontext(None)[f"{group.name}_value"]
    arguments = _arguments(group, registers)
    location, scale = _ends(group, registers)
    linked, log_slope = values, 0.0
    if group.link == "log":
        linked = pt.log(values)
        log_slope = -linked
    elif group.link == "logit":
        linked = pt.log(values) - pt.log1p(-values)
        log_slope = -pt.log(values) - pt.log1p(-values)
    standard = (linked - location.values) / scale.values
    density = pm.logp(_distribution(group, arguments), standard) - pt.log(scale.values) + log_slope
    valid = all_valid([location, scale, *arguments.values()])
    pm.Potential(group.name, density if valid is None else pt.switch(valid, density, -np.inf))
    return Block(values)


def _distribution(group: Latents, arguments: Mapping[str, Block]) -> Tensor:
    """Return the distribution of the latents, as PyMC has it."""
    if group.plain:
        return pm.Normal.dist(0.0, 1.0, shape=group.size)
    values = {key: block.values for key, block in arguments.items()}
    if group.family == "TruncatedNormal":
        # An absent end must be seen to be infinite, or its gradient is 0 · inf.
        ends = {"lower": np.full(group.size, -np.inf), "upper": np.full(group.size, np.inf)}
        values = {key: pt.constant(end) for key, end in ends.items()} | values
    return getattr(pm, group.family).dist(**values, shape=group.size)


def _moved(
    latent: Tensor,
    shift: Tensor,
    stretch: Tensor,
    low: Tensor,
    high: Tensor,
) -> Tensor:
    """Return the latent shifted and stretched on its unconstrained scale."""
    if low is not None and high is not None:
        share = (latent - low) / (high - low)
        return low + (high - low) * pt.sigmoid(shift + stretch * pt.log(share / (1 - share)))
    if low is not None:
        return low + pt.exp(shift + stretch * pt.log(latent - low))
    if high is not None:
        return high - pt.exp(shift + stretch * pt.log(high - latent))
    return shift + stretch * latent


def _arguments(group: Latents, registers: TensorRegisters) -> dict[str, Block]:
    return {
        key: _column(f"{group.name}_argument_{key}", column, registers)
        for key, column in group.arguments.items()
    }


def _ends(group: Latents, registers: TensorRegisters) -> tuple[Block, Block]:
    """Return the location and the scale of latents."""
    return (
        _column(f"{group.name}_location", group.location, registers),
        _column(f"{group.name}_scale", group.scale, registers),
    )


def _column(name: str, expressions: Sequence[Expression], registers: TensorRegisters) -> Block:
    """Return one value for each expression; plain numbers are data under `name`, if they differ."""
    known = pm.modelcontext(None).named_vars.get(name)
    return batch(expressions, registers) if known is None else Block(known)


def _derived(step: Derived, registers: TensorRegisters, model: Model) -> None:
    names = [relation.name for relation in step.relations]
    if step.axis is None:
        registers.add(names, batch([_spoken(r.branches) for r in step.relations], registers))
        return
    # Every branch is evaluated once; the option chosen says which of the values each relation has.
    axis = list(model.readings).index(step.axis)
    options = list(model.readings[step.axis].options)
    # Under a branch that says `nothing` the claims are silent: any branch will do.
    table = [[r.branches[o] or _spoken(r.branches) for r in step.relations] for o in options]
    distinct = list(dict.fromkeys(branch for row in table for branch in row))
    block = batch(distinct, registers)
    index = registers.indices([distinct.index(branch) for row in table for branch in row])
    option = pm.modelcontext(None)[CHOICE][axis]
    rows = index[option * len(names) + registers.indices(range(len(names)))]
    valid = None if block.valid is None else block.valid[rows]
    registers.add(names, Block(block.values[rows], valid))


def _spoken(branches: Mapping[str | None, Expression | None]) -> Expression:
    return next(branch for branch in branches.values() if branch is not None)
