"""Parts: one that fails or takes too long costs that part alone, and is named."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from estimates import fit, load
from estimates._util.parts import Broken, Parts, TookTooLong, check, in_time, seconds_left
from estimates.analysis.sensitivity.run import sensitivity
from estimates.cli.app import app
from estimates.inference.sampling import Sampling

from .truth.building import build


class Bug(RuntimeError):
    pass


def bug(*_: Any, **__: Any) -> NoReturn:
    raise Bug("made for this test")


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_an_exception_is_kept_and_told(seconds: float | None) -> None:
    told: list[Broken] = []
    parts = Parts(seconds, told.append)
    assert parts.make("two and two", lambda: 2 + 2) == 4
    assert parts.make("the bug", bug, "estimates fit x") is None
    (one,) = parts.broken
    assert told == [one]
    assert one.sentence == "the bug could not be made: Bug: made for this test"
    assert one.advice == "`estimates fit x` tries it alone."
    assert "in bug" in one.trace
    assert json.loads(json.dumps(one.document()))["error"] == "Bug"


def test_an_interruption_is_nobodys_fault() -> None:
    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    for seconds in (None, 60.0):
        parts = Parts(seconds)
        with pytest.raises(KeyboardInterrupt):
            parts.make("it", interrupted)
        assert not parts.broken


def busy() -> NoReturn:
    while True:  # asks nobody
        pass


def cooperative() -> NoReturn:
    while True:
        check()
        time.sleep(0.01)


def in_threads() -> list[None]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(in_time(lambda _: time.sleep(0.05)), range(100_000)))


def swallowing() -> NoReturn:
    while True:
        with suppress(Exception):
            cooperative()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that this one begins, and those that they begin: others come and go as well."""
    found: list[threading.Thread] = []
    here, start = threading.current_thread(), threading.Thread.start

    def noted(self: threading.Thread) -> None:
        if threading.current_thread() in (here, *found):
            found.append(self)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", noted)
    return found


# A thread that is told to stop may be in the garbage collector's callbacks, of which hypothesis
# has one; Python then says that it ignores what was raised there.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("work", [busy, cooperative, in_threads, swallowing])
def test_what_takes_too_long_is_stopped(work: Any, begun: list[threading.Thread]) -> None:
    told: list[Broken] = []
    parts = Parts(0.2, told.append)
    assert parts.make("it", work, "estimates x") is None
    (one,) = parts.broken
    assert one.why == "it took more than 0.2 seconds"
    assert "--part-seconds" in one.advice
    assert parts.make("the next", lambda: seconds_left() is not None) is True
    for _ in range(600):  # threads of a pool first throw away what was handed to them
        if not any(thread.is_alive() for thread in begun):
            break
        time.sleep(0.1)
    assert begun
    assert [thread for thread in begun if thread.is_alive()] == []


class Lock:
    """Taken in two steps, as those of `threading.Condition` are; this one takes its time."""

    begun = given_back = 0

    def __enter__(self) -> None:
        self.begun += 1
        until = time.monotonic() + 1.7  # longer than a part has to stop of its own accord
        while time.monotonic() < until:
            time.sleep(0.001)

    def __exit__(self, *_: object) -> None:
        self.given_back += 1


def test_a_lock_is_not_left_half_taken() -> None:
    lock = Lock()

    def hold() -> None:
        with lock:
            busy()

    assert Parts(0.2, lambda _: None).make("it", hold) is None
    assert (lock.begun, lock.given_back) == (1, 1)


def test_the_time_of_a_whole_is_that_of_its_parts() -> None:
    outer, inner = Parts(0.2, lambda _: None), Parts()
    assert outer.make("the whole", lambda: inner.make("a part", cooperative)) is None
    assert [one.part for one in outer.broken] == ["the whole"]
    assert not inner.broken
    assert seconds_left() is None
    check()


def test_what_breaks_within_a_part_is_known_to_the_whole() -> None:
    outer, inner = Parts(60.0, lambda _: None), Parts()
    assert outer.make("the whole", lambda: [inner.make("a part", bug), 5]) == [None, 5]
    assert [one.part for one in outer.broken] == ["a part"]
    with pytest.warns(RuntimeWarning, match="a part could not be made: Bug"):
        Parts().make("a part", bug)


