"""Results on disk: the stored fit, the tables and figures of a model, and the manifest.

Everything is written to a temporary name beside its place and then moved there, so that an
interrupted run leaves what was there before, or the new thing whole.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path

import xarray as xr

from estimates._util.at_work import doing
from estimates._util.files import (
    check_writable,
    replacing,
    write_json,
)
from estimates._util.parts import Parts
from estimates._util.passing import Passing
from estimates._util.records import Documented
from estimates._util.store import versions
from estimates.analysis.compare.result import POOLS, Comparison, StoredComparison
from estimates.analysis.registry import Memory
from estimates.analysis.result import Result
from estimates.inference.jobs import Progress, Workers
from estimates.inference.origin import Origin
from estimates.inference.posterior import fit
from estimates.inference.result import Summary
from estimates.inference.sampling import Sampling
from estimates.inference.stored import from_netcdf, to_netcdf
from estimates.inference.summary import summary
from estimates.model import Model
from estimates.model.io.quotes import Proofs
from estimates.report.manifest import Manifest, Quotes, Reproduced, manifest_in, manifest_path
from estimates.report.saved import RESULTS, Saved, folder, store_of
from estimates.report.text.heading import warnings_of

_LONG = 2.0  # seconds of fitting, after which the fits of readings are kept one by one


def stored_fit(
    model: Model,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    root: Path = Path(),
    executor: Executor | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    warn: Callable[[str], None] | None = None,
    fresh: bool = False,
    groups: Sequence[str] | None = None,
) -> xr.DataTree:
    """Return the stored fit of a model if it answers the same question, else a new one, stored.

    Parameters
    ----------
    root : folder that holds `results/`
    executor, threads : who fits the readings (see `Workers`)
    warn : told of damaged entries in the store, which are made anew, and what the model warns of
    fresh : fit anew whatever is stored
    groups : the groups that are wanted, if not all: a stored fit is then read faster
    """
    saved = Saved.of(model, root, seed, sampling, warn)
    content = None if fresh else saved.draws()
    if content is not None:
        return from_netcdf(content, groups)
    for sentence in warnings_of(model):  # once for a model: a stored fit has told them already
        (warn or (lambda _: None))(sentence)
    # Until all of them are there, the fits of readings are kept one by one.
    passing = Passing(saved.store)
    workers = Workers(executor, threads, passing, keep_after=_LONG)
    with doing("the fit"):
        tree = fit(model, seed=seed, sampling=sampling, workers=workers, progress=progress)
    with doing("writing the fit"):
        content = to_netcdf(tree)
        tree = from_netcdf(content)  # as it will be read again, to the last digit
        saved.keep(summary(tree).to_json(), content)
    passing.forget()
    return tree


def stored_comparison(tree: xr.DataTree, saved: Saved, pool: str | None) -> StoredComparison:
    """Return the comparison of a stored fit, stored too."""
    found = comparison_of(tree, pool)
    saved.keep_comparison(pool, found)
    return found


def comparison_of(tree: xr.DataTree, pool: str | None) -> StoredComparison:
    """Return the comparison of a fit, with the fit's seed and convergence."""
    from estimates.analysis.compare.run import compare

    return StoredComparison(
        comparison=compare(tree, pool),
        seed=Origin.of(tree).seed,
        converged=Origin.of(tree).converged,
    )


def reproduce(
    models: Sequence[Model],
    *,
    root: Path = Path(),
    seed: int | None = None,
    sampling: Sampling | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
    parts: Parts | None = None,
    proofs: Mapping[str, Proofs] | None = None,
    ended: Callable[[Model, Reproduced], None] | None = None,
) -> Manifest:
    """Write results, tables and figures of every model, and return the manifest.

    Parameters
    ----------
    parts : makes each piece of each model, within a limit of time if it has one; what breaks is
        missing, everything else stands, and the model's entry in the manifest says so (`broken`)
    proofs : by model which of its quotes stand in their sources (`prove`), for the manifest
    ended : called with each model, when all of it is written
    """
    parts = parts or Parts()
    check_writable(manifest_path(root))
    for model in models:
        check_writable(folder(model, root), folder=True)
    before = manifest_in(root)
    sampling = sampling or Sampling()
    entries: dict[str, Reproduced] = {}
    for model in models:
        ask = partial(
            stored_fit, model, seed=seed, sampling=sampling, root=root, progress=progress,
            fresh=fresh,
        )  # fmt: skip
        mine = _Named(model.slug, parts)
        tree = mine.make("the fit", ask, f"estimates fit {model.slug}")
        entry = _entry(model, tree, model.seed if seed is None else seed)
        if tree is not None:
            where = folder(model, root)
            workers = Workers(store=store_of(root))
            memory = None if fresh else Saved.of(model, root, seed, sampling)
            entry = _write(entry, model, tree, where, workers, mine, progress, memory)
        if proofs is not None and model.slug in proofs:
            entry = replace(entry, quotes=Quotes.of(proofs[model.slug]))
        broken = tuple(one.told for one in mine.broken)
        entries[model.slug] = replace(entry, broken=broken or None)
        if ended is not None:
            ended(model, entries[model.slug])
    manifest = Manifest(
        seed=seed,
        sampling=sampling,
        versions={**versions(), "python": platform.python_version()},
        models=_kept(before, root) | entries,
    )
    write_json(manifest_path(root), manifest.document)
    return manifest


