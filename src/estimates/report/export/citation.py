"""How to cite the software itself, from what the installed package says of itself.

CITATION.cff at the top of the repository is this module's `cff()`, held to it by a test: so an
installed copy, which has no repository around it, says the same.
"""

from __future__ import annotations

import json
from importlib.metadata import metadata

from estimates.report.export.references import Reference

MESSAGE = "If you use this software, please cite it as below."


def software() -> Reference:
    """The installed version as something that can be cited."""
    said = metadata("estimates")
    gist = said["Summary"].partition(":")[0]
    title = f"{said['Name']}: {gist[:1].lower()}{gist[1:]}"
    return Reference(
        key=f"{said['Name']}-{said['Version']}",
        type="software",
        title=title,
        authors=(said["Author"],),
        more={"version": said["Version"]},
        note=f"{said['License-Expression']} licence",
    )


def cff() -> str:
    """The citation as a Citation File Format 1.2.0 document (YAML).

    https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md
    """
    said, one = metadata("estimates"), software()
    keywords = [word.strip() for word in said["Keywords"].split(",")]
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted(MESSAGE)}",
        "type: software",
        f"title: {_quoted(said['Name'])}",
        f"abstract: {_quoted(said['Summary'] + '.')}",
        "authors:",
        *(f"  - name: {_quoted(author)}" for author in one.authors),
        f"version: {_quoted(said['Version'])}",
        f"license: {said['License-Expression']}",
        "keywords:",
        *(f"  - {_quoted(word)}" for word in keywords),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A string of YAML: one of JSON is one."""
    return json.dumps(text, ensure_ascii=False)
