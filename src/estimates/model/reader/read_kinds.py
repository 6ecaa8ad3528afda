"""Reads `kinds:`: the kinds of sources of a model, in groups."""

from __future__ import annotations

from estimates.errors import Faults, did_you_mean
from estimates.model.forms import SOURCE_GROUP, SOURCE_KIND
from estimates.model.kinds import SourceGroup, SourceKind
from estimates.model.reader.fields import Fields
from estimates.model.reader.yaml_nodes import Text, place_of


def read_kinds(top: Fields, faults: Faults) -> dict[str, SourceGroup]:
    """Return the groups with their kinds, by name; they are checked with the claims."""
    groups = {}
    for key, node in top.entries("kinds"):
        fields = Fields(f"group '{key.value}' of `kinds:`", key, node, SOURCE_GROUP, faults)
        kinds = {}
        for name, one in fields.rest():
            if isinstance(one, Text):
                hint = did_you_mean(name.value, SOURCE_GROUP.known)
                example = f"a kind says what it sees, as in `{name.value}: {{factor: 0.5 to 4}}`"
                message = f"'{name.value}' in {fields.what} is a text{hint or f'; {example}'}"
                fields.fault(message, place_of(name))
                continue
            own = Fields(f"kind '{key.value}.{name.value}'", name, one, SOURCE_KIND, faults)
            kinds[name.value] = SourceKind(name.value, **own.values(), where=own.where)
        said = fields.values()
        if not fields.broken:
            groups[key.value] = SourceGroup(key.value, kinds, **said, where=fields.where)
    return groups
