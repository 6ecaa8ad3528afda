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
from estimates._util.store import versions
from estimates.errors import Fault, InputError
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fit
from estimates.inference.sampling import Sampling
from estimates.inference.summary import QUANTILES, mixed_error
from estimates.model import Model
from estimates.report.agreement import Compared, Number
from estimates.report.reproduce import documents_of, tables_of
from estimates.report.saved import RESULTS, folder
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
    path = root / RESULTS / "manifest.json"
    if not path.is_file():
        raise InputError([Fault(f"there is no {path} to verify; run `estimates reproduce` first")])
    manifest = read_json(path)
    sampling = Sampling(**manifest["sampling"])
    found = Verified()
    found.notices += [
        f"{package} is {now}, was {manifest['versions'].get(package)}"
        for package, now in versions().items()
        if manifest["versions"].get(package) != now
    ]
    for model in models:
        entry = manifest["models"].get(model.slug)
        if entry is None:
            found.differences.append(f"{model.slug}: not in the manifest")
        elif entry["digest"] != model.digest:
            found.differences.append(f"{model.slug}: the model or its ledger has changed")
        else:
            used = entry["seed"] if seed is None else seed
            _verify(found, model, folder(model, root), entry["files"], sampling, used, progress)
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
    if "fit.json" in then:
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
        if name == "fit.json":
            errors = _errors(tree)
            compared.compare(name, _with(document, errors), _with(now[name], errors))
        elif name.startswith("compare"):
            compared.compare(name, _carried(document), _carried(now[name]))
        else:
            compared.compare(name, document, now[name])
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


def _errors(tree: xr.DataTree) -> dict[str, Any]:
    """Monte Carlo errors of every statistic in the summary of a fit, laid out like it."""
    readings = tree["readings"].to_dataset()
    weights, fits = readings["posterior"].values, readings["fit"].values
    simulated = readings["weight_simulated"].values
    alone = np.ones(1), np.zeros(1, dtype=np.int64), np.ones((1, 1))
    quantities: dict[str, Any] = {}
    each: list[dict[str, Any]] = [{} for _ in weights]
    for name, values in tree["by_reading"].to_dataset().items():
        draws, spoken = values.values, weights > 0
        quantities[str(name)] = _of(
            draws[spoken], weights[spoken], fits[spoken], simulated[:, spoken]
        )
        for number, own in enumerate(each):
            own[str(name)] = _of(draws[number : number + 1], *alone)
    return {"quantities": quantities, "readings": each}


def _of(
    values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array
) -> dict[str, float]:
    """Of the sd and the quantiles of a mixture; arguments as `summaries.mixed_statistics`.

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


def _with(document: Mapping[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of a fit with these errors beside the numbers that state none."""

    def told(quantities: Mapping[str, Any], of: Mapping[str, Any]) -> dict[str, Any]:
        return {name: {**of.get(name, {}), **numbers} for name, numbers in quantities.items()}

    readings = [
        {**one, "quantities": told(one["quantities"], of)}
        for one, of in zip(document["readings"], errors["readings"], strict=False)
    ]
    left = document["readings"][len(readings) :]
    return {
        **document,
        "quantities": told(document["quantities"], errors["quantities"]),
        "readings": [*readings, *left],
    }


def _carried(document: Mapping[str, Any]) -> dict[str, Any]:
    """A comparison with the errors of its numbers carried over to what is made of them."""
    return {**document, "comparisons": [_row(row) for row in document["comparisons"]]}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(row)
    for kind in ("ratio", "difference"):
        if row.get(kind):
            errors = {}
            for name, value in row[kind].items():
                scale = abs(value / row[name]) if kind == "ratio" and row[name] else 1.0
                errors[f"mcse_{name}"] = scale * (row.get(f"mcse_{name}") or 0.0)
            made[kind] = {**row[kind], **errors}
    error, median = row.get("mcse_median"), row.get("median")
    if error is not None and median:
        if row.get("factor_to_edge") is not None:
            made["mcse_factor_to_edge"] = abs(row["factor_to_edge"] / median) * error
        if row.get("difference_to_edge") is not None:
            made["mcse_difference_to_edge"] = error
    return made
