"""Prior and posterior of each quantity: what the claims have taught, and where they could not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.inference.var_names import FilterVars, VarNames, chosen
from estimates.language.phrases import capitalised
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import sources_note, trust_note
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import numbers_of
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, PALE, SMALL, WRITTEN, figure_of
from estimates.plots.parts.text import Line, text_width
from estimates.stats.kde import SEEN, Curve, curve
from estimates.stats.natural import Natural

Array = NDArray[np.float64]
_COLUMNS, _MOST = 3, 24
_AXES = 0.70  # inches, the height of the axes of a quantity
_LEAST = 0.16  # of the height of a panel, the peak of the flatter density at the least
_HEADROOM = 1.25  # of the highest peak
_MOST_PARTS = 6
_NEGLIGIBLE = 0.01  # weight of a reading whose part would not be seen
#: Readings whose intervals differ by less than this part are drawn together.
_ALIKE = 0.35

_BLUE = " Blue: posterior, all readings by weight, with its median and {} interval."


@dataclass(frozen=True)
class _Quantity:
    """One quantity, ready to be drawn."""

    name: str
    label: str
    numbers: str
    ruler: Ruler
    prior: Curve | None
    posterior: Curve | None
    parts: tuple[tuple[str, Curve], ...]


def prior_posterior(
    fit: xr.DataTree | Findings,
    var_names: VarNames = None,
    filter_vars: FilterVars = None,
    *,
    ax: Axes | None = None,
) -> Figure:
    """Draw the prior and posterior densities of quantities as small multiples.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    var_names, filter_vars : which quantities, as in `estimates.summary`; all of them but known
        constants and the derived cells of a panel, basic ones first, if left out
    ax : draw into these axes, where there is one quantity

    Returns
    -------
    Figure.  Densities are estimated on each quantity's natural scale, so none goes past a hard
    bound; both are mixed over readings by weight.

    Raises
    ------
    InputError : for names that are not in the fit
    """
    findings = Findings.of(fit)
    names = chosen(var_names, findings.names, filter_vars)
    if var_names is None:
        names = [name for name in names if not findings.constant(name)]
        derived = findings.model.panel.home.keys() - findings.model.quantities.keys()
        names = [name for name in names if name not in derived]  # tables and paths show them
    shown = [_quantity(findings, name) for name in names[:_MOST]]
    left_out = len(names) - len(shown)
    parts, raised = any(one.parts for one in shown), any(map(_raised, shown))
    notes = [
        "Grey: prior."
        + (_BLUE.format(findings.held) if any(one.posterior for one in shown) else "")
        + (" Thin lines: what each reading contributes, where they differ." if parts else "")
        + (" Where one is very much flatter, it is drawn higher." if raised else ""),
        f"{left_out} further quantities are not shown." if left_out else "",
        sources_note(findings),
        trust_note(findings.failed),
    ]
    panels = [_panel(one) for one in shown]
    title, seen = "Prior and posterior of each quantity", _seen(findings, shown)
    return Page(title, seen, panels, notes, columns=min(_COLUMNS, max(len(panels), 1))).draw(ax)


def _quantity(findings: Findings, name: str) -> _Quantity:
    values, prior = findings.values(name), findings.prior_values(name)
    support = findings.support(name)
    natural = Natural.of(support, np.concatenate([values, prior]))
    heavy = np.where(findings.weights[:, None] >= _NEGLIGIBLE, values, np.nan)
    rows = findings.rows(heavy, natural.forward, _MOST_PARTS, alike=_ALIKE).rows
    told = not findings.prior_only(name)
    reach = _ends(prior, (0.025, 0.975)) + (_ends(values, (0.005, 0.995)) if told else [])
    unit, label = findings.unit(name), findings.label(name)
    log = Ruler.of(support, unit, label, reach).log
    before = curve(prior, findings.prior_weights, natural, log=log)
    after = curve(values, findings.weights, natural, log=log)
    reach += _seen_of(before) + (_seen_of(after) if told else [])
    ruler = Ruler.of(support, unit, label, reach, log=log)
    parts = []
    if told and len(rows) > 1:
        whole = sum(row.weight for row in rows)
        for row in rows:
            part = curve(row.draws, row.share, natural, log=ruler.log)
            if part is not None:
                parts.append((row.text, Curve(part.x, part.height * row.weight / whole)))
    return _Quantity(
        name,
        capitalised(findings.label(name)),
        _in_numbers(findings, name, values, ruler),
        ruler,
        before,
        after if told else None,
        tuple(parts),
    )


def _ends(values: Array, probabilities: tuple[float, float]) -> list[float]:
    """Return the outermost quantiles of the rows that have no nan."""
    rows = values[np.isfinite(values).all(axis=1)]
    if not rows.size:
        return []
    low, high = np.quantile(rows, probabilities, axis=1)
    return [float(low.min()), float(high.max())]


def _seen_of(density: Curve | None) -> list[float]:
    """Return where a curve comes up from the axis, and where it is down again."""
    if density is None:
        return []
    seen = density.x[density.height >= SEEN * density.height.max()]
    return [float(seen.min()), float(seen.max())]


def _in_numbers(findings: Findings, name: str, values: Array, ruler: Ruler) -> str:
    """Return the posterior's median and 90 % interval, or why there are none."""
    if findings.prior_only(name):
        return "prior only: no claim bears on it"
    row = findings.together(values)
    where = ""
    if row is None:
        row, where = findings.together(values, partly=True), "where spoken of: "
    if row is None:
        return "no reading speaks of it"
    return f"{where}{numbers_of(row, ruler)}{' %' if ruler.percent else ''}"


