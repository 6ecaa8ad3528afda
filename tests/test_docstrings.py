"""Docstrings: sentences that need no key; of public names the whole form, examples that run."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

import estimates as est

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "src" / "estimates"
PUBLIC = sorted(est.__all__)
#: Openings that leave it to the reader to find what is said of what.
_RIDDLES = re.compile(
    r"[^A-Za-z`|−∫]|(Of|By|The|A|An|Whether|What|Where|Why|How|Which|All|Each|Every|Is|Are|Does|Do|Did"
    r"|From|To|In|Under|With|As|For|When|Those|Them|These|Between|More|Some|Several|Both)\b"
)
_OF_PROPERTIES = re.compile(r"[^A-Za-z`|−∫]|(Of|By|Is|Are|Does|Do|Did|From|In|Under|With|As|For)\b")
#: Fields that the program fills in, and arguments that need no word.
_OWN = {"self", "where", "place"}


@pytest.fixture(scope="module", autouse=True)
def one_fit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every example fits the same model in the same way: here it is fitted once, with few draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        made: dict[tuple[str, int | None], xr.DataTree] = {}
        fit = est.fit

        def once(model: est.Model, *, seed: int | None = None) -> xr.DataTree:
            key = model.digest, seed
            if key not in made:
                made[key] = fit(model, seed=seed, sampling=est.Sampling(draws=500, tune=300))
            return made[key]

        patch.setattr(est, "fit", once)
        patch.setattr(est, "fit_itself", fit, raising=False)
        yield


def real(name: str) -> Any:
    return est.fit_itself if name == "fit" else getattr(est, name)


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_run(name: str) -> None:
    text = inspect.getdoc(real(name)) or ""
    found = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert found.examples, "no example"
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found, out=said.append)
    assert not said, "".join(said)


def parts(text: str) -> dict[str, str]:
    """The sections of a docstring by their headings, what comes before them under ''."""
    pieces = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"": pieces[0]} | dict(zip(pieces[1::2], pieces[2::2], strict=True))


def told(section: str) -> set[str]:
    """The names that entries of a section tell of."""
    heads = re.findall(r"^(\S[^:\n]*?) : ", section, flags=re.MULTILINE)
    return {name.strip(" *") for head in heads for name in head.split(",")}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_say_all_that_is_needed(name: str) -> None:
    thing = real(name)
    found = parts(inspect.getdoc(thing) or "")
    summary = found[""].split("\n\n")[0].strip()
    assert "\n" not in summary, "the first line says it alone"
    assert summary.endswith(".")
    if inspect.isclass(thing):
        entries = told(found.get("Parameters", "")) | told(found.get("Attributes", ""))
        named = set(inspect.signature(thing).parameters) if not is_exception(thing) else set()
        if is_dataclass(thing):
            named &= {one.name for one in fields(thing)}
    else:
        entries = told(found.get("Parameters", ""))
        named = set(inspect.signature(thing).parameters)
        assert ("Returns" in found) == (inspect.signature(thing).return_annotation != "None")
    assert named - _OWN <= entries, f"not told of: {sorted(named - _OWN - entries)}"
    for other in told(found.get("See Also", "")):
        assert other in est.__all__, f"no public name '{other}'"


def is_exception(thing: type) -> bool:
    return issubclass(thing, Exception)


def docstrings() -> Iterator[tuple[str, ast.FunctionDef, str]]:
    for path in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # The docstrings of commands are their help.
            is_help = isinstance(node, ast.FunctionDef) and node.name in {"command", "main"}
            if not isinstance(node, ast.FunctionDef) or (is_help and "cli" in path.parts):
                continue
            if text := ast.get_docstring(node):
                yield f"{path.relative_to(HOUSE)}: {node.name}", node, text


def test_functions_say_what_they_do() -> None:
    """In the imperative: "Return …"; only what looks like a field may be named by a noun."""
    riddles = []
    for where, node, text in docstrings():
        decorators = " ".join(map(ast.unparse, node.decorator_list))
        openings = _OF_PROPERTIES if "property" in decorators else _RIDDLES
        if openings.match(text):
            riddles.append(f"{where}: {text.splitlines()[0]}")
    assert not riddles, "\n".join(riddles)


def test_the_eye_for_riddles_is_not_blind() -> None:
    assert _RIDDLES.match("Of a split where the conflict is.")
    assert _RIDDLES.match("(reading,) their posterior weights.")
    assert _RIDDLES.match("Whether it is one.")
    assert not _RIDDLES.match("Return the posterior weights (reading,).")
    assert not _RIDDLES.match("Asked")
    assert _OF_PROPERTIES.match("Of the target.")
