"""Files and wordings made up at random, led by which lines of the package they reach.

Whatever is read gives faults or a model, never an exception and never a wait.  What passes `check`
is then asked for an answer, by the commands themselves.
"""

from __future__ import annotations

import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NoReturn

import yaml

from estimates.errors import InputError
from estimates.language.expression import ExpressionError, parse_expression
from estimates.language.wording import WordingError, parse_wording
from estimates.model.io import load
from soak import corpus
from soak.coverage import Lines, watched
from soak.mutation import SCALARS, mutated_text, mutated_tree, mutated_wording

_PATIENCE = 10.0  # seconds for one input
# As texts: what a number is, the package decides.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_LARGE = 2500  # bytes: larger files say nothing more, and take longer
_MOST = 40  # findings of one kind that are kept
_COMMANDS = ("show", "fit", "compare", "sensitivity", "conflict", "voi", "export", "report")
_LIMIT = 120.0  # seconds for one command


class _TooLong(BaseException):
    pass


def main(seconds: float, seed: int) -> Mapping[str, Any]:
    """A third of the time on what is read, the rest on what passes."""
    random = Random(seed)
    findings: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    _read(corpus.MODELS / corpus.all_models()[0])  # what is imported once takes no input's time
    with tempfile.TemporaryDirectory(prefix="soak-fuzz-") as scratch, watched() as lines:
        end = time.monotonic() + seconds / 3
        words = _seeds()
        for name, pool, read, until in (
            ("wordings", words, _wording, end - seconds / 4),
            ("expressions", [one for one in SCALARS if one], _expression, end - seconds / 5),
        ):
            _search(pool, mutated_wording, read, lines, random, until, counts, name, findings)
        passed = _files(lines, random, end, counts, Path(scratch), findings)
        counts["lines reached"] = lines.seen
    findings += _answers(passed, random, 2 * seconds / 3, counts)
    return {**counts, "findings": findings}


def _seeds() -> list[str]:
    texts = [(corpus.MODELS / name / "evidence.yaml") for name in corpus.all_models()]
    said = [yaml.load(t.read_text("utf-8"), _LOADER) for t in texts if t.is_file()]
    claims = [claim for one in said for claim in (one.get("claims") or {}).values()]
    return sorted({claim["says"] for claim in claims if "says" in claim})


def _search(
    pool: list[str], mutate: Callable[[str, Random], str], read: Callable[[str], None],
    lines: Lines, random: Random, end: float, counts: Counter[str], name: str,
    findings: list[dict[str, Any]],
) -> None:  # fmt: skip
    """Read mutations of a pool until a time; what reaches a new line joins the pool."""
    pool = list(pool)
    while time.monotonic() < end:
        text = mutate(random.choice(pool), random)
        seen = lines.seen
        counts[name] += 1
        _note(findings, name, {"input": text}, lambda text=text: read(text))
        if lines.seen > seen:
            pool.append(text)


def _wording(text: str) -> None:
    try:
        found = parse_wording(text)
    except WordingError:
        return
    again = parse_wording(str(found))
    assert again == found, f"{text!r} is {found!r}, but its canonical form {str(found)!r} {again!r}"


def _expression(text: str) -> None:
    try:
        found = parse_expression(text)
    except ExpressionError:
        return
    assert parse_expression(str(found)) == found, f"{text!r} prints as {str(found)!r}"


def _note(
    findings: list[dict[str, Any]], kind: str, given: Mapping[str, Any], ask: Callable[[], Any]
) -> Any:
    """What a question comes to; an exception or a wait is a finding, each place once."""
    try:
        with _patience():
            return ask()
    except (Exception, _TooLong) as error:
        tail = traceback.format_exception(error)[-4:]
        place = tail[-2] if len(tail) > 1 else ""
        alike = [one for one in findings if one["kind"] == kind and one["place"] == place]
        if len(alike) < 3 and len(findings) < _MOST:
            findings.append({"kind": kind, "place": place, **given, "tail": tail})
    return None


