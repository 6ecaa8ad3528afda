"""Tables that were ingested are written again: unchanged, or with what was edited since."""

from __future__ import annotations

import csv
import datetime
import io
import json
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_ingest import cells

import estimates as est
from estimates.cli import app

SHEET = find_spec("openpyxl") is not None
INTERVALS = """\
study,est,low,high,ward,seen by
A,0.720,0.55,0.94,north,"Ann
and ""Bea"" too"
B,NA,,,south,
C,1.2,.8,1.7,,Cy
"""


def made(table: Path, **told: Any) -> Path:
    """Make an estimate of a table, and return its folder."""
    return est.ingest(table, "made", root=table.parent, **told).folder


def edited(folder: Path, change: dict[str, dict[str, str] | None], **others: Any) -> None:
    """Change claims of a ledger as by hand: keys of one, or None for one that is taken out."""
    file = folder / "evidence.yaml"
    ledger = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name, keys in change.items():
        if keys is None:
            del ledger["claims"][name]
        else:
            ledger["claims"].setdefault(name, {}).update(keys)
    file.write_text(yaml.safe_dump(ledger | others, allow_unicode=True), encoding="utf-8")


def again(folder: Path, name: str = "again.csv") -> tuple[str, list[str]]:
    """Return the table of a model, and what is said of rows that were changed."""
    told: list[str] = []
    root = folder.parent.parent
    file = est.write_claims(est.load(folder), root / name, root, tell=told.append)
    return file.read_bytes().decode(), told


# Unchanged --------------------------------------------------------------------------------------

_TEXTS = st.text("abé \"',;\n=+-0123456789.%", max_size=12)


def _number(low: float, high: float) -> st.SearchStrategy[str]:
    return st.integers(int(1000 * low), int(1000 * high)).map(lambda value: f"{value / 1000:.4g}")


def _texts(row: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(map(str, row))


_ARMS = st.tuples(*[st.integers(1, 50)] * 4).map(_texts)
_SAID = st.sampled_from([("5 to 9 kg", ""), ("around 7 kg", "rumour")])
_GAPS = st.sampled_from(["", "NA", "–", "n/a"])
#: Columns of figures, and what can stand in a row of them.
_LAYOUTS: dict[str, tuple[dict[str, Any], tuple[str, ...], st.SearchStrategy[tuple[str, ...]]]] = {
    "interval": (
        {},
        ("est", "lower", "upper", "level"),
        st.tuples(_number(2, 3), _number(1, 1.9), _number(3.1, 9), st.sampled_from(["90%", "0.5"])),
    ),
    "error": ({"unit": "kg"}, ("yi", "sei"), st.tuples(_number(-5, 5), _number(0.1, 2))),
    "variance": ({}, ("yi", "vi"), st.tuples(_number(-5, 5), _number(0.1, 2))),
    "counts": ({}, ("r", "n"), st.tuples(st.integers(0, 9), st.integers(10, 99)).map(_texts)),
    "arms": ({"measure": "OR"}, ("ai", "bi", "ci", "di"), _ARMS),
    "said": (
        {},
        ("says", "basis"),
        st.sampled_from([("5 to 9 kg", ""), ("around 7 kg", "rumour")]),
    ),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]], dict[str, Any]]:
    """Make a table: headings, rows, and what is told beside it."""
    told, columns, figures = _LAYOUTS[draw(st.sampled_from(sorted(_LAYOUTS)))]
    headings = ["study", *columns, "zz top", "quote", "remark"]
    rows = []
    for number in range(draw(st.integers(1, 4))):
        held = draw(figures)
        if number and draw(st.booleans()):
            held = (draw(_GAPS), *[""] * (len(columns) - 1))
        others = [draw(_TEXTS).strip() for _ in range(3)]
        rows.append([f"T{number}", *held, *others])
    return headings, rows, told | {"about": "x"}


@given(
    table=tables(),
    sign=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    commas=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    blank=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_text_comes_back_byte_by_byte(
    table: Any, sign: str, end: str, mark: bool, commas: bool, quoting: Any, blank: bool
) -> None:
    headings, rows, told = table
    if commas and sign == ";" and "says" not in headings:
        rows = [[row[0], *[one.replace(".", ",") for one in row[1:-3]], *row[-3:]] for row in rows]
        told = told | {"decimal": ","}
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sign, lineterminator=end, quoting=quoting)
    writer.writerow(headings)
    if blank:
        out.write(end)
    writer.writerows(rows)
    content = (b"\xef\xbb\xbf" if mark else b"") + out.getvalue().encode()
    with TemporaryDirectory() as place:
        file = Path(place) / f"t.{'tsv' if sign == chr(9) else 'csv'}"
        file.write_bytes(content)
        folder = made(file, **told)
        told_of: list[str] = []
        back = Path(place) / f"back{file.suffix}"
        est.write_claims(est.load(folder), back, place, tell=told_of.append)
        assert told_of == []
        assert cells(back) == cells(file)
        runs = any(one[:1] in "=+-" for row in rows for one in row[-3:] if one)
        assert runs or back.read_bytes() == content
        for ending in ("json", "parquet", *(["xlsx"] if SHEET else [])):
            other = est.write_claims(est.load(folder), Path(place) / f"o.{ending}", place)
            assert cells(other) == cells(file)


