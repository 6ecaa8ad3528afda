"""Tables of claims: read with their rows, made into models, and written back."""

from __future__ import annotations

import json
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner

import estimates as est
from estimates.cli import app
from estimates.errors import Faults
from estimates.model.likelihood import Noisy, sampling_model
from estimates.model.tables.table import Table, tree_or_table

CLAIMS = """\
id,source,speaker,quote,says,basis,origin,when,disputes,note,about,use,published
workers,The Town Paper,"Go, Asan",around 20,"around 20,000 people",expert,asan,2017,,,workers,,2017
fewer,The Town Paper,Zhang,she disputed them,lower than claimed,,,,workers,,workers,,2017
skim,peters,Peters,"70 to 80 per cent of ""their"" wages",70 to 80 %,hearsay,,,,,skim,,
unsaid,peters,,,NA,,,,,,,,
blank,peters,,several,,,,,,a remark,,,
change,peters,,,-3 ± 2 USD,,,,,,change,compare,
formula,peters,'=1+1 she wrote,,5 USD,,,,,,change,,
"""


def ingested(folder: Path, text: str, name: str = "claims.csv", **told: Any) -> est.Model:
    (folder / name).write_text(text, encoding="utf-8")
    return est.load(est.ingest(folder / name, "made", root=folder, **told).folder)


def faults(folder: Path, text: str, name: str = "claims.csv", **told: Any) -> list[str]:
    with pytest.raises(est.InputError) as caught:
        ingested(folder, text, name, **told)
    assert not (folder / "models" / "made").exists()
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def says(ledger: est.Ledger) -> dict[str, str | None]:
    return {
        name: None if claim.says is None else str(claim.says)
        for name, claim in ledger.claims.items()
    }


def test_a_table_of_claims_comes_back_as_it_was(tmp_path: Path) -> None:
    model = ingested(tmp_path, CLAIMS)
    written = est.write_claims(model, tmp_path / "again.csv")
    assert written.read_text(encoding="utf-8") == CLAIMS
    assert set(model.compare) == {"change"}
    assert model.ledger.claims["unsaid"].because == "the table gives no figure (says: NA)"
    assert model.ledger.claims["blank"].because == "the table gives no figure"
    assert model.ledger.claims["formula"].speaker == "=1+1 she wrote"


@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "parquet", "xlsx"])
def test_a_table_of_any_kind_comes_back_with_every_cell(tmp_path: Path, ending: str) -> None:
    model = ingested(tmp_path, CLAIMS)
    path = tmp_path / f"again.{ending}"
    if ending == "xlsx" and find_spec("openpyxl") is None:
        with pytest.raises(est.InputError, match=r"written by openpyxl, which is not installed"):
            est.write_claims(model, path)
        assert not path.exists()
        return
    est.write_claims(model, path)
    other = est.load(est.ingest(path, "other", root=tmp_path).folder)
    assert other.ledger == model.ledger
    assert other.claims.keys() == model.claims.keys()
    assert cells(path) == cells(tmp_path / "claims.csv")
    once = cells(est.write_claims(other, tmp_path / f"third.{ending}"))
    assert once == cells(path)


def cells(path: Path) -> list[dict[str, str]]:
    """Of each row what is in it, blank cells left out."""
    faults = Faults()
    table = tree_or_table(path.read_bytes(), str(path), faults)
    faults.raise_if_any()
    assert isinstance(table, Table)
    named = [zip(table.columns, row, strict=True) for row in table.rows]
    return [{name: cell.value for name, cell in row if cell.value} for row in named]


