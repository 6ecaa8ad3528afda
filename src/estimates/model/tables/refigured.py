"""A wording put back into columns of figures: estimate, low and high, r of n, and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estimates.errors import Faults
from estimates.language.wording import (
    Counted,
    Measured,
    Point,
    Published,
    Range,
    Wording,
    WordingError,
    parse_wording,
)
from estimates.model.ledger import Spot
from estimates.model.reader.yaml_nodes import Text
from estimates.model.tables.columns import FIGURES
from estimates.model.tables.figures import FigureReader, Told


def figure_cells(
    says: Wording, columns: Mapping[str, int], told: Told, cells: Mapping[str, str]
) -> dict[str, str] | None:
    """Return the cells of figures that say just this; None where columns of figures cannot.

    Parameters
    ----------
    cells : those that the row has, by what they mean
    """
    idle = {name: "" for name in FIGURES if name in columns}
    kept = {
        name: cells.get(name, "") for name in ("unit", "coverage", "measure") if name in columns
    }
    for tried in _ways(says):
        if not tried.keys() <= columns.keys():
            continue
        found = idle | kept | tried
        if _says(found, columns, told) == says:
            return found
    return None


def _says(cells: Mapping[str, str], columns: Mapping[str, int], told: Told) -> Wording | None:
    """Return what a row with these cells would be read to say."""
    faults = Faults()
    spot = Spot("", 1, 1)
    row = {name: Text(value, spot, plain=False) for name, value in cells.items()}
    read = FigureReader({one: columns[one] for one in cells}, told, faults).read(row, spot)
    if read.says is None or len(faults):
        return None
    try:
        return parse_wording(read.says.value)
    except WordingError:
        return None


def _ways(says: Wording) -> Iterator[dict[str, str]]:
    """Yield the cells that may say it, those first that leave most of the row as it is."""
    match says:
        case Counted():
            yield {"r": str(says.successes), "n": str(says.trials)}
        case Measured():
            value, error = _number(says.value.value), says.error.value
            for held in _held(says.unit):
                yield {"estimate": value, "se": _number(error)} | held
                yield {"estimate": value, "variance": _number(error**2)} | held
        case Published() | Range():
            ends = {"low": _number(says.low.value), "high": _number(says.high.value)}
            if isinstance(says, Published):
                ends |= {"estimate": _number(says.value.value)}
            share = says.coverage or 0.0
            for held in _held(says.unit):
                yield ends | held
                yield ends | held | {"coverage": f"{_number(100 * share)}%"}
        case Point():
            for held in _held(says.unit):
                yield {"estimate": _number(says.figure.value)} | held


def _held(unit: str) -> tuple[dict[str, str], ...]:
    return {}, {"unit": unit}


def _number(value: float) -> str:
    return f"{value:.12g}"
