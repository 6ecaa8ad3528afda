"""Names of quantities and intervals, chosen as ArviZ has them chosen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

from estimates.errors import Fault, InputError, did_you_mean

type VarNames = str | Iterable[str] | None
type FilterVars = Literal["like", "regex"] | None
#: What intervals hold by default; ArviZ takes `rcParams["stats.ci_prob"]`.
CI_PROB = 0.9


def chosen(
    var_names: VarNames, there: Collection[str], filter_vars: FilterVars = None
) -> list[str]:
    """Return the names that are asked for, as ArviZ reads `var_names` and `filter_vars`.

    Parameters
    ----------
    var_names : one name or several; with `~` before them, all but these; None for all
    there : the names that there are
    filter_vars : None takes names as they are, `"like"` as parts of names, `"regex"` as regular
        expressions found in names

    Raises
    ------
    InputError : for a name that matches nothing, and for another `filter_vars`
    """
    if filter_vars not in (None, "like", "regex"):
        raise InputError([Fault(f"filter_vars is '{filter_vars}', not None, 'like' or 'regex'")])
    if var_names is None:
        return list(there)
    asked = [var_names] if isinstance(var_names, str) else list(var_names)
    but = [name[1:] for name in asked if name.startswith("~")]
    found = {name: _matching(name, there, filter_vars) for name in but or asked}
    faults = [
        Fault(f"no '{name}' in the fit{did_you_mean(name, there)}")
        for name, matches in found.items()
        if not matches
    ]
    if faults:
        raise InputError(faults)
    named = dict.fromkeys(name for matches in found.values() for name in matches)
    return [name for name in there if name not in named] if but else list(named)


def _matching(name: str, there: Collection[str], filter_vars: FilterVars) -> list[str]:
    """Return the names that a name or pattern stands for."""
    match filter_vars:
        case None:
            return [name] if name in there else []
        case "like":
            return [one for one in there if name in one]
    try:
        return [one for one in there if re.search(name, one)]
    except re.error as error:
        raise InputError([Fault(f"'{name}' is no regular expression: {error}")]) from error


def ends_of(ci_prob: float) -> tuple[float, float]:
    """Return the probabilities below the ends of an equal-tailed interval.

    Raises
    ------
    InputError : where `ci_prob` does not lie between 0 and 1
    """
    if not 0 < ci_prob < 1:
        raise InputError([Fault(f"ci_prob is {ci_prob:g}; it lies between 0 and 1, as 0.9 does")])
    # Sums of decimals such as 1 - .9 miss the quantiles that are named by their levels.
    return round((1 - ci_prob) / 2, 12), round((1 + ci_prob) / 2, 12)


def interval_names(ci_prob: float) -> tuple[str, str]:
    """Return the names of an interval's columns, as ArviZ has them: `eti90_lb`, `eti90_ub`."""
    return f"eti{100 * ci_prob:.6g}_lb", f"eti{100 * ci_prob:.6g}_ub"
