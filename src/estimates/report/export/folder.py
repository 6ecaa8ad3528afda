"""An export: a folder of files that other tools take, and a list of what is in it.

Everything is made beside the folder first and then moved in, so that whatever goes wrong leaves
the folder as it was. The list, `datapackage.json`, is a Frictionless Data Package; its digests
tell which files are this package's own and unchanged, and only these are ever replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from estimates._util.files import json_text, read_json, scratch_beside
from estimates._util.moving import move_in
from estimates._util.records import Column, plain, read
from estimates.analysis.registry import ANALYSES
from estimates.analysis.result import Result
from estimates.errors import Fault, Faults, InputError, NotConverged, did_you_mean
from estimates.inference.origin import Origin, model_of
from estimates.model import Model
from estimates.report.export.draws import write_draws
from estimates.report.export.frames import (
    Table,
    Value,
    analysis_tables,
    comparison_table,
    csv_text,
    fit_tables,
    ledger_tables,
)
from estimates.report.export.markdown import markdown_text
from estimates.report.export.references import bibtex, csl_json

if TYPE_CHECKING:
    import xarray as xr

FORMATS = ("csv", "markdown", "netcdf", "zarr")
MANIFEST = "datapackage.json"
_SOURCES = "references"  # the sources are cited whatever else is asked for
_DRAWS = {"netcdf": "fit.nc", "zarr": "fit.zarr"}
_MEDIA = {
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".nc": "application/x-netcdf",
    ".zarr": "application/vnd+zarr",
    ".bib": "application/x-bibtex",
    ".json": "application/vnd.citationstyles.csl+json",
}


@dataclass(frozen=True, kw_only=True)
class TableField:
    """A column of a CSV file."""

    name: str
    type: str
    description: Annotated[str | None, Column("what it means", optional=True)] = None
    unit: Annotated[
        str | None, Column("the column that names its unit, or `[sd]`", optional=True)
    ] = None


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """The columns of a CSV file, as a Table Schema."""

    fields: tuple[TableField, ...]
    missing: Annotated[tuple[str, ...], Column(key="missingValues")] = ("",)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A file of an export."""

    name: str
    path: str
    group: Annotated[str, Column("the format that it came with")]
    title: str
    mediatype: str
    encoding: Annotated[str | None, Column(optional=True)] = None
    bytes: int
    hash: str
    schema: Annotated[TableSchema | None, Column(optional=True)] = None


def export(
    fit: xr.DataTree,
    folder: Path | str,
    *,
    formats: Collection[str] = FORMATS,
    analyses: Mapping[str, Result] | None = None,
    force: bool = False,
) -> list[Path]:
    """Write a fit, what it says and where it comes from into a folder, for other tools.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    folder : made if it is not there
    formats : of `csv`, `markdown` (tables), `netcdf` and `zarr` (draws, in ArviZ's schema)
    analyses : answers of the workbench by name (`{"conflict": est.conflict(fit)}`), whose tables
        are written too
    force : replace files that were not made here, or were changed since

    Returns
    -------
    What was written, `datapackage.json` last.

    Raises
    ------
    InputError : for an unknown format, and where a file would be replaced that is not an unchanged
        one of an earlier export
    NotConverged : where the fit or an answer must not be trusted; nothing is written

    See Also
    --------
    write_draws : the draws alone
    write_report : one page to read

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> with TemporaryDirectory() as folder:
    ...     written = est.export(fit, folder, formats=["csv"])
    >>> written[-1].name
    'datapackage.json'
    """
    folder = Path(folder)
    _check_formats(formats)
    for what, converged in [
        ("the fit", Origin.of(fit).converged),
        *((name, found.converged) for name, found in (analyses or {}).items()),
    ]:
        if not converged:
            raise NotConverged(f"not converged: {what} is not exported; see `estimates fit`")
    before = _listed(folder)
    model = model_of(fit)
    with scratch_beside(folder) as scratch:
        made = scratch / "made"
        made.mkdir()
        entries = _make(fit, model, made, formats, analyses or {})
        if not force:
            _refuse_others(folder, before, [*entries, MANIFEST])
        # What the same formats had and have no more would be of an older answer.
        gone = [
            name
            for name, entry in before.items()
            if name not in entries and entry.group in {*formats, _SOURCES}
        ]
        kept = {n: e for n, e in before.items() if n not in entries and n not in gone}
        text = _package(fit, model, (kept | entries).values())
        (made / MANIFEST).write_text(text, encoding="utf-8")
        old = scratch / "old"
        old.mkdir()
        unchanged = [name for name in gone if _digest(folder / name) == before[name].hash]
        move_in(made, folder, old, [*entries, MANIFEST], unchanged)
    return [folder / name for name in (*entries, MANIFEST)]


def answers_in(folder: Path, fit: xr.DataTree) -> tuple[dict[str, Result], list[str]]:
    """Return the answers in a folder of results, by command, and a sentence for each left out.

    An answer of another version of the model or its ledger, or of another seed, would stand beside
    tables that it does not belong to; one that has not converged must not be used.

    Raises
    ------
    InputError : where a document is damaged
    """
    origin = Origin.of(fit)
    found, left_out = {}, []
    for name in ANALYSES:
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        again = f"ask again with `estimates {name} {origin.slug}`"
        try:
            said = ANALYSES[name].answer().read(read_json(path))
        except ValueError:
            left_out.append(f"{path} is of another version of the program; {again}")
            continue
        if said.digest != origin.digest:
            left_out.append(f"{path} is about another version of the model; {again}")
        elif said.seed != origin.seed:
            left_out.append(f"{path} was made with another seed; {again}")
        elif not said.converged:
            left_out.append(f"{path} is not to be trusted: not converged")
        else:
            found[name] = said
    return found, left_out


