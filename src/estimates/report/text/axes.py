"""The declared variants of a model in plain values and in words, for `estimates show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from estimates._util.format import stated
from estimates.model import Axis, FixedValue, IntervalPrior, Model, Prior, Variant


def axes_document(model: Model) -> list[dict[str, Any]]:
    """One entry an axis: its base, and what each option changes, kind by kind in words."""
    return [_axis(axis) for axis in model.variants.values()]


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "axis": axis.name,
        "label": axis.label,
        "base": axis.base,
        "note": axis.note,
        "options": [
            {
                "option": name,
                "label": one.label,
                "because": one.because,
                "changes": [{"kind": kind, "to": to} for kind, to in _changes(one)],
            }
            for name, one in axis.options.items()
        ],
    }


def _changes(variant: Variant) -> Iterator[tuple[str, str]]:
    yield from (("prior", f"{name} {_said(prior)}") for name, prior in variant.priors.items())
    yield from (("convention", words) for words in _nested(variant.conventions))
    if variant.width != 1:
        yield "widths", f"all × {variant.width:g}"
    yield from (("width", f"{name} × {factor:g}") for name, factor in variant.widths.items())
    yield from (("tails", f"{name} {tails}") for name, tails in variant.tails.items())
    for name, weights in variant.weights.items():
        yield "weights", f"{name}: " + ", ".join(f"{o} {w:g}" for o, w in weights.items())
    for kind, names in variant.without.items():
        yield "without", f"{kind} {', '.join(names)}"
    yield from (("admitted as evidence", name) for name in variant.admit)
    if variant.pool:
        yield "pool", variant.pool
    yield from (("pool", f"{name} {pool}") for name, pool in variant.pools.items())


def _said(prior: Prior) -> str:
    """A prior for a reader, its numbers with their commas."""
    match prior:
        case IntervalPrior(low=low, high=high, coverage=coverage, unit=unit):
            ends = f"{_number(low)} to {_number(high)}{f' {unit}' if unit else ''}"
            return ends if coverage == 0.90 else f"{ends} @ {_number(100 * coverage)} %"
        case FixedValue(value=value, unit=unit):
            return f"{_number(value)}{f' {unit}' if unit else ''}"
        case _:
            return str(prior)


def _number(value: float) -> str:
    return stated(value).replace("−", "-")  # as it can be written in a file


def _nested(changes: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in changes.items():
        below = f"{path} {name}".strip()
        if isinstance(value, Mapping):
            yield from _nested(value, below)
        else:
            yield f"{below} {value}"


def axis_in_words(entry: Mapping[str, Any]) -> Iterator[str]:
    """An axis, its base and each option with what it changes."""
    yield entry["axis"] + (f": {entry['label']}" if entry["label"] else "")
    yield f"{entry['base']}: the model as it stands"
    for option in entry["options"]:
        label = f" ({option['label']})" if option["label"] else ""
        changes = "; ".join(f"{one['kind']} {one['to']}" for one in option["changes"])
        because = f". {option['because']}" if option["because"] else ""
        yield f"{option['option']}{label}: {changes}{because}"
    if entry["note"]:
        yield f"Note: {entry['note']}"
