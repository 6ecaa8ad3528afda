"""Where the variance of a target comes from, as bars: between readings, and in each by quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.readings import heaviest, key_of
from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    LINE,
    MARGIN,
    ORANGE,
    PALE,
    SMALL,
    VERMILLION,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    text_width,
    wrap,
)
from estimates.plots.parts.words import spoken

type Document = Mapping[str, Any]
_AXIS = 0.36  # inches
_COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, "#56B4E9", "#CC79A7", "#8c8c8c", "#F0E442")


def shares(document: Document) -> Figure | None:
    """Where the variance comes from: between and within readings, and within by quantity.

    None where the target's variance cannot be shared out.
    """
    within = [row for row in document["variance"] if row["part"] == "within"]
    readings: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in document["shapley"]:
        readings.setdefault(key_of(row["reading"]), []).append(row)
    if not readings and len(within) < 2:
        return None
    quantities = list(dict.fromkeys(row["quantity"] for row in document["shapley"]))
    ranked = sorted(
        quantities,
        key=lambda q: -sum(r["share"] for r in document["shapley"] if r["quantity"] == q),
    )
    colour = {q: _COLOURS[i % len(_COLOURS)] for i, q in enumerate(ranked)}
    scale = "its logarithm" if document["scale"] == "log" else "it"
    heading = Heading(
        f"Where the uncertainty of {document['label']} comes from",
        f"Shares of the variance of {scale}"
        + (
            ": between readings and within them; then within each, by quantity (Shapley effects)."
            if len(within) > 1
            else ", by quantity (Shapley effects, which hold for dependent quantities)."
        ),
    )
    bars: list[tuple[str, list[tuple[str, float, str]]]] = []
    between = next((r for r in document["variance"] if r["part"] == "between readings"), None)
    if between is not None and len(within) > 1:
        bars.append(
            (
                "all readings",
                [
                    ("between readings", between["share"], "#9a9a9a"),
                    ("within", 1 - between["share"], PALE),
                ],
            )
        )
        for row in document["variance"]:
            if row["part"] == "axis":
                bars.append((f"  by {spoken(row['name'])}", [("", row["share"], "#b5b5b5")]))
    most = heaviest(document)
    shown = [(key, rows) for key, rows in readings.items() if key in most]
    for key, rows in shown:
        parts = [("", max(r["share"], 0.0), colour[r["quantity"]])
                 for r in rows]  # fmt: skip
        bars.append((", ".join(key) or "the answer", parts))
    left_out = len(readings) - len(shown)
    footing = Footing(
        "Options of a reading act together, so their shares alone need not add up to that "
        "between readings."
        if len(within) > 1
        else "",
        f"{left_out} lighter readings are not shown." if left_out else "",
    )
    names = min(max(text_width(name) for name, _ in bars), 2.3)
    left = MARGIN + names + 0.1
    width = WIDTH - left - 0.25
    labels = document["labels"]
    legend = [(str(labels.get(q, spoken(q))), colour[q]) for q in ranked]
    lines = _legend_lines(legend, WIDTH - 2 * MARGIN)
    row = 0.26
    top = heading.height + len(lines) * (LINE + 0.03) + 0.06
    sheet = Sheet(top + len(bars) * row + _AXIS + footing.height)
    with house_style():
        heading.draw(sheet)
        footing.draw(sheet)
        for i, line in enumerate(lines):
            x = MARGIN
            for name, shade in line:
                y = heading.height + i * (LINE + 0.03)
                sheet.mark(x + 0.04, y + LINE / 2, "s", color=shade)
                sheet.text(x + 0.12, y, name)
                x += 0.12 + text_width(name) + 0.16
        ax = sheet.axes(left, top, width, len(bars) * row)
        ax.set_ylim(len(bars), 0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        for i, (name, parts) in enumerate(bars):
            sheet.text(left - 0.1, top + (i + 0.5) * row, shortened(wrap(name, names), 1)[0],
                       ha="right", va="center")  # fmt: skip
            start = 0.0
            for label, share, shade in parts:
                ax.barh(i + 0.5, share, 0.66, left=start, color=shade, alpha=0.8,
                        edgecolor="white", linewidth=0.8)  # fmt: skip
                words = f"{label} {share:.0%}".replace("%", " %").strip()
                if share * width > text_width(words) + 0.06:
                    ax.text(start + share / 2, i + 0.5, words, ha="center",
                            va="center_baseline", size=SMALL)  # fmt: skip
                start += share
        Ruler(0, 1.0001, log=False, percent=True, label="share of the variance", unit="%").along_x(
            ax, width
        )
    return sheet.figure


def _legend_lines(entries: Sequence[tuple[str, str]], inches: float) -> list[list[tuple[str, str]]]:
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for label, shade in entries:
        need = 0.28 + text_width(label)
        if lines[-1] and used + need > inches:
            lines.append([])
            used = 0.0
        lines[-1].append((label, shade))
        used += need
    return lines
