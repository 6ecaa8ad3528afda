"""Draw the pictures of the gallery, from the models in this repository, into docs/gallery/.

    python docs/_make/gallery.py [NAME…]

Every seed is fixed and every picture is written with a palette of its own, so that the same
versions on the same machine give the same files.  The fits are kept in results/store/.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure
from PIL import Image

import estimates as est
from estimates import plots
from estimates.plots.parts.style import DPI, house_style
from estimates.plots.paths import paths

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "docs" / "gallery"
SCALE, COLOURS = 0.7, 96
SIMULATIONS = 100

HEADLINE, HUBBLE, TUNERS = "scmp-2017-headline", "hubble-constant", "piano-tuners"
BAN = "scmp-2017-ban"


def workers() -> est.Workers:
    return est.Workers(store=est.Store(ROOT / "results" / "store"))


@cache
def fit(slug: str) -> xr.DataTree:
    return est.fit(est.load(slug, ROOT), workers=workers())


@cache
def drivers() -> est.Analysis:
    return est.sensitivity(fit(HEADLINE), workers=workers())


@cache
def inverted() -> est.Analysis:
    return est.inverse(fit(HEADLINE), workers=workers())


def calibration() -> Figure:
    found = est.calibrate(est.load(HEADLINE, ROOT), SIMULATIONS, workers=workers())
    return plots.calibration(found)


def prior() -> Figure:
    return plots.prior(est.explain_prior("500 to 20,000", unit="person/day"))


def multiverse() -> Figure:
    return plots.multiverse(est.multiverse(est.load(HEADLINE, ROOT), workers=workers()))


def whatif() -> Figure:
    supposed = est.whatif(fit(HEADLINE), values={"skim": "90 %"}, workers=workers())
    return plots.whatif(supposed)


#: Every picture by its name, in the order of the page; docs/gallery.md shows each of them.
PICTURES: dict[str, Callable[[], Figure | None]] = {
    "answer": lambda: plots.answer(fit(HEADLINE)),
    "answer-hubble": lambda: plots.answer(fit(HUBBLE)),
    "answer-tuners": lambda: plots.answer(fit(TUNERS)),
    "claims": lambda: plots.claims(fit(HEADLINE)),
    "probabilities": lambda: plots.probabilities(fit(HEADLINE)),
    "prior": prior,
    "prior-posterior": lambda: plots.prior_posterior(fit(HEADLINE)),
    "tornado": lambda: plots.tornado(drivers()),
    "shares": lambda: plots.shares(drivers()),
    "without": lambda: plots.without(drivers()),
    "conflict": lambda: plots.conflict(est.conflict(fit(HUBBLE), workers=workers())),
    "inverse": lambda: plots.inverse(inverted()),
    "break-even": lambda: plots.break_even(inverted(), fit(HEADLINE)),
    "voi": lambda: plots.voi(est.voi(fit(HEADLINE))),
    "forest": lambda: plots.forest(est.forest(fit(HUBBLE)), fit(HUBBLE)),
    "whatif": whatif,
    "multiverse": multiverse,
    "paths": lambda: paths(fit(BAN), "workers"),
    "calibration": calibration,
}


def write(name: str, drawn: Figure) -> Path:
    """A picture as a small PNG: made smaller, as many colours as it needs, no metadata.

    It is drawn at the house's resolution and only then made smaller, since letters set on
    coarser pixels are wider than the layout has room for.
    """
    held = io.BytesIO()
    with house_style():
        drawn.savefig(held, format="png", dpi=DPI, metadata={"Software": None})
    picture = Image.open(held).convert("RGB")
    size = (round(SCALE * picture.width), round(SCALE * picture.height))
    small = picture.resize(size, Image.Resampling.LANCZOS)
    path = GALLERY / f"{name}.png"
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main(names: list[str]) -> None:
    GALLERY.mkdir(exist_ok=True)
    for name in names or PICTURES:
        drawn = PICTURES[name]()
        if drawn is None:
            raise ValueError(f"there is nothing to draw for '{name}'")
        path = write(name, drawn)
        sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