@pytest.mark.parametrize(
    ("text", "told", "said"),
    [
        ("study,r,n\nA,4,123\nB,6,306\n", {}, ["4 of 123", "6 of 306"]),
        ("study,yi,vi\nA,-0.5,0.25\nB,.3,0.04\n", {}, ["-0.5 ± 0.5", "0.3 ± 0.2"]),
        ("study;est;SE\nA;1.25;0.1\n", {"unit": "kg"}, ["1.25 ± 0.1 kg"]),
        (
            "study\testimate\tlower\tupper\nA\t0.72\t0.55\t0.94\n",
            {},
            ["0.72 (95% CI 0.55 to 0.94)"],
        ),
        ("study;est;se\nA;1,5;0,25\nB;1.234;0,5\n", {}, ["1.5 ± 0.25", "1,234 ± 0.5"]),
        ("study\test\nA\t1,234\nB\t1,5\n", {}, ["1.234", "1.5"]),
        ("study;est\nA;1,234\n", {"decimal": ","}, ["1.234"]),
        ("study;est\nA;1,234\n", {"decimal": "."}, ["1,234"]),
        ("study,low,high,level\nA,1,3,0.9\nB,2,4,80 %\n", {}, ["1 to 3 @ 90%", "2 to 4 @ 80%"]),
        ("study,low,high,unit\nA,1,3,USD\n", {"coverage": "90%"}, ["1 to 3 USD @ 90%"]),
        ('study,value\nA,"1,200"\nB,−5\n', {"unit": "people"}, ["1,200 people", "-5 people"]),
        ("study,logRR,se\nA,1,2\n", {"columns": {"estimate": "logRR"}}, ["1 ± 2"]),
        ("study,estimate,says\nA,7,8\n", {"columns": {"says": "estimate"}}, ["7"]),
    ],
)
def test_figures_as_meta_analysts_have_them(
    tmp_path: Path, text: str, told: dict[str, Any], said: list[str]
) -> None:
    model = ingested(tmp_path, text, about="effect", **told)
    assert list(says(model.ledger).values()) == said
    assert set(model.claims) == set(model.ledger.claims)


#: Four cells of a trial; what metafor's `escalc` prints of them, and Viechtbauer 2010 for Aronson.
ARMS = "study,ai,bi,ci,di\nAronson,4,119,11,128\n"


@pytest.mark.parametrize(
    ("measure", "value", "error"),
    [  # yi and vi as metafor prints them for `dat.bcg`; the difference by its formula
        ("RR", math.exp(-0.8893), math.sqrt(0.3256)),
        ("or", math.exp(-0.9387), math.sqrt(0.3571)),
        ("RD", 4 / 123 - 11 / 139, math.sqrt(4 * 119 / 123**3 + 11 * 128 / 139**3)),
    ],
)
def test_two_arms_give_what_other_programs_make_of_them(
    tmp_path: Path, measure: str, value: float, error: float
) -> None:
    model = ingested(tmp_path, ARMS, about="effect", measure=measure)
    (bound,) = model.uses
    said = sampling_model(bound, model.conventions)
    assert isinstance(said, Noisy)
    centre = said.scale.inverse(said.y)
    assert centre == pytest.approx(value, abs=5e-5)
    assert said.sigma == pytest.approx(error, abs=1e-4)
    assert model.ledger.claims["Aronson"].note == "4 of 123 against 11 of 139"


@pytest.mark.parametrize(
    ("row", "measure", "says"),
    [  # by the formulas, with half a case in each cell
        ("A,0,100,4,96", "RR", math.log((0.5 / 101) / (4.5 / 101))),
        ("A,0,100,4,96", "OR", math.log(0.5 * 96.5 / (100.5 * 4.5))),
        ("A,0,100,0,100", "RR", None),
        ("A,0,100,0,90", "OR", None),
        ("A,5,0,7,0", "OR", None),
        ("A,5,0,7,0", "RR", math.log((5.5 / 6) / (7.5 / 8))),
    ],
)
def test_a_cell_without_a_case(tmp_path: Path, row: str, measure: str, says: float | None) -> None:
    rows = f"study,tpos,tneg,cpos,cneg\n{row}\nB,3,4,5,6\n"
    model = ingested(tmp_path, rows, about="x", measure=measure)
    claim = model.ledger.claims["A"]
    if says is None:
        assert claim.says is None
        assert "open" in claim.because
        return
    assert claim.says is not None
    assert float(str(claim.says).split()[0]) == pytest.approx(
        math.exp(says), rel=5e-5
    )  # five digits
    assert "half a case" in claim.note


def test_an_ingested_prior_leaves_nothing_to_write(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ARMS, encoding="utf-8")
    made = est.ingest(
        tmp_path / "t.csv", "t", root=tmp_path, about="effect", measure="RR", prior="0.1 to 10"
    )
    assert made.placeholders == ()
    model = est.load(made.folder)
    assert str(model.quantities["effect"].prior).startswith("0.1 to 10")
    assert model.quantities["effect"].label == "risk ratio"
    with pytest.raises(est.InputError, match="say by `about` what it is of"):
        est.ingest(tmp_path / "t.csv", "u", root=tmp_path, measure="RR", about="", prior="1 to 2")


