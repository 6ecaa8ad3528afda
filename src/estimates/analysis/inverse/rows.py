"""The answer to the inverse question as a document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.inverse.conditional import (
    Believed,
    error_of_log_share,
    log_share,
    reweighed,
    shifts,
)
from estimates.analysis.inverse.job import Inverted
from estimates.analysis.inverse.request import Request
from estimates.inference.engine import Engine
from estimates.inference.posterior import attributes
from estimates.inference.program import variable
from estimates.inference.summary import mixed_statistics
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings

Array = NDArray[np.float64]
type Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found under each reading.

    Attributes
    ----------
    found : one a reading, in the order of the fit
    """

    fit: xr.DataTree
    engine: Engine
    request: Request
    found: Sequence[Inverted]

    @property
    def model(self) -> Model:
        """The model."""
        return self.engine.model

    @cached_property
    def distinct(self) -> tuple[Distinct, ...]:
        """The readings."""
        return distinct_readings(self.model)

    @cached_property
    def _readings(self) -> xr.Dataset:
        return self.fit["readings"].to_dataset()

    @cached_property
    def weights(self) -> Array:
        """Posterior weights of the readings."""
        return np.asarray(self._readings["posterior"].values, dtype=float)

    @cached_property
    def believed(self) -> Believed | None:
        """Their weights given the range; None where there is no range, or nothing reaches it."""
        if self.request.low == self.request.high:
            return None
        return reweighed(self.engine, self._readings, self.distinct, self.found)

    @property
    def failed(self) -> list[str]:
        """Checks that failed, a sentence each."""
        sentences = []
        for one, inverted in zip(self.distinct, self.found, strict=True):
            if inverted.numbers.get("failed"):
                sentences.append(f"{one.text}: {inverted.numbers['failed']}".removeprefix(": "))
        return sentences

    def document(self) -> Row:
        """All entries but the head."""
        request = self.request
        declared = self.model.quantities.get(request.target) or self.model.relations.get(
            request.target
        )
        return {
            "target": request.target,
            "label": (declared.label if declared else "") or request.target,
            "unit": request.unit,
            "claim": request.claim,
            "low": request.low,
            "high": request.high,
            "levels": dict(request.levels),
            "quantities": self._quantities(),
            "readings": [*self._of_readings(), *self._of_mixture()],
            "least_surprising": self._rows("least", self._least),
            "alone": self._rows("alone", self._alone),
            "given_range": self._given_rows(),
            "options": self._options(),
            "lines": self._rows("lines", self._line),
        }

    def _quantities(self) -> Row:
        names = dict.fromkeys(
            row["quantity"]
            for one in self.found
            for kind in ("least", "alone")
            for row in one.numbers.get(kind, ())
        )
        names |= dict.fromkeys(name for one in self.found for name in one.values)
        order = [name for name in self.fit["by_reading"].to_dataset() if name in names]
        return {str(name): attributes(self.model, str(name)) for name in order}

    # Rows ------------------------------------------------------------------------------------

    def _rows(self, kind: str, shape: Any) -> list[Row]:
        return [
            {"reading": dict(one.label), **shape(row)}
            for one, inverted in zip(self.distinct, self.found, strict=True)
            for row in inverted.numbers.get(kind, ())
        ]

    def _unit(self, name: str) -> str:
        return str(attributes(self.model, name)["unit"])

    def _least(self, row: Mapping[str, Any]) -> Row:
        name = row["quantity"]
        first = {"edge": row["edge"], "quantity": name, "unit": self._unit(name)}
        return first | {key: value for key, value in row.items() if key not in first}

    def _alone(self, row: Mapping[str, Any]) -> Row:
        name = row["quantity"]
        return {
            "edge": row["edge"],
            "quantity": name,
            "unit": self._unit(name),
            "median": row["median"],
            "possible": row["possible"],
            "value": row["value"],
            "value_se": row["error"],
            "shift_sd": row["shift"],
            "shift_se": row["shift_error"],
            "share_below": row["share_below"],
            "share_below_se": row["share_error"],
            "closest": None if row["possible"] else _finite(row["closest"]),
        }

    def _line(self, row: Mapping[str, Any]) -> Row:
        return {
            "edge": row["edge"],
            "x": row["x"],
            "x_unit": self._unit(row["x"]),
            "x_value": row["x_value"],
            "y": row["y"],
            "y_unit": self._unit(row["y"]),
            "y_value": row["y_value"],
            "y_se": row["y_se"],
        }

    def _of_readings(self) -> list[Row]:
        rows = []
        believed = self.believed
        for i, (one, inverted) in enumerate(zip(self.distinct, self.found, strict=True)):
            numbers = inverted.numbers
            status = str(self._readings["status"].values[i])
            ok = numbers["status"] == "ok"
            share = log_share(inverted) if ok and len(inverted.log_shares) else None
            inside = None if share is None else float(np.exp(share))
            given = believed is not None and ok
            row: Row = {
                "reading": dict(one.label),
                "weight": float(self.weights[i]),
                "weight_se": float(self._readings["posterior_se"].values[i]),
                "status": status if ok and status != "ok" else numbers["status"],
                "median": numbers["target"]["median"] if ok else None,
                "median_se": numbers["target"]["se"] if ok else None,
            }
            for edge, _ in self.request.levels:
                row[f"surprise_{edge}"] = numbers["surprise"][edge] if ok else None
            for edge, _ in self.request.levels:
                above = numbers["above"][edge] if ok else {}
                row[f"above_{edge}"], row[f"above_{edge}_se"] = above.get("share"), above.get("se")
            row |= {
                "inside": inside,
                "inside_se": None
                if inside is None or share == -np.inf
                else _finite(inside * error_of_log_share(inverted)),
                "weight_given": float(believed.weights[i]) if believed and given else None,
                "weight_given_se": float(believed.simulated[:, i].std())
                if believed and given
                else None,
                "method": numbers.get("method"),
                "draws": numbers.get("draws"),
                "effective": _finite(numbers.get("effective")),
                "unpinned": ", ".join(numbers.get("unpinned", ())),
            }
            rows.append(row)
        return rows

    def _of_mixture(self) -> list[Row]:
        """The readings together, where there are several."""
        speaking = [i for i, one in enumerate(self.found) if one.numbers["status"] == "ok"]
        if len(self.distinct) < 2 or not speaking:
            return []
        weights = self.weights[speaking] / self.weights[speaking].sum()
        shares = np.array([np.exp(log_share(self.found[i])) for i in speaking])
        errors = [error_of_log_share(self.found[i]) for i in speaking]
        ranged = self.believed is not None
        row: Row = {
            "reading": None,
            "weight": float(self.weights[speaking].sum()),
            "weight_se": 0.0,
            "status": "ok",
            **self._middle(speaking),
        }
        least = self._least_of_all(speaking)
        row |= {f"surprise_{edge}": found[0] for edge, found in least.items()}
        for edge, _ in self.request.levels:
            above = [self.found[i].numbers["above"][edge] for i in speaking]
            row[f"above_{edge}"] = float(weights @ [one["share"] for one in above])
            row[f"above_{edge}_se"] = float(np.linalg.norm(weights * [one["se"] for one in above]))
        parts = np.where(shares > 0, weights * shares * np.nan_to_num(errors, posinf=1.0), 0.0)
        error = float(np.linalg.norm(parts))
        row |= {
            "inside": float(weights @ shares) if ranged else None,
            "inside_se": error if ranged else None,
            "weight_given": None,
            "weight_given_se": None,
            "method": None,
            "draws": None,
            "effective": None,
            "unpinned": "",
        }
        row |= {f"under_{edge}": found[1] for edge, found in least.items()}
        return [row]

    def _least_of_all(self, speaking: Sequence[int]) -> dict[str, tuple[float | None, str | None]]:
        """By edge the least surprise over readings and quantities together, and its reading.

        All readings share the space of unknowns, so that the joint posterior density of reading
        and unknowns, w · p(θ | r), has one top and one least surprising point on each edge.
        """
        log = {
            i: float(np.log(self.weights[i]) - self._readings["log_evidence"].values[i])
            for i in speaking
            if self.weights[i] > 0
        }
        top = max(log[i] + self.found[i].numbers["top"] for i in log)
        found: dict[str, tuple[float | None, str | None]] = {}
        for edge, _ in self.request.levels:
            reached = {
                i: log[i] + self.found[i].numbers["reached"][edge]
                for i in log
                if self.found[i].numbers["reached"][edge] is not None
            }
            best = max(reached, key=lambda i: reached[i], default=None)
            found[edge] = (
                (None, None)
                if best is None
                else (float(np.sqrt(max(0.0, 2 * (top - reached[best])))), self.distinct[best].text)
            )
        return found

    def _middle(self, speaking: Sequence[int]) -> Row:
        """Median of the target over these readings, where the fit has its draws."""
        by_reading, name = self.fit["by_reading"].to_dataset(), variable(self.request.target)
        if name not in by_reading:
            return {"median": None, "median_se": None}
        weights = self.weights[speaking] / self.weights[speaking].sum()
        fits = self._readings["fit"].values[speaking]
        simulated = self._readings["weight_simulated"].values[:, speaking]
        found = mixed_statistics(by_reading[name].values[speaking], weights, fits, simulated)
        return {"median": found["median"], "median_se": found["mcse_median"]}

    def _given_rows(self) -> list[Row]:
        believed = self.believed
        if believed is None:
            return []
        rows = []
        every = list(range(len(self.distinct)))
        groups: list[tuple[Mapping[str, str] | None, list[int]]] = [
            (one.label, [i]) for i, one in enumerate(self.distinct)
        ]
        speaking = [i for i in every if self.found[i].numbers["status"] == "ok"]
        if len(every) > 1:
            groups.append((None, speaking))
        for label, members in groups:
            alone = len(members) == 1 and label is not None
            weights = np.where(np.isin(every, members), 1.0, 0.0) if alone else self.weights
            given = weights if alone else believed.weights
            for row in shifts(self.fit, self.model, members, weights, given, self.found):
                rows.append(
                    {
                        "reading": None if label is None else dict(label),
                        "quantity": row["quantity"],
                        "unit": self._unit(row["quantity"]),
                    }
                    | row
                )
        return rows

    def _options(self) -> list[Row]:
        believed = self.believed
        if believed is None:
            return []
        before = json.loads(self.fit.attrs["options"])
        return [
            {
                "axis": axis,
                "option": option,
                "held": not self.model.readings[axis].update,
                "weight": before[axis]["options"][option]["posterior"],
                "weight_se": before[axis]["options"][option]["posterior_se"],
                "weight_given": weight,
                "weight_given_se": error,
            }
            for axis, options in believed.options.items()
            for option, (weight, error) in options.items()
        ]


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