def _kept(before: Manifest | None, root: Path) -> dict[str, Reproduced]:
    """Return manifest entries of models that an earlier run reproduced and that still exist."""
    models = before.models.items() if before else ()
    return {slug: entry for slug, entry in models if (root / RESULTS / slug).is_dir()}


class _Named(Parts):
    """The parts of one model, which are called by its name."""

    def __init__(self, slug: str, whole: Parts) -> None:
        super().__init__(whole.seconds, whole.add)
        self._slug = slug

    def make[T](self, part: str, work: Callable[[], T], run: str = "") -> T | None:
        return super().make(f"{self._slug}: {part}", work, run)


def _entry(model: Model, tree: xr.DataTree | None, seed: int) -> Reproduced:
    """Return a model in the manifest, before anything is written of it."""
    return Reproduced(
        title=model.title,
        digest=model.digest,
        seed=seed if tree is None else Origin.of(tree).seed,
        converged=tree is not None and Origin.of(tree).converged,
        files={},
    )


def _write(
    entry: Reproduced,
    model: Model,
    tree: xr.DataTree,
    where: Path,
    workers: Workers,
    parts: Parts,
    progress: Progress | None,
    memory: Memory | None,
) -> Reproduced:
    """Write every document, table and figure, each a part; what the manifest says of them."""
    from estimates.analysis.registry import ask_all
    from estimates.plots import Findings, drawings, save

    analyses = ask_all(tree, model, workers, progress, parts, memory)
    documents = documents_of(model, tree, analyses, parts)
    for name, document in documents.items():
        write_json(where / name, document.document)
    tables = parts.make("the tables", lambda: tables_of(documents)) or {}
    for name, table in tables.items():
        with replacing(where / name) as temporary:
            temporary.write_text(table, encoding="utf-8")
    written = [where / name for name in (*documents, *tables)]
    findings = Findings.of(tree)
    figures = list(drawings(findings))
    for found in analyses.values():
        if found.converged:
            figures += drawings(found, findings)
    written += save(figures, where / "figures", parts)
    return replace(
        entry,
        converged=entry.converged and all(found.converged for found in analyses.values()),
        files={
            path.relative_to(where).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(written)
        },
    )


def documents_of(
    model: Model, tree: xr.DataTree, analyses: Mapping[str, Result], parts: Parts
) -> dict[str, Documented]:
    """Return the documents of a model's results, by the names of their files, each a part.

    Of a panel without those in which cited figures are admitted: each takes refits of its own.
    """
    from estimates.analysis.compare.run import compare

    work: dict[str, Callable[[], Documented]] = {"fit.json": partial(summary, tree)}
    if model.compare:
        for pool in POOLS[:1] if model.panel else POOLS:
            name = "compare.json" if pool == "held-out" else f"compare-{pool}.json"
            work[name] = partial(compare, tree, pool)
    made = {name: parts.make(f"the document {name}", make) for name, make in work.items()}
    made |= {f"{name}.json": found for name, found in analyses.items()}
    return {name: document for name, document in made.items() if document is not None}


def tables_of(documents: Mapping[str, Documented]) -> dict[str, str]:
    """Return the tables that are written beside documents, by the names of their files, as CSV."""
    return {
        name: found.table.to_csv(index=False)
        for name, found in (
            ("summary.csv", documents.get("fit.json")),
            ("compare.csv", documents.get("compare.json")),
        )
        if isinstance(found, Summary | Comparison)
    }
