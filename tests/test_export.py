"""Exports: safe tables that say their errors, draws that ArviZ takes, folders kept whole."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr
from click.testing import CliRunner
from click.testing import Result as Run
from tests.test_cli import EVIDENCE, MODEL, write_model

import estimates as est
from estimates import (
    InputError,
    NotConverged,
    Sampling,
    export,
    fit,
    load,
    write_draws,
)
from estimates._util.moving import move_in
from estimates._util.records import Column
from estimates.analysis.compare.result import Comparison, Ends, OneReading
from estimates.analysis.result import Result
from estimates.cli import app
from estimates.inference.origin import Origin
from estimates.report.export import folder as exporting
from estimates.report.export.frames import (
    Table,
    analysis_tables,
    cells,
    comparison_table,
    csv_text,
    defused,
    said,
)
from estimates.report.export.markdown import markdown_text, shown

EVIL = "=cmd|' /C calc'!A0"
LEDGER = EVIDENCE.replace("quote: licences are dear", f'quote: "{EVIL}"').replace(
    "speaker: the mayor\n    quote: some", "speaker: a|b <i>c</i>\n    quote: some"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("export")
    write_model(root, "town", MODEL, LEDGER)
    return root


@pytest.fixture(scope="module")
def tree(root: Path) -> xr.DataTree:
    return fit(load("town", root), sampling=Sampling(draws=500))


def run(*words: str | Path) -> Run:
    return CliRunner().invoke(app, [str(word) for word in words])


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# Tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [EVIL, "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1", "\ufeff=1", "a;=1", "a\n=1", "a\t@b"],
)
def test_no_text_is_a_formula(text: str) -> None:
    for end in (";", "\t", "\n"):
        for cell in defused(text).split(end):
            assert cell.lstrip(" \ufeff\t")[:1] not in tuple("=+-@＝＋－＠")
    assert defused(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", ["", "10 - 5", "a = b", "around 20,000 people", "−5", "'=1"])
def test_other_text_is_left_alone(text: str) -> None:
    assert defused(text) == text


def test_csv_has_numbers_in_full_and_text_in_quotes() -> None:
    table = Table("t", "T", [said(a=-0.1, b=EVIL, c=None, d=True), said(a=1 / 3, e='x"')])
    text = csv_text(table)
    assert text.splitlines()[0] == '"a","b","c","d","e"'
    assert text.splitlines()[1].startswith("-0.1,\"'=cmd|")
    assert text.splitlines()[1].endswith(',,"true",')
    row = list(csv.DictReader(text.splitlines()))[1]
    assert float(row["a"]) == 1 / 3
    assert row["e"] == 'x"'


@dataclass(frozen=True, kw_only=True)
class Known:
    name: str
    median: Annotated[float, Column(error="mcse_median")]
    mcse_median: float
    n: int = 12_000


@dataclass(frozen=True, kw_only=True)
class Spread:
    q05: float
    median: float
    q95: float


def test_markdown_rounds_to_the_error_and_keeps_to_its_cells() -> None:
    row = cells(Known(name="a|b\n<i>*c*</i>", median=20_412.3, mcse_median=1_300.0))
    line = markdown_text(Table("t", "T", [row])).splitlines()[-1]
    assert line == "| a\\|b &lt;i&gt;\\*c\\*&lt;/i&gt; | 20,000 | 1,300 | 12,000 |"
    row = cells(Spread(q05=10.123, median=20.456, q95=41.789))
    assert markdown_text(Table("t", "T", [row])).splitlines()[-1] == "| 10.1 | 20.5 | 42 |"


def test_multiples_and_differences_have_the_errors_of_what_they_are_made_of() -> None:
    """A tenth of the median is known to a tenth of its error, ends alike."""
    found = OneReading(
        claim="c", reading=None, weight=1.0, low=900.0, high=1100.0, unit="km",
        median=204.56, q05=101.23, q95=417.89, mcse_median=3.0, mcse_q05=2.0, mcse_q95=20.0,
        ratio=Ends(q05=0.10123, median=0.20456, q95=0.41789), factor_to_edge=4.4001,
    )  # fmt: skip
    (row,) = comparison_table(Comparison(model="m", pool="held-out", comparisons=(found,))).rows
    names = ("median", "ratio_q05", "ratio_median", "ratio_q95", "factor_to_edge")
    assert [shown(row[name]) for name in names] == ["205", "0.101", "0.205", "0.42", "4.40"]
    assert row["reading"].value == "mixture"


@dataclass(frozen=True, kw_only=True)
class Middle:
    median: float


@dataclass(frozen=True, kw_only=True)
class SomeRow:
    reading: Mapping[str, str] | None
    base: Middle | None
    claims: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Invented(Result):
    unit: str = "km"
    target: str = "x"
    some_rows: tuple[SomeRow, ...] = ()
    none: tuple[SomeRow, ...] = ()
    text: tuple[str, ...] = ("a",)


def invented(converged: bool = True) -> Invented:
    rows = (
        SomeRow(reading={"w": "net"}, base=Middle(median=1.0), claims=("a", "b")),
        SomeRow(reading=None, base=None, claims=()),
    )
    return Invented(
        model="town", seed=1, digest="", converged=converged, failed=(), sentence="",
        some_rows=rows,
    )  # fmt: skip


def test_every_table_of_an_answer_is_exported() -> None:
    found = invented()
    (table,) = analysis_tables("inverse", found)
    assert set(found.tables) == {"some_rows"}
    assert table.name == "inverse-some-rows"
    assert [row["reading"].value for row in table.rows] == ["net", "mixture"]
    assert table.rows[0]["claims"].value == "a; b"
    assert list(table.columns) == ["reading", "base.median", "claims", "target", "target_unit"]


def test_tables_of_a_fit(tree: xr.DataTree, tmp_path: Path) -> None:
    written = export(tree, tmp_path / "out", formats=["csv", "markdown"])
    names = {path.name for path in written}
    tables = {"targets", "quantities", "quantities-by-reading", "readings", "options"}
    tables |= {"comparison", "claims", "sources"}
    assert names == {
        *(f"{name}.{end}" for name in tables for end in ("csv", "md")),
        *("sources.bib", "sources.csl.json", "datapackage.json"),
    }
    targets = pd.read_csv(tmp_path / "out" / "targets.csv")
    assert list(targets["reading"]) == ["mixture", "musician", "town"]
    assert list(targets["unit"]) == ["MUSD/year"] * 3
    mixed = tree["posterior"]["revenue"].values
    assert targets["median"][0] == pytest.approx(np.median(mixed), rel=0.1)
    claims = pd.read_csv(tmp_path / "out" / "claims.csv", index_col="claim")
    assert claims["quote"]["licences"] == f"'{EVIL}"
    assert claims["use"].to_dict()["together"] == "held out"
    assert claims["width"]["how-many"] > 0
    assert claims["source_title"]["takings"] == "Who plays in our streets"
    listed = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    assert {entry["path"] for entry in listed["resources"]} == names - {"datapackage.json"}
    for entry in listed["resources"]:
        if "schema" in entry:
            frame = pd.read_csv(tmp_path / "out" / entry["path"])
            assert [field["name"] for field in entry["schema"]["fields"]] == list(frame)


# Draws ---------------------------------------------------------------------------------------


def opened(path: Path) -> xr.DataTree:
    if path.name.endswith(".zip"):
        with zarr.storage.ZipStore(path, mode="r") as store:
            return xr.open_datatree(store, engine="zarr").load()
    engine = "h5netcdf" if path.suffix == ".nc" else "zarr"
    with xr.open_datatree(path, engine=engine) as tree:
        return tree.load()


@pytest.mark.parametrize("name", ["fit.nc", "fit.zarr", "fit.zarr.zip"])
def test_draws_come_back_as_they_were(tree: xr.DataTree, tmp_path: Path, name: str) -> None:
    for _ in range(2 if name == "fit.zarr" else 1):  # what is there is replaced
        write_draws(tree, tmp_path / name)
    again = opened(tmp_path / name)
    for group in tree.children:
        assert again[group].identical(tree[group])
    assert Origin.of(again) == Origin.of(tree)
    assert again["posterior"]["takings"].attrs["unit"] == "USD/person/week"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_arviz_takes_the_draws(tree: xr.DataTree, tmp_path: Path) -> None:
    write_draws(tree, tmp_path / "fit.nc")
    draws = az.from_netcdf(tmp_path / "fit.nc")
    table = az.summary(draws)
    assert set(table.index) == {"musicians", "takings", "coins", "kept", "revenue"}
    ess = az.ess(draws)
    assert float(ess["revenue"]) > 400
    # how-many-again repeats how-many: one observation.
    claims = ["how-many", "takings", "tips-in-coins", "at-most"]
    assert list(draws["observed_data"]["claim"].values) == claims
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Estimated shape parameter")
        loo = az.loo(draws, pointwise=True)
    assert loo.n_data_points == 4
    assert list(loo.elpd_i["claim"].values) == claims


def test_the_statistics_are_those_of_the_draws(tree: xr.DataTree) -> None:
    told = tree["sample_stats"].to_dataset()
    assert told["diverging"].dims == told["tree_depth"].dims == ("chain", "draw")
    assert told["energy"].dims == ("chain", "draw")
    assert set(np.unique(told["reading"].values)) == {0, 1}
    fits = tree["readings"]["fit"].values[told["reading"].values]
    own = est.by_reading(tree)
    for name in ("musicians", "revenue"):
        chain, draw = np.indices(fits.shape)
        drawn = own[name].values[told["reading"].values, chain, draw]
        np.testing.assert_array_equal(tree["posterior"][name], drawn)
    datum = tree["observed_data"].to_dataset().set_coords("claims").sel(claim="how-many")
    assert float(datum["claims"]) == pytest.approx(np.log(40))
    assert str(datum["scale"].values) == "log"


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("fit.txt", None, "ends in .nc, .zarr or .zarr.zip"),
        ("home.zarr", Path.mkdir, "not a Zarr store"),
        ("fit.zarr", Path.touch, "is a file"),
    ],
)
def test_draws_are_not_put_just_anywhere(
    tree: xr.DataTree, tmp_path: Path, name: str, make: Any, says: str
) -> None:
    if make:
        make(tmp_path / name)
    with pytest.raises(InputError, match=says):
        write_draws(tree, tmp_path / name)
    assert len(list(tmp_path.iterdir())) == bool(make)


# The folder ----------------------------------------------------------------------------------


def test_an_export_replaces_itself_and_nothing_else(tree: xr.DataTree, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(tree, out, formats=["csv", "zarr"], analyses={"voi": invented()})
    assert (out / "voi-some-rows.csv").is_file()
    (out / "README").write_text("mine")
    export(tree, out, formats=["csv"])
    assert not (out / "voi-some-rows.csv").exists()  # of an older answer
    assert (out / "fit.zarr").is_dir()  # of a format that was not asked for
    assert (out / "README").read_text() == "mine"
    listed = {e["path"] for e in json.loads((out / "datapackage.json").read_text())["resources"]}
    assert {path.name for path in out.iterdir()} - listed == {"README", "datapackage.json"}

    (out / "targets.csv").write_text("changed by hand")
    before = digests(out)
    with pytest.raises(InputError, match=r"targets\.csv was changed since"):
        export(tree, out, formats=["csv"])
    assert digests(out) == before
    export(tree, out, formats=["csv"], force=True)
    assert "mixture" in (out / "targets.csv").read_text()


def test_what_was_there_is_refused(tree: xr.DataTree, tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("somebody's")
    with pytest.raises(InputError, match=r"claims\.csv is not an export"):
        export(tree, tmp_path, formats=["csv"])
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv"]
    with pytest.raises(InputError, match="no format 'cvs'; the formats are csv"):
        export(tree, tmp_path / "new", formats=["cvs"])


def test_nothing_is_left_half_made(
    tree: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export(tree, out, formats=["csv"])
    before = digests(tmp_path)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(exporting, "write_draws", fail)
    with pytest.raises(OSError, match="no space"):
        export(tree, out, formats=["csv", "netcdf"])
    assert digests(tmp_path) == before


@pytest.mark.parametrize("late", range(6))
def test_a_move_that_fails_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    """Whichever of the six moves fails, the folder is as it was."""
    made, folder, aside = (tmp_path / name for name in ("made", "folder", "aside"))
    for where, words in ((made, "new"), (folder, "old")):
        (where / "draws").mkdir(parents=True)
        for name in ("a.csv", "draws/x", "list.json"):
            (where / name).write_text(f"{words} {name}")
    (folder / "gone.csv").write_text("old gone.csv")
    (made / "b.csv").write_text("new b.csv")
    aside.mkdir()
    before, moves, move = digests(folder), itertools.count(), Path.replace

    def sometimes(path: Path, to: Path) -> Path:
        if next(moves) == late:
            raise OSError("no space left")
        return move(path, to)

    monkeypatch.setattr(Path, "replace", sometimes)
    with pytest.raises(OSError, match="no space"):
        move_in(made, folder, aside, ["a.csv", "b.csv", "draws", "list.json"], ["gone.csv"])
    assert digests(folder) == before
    monkeypatch.undo()
    for one in aside.iterdir():
        one.unlink()
    move_in(made, folder, aside, ["a.csv", "b.csv", "draws", "list.json"], ["gone.csv"])
    assert {path.name for path in folder.iterdir()} == {"a.csv", "b.csv", "draws", "list.json"}
    assert (folder / "draws" / "x").read_text() == "new draws/x"


def test_a_new_folder_appears_at_once(tree: xr.DataTree, tmp_path: Path) -> None:
    written = export(tree, tmp_path / "out", formats=["csv"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {path.name for path in written}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_is_not_to_be_trusted_is_not_exported(tree: xr.DataTree, tmp_path: Path) -> None:
    doubtful = tree.copy()
    doubtful.attrs["failed"] = ["people: R-hat 1.20; sample longer"]
    with pytest.raises(NotConverged):
        export(doubtful, tmp_path / "out")
    with pytest.raises(NotConverged, match="voi"):
        export(tree, tmp_path / "out", analyses={"voi": invented(converged=False)})
    assert not list(tmp_path.iterdir())


def test_the_command_takes_the_answers_that_are_there(root: Path, tree: xr.DataTree) -> None:
    folder = root / "results" / "town"
    folder.mkdir(parents=True, exist_ok=True)
    found = est.forest(tree)
    answers = {
        "forest": found,
        "voi": replace(est.voi(tree), digest="x"),
        "sensitivity": replace(est.sensitivity(tree), seed=9),
        "conflict": replace(est.conflict(tree), converged=False),
    }
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(answer.to_json())
    result = run("export", "town", "--root", root, "--json", "--format", "csv")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    names = [Path(path).name for path in document["files"]]
    assert "forest-lines.csv" in names
    assert not any(name.startswith(("conflict", "sensitivity", "voi")) for name in names)
    assert len(document["left_out"]) == 3
    assert result.stderr.count("warning: ") == 3
    assert (folder / "export" / "targets.csv").is_file()

    out = root / "draws.nc"
    assert run("export", "town", "--root", root, "--draws", out).stdout == f"{out}\n"
    assert "posterior" in opened(out).children


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere",),
        ("town", "--format", "xlsx"),
        ("town", "--draws", "fit.txt"),
        ("town", "--draws", "fit.nc", "--format", "csv"),
    ],
)
def test_bad_input_is_a_sentence(words: tuple[str, ...], root: Path) -> None:
    result = run("export", *words, "--root", root)
    assert result.exit_code == 2
    assert not result.stdout
    assert result.stderr.strip()