def test_a_prior_is_of_the_only_quantity_that_a_table_names(tmp_path: Path) -> None:
    rows = ["id,source,says,about", "a,A,200 people,workers", "b,B,300 people,workers"]
    (tmp_path / "one.csv").write_text("\n".join(rows), encoding="utf-8")
    made = est.ingest(tmp_path / "one.csv", "one", root=tmp_path, prior="50 to 5,000")
    assert made.placeholders == ()
    assert str(est.load(made.folder).quantities["workers"].prior) == "50 to 5000"
    (tmp_path / "two.csv").write_text("\n".join([*rows, "c,C,7 people,guards"]), encoding="utf-8")
    with pytest.raises(est.InputError, match="say by `about` what it is of"):
        est.ingest(tmp_path / "two.csv", "two", root=tmp_path, prior="50 to 5,000")


@pytest.mark.parametrize("gap", ["NA", "", "–", "n/a", "-", ".", "NaN", "not reported"])
def test_rows_without_a_figure_are_kept(tmp_path: Path, gap: str) -> None:
    model = ingested(tmp_path, f"study,est,se\nA,1,2\nB,3,{gap}\nC,{gap},{gap}\n", about="x")
    assert list(says(model.ledger).values()) == ["1 ± 2", None, None]
    assert "estimate: 3" in model.ledger.claims["B"].because
    assert list(model.claims) == ["A"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("study,est,se\nA,1,2\nB,3;5,1\n", "claims.csv:3:2: '3;5' is not a number"),
        ('study,est\nA,"0,5"\n', "claims.csv:2:2: '0,5' is not a number; write 0.5"),
        ('study,est\nA,"0,512"\n', "claims.csv:2:2: '0,512' is not a number; write 0.512"),
        ("study;est\nA;1,234\n", "claims.csv:2:2: '1,234' may be 1.234 or 1234: say by"),
        ("study,est,se\nA,1,0\n", "claims.csv:2:3: claim 'A': a standard error must be above 0"),
        ("study,est,vi\nA,1,-2\n", "claims.csv:2:3: a variance is above 0, and '-2' is not"),
        ("study,r,n\nA,5,3\n", "claims.csv:2:2: claim 'A': "),
        ("study,r,n\nA,5.5,9\n", "claims.csv:2:2: '5.5' is no whole number"),
        ("id,says\nA,5\n\nA,6\n", "claims.csv:4:1: 'A' is the id of another row"),
        ("id,says\nA,arround 5\n", "claims.csv:2:2: claim 'A': "),
        ("id,says,basis\nA,5,guess\n", "claims.csv:2:3: claim 'A': unknown basis 'guess'"),
        ("id,says,speeker\nA,5,B\n", "claims.csv:1: no column is called 'speeker'; did you mean"),
        ("id,says,wording\nA,5,6\n", "claims.csv:1: 'says' and 'wording' both can be"),
        ("id,who\nA,B\n", "claims.csv:1: no column says a figure"),
        (ARMS, "claims.csv:1: two arms give one figure: say which by `ingest --measure`, or"),
        ("id,r1,n1,r2\nA,1,2,3\n", "claims.csv:1: two arms are `r1` of `n1` and `r2` of `n2`"),
        ("id,r1,n1,r2,n2,measure\nA,5,2,1,9,RR\n", "claims.csv:2:2: 5 of 2 in an arm cannot be"),
        ("id,r1,n1,r2,n2,measure\nA,1,2,1,9,RP\n", "claims.csv:2:6: no measure of two arms is"),
        ("id,r1,n1,r2,n2,measure\nA,1.5,2,1,9,OR\n", "claims.csv:2:2: '1.5' is no whole number"),
        ("id,says\nA,5,6\n", "claims.csv:2: this row has 3 cells, but there are 2 headings"),
        ('id,says\nA,"5\n', "claims.csv:2: not a table: unexpected end of data"),
        ("id,says\n", "claims.csv: there are no rows below the headings"),
        ("id,says,about\nA,5,death rate\n", "claims.csv:2:3: claims cannot be about 'death rate'"),
        (
            "id,says,about\nA,5 kg,x\nB,6 USD,x\n",
            "claim 'B' about 'x': USD where kg is needed; it says '6 USD' (claims.csv:3)",
        ),
        ("id,source,says,title\nA,s,5,One\nB,s,6,Two\n", "claims.csv:3:4: `title` of source 's'"),
        ("id,says,use\nA,5,maybe\n", ""),
    ],
)
def test_every_problem_is_named_with_its_row(tmp_path: Path, text: str, fault: str) -> None:
    if not fault:
        text, fault = (
            text.replace("use", "about,use").replace("5,m", "5,x,m"),
            "claims.csv:2:4: `use`",
        )
    found = faults(tmp_path, text)
    assert found[0].startswith(fault)
    assert len(found) == 1


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "study,est,se\nA,x,1\nB,y,1\nC,1,z\n")
    assert [one[:14] for one in found] == ["claims.csv:2:2", "claims.csv:3:2", "claims.csv:4:3"]


