"""A ledger as a table, with the columns by which one is read."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from estimates._util.files import write_bytes
from estimates.errors import Fault, InputError
from estimates.model.ledger import Claim, Source
from estimates.model.ledger_forms import CLAIM, SOURCE
from estimates.model.model import Model
from estimates.model.tables.columns import MEANINGS, OF_SOURCE
from estimates.model.tables.figures import NO_FIGURE
from estimates.model.tables.rows import IN_TABLE, slug

_GIVEN = re.compile(rf"{NO_FIGURE}(?: \((?:says: )?(?P<text>[^:()]*)\))?")
# What a spreadsheet would run, but for figures that only begin with a sign.
_FORMULA = re.compile(r"[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠]")
_FIGURE = re.compile(r"-[\d.][\d.,e ]*(± ?[\d.,e ]+)*(\(\d[\d.]*% CI [-\d., to]+\))?[\w/% ]*")


def write_claims(model: Model, path: str | Path) -> Path:
    """Write the claims of a model as a table that `ingest`, or `evidence:`, reads.

    A table that was made into an estimate by these columns comes back as it was.

    Parameters
    ----------
    model : whose ledger is written, and what it takes each claim to be about
    path : a .csv, .tsv, .json, .parquet or (with openpyxl) .xlsx file, which is replaced

    Returns
    -------
    The path.

    Raises
    ------
    InputError : for another kind of file, or a library that is missing

    See Also
    --------
    ingest : makes an estimate of a table

    Examples
    --------
    >>> import estimates as est, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> file = est.write_claims(est.load("scmp-2017"), folder / "claims.csv")
    >>> file.read_text(encoding="utf-8").partition("\\n")[0][:20]
    'id,source,speaker,qu'
    """
    path = Path(path)
    rows = [_row(model, claim) for claim in model.ledger.claims.values()]
    columns = [name for name in MEANINGS if any(name in row for row in rows)]
    rows = [{name: row[name] for name in columns if name in row} for row in rows]
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        message = f"claims are written as {', '.join(_WRITERS)}, not as '{path.name}'"
        raise InputError([Fault(message)])
    write_bytes(path, writer(rows, columns))
    return path


def _json(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    return (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode()


def _parquet(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    cells = {name: pyarrow.array([row.get(name) for row in rows], "string") for name in columns}
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(cells), out)
    return out.getvalue()


def _workbook(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    try:
        from openpyxl import Workbook
    except ImportError:
        message = (
            "an Excel file is written by openpyxl, which is not installed: install it (pip install "
            "openpyxl), or write a .csv"
        )
        raise InputError([Fault(message)]) from None
    book = Workbook()
    lines = [dict(zip(columns, columns, strict=True)), *rows]
    for number, line in enumerate(lines, 1):
        for at, name in enumerate(columns, 1):
            if name in line:
                cell = book.active.cell(number, at, line[name])
                cell.data_type = "s"  # a text, whatever it begins with: nothing is run
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _delimited(sign: str, rows: list[dict[str, str]], columns: list[str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sign, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(row.get(name, "")) for name in columns] for row in rows)
    return out.getvalue().encode()


_WRITERS: Mapping[str, Callable[[list[dict[str, str]], list[str]], bytes]] = {
    ".csv": partial(_delimited, ","),
    ".tsv": partial(_delimited, "\t"),
    ".json": _json,
    ".parquet": _parquet,
    ".xlsx": _workbook,
}


def _safe(text: str) -> str:
    """Return a text that no spreadsheet runs: with an apostrophe, which is not read back."""
    return f"'{text}" if _FORMULA.match(text) and not _FIGURE.fullmatch(text) else text


def _row(model: Model, claim: Claim) -> dict[str, str]:
    """Return the cells of a claim, without those that are blank."""
    source = model.ledger.sources[claim.source]
    said = _of_source(source)
    held = {"id": claim.id, "source": said.pop("", source.id)}
    held |= {key: str(value) for key, value in CLAIM.plain(claim).items() if key != "source"}
    if claim.says is not None:
        held["says"] = claim.says.text or str(claim.says)
    if claim.note.startswith(IN_TABLE):
        held["id"] = held.pop("note").removeprefix(IN_TABLE)
    if "basis" in claim.where.spots:  # even where it is the default
        held["basis"] = claim.basis
    given = _GIVEN.fullmatch(claim.because)
    if claim.says is None and given:
        del held["because"]
        held["says"] = given["text"] or ""
    held |= _use(model, claim.id)
    return {name: value for name, value in (held | said).items() if value}


def _of_source(source: Source) -> dict[str, str]:
    """Return the cells of a source; "" is how it is named, where its title says just that."""
    said = {key: str(value) for key, value in SOURCE.plain(source).items() if key in OF_SOURCE}
    made = re.fullmatch(r"(?P<slug>.*?)(-\d+)?", source.id)
    if source.title and made and slug(source.title) in (source.id, made["slug"]):
        said[""] = said.pop("title")
    return said


def _use(model: Model, claim: str) -> Mapping[str, str]:
    """Return what a claim is about, and whether it is held out."""
    for use in model.parts.claims:
        if use.claim == claim:
            return {"about": str(use.about)}
    for use in model.parts.compare:
        if use.claim == claim:
            return {"about": str(use.about), "use": "compare"}
    return {}
