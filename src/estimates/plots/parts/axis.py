"""The axis that a quantity is drawn along: logarithmic or not, its limits, ticks and words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from estimates._util.format import spelled, spelled_short
from estimates.language.expression import Interval
from estimates.language.phrases import in_words, unit_words
from estimates.language.units import Unit
from estimates.plots.parts.style import figure_of
from estimates.plots.parts.text import shortened, text_width, wrap

Array = NDArray[np.float64]
#: A positive quantity whose values span more than this factor is drawn on a log axis.
_SPAN = 5.0
_PAD = 0.03
_TALL = 0.11  # inches, the height of a tick label
_GAP = 0.10  # inches between tick labels at the least
_OVERHANG = 0.1  # inches that a tick label may stand out beyond its axis
#: An axis ends before the numbers do.
_LEAST, _MOST, _POWERS = 1e-300, 1e300, (-300, 300)
_LADDERS: tuple[tuple[float, ...], ...] = (
    (1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,),
)  # fmt: skip


@dataclass(frozen=True)
class Ruler:
    """An axis, as the way in which values of a quantity are laid along it.

    Attributes
    ----------
    low, high : limits of the axis, in the quantity's unit, never past its support
    log : a log axis
    percent : a share, shown as per cent
    label, unit : in words; either may be empty
    """

    low: float
    high: float
    log: bool
    percent: bool
    label: str
    unit: str

    @staticmethod
    def of(
        support: Interval,
        unit: Unit,
        label: str,
        reach: Iterable[float],
        *,
        pad: float = _PAD,
        log: bool | None = None,
    ) -> Ruler:
        """Return a ruler that shows all the values of `reach`, within `support`.

        Parameters
        ----------
        log : whether its axis is logarithmic; as suits the values, if not given
        """
        found = [x for x in reach if math.isfinite(x) and support.low <= x <= support.high]
        found = found or [0.5 if is_share(unit, support) else 1.0]
        log = is_log(support, min(found), max(found)) if log is None else log
        percent = is_share(unit, support)
        low, high = _padded(min(found), max(found), log, pad)
        if support.low < support.high:  # a constant has no room
            low, high = max(low, support.low), min(high, support.high)
        return Ruler(low, high, log, percent, label, "%" if percent else unit_words(unit))

    @staticmethod
    def around(
        reach: Iterable[float],
        unit: str,
        label: str = "",
        *,
        scale: str = "identity",
        pad: float = _PAD,
    ) -> Ruler:
        """Return a ruler that shows all the values of `reach`, those that are numbers.

        Parameters
        ----------
        unit : as it stands in documents
        scale : `log` for a log axis where all values are positive and span a good factor; `logit`
            of a share, which is shown as per cent, from 0 to 100 at the most
        """
        found = [x for x in reach if math.isfinite(x)] or [1.0]
        log = (
            scale == "log" and min(found) > 0 and _orders(min(found), max(found)) > math.log(_SPAN)
        )
        low, high = _padded(min(found), max(found), log, pad)
        share = unit == "share" or scale == "logit"
        if share:
            low, high = max(low, 0.0), min(high, 1.0)
        return Ruler(low, high, log, share, label, in_words("share" if share else unit))

    @property
    def title(self) -> str:
        """The label and unit."""
        return ", ".join(filter(None, (self.label, self.unit)))

    def place(self, x: Array | float) -> Array:
        """Return where values lie, from 0 (left end) to 1."""
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                over = np.log(np.asarray(x)) - math.log(self.low)
            return np.asarray(over / _orders(self.low, self.high))
        return np.asarray((np.asarray(x) - self.low) / (self.high - self.low))

    def at(self, place: float) -> float:
        """Return the value that lies at a place from 0 to 1."""
        if self.log:
            return math.exp(math.log(self.low) + _orders(self.low, self.high) * place)
        return self.low + place * (self.high - self.low)

    def clip(self, x: float | None, otherwise: float) -> float:
        """Return a value moved to the nearest end if it is outside; for None an open side's end."""
        return min(max(otherwise if x is None else x, self.low), self.high)

    def shown(self, x: float, last: int | None = None) -> str:
        """Return a value without its unit, down to the place 10**last."""
        if self.percent:
            return spelled(100 * x, None if last is None else last + 2)
        return spelled(x, last)

    def tick(self, x: float) -> str:
        """Return a round value without its unit."""
        return spelled_short(100 * x if self.percent else x)

    def along_x(self, ax: Axes, title: str | None = None) -> None:
        """Lay an x axis, with this title instead of its own."""
        if self.log:
            ax.set_xscale("log")
        ax.set_xlim(self.low, self.high)
        self._tick(ax.xaxis, figure_of(ax)[1], wide=True)
        ax.set_xlabel(self.title if title is None else title, parse_math=False)

    def along_y(self, ax: Axes) -> None:
        """Lay a y axis; its title is broken into two lines at the most."""
        inches = figure_of(ax)[2]
        if self.log:
            ax.set_yscale("log")
        ax.set_ylim(self.low, self.high)
        self._tick(ax.yaxis, inches, wide=False)
        ax.set_ylabel("\n".join(shortened(wrap(self.title, inches), 2)), parse_math=False)

    def _tick(self, axis: Axis, inches: float, *, wide: bool) -> None:
        places, labels = self.ticks(inches, wide=wide)
        axis.set_major_locator(FixedLocator(places))
        axis.set_major_formatter(FixedFormatter(labels))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())

    def ticks(self, inches: float, *, wide: bool = True) -> tuple[list[float], list[str]]:
        """Return as many round values as fit, with labels set across the axis or along it."""
        fitting = (self._fitting(ladder, inches, wide) for ladder in self._ladders())
        places = max((one for one in fitting if one is not None), key=len, default=[])
        return places, [self.tick(x) for x in places]

    def _fitting(self, ladder: Sequence[float], inches: float, wide: bool) -> list[float] | None:
        """Return a ladder's values whose labels are on the axis; None if two would touch."""
        found, last = [], -math.inf
        for x in ladder:
            half = (text_width(self.tick(x)) if wide else _TALL) / 2
            at = float(self.place(x)) * inches
            if wide and not half - _OVERHANG <= at <= inches + _OVERHANG - half:
                continue
            if at - half < last + _GAP:
                return None
            found.append(x)
            last = at + half
        return found

    def _ladders(self) -> Iterator[list[float]]:
        low, high = self.low, self.high
        slack = 1e-9
        if self.log:
            first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
            first, last = max(first, _POWERS[0]), min(last, _POWERS[1])
            for steps in _LADDERS:
                all_ = (s * 10.0**p for p in range(first, last + 1) for s in steps)
                yield [x for x in all_ if low * (1 - slack) <= x <= high * (1 + slack)]
            for stride in (2, 3, 4, 6, 10, 20, 30, 50, 100, 200):
                all_ = (10.0**p for p in range(first - first % stride, last + 1, stride))
                yield [x for x in all_ if low * (1 - slack) <= x <= high * (1 + slack)]
        if not self.log or _orders(low, high) < math.log(4):
            unit = 100.0 if self.percent else 1.0
            for bins in (7, 6, 5, 4, 3, 2):
                locator = MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10])
                found = np.asarray(locator.tick_values(low * unit, high * unit)) / unit
                edge = slack * (high - low)
                yield [float(x) for x in found if low - edge <= x <= high + edge]


def _orders(low: float, high: float) -> float:
    """Return log(high/low), where the ratio itself may be larger than any number."""
    return math.log(high) - math.log(low)


def _padded(low: float, high: float, log: bool, pad: float) -> tuple[float, float]:
    """Return limits with some room on either side, or about a single value."""
    if log:
        more = math.exp(pad * _orders(low, high)) if low < high else 2.0
        return max(low / more, _LEAST), min(high * more, _MOST)
    more = pad * (high - low) if low < high else (abs(low) or 1.0) / 2
    return max(low - more, -_MOST), min(high + more, _MOST)


def is_share(unit: Unit, support: Interval) -> bool:
    """Return whether it is a plain number between 0 and 1, better read as per cent."""
    return not unit.dimension and support.low >= 0 and support.high <= 1


def is_log(support: Interval, low: float, high: float) -> bool:
    """Return whether a log axis is better: for positive values that span a good factor."""
    if low <= 0 or support.low < 0 or _orders(low, high) < math.log(_SPAN):
        return False
    return math.isinf(support.high) or high < support.high / 5