def test_types_stay_as_they_were(tmp_path: Path) -> None:
    columns = {
        "study": ["A", "B", "C"],
        "est": [1.0, 2.5, None],
        "se": [0.5, 0.25, 1.0],
        "beds": pyarrow.array([1, 2, None], "int16"),
        "seen": [datetime.date(2017, 8, 12), None, None],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    folder = made(tmp_path / "t.parquet", about="x")
    back = est.write_claims(est.load(folder), tmp_path / "back.parquet", tmp_path)
    assert back.read_bytes() == (tmp_path / "t.parquet").read_bytes()
    edited(folder, {"B": {"says": "3 ± 0.25"}})
    est.write_claims(est.load(folder), back, tmp_path)
    read = pyarrow.parquet.read_table(back)
    assert read.schema.equals(pyarrow.parquet.read_table(tmp_path / "t.parquet").schema)
    assert read["est"].to_pylist() == [1.0, 3.0, None]
    records = est.write_claims(est.load(folder), tmp_path / "back.json", tmp_path)
    first = {"study": "A", "est": 1.0, "se": 0.5, "beds": 1, "seen": "2017-08-12"}
    assert json.loads(records.read_text())[0] == first


def test_records_come_back_with_their_types(tmp_path: Path) -> None:
    text = '[{"study": "A", "est": 1.50, "se": 1, "ok": true}, {"study": "B", "est": null}]'
    (tmp_path / "t.json").write_text(text)
    folder = made(tmp_path / "t.json", about="x")
    assert again(folder, "again.json") == (text, [])
    edited(folder, {"A": {"says": "2 ± 1"}})
    written, told = again(folder, "again.json")
    assert json.loads(written) == [{"study": "A", "est": 2.0, "se": 1, "ok": True}, {"study": "B"}]
    assert told == ["row 1 (A) has `says` as edited since"]


@pytest.mark.skipif(not SHEET, reason="openpyxl is not installed")
def test_a_sheet_comes_back_with_its_types(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    day = datetime.datetime(2017, 8, 12)
    lines = (["study", "est", "se", "on"], ["A", 1, 0.5, day], [], ["B", None, None, "=not run"])
    for line in lines:
        book.active.append(line)
    book.save(tmp_path / "t.xlsx")
    folder = made(tmp_path / "t.xlsx", about="x")
    back = est.write_claims(est.load(folder), tmp_path / "back.xlsx", tmp_path)
    assert back.read_bytes() == (tmp_path / "t.xlsx").read_bytes()
    edited(folder, {"A": {"says": "1.5 ± 0.5"}})
    est.write_claims(est.load(folder), back, tmp_path)
    sheet = openpyxl.load_workbook(back).active
    assert [cell.value for cell in sheet[2]] == ["A", 1.5, 0.5, day]


def test_a_table_that_a_model_reads_is_written_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "made"
    folder.mkdir(parents=True)
    text = INTERVALS.replace("high,", "high,level,").replace(".94,", ".94,95%,")
    text = text.replace("1.7,", "1.7,95%,").replace("NA,,,", "NA,,,,")
    (folder / "claims.csv").write_text(text)
    (folder / "model.yaml").write_text(
        "format: 1\nevidence: claims.csv\nquantities: {x: {prior: 0.1 to 9}}\n"
        "claims: {A: x}\ncompare: {C: x}\ntargets: [x]\n"
    )
    assert again(folder) == (text, [])


# Edited since -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told", "says", "row", "blank"),
    [
        (INTERVALS, {}, "0.8 (95% CI 0.6 to 0.94)", "A,0.8,0.6,0.94,north", False),
        ("study,est,se\nA,1,2\n", {}, "1.5 ± 2", "A,1.5,2", False),
        ("study,yi,vi\nA,1,4\n", {}, "1 ± 3", "A,1,9", False),
        ("study,r,n\nA,1,4\n", {}, "3 of 9", "A,3,9", False),
        ("study,low,high,level\nA,1,4,0.9\n", {}, "1 to 5 @ 90%", "A,1,5,0.9", False),
        ("study,low,high,level\nA,1,4,0.9\n", {}, "1 to 5 @ 50%", "A,1,5,50%", False),
        ("study,est,se,unit\nA,1,2,kg\n", {}, "1 ± 3 kg", "A,1,3,kg", False),
        ("study;est;se\nA;1,5;2\n", {}, "1.25 ± 2", "A;1,25;2", False),
        ("study,est,se\nA,1,2\n", {}, "around 7", "A,,,around 7", True),
        ("study,ai,bi,ci,di\nA,1,2,3,4\n", {"measure": "RR"}, "0.5 to 2", "A,,,,,0.5 to 2", True),
        ("study,says\nA,5\n", {}, "around 6", "A,around 6", False),
    ],
)  # fmt: skip
def test_an_edited_claim_wins_and_its_cells_follow(
    tmp_path: Path, text: str, told: dict[str, str], says: str, row: str, blank: bool
) -> None:
    (tmp_path / "t.csv").write_text(text)
    folder = made(tmp_path / "t.csv", about="x", **told)
    edited(folder, {"A": {"says": says}})
    written, changes = again(folder)
    assert written.splitlines()[1].startswith(row)
    (change,) = changes
    assert change.startswith("row 2 (A) has `says` as edited since")
    assert change.endswith("cannot say that and are blank") is blank
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "t.csv").write_text(written)
    other = made(tmp_path / "other" / "t.csv", about="x", **told)
    assert est.load(other).ledger.claims["A"].says == est.load(folder).ledger.claims["A"].says


