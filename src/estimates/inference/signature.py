"""What of a model its machine code depends on: all but the numbers that are data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from estimates._util.files import Json
from estimates.inference.observed import Observations
from estimates.inference.steps import Derived, Fixed, Latents, Pinned, Step, Walk
from estimates.language.expression import Constant, Expression
from estimates.model import Model


def structure(
    model: Model, movable: frozenset[str], steps: Sequence[Step], observations: Observations
) -> str:
    """Return a key that is equal for models that compile to the same machine code.

    Numbers that stand for themselves (priors' arguments, claims' figures and widths) are data, and
    no others may differ (`posing.numbers_of`);
    numbers inside an expression that no other shares its shape with are part of the code.
    """

    def columns(expressions: Sequence[Expression]) -> int | list[str]:
        if all(isinstance(e, Constant) for e in expressions):
            return len(expressions)
        return [repr(e) for e in expressions]

    def drawn(group: Latents) -> list[Json]:
        arguments = {
            key: columns(column)
            if columns(column) != group.size or len(set(column)) > 1
            else [repr(e) for e in column]
            for key, column in group.arguments.items()
        }
        path = repr(group.path) if isinstance(group, Walk) else None
        return [group.family, group.link, group.members, arguments, columns(group.location),
                columns(group.scale), path]  # fmt: skip

    parts: list[Json] = [[len(reading.options) for reading in model.readings.values()]]
    for step in steps:
        match step:
            case Fixed():
                parts.append(["fixed", step.members])
            case Latents():
                parts.append([*drawn(step), sorted(movable & set(step.members))])
            case Pinned():
                parts.append(["pinned", *drawn(step.prior)])
            case Derived():
                for relation in step.relations:
                    branches = {str(key): repr(value) for key, value in relation.branches.items()}
                    parts.append([relation.name, step.axis, branches])
    parts.append(len(observations.origins))
    for vector in observations.vectors:
        parts.append(
            [vector.name, vector.presupposing, vector.certain, observations.sharing(vector),
             [[repr(one) for one in about] for about in vector.meanings],
             [repr(one) for one in vector.spreads], vector.copied,
             [[repr(one) for one in weights] for weights in vector.log_weights]]
        )  # fmt: skip
    return json.dumps(parts)