@contextmanager
def _patience() -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> NoReturn:
        raise _TooLong(f"not read in {_PATIENCE:.0f} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


type _Pair = tuple[Any, Any]


def _files(
    lines: Lines, random: Random, end: float, counts: Counter[str], scratch: Path,
    findings: list[dict[str, Any]],
) -> list[tuple[str, str]]:  # fmt: skip
    """Models and ledgers until a time; returns those that passed, the newest lines first."""
    pool: list[_Pair] = []
    for name in corpus.all_models():
        texts = [corpus.MODELS / name / file for file in ("model.yaml", "evidence.yaml")]
        if all(text.is_file() and text.stat().st_size < _LARGE for text in texts):
            model, ledger = (yaml.load(t.read_text("utf-8"), _LOADER) for t in texts)
            pool.append((model, ledger))
    passed: list[tuple[int, str, str]] = []
    folder = scratch / "models" / "fuzzed"
    folder.mkdir(parents=True)
    while time.monotonic() < end:
        model, ledger = random.choice(pool)
        tree = random.random() < 0.8
        which = random.random()
        if tree and which < 0.65:
            model = mutated_tree(model, [one for one, _ in random.sample(pool, 3)], random)
        if tree and which > 0.5:
            ledger = mutated_tree(ledger, [one for _, one in random.sample(pool, 3)], random)
        texts = [_dumped(model), _dumped(ledger)]
        if not tree:
            one = random.randrange(2)
            texts[one] = mutated_text(texts[one], [_dumped(random.choice(pool)[one])], random)
        # What stands for a lone half of a letter cannot be written, by anybody.
        model_text, ledger_text = (t.encode("utf-8", "replace").decode() for t in texts)
        (folder / "model.yaml").write_text(model_text, encoding="utf-8")
        (folder / "evidence.yaml").write_text(ledger_text, encoding="utf-8")
        seen = lines.seen
        counts["files"] += 1
        given = {"model": model_text, "evidence": ledger_text}
        good = _note(findings, "files", given, lambda: _read(folder))
        new = lines.seen - seen
        counts["files that pass"] += bool(good)
        if new and tree:
            pool.append((model, ledger))
        if good:
            passed.append((new, model_text, ledger_text))
    passed.sort(key=lambda one: -one[0])
    return [(model, ledger) for _, model, ledger in passed]


def _dumped(tree: Any) -> str:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    return yaml.dump(tree, Dumper=Plain, sort_keys=False, allow_unicode=True)


def _read(folder: Path) -> bool:
    try:
        load(folder)
    except InputError as error:
        for fault in error.faults:
            assert fault.message, "a fault without a sentence"
            assert fault.place is not None, f"a fault without a place: {fault.message}"
        return False
    return True


def _answers(
    passed: list[tuple[str, str]], random: Random, seconds: float, counts: Counter[str]
) -> list[dict[str, Any]]:
    """What passed is answered or refused: half of it what reached new lines, half any."""
    end = time.monotonic() + seconds
    findings: list[dict[str, Any]] = []
    rest = passed[20:]
    random.shuffle(rest)
    with tempfile.TemporaryDirectory(prefix="soak-fuzz-") as scratch:
        folder = Path(scratch) / "passed"
        for number, (model, ledger) in enumerate(passed[:20] + rest):
            if time.monotonic() > end:
                break
            one = folder / f"fuzz-{number}"
            one.mkdir(parents=True)
            (one / "model.yaml").write_text(model, encoding="utf-8")
            (one / "evidence.yaml").write_text(ledger, encoding="utf-8")
            run = corpus.run([one.name], Path(scratch) / "run", only=_COMMANDS, limit=_LIMIT,
                             until=end, folder=folder)  # fmt: skip
            counts["models answered or refused"] += 1
            counts["commands"] += sum(run.codes.values())
            for code, count in run.codes.items():
                counts[f"with exit {code}"] += count
            findings += [{**one, "texts": [model, ledger]} for one in run.findings]
    return findings
