"""Results on disk: the stored fit, the tables and figures of a model, and the manifest.

Everything is written to a temporary name beside its place and then moved there, so that an
interrupted run leaves what was there before, or the new thing whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xarray as xr

from estimates.comparison import POOLS, compare, comparison_document
from estimates.errors import Fault, InputError
from estimates.fitting import Progress
from estimates.model import Model
from estimates.posterior import fit
from estimates.sampling import Sampling
from estimates.summaries import summary
from estimates.tables import summary_table

#: Packages on whose versions the draws depend.
PACKAGES = ("estimates", "numpy", "scipy", "pymc", "pytensor", "numba", "nutpie", "arviz-stats")
RESULTS = "results"


def folder(model: Model, root: Path) -> Path:
    """Where the results of a model are kept."""
    return root / RESULTS / model.slug


def question_digest(model: Model, seed: int, sampling: Sampling) -> str:
    """Equal for fits that would draw the same draws: content, seed, settings, versions."""
    settings = [sampling.draws, sampling.tune, sampling.chains, sampling.target_accept]
    text = json.dumps([model.digest, seed, settings, versions()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def versions() -> dict[str, str]:
    """Versions of what the draws depend on."""
    return {package: version(package) for package in PACKAGES}


def stored_fit(
    model: Model,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    root: Path = Path(),
    progress: Progress | None = None,
    fresh: bool = False,
) -> xr.DataTree:
    """The fit of a model: the stored one if it answers the same question, else a new one, stored.

    Parameters
    ----------
    root : folder that holds `results/`
    fresh : fit anew whatever is stored
    """
    seed = model.seed if seed is None else seed
    sampling = sampling or Sampling()
    path = folder(model, root) / "fit.nc"
    digest = question_digest(model, seed, sampling)
    if not fresh:
        stored = _read(path, digest)
        if stored is not None:
            return stored
    tree = fit(model, seed=seed, sampling=sampling, progress=progress)
    tree.attrs["question"] = digest
    with replacing(path) as temporary:
        tree.to_netcdf(temporary, engine="h5netcdf")
    return tree


def _read(path: Path, digest: str) -> xr.DataTree | None:
    """The stored fit, if there is one, it can be read and it answers this question."""
    if not path.is_file():
        return None
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            return tree.load() if tree.attrs.get("question") == digest else None
    except (OSError, ValueError, KeyError):  # a damaged file is fitted anew
        return None


def reproduce(
    models: Sequence[Model],
    *,
    root: Path = Path(),
    seed: int | None = None,
    sampling: Sampling | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
) -> dict[str, Any]:
    """Results, tables and figures of every model, and the manifest; returns the manifest."""
    from estimates.figures import write_figures

    sampling = sampling or Sampling()
    entries: dict[str, Any] = {}
    for model in models:
        tree = stored_fit(
            model, seed=seed, sampling=sampling, root=root, progress=progress, fresh=fresh
        )
        entries[model.slug] = _write(model, tree, folder(model, root), write_figures)
    manifest = {
        "format": 1,
        "seed": seed,
        "sampling": _settings(sampling),
        "versions": versions() | {"python": platform.python_version()},
        "models": _kept(root) | entries,
    }
    write_json(root / RESULTS / "manifest.json", manifest)
    return manifest


def _kept(root: Path) -> dict[str, Any]:
    """Entries of models that an earlier run reproduced and that are still there."""
    path = root / RESULTS / "manifest.json"
    if not path.is_file():
        return {}
    models = read_json(path).get("models", {})
    return {slug: entry for slug, entry in models.items() if (root / RESULTS / slug).is_dir()}


def _write(
    model: Model,
    tree: xr.DataTree,
    where: Path,
    write_figures: Callable[[xr.DataTree, Path], Sequence[Path]],
) -> dict[str, Any]:
    documents = {"fit.json": summary(tree)}
    tables = {"summary.csv": summary_table(documents["fit.json"])}
    if model.compare:
        documents |= {
            "compare.json" if pool == "held-out" else f"compare-{pool}.json": comparison_document(
                tree, pool
            )
            for pool in POOLS
        }
        tables["compare.csv"] = compare(tree, "held-out")
    for name, document in documents.items():
        write_json(where / name, document)
    for name, table in tables.items():
        with replacing(where / name) as temporary:
            table.to_csv(temporary, index=False)
    figures = write_figures(tree, where / "figures")
    written = [where / name for name in (*documents, *tables)] + list(figures)
    return {
        "title": model.title,
        "digest": model.digest,
        "seed": int(tree.attrs["seed"]),
        "converged": bool(tree.attrs["converged"]),
        "files": {
            path.relative_to(where).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(written)
        },
    }


def _settings(sampling: Sampling) -> dict[str, Any]:
    return {
        "draws": sampling.draws,
        "tune": sampling.tune,
        "chains": sampling.chains,
        "target_accept": sampling.target_accept,
    }


# Verification ------------------------------------------------------------------------------


def verify(
    models: Sequence[Model],
    *,
    root: Path = Path(),
    seed: int | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """Re-run every model and say, a sentence each, what differs from what is there.

    Inputs (contents of model and ledger, seed, settings) are compared exactly; numbers within
    four combined Monte Carlo standard errors; versions that differ are named.

    Raises
    ------
    InputError : where there is nothing to compare with
    """
    path = root / RESULTS / "manifest.json"
    if not path.is_file():
        raise InputError([Fault(f"there is no {path} to verify; run `estimates reproduce` first")])
    manifest = read_json(path)
    settings = manifest["sampling"]
    sampling = Sampling(**settings)
    differences = [
        f"{package} is {now}, was {manifest['versions'].get(package)}"
        for package, now in versions().items()
        if manifest["versions"].get(package) != now
    ]
    for model in models:
        entry = manifest["models"].get(model.slug)
        if entry is None:
            differences.append(f"{model.slug}: not in the manifest")
            continue
        if entry["digest"] != model.digest:
            differences.append(f"{model.slug}: the model or its ledger has changed")
            continue
        where = folder(model, root)
        for name, digest in entry["files"].items():
            file = where / name
            if not file.is_file():
                differences.append(f"{model.slug}: {name} is missing")
            elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                differences.append(f"{model.slug}: {name} is not the file that was written")
        if not (where / "fit.json").is_file():
            continue
        used = entry["seed"] if seed is None else seed
        tree = fit(model, seed=used, sampling=sampling, progress=progress)
        differences += [
            f"{model.slug}: {difference}"
            for difference in numbers_that_differ(read_json(where / "fit.json"), summary(tree))
        ]
    return differences


def numbers_that_differ(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Means, medians, weights and evidences of two fit documents beyond four standard errors."""
    found = list(_differing("", then["quantities"], now["quantities"]))
    for old, new in zip(then["readings"], now["readings"], strict=False):
        label = ", ".join(old["reading"].values())
        if old["reading"] != new["reading"]:
            found.append(f"reading {label} is now {', '.join(new['reading'].values())}")
            continue
        found += _differing(f"{label}: " if label else "", old["quantities"], new["quantities"])
        for name, error in (("posterior", "posterior_se"), ("log_evidence", "log_evidence_se")):
            found += _beyond(f"{label}: {name}", old, new, name, error)
    if len(then["readings"]) != len(now["readings"]):
        found.append(f"{len(then['readings'])} readings then, {len(now['readings'])} now")
    return found


def _differing(prefix: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in then.keys() | now.keys():
        if name not in then or name not in now:
            yield f"{prefix}{name} is in one of the two only"
            continue
        for number in ("mean", "median"):
            yield from _beyond(f"{prefix}{number} of {name}", then[name], now[name], number,
                               f"mcse_{number}")  # fmt: skip


def _beyond(
    what: str, then: Mapping[str, Any], now: Mapping[str, Any], number: str, error: str
) -> Iterator[str]:
    old, new = then[number], now[number]
    if old is None or new is None:
        if old is not new:
            yield f"{what} was {old}, is {new}"
        return
    allowed = 4 * ((then[error] or 0) ** 2 + (now[error] or 0) ** 2) ** 0.5
    if abs(new - old) > allowed + 1e-9 * abs(old):
        yield f"{what} was {old:.6g}, is {new:.6g}; Monte Carlo error allows {allowed:.2g}"


# Files ---------------------------------------------------------------------------------------


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, moved onto it when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document, whole or not at all; nan is an error, not a token."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a document; one that is damaged is bad input."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError([Fault(f"{path} cannot be read: {error}")]) from None
    return document
