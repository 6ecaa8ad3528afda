"""A model as a sequence of vectorised steps, for any array library.

Basic quantities of one family become one vector of latent variables; relations and claims of one
shape are evaluated as one expression over gathered vectors.  A hierarchy of five hundred members
or ten thousand claims so makes a graph no larger than one of ten.  The same program runs on NumPy
draws (`forward`) and on PyTensor variables (`compiler`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from estimates.inference.steps import Derived, Fixed, Latents, Pinned, Step, Walk
from estimates.language.expression import (
    Binary,
    Constant,
    Expression,
    Name,
    Ops,
    evaluate,
    names,
    shape_of,
)
from estimates.model import FixedValue, IntervalPrior, Model, NamedPrior, Relation
from estimates.model.dimensions import variable
from estimates.model.distributions import DISTRIBUTIONS
from estimates.model.panel.panel import Path
from estimates.model.priors import LINKS

ZERO, ONE = Constant(0.0), Constant(1.0)


@dataclass(frozen=True)
class Standard:
    """How a family is drawn in standard form: x = link⁻¹(location + scale · latent).

    A latent variable that knows nothing of its location and scale has no funnel: this is the
    non-centred form, chosen for the user (Papaspiliopoulos, Roberts & Sköld 2007).
    """

    family: str
    location: str | None
    scale: str | None
    link: str = "identity"


STANDARD = {
    "Normal": Standard("Normal", "mu", "sigma"),
    "LogNormal": Standard("Normal", "mu", "sigma", "log"),
    "LogitNormal": Standard("Normal", "mu", "sigma", "logit"),
    "StudentT": Standard("StudentT", "mu", "sigma"),
    "Cauchy": Standard("Cauchy", "alpha", "beta"),
    "Laplace": Standard("Laplace", "mu", "b"),
    "Logistic": Standard("Logistic", "mu", "s"),
    "Gumbel": Standard("Gumbel", "mu", "beta"),
    "HalfNormal": Standard("HalfNormal", None, "sigma"),
    "HalfCauchy": Standard("HalfCauchy", None, "beta"),
    "HalfStudentT": Standard("HalfStudentT", None, "sigma"),
    "Wald": Standard("Wald", "alpha", None),
}


class Registers[Value, Part](Protocol):
    """Named values of one array library, in blocks of vectors (first axis: members)."""

    @property
    def ops(self) -> Ops: ...

    def gather(self, members: Sequence[str]) -> Value:
        """Return the values of these names: one row a name, or the bare value of a single one."""

    def numbers(self, values: Sequence[float]) -> Value:
        """Return numbers that broadcast against what `gather` of as many names returns."""

    def finish(self, value: Value, count: int) -> Part:
        """Return the result of an evaluated shape, as a part with `count` rows."""

    def arrange(self, parts: Sequence[Part], counts: Sequence[int], order: Sequence[int]) -> Part:
        """Join the parts; their rows, taken one after another, belong at the places `order`."""


def plan(model: Model, pinned: Mapping[str, float] | None = None) -> tuple[Step, ...]:
    """Return the steps that compute every quantity of a model, each level after what it needs.

    Parameters
    ----------
    pinned : values that basic unknowns are supposed to have
    """
    walks = _walks(model, pinned or {})
    level = _levels(model, walks)
    steps: list[Step] = []
    for depth in sorted(set(level.values())):
        here = [name for name in model.order if level[name] == depth]
        basic = [name for name in here if name in model.quantities]
        walking = dict.fromkeys(walks[name] for name in basic if name in walks)
        basic = [name for name in basic if name not in walks]
        steps += _latents(model, basic, depth, pinned or {})
        steps += [_walk(model, path, number, depth) for number, path in enumerate(walking)]
        relations = [model.bound_relations[name] for name in here if name in model.relations]
        for axis in dict.fromkeys(relation.by for relation in relations):
            steps.append(Derived(axis, tuple(r for r in relations if r.by == axis)))
    for made in model.count_odds.levels:
        for axis in dict.fromkeys(relation.by for relation in made):
            steps.append(Derived(axis, tuple(r for r in made if r.by == axis)))
    expressions = [t for t in model.targets if t not in model.order]
    if expressions:
        steps.append(
            Derived(None, tuple(Relation(variable(e), {None: model.bound(e)}) for e in expressions))
        )
    return tuple(steps)


def with_fixed(steps: Sequence[Step], values: Mapping[str, float]) -> tuple[Step, ...]:
    """Return the same steps with other values of some known constants."""
    return tuple(
        replace(step, values=step.changed(values)) if isinstance(step, Fixed) else step
        for step in steps
    )


def names_of(model: Model) -> tuple[str, ...]:
    """Return every quantity and relation, and every target that is an expression of them."""
    return (*model.order, *(variable(t) for t in model.targets if t not in model.order))


def target_text(name: str) -> str:
    """Return the expression behind a variable's name."""
    return name.replace("÷", "/")


