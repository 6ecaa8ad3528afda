"""The figures of the main job as pictures inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from estimates.figures import Findings, analysis_figures, fit_figures, house_style
from estimates.figures.style import DPI
from estimates.report.gathered import Gathered

_SHRUNK = 0.6  # of the figures' own size in pixels: as sharp as fits into three megabytes
_SAYS = {
    "answer": "The answer under each reading and over all of them, beside the cited figure.",
    "claims": "What each claim is taken to say, beside what is believed of the same quantity.",
    "probabilities": "How probable it is that the answer lies below, inside and above the figure.",
    "iso_revenue": "Pairs of two quantities that give the same answer, and where the claims lie.",
    "prior_posterior": "What was believed of each quantity before the claims, and after them.",
    "sensitivity-tornado": "How far the answer moves with each quantity.",
    "sensitivity-shares": "What share of the uncertainty each quantity and each reading carries.",
    "sensitivity-without": "The answer with each claim, source, origin and speaker left out.",
    "conflict": "Each body of evidence beside what all the others say of the same quantity.",
    "inverse": "What would have to be true for the answer to reach the range.",
    "inverse-break-even": "Pairs of values at which the answer just reaches the range.",
    "worth": "How much of the uncertainty it would remove to learn each fact.",
}


@dataclass(frozen=True)
class Picture:
    """A figure: its name, what it shows, its source as a data address, and its size in pixels."""

    name: str
    says: str
    data: str
    width: int
    height: int


def pictures(found: Gathered) -> Iterator[Picture]:
    """Every figure that `reproduce` writes of this fit, as WebP."""
    drawn = list(fit_figures(Findings.of(found.fit)))
    for question, analysis in found.analyses.items():
        if analysis.converged:
            drawn += analysis_figures(question, analysis, found.fit)
    for name, figure in drawn:
        whole, small = io.BytesIO(), io.BytesIO()
        with house_style():  # text is fitted at this resolution
            figure.savefig(whole, format="png", dpi=DPI)
        picture = Image.open(whole).convert("RGB")
        size = (round(_SHRUNK * picture.width), round(_SHRUNK * picture.height))
        picture.resize(size, Image.Resampling.LANCZOS).save(small, "webp", quality=75, method=6)
        data = base64.b64encode(small.getvalue()).decode()
        yield Picture(name, _said(name), f"data:image/webp;base64,{data}", *size)


def _said(name: str) -> str:
    stem = name
    while stem and stem not in _SAYS:
        stem = stem.rpartition("-")[0]
    return _SAYS.get(stem, "A figure of this answer.")