def test_claims_that_went_came_or_were_renamed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(INTERVALS)
    folder = made(tmp_path / "t.csv", about="x")
    new = {"source": "t", "says": "2 (95% CI 1 to 3)", "speaker": "Dan"}
    edited(folder, {"B": None, "D": new})
    text = (folder / "evidence.yaml").read_text().replace("  C:", "  Z:")
    (folder / "evidence.yaml").write_text(text)
    model = (folder / "model.yaml").read_text().replace("  C: x", "  Z: x\n  D: x")
    (folder / "model.yaml").write_text(model)
    written, changes = again(folder)
    assert list(csv.reader(io.StringIO(written))) == [
        ["study", "est", "low", "high", "ward", "seen by", "speaker"],
        ["A", "0.720", "0.55", "0.94", "north", 'Ann\nand "Bea" too', ""],
        ["Z", "1.2", ".8", "1.7", "", "Cy", ""],
        ["D", "2", "1", "3", "", "", "Dan"],
    ]
    assert changes == [
        "row 4 (B) is left out: the ledger has this claim no more",
        "row 5 (C) has `id` as edited since",
        "the row of D is new",
    ]


def test_what_the_model_changed_follows_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(INTERVALS)
    folder = made(tmp_path / "t.csv", about="x")
    model = (folder / "model.yaml").read_text().replace("  C: x\n", "compare:\n  C: x\n")
    (folder / "model.yaml").write_text(model)
    written, changes = again(folder)
    assert written.splitlines()[0] == "study,est,low,high,ward,seen by,use"
    assert changes == ["row 5 (C) has `use` as edited since"]


def test_without_its_table_a_ledger_has_columns_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(INTERVALS)
    folder = made(tmp_path / "t.csv", about="x")
    (folder / "t.csv").write_text("study,est\nA,not a number\n")
    written, changes = again(folder)
    assert written.startswith("id,source,says,because,about,title\nA,t,0.720 (95% CI 0.55")
    assert changes == [
        "t.csv is not read as it was when the ledger was made of it; the claims are written with "
        "the columns of a ledger"
    ]
    (folder / "t.csv").unlink()
    assert again(folder)[1][0].startswith("t.csv, of which the ledger was made, is not there")
    edited(folder, {}, made_of="../../../t.csv")
    with pytest.raises(est.InputError, match="lies outside"):
        again(folder)
    edited(folder, {}, made_of={"columns": {"says": "est"}})
    with pytest.raises(est.InputError, match="`made_of:` names no table; add `file:`"):
        est.load(folder)


def test_the_command_says_which_rows_were_changed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(INTERVALS)
    edited(made(tmp_path / "t.csv", about="x"), {"A": {"says": "0.8 (95% CI 0.55 to 0.94)"}})
    out = tmp_path / "out.csv"
    words = ["export", "made", "--root", str(tmp_path), "--claims", str(out)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0
    assert "row 2 (A) has `says` as edited since" in told.stderr
    said = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert said["changed"] == ["row 2 (A) has `says` as edited since"]
