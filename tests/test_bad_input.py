"""What newcomers get wrong: each a sentence with its place, all of them at once, no traceback.

In the table below ⟦ marks the character at which the fault must point.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimates import errors
from estimates.errors import Fault, InputError, did_you_mean, unshowable
from estimates.model.io import load, load_json, load_ledger, load_text
from estimates.model.reader import reach
from estimates.model.reader import yaml_nodes as nodes

EVIDENCE = """\
sources:
  paper:
    title: Gaps in records
    published: 2017-08
claims:
  headcount:
    source: paper
    says: around 20,000 people
  wages:
    source: paper
    says: "around 120 to 150 USD/person/month"
  skimmed: {source: paper, says: 70 to 80 %, basis: expert}
  chinese: {source: paper, says: a few thousand CNY/person/month}
  growing: {source: paper, says: rising}
  growth-measured: {source: paper, says: 3 ± 2 %}
  counted: {source: paper, says: 12 of 882}
  doubt: {source: paper, says: lower than claimed, disputes: headcount}
  rest-days: {source: paper, because: one or two is no figure of ours}
  cited: {source: paper, says: 100 to 200 MUSD/year}
"""

MODEL = """\
format: 1
title: What is taken from workers
evidence: evidence.yaml
currencies: {CNY: 0.1493 USD}
quantities:
  workers: {unit: person, label: workers, prior: "1,400 to 200,000"}
  before: {unit: person, prior: 1,000 to 100,000}
  gross: {unit: USD/person/month, prior: 68 to 1,113}
  skim: {unit: share, prior: 24 to 94 %}
  offset: {support: real, prior: -1 to 1}
relations:
  net: gross * (1 - skim)
  quoted:
    by: wage
    paid: gross
    kept: net
  revenue: {unit: MUSD/year, is: workers * gross * skim}
  growth: workers / before - 1
readings:
  wage:
    question: Is it what is paid, or what is kept?
    update: false
    paid: {weight: 1, because: half}
    kept: {weight: 1, because: half}
claims:
  headcount: workers
  wages: quoted
  skimmed: skim
  growing: growth
compare:
  cited: revenue