def test_a_program_ends_though_a_part_does_not() -> None:
    """Deep inside a library nothing is heard; a thread that is no daemon would be waited for."""
    code = (
        "import sys, threading, time\n"
        "from estimates.cli import app\n"
        "from estimates._util.parts import Parts\n"
        "def deaf():\n"
        "    thread = threading.Thread(target=time.sleep, args=(600,))\n"
        "    thread.start()\n"
        "    time.sleep(600)\n"
        "class Program:\n"
        "    def main(self):\n"
        "        Parts(0.2, lambda b: print(b.sentence)).make('it', deaf)\n"
        "        sys.exit(1)\n"
        "from estimates.cli import app as module\n"
        "import importlib; module = importlib.import_module('estimates.cli.app')\n"
        "module.app = Program()\n"
        "module.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == "it could not be made: it took more than 0.2 seconds\n"


# As a user meets them ---------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        build(tmp_path / "models" / name, quantities={"x": "1 to 9"}, says={}, claims={})
    return tmp_path


def run(root: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--root", str(root)], catch_exceptions=False)


def test_reproduce_goes_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past a question and a figure that break, and past a model that cannot be fitted."""
    from estimates.analysis import registry
    from estimates.report import reproduce as results

    stored = results.stored_fit

    def fitted(model: Any, **options: Any) -> Any:
        return bug() if model.slug == "one" else stored(model, **options)

    monkeypatch.setattr(results, "stored_fit", fitted)
    run_of = registry.Analysis.run
    monkeypatch.setattr(
        registry.Analysis, "run", lambda one: bug if one.name == "voi" else run_of(one)
    )
    monkeypatch.setattr("estimates.plots.figures.answer", bug)
    done = run(root, "reproduce", "--json")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "error: one: the fit could not be made: Bug: made for this test",
        "error: two: what to find out next could not be made: Bug: made for this test",
        "error: two: the figure answer could not be made: Bug: made for this test",
    ]
    models = json.loads(done.stdout)["models"]
    assert not models["one"]["converged"]
    assert len(models["two"]["broken"]) == 2
    files = models["two"]["files"]
    assert {"fit.json", "conflict.json", "figures/prior_posterior.png"} <= set(files)
    assert not {"voi.json", "figures/answer.png"} & set(files)


def test_a_figure_that_breaks_costs_no_words(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from estimates.analysis.voi.result import ValueOfInformation
    from estimates.plots import figures

    with monkeypatch.context() as patch:
        patch.setitem(figures._ONE, ValueOfInformation, ("voi", bug))
        done = run(root, "voi", "one")
    assert done.exit_code == 1
    assert "the figure voi could not be made: Bug" in done.stderr
    assert done.stdout
    again = run(root, "voi", "one", "--full")  # what broke is not kept
    assert again.exit_code == 0
    assert "voi.png" in again.stdout


def test_a_table_that_breaks_costs_no_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from estimates.analysis.sensitivity import run as drivers

    monkeypatch.setattr(drivers, "tornado", bug)
    tree = fit(load("one", root), sampling=Sampling(draws=200, tune=100))
    with pytest.warns(RuntimeWarning, match="Bug"):
        found = sensitivity(tree)
    assert [one["error"] for one in found.document["broken"]] == ["Bug"]
    assert not found.document["tornado"]
    assert found.document["variance"]


def test_the_signal_of_time_passes_every_except_exception() -> None:
    assert not issubclass(TookTooLong, Exception)


# What must not break in the first place ----------------------------------------------------------


def test_a_word_wider_than_its_line_is_broken() -> None:
    from estimates.plots.parts.text import shortened, text_width, wrap

    for word in ("W" * 300, "i" * 3000, "a-b_" * 60):
        lines = wrap(f"before {word} after", 1.5)
        assert "".join(lines).replace(" ", "") == f"before{word}after"
        assert max(map(text_width, lines)) <= 1.5
        assert text_width(shortened(lines[1:], 1)[0]) <= 1.6
    assert wrap("no room", 0.0) == ["n", "o", "r", "o", "o", "m"]


@pytest.mark.parametrize(
    ("low", "high"), [(1e-300, 1e300), (1e250, 1e251), (-1e200, 1e200), (0, 0)]
)
def test_an_axis_spans_whatever_there_is(low: float, high: float) -> None:
    import math

    from estimates.language.expression import Interval
    from estimates.language.units import Units
    from estimates.plots.parts.axis import Ruler

    reach = Interval(low, high) if low == high else Interval(0 if low > 0 else -math.inf, math.inf)
    ruler = Ruler.of(reach, Units().parse("person"), "x", [low, high])
    assert math.isfinite(ruler.low)
    assert ruler.low < ruler.high < math.inf
    places = [float(ruler.place(x)) for x in (low, high)]
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)
    assert ruler.ticks(4.0)[0]


@pytest.mark.parametrize(
    "says",
    [
        {"one": "1000", "slack": "at least 50"},
        {"one": {"says": "1000", "origin": "o"}, "slack": {"says": "1000", "origin": "o"}},
    ],
)
def test_a_claim_that_says_the_same_everywhere_carries_nothing(
    tmp_path: Path, says: dict[str, Any]
) -> None:
    claims = dict.fromkeys(says, "x")
    model = build(tmp_path / "m", quantities={"x": "10 to 100,000"}, says=says, claims=claims)
    found = sensitivity(fit(model, sampling=Sampling(draws=250, tune=200)))
    assert found.document["broken"] == []
    rows = {row["name"]: row for row in found.document["power_scaling"]}
    assert rows["slack"]["psense"] < 5e-5
    assert rows["slack"]["diagnosis"].startswith("it changes nothing")
    assert rows["one"]["psense"] > 0.05