def tables_of(fit: xr.DataTree, model: Model, analyses: Mapping[str, Result]) -> Iterator[Table]:
    """Yield every table of an export that has a row."""
    from estimates.analysis.compare.run import compare
    from estimates.inference.summary import summary

    found = [*fit_tables(summary(fit))]
    if model.compare:
        found.append(comparison_table(compare(fit)))
    found += ledger_tables(model)
    for name, analysis in analyses.items():
        found += analysis_tables(name, analysis)
    return (table for table in found if table.rows)


def _make(
    fit: xr.DataTree,
    model: Model,
    made: Path,
    formats: Collection[str],
    analyses: Mapping[str, Result],
) -> dict[str, Resource]:
    """Make the files in a folder of their own; by name, what the list says of them."""
    entries: dict[str, Resource] = {}

    def add(
        name: str, group: str, title: str, text: str, schema: TableSchema | None = None
    ) -> None:
        (made / name).write_text(text, encoding="utf-8", newline="")
        entries[name] = _resource(made / name, group, title, schema)

    if {"csv", "markdown"} & set(formats):
        origin = Origin.of(fit)
        line = f"{origin.slug}, seed {origin.seed}, digest {origin.digest[:12]}"
        for table in tables_of(fit, model, analyses):
            if "csv" in formats:
                add(f"{table.name}.csv", "csv", table.title, csv_text(table), _schema(table))
            if "markdown" in formats:
                add(f"{table.name}.md", "markdown", table.title, markdown_text(table, line))
    if model.ledger.sources:
        add("sources.bib", _SOURCES, "The sources, as BibTeX", bibtex(model))
        add("sources.csl.json", _SOURCES, "The sources, as CSL-JSON", csl_json(model))
    for group, name in _DRAWS.items():
        if group in formats:
            write_draws(fit, made / name)
            title = "The draws, in the schema of ArviZ"
            entries[name] = _resource(made / name, group, title)
    return entries


def _resource(path: Path, group: str, title: str, schema: TableSchema | None = None) -> Resource:
    return Resource(
        name=path.name.lower().replace(".", "-"),
        path=path.name,
        group=group,
        title=title,
        mediatype=_MEDIA[path.suffix],
        encoding=None if group in _DRAWS else "utf-8",
        bytes=sum(file.stat().st_size for file in _files(path)),
        hash=_digest(path) or "",
        schema=schema,
    )


def _package(fit: xr.DataTree, model: Model, entries: Iterable[Resource]) -> str:
    """Return the list of what is in an export, as JSON."""
    origin, sources = Origin.of(fit), model.ledger.sources.values()
    return json_text(
        {
            "profile": "data-package",
            "name": origin.slug.lower() or "estimate",
            "title": model.title,
            "sources": [
                {"title": one.title or one.id} | ({"path": one.address} if one.address else {})
                for one in sources
            ],
            "resources": [plain(entry) for entry in entries],
            "estimates": {
                "format": 1,
                "version": version("estimates"),
                "model": origin.slug,
                "seed": origin.seed,
                "digest": origin.digest,
                "sampling": origin.sampling.lengths,
            },
        }
    )


def _schema(table: Table) -> TableSchema:
    """Return the Table Schema of a CSV file: names, types, and what columns say of themselves."""
    return TableSchema(
        fields=tuple(
            TableField(
                name=name,
                type=_type([row[name].value for row in table.rows if name in row]),
                description=column.sense or None,
                unit=column.unit or None,
            )
            for name, column in table.columns.items()
        )
    )


def _type(values: Sequence[Value]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds and kinds <= {int, float} else "string"


def _check_formats(formats: Collection[str]) -> None:
    faults = Faults()
    for name in formats:
        if name not in FORMATS:
            hint = did_you_mean(name, FORMATS) or f"; the formats are {', '.join(FORMATS)}"
            faults.add(f"no format '{name}'{hint}")
    faults.raise_if_any()


def _listed(folder: Path) -> dict[str, Resource]:
    """Return what an earlier export left in a folder, by name."""
    if folder.exists() and not folder.is_dir():
        raise InputError([Fault(f"{folder} is a file; an export is a folder")])
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with suppress(ValueError, TypeError):  # the list of somebody else
        listed = [read(Resource, one) for one in read_json(path).get("resources", ())]
        # It may name anything: only names in this folder are ours.
        return {one.path: one for one in listed if Path(one.path).name == one.path != ".."}
    return {}


def _refuse_others(folder: Path, before: Mapping[str, Resource], names: Sequence[str]) -> None:
    faults = Faults()
    for name in names:
        path = folder / name
        if not path.exists():
            continue
        if name == MANIFEST:
            mine = "estimates" in read_json(path)
        else:
            mine = name in before and _digest(path) == before[name].hash
        if not mine:
            changed = "was changed since it was exported" if name in before else "is not an export"
            faults.add(f"{path} {changed}; move it away, or replace it with --force")
    faults.raise_if_any()


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def _digest(path: Path) -> str | None:
    """Return the digest of a file, or of a folder's names and contents; None without any."""
    if not path.exists():
        return None
    digest = hashlib.sha256()
    for file in _files(path):
        if path.is_dir():
            digest.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return f"sha256:{digest.hexdigest()}"
