"""Writes the JSON Schemas: of the two files from their forms, of every document from its class.

    python docs/_make/schemas.py

Those of the files are in `schemas/`, those of the documents that a command prints in
`schemas/documents/`; tests hold them to forms and classes, and real documents to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from estimates._util.records import Documented
from estimates.analysis.calibrate.result import Calibration
from estimates.analysis.compare.result import Comparison
from estimates.analysis.diff.result import Diff
from estimates.analysis.registry import ANALYSES
from estimates.inference.result import Summary
from estimates.model.account import Account
from estimates.model.forms import schema_documents
from estimates.model.scaffold import schema_text

FILES = Path(__file__).parents[2] / "schemas"
FOLDER = FILES / "documents"


def documents() -> dict[str, type[Documented]]:
    """The class of each document, by the name of its command."""
    found: dict[str, type[Documented]] = {"show": Account, "fit": Summary, "compare": Comparison}
    found |= {name: one.answer() for name, one in ANALYSES.items()}
    return found | {"calibrate": Calibration, "diff": Diff}


def text_of(schema: dict[str, Any]) -> str:
    """A schema as the file has it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, one in documents().items():
        (FOLDER / f"{name}.schema.json").write_text(text_of(one.schema()), encoding="utf-8")
    for name in schema_documents():
        (FILES / name).write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
