"""What a question about a fit came to: a document, its tables, and one plain sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from estimates.documents import json_text

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Analysis:
    """The answer to one question about a fit.

    Attributes
    ----------
    document : what the command prints with `--json`; None, never nan, where a number is undefined
    """

    document: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """The answer in one plain sentence."""
        return str(self.document["sentence"])

    @property
    def converged(self) -> bool:
        """Whether every fit that the answer rests on passed its checks."""
        return bool(self.document["converged"])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every list of rows in the document, as a table; nested entries become dotted columns."""
        import pandas as pd

        return {
            name: pd.json_normalize([dict(row) for row in rows])
            for name, rows in self.document.items()
            if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)
        }

    def to_json(self) -> str:
        """The document as text."""
        return json_text(dict(self.document))

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.sentence)}</p>"]
        for name, table in self.tables.items():
            parts.append(f"<h4>{escape(name.replace('_', ' '))}</h4>")
            parts.append(table.to_html(index=False, na_rep="", float_format="{:.4g}".format))
        return "\n".join(parts)


def head(fit: xr.DataTree, sentence: str, failed: Sequence[str] = ()) -> dict[str, Any]:
    """The entries with which the document of every question about a fit begins.

    Parameters
    ----------
    failed : checks that fits made for this question have failed, a sentence each
    """

    whole = [*json.loads(fit.attrs["failed"]), *failed]
    return {
        "format": 1,
        "model": fit.attrs["slug"],
        "seed": int(fit.attrs["seed"]),
        "digest": fit.attrs["digest"],
        "converged": not whole,
        "failed": whole,
        "sentence": sentence,
    }
