"""Results on disk: the stored fit, the tables and figures of a model, and the manifest.

Everything is written to a temporary name beside its place and then moved there, so that an
interrupted run leaves what was there before, or the new thing whole.
"""

from __future__ import annotations

import hashlib
import io
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import xarray as xr

from estimates.analysis import Analysis
from estimates.documents import check_writable, json_text, keeping, read_json, replacing, write_json
from estimates.model import Model
from estimates.posterior import fit
from estimates.sampling import Sampling
from estimates.saved import RESULTS, Saved, folder, store_of
from estimates.store import versions
from estimates.summaries import summary
from estimates.sweep import Progress, Workers

_MANY_READINGS = 16


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
    """The fit of a model: the stored one if it answers the same question, else a new one, stored.

    Parameters
    ----------
    root : folder that holds `results/`
    executor, threads : who fits the readings (see `Workers`)
    warn : told of damaged entries in the store, which are made anew
    fresh : fit anew whatever is stored
    groups : the groups that are wanted, if not all: a stored fit is then read faster
    """
    saved = Saved.of(model, root, seed, sampling, warn)
    content = None if fresh else saved.draws()
    if content is not None:
        return tree_of(content, groups)
    # The fits of many readings are kept one by one until all of them are there.
    partial = saved.store if len(model.combinations()) > _MANY_READINGS else None
    workers = Workers(executor, threads, partial)
    tree = fit(model, seed=seed, sampling=sampling, workers=workers, progress=progress)
    content = bytes(tree.to_netcdf(engine="h5netcdf"))  # no file: no disk may be full or missing
    saved.keep(json_text(summary(tree)), content)
    if partial is not None:
        done = [
            e for e in partial.entries() if (e.kind, e.about.get("model")) == ("answer", model.slug)
        ]
        with keeping(partial.tell):
            partial.prune(done)
    return tree


def tree_of(content: bytes, groups: Sequence[str] | None = None) -> xr.DataTree:
    """A fit from its netCDF, in memory; of its groups all, or some."""
    if groups is not None:
        wanted = ["/", *groups]
        read = {
            group: xr.load_dataset(io.BytesIO(content), engine="h5netcdf", group=group)
            for group in wanted
        }
        return xr.DataTree.from_dict(read)
    with xr.open_datatree(io.BytesIO(content), engine="h5netcdf") as tree:
        # Not `tree.load()`: it passes over variables that bear the name of a group.
        for node in tree.subtree:
            for variable in node.variables.values():
                variable.load()
        return tree


def stored_comparison(tree: xr.DataTree, saved: Saved, pool: str | None) -> dict[str, Any]:
    """The comparison of a stored fit, stored too, with the fit's seed and convergence."""
    from estimates.comparison import comparison_document

    document = {
        "comparison": comparison_document(tree, pool),
        "seed": int(tree.attrs["seed"]),
        "converged": bool(tree.attrs["converged"]),
    }
    saved.keep_comparison(pool, json_text(document))
    return document


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
    from estimates.workbench import ask_all

    check_writable(root / RESULTS / "manifest.json")
    for model in models:
        check_writable(folder(model, root), folder=True)
    sampling = sampling or Sampling()
    entries: dict[str, Any] = {}
    for model in models:
        tree = stored_fit(
            model, seed=seed, sampling=sampling, root=root, progress=progress, fresh=fresh
        )
        analyses = ask_all(tree, Workers(store=store_of(root)), progress)
        entries[model.slug] = _write(model, tree, folder(model, root), analyses)
    manifest = {
        "format": 1,
        "seed": seed,
        "sampling": asdict(sampling),
        "versions": {**versions(), "python": platform.python_version()},
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
    analyses: Mapping[str, Analysis],
) -> dict[str, Any]:
    from estimates.figures import analysis_figures, save, write_figures

    documents = documents_of(model, tree, analyses)
    tables = tables_of(documents)
    for name, document in documents.items():
        write_json(where / name, document)
    for name, table in tables.items():
        with replacing(where / name) as temporary:
            temporary.write_text(table, encoding="utf-8")
    figures = write_figures(tree, where / "figures")
    for name, found in analyses.items():
        if found.converged:
            figures += save(analysis_figures(name, found, tree), where / "figures")
    written = [where / name for name in (*documents, *tables)] + figures
    return {
        "title": model.title,
        "digest": model.digest,
        "seed": int(tree.attrs["seed"]),
        "converged": all(found.converged for found in analyses.values())
        and bool(tree.attrs["converged"]),
        "files": {
            path.relative_to(where).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(written)
        },
    }


def documents_of(
    model: Model, tree: xr.DataTree, analyses: Mapping[str, Analysis]
) -> dict[str, dict[str, Any]]:
    """The documents of a model's results, by the names of their files."""
    from estimates.comparison import POOLS, comparison_document

    documents: dict[str, Any] = {"fit.json": summary(tree)}
    if model.compare:
        documents |= {
            "compare.json" if pool == "held-out" else f"compare-{pool}.json": comparison_document(
                tree, pool
            )
            for pool in POOLS
        }
    return documents | {f"{name}.json": dict(found.document) for name, found in analyses.items()}


def tables_of(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The tables that are written beside documents, by the names of their files, as CSV."""
    from estimates.comparison import comparison_table
    from estimates.tables import summary_table

    tables = {"summary.csv": summary_table(documents["fit.json"])}
    if "compare.json" in documents:
        tables["compare.csv"] = comparison_table(documents["compare.json"])
    return {name: table.to_csv(index=False) for name, table in tables.items()}
