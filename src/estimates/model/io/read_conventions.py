"""Reads `conventions:`, the overrides of a model."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

from estimates.errors import Faults
from estimates.model.conventions import Conventions, differing
from estimates.model.io.fields import Fields
from estimates.model.io.yaml_nodes import Entries, Node, Text
from estimates.model.ledger import Spot


def read_conventions(top: Fields, faults: Faults) -> tuple[Conventions, dict[str, Spot]]:
    """The defaults with the overrides under `conventions:`, and where each override is written.

    A number where several belong together is the first of them: `expert: 0.4` is a width.
    """
    spots: dict[str, Spot] = {}
    node = top.node("conventions")
    if node is None:
        return Conventions(), spots
    key = top.key("conventions")
    return _overridden("conventions", key, node, Conventions(), faults, spots), spots


def read_overrides(
    fields: Fields, base: Conventions, faults: Faults
) -> tuple[dict[str, Any], dict[str, Spot]]:
    """What `conventions:` of a variant changes in those of its model, nested; and where."""
    spots: dict[str, Spot] = {}
    node, key = fields.node("conventions"), fields.key("conventions")
    assert node is not None
    changed = _overridden("conventions", key, node, base, faults, spots)
    return differing(asdict(changed), asdict(base)), spots


def _overridden(
    path: str, key: Text, node: Node, value: Any, faults: Faults, spots: dict[str, Spot]
) -> Any:
    """A convention with its override; groups of them are gone through one by one."""
    known = list(value) if isinstance(value, dict) else [one.name for one in fields(value)]
    if isinstance(node, Text) and not node.empty and not isinstance(value, dict | Conventions):
        node = Entries({known[0]: (key, node)}, node.spot)
    here = Fields(f"'{path}'", key, node, known, faults)
    changes: dict[str, Any] = {}
    for name in known:
        written = here.node(name)
        if written is None:
            continue
        below = f"{path} {name}"
        default = value[name] if isinstance(value, dict) else getattr(value, name)
        spots |= {below: here.where.spots[name]} if name in here.where.spots else {}
        if isinstance(default, str):
            changes[name] = here.text(name)
        elif isinstance(default, float):
            number = here.number(name)
            changes[name] = default if number is None else number
        else:
            changes[name] = _overridden(below, here.key(name), written, default, faults, spots)
    return value | changes if isinstance(value, dict) else replace(value, **changes)
