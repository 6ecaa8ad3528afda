"""The way from one model's answer to the other's, step by step: a waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates._util.format import number, rounded
from estimates.analysis.diff.result import Diff, StepRow
from estimates.analysis.diff.sentences import is_noise
from estimates.analysis.result import Numbers
from estimates.language.phrases import capitalised, counted
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, ORANGE
from estimates.plots.parts.text import Line

_MOST = 14  # steps that are shown
_ROW, _BAR = 0.34, 0.17  # inches
_NAMES = 2.6  # inches that the words of a step may take

type _Ends = tuple[float, float, float]


@dataclass(frozen=True)
class _Mark:
    """A row: an answer, or the way between the answers before and after a step."""

    words: str
    shown: str
    whole: float | None = None
    move: tuple[float, float] | None = None
    noise: bool = False

    @property
    def places(self) -> tuple[float, ...]:
        """Where it begins and ends."""
        return self.move or (self.whole or 0.0,)


def diff(found: Diff, *, ax: Axes | None = None) -> Figure | None:
    """Draw the answers of two models, and between them how each step moves the median.

    Parameters
    ----------
    found : what `estimates.diff` returned
    ax : draw into these axes

    Returns
    -------
    Figure; None where the headline target has no value on either side, or nothing moves it.  A dot
    is a median, a bar what a step moves it by: blue up, orange down, grey within Monte Carlo error.
    """
    marks = _marks(found)
    if len(marks) < 3:
        return None
    places = [x for one in marks for x in one.places]
    ruler = Ruler.around(places, found.unit, found.label, pad=0.08)
    rows = [
        Row([[Line(one.words, GREY if one.noise else INK)]], [[Line(one.shown)]], least=_ROW)
        for one in marks
    ]
    strip = Strip(partial(_draw, marks), ruler)
    panel = Panel([strip], rows, before=[Column(widest=_NAMES, most=3)], after=[Column(right=True)])
    return Page(
        f"{capitalised(found.label)}: what changed",
        found.sentence,
        [panel],
        [
            "Dot: median, with its 90 % interval in numbers. Bars: what each step moves it by, "
            "after those above it: blue up, orange down, grey within Monte Carlo error.",
            _left_out(found),
            trust_note(found.failed),
        ],
    ).draw(ax)


def _left_out(found: Diff) -> str:
    left = len(found.steps) - _MOST
    return f"{capitalised(counted(left, 'step'))} that moved least are one bar." if left > 0 else ""


def _marks(found: Diff) -> list[_Mark]:
    """Return the rows from the first answer to the last."""
    target = found.targets[0] if found.targets else None
    ends = [] if target is None else [_ends(one) for one in (target.before, target.after)]
    if not ends or None in ends:
        return []
    first, last = (one for one in ends if one is not None)
    marks = [_Mark(found.before, _whole(first, found), whole=first[1])]
    at = first[1]
    shown = _shown_steps(found.steps)
    rest = 0.0
    for step in found.steps:
        move = step.move or 0.0
        if step not in shown:
            rest += move
            continue
        marks.append(_mark(step, at, found))
        at += move
    if rest:
        shown_rest = _signed(rest, None, found)
        marks.append(_Mark("the other steps", shown_rest, move=(at, at + rest), noise=True))
    return [*marks, _Mark(found.after, _whole(last, found), whole=last[1])]


def _whole(ends: _Ends, found: Diff) -> str:
    low, median, high = (_shown(one, found) for one in ends)
    join = " to " if low < 0 else "–"
    return f"{rounded(median)} ({rounded(low)}{join}{rounded(high)})"


def _shown_steps(steps: Sequence[StepRow]) -> Sequence[StepRow]:
    """Return the steps that moved the answer most."""
    return sorted(steps, key=lambda one: -abs(one.move or 0.0))[:_MOST]


def _mark(step: StepRow, at: float, found: Diff) -> _Mark:
    move = step.move or 0.0
    words = f"{step.step}. {step.text}"
    shown = _signed(move, step.mcse_move, found)
    noise = is_noise(step.move, step.mcse_move, 2 * len(found.steps))
    return _Mark(words, shown, move=(at, at + move), noise=noise)


def _ends(numbers: Numbers) -> _Ends | None:
    if numbers.q05 is None or numbers.median is None or numbers.q95 is None:
        return None
    return numbers.q05, numbers.median, numbers.q95


def _shown(value: float, found: Diff) -> float:
    return 100.0 * value if found.unit == "share" else value


def _signed(move: float, error: float | None, found: Diff) -> str:
    size = abs(_shown(move, found))
    text = number(size, _shown(error, found)) if error else rounded(size)
    sign = "" if not float(text.replace(",", "")) else "+" if move > 0 else "−"
    return f"{sign}{text}"


def _draw(marks: Sequence[_Mark], ax: Axes, middles: NDArray[float64]) -> None:
    for mark, y in zip(marks, middles, strict=True):
        if mark.whole is not None:
            ax.plot([mark.whole], [y], "o", color=INK, markersize=5, clip_on=False)
        if mark.move is not None:
            start, end = mark.move
            colour = GREY if mark.noise else BLUE if end > start else ORANGE
            ax.barh(y, end - start, left=start, height=_BAR, color=colour)
    ends = [mark.places[-1] for mark in marks]
    for place, (upper, lower) in enumerate(pairwise(middles)):
        ax.plot([ends[place]] * 2, [upper, lower], color=INK, linewidth=0.5, alpha=0.5, zorder=0)
