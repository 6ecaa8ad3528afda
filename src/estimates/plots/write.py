"""Every figure of a fit, as PNG and SVG files that are the same on every run, byte for byte."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from estimates._util.files import make_folder, write_bytes
from estimates._util.parts import Parts
from estimates.plots.answer import answer
from estimates.plots.claims import claims
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.style import DPI, house_style
from estimates.plots.prior_posterior import prior_posterior
from estimates.plots.probabilities import probabilities

#: Draws a figure; None where there is nothing to draw.
type Drawing = Callable[[], Figure | None]
#: Nothing that changes from run to run, or from machine to machine, is written into a file.
_METADATA = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
}


def write_figures(fit: xr.DataTree, folder: Path) -> list[Path]:
    """Write every figure that the fit has, as PNG (200 dpi) and SVG (text as outlines).

    Parameters
    ----------
    fit : what `estimates.fit` returned
    folder : made if need be; files of the same names are replaced, once all are written

    Returns
    -------
    The paths, sorted.
    """
    return save(fit_figures(Findings.of(fit)), folder)


def save(figures: Iterable[tuple[str, Figure]], folder: Path) -> list[Path]:
    """Write figures under their names, as PNG and SVG, once all of them are made."""
    make_folder(folder)  # before anything is drawn in vain
    made = drawn(figures)
    for name, content in made.items():
        write_bytes(folder / name, content)
    return sorted(folder / name for name in made)


def drawn(figures: Iterable[tuple[str, Figure]]) -> dict[str, bytes]:
    """Figures as PNG and SVG, by the names of their files, sorted."""
    made = {
        f"{stem}.{kind}": _content(figure, kind) for stem, figure in figures for kind in _METADATA
    }
    return dict(sorted(made.items()))


def drawn_parts(drawings: Iterable[tuple[str, Drawing]], parts: Parts) -> dict[str, bytes]:
    """Figures by the names of their files, each a part: one that breaks costs no other."""

    def content(stem: str, draw: Drawing) -> dict[str, bytes]:
        figure = draw()
        return {} if figure is None else drawn([(stem, figure)])

    made: dict[str, bytes] = {}
    for stem, draw in drawings:
        made |= parts.make(f"the figure {stem}", partial(content, stem, draw)) or {}
    return dict(sorted(made.items()))


def save_parts(drawings: Iterable[tuple[str, Drawing]], folder: Path, parts: Parts) -> list[Path]:
    """Draw and write figures, each a part."""
    made = drawn_parts(drawings, parts)
    for name, content in made.items():
        write_bytes(folder / name, content)
    return sorted(folder / name for name in made)


def save_one(figure: Figure, path: Path) -> None:
    """Write one figure as the kind that its file's name ends in, .png or .svg."""
    write_bytes(path, _content(figure, path.suffix[1:]))


def _content(figure: Figure, kind: str) -> bytes:
    content = io.BytesIO()
    with house_style():
        figure.savefig(content, format=kind, dpi=DPI, metadata=_METADATA[kind])
    return content.getvalue()


def fit_figures(findings: Findings) -> Iterator[tuple[str, Figure]]:
    """Every figure that a fit has, with its name."""
    for name, draw in fit_drawings(findings):
        figure = draw()
        if figure is not None:
            yield name, figure


def fit_drawings(findings: Findings) -> Iterator[tuple[str, Drawing]]:
    """The name of every figure that a fit may have, and how it is drawn."""
    for number, target in enumerate(findings.model.targets):
        yield _stem("answer", target if number else ""), partial(answer, findings, target)
    yield "claims", partial(claims, findings)
    for number, use in enumerate(findings.cited()):
        name = _stem("probabilities", use.id if number else "")
        yield name, partial(probabilities, findings, use.id)
    yield "prior_posterior", partial(prior_posterior, findings)


def _stem(name: str, which: str) -> str:
    """`answer-take_per_worker`; an expression keeps its names and numbers."""
    words = "-".join(re.findall(r"\w+", which))
    return f"{name}-{words}" if words else name