def batch[Value, Part](
    expressions: Sequence[Expression], registers: Registers[Value, Part]
) -> Part:
    """Evaluate many expressions at once, those of one shape as a single vector expression.

    Returns a vector whose first axis follows `expressions`.
    """
    parts, counts, order = [], [], []
    for template, rows in _grouped(tuple(expressions)).items():
        env = {}
        for slot, column in enumerate(zip(*(leaves for _, leaves in rows), strict=True)):
            if isinstance(column[0], Name):
                env[f"q{slot}"] = registers.gather([leaf.name for leaf in column])
            else:
                env[f"c{slot}"] = registers.numbers([leaf.value for leaf in column])
        parts.append(registers.finish(evaluate(template, env, registers.ops), len(rows)))
        counts.append(len(rows))
        order += [position for position, _ in rows]
    return registers.arrange(parts, counts, order)


type _Groups = Mapping[Expression, list[tuple[int, tuple[Name | Constant, ...]]]]


@functools.lru_cache(maxsize=256)
def _grouped(expressions: tuple[Expression, ...]) -> _Groups:
    """Return by shape the places of expressions and their leaves; a search asks for these again."""
    groups: dict[Expression, list[tuple[int, tuple[Name | Constant, ...]]]] = {}
    for position, expression in enumerate(expressions):
        template, leaves = shape_of(expression)
        groups.setdefault(template, []).append((position, leaves))
    return groups


def _walks(model: Model, pinned: Mapping[str, float]) -> dict[str, Path]:
    """Return the walk of each cell; one that is pinned somewhere is drawn cell by cell."""
    return {
        cell: path
        for path in model.panel.paths
        if pinned.keys().isdisjoint((*path.members, *path.starts))
        for cell in path.members
        if cell in model.quantities
    }


def _levels(model: Model, walks: Mapping[str, Path]) -> dict[str, int]:
    """Return the level of each name, one above all that it needs; the cells of a walk have one."""
    level: dict[str, int] = {}

    def find(name: str) -> None:
        path = walks.get(name)
        together = (name,) if path is None else path.members
        needed = {one for each in together for one in _needs(model, each)} - {*together}
        for one in needed - level.keys():  # what later cells of a walk share stands behind it
            find(one)
        level.update(dict.fromkeys(together, 1 + max((level[one] for one in needed), default=0)))

    for name in model.order:
        if name not in level:
            find(name)
    return level


def _walk(model: Model, path: Path, number: int, depth: int) -> Walk:
    """Return the step of a walk."""
    priors = [model.quantities[name].prior for name in path.members]
    drawn = [_standardised(one) for one in priors if not isinstance(one, FixedValue)]
    return Walk(
        name=f"walk_{depth}_{number}",
        family="Normal",
        members=path.members,
        arguments={},
        location=tuple(one.location for one in drawn),
        scale=tuple(one.scale for one in drawn),
        link=path.link,
        hierarchical=True,
        path=path,
    )


