"""Stocks: what accumulates from an inflow, and leaves after a while.

With `leave: exponential` each leaves at the same rate whenever it came: of x there are
x·e^(−Δ/T) + f·T·(1 − e^(−Δ/T)) after Δ years, the inflow f being that of the step's end.  With
`leave: term` each leaves after exactly T: what was there at first, its ages spread evenly, has
gone in equal parts by then, and of each step's inflow there is what came within the last T.
"""

from __future__ import annotations

from collections.abc import Callable

from estimates.language.expression import Binary, Call, Constant, Expression, Name, Unary
from estimates.model.dates import Date
from estimates.model.dimensions import Dimension
from estimates.model.panels import Stock

LEAVING = ("exponential", "term")

#: An expression at a date of the stock's cell.
type At = Callable[[Expression, str | Date], Expression]
#: A number of years, with its unit.
type Years = Callable[[float], Expression]


def stock_at(
    stock: Stock,
    when: str | Date,
    time: Dimension,
    at: At,
    years: Years,
    previous: Callable[[str], Name],
) -> Expression:
    """Return a stock at a label, or at a date between or just after the labels.

    Parameters
    ----------
    previous : the stock's own cell at a label
    """
    if when == time.labels[0]:
        return at(stock.first, when)
    if stock.leave == "term":
        return _term(stock, when, time, at, years)
    index = _last_before(when, time)
    before = time.labels[index]
    gap = years(_years(when, time) - time.dates[index].years)
    here = _end_of_step(when, time)
    stay, inflow = at(stock.stay, here), at(stock.inflow, here)
    left = Call("exp", (Unary("-", Binary("/", gap, stay)),))
    came = Binary("*", Binary("*", inflow, stay), Binary("-", Constant(1.0), left))
    return Binary("+", Binary("*", previous(before), left), came)


def _term(stock: Stock, when: str | Date, time: Dimension, at: At, years: Years) -> Expression:
    now, start = _years(when, time), time.dates[0].years
    stay = at(stock.stay, _end_of_step(when, time))
    first = at(stock.first, time.labels[0])
    gone = Binary("/", years(now - start), stay)
    left = Call("max", (Constant(0.0), Binary("-", Constant(1.0), gone)))
    whole: Expression = Binary("*", first, left)
    for index in range(1, len(time.labels)):
        begin, end = time.dates[index - 1].years, min(time.dates[index].years, now)
        if begin >= now:
            break
        age = Binary("-", stay, years(now - end)) if now > end else stay
        part = Call("max", (Constant(0.0), Call("min", (years(end - begin), age))))
        whole = Binary("+", whole, Binary("*", at(stock.inflow, time.labels[index]), part))
    if now > time.dates[-1].years:
        part = Call("min", (years(now - time.dates[-1].years), stay))
        whole = Binary("+", whole, Binary("*", at(stock.inflow, time.labels[-1]), part))
    return whole


def _years(when: str | Date, time: Dimension) -> float:
    return time.dates[time.labels.index(when)].years if isinstance(when, str) else when.years


def _last_before(when: str | Date, time: Dimension) -> int:
    now = _years(when, time)
    return max(i for i, date in enumerate(time.dates) if date.years < now - 1e-6 or not i)


def _end_of_step(when: str | Date, time: Dimension) -> str:
    """Return the label whose inflow holds at a date: the end of its step."""
    if isinstance(when, str):
        return when
    later = [
        label
        for label, date in zip(time.labels, time.dates, strict=True)
        if date.years >= when.years
    ]
    return later[0] if later else time.labels[-1]
