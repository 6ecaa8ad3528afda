"""Models as text, as a person would write them, loaded from a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml
from numpy.typing import NDArray

from estimates import Model, by_reading, load
from estimates.errors import Faults
from estimates.language.expression import parse_expression
from estimates.model.spec import Parts

SOURCE = {"elsewhere": {"title": "Invented for a test", "publisher": "tests", "published": 2020}}


def build(
    folder: Path,
    *,
    quantities: Mapping[str, Any],
    says: Mapping[str, str | Mapping[str, Any]],
    claims: Mapping[str, Any],
    **parts: Any,
) -> Model:
    """Write a ledger and a model as YAML and load them.

    Parameters
    ----------
    quantities : by name, a prior or the whole entry
    says : by claim, a wording or the whole entry of the ledger
    claims : by claim, what it is about
    parts : other entries of the model file (`relations`, `readings`, `compare`, `targets`, …);
        without targets every quantity is one
    """
    ledger = {
        "sources": SOURCE,
        "claims": {
            claim: {"source": "elsewhere", "quote": "-"}
            | ({"says": entry} if isinstance(entry, str) else dict(entry))
            for claim, entry in says.items()
        },
    }
    model = {
        "format": 1,
        "title": folder.name,
        "evidence": "evidence.yaml",
        "quantities": {
            name: {"prior": entry} if isinstance(entry, str) else dict(entry)
            for name, entry in quantities.items()
        },
        "claims": dict(claims),
        "targets": list(quantities),
        **parts,
    }
    return save(folder, ledger, model)


def made(**given: Any) -> Model:
    """A model of parts that are parsed already, each section a list."""
    kinds = ("quantities", "relations", "readings", "variants")
    named = {kind: {one.name: one for one in given.pop(kind, ())} for kind in kinds}
    targets = tuple(
        parse_expression(target) if isinstance(target, str) else target
        for target in given.pop("targets", ())
    )
    currencies = {one.code: one for one in given.pop("currencies", ())}
    claims, compare = (tuple(given.pop(kind, ())) for kind in ("claims", "compare"))
    parts = Parts(
        **named, claims=claims, compare=compare, targets=targets, currencies=currencies, **given
    )
    return Model.of(parts, Faults())


def save(folder: Path, ledger: Mapping[str, Any], model: Mapping[str, Any]) -> Model:
    """Write both files into a folder and load the model from there."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in (("evidence.yaml", ledger), ("model.yaml", model)):
        text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=1000)
        (folder / file).write_text(text, encoding="utf-8")
    return load(folder)


def drawn(fit: xr.DataTree, name: str, reading: int = 0) -> NDArray[np.float64]:
    """Draws (chain, draw) of a quantity under a reading, in the order in which they were made."""
    return np.asarray(by_reading(fit, name)[name].values[reading])
