"""What goes with a page that is passed on: a picture beside it, its description, its citation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

from estimates._util.files import write_bytes
from estimates.language.phrases import counted
from estimates.model.describe import sources_of
from estimates.plots import house_style
from estimates.plots.parts.style import DPI
from estimates.plots.share import share
from estimates.report.html.address import picture_of
from estimates.report.html.content import Gathered

_LONGEST = 300  # letters of a description


@dataclass(frozen=True)
class Shared:
    """What a page says of itself to those that show a link to it.

    Attributes
    ----------
    described : the finding, in a sentence or two
    address : where the page is published; "" where nobody said
    image : address of its picture, relative where that of the page is not known; "" without one
    """

    described: str
    address: str = ""
    image: str = ""


def shared(answer: Sequence[tuple[str, str]], page: Path | None, address: str = "") -> Shared:
    """Return how a page introduces itself, given the answer in words and where it is written."""
    described = ""
    for sentence, _ in answer:
        if described and len(described) + len(sentence) >= _LONGEST:
            break
        described = f"{described} {sentence}".lstrip()
    image = "" if page is None else urljoin(address, picture_of(page).name)
    return Shared(described, address, image)


def write_picture(found: Gathered, says: str, path: Path) -> Path:
    """Draw the picture of a page, and write it; the same bytes on every run."""
    figure, content = share(found.fit, says, credit(found)), io.BytesIO()
    with house_style():
        figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    write_bytes(path, content.getvalue())
    return path


def credit(found: Gathered) -> str:
    """Return the line at the foot of whatever leaves the page."""
    uses = found.model.uses
    sources = sources_of((use.claim for use in uses), found.model)
    said = f"Estimate from {counted(len(uses), 'quoted figure')}"
    return f"{said}: {sources}" if sources else said


def citation(found: Gathered, address: str = "") -> str:
    """Return how the page is cited: title, what it is, and what makes it again."""
    title = found.account.title or found.account.model
    made = (
        f"model {found.account.model}, seed {found.summary.seed}, "
        f"digest {found.account.digest[:12]}"
    )
    end = f" {address}" if address else ""
    return f"“{title}”. {credit(found)}. Made with estimates {version('estimates')} ({made}).{end}"
