"""Figures as PNG and SVG files that are the same on every run, byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from estimates._util.files import make_folder, write_bytes
from estimates._util.parts import Parts
from estimates.plots.figures import Drawing, drawings
from estimates.plots.parts.style import DPI, house_style

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
    return save(drawings(fit), folder)


def save(
    figures: Iterable[tuple[str, Drawing]], folder: Path, parts: Parts | None = None
) -> list[Path]:
    """Write figures under their names, as PNG and SVG, once all of them are drawn.

    Parameters
    ----------
    figures : names, and what draws each
    parts : makes each figure as a part
    """
    make_folder(folder)  # before anything is drawn in vain
    made = drawn(figures, parts)
    for name, content in made.items():
        write_bytes(folder / name, content)
    return sorted(folder / name for name in made)


def drawn(figures: Iterable[tuple[str, Drawing]], parts: Parts | None = None) -> dict[str, bytes]:
    """Return figures as PNG and SVG, by the names of their files, sorted.

    Parameters
    ----------
    parts : makes each figure as a part, so that one that breaks costs no other; without it every
        exception ends all
    """
    made: dict[str, bytes] = {}
    for stem, draw in figures:
        work = partial(_files, stem, draw)
        made |= (work() if parts is None else parts.make(f"the figure {stem}", work)) or {}
    return dict(sorted(made.items()))


def save_one(figure: Figure, path: Path) -> None:
    """Write one figure as the kind that its file's name ends in, .png or .svg."""
    write_bytes(path, _content(figure, path.suffix[1:]))


def _files(stem: str, draw: Drawing) -> dict[str, bytes]:
    figure = draw()
    if figure is None:
        return {}
    return {f"{stem}.{kind}": _content(figure, kind) for kind in _METADATA}


def _content(figure: Figure, kind: str) -> bytes:
    content = io.BytesIO()
    with house_style():
        figure.savefig(content, format=kind, dpi=DPI, metadata=_METADATA[kind])
    return content.getvalue()