def test_a_line_within_a_cell_keeps_the_count_of_lines(tmp_path: Path) -> None:
    found = faults(tmp_path, 'id,quote,says\nA,"one\ntwo",5\nB,,oops five\n')
    assert found[0].startswith("claims.csv:4:3: ")


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    columns = {
        "study": ["A", "B", "C"],
        "est": [1.0, 2.5, None],
        "se": [0.5, 0.25, 1.0],
        "year": [1, 2, 3],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    made = est.ingest(tmp_path / "t.parquet", "made", root=tmp_path, about="x")
    assert list(says(est.load(made.folder).ledger).values()) == ["1 ± 0.5", "2.5 ± 0.25", None]
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(est.InputError, match="no Parquet file that can be read"):
        est.ingest(tmp_path / "bad.parquet", "other", root=tmp_path)


def test_excel_is_read_or_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    try:
        import openpyxl
    except ImportError:
        path.write_bytes(b"PK")
        with pytest.raises(est.InputError, match=r"read by openpyxl, which is not installed"):
            est.ingest(path, "made", root=tmp_path)
        return
    book = openpyxl.Workbook()
    for row in (["study", "est", "se"], ["A", 1, 0.5], [], ["B", None, None], ["C", 2.5, "x"]):
        book.active.append(row)
    book.save(path)
    with pytest.raises(est.InputError, match=r"t\.xlsx:5:3: 'x' is not a number"):
        est.ingest(path, "made", root=tmp_path)


def test_a_model_reads_a_table_as_its_evidence(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "town"
    folder.mkdir(parents=True)
    (folder / "claims.csv").write_text("id,says,speaker\nn,20 to 30 people,Ann\n", encoding="utf-8")
    model = (
        "format: 1\nevidence: {}\nquantities: {{n: {{unit: person, prior: 1 to 90}}}}\n"
        "claims: {{n: n}}\ntargets: [n]\n"
    )
    (folder / "model.yaml").write_text(model.format("claims.csv"), encoding="utf-8")
    read = est.load("town", root=tmp_path)
    assert says(read.ledger) == {"n": "20 to 30 people"}
    records = [{"id": "n", "says": "20 to 30 people", "speaker": "Ann"}]
    (folder / "claims.json").write_text(json.dumps(records, indent="\t"), encoding="utf-8")
    (folder / "model.yaml").write_text(model.format("claims.json"), encoding="utf-8")
    listed = est.load("town", root=tmp_path).ledger.claims
    assert listed == {"n": est.load_ledger(folder / "claims.json").claims["n"]}
    ledger = {
        "sources": {"s": {"title": "😀 “Ü”"}},
        "claims": {"n": {"source": "s", "says": "9 people"}},
    }
    (folder / "claims.json").write_text(json.dumps(ledger), encoding="utf-8")
    assert est.load("town", root=tmp_path).ledger.sources["s"].title == "😀 “Ü”"
    (folder / "claims.csv").write_text("id,says\nn,20 to people\n", encoding="utf-8")
    (folder / "model.yaml").write_text(model.format("claims.csv"), encoding="utf-8")
    with pytest.raises(est.InputError, match=r"claims\.csv:2:2: claim 'n'"):
        est.load("town", root=tmp_path)
    (folder / "claims.csv").write_text("id,low,high\nn,20,30\n", encoding="utf-8")
    with pytest.raises(est.InputError, match="an interval needs its coverage"):
        est.load("town", root=tmp_path)


def test_a_scatter_makes_a_meta_analysis(tmp_path: Path) -> None:
    rows = "study,est,se\nA,1,2\nB,3,1\n"
    model = ingested(tmp_path, rows, about="effect", unit="kg", scatter="up to 5 kg")
    assert "claims.expert.scatter" in model.quantities
    assert str(model.quantities["effect"].unit) == "kg"


def test_the_command(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("study,est,low,high,ward\nA,2,1,3,north\nB,NA,,,south\n", encoding="utf-8")
    words = ["ingest", str(table), "town", "--root", str(tmp_path), "--about", "x"]
    told = CliRunner().invoke(app, [*words, "--json"])
    document = json.loads(told.stdout)
    assert told.exit_code == 0
    assert document["without_figure"] == ["B"]
    assert document["left_out"] == ["ward"]
    assert document["coverage"] == "95%"
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    words = ["export", "town", "--root", str(tmp_path), "--claims", str(tmp_path / "out.csv")]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert (tmp_path / "out.csv").read_bytes() == table.read_bytes()
