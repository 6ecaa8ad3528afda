"""Take outputs, counts and the metadata of a machine out of the notebooks beside this file."""

from __future__ import annotations

from pathlib import Path

import nbformat

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def strip(path: Path) -> None:
    """Rewrite one notebook as it is kept in git; the same bytes if it is clean already."""
    book = nbformat.read(path, as_version=4)
    book.metadata = nbformat.from_dict(KERNEL)
    for number, cell in enumerate(book.cells, 1):
        cell.id, cell.metadata = f"cell-{number}", nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    path.write_text(nbformat.writes(book) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for notebook in sorted(Path(__file__).parent.glob("*.ipynb")):
        strip(notebook)