def _needs(model: Model, name: str) -> tuple[str, ...]:
    if name in model.relations:
        branches = model.bound_relations[name].branches.values()
        return tuple(n for branch in branches if branch is not None for n in names(branch))
    prior = model.quantities[name].prior
    if isinstance(prior, NamedPrior):
        return tuple(n for argument in prior.arguments.values() for n in names(argument))
    return ()


def _latents(
    model: Model, basic: Sequence[str], depth: int, pinned: Mapping[str, float]
) -> list[Step]:
    groups: dict[_Kind, list[tuple[str, _Standardised]]] = {}
    fixed: dict[str, float] = {}
    for name in basic:
        prior = model.quantities[name].prior
        if isinstance(prior, FixedValue):
            fixed[name] = prior.value
            continue
        drawn = _standardised(prior)
        kind = drawn.family, drawn.link, tuple(drawn.arguments), drawn.hierarchical, name in pinned
        groups.setdefault(kind, []).append((name, drawn))
    steps: list[Step] = []
    if fixed:
        steps.append(Fixed(tuple(fixed), tuple(fixed.values())))
    for number, ((family, link, keys, hierarchical, pin), rows) in enumerate(groups.items()):
        group = Latents(
            name=f"{'pinned' if pin else 'latent'}_{depth}_{number}",
            family=family,
            members=tuple(name for name, _ in rows),
            arguments={key: tuple(drawn.arguments[key] for _, drawn in rows) for key in keys},
            location=tuple(drawn.location for _, drawn in rows),
            scale=tuple(drawn.scale for _, drawn in rows),
            link=link,
            hierarchical=hierarchical,
        )
        values = tuple(pinned[name] for name in group.members) if pin else ()
        steps.append(Pinned(group, values) if pin else group)
    return steps


#: What quantities have in common that are drawn as one vector.
type _Kind = tuple[str, str, tuple[str, ...], bool, bool]


@dataclass(frozen=True)
class _Standardised:
    """The way one quantity is drawn; see `Latents`."""

    family: str
    location: Expression
    scale: Expression
    link: str = "identity"
    arguments: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def hierarchical(self) -> bool:
        return bool(names(self.location) or names(self.scale))


def _standardised(prior: IntervalPrior | NamedPrior) -> _Standardised:
    if isinstance(prior, IntervalPrior):
        ends = Constant(prior.loc), Constant(prior.scale)
        return _Standardised("Normal", *ends, LINKS[prior.family])
    family, arguments = prior.distribution, dict(prior.arguments)
    distribution = DISTRIBUTIONS[family]
    for end in (distribution.low, distribution.high):
        if isinstance(end, str) and end not in arguments:
            default = distribution.arguments[end].default
            if default is not None:
                arguments[end] = Constant(default)
    standard = STANDARD.get(family)
    if standard is None:
        return _Standardised(family, ZERO, ONE, arguments=arguments)
    location = arguments.pop(standard.location, ZERO) if standard.location else ZERO
    precision = next((key for key in ("tau", "lam") if key in arguments), None)
    if standard.scale == "sigma" and precision is not None:
        scale: Expression = Binary("**", arguments.pop(precision), Constant(-0.5))
    else:
        scale = arguments.pop(standard.scale, ONE) if standard.scale else ONE
    if standard.family != "Normal":  # PyMC wants the standard location and scale spelt out
        arguments |= {standard.location: ZERO} if standard.location else {}
        arguments |= {standard.scale: ONE} if standard.scale else {}
    return _Standardised(standard.family, location, scale, standard.link, arguments)


def support_ends[Value](
    group: Latents, arguments: Mapping[str, Value]
) -> tuple[Value | float | None, Value | float | None]:
    """Return the ends of the latent's support: a number, the argument that is the end, or None."""
    distribution = DISTRIBUTIONS[group.family]

    def end(which: float | str) -> Value | float | None:
        if isinstance(which, str):
            return arguments.get(which)
        return None if math.isinf(which) else which

    return end(distribution.low), end(distribution.high)
