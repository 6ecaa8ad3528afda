"""A table of claims as an estimate: its ledger and, with what claims are about, a model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from estimates.errors import Fault, Faults, InputError, Place
from estimates.language.expression import ExpressionError, names, parse_expression
from estimates.language.wording import Counted, Events, Figure, Vague, Wording
from estimates.model.ledger import Ledger, MadeOf, check_ledger
from estimates.model.ledger_forms import MADE_OF
from estimates.model.model import Model
from estimates.model.reader.reach import read_bytes
from estimates.model.reader.read_ledger import ReadLedger, read_ledger
from estimates.model.reader.read_model import ModelReader, model_fields
from estimates.model.reader.yaml_nodes import Text, nodes_of
from estimates.model.scaffold import new_folder
from estimates.model.serialize import Plain, ledger_document
from estimates.model.tables.figures import Told
from estimates.model.tables.rows import Rows, rows_of
from estimates.model.tables.table import Table, tree_or_table

_BEYOND = 100.0  # how far a placeholder's prior goes beyond the figures, as a factor
_PLACEHOLDER = "A placeholder, far wider than the figures; write what you knew without them."


@dataclass(frozen=True, slots=True)
class Ingested:
    """What `ingest` has written.

    Attributes
    ----------
    slug : the name of the model
    folder : where its files are
    files : every file written
    claims : how many claims there are
    without_figure : the claims that have no figure and are kept all the same, by their ids
    left_out : columns of the table that mean nothing here
    placeholders : quantities whose prior only keeps the place of yours
    coverage : what intervals were taken to hold where the table does not say it; "" if none was

    See Also
    --------
    ingest : makes it

    Examples
    --------
    >>> import estimates as est
    >>> "placeholders" in est.Ingested.__annotations__
    True
    """

    slug: str
    folder: Path
    files: tuple[Path, ...]
    claims: int
    without_figure: tuple[str, ...]
    left_out: tuple[str, ...]
    placeholders: tuple[str, ...]
    coverage: str


def ingest(
    table: str | Path,
    name: str,
    root: str | Path = Path(),
    *,
    columns: Mapping[str, str] | None = None,
    about: str = "",
    unit: str = "",
    coverage: str = "95%",
    scatter: str = "",
    measure: str = "",
    prior: str = "",
    title: str = "",
    decimal: str = "",
) -> Ingested:
    """Make a ledger of a table of claims and, where it is said what they are about, a model.

    Parameters
    ----------
    table : a CSV, TSV, JSON, Parquet or Excel file with a heading for each column
    name : of the estimate, which is written into `root`/models/`name`
    root : the folder that holds `models/`
    columns : the heading of a column by what it means (`{"says": "estimate"}`), where its name
        does not say so
    about : the quantity that every claim is about whose row names none
    unit : of figures whose row has none
    coverage : what intervals hold whose row does not say it
    scatter : how far claims may lie from what they have in common beyond their own errors, as
        `up to 2` or `HalfNormal(sigma=1)`: a random-effects meta-analysis
    measure : what two arms of a trial (`r1` of `n1`, `r2` of `n2`) give where their row does not
        say it: `RR`, a risk ratio, `OR`, an odds ratio, or `RD`, a risk difference
    prior : of the quantity `about`, or the only one that the table's own column names, such as
        `0.1 to 3`; else its place is kept
    title : of the model
    decimal : the decimal sign, `,` or `.`; else a comma where cells are parted by semicolons or
        tabs and numbers show it

    Returns
    -------
    Ingested, with what was written and what could not be used.

    Raises
    ------
    InputError : with every fault and its row; nothing is then written

    See Also
    --------
    load_ledger : reads a table without writing anything

    Examples
    --------
    >>> import estimates as est, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = "study,r,n\\nAronson,4,123\\nFerguson,6,306\\n"
    >>> _ = (folder / "trials.csv").write_text(rows)
    >>> made = est.ingest(folder / "trials.csv", "trials", root=folder, about="risk")
    >>> est.load(made.folder).targets
    ('risk',)
    """
    told = Told(dict(columns or {}), coverage, unit, measure=measure, decimal=decimal)
    faults = Faults()
    found, rows, read = _read(Path(table), told, faults)
    faults.raise_if_any()
    subjects = _subjects(rows, read.ledger, about, faults)
    faults.raise_if_any()
    content = _model(read.ledger, rows, subjects, title or Path(table).stem, faults)
    faults.raise_if_any()
    placeholders = list(content.get("quantities", ()))
    if prior:
        only = placeholders[0] if len(placeholders) == 1 else ""
        _put_prior(content, about or only, prior)
        placeholders.remove(about or only)
    if content and scatter:
        content = content | {"format": 2, "kinds": _kinds(content, read.ledger, scatter)}
    if content:
        _check(content, read, name)
    kept = Path(table).name
    own = MadeOf(kept, told.columns, about, unit, coverage if rows.assumed else "", measure)
    own = replace(own, decimal=rows.decimal if rows.decimal != "." else decimal)
    files: dict[str, str | bytes] = {"evidence.yaml": _ledger_text(read.ledger, own)}
    if content:
        files["model.yaml"] = _model_text(content, name, bool(placeholders))
    folder = new_folder(name, Path(root), files | {kept: found})
    return Ingested(
        slug=name,
        folder=folder,
        files=tuple(folder / file for file in files),
        claims=len(read.ledger.claims),
        without_figure=rows.without_figure,
        left_out=rows.left_out,
        placeholders=tuple(placeholders),
        coverage=coverage if rows.assumed else "",
    )


def _read(path: Path, told: Told, faults: Faults) -> tuple[bytes, Rows, ReadLedger]:
    """Return the content of a table, its rows, and the ledger that they are."""
    content = read_bytes(path, faults)
    faults.raise_if_any()
    assert content is not None
    found = tree_or_table(content, str(path), faults)
    if found is not None and not isinstance(found, Table):
        faults.add(
            "this is no table: as JSON one is a list of records; a ledger is read as it is, by "
            f"`evidence: {path.name}` in a model",
            Place(str(path)),
        )
    faults.raise_if_any()
    assert isinstance(found, Table)
    rows = rows_of(found, faults, told)
    faults.raise_if_any()
    read = read_ledger(rows.ledger, faults)
    check_ledger(read.ledger, faults, read.broken)
    return content, rows, read


def _subjects(rows: Rows, ledger: Ledger, about: str, faults: Faults) -> dict[str, str]:
    """Return what each claim is about, by its id."""
    found: dict[str, str] = {}
    for claim in ledger.claims.values():
        if claim.says is None:
            continue
        written = rows.about.get(claim.id, Text(about))
        if written.value:
            place = written.spot.place() if written.spot else None
            _check_subject(written.value, place, faults)
            found[claim.id] = written.value
    return found


def _check_subject(subject: str, place: Place | None, faults: Faults) -> None:
    """Note a fault where claims cannot be about this."""
    try:
        parse_expression(subject)
    except ExpressionError as error:
        near = "_".join(subject.lower().replace("-", " ").split())
        hint = f"; write {near}" if near.isidentifier() and near != subject else ""
        faults.add(f"claims cannot be about '{subject}': {error.message}{hint}", place)


def _model(
    ledger: Ledger, rows: Rows, subjects: Mapping[str, str], title: str, faults: Faults
) -> Plain:
    """Return the content of a model of what the claims are about; empty if that is not said."""
    by_subject: dict[str, list[Wording]] = {}
    for claim, subject in subjects.items():
        says = ledger.claims[claim].says
        assert says is not None
        by_subject.setdefault(subject, []).append(says)
    if not by_subject:
        return {}
    alone = {subject: said for subject, said in by_subject.items() if subject.isidentifier()}
    quantities = {name: placeholder(said) for name, said in alone.items()}
    if len(rows.measures) == 1 and len(quantities) == 1:
        for held in quantities.values():
            held["label"] = next(iter(rows.measures))
    for subject in by_subject.keys() - alone.keys():
        for name in sorted(names(parse_expression(subject))):
            if name not in quantities:
                faults.add(
                    f"claims are about '{subject}', but none about '{name}' alone, so that its "
                    "unit is not known; ingest the table without `about` and write the model"
                )
    cited = {claim: subjects[claim] for claim in subjects if claim in rows.compared}
    used = {claim: subject for claim, subject in subjects.items() if claim not in cited}
    sections = {"claims": used, "compare": cited}
    return {
        "format": 1,
        "title": title,
        "quantities": quantities,
        **{section: held for section, held in sections.items() if held},
        "targets": list(by_subject),
    }


def _put_prior(content: Plain, about: str, prior: str) -> None:
    """Give the quantity that claims are about its prior, in place of one that keeps its place."""
    held = content.get("quantities", {}).get(about)
    if held is None:
        message = f"no claim is about '{about}'" if about else "say by `about` what it is of"
        raise InputError([Fault(f"the prior {prior} has no quantity: {message}")])
    held |= {"prior": prior}
    held.pop("note")


def _kinds(content: Plain, ledger: Ledger, scatter: str) -> Plain:
    """Return the kinds of sources by which claims in one unit scatter alike."""
    groups: dict[str, set[str]] = {}
    for claim, subject in content.get("claims", {}).items():
        quantity = content["quantities"].get(subject)
        if quantity is not None:
            said = ledger.claims[claim]
            groups.setdefault(quantity.get("unit", ""), set()).add(said.kind or said.basis)
    kinds: Plain = {}
    for unit, found in groups.items():
        name = f"claims_{len(kinds) + 1}" if kinds else "claims"
        kinds[name] = ({"unit": unit} if unit else {}) | {
            kind: {"scatter": scatter} for kind in sorted(found)
        }
    return kinds


def placeholder(said: list[Wording]) -> Plain:
    """Return a quantity with a prior that keeps the place of one, much wider than the figures."""
    unit = _unit(said[0])
    figures = [value for one in said for value in _figures(one)]
    low, high = min(figures, default=1.0), max(figures, default=1.0)
    if unit == "share" and all(_is_share(one) for one in said):
        return {"unit": unit, "prior": "0.5 to 99.5 %", "note": _PLACEHOLDER}
    held = {"unit": unit} if unit else {}
    if low > 0:
        prior = f"{_round(low / _BEYOND)} to {_round(high * _BEYOND)}"
        return held | {"prior": prior, "note": _PLACEHOLDER}
    far = max(abs(low), abs(high)) * 10 or 1.0
    prior = f"{_round(-far)} to {_round(far)}"
    return held | {"prior": prior, "support": "real", "note": _PLACEHOLDER}


def _unit(said: Wording) -> str:
    if _is_share(said):
        return "share"
    return f"1/{said.unit}" if isinstance(said, Events) else said.unit


def _is_share(said: Wording) -> bool:
    return isinstance(said, Counted) or said.unit == "%"


def _figures(said: Wording) -> Iterator[float]:
    """Yield the numbers of a wording, those of an error as the ends of two errors."""
    if isinstance(said, Vague):
        yield said.count * said.multiplier
        return
    if isinstance(said, Events):
        yield max(said.events, 1) / said.exposure.value
        return
    figures = {
        name: getattr(said, name)
        for name in said.__dataclass_fields__
        if isinstance(getattr(said, name), Figure)
    }
    error = figures.pop("error", None)
    for figure in figures.values():
        yield figure.value
        if error is not None:
            yield figure.value - 2 * error.value
            yield figure.value + 2 * error.value


def _round(value: float) -> str:
    """Return a number to one digit, upward in size."""
    size = 10.0 ** math.floor(math.log10(abs(value)))
    return f"{math.copysign(math.ceil(abs(value) / size * (1 - 1e-12)) * size, value):.10g}"


def _check(content: Plain, read: ReadLedger, slug: str) -> None:
    """Raise `InputError` for what the model would be refused for, with the rows of the table."""
    faults = Faults()
    top = model_fields(nodes_of(content), faults)
    Model.of(ModelReader(top, faults).parts(read, slug), faults)


def _ledger_text(ledger: Ledger, table: MadeOf) -> str:
    """Return the file of a ledger, with wordings and bases as the table has them."""
    content = ledger_document(ledger)
    for name, held in content.get("claims", {}).items():
        claim = ledger.claims[name]
        if claim.says is not None:
            held["says"] = claim.says.text or held["says"]
        if "basis" in claim.where.spots:
            held["basis"] = claim.basis
    made_of = MADE_OF.plain(table)
    content = {"made_of": made_of if len(made_of) > 1 else table.file} | content
    return f"# What was said. Change it here; {table.file} gives the columns.\n\n{_yaml(content)}"


def _model_text(content: Plain, name: str, placed: bool) -> str:
    """Return the file of a model, and what is to be done where its priors only keep places."""
    if not placed:
        head = "# Which claim is about what.\n\n"
    else:
        head = (
            "# Which claim is about what. The priors only keep the places of yours: write what\n"
            f"# you would have defended before hearing the claims, then: estimates fit {name}\n\n"
        )
    top = {key: content[key] for key in ("format", "title")} | {"evidence": "evidence.yaml"}
    return f"{head}{_yaml(top | content)}"


def _yaml(content: Plain) -> str:
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return text
