"""How to cite the software itself, from what the installed package says of itself.

CITATION.cff at the top of the repository is this module's `cff()`, held to it by a test: so an
installed copy, which has no repository around it, says the same.
"""

from __future__ import annotations

import json
from importlib.metadata import metadata
from typing import NamedTuple

from estimates.report.export.references import Reference

MESSAGE = "If you use this software, please cite it as below."


class _Package(NamedTuple):
    """What the installed package says of itself."""

    name: str
    version: str
    summary: str
    author: str
    licence: str
    keywords: str

    @staticmethod
    def installed() -> _Package:
        said = metadata("estimates")
        names = ("Name", "Version", "Summary", "Author", "License-Expression", "Keywords")
        return _Package(*(said[name] for name in names))


def software() -> Reference:
    """Return the installed version as something that can be cited."""
    said = _Package.installed()
    gist = said.summary.partition(":")[0]
    return Reference(
        key=f"{said.name}-{said.version}",
        type="software",
        title=f"{said.name}: {gist[:1].lower()}{gist[1:]}",
        authors=(said.author,),
        version=said.version,
        note=f"{said.licence} licence",
    )


def cff() -> str:
    """Return the citation as a Citation File Format 1.2.0 document (YAML).

    https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md
    """
    said = _Package.installed()
    keywords = [word.strip() for word in said.keywords.split(",")]
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted(MESSAGE)}",
        "type: software",
        f"title: {_quoted(said.name)}",
        f"abstract: {_quoted(said.summary + '.')}",
        "authors:",
        f"  - name: {_quoted(said.author)}",
        f"version: {_quoted(said.version)}",
        f"license: {said.licence}",
        "keywords:",
        *(f"  - {_quoted(word)}" for word in keywords),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a string of YAML, which is one of JSON."""
    return json.dumps(text, ensure_ascii=False)
