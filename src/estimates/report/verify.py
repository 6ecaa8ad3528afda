"""Results verified: every model is run again, and what is there is compared with what comes of it.

Exactly: the contents of the models and their ledgers, the settings, that the files are those that
were written and that the tables say what the documents say.  Within Monte Carlo error: numbers, so
that another processor or other versions, whose draws differ, come to the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates._util.files import read_json
from estimates._util.parts import Parts
from estimates._util.records import plain
from estimates._util.store import versions
from estimates.analysis.compare.result import Comparison, Row
from estimates.errors import Fault, InputError
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fit
from estimates.inference.result import QuantitySummary, Summary
from estimates.inference.sampling import Sampling
from estimates.inference.summary import QUANTILES, mixed_error
from estimates.model import Model
from estimates.report.agreement import Compared, Number
from estimates.report.manifest import manifest_in, manifest_path
from estimates.report.reproduce import documents_of, tables_of
from estimates.report.saved import folder
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_PICTURES = (".png", ".svg", ".pdf")


@dataclass
class Verified:
    """What was compared, in sentences, and what differs.

    Attributes
    ----------
    compared : what was, a sentence a model
    differences : what two right runs would not differ in: any of them is a failure
    notices : what they may differ in, and do
    """

    compared: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def verify(
    models: Sequence[Model],
    *,
    root: Path = Path(),
    seed: int | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Re-run every model and say what was compared with what is there, and what differs.

    Parameters
    ----------
    root : folder that holds `results/`, in which nothing is written
    seed : of the new run; that of the stored one if left out

    Raises
    ------
    InputError : where there is nothing to compare with
    """
    manifest = manifest_in(root)
    if manifest is None:
        path = manifest_path(root)
        raise InputError([Fault(f"there is no {path} to verify; run `estimates reproduce` first")])
    found = Verified()
    found.notices += [
        f"{package} is {now}, was {manifest.versions.get(package)}"
        for package, now in versions().items()
        if manifest.versions.get(package) != now
    ]
    for model in models:
        entry = manifest.models.get(model.slug)
        if entry is None:
            found.differences.append(f"{model.slug}: not in the manifest")
        elif entry.digest != model.digest:
            found.differences.append(f"{model.slug}: the model or its ledger has changed")
        else:
            used = entry.seed if seed is None else seed
            where = folder(model, root)
            _verify(found, model, where, entry.files, manifest.sampling, used, progress)
    return found


def _verify(
    found: Verified,
    model: Model,
    where: Path,
    files: Mapping[str, str],
    sampling: Sampling,
    seed: int,
    progress: Progress | None,
) -> None:
    from estimates.analysis.registry import ask_all

    told = list(_altered(where, files))
    then = {
        name: read_json(where / name)
        for name in files
        if name.endswith(".json") and (where / name).is_file()
    }
    tree = fit(model, seed=seed, sampling=sampling, progress=progress)
    parts = Parts(tell=lambda broken: told.append(broken.sentence))
    answers = ask_all(tree, model, Workers(), progress, parts)
    now = documents_of(model, tree, answers, parts)
    tables = 0
    for name, text in tables_of(then).items():
        if not (where / name).is_file():
            continue
        tables += 1
        if (where / name).read_text(encoding="utf-8") != text:
            told.append(f"{name} does not say what the documents say")
    compared = side_by_side(then, now, tree)
    told += [f"{name} is no longer made" for name in then if name not in now]
    told += [f"{name} was not there" for name in now if name not in files]
    told += [*compared.differences, *compared.beyond()]
    found.differences += [f"{model.slug}: {one}" for one in told]
    found.notices += [f"{model.slug}: {one}" for one in compared.notices]
    pictures = sum(name.endswith(_PICTURES) for name in files)
    found.compared.append(f"{model.slug}: {_words(compared, tables, pictures)}")


def side_by_side(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]], tree: xr.DataTree
) -> Compared:
    """Documents of a model's results, by the names of their files, then and now.

    Parameters
    ----------
    tree : the fit that those of now are made of; numbers of a fit whose error no document states
        have the error that they have in it
    """
    compared = Compared()
    for name, document in then.items():
        if name not in now:
            continue
        made = now[name]
        if name == "fit.json":
            errors = _Errors.of(tree)
            document, made = (errors.beside(Summary.read(one)) for one in (document, made))
        elif name.startswith("compare"):
            document, made = (_carried(Comparison.read(one)) for one in (document, made))
        compared.compare(name, document, made)
    return compared


