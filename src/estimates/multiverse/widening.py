"""The smallest factor on the widths of claims that makes the verdict another, by refits.

Factors are tried outwards from 1, up to ten and down to a tenth, in four steps either way for all
claims together and in two for each alone; between the last that leaves the verdict and the first
that does not, the interval is halved.  A verdict that changes and changes back between two steps is
not seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from estimates.model import Model
from estimates.multiverse.cells import Evidence, View, with_widths
from estimates.multiverse.running import Found

#: The largest factor, and its reciprocal the smallest.
LIMIT = 10.0
_STEPS, _STEPS_OF_ONE = 4, 2
_HALVINGS = 6  # an interval of a factor of 10^(1/4) becomes one of 0.9 per cent

#: Fits evidence under one view each.
type Fit = Callable[[Sequence[Evidence]], Sequence[Found]]


@dataclass(frozen=True)
class _Search:
    """One cited figure, one claim (or "" for all), one way.

    Attributes
    ----------
    stays, flips : log factors between which the verdict changes; None as long as none is known
    reached : the log factor up to which every fit could be trusted
    """

    claim: str
    widths: str
    way: int
    stays: float = 0.0
    flips: float | None = None
    verdict: str | None = None
    doubtful: bool = False
    reached: float = 0.0


def width_flips(model: Model, view: View, base: Found, fit: Fit) -> list[dict[str, Any]]:
    """For each cited figure, the nearest flip by a factor on all widths, and on each claim's.

    Returns
    -------
    rows with `claim`, `widths` (a claim, None for all together), `factor`, `low` and `high` (the
    factors between which it lies), `verdict` (what it becomes), `doubtful` (whether Monte Carlo
    error may have set the place), and `tried`, the smallest and largest factor whose fits could be
    trusted; `factor` is None where there is none within these
    """
    cited = [claim for claim, said in base.cited.items() if said["verdict"]]
    every = with_widths(model)
    if not cited or not every:
        return []
    names = ("", *every) if len(every) > 1 else ("",)
    asked = [(name, step) for name in names for step in _steps(name)]
    results = fit([_evidence(every, name, step) for name, step in asked])
    tried = dict(zip(asked, results, strict=True))
    searches = [
        _scanned(_Search(claim, name, way), base, tried)
        for claim in cited
        for name in names
        for way in (1, -1)
    ]
    for _ in range(_HALVINGS):
        open_ = [i for i, one in enumerate(searches) if one.flips is not None]
        middles = [_middle(searches[i]) for i in open_]
        pairs = zip(open_, middles, strict=True)
        results = fit([_evidence(every, searches[i].widths, middle) for i, middle in pairs])
        for i, middle, found in zip(open_, middles, results, strict=True):
            searches[i] = _halved(searches[i], base, middle, found)
    return [
        _row([one for one in searches if (one.claim, one.widths) == (claim, name)])
        for claim in cited
        for name in names
    ]


def _steps(name: str) -> list[float]:
    """Log factors that are tried, outwards; of all claims more finely."""
    count = _STEPS_OF_ONE if name else _STEPS
    return [way * math.log(LIMIT) * k / count for way in (1, -1) for k in range(1, count + 1)]


def _evidence(every: Sequence[str], name: str, log: float) -> Evidence:
    factor = math.exp(log)
    return Evidence(widths=tuple((one, factor) for one in sorted(every) if name in ("", one)))


def _scanned(search: _Search, base: Found, tried: dict[tuple[str, float], Found]) -> _Search:
    said = base.cited[search.claim]["verdict"]
    for step in _steps(search.widths):
        if step * search.way < 0:
            continue
        found = tried[search.widths, step]
        standing = found.cited.get(search.claim)
        if found.failed or standing is None or standing["verdict"] is None:
            break
        search = replace(search, reached=step)
        if standing["verdict"] != said:
            return replace(
                search, flips=step, verdict=standing["verdict"], doubtful=standing["doubtful"]
            )
        search = replace(search, stays=step)
    return search


def _middle(search: _Search) -> float:
    assert search.flips is not None
    return (search.stays + search.flips) / 2


def _halved(search: _Search, base: Found, middle: float, found: Found) -> _Search:
    standing = found.cited.get(search.claim)
    if found.failed or standing is None or standing["verdict"] is None:
        return search  # the interval stays as wide as it is, and is told so
    if standing["verdict"] == base.cited[search.claim]["verdict"]:
        return replace(search, stays=middle, doubtful=search.doubtful or standing["doubtful"])
    return replace(search, flips=middle, verdict=standing["verdict"], doubtful=standing["doubtful"])


def _row(both: Sequence[_Search]) -> dict[str, Any]:
    """The nearer of the two ways."""
    flipped = [one for one in both if one.flips is not None]
    nearest = min(flipped, key=lambda one: abs(_middle(one)), default=None)
    first = both[0]
    ends = (
        (None, None)
        if nearest is None or nearest.flips is None
        else sorted((math.exp(nearest.stays), math.exp(nearest.flips)))
    )
    return {
        "claim": first.claim,
        "widths": first.widths or None,
        "factor": None if nearest is None else math.exp(_middle(nearest)),
        "low": ends[0],
        "high": ends[1],
        "verdict": None if nearest is None else nearest.verdict,
        "doubtful": None if nearest is None else nearest.doubtful,
        "tried": sorted(math.exp(one.reached) for one in both),
    }
