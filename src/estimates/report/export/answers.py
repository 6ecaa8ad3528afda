"""The answers of the workbench that are there in the results, if they are of this very fit."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from estimates._util.files import read_json
from estimates.analysis.result import Analysis

#: The commands whose answers have tables.
QUESTIONS = ("sensitivity", "conflict", "inverse", "voi", "multiverse", "whatif")


def answers_in(folder: Path, fit: xr.DataTree) -> tuple[dict[str, Analysis], list[str]]:
    """The answers that a folder of results holds, by command, and a sentence for each left out.

    An answer of another version of the model or its ledger, or of another seed, would stand beside
    tables that it does not belong to; one that has not converged must not be used.

    Raises
    ------
    InputError : where a document is damaged
    """
    found, left_out = {}, []
    for name in QUESTIONS:
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        answer = Analysis(read_json(path))
        said = answer.document
        again = f"ask again with `estimates {name} {fit.attrs['slug']}`"
        if said.get("digest") != fit.attrs["digest"]:
            left_out.append(f"{path} is about another version of the model; {again}")
        elif said.get("seed") != int(fit.attrs["seed"]):
            left_out.append(f"{path} was made with another seed; {again}")
        elif not answer.converged:
            left_out.append(f"{path} is not to be trusted: not converged")
        else:
            found[name] = answer
    return found, left_out
