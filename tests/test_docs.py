"""What the documents show works: files load, Python runs, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from estimates.files import load
from estimates.model import Model

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^# (models/\S+\.yaml)\n")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(document: Path, language: str) -> list[str]:
    text = document.read_text(encoding="utf-8")
    return [body for kind, body in BLOCK.findall(text) if kind == language]


@pytest.mark.parametrize("name", ["README.md", "docs/writing-an-estimate.md"])
def test_models_in_documents_load(name: str, tmp_path: Path) -> None:
    folders = set()
    for block in blocks(ROOT / name, "yaml"):
        found = FILE.match(block)
        if found:
            path = tmp_path / found[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block, encoding="utf-8")
            folders.add(path.parent)
    assert folders
    for folder in folders:
        assert isinstance(load(folder), Model)


def test_python_in_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for block in blocks(ROOT / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})
    assert "gross, share, china" in capsys.readouterr().out


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_model_loads_without_a_warning() -> None:
    for folder in sorted((ROOT / "models").iterdir()):
        assert load(folder).warnings == (), folder.name


def test_nothing_is_left_to_fill_in() -> None:
    for document in DOCUMENTS:
        assert "{{" not in document.read_text(encoding="utf-8")
