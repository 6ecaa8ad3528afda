"""Tables as Markdown, their numbers rounded to what the Monte Carlo errors support."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from estimates._util.format import NONE, number, probability
from estimates.report.export.frames import Table

_SIGNS = re.compile(r"([\\|*`\[\]~])")
_OUTER_SCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_ERROR = re.compile(r"(^|\.)(mcse_\w+|se|error)$|_(se|error)$")

#: Errors that go by another name than `mcse_X` and `X_se`.
_ERRORS = {
    "sd": "mcse_mean",  # of a normal it is 1.4 times the error of the sd
    "weight": "se",
    "effect": "error",
    "shift_sd": "shift_se",
    "given_median": "given_se",
    "y_value": "y_se",
}
#: What is a multiple of something else, and so has its relative error.
_MULTIPLES = {
    "ratio_q05": "q05",
    "ratio_median": "median",
    "ratio_q95": "q95",
    "factor_to_edge": "median",
    "p_adjusted": "p",
}
#: What something else was taken from, and so has its error.
_DIFFERENCES = {
    "difference_q05": "q05",
    "difference_median": "median",
    "difference_q95": "q95",
    "difference_to_edge": "median",
}
_PROBABILITIES = {"below", "inside", "above", "weight", "prior", "posterior", "probability"}
#: Quantiles: the end of the interval on whose side they lie, and how much more they err than a
#: median would at that side's sd, √(p(1 − p)) / φ(z_p) / 1.2533.
_QUANTILES = {
    "q05": ("q05", 1.69),
    "q25": ("q05", 1.09),
    "q75": ("q95", 1.09),
    "q95": ("q95", 1.69),
}
_FEWEST = 400  # effective draws that the trust gates let through


def markdown_text(table: Table, source: str = "") -> str:
    """A table as GitHub-flavoured Markdown under its title, numbers to the right.

    Parameters
    ----------
    source : a line on where it comes from, put below
    """
    columns = table.columns
    numeric = [all(_is_number(row.get(c)) for row in table.rows) for c in columns]
    lines = [
        f"# {escaped(table.title)}",
        "",
        _line([escaped(column) for column in columns]),
        _line(["---:" if right else "---" for right in numeric]),
        *(_line([shown(column, row) for column in columns]) for row in table.rows),
    ]
    if source:
        lines += ["", escaped(source)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that stays text and in its cell: no markup, no HTML, no line ends."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _OUTER_SCORE.sub(r"\\_", _SIGNS.sub(r"\\\1", text))


def shown(column: str, row: Mapping[str, Any]) -> str:
    """A cell: a number with its digits down to the first of its error, three at the most."""
    value = row.get(column)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):
        return escaped(value)
    if _ERROR.search(column):
        return number(value, digits=2)
    error = _error(column, row)
    if error is None and column.rsplit(".", 1)[-1] in _PROBABILITIES:
        return probability(value)
    return number(value, error)


def _error(column: str, row: Mapping[str, Any]) -> float | None:
    """The Monte Carlo error of a cell, as far as the row tells."""
    head, dot, leaf = column.rpartition(".")
    prefix = head + dot
    stated = (f"{prefix}mcse_{leaf}", f"{column}_se", f"{column}_error")
    also = (f"{prefix}{_ERRORS[leaf]}",) if leaf in _ERRORS else ()
    for name in (*stated, *also):
        found = row.get(name)
        if isinstance(found, float):
            return found
    if leaf in _MULTIPLES:
        of = f"{prefix}{_MULTIPLES[leaf]}"
        value, error = row.get(of), _error(of, row)
        return abs(row[column] / value) * error if value and error else None
    if leaf in _DIFFERENCES:
        return _error(f"{prefix}{_DIFFERENCES[leaf]}", row)
    return _of_quantile(prefix, leaf, row)


def _of_quantile(prefix: str, leaf: str, row: Mapping[str, Any]) -> float | None:
    """As `numbers.median_and_interval` has it: from the spread, where no error is stated."""
    low, middle, high = (row.get(f"{prefix}{name}") for name in ("q05", "median", "q95"))
    if low is None or middle is None or high is None or not low < middle < high:
        return None
    sides = {"q05": (middle - low) / 1.645, "q95": (high - middle) / 1.645}
    sd = math.sqrt(sides["q05"] * sides["q95"])
    error = row.get(f"{prefix}mcse_median")
    if error is None:
        error = 1.2533 * sd / math.sqrt(_FEWEST)
    if leaf == "median":
        return float(error)
    if leaf not in _QUANTILES:
        return None
    end, more = _QUANTILES[leaf]
    return float(more * error * sides[end] / sd)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
