"""Writes the JSON Schema of every document that a command prints, from the classes of the answers.

    python docs/_make/schemas.py

They are in `schemas/documents/`; a test holds them to the classes, and real documents to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from estimates._util.records import Documented
from estimates.analysis.calibrate.result import Calibration
from estimates.analysis.compare.result import Comparison
from estimates.analysis.registry import ANALYSES
from estimates.inference.result import Summary
from estimates.model.account import Account

FOLDER = Path(__file__).parents[2] / "schemas" / "documents"


def documents() -> dict[str, type[Documented]]:
    """The class of each document, by the name of its command."""
    found: dict[str, type[Documented]] = {"show": Account, "fit": Summary, "compare": Comparison}
    found |= {name: one.answer() for name, one in ANALYSES.items()}
    return found | {"calibrate": Calibration}


def text_of(schema: dict[str, Any]) -> str:
    """A schema as the file has it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, one in documents().items():
        (FOLDER / f"{name}.schema.json").write_text(text_of(one.schema()), encoding="utf-8")


if __name__ == "__main__":
    main()
