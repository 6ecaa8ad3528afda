"""Results as tables (pandas), for notebooks and CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def summary_table(document: Mapping[str, Any]) -> pd.DataFrame:
    """The `fit --json` document as one row a quantity and reading, the mixture first.

    Columns: reading (`mixture` for all together), weight, quantity, unit, kind, then mean, sd,
    quantiles and Monte Carlo errors.
    """
    rows = [
        {"reading": "mixture", "weight": 1.0, "quantity": name, **numbers}
        for name, numbers in document["quantities"].items()
    ]
    for reading in document["readings"]:
        label = ", ".join(reading["reading"].values()) or "the only reading"
        rows += [
            {"reading": label, "weight": reading["posterior"], "quantity": name, **numbers}
            for name, numbers in reading["quantities"].items()
        ]
    return pd.DataFrame(rows)