def _altered(where: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Files that are missing, or not those that the manifest tells of."""
    for name, digest in files.items():
        file = where / name
        if not file.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{name} is not the file that was written"


def _words(compared: Compared, tables: int, pictures: int) -> str:
    same = sum(one.same for one in compared.numbers)
    bare = [one for one in compared.bare if not one.same]
    beyond = len(list(compared.beyond()))
    words = (
        f"{len(compared.numbers):,} numbers compared within {compared.allowed:.1f} Monte Carlo "
        f"standard errors ({same:,} are equal, {beyond:,} beyond); {len(compared.bare):,} without "
        f"a stated error, of which {len(compared.bare) - len(bare):,} are equal"
    )
    if bare:
        words += f" and {len(bare):,} were not compared, {_furthest(bare)}"
    return (
        f"{words}; {compared.texts:,} texts equal but for their numbers; {tables} tables by the "
        f"documents that they are made of; {pictures} pictures by their digests alone, since all "
        "they show is drawn from these numbers"
    )


def _furthest(bare: Sequence[Number]) -> str:
    def apart(one: Number) -> float:
        return abs(one.now - one.then) / max(abs(one.now), abs(one.then))

    return f"the furthest apart: {max(bare, key=apart)}"


# Errors that the documents do not state ---------------------------------------------------------


type _OfEach = Mapping[str, Mapping[str, float]]  # by quantity, by the name of the error


@dataclass(frozen=True)
class _Errors:
    """Monte Carlo errors of every statistic in the summary of a fit, mixed and by reading."""

    mixed: _OfEach
    by_reading: Sequence[_OfEach]

    @staticmethod
    def of(tree: xr.DataTree) -> _Errors:
        readings = tree["readings"].to_dataset()
        weights, fits = readings["posterior"].values, readings["fit"].values
        simulated, spoken = readings["weight_simulated"].values, weights > 0
        alone = np.ones(1), np.zeros(1, dtype=np.int64), np.ones((1, 1))
        draws = {str(name): one.values for name, one in tree["by_reading"].to_dataset().items()}
        mixture = weights[spoken], fits[spoken], simulated[:, spoken]
        return _Errors(
            {name: _of(values[spoken], *mixture) for name, values in draws.items()},
            [
                {name: _of(values[i : i + 1], *alone) for name, values in draws.items()}
                for i in range(len(weights))
            ],
        )

    def beside(self, found: Summary) -> dict[str, Any]:
        """The document of a fit with these errors beside the numbers that state none."""

        def told(
            quantities: Mapping[str, QuantitySummary], errors: _OfEach
        ) -> dict[str, dict[str, Any]]:
            return {name: {**errors.get(name, {}), **plain(q)} for name, q in quantities.items()}

        errors: list[_OfEach] = [*self.by_reading, *({} for _ in found.readings)]
        return found.document | {
            "quantities": told(found.quantities, self.mixed),
            "readings": [
                plain(one) | {"quantities": told(one.quantities, of)}
                for one, of in zip(found.readings, errors, strict=False)
            ],
        }


def _of(
    values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array
) -> dict[str, float]:
    """Of the sd and the quantiles of a mixture; arguments as `summary.mixture_of`.

    A quantile errs by the distance of those one standard error of its probability away, the sd by
    that of the variance over twice itself.
    """
    if not np.isfinite(values).all():
        return {}
    pooled = WeightedDraws(values, weights)
    found = {}
    for name, p in QUANTILES.items():
        below = (values <= pooled.quantile(p)).astype(float)
        error = mixed_error(below, weights, fits, simulated)
        low, high = (pooled.quantile(min(max(p + s * error, 0.0), 1.0)) for s in (-1, 1))
        found[f"mcse_{name}"] = (high - low) / 2
    mean = float(weights @ values.mean(axis=(1, 2)))
    squares = (values - mean) ** 2
    variance = float(weights @ squares.mean(axis=(1, 2)))
    error = mixed_error(squares, weights, fits, simulated)
    found["mcse_sd"] = error / (2 * variance**0.5) if variance > 0 else 0.0
    return found


def _carried(found: Comparison) -> dict[str, Any]:
    """A comparison with the errors of its numbers carried over to what is made of them."""
    return found.document | {"comparisons": [_row(row) for row in found.comparisons]}


def _row(row: Row) -> dict[str, Any]:
    made: dict[str, Any] = plain(row)
    for kind, ends in (("ratio", row.ratio), ("difference", row.difference)):
        if ends is None:
            continue
        carried = {}
        for name, end, of, error in (
            ("mcse_q05", ends.q05, row.q05, row.mcse_q05),
            ("mcse_median", ends.median, row.median, row.mcse_median),
            ("mcse_q95", ends.q95, row.q95, row.mcse_q95),
        ):
            scale = abs(end / of) if kind == "ratio" and of else 1.0
            carried[name] = scale * (error or 0.0)
        made[kind] = plain(ends) | carried
    if row.mcse_median is not None and row.median:
        if row.factor_to_edge is not None:
            made["mcse_factor_to_edge"] = abs(row.factor_to_edge / row.median) * row.mcse_median
        if row.difference_to_edge is not None:
            made["mcse_difference_to_edge"] = row.mcse_median
    return made