targets: [revenue]
conventions: {}
"""

E, M = "evidence.yaml", "model.yaml"

# (file, what stands there, what somebody writes instead, what the fault says)
MISTAKES = [
    # names
    (
        M,
        "is: workers * gross",
        "is: ⟦wrokers * gross",
        "unknown quantity 'wrokers' in relation 'revenue'; did you mean 'workers'?",
    ),
    (
        M,
        "net: gross * (1 - skim)",
        "net: gross * (1 - ⟦skimm)",
        "unknown quantity 'skimm' in relation 'net'; did you mean 'skim'?",
    ),
    (
        M,
        "headcount: workers",
        "headcount: ⟦worker",
        "unknown quantity 'worker' in what claim 'headcount' is about; did you mean 'workers'?",
    ),
    (M, "wages: quoted", "wages: ⟦wage", "'wage' is a reading"),
    (
        M,
        "targets: [revenue]",
        "targets: [⟦revenu]",
        "unknown quantity 'revenu' in the targets; did you mean 'revenue'?",
    ),
    (
        M,
        "prior: -1 to 1}",
        'prior: "Normal(mu=0, sigma=⟦skimm)"}',
        "unknown quantity 'skimm' in the prior of 'offset'",
    ),
    (M, "by: wage", "by: ⟦wages", "unknown reading 'wages'; did you mean 'wage'?"),
    (
        M,
        "kept: net",
        "⟦keep: net",
        "reading 'wage' has no option 'keep' (in relation 'quoted'); did you mean 'kept'?",
    ),
    (
        M,
        "  quoted:\n    by: wage\n    paid: gross\n    kept: net",
        "  ⟦quoted:\n    by: wage\n    paid: gross",
        "no branch for 'kept'",
    ),
    (
        M,
        "headcount: workers",
        "⟦headcounts: workers",
        "unknown claim 'headcounts'; did you mean 'headcount'?",
    ),
    (
        M,
        "net: gross * (1 - skim)",
        "⟦net: quoted * 2",
        "circular relations: 'net' needs 'quoted' needs 'net'",
    ),
    (M, "net: gross * (1 - skim)", "⟦net: net * 2", "'net' is defined by itself"),
    (
        M,
        "net: gross * (1 - skim)",
        "net: gross * (1 - skim)\n  ⟦gross: 3 * skim",
        "both a quantity and a relation",
    ),
    (M, "  offset: {", "  ⟦max: {", "'max' has a meaning of its own"),
    (M, "  offset: {", "  ⟦gross-pay: {", "'gross-pay' cannot name a quantity"),
    (
        M,
        "label: workers",
        "⟦lable: workers",
        "unknown key 'lable' in quantity 'workers'; did you mean 'label'?",
    ),
    (
        M,
        "compare:",
        "⟦comparison:",
        "unknown key 'comparison' in the model; did you mean 'compare'?",
    ),
    (
        M,
        "update: false",
        "⟦updates: false",
        "unknown key 'updates' in reading 'wage'; did you mean 'update'?",
    ),
    (
        M,
        "conventions: {}",
        "conventions: {⟦hegde: 0.2}",
        "unknown key 'hegde' in 'conventions'; did you mean 'hedge'?",
    ),
    (M, "conventions: {}", "conventions: {basis: {⟦experts: 0.2}}", "did you mean 'expert'?"),
    # units
    (M, "unit: MUSD/year, is: workers", "unit: MUSD, is: ⟦workers", "relation 'revenue'"),
    (M, "headcount: workers", "headcount: ⟦gross", "person where"),
    (M, "wages: quoted", "wages: ⟦quoted * workers", "USD per month"),
    (M, "is: workers * gross * skim", "is: workers ⟦+ gross", "neither added nor compared"),
    (
        M,
        "gross: {unit: USD/person/month",
        "gross: {unit: ⟦USD/persn/month",
        "did you mean 'person'?",
    ),
    (
        M,
        "gross: {unit: USD/person/month",
        "gross: {unit: ⟦EUR/person/month",
        "no rate for the currency 'EUR'",
    ),
    (M, "0.1493 USD", "⟦0.1493", "one number in another currency"),
    (M, "{CNY: 0.1493 USD}", "{CNY: ⟦lots USD}", "CNY"),
    (M, "{CNY: 0.1493 USD}", "{⟦yuan: 0.1493 USD}", "three capitals"),
    (M, "prior: 68 to 1,113", "prior: 68 to 1,113 ⟦CNY/month", "prior of 'gross'"),
    # priors
    (M, "24 to 94 %", "⟦24 to 120 %", "'skim' is a share"),
    (M, "24 to 94 %", "⟦24 to 100 %", "strictly between 0 and 1"),
    (M, "24 to 94 %", "⟦24 to 94", "write `24 to 94 %`"),
    (M, "68 to 1,113", "⟦1,113 to 68", "68"),
    (M, "68 to 1,113", "⟦0 to 1,113", "add `support: real`"),
    (M, "68 to 1,113", "⟦about 68 to 1,113", "no hedge"),
    (M, "68 to 1,113", "⟦1,113", "a prior is an interval"),
    (M, "68 to 1,113", "68 to ⟦many", "many"),
    (
        M,
        "{unit: share, prior: 24 to 94 %}",
        "{unit: share, prior: ⟦Normal(mu=0.5, sigma=0.1)}",
        "Normal can leave 0 to 1",
    ),
    (M, "{unit: share, prior: 24 to 94 %}", "{unit: share, prior: ⟦Flat()}", "improper"),
    (
        M,
        "prior: -1 to 1",
        "prior: ⟦Nomral(mu=0, sigma=1)",
        "unknown distribution 'Nomral'; did you mean 'Normal'?",
    ),
    (M, "prior: -1 to 1", "prior: Normal(mu=0, ⟦sd=1)", "Normal has no argument 'sd'"),
    (M, "prior: -1 to 1", "prior: Normal(mu=0, sigma=⟦-1)", "must be above 0, but it is -1"),
    (M, "prior: -1 to 1", "prior: ⟦Gamma(alpha=2)", "Gamma takes alpha and beta, or mu and sigma"),
    (M, "prior: -1 to 1", "prior: Normal(mu=⟦gross, sigma=1)", "'mu' in the prior of 'offset'"),
    (M, "prior: -1 to 1", "prior: Normal(mu=0, sigma=⟦offset2)", "unknown quantity 'offset2'"),
    (M, "support: real, prior: -1 to 1", "support: ⟦reel, prior: -1 to 1", "did you mean 'real'?"),
    (M, "  offset: {support: real, prior: -1 to 1}", "  ⟦offset: {unit: person}", "has no prior"),
    (
        M,
        "  offset: {support: real, prior: -1 to 1}",
        "  ⟦offset: {prior: 1 to 2, value: 3}",
        "both a prior and a value",
    ),
    (M, "support: real, prior: -1 to 1", "value: ⟦around 3 hours", "a value is one number"),
    # claims
    (M, "compare:\n", "compare:\n  ⟦headcount: workers\n", "both evidence and compared"),
    (
        M,
        "skimmed: skim",
        "skimmed: skim\n  ⟦wages: gross",
        "'wages' is given twice, first on line 27",
    ),
    (M, "skimmed: skim", "⟦rest-days: skim", "cannot be used: one or two is no figure of ours"),
    (
        M,
        "cited: revenue",
        "cited: revenue\n  ⟦doubt: workers",
        "a dispute, which cannot be compared",
    ),
    (
        M,
        "  growing: growth\ncompare:\n",
        "compare:\n  ⟦growing: growth\n",
        "a direction, which cannot be compared",
    ),
    (M, "growing: growth", "growing: ⟦workers", "write `workers_later / workers_earlier - 1`"),
    (M, "growing: growth", "growing: ⟦workers - before", "write `workers / before - 1`"),
    (M, "growing: growth", "counted: ⟦workers", "counts a share"),
    (M, "growing: growth", "growing: {about: growth, scale: ⟦log}", "leave `scale:` out"),
    (
        M,
        "wages: quoted",
        "wages: {about: quoted, scale: ⟦logarithmic}",
        "unknown scale 'logarithmic'; it is one of identity, log, logit",
    ),
    (
        M,
        "wages: quoted",
        "wages: {about: quoted, tails: ⟦student}",
        "unknown tails 'student'; did you mean 'student-t'?",
    ),
    (M, "wages: quoted", "wages: {about: quoted, ⟦pool: redundant}", "unknown key 'pool'"),
    (M, "wages: quoted", "⟦wages: {scale: log}", "is about nothing"),
    (M, "wages: quoted", "wages: {about: quoted, scale: ⟦logit}", "only a share has a logit scale"),
    (
        M,
        "cited: revenue",
        "cited: {about: revenue, pool: ⟦independant}",
        "did you mean 'independent'?",
    ),
    (M, "wages: quoted", "wages: ⟦120", "about a number"),
    # relations and readings
    (M, "is: workers * gross * skim", "is: workers * ⟦(gross", "relation 'revenue'"),
    (M, "is: workers * gross * skim", "is: workers ⟦^ 2", "powers are written **"),
    (M, "net: gross * (1 - skim)", "net: {unit: share, is: ⟦before / workers}", "can leave 0 to 1"),
    (M, "net: gross * (1 - skim)", "net: ⟦nothing", "only a branch"),
    (
        M,
        "    question: Is it what is paid, or what is kept?\n    update: false",
        "    update: ⟦maybe",
        "must be true or false, not 'maybe'",
    ),
    (M, "paid: {weight: 1,", "⟦paid: {weight: 0,", "a weight is a number above 0"),
    (M, "paid: {weight: 1,", "paid: {weight: ⟦half,", "must be a number, not 'half'"),
    (M, "paid: {weight: 1, because: half}", "⟦paid: {because: half}", "has no weight"),
    (M, "targets: [revenue]", "targets: [revenue, ⟦revenue]", "named twice"),
    (M, "format: 1", "format: ⟦3", "formats 1 and 2 are known"),
    (M, "format: 1", "format: 1\nseed: ⟦lucky", "must be a whole number, not 'lucky'"),
    (M, "format: 1", "format: 1\nseed: ⟦-3", "write a whole number from 0"),
    (M, "conventions: {}", "conventions: {hedge: ⟦wide}", "must be a number"),
    (
        M,
        "conventions: {}",
        "conventions: {basis: {expert: {coverage: ⟦70}}}",
        "strictly between 0 and 1",
    ),
    (M, "conventions: {}", "conventions: {tails: ⟦heavy}", "unknown tails 'heavy'"),
    (M, "evidence: evidence.yaml", "evidence: ⟦evidense.yaml", "there is no file"),
    (M, "evidence: evidence.yaml", "evidence: ⟦.", "is a directory, not a file"),
    (M, "evidence: evidence.yaml", "evidence: [evidence.yaml, ⟦./evidence.yaml]", "named twice"),
    # YAML
    (M, "title: What", "title: Readings⟦: what", "put a text that contains ': ' in quotes"),
    (M, "  net: gross", "⟦\tnet: gross", "spaces instead of tabs"),
    (M, 'prior: "1,400 to 200,000"', 'prior: ⟦"1,400 to 200,000', "is never closed"),
    (M, "by: wage", "by: ⟦*wage", "aliases such as *wage are not read"),
    (M, "by: wage", "by: ⟦&w wage", "anchors such as &w are not read"),
    (M, "by: wage", "by: ⟦!!python/object:os.system wage", "tags such as"),
    (M, "conventions: {}", "conventions: {}\n⟦---\ntitle: another", "a second document"),
    (
        M,
        "growing: growth",
        "growing: {about: growth, note: rising, ⟦says she}",
        "put a text that contains one in quotes",
    ),
    (M, "conventions: {}", "conventions: ⟦none of mine", "must be keys and values, not a text"),
    (M, "targets: [revenue]", "targets: ⟦{revenue: 1}", "a target is a text"),
    # evidence
    (E, "says: around 20,000 people", "says: around ⟦umpteen people", "umpteen"),
    (E, '"around 120 to 150', '"around 120 to ⟦lots', "lots"),
    (E, "70 to 80 %", "⟦80 to 70 %", "claim 'skimmed'"),
    (E, "70 to 80 %", "⟦70 to 120 %", "strictly between 0 and 1"),
    (E, "70 to 80 %", "⟦70 to 80", "write `70 %`"),
    (E, "around 20,000 people", "⟦0 people", "must lie above 0"),
    (E, "around 20,000 people", "around 20,000 ⟦poeple", "people"),
    (E, "around 20,000 people", "⟦500 to 1 million people", "write both out"),
    (E, "12 of 882", "⟦12 of 5", "12 cannot be among 5"),
    (E, "basis: expert", "basis: ⟦exprt", "unknown basis 'exprt'; did you mean 'expert'?"),
    (E, "basis: expert", "sigma: ⟦-0.1", "a width is a number above 0"),
    (E, "basis: expert", "sigma: ⟦wide", "must be a number, not 'wide'"),
    (
        E,
        "skimmed: {source: paper",
        "skimmed: {source: ⟦papre",
        "unknown source 'papre'; did you mean 'paper'?",
    ),
    (E, "skimmed: {source: paper, ", "⟦skimmed: {", "names no source"),
    (
        E,
        "disputes: headcount",
        "disputes: ⟦headcounts",
        "disputes unknown claim 'headcounts'; did you mean 'headcount'?",
    ),
    (E, "disputes: headcount", "disputes: ⟦growing", "which gives no figure"),
    (
        E,
        "says: lower than claimed, disputes: headcount",
        "says: ⟦lower than claimed",
        "name that figure's claim",
    ),
    (
        E,
        "says: lower than claimed, disputes: headcount",
        "says: 3 people, disputes: ⟦headcount",
        "disputes another",
    ),
    (E, "published: 2017-08", "published: ⟦last summer", "write a date"),
    (
        E,
        "rest-days: {source: paper, because: one or two is no figure of ours}",
        "⟦rest-days: {source: paper}",
        "says nothing",
    ),
    (
        E,
        "says: rising",
        "⟦say: rising",
        "unknown key 'say' in claim 'growing'; did you mean 'says'?",
    ),
]


def written(folder: Path, evidence: str = EVIDENCE, model: str = MODEL) -> Path:
    (folder / E).write_text(evidence, encoding="utf-8")
    (folder / M).write_text(model, encoding="utf-8")
    return folder


def faults_of(where: Path) -> list[str]:
    """The faults of a model, their files as seen from its folder."""
    with pytest.raises(InputError) as caught:
        load(where)
    folder = where if where.is_dir() else where.parent
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_the_base_model_is_right(tmp_path: Path) -> None:
    model = load(written(tmp_path))
    assert [warning.message for warning in model.warnings] == [
        "nothing follows from 'offset' and no claim is about it"
    ]


@pytest.mark.parametrize(("file", "old", "new", "phrase"), MISTAKES)
def test_a_mistake_is_named_at_its_place(
    tmp_path: Path, file: str, old: str, new: str, phrase: str
) -> None:
    texts = {E: EVIDENCE, M: MODEL}
    assert texts[file].count(old) == 1
    marked = texts[file].replace(old, new)
    before, _, after = marked.partition("⟦")
    texts[file] = before + after
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    (fault,) = faults_of(written(tmp_path, texts[E], texts[M]))
    assert fault.startswith(f"{file}:{line}:{column}: ")
    assert phrase in fault


def test_there_are_enough_mistakes_to_learn_from() -> None:
    assert len(MISTAKES) >= 100
    assert len({(file, old, new) for file, old, new, _ in MISTAKES}) == len(MISTAKES)


def test_the_contracts_own_example_of_a_fault(tmp_path: Path) -> None:
    model = MODEL.replace("  net: gross", "  payroll: wrokers * gross\n  net: gross")
    assert faults_of(written(tmp_path, model=model)) == [
        "model.yaml:12:12: unknown quantity 'wrokers' in relation 'payroll'; "
        "did you mean 'workers'?"
    ]


def test_all_faults_at_once_from_top_to_end(tmp_path: Path) -> None:
    evidence = EVIDENCE.replace("around 20,000", "around umpteen").replace("70 to 80", "80 to 70")
    model = (
        MODEL.replace("24 to 94 %", "24 to 120 %")
        .replace("workers * gross * skim", "wrokers * gross * skim")
        .replace("wages: quoted", "wages: workers")
        .replace("label: workers", "lable: workers")
        .replace("targets: [revenue]", "targets: [revenu]")
    )
    places = [
        ":".join(fault.split(":")[:2]) for fault in faults_of(written(tmp_path, evidence, model))
    ]
    assert places == [
        *(f"evidence.yaml:{line}" for line in (8, 12)),
        *(f"model.yaml:{line}" for line in (6, 9, 17, 32)),
    ]


def test_a_branch_says_nothing_only_where_the_reading_is_held(tmp_path: Path) -> None:
    model = MODEL.replace("kept: net", "kept: nothing")
    load(written(tmp_path, model=model))
    (fault,) = faults_of(written(tmp_path, model=model.replace("update: false", "update: true")))
    assert fault.startswith("model.yaml:16:11: relation 'quoted' says `nothing` under 'kept'")
    assert "add `update: false`" in fault


def test_a_target_has_a_value_in_every_reading(tmp_path: Path) -> None:
    model = MODEL.replace("kept: net", "kept: nothing").replace("[revenue]", "[quoted * workers]")
    (fault,) = faults_of(written(tmp_path, model=model))
    assert fault.startswith("model.yaml:32:11: ")
    assert "'quoted' says `nothing` under 'kept' of reading 'wage'" in fault


ORIGINS = [
    (
        "headcount: workers\n  again: workers + before",
        "around 20,000 people",
        "about 'workers' and",
    ),
    ("headcount: workers\n  again: workers", "20,000 ± 3,000 people", "speak on two scales"),
    ("headcount: workers\n  again: workers", "up to 20,000 people", "must be alike"),
]


@pytest.mark.parametrize(("uses", "says", "phrase"), ORIGINS)
def test_claims_of_one_origin_are_copies(tmp_path: Path, uses: str, says: str, phrase: str) -> None:
    evidence = EVIDENCE.replace(
        "says: around 20,000 people\n",
        "says: around 20,000 people\n    origin: census\n"
        f"  again: {{source: paper, says: '{says}', origin: census}}\n",
    )
    model = MODEL.replace("headcount: workers", uses)
    (fault,) = faults_of(written(tmp_path, evidence, model))
    assert fault.startswith("model.yaml:27:3: claims 'headcount' and 'again' share origin 'census'")
    assert phrase in fault


def test_zero_on_the_identity_scale_needs_a_width_of_its_own(tmp_path: Path) -> None:
    model = MODEL.replace("growing: growth", "balance: offset")
    evidence = EVIDENCE + "  balance: {source: paper, says: around 0}\n"
    (fault,) = faults_of(written(tmp_path, evidence, model))
    assert fault.startswith("evidence.yaml:20:34: ")
    assert "give the claim a `sigma:`" in fault
    load(written(tmp_path, evidence.replace("around 0", "around 0, sigma: 0.2"), model))


def test_relations_cannot_grow_without_end(tmp_path: Path) -> None:
    doubling = "".join(f"  r{n + 1}: r{n} + r{n}\n" for n in range(60))
    model = MODEL.replace("relations:\n", f"relations:\n  r0: offset\n{doubling}")
    (fault,) = faults_of(written(tmp_path, model=model))
    assert "too large" in fault
    chain = "".join(f"  r{n + 1}: r{n} + 1\n" for n in range(5000))
    model = MODEL.replace("relations:\n", f"relations:\n  r0: offset\n{chain}")
    (fault,) = faults_of(written(tmp_path, model=model))
    assert "too large" in fault


def test_readings_cannot_have_endless_combinations(tmp_path: Path) -> None:
    axes = "".join(
        f"  axis{n}:\n    yes: {{weight: 1, because: x}}\n    no: {{weight: 1, because: x}}\n"
        for n in range(40)
    )
    (fault,) = faults_of(
        written(tmp_path, model=MODEL.replace("readings:\n", f"readings:\n{axes}"))
    )
    assert fault.startswith("model.yaml:19:1: the readings have")


# Files that are no models -----------------------------------------------------------------------

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{two}: &{two} [{', '.join(['*' + one] * 9)}]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)

FILES = [
    ("empty", b"", "model.yaml: the file is empty"),
    ("only a comment", b"# nothing yet\n", "model.yaml: the file is empty"),
    ("a list", b"- one\n- two\n", "model.yaml:1:1: a model must be keys and values, not a list"),
    ("a text", b"hello\n", "model.yaml:1:1: a model must be keys and values, not a text"),
    (
        "not UTF-8",
        "title: ok\nnote: Zürich\n".encode("latin-1"),
        "model.yaml:2:8: this is not UTF-8",
    ),
    ("UTF-16", "title: ok\n".encode("utf-16"), "model.yaml:1:1: this is not UTF-8"),
    ("NUL", b"title: a\x00b\n", "model.yaml:1:9: the character U+0000"),
    ("brackets", b"[" * 100_000, "model.yaml:1:22: nested more than 20 deep"),
    ("braces", b"{a: " * 100_000, "model.yaml:1:82: nested more than 20 deep"),
    ("dashes", b"- " * 100_000, "model.yaml:1:43: nested more than 20 deep"),
    ("billion laughs", LAUGHS.encode(), "model.yaml:1:4: anchors such as &a are not read"),
    ("tab", b"title: a\nquantities:\n\tx: 1 to 2\n", "model.yaml:3:1: indent with spaces"),
    (
        "unclosed quote",
        b'title: "a\nnote: b\n',
        "model.yaml:1:8: this quotation mark is never closed",
    ),
    (
        "unclosed bracket",
        b"targets: [a, b\nnote: c\n",
        "model.yaml:2:5: the bracket opened on line 1",
    ),
    ("several documents", b"title: a\n---\ntitle: b\n", "model.yaml:2:1: a second document"),
    ("a key without a colon", b"title: a\nquantities\nnote: b\n", "model.yaml:"),
    ("a mapping as key", b"? {a: b}\n: c\n", "model.yaml:1:3: a key must be a text"),
    ("merge key", b"title: a\n<<: b\n", "model.yaml:2:1: unknown key '<<'"),
]


@pytest.mark.parametrize(
    ("content", "expected"), [case[1:] for case in FILES], ids=[f[0] for f in FILES]
)
def test_a_file_that_is_no_model_is_one_sentence(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    (tmp_path / M).write_bytes(content)
    faults = faults_of(tmp_path)
    assert any(fault.startswith(expected) for fault in faults)
    assert not any("\n" in fault for fault in faults)


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "models" / "scmp").mkdir(parents=True)
    written(tmp_path / "models" / "scmp")
    with pytest.raises(InputError, match=r"no model 'scnp'.*did you mean 'scmp'"):
        load("scnp", tmp_path)
    with pytest.raises(InputError, match=r"there is no model\.yaml in this folder"):
        load(tmp_path)
    with pytest.raises(InputError, match="no model"):
        load("a\0b", tmp_path)
    with pytest.raises(InputError, match=r"there is no file"):
        load_ledger(tmp_path / "none.yaml")
    with pytest.raises(InputError, match=r"is a directory, not a file"):
        load_ledger(tmp_path)
    (tmp_path / M).mkdir()
    with pytest.raises(InputError, match=r"is a directory, not a file"):
        load(tmp_path)
    with pytest.raises(InputError, match=r"a device or a pipe"):
        load_ledger("/dev/zero")


def test_json_that_is_no_model() -> None:
    for text in ("", "{", "[1]", "3", '{"format": 1e999}', "[" * 100_000, '{"a": null}'):
        with pytest.raises(InputError):
            load_json(text)


# Anything at all --------------------------------------------------------------------------------


def faults_in[T](loader: Callable[[T], object], what: T) -> tuple[Fault, ...]:
    """The faults of what may well be right."""
    try:
        loader(what)
    except InputError as error:
        return error.faults
    return ()


WORDS = st.sampled_from(
    [
        *MODEL.split(),
        *EVIDENCE.split(),
        "\n",
        "\n  ",
        ": ",
        ", ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "- ",
        "&",
        "*",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.text() | st.lists(WORDS, max_size=40).map(" ".join))
def test_any_text_is_a_model_or_a_fault(text: str) -> None:
    faults = faults_in(load_text, text)
    assert all("\n" not in fault.message for fault in faults)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_ledger_or_a_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    faults_in(load_ledger, path)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """The base files with a piece cut out, doubled or replaced."""
    texts = []
    for text in (EVIDENCE, MODEL):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 30)))
        piece = draw(
            st.sampled_from(["", text[start:end] * 2, "0", "-", "%", "nothing", "x * y", ":"])
        )
        texts.append(text[:start] + piece + text[end:])
    return texts[0], texts[1]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits())
def test_any_edit_gives_a_model_or_faults_with_places(
    tmp_path: Path, texts: tuple[str, str]
) -> None:
    assert all(fault.place is not None for fault in faults_in(load, written(tmp_path, *texts)))


# Size -------------------------------------------------------------------------------------------


def steps(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls: a measure of time that no machine changes."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def misspelt(count: int) -> tuple[str, str]:
    sources = "".join(f"  source-of-figures-{n:04d}: {{title: T}}\n" for n in range(count))
    claims = "".join(
        f"  c{n}: {{source: source-of-figurs-{n:04d}, says: around 20,000 people}}\n"
        for n in range(count)
    )
    return f"sources:\n{sources}claims:\n{claims}", "quantities: {n: 1 to 2}\ntargets: [n]\n"


def chained(count: int) -> tuple[str, str]:
    relations = "".join(f"  r{n + 1}: r{n} + 1\n" for n in range(count))
    return "", f"quantities: {{r0: 1 to 10}}\nrelations:\n{relations}targets: [r{count}]\n"


def apart(count: int) -> tuple[str, str]:
    relations = "".join(f"  r{n + 1}: r0 + {n}\n" for n in range(count))
    return "", f"quantities: {{r0: 1 to 10}}\nrelations:\n{relations}targets: [r1]\n"


def unclosed(count: int) -> tuple[str, str]:
    return "", 'title: "' + "lorem ipsum\n" * (40 * count)


def unknown_keys(count: int) -> tuple[str, str]:
    keys = "".join(f"    k{n}: 1\n" for n in range(count))
    return "", f"quantities:\n  a:\n    prior: 1 to 2\n{keys}targets: [a]\n"


def same_targets(count: int) -> tuple[str, str]:
    return "", f"quantities: {{a: 1 to 2}}\ntargets: [{', '.join(['a'] * count)}]\n"


def unknown_claims(count: int) -> tuple[str, str]:
    claims = "".join(f"  u{n}: a\n" for n in range(count))
    return "", f"quantities: {{a: 1 to 2}}\nclaims:\n{claims}targets: [a]\n"


def unknown_names(count: int) -> tuple[str, str]:
    quantities = "".join(f"  quantity{n}: 1 to 2\n" for n in range(count))
    relations = "".join(f"  r{n}: quanttiy{n}\n" for n in range(count))
    return "", f"quantities:\n{quantities}relations:\n{relations}targets: [quantity1]\n"


def claims(count: int) -> tuple[str, str]:
    said = "".join(
        f"  c{n}:\n    source: paper\n    says: around {10_000 + n:,} people\n"
        for n in range(count)
    )
    uses = "".join(f"  c{n}: workers\n" for n in range(count))
    model = "quantities: {workers: {unit: person, prior: 1 to 100}}\nclaims:\n"
    return (
        f"sources: {{paper: {{title: T}}}}\nclaims:\n{said}",
        f"{model}{uses}targets: [workers]\n",
    )


@pytest.mark.parametrize(
    "making",
    [
        *(misspelt, chained, apart, unclosed, unknown_keys, same_targets, unknown_claims),
        *(unknown_names, claims),
    ],
)
def test_loading_takes_steps_in_proportion_to_the_input(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    making: Callable[[int], tuple[str, str]],
) -> None:
    monkeypatch.setattr(errors, "MOST_LISTED", 10)

    def work(count: int) -> int:
        evidence, model = making(count)
        model = f"evidence: {E}\n{model}" if evidence else model
        folder = written(tmp_path, evidence, model)
        return steps(lambda: faults_in(load, folder))

    work(10)  # what is imported or kept the first time is no part of it
    # Suggestions are sought for the faults that are listed: any other costs the same.
    one, two = work(100), work(200)
    assert two < 2.5 * one


def test_a_hundred_faults_are_listed_and_the_rest_is_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(written(tmp_path, misspelt(500)[0], f"evidence: {E}\n{misspelt(500)[1]}"))
    faults = caught.value.faults
    assert len(faults) == 100
    assert all(
        f"'source-of-figurs-{n:04d}'; did you mean 'source-of-figures-{n:04d}'?" in fault.message
        for n, fault in enumerate(faults)
    )
    assert caught.value.more == 400
    assert str(caught.value).splitlines()[-1] == "… and 400 more"
    assert pickle.loads(pickle.dumps(caught.value)).more == 400


@pytest.mark.parametrize(("count", "where"), [(1_001, ""), (1_002, "  ")])
def test_nothing_is_read_where_there_are_too_many_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, where: str
) -> None:
    monkeypatch.setattr(nodes, "_MOST_ENTRIES", 1_001)
    keys = "".join(f"{where}k{n}: 1\n" for n in range(count))
    (fault,) = faults_of(written(tmp_path, model=f"quantities:\n{keys}"))
    assert fault.startswith(f"model.yaml:{count + (1 if where else 0)}:")
    assert "more than" in fault


def test_the_nearest_word_is_the_one_that_difflib_finds() -> None:
    letters = st.text("abcde_1", max_size=8)

    @settings(max_examples=300, deadline=None)
    @given(letters, st.lists(letters, max_size=30), st.sampled_from([0.5, 0.7, 0.8]))
    def check(word: str, choices: list[str], cutoff: float) -> None:
        near = get_close_matches(word, dict.fromkeys(choices), n=1, cutoff=cutoff)
        near = [one for one in near if one]
        assert did_you_mean(word, choices, cutoff) == (
            f"; did you mean '{near[0]}'?" if near else ""
        )

    check()


LARGE = [
    ("a: {unit: km**12, prior: 1 to 10}", "a ** 12", "beyond computing"),
    ("a: {unit: piano**12, prior: 1 to 10}", "a ** 12", "power 144 is beyond computing"),
    ("a: {unit: Mpc**12, prior: 1 to 10}", "a", "beyond computing"),
    ("a: 1 to 10", "a ** 9 ** 9 ** 9", "too large to compute with, when a = "),
    ("a: 1 to 2000", "exp(a)", "too large to compute with, when a = "),
    ("a: 'Normal(mu=0, sigma=1000)'", "log(exp(a) - 1)", "or a part of it, is more than 1e150"),
    (
        "a: 'Normal(mu=0, sigma=1000)'",
        "exp(a) - exp(2 * a)",
        "too large to compute with, when a = ",
    ),
    ("a: 'Normal(mu=0, sigma=1000)'", "(a ** 9) ** 9", "too large to compute with, when a = "),
    ("a: 1 to 10", f"a + {'9' * 9_000}", "a number of 9,000 characters is too long"),
    ("a: 1 to 10", f"a + 0.{'0' * 90}1e-300", "too small a number"),
    ("a: 1e-200 to 1e200", "a", "the prior of 'a' reaches farther than 1e-150 to 1e150"),
    ("a: {prior: -1e200 to 1e200, support: real}", "a", "the prior of 'a' reaches farther"),
    ("a: 1 to 1.00000000001", "a", "write `value:`"),
    ("a: {value: 1e200}", "a", "cannot be computed with"),
    ("a: 1 to 10 @ 1%", "a", "said to hold 1 % of probability"),
    ("a: {unit: share, prior: 1e-200 to 0.5}", "a", "nearer to 0 or 1 than can be computed"),
    ("a: 'Normal(mu=0, sigma=1e200)'", "a", "cannot be computed with"),
    ("a: LogNormal(mu=1000)", "log(a)", "quantity 'a' is more than 1e150"),
    ("__proto__: 1 to 2", "__proto__", "kept for programs"),
    (f"{'a' * 300}: 1 to 2", "a" * 300, "keep it below 200 bytes"),
]


@pytest.mark.parametrize(("quantity", "relation", "phrase"), LARGE)
def test_what_cannot_be_computed_with_is_refused(
    tmp_path: Path, quantity: str, relation: str, phrase: str
) -> None:
    model = f"quantities:\n  {quantity}\nrelations: {{r: {relation}}}\ntargets: [r]\n"
    faults = faults_of(written(tmp_path, model=model))
    assert any(phrase in fault for fault in faults)


def test_what_can_be_computed_with_is_not() -> None:
    for quantity, relation in (
        ("a: 1e-60 to 1e60", "a"),
        ("a: 1 to 100", "exp(a / 10)"),
        ("a: 1 to 10 @ 99.9999%", "a"),
        ("a: {unit: share, prior: 99 to 99.9999 %}", "1 - a"),
        ("a: {unit: km, prior: 1 to 10}", "a ** 3"),
        ("a: 1 to 10", "a - a"),
        *(
            ("a: 'Normal(mu=0, sigma=1000)'", form)
            for form in (
                "exp(a) / (1 + exp(a))",
                "1 / (1 + exp(-a))",
                "1 - exp(-exp(a))",
                "logistic(a)",
                "exp(-(a - 1)**2)",
                "exp(-exp(a)**2)",
                "min(1, exp(a))",
                "sin(exp(a))",
                "a ** 3",
                "5 + 2 * logistic(a)",
            )
        ),
        ("a: 'Normal(mu=0, sigma=1000)'", "log(1 + exp(a))"),
        *((f"{name}: 1 to 10", name) for name in ("lambda", "class", "constructor", "prototype")),
    ):
        load_text(f"quantities:\n  {quantity}\nrelations: {{r: {relation}}}\ntargets: [r]\n")


def test_powers_of_units_stay_small(tmp_path: Path) -> None:
    squares = "".join(f"  r{n + 1}: r{n} * r{n}\n" for n in range(150))
    model = f"quantities: {{r0: {{unit: km, prior: 1 to 2}}}}\nrelations:\n{squares}targets: [r0]\n"
    (fault,) = faults_of(written(tmp_path, model=model))
    assert "relation 'r6'" in fault
    assert "beyond computing" in fault


def test_rates_are_no_endless_chain(tmp_path: Path) -> None:
    codes = [a + b + "Z" for a in "ABCDEFGH" for b in "ABCDEFGH"]
    rates = "".join(
        f"  {code}: 1.23456789 {base}\n" for code, base in zip(codes, ["USD", *codes], strict=False)
    )
    model = f"currencies:\n{rates}quantities: {{a: 1 to 2}}\ntargets: [a]\n"
    assert any("more than 20 others" in one for one in faults_of(written(tmp_path, model=model)))


@pytest.mark.parametrize("name", ["a/b", "../../x", "--json", ".", "..", "__proto__", "c" * 300])
def test_a_claim_has_an_id_that_commands_and_paths_can_hold(tmp_path: Path, name: str) -> None:
    evidence = EVIDENCE.replace("  growing:", f'  "{name}":')
    model = MODEL.replace("  growing:", f'  "{name}":')
    assert any(
        "the id of a claim" in fault for fault in faults_of(written(tmp_path, evidence, model))
    )


@pytest.mark.parametrize("name", ["a b", "%s%n", "constructor", "con", "1.2", "Ünï-cödé", "a:b"])
def test_other_ids_are_as_the_writer_likes(tmp_path: Path, name: str) -> None:
    evidence = EVIDENCE.replace("  growing:", f'  "{name}":')
    load(written(tmp_path, evidence, MODEL.replace("  growing:", f'  "{name}":')))


# Files of others --------------------------------------------------------------------------------

SIGNS = [("\\e", "001B"), ("\\x08", "0008"), ("\\u202e", "202E"), ("\\u2066", "2066"),
         ("\\x9b", "009B"), ("\\u2028", "2028"), ("\\r", "000D"), ("\\0", "0000")]  # fmt: skip


@pytest.mark.parametrize(("written_as", "code"), SIGNS)
def test_what_changes_a_terminal_is_refused_wherever_it_stands(
    tmp_path: Path, written_as: str, code: str
) -> None:
    for file, old, new in (
        (M, "title: What is taken from workers", f'title: "]0;x{written_as}"'),
        (M, "  offset:", f'  "off{written_as}set":'),
        (E, "published: 2017-08", f'published: "2017{written_as}-08"'),
    ):
        texts = {E: EVIDENCE, M: MODEL}
        texts[file] = texts[file].replace(old, new)
        faults = faults_of(written(tmp_path, texts[E], texts[M]))
        line = texts[file][: texts[file].index(new)].count("\n") + 1
        assert any(one.startswith(f"{file}:{line}:") and f"U+{code}" in one for one in faults)
        assert not any(unshowable(one) for one in faults)


def test_joiners_newlines_and_tabs_are_text() -> None:
    note = "می\\u200cخواهم 👨\\u200d👩 \\u200f\\n\\tindented\\r\\nmore"
    model = load_text(f'note: "{note}"\nquantities: {{a: 1 to 2}}\ntargets: [a]\n')
    assert "\n\tindented\nmore" in model.note


def test_what_a_model_names_stays_below_its_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    home = root / "models" / "mine"
    for folder in (home, root / "data", root / ".hidden", root / "models" / "other"):
        folder.mkdir(parents=True)
        (folder / E).write_text(EVIDENCE)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / E).write_text(EVIDENCE)
    (home / "link.yaml").symlink_to(outside / E)
    os.mkfifo(home / "pipe.yaml")

    def loaded(name: str, where: str | Path = "mine", **options: bool) -> list[str]:
        (home / M).write_text(MODEL.replace("evidence: evidence.yaml", f"evidence: {name}"))
        return [fault.message for fault in faults_in(lambda one: load(one, root, **options), where)]

    for name in ("evidence.yaml", "../other/evidence.yaml", "../../data/evidence.yaml"):
        assert loaded(name) == []
    assert loaded("../other/evidence.yaml", home) == []
    for name in (
        *("../../../outside/evidence.yaml", str(outside / E), "link.yaml", "/dev/zero"),
        *("/etc/passwd", "../../.hidden/evidence.yaml"),
    ):
        (message,) = loaded(name)
        assert "--allow-outside" in message
    assert loaded("../../../outside/evidence.yaml", allow_outside=True) == []
    assert loaded("link.yaml", allow_outside=True) == []
    for name in ("pipe.yaml", "/dev/zero"):
        (message,) = loaded(name, allow_outside=True)
        assert "is a device or a pipe" in message
    (outside / E).write_text("secret-token: hunter2\n" + EVIDENCE)
    (message,) = loaded("link.yaml", allow_outside=True)
    assert "secret" not in message
    assert "hunter2" not in message


def test_a_model_elsewhere_may_name_what_lies_beside_it(tmp_path: Path) -> None:
    home, beside = tmp_path / "work" / "mine", tmp_path / "work" / "theirs"
    for folder in (home, beside):
        folder.mkdir(parents=True)
    written(home, model=MODEL.replace("evidence: e", "evidence: ../theirs/e"))
    (beside / E).write_text(EVIDENCE)
    load(home)
    (home / M).write_text(MODEL.replace("evidence: e", "evidence: ../../e"))
    (tmp_path / E).write_text(EVIDENCE)
    with pytest.raises(InputError, match="--allow-outside"):
        load(home)
    (home / M).unlink()
    (home / M).symlink_to(tmp_path / E)
    with pytest.raises(InputError, match="--allow-outside"):
        load(home)


def test_a_file_without_end_is_not_read_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / M).write_text("title: x\n" * 100)
    monkeypatch.setattr(reach, "_LARGEST", 500)
    with pytest.raises(InputError, match="larger than"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("written", "cut", "what"),
    [
        ("claims: {a: {source: s, quote: one two, three four, says: 3 m}}", "three four", "claim"),
        ("sources: {s: {title: A, B and C}}", "B and C", "source"),
        ("readings: {r: {question: What, why and how, x: 1, y: 1}}", "why and how", "reading"),
        ("readings: {r: {x: {weight: 1, because: no, not so}, y: 1}}", "not so", "option"),
        (
            "relations: {z: {by: r, x: n, y: n, label: all, some or none}}",
            "some or none",
            "relation",
        ),
        ("quantities: {n: {prior: 1 to 9, label: a, b}}", "b", "quantity"),
    ],
)
def test_a_text_that_a_comma_cut_is_refused(
    tmp_path: Path, written: str, cut: str, what: str
) -> None:
    """Inside { } the rest of an unquoted text would be a key without a value."""
    section = written.split(":", 1)[0]
    parts = {
        "sources": "sources: {s: {title: A}}",
        "claims": "claims: {}",
        "quantities": "quantities: {n: 1 to 9}",
        "readings": "readings: {r: {x: 1, y: 1}}",
        "relations": "relations: {z: {by: r, x: n, y: n}}",
        section: written,
    }
    ledger = "\n".join((parts.pop("sources"), parts.pop("claims")))
    (tmp_path / "evidence.yaml").write_text(ledger)
    model = "\n".join(("format: 1\nevidence: evidence.yaml\ntargets: [z]", *parts.values()))
    (tmp_path / "model.yaml").write_text(model)
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    (fault,) = caught.value.faults
    assert fault.message.startswith(f"'{cut}' in {what} '")
    assert fault.message.endswith("put a text that contains one in quotes")
    assert fault.place is not None
