"""The figures of the main job as pictures inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PIL import Image

from estimates.plots import Findings, drawings, house_style
from estimates.plots.figures import Drawing
from estimates.plots.parts.style import DPI
from estimates.report.html.content import Gathered

#: Of the figures' own size in pixels how much is kept, and the quality of the encoding.
_WAYS = ((0.7, 75), (0.6, 70), (0.6, 60), (0.5, 60), (0.4, 50), (0.3, 40))
_SAYS = {
    "answer": "The answer under each reading and over all of them, beside the cited figure.",
    "claims": "What each claim is taken to say, beside what is believed of the same quantity.",
    "probabilities": "How probable it is that the answer lies below, inside and above the figure.",
    "prior_posterior": "What was believed of each quantity before the claims, and after them.",
    "sensitivity-tornado": "How far the answer moves with each quantity.",
    "sensitivity-shares": "What share of the uncertainty each quantity and each reading carries.",
    "sensitivity-without": "The answer with each claim, source, origin and speaker left out.",
    "forest": "Each claim by itself, what all of them come to, and where a next one would lie.",
    "conflict": "Each piece of evidence beside what all the others say about the same quantity.",
    "inverse": "What would have to be true for the answer to reach the range.",
    "inverse-break-even": "Pairs of values at which the answer just reaches the range.",
    "voi": "How much of the uncertainty it would remove to learn each fact.",
}


@dataclass(frozen=True)
class Picture:
    """A figure: its name, what it shows, its source as a data address, and its size in pixels."""

    name: str
    says: str
    data: str
    width: int
    height: int


def drawn(found: Gathered) -> dict[str, Image.Image]:
    """Return every figure that `reproduce` writes of this fit, each a part of its own."""
    slug = found.fit.attrs["slug"]
    findings = found.parts.make("the figures", lambda: Findings.of(found.fit))
    every: list[tuple[str, Drawing, str]] = []
    if findings is not None:
        command = f"estimates figures {slug}"
        every += [(name, draw, command) for name, draw in drawings(findings)]
    for question, analysis in found.analyses.items():
        if analysis.converged:
            command = f"estimates {question} {slug}"
            of_it = drawings(analysis, findings or found.fit)
            every += [(name, draw, command) for name, draw in of_it]
    whole = {}
    for name, draw, command in every:
        picture = found.parts.make(f"the figure {name}", partial(_whole, draw), command)
        if picture is not None:
            whole[name] = picture
    return whole


def pictures(whole: Mapping[str, Image.Image], room: int) -> list[Picture]:
    """Return pictures as WebP, in so many bytes if possible.

    They are made smaller and plainer until they fit; the last way is taken in any case.
    """
    made: list[Picture] = []
    for shrunk, quality in _WAYS:
        made = [_picture(name, one, shrunk, quality) for name, one in whole.items()]
        if sum(len(one.data) for one in made) <= room:
            break
    return made


def _whole(draw: Drawing) -> Image.Image | None:
    """Return a figure at the resolution at which its text fits; None if nothing is drawn."""
    figure = draw()
    if figure is None:
        return None
    content = io.BytesIO()
    with house_style():
        figure.savefig(content, format="png", dpi=DPI)
    return Image.open(content).convert("RGB")


def _picture(name: str, whole: Image.Image, shrunk: float, quality: int) -> Picture:
    content = io.BytesIO()
    size = (round(shrunk * whole.width), round(shrunk * whole.height))
    small = whole.resize(size, Image.Resampling.LANCZOS)
    small.save(content, "webp", quality=quality)
    data = base64.b64encode(content.getvalue()).decode()
    return Picture(name, _said(name), f"data:image/webp;base64,{data}", *size)


def _said(name: str) -> str:
    stem = name
    while stem and stem not in _SAYS:
        stem = stem.rpartition("-")[0]
    return _SAYS.get(stem, "A figure of this answer.")
