"""The list of what was reproduced, `results/manifest.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from estimates._util.files import read_json
from estimates._util.parts import Broken
from estimates._util.records import Column, Documented
from estimates.errors import Fault, InputError
from estimates.inference.sampling import Sampling
from estimates.model.io.quotes import Proofs
from estimates.report.saved import RESULTS


@dataclass(frozen=True, kw_only=True)
class Quotes:
    """Which quotes of a model were proved."""

    proved: Annotated[tuple[str, ...], Column("claims whose words stand in their source")]
    unproved: Annotated[tuple[str, ...], Column("claims whose words do not stand there")]
    absent: Annotated[tuple[str, ...], Column("sources whose text is not here")]

    @classmethod
    def of(cls, proofs: Proofs) -> Quotes | None:
        """Return what was proved; None where no source names a text."""
        if not proofs.words and not proofs.absent:
            return None
        return cls(
            proved=tuple(claim for claim, words in proofs.words.items() if words),
            unproved=tuple(claim for claim, words in proofs.words.items() if not words),
            absent=proofs.absent,
        )


@dataclass(frozen=True, kw_only=True)
class Reproduced:
    """A model whose results were written."""

    title: str
    digest: Annotated[str, Column("of the model and its ledger")]
    seed: int
    converged: Annotated[bool, Column("the fit and every answer")]
    files: Annotated[Mapping[str, str], Column("the SHA-256 digest of each, by its path")]
    quotes: Annotated[
        Quotes | None, Column("which quotes stand in the text of their source", optional=True)
    ] = None
    broken: Annotated[
        tuple[Broken, ...] | None, Column("parts that could not be made", optional=True)
    ] = None


@dataclass(frozen=True, kw_only=True)
class Manifest(Documented):
    """What was reproduced, and with what."""

    format: int = 1
    seed: Annotated[int | None, Column("of all; None where each model has its own")]
    sampling: Sampling
    versions: Mapping[str, str]
    models: Mapping[str, Reproduced]


def manifest_path(root: Path) -> Path:
    """Return the path of the manifest in the folder that holds `results/`."""
    return root / RESULTS / "manifest.json"


def manifest_in(root: Path) -> Manifest | None:
    """Return the manifest in a folder; raise InputError where the file is none."""
    path = manifest_path(root)
    if not path.is_file():
        return None
    try:
        return Manifest.read(read_json(path))
    except ValueError as error:
        raise InputError(
            [Fault(f"{path} is not a list of results ({error}); move it away")]
        ) from None