# Drawing ---------------------------------------------------------------------------------------


def _panel(one: _Quantity) -> Panel:
    head = [
        Line(one.label, bold=True),
        Line(one.numbers, WRITTEN[BLUE] if one.posterior else GREY),
    ]
    return Panel.plain(Strip(partial(_draw, one), one.ruler, one.ruler.unit), _AXES, head)


def _draw(panel: _Quantity, ax: Axes, middles: Array) -> None:
    ax.set_ylim(0, _HEADROOM)
    peak = _peak(panel)
    for density, fill, line in ((panel.prior, PALE, GREY), (panel.posterior, BLUE, BLUE)):
        if density is None:
            continue
        height = _scaled(density, peak)
        ax.fill_between(density.x, 0, height, color=fill, alpha=0.5, linewidth=0)
        ax.plot(density.x, height, color=line, linewidth=0.8)
    for _, part in panel.parts:
        ax.plot(part.x, part.height / peak, color=INK, linewidth=0.5)
    _label_parts(ax, panel, peak)


def _peak(panel: _Quantity) -> float:
    both = (panel.prior, panel.posterior)
    return max((float(c.height.max()) for c in both if c is not None), default=1.0)


def _raised(panel: _Quantity) -> bool:
    both = (panel.prior, panel.posterior)
    return any(c is not None and c.height.max() < _LEAST * _peak(panel) for c in both)


def _scaled(density: Curve, peak: float) -> Array:
    return np.asarray(density.height / min(peak, density.height.max() / _LEAST))


def _label_parts(ax: Axes, panel: _Quantity, peak: float) -> None:
    """Put the readings' names over the peaks of their parts, if they have room side by side."""
    places, inches = [], figure_of(ax)[1]
    for name, part in panel.parts:
        i = int(part.height.argmax())
        half = text_width(name) / 2 / inches
        at = min(max(float(panel.ruler.place(part.x[i])), half), 1 - half)
        places.append((at - half, at, at + half, float(part.height[i] / peak), name))
    places.sort()
    if any(a[2] + 0.02 > b[0] for a, b in pairwise(places)):
        return
    for _, at, _, height, name in places:
        up = (min(height, 1.0) + 0.03) / _HEADROOM
        ax.text(at, up, name, transform=ax.transAxes, ha="center", va="bottom", size=SMALL,
                parse_math=False)  # fmt: skip


def _seen(findings: Findings, panels: Sequence[_Quantity]) -> str:
    """Return a sentence on how many quantities the claims inform."""
    basic = [p for p in panels if p.name in findings.model.quantities]
    told = [p for p in basic if p.posterior is not None]
    if not any(panel.posterior for panel in panels):
        return "No claim is evidence: what follows from the priors alone."
    rest = len(panels) - len(basic)
    how_many = f"all {len(basic)}" if len(told) == len(basic) else f"{len(told)} of {len(basic)}"
    follow = f"; the other {rest} follow from them" if rest else ""
    return f"Claims inform {how_many} basic quantities{follow}."
