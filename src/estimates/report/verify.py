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

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates._util.files import read_json
from estimates._util.parts import Parts
from estimates._util.records import Documented
from estimates._util.store import versions
from estimates.errors import Fault, InputError
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fit
from estimates.inference.sampling import Sampling
from estimates.inference.statistics import ERRORS, QUANTILES, mixed_error
from estimates.inference.tree_view import TreeView
from estimates.model import Model
from estimates.report.agreement import EXACT, Compared, Place
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
    """Run every model again and return what was compared, and what differs.

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
    tree = fit(model, seed=seed, sampling=sampling, progress=progress)
    parts = Parts(tell=lambda broken: told.append(broken.sentence))
    now = documents_of(model, tree, ask_all(tree, model, Workers(), progress, parts), parts)
    then: dict[str, Documented] = {}
    for name, made in now.items():
        try:
            if name in files and (where / name).is_file():
                then[name] = type(made).read(read_json(where / name))
        except ValueError as error:
            told.append(f"{name} is of another kind: {error}")
    tables = {name: text for name, text in tables_of(then).items() if (where / name).is_file()}
    for name, text in tables.items():
        if (where / name).read_text(encoding="utf-8") != text:
            told.append(f"{name} does not say what the documents say")
    compared = Compared(_errors_of(tree))
    for name, document in then.items():
        compared.compare(name, document, now[name])
    old = [name for name in files if name.endswith(".json")]
    told += [f"{name} is no longer made" for name in old if name not in now]
    told += [f"{name} was not there" for name in now if name not in old]
    told += [*compared.differences, *compared.beyond()]
    found.differences += [f"{model.slug}: {one}" for one in told]
    found.notices += [f"{model.slug}: {one}" for one in compared.notices]
    pictures = sum(name.endswith(_PICTURES) for name in files)
    found.compared.append(f"{model.slug}: {_words(compared, len(tables), pictures)}")


def _altered(where: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Return files that are missing, or not those of which the manifest tells."""
    for name, digest in files.items():
        file = where / name
        if not file.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{name} is not the file that was written"


def _words(compared: Compared, tables: int, pictures: int) -> str:
    same = sum(one.alike(EXACT) for one in compared.numbers)
    bare = compared.not_compared
    beyond = len(list(compared.beyond()))
    words = (
        f"{len(compared.numbers):,} numbers compared within {compared.allowed:.1f} Monte Carlo "
        f"standard errors ({same:,} are equal, {beyond:,} beyond); {len(compared.bare):,} without "
        f"a stated error, of which {len(compared.bare) - len(bare):,} are equal"
    )
    if bare:
        furthest = max(
            bare, key=lambda one: abs(one.now - one.then) / max(abs(one.now), abs(one.then))
        )
        words += f" and {len(bare):,} were not compared, the furthest apart: {furthest}"
    return (
        f"{words}; {compared.texts:,} texts equal but for their numbers; {tables} tables by the "
        f"documents that they are made of; {pictures} pictures by their digests alone, since all "
        "they show is drawn from these numbers"
    )


# Errors that the documents do not state ---------------------------------------------------------


def _errors_of(tree: xr.DataTree) -> dict[Place, float]:
    """Return by place the combined errors of two fits like this one."""
    view = TreeView.of(tree)
    spoken = view.weights > 0
    mixture = view.weights[spoken], view.fits[spoken], view.simulated[:, spoken]
    alone = np.ones(1), np.zeros(1, dtype=np.int64), np.ones((1, 1))
    labels = [", ".join(one.label.values()) or "1" for one in view.readings]
    found: dict[Place, float] = {}
    for quantity in view.drawn:
        values = view.draws(quantity)
        for place, part, weighed in (
            ((), values[spoken], mixture),
            *((("readings", label), values[i : i + 1], alone) for i, label in enumerate(labels)),
        ):
            for name, error in _of(part, *weighed):
                found["fit.json", *place, "quantities", quantity, name] = 2**0.5 * error
    return found


def _of(
    values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array
) -> Iterator[tuple[str, float]]:
    """Return errors of the sd and quantiles of a mixture; arguments as `summary.mixture_of`.

    A quantile errs by the distance of those one standard error of its probability away, the sd by
    that of the variance over twice itself.
    """
    if not np.isfinite(values).all():
        return
    pooled = WeightedDraws(values, weights)
    for name, p in QUANTILES.items():
        if f"mcse_{name}" not in ERRORS:  # which are stated
            below = (values <= pooled.quantile(p)).astype(float)
            error = mixed_error(below, weights, fits, simulated)
            low, high = (pooled.quantile(min(max(p + s * error, 0.0), 1.0)) for s in (-1, 1))
            yield name, (high - low) / 2
    mean = float(weights @ values.mean(axis=(1, 2)))
    squares = (values - mean) ** 2
    variance = float(weights @ squares.mean(axis=(1, 2)))
    error = mixed_error(squares, weights, fits, simulated)
    yield "sd", error / (2 * variance**0.5) if variance > 0 else 0.0
