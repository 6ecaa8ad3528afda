"""Write the corpus of odd but valid models: `python tests/corpus/generate.py`.

Each becomes a folder of models/ with its files; a test holds the files to what this makes.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.corpus.odd import MODELS, Odd  # noqa: E402


def files(one: Odd) -> Mapping[str, str]:
    """The files of a model's folder, by name."""
    texts = {name: _text(ledger) for name, ledger in one.ledgers.items()}
    return {"model.yaml": f"# {one.why}\n{_text(one.model)}", **texts}


class _Plain(yaml.SafeDumper):
    """Repeats what is the same twice: aliases are not read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(node: object) -> str:
    return yaml.dump(node, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


def main() -> None:
    """All models anew; what is no longer among them goes."""
    models = HERE / "models"
    shutil.rmtree(models, ignore_errors=True)
    for name, one in MODELS.items():
        (models / name).mkdir(parents=True)
        for file, text in files(one).items():
            (models / name / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
