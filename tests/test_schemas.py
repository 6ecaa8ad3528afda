"""The schema of every document: as the classes have it, and kept by what is printed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import xarray as xr
from jsonschema import Draft202012Validator
from tests.truth.building import build

import estimates as est
from estimates import Model, Sampling
from estimates.analysis.registry import ANALYSES

ROOT = Path(__file__).parents[1]


def made() -> ModuleType:
    """The script that writes them."""
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "docs/_make/schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = made()
DOCUMENTS = SCRIPT.documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_published_is_what_the_classes_say(name: str) -> None:
    schema = DOCUMENTS[name].schema()
    Draft202012Validator.check_schema(schema)
    path = ROOT / "schemas" / "documents" / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == SCRIPT.text_of(schema), "run docs/_make/schemas.py"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return build(
        tmp_path_factory.mktemp("models") / "two-readings",
        quantities={"x": "1 to 9", "y": "2 to 20"},
        relations={"z": {"by": "how", "sum": "x + y", "product": "x * y"}},
        readings={"how": {"sum": 1, "product": 1}},
        says={"one": "3 ± 1", "two": "around 6", "cited": "10 to 30"},
        claims={"one": "x", "two": "y"},
        compare={"cited": "z"},
        targets=["z"],
        variants={"widths": {"doubled": {"widths": 2}}},
    )


@pytest.fixture(scope="module")
def fit(model: Model) -> xr.DataTree:
    return est.fit(model, sampling=Sampling(draws=300, tune=300))


def test_documents_keep_their_schema(model: Model, fit: xr.DataTree) -> None:
    found: dict[str, dict[str, Any]] = {
        "show": est.describe(model).document,
        "fit": est.summary(fit).document,
        "compare": est.compare(fit).document,
        "calibrate": est.calibrate(model, 3).document,
        "diff": est.diff(model, model).document,
    }
    asked = {"multiverse": {"sampling": Sampling(draws=300, tune=300)}, "whatif": {"drop": ["one"]}}
    for name, one in ANALYSES.items():
        what = model if name == "multiverse" else fit
        found[name] = one.run()(what, **asked.get(name, {})).document
    assert set(found) == set(DOCUMENTS)
    for name, document in found.items():
        written = json.loads(json.dumps(document, allow_nan=False))
        Draft202012Validator(DOCUMENTS[name].schema()).validate(written)
        again = DOCUMENTS[name].read(written)
        assert again.document == document, name
