"""The corpus of odd models: kept as it is generated, and a sample of it taken through commands."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import Any, NoReturn

import click
import pytest
from click.testing import CliRunner
from soak import corpus, fuzz
from soak.commands import (
    EVERYWHERE,
    INVOCATIONS,
    LEFT_OUT,
    LEFT_OUT_WHOLE,
    Asked,
    invocations,
    unknown,
)
from soak.mutation import mutated_text, mutated_tree, mutated_wording
from soak.reading import file_problems, page_problems, problems
from tests.corpus.generate import HERE, files
from tests.corpus.odd import MODELS

from estimates.cli.app import COMMANDS, app
from estimates.model.io import load

#: Models and commands of which a sample is run: a small one always, more of it if there is time.
QUICK = (("names-of-javascript",), ("fit", "compare"))
MORE = (
    ("names-of-javascript", "one-option"),
    ("fit", "compare", "sensitivity", "conflict", "voi"),
)
#: Every model is checked; every third is shown and cited in all ways too, unless there is time.
THIRD = tuple(MODELS)[::3]


def test_the_corpus_is_what_is_generated() -> None:
    kept = {
        path.relative_to(HERE / "models").as_posix(): path.read_text(encoding="utf-8")
        for path in (HERE / "models").rglob("*")
        if path.is_file()
    }
    made = {f"{name}/{file}": text for name, one in MODELS.items()
            for file, text in files(one).items()}  # fmt: skip
    assert kept == made, "run python tests/corpus/generate.py"
    assert len(MODELS) >= 60


def known(name: str) -> str:
    texts = (HERE / "models" / name).glob("*.yaml")
    return "\n".join(text.read_text(encoding="utf-8") for text in texts)


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        *((name, ("check", "show", "cite")) for name in THIRD),
        *((name, ("check",)) for name in MODELS if name not in THIRD),
        *(
            pytest.param(name, ("show", "cite"), marks=pytest.mark.long)
            for name in MODELS
            if name not in THIRD
        ),
    ],
)
def test_an_odd_model_is_valid_and_shown(
    name: str, commands: tuple[str, ...], tmp_path: Path
) -> None:
    asked = Asked(load(name, HERE), tmp_path, lambda quantity: None)
    for words in invocations(asked, commands):
        if "--graph" in words and "-" not in words:
            continue
        result = CliRunner().invoke(app, [*words, "--root", str(HERE), "--debug"])
        assert result.exit_code == 0, (words, result.stderr)
        found = problems(words, 0, result.stdout, result.stderr, known(name), words[0] != "cite")
        assert list(found) == [], words


def test_every_command_and_every_option_is_tried() -> None:
    assert unknown() == []
    assert set(INVOCATIONS) == set(COMMANDS) - set(LEFT_OUT_WHOLE)
    given: dict[str, set[str]] = {name: set() for name in INVOCATIONS}
    for model in ("variants", "speakers-and-sources", "conversions", "disputes-in-a-chain"):
        asked = Asked(load(model, HERE), Path("scratch"), lambda quantity: 5.0)
        for name, *words in invocations(asked):
            given[name] |= set(words)
    context = click.Context(app)
    for name in INVOCATIONS:
        command = app.get_command(context, name)
        assert command is not None
        for option in command.params:
            if not isinstance(option, click.Option) or option.name in EVERYWHERE:
                continue
            tried = bool(given[name] & set(option.opts))
            assert tried or (name, option.name) in LEFT_OUT, (name, option.name)


@pytest.mark.parametrize(
    ("models", "commands"),
    [
        pytest.param(*QUICK, id="fit"),
        pytest.param(QUICK[0], ("conflict",), marks=pytest.mark.thorough, id="conflict"),
        pytest.param(*MORE, marks=pytest.mark.long, id="more"),
    ],
)
def test_a_sample_of_the_corpus_is_answered(
    models: tuple[str, ...], commands: tuple[str, ...], tmp_path: Path
) -> None:
    run = corpus.run(models, tmp_path, only=commands, limit=600.0, draws=500)
    assert run.models == len(models)
    assert sum(run.codes.values()) >= len(models) * 2 * len(commands)
    assert [(one["model"], one["words"], one["problems"]) for one in run.findings] == []


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        (("fit", "m", "--json"), 0, '{"a": NaN}', ""),
        (("fit", "m", "--json"), 0, '{"a": 1}{"b": 2}', ""),
        (("fit", "m", "--json"), 0, 'fitting\n{"a": 1}', ""),
        (("fit", "m", "--json"), 2, "{}", "no"),
        (("fit", "m", "--json"), 2, '{"errors": [{"message": ""}]}', ""),
        (("fit", "m", "--json"), 70, '{"errors": [{"message": "internal error: x"}]}', ""),
        (("fit", "m"), 70, "", "internal error: ValueError: x (a.py:1)"),
        (("fit", "m"), 2, "", ""),
        (("fit", "m"), 3, "", "three"),
        (("fit", "m"), 0, "median nan", ""),
        (("fit", "m"), 0, "from None to 3", ""),
        (("fit", "m"), 0, "a ratio of -inf", ""),
        (("fit", "m"), 0, "<estimates.model.Quantity object at 0x7f00>", ""),
        (("fit", "m"), 0, "", "/x/y.py:12: RuntimeWarning: overflow encountered in exp"),
        (("fit", "m"), 0, "", "Traceback (most recent call last):\n  …"),
        (("fit", "m", "--json"), 0, '{"q": {"q05": 2, "median": 1}}', ""),
        (("fit", "m", "--json"), 0, '{"q": {"sd": -1}}', ""),
        (("fit", "m", "--json"), 0, '{"q": {"posterior": 1.5}}', ""),
        (("compare", "m", "--json"), 0, '{"below": 0.5, "inside": 0.1, "above": 0.1}', ""),
    ],
)
def test_what_must_not_be_printed_is_noticed(
    words: tuple[str, ...], code: int, out: str, err: str
) -> None:
    assert list(problems(words, code, out, err, known=""))


def test_what_may_be_printed_is_not(tmp_path: Path) -> None:
    fine = '{"q05": 1, "median": 2, "below": 0.5, "inside": 0.25, "above": 0.25, "sd": null}'
    assert list(problems(("fit", "m", "--json"), 0, fine, "", "")) == []
    assert list(problems(("fit", "m"), 0, "the nation of Financial None", "", "label: None")) == []
    assert list(problems(("fit", "m"), 2, "", "unknown quantity", "")) == []
    page = tmp_path / "report.html"
    page.write_text("<p>12</p><script>x = NaN</script>", encoding="utf-8")
    assert list(page_problems(page, "")) == []
    page.write_text("<p>the median is NaN</p>", encoding="utf-8")
    assert list(page_problems(page, ""))
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    assert list(file_problems(empty))


def test_a_command_that_takes_too_long_is_ended_and_the_next_one_run(tmp_path: Path) -> None:
    run = corpus.run(["tiny"], tmp_path, only=["check", "fit"], limit=0.001)
    assert run.findings
    assert all(one["problems"][0].startswith("no answer") for one in run.findings)


def test_the_fuzzer_notices_what_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    findings: list[dict[str, Any]] = []

    def wrong() -> NoReturn:
        raise KeyError("x")

    def late() -> None:
        time.sleep(60)

    fuzz._note(findings, "wordings", {"input": "5"}, wrong)
    monkeypatch.setattr(fuzz, "_PATIENCE", 0.05)
    fuzz._note(findings, "wordings", {"input": "6"}, late)
    assert [one["input"] for one in findings] == ["5", "6"]
    fuzz._note(findings, "wordings", {"input": "7"}, lambda: None)
    assert len(findings) == 2


def test_inputs_are_made_by_the_seed_alone() -> None:
    def made(seed: int) -> list[Any]:
        random = Random(seed)
        tree = {"a": {"b": ["c", "d"]}, "e": "5 to 6"}
        return [
            *(mutated_tree(tree, [tree], random) for _ in range(50)),
            *(mutated_text("some text", ["others"], random) for _ in range(50)),
            *(mutated_wording("around 5 people", random) for _ in range(50)),
        ]

    assert made(1) == made(1)
    assert made(1) != made(2)
