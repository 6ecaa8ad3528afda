"""Sweeps: the same results whoever does the work, nothing twice, and on after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.truth.building import build

from estimates import (
    Change,
    InputError,
    Model,
    Sampling,
    Store,
    Workers,
    by_reading,
    fit,
    leave_one_out,
    refit,
)
from estimates.errors import WorkersLost
from estimates.inference.refit_result import Refit
from estimates.inference.summary import summary

SHORT = Sampling(draws=300, tune=300)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return build(
        tmp_path_factory.mktemp("market"),
        quantities={
            "stalls": {"unit": "stall", "prior": "20 to 400"},
            "takings": {"unit": "USD/stall", "prior": "50 to 900"},
            "share": {"unit": "share", "prior": "5 to 80 %"},
            "days": {"unit": "1", "value": 6},
        },
        says={
            "many": "around 90 stalls",
            "most": {"says": "up to 150 stalls", "speaker": "a porter"},
            "each": {"says": "200 to 300 USD/stall", "origin": "till"},
            "same": {"says": "200 to 300 USD/stall", "origin": "till"},
            "kept": "12 of 60",
        },
        claims={"many": "stalls", "most": "stalls", "each": "quoted", "same": "quoted",
                "kept": "share"},
        relations={
            "quoted": {"by": "takings_are", "gross": "takings", "net": "takings * (1 - share)"},
            "total": {"unit": "USD", "is": "stalls * takings * days"},
        },
        readings={
            "takings_are": {
                "question": "before or after rent?",
                "gross": {"weight": 1, "because": "-"},
                "net": {"weight": 1, "because": "-"},
            }
        },
        targets=["total"],
    )  # fmt: skip


CHANGES = [
    Change("nothing"),
    Change("no porter", without=frozenset({"most"})),
    Change("wider", widened={"many": 3.0}),
    Change("said otherwise", spoken={"many": float(np.log(200))}),
    Change("a shorter week", fixed={"days": 3.0}),
]


@pytest.fixture(scope="module")
def expected(model: Model) -> list[Refit]:
    return refit(model, CHANGES, sampling=SHORT, workers=Workers(count=1))


def test_changes_change_what_they_should(expected: list[Refit]) -> None:
    median = {one.label: one.targets["total"].median for one in expected}
    error = {one.label: one.targets["total"].mcse_median for one in expected}
    # Other questions, other draws: half as much to within four Monte Carlo standard errors.
    tolerated = 4 * np.hypot(error["a shorter week"], error["nothing"] / 2)
    assert median["a shorter week"] == pytest.approx(median["nothing"] / 2, abs=tolerated)
    assert median["said otherwise"] > 1.2 * median["nothing"]
    assert median["no porter"] > median["nothing"]
    widths = {one.label: np.log(one.targets["total"].q95 / one.targets["total"].q05)
              for one in expected}  # fmt: skip
    assert widths["wider"] > widths["nothing"]
    assert all(not one.failed for one in expected)


def test_a_refit_is_a_fit(model: Model, expected: list[Refit]) -> None:
    """Nothing changed: the numbers of `fit` itself, from the same draws."""
    whole = fit(model, sampling=SHORT)
    assert expected[0].weights["takings_are"]["gross"] == float(whole["readings"]["posterior"][0])
    found = expected[0].readings[0].targets["total"].median
    assert found == summary(whole).document["readings"][0]["quantities"]["total"]["median"]
    # Weighted quantiles are sums of weights: those of equal weights differ in their last digits.
    drawn = by_reading(whole)["total"].values[0].ravel()
    assert found == pytest.approx(np.quantile(drawn, 0.5), rel=1e-12)


@pytest.mark.parametrize("threads", [2, 5])
def test_results_do_not_depend_on_the_number_of_threads(
    model: Model, expected: list[Refit], threads: int
) -> None:
    found = refit(model, CHANGES, sampling=SHORT, workers=Workers(count=threads))
    assert [asdict(one) for one in found] == [asdict(one) for one in expected]


def test_results_do_not_depend_on_other_processes(model: Model, expected: list[Refit]) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = refit(model, CHANGES, sampling=SHORT, workers=Workers(pool))
    assert [asdict(one) for one in found] == [asdict(one) for one in expected]


class Counting(Executor):
    """Does the work here and now, and counts it; fails from some piece on."""

    def __init__(self, fail_from: int = 10**9) -> None:
        self.done, self._fail_from = 0, fail_from

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.done += 1
        if self.done >= self._fail_from:
            future.set_exception(KeyboardInterrupt())
        else:
            future.set_result(function(*args, **kwargs))
        return future


def test_an_interrupted_sweep_goes_on_and_does_nothing_twice(
    model: Model, expected: list[Refit], tmp_path: Path
) -> None:
    store = Store(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        refit(model, CHANGES, sampling=SHORT, workers=Workers(Counting(fail_from=3), store=store))
    done = len(store.entries())
    assert 0 < done < len(CHANGES)
    rest = Counting()
    found = refit(model, CHANGES, sampling=SHORT, workers=Workers(rest, store=store))
    assert rest.done == len(CHANGES) - done
    assert [asdict(one) for one in found] == [asdict(one) for one in expected]
    again = Counting()
    renamed = [Change("another name", without=frozenset({"most"}))]
    found = refit(model, renamed, sampling=SHORT, workers=Workers(again, store=store))
    assert again.done == 0
    assert found[0].label == "another name"
    # Another seed, other settings: other questions.
    refit(model, CHANGES[:1], sampling=SHORT, seed=9, workers=Workers(again, store=store))
    refit(model, CHANGES[:1], sampling=Sampling(200, 300), workers=Workers(again, store=store))
    assert again.done == 2


class Breaking(Counting):
    """Does some of the work, and then what becomes of the rest is up to `rest`."""

    def __init__(self, rest: Callable[[Future[Any]], object]) -> None:
        super().__init__()
        self._rest = rest

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.done < 2:
            return super().submit(function, *args, **kwargs)
        future: Future[Any] = Future()
        self._rest(future)
        return future


class KilledWorker(Exception):
    """As Dask raises it."""

    __module__ = "distributed.scheduler"


def closed(_: Future[Any]) -> None:
    raise RuntimeError("cannot schedule new futures after shutdown")


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (lambda future: None, "nothing was finished within 0.3 seconds"),
        (lambda future: future.set_exception(BrokenProcessPool("x")), "a process ended"),
        (lambda f: f.cancel() and f.set_running_or_notify_cancel(), "the connection to them broke"),
        (lambda future: future.set_exception(KilledWorker("x")), "the workers were lost: x"),
        (closed, "after shutdown"),
    ],
    ids=["hang", "killed", "scheduler gone", "Dask gives up", "closed"],
)
def test_workers_that_are_lost_are_told_and_what_they_finished_is_kept(
    model: Model, expected: list[Refit], tmp_path: Path, rest: Any, reason: str
) -> None:
    store = Store(tmp_path)
    workers = Workers(Breaking(rest), store=store, patience=0.3)
    with pytest.raises(WorkersLost) as caught:
        refit(model, CHANGES, sampling=SHORT, workers=workers)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(store.entries()) == (2 if reason != "after shutdown" else 0)
    found = refit(model, CHANGES, sampling=SHORT, workers=Workers(store=store))
    assert [asdict(one) for one in found] == [asdict(one) for one in expected]


def test_a_process_that_is_killed_is_told(model: Model, tmp_path: Path) -> None:
    store = Store(tmp_path)

    def kill(done: int, total: int, what: str) -> None:
        if done == 1:
            for process in list(pool._processes.values()):
                process.kill()

    changes = [Change(f"{i}", widened={"many": 1 + i / 10}) for i in range(30)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        workers = Workers(pool, store=store)
        with pytest.raises(WorkersLost, match="a process ended before its work was done"):
            refit(model, changes, sampling=SHORT, workers=workers, progress=kill)
    assert store.entries()


def test_what_another_hand_stored_is_done_again(
    model: Model, expected: list[Refit], tmp_path: Path
) -> None:
    warned: list[str] = []
    store = Store(tmp_path, warned.append)
    refit(model, CHANGES[:1], sampling=SHORT, workers=Workers(store=store))
    (entry,) = store.entries()
    for content in (b"", b"[]", b"{}", b"\x80\x04}\x94.", b"[" * 100_000):
        store.write(entry.kind, entry.digest, content, entry.about)
        found = refit(model, CHANGES[:1], sampling=SHORT, workers=Workers(store=store))
        assert asdict(found[0]) == asdict(expected[0])
    assert len(set(warned)) == 1


def test_a_damaged_result_is_done_again(model: Model, tmp_path: Path) -> None:
    warned: list[str] = []
    store = Store(tmp_path, warned.append)
    first = refit(model, CHANGES[:2], sampling=SHORT, workers=Workers(store=store))
    path = store.entries()[0].path
    path.write_bytes(path.read_bytes()[:-20])
    counting = Counting()
    assert refit(model, CHANGES[:2], sampling=SHORT, workers=Workers(counting, store=store)) == (
        first
    )
    assert counting.done == 1
    assert len(warned) == 1


KILLED = """
import sys
from pathlib import Path
from estimates import Change, Sampling, Store, Workers, load, refit
changes = [Change(f"{i}", widened={"many": 1 + i / 10}) for i in range(40)]
refit(load(Path(sys.argv[1])), changes, sampling=Sampling(300, 300),
      workers=Workers(count=2, store=Store(Path(sys.argv[2]))),
      progress=lambda done, total, what: print(done, flush=True))
"""


def test_a_sweep_killed_outright_resumes(model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    folder.mkdir()
    (folder / "model.json").write_text(model.to_json(), encoding="utf-8")
    script = KILLED.replace("load(Path(sys.argv[1]))", "load_json(Path(sys.argv[1]).read_text())")
    script = script.replace("load, refit", "load_json, refit")
    store = tmp_path / "store"
    arguments = [sys.executable, "-c", script, str(folder / "model.json"), str(store)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while int(process.stdout.readline() or 40) < 5:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    warned: list[str] = []
    done = len(Store(store, warned.append).entries())
    assert 5 <= done < 40
    finished = subprocess.run(arguments, capture_output=True, text=True, check=True)
    counted = [int(line) for line in finished.stdout.split()]
    assert counted[0] == done
    assert counted[-1] == 40
    assert len(counted) == 1 + 40 - done
    assert len(Store(store, warned.append).entries()) == 40
    assert not warned


def test_leaving_out_claims_sources_origins_and_speakers(model: Model) -> None:
    by_claim = leave_one_out(model, sampling=SHORT).set_index("without")
    assert list(by_claim.index) == ["nothing", "many", "most", "each", "same", "kept"]
    assert by_claim.attrs == {"target": "total", "unit": "USD"}
    base = by_claim["median"]["nothing"]
    assert by_claim["shift"]["nothing"] == 0
    assert by_claim["shift"]["most"] == by_claim["median"]["most"] - base
    # One of two identical copies changes nothing (four Monte Carlo standard errors), both do.
    tolerated = 4 * np.hypot(by_claim["mcse_median"]["same"], by_claim["mcse_median"]["nothing"])
    assert by_claim["shift"]["same"] == pytest.approx(0, abs=tolerated)
    by_origin = leave_one_out(model, "origin", sampling=SHORT).set_index("without")
    assert list(by_origin.index) == ["nothing", "till"]
    assert abs(by_origin["shift"]["till"]) > tolerated
    by_speaker = leave_one_out(model, "speaker", sampling=SHORT).set_index("without")
    assert by_speaker["median"]["a porter"] == by_claim["median"]["most"]
    by_source = leave_one_out(model, "source", sampling=SHORT).set_index("without")
    assert list(by_source.index) == ["nothing", "elsewhere"]
    assert bool(by_source["converged"].all())


def test_changes_of_what_is_not_there_are_bad_input(model: Model) -> None:
    with pytest.raises(InputError, match="no claim 'mny' in the model; did you mean 'many'"):
        refit(model, [Change(without=frozenset({"mny"}))])
    with pytest.raises(InputError, match="no known constant 'day' in the model; did you mean"):
        refit(model, [Change(fixed={"day": 3.0})])


def test_the_store_goes_by_all_that_determines_a_result(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    refit(model, CHANGES[:1], sampling=SHORT, workers=Workers(store=store))
    from estimates.inference import jobs as sweep

    real = sweep.circumstances()
    monkeypatch.setattr(sweep, "circumstances", lambda: {**real, "numpy": "another"})
    counting = Counting()
    refit(model, CHANGES[:1], sampling=SHORT, workers=Workers(counting, store=store))
    assert counting.done == 1


def test_work_ahead_is_bounded(model: Model) -> None:
    """What an executor has in hand at a time does not grow with the sweep."""

    class Slow(Counting):
        def __init__(self) -> None:
            super().__init__()
            self.waiting: list[tuple[Future[Any], Any]] = []
            self.most = 0

        def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.waiting.append((future, args))
            self.most = max(self.most, len(self.waiting))
            return future

    from threading import Thread

    slow = Slow()
    result = refit(model, CHANGES[:1], sampling=SHORT)[0]
    changes = [Change(str(i), widened={"many": 1 + i}) for i in range(300)]
    left = len(changes)

    def work() -> None:
        nonlocal left
        while left:
            time.sleep(0.001)
            for future, _ in [slow.waiting.pop() for _ in range(len(slow.waiting))]:
                future.set_result(result)
                left -= 1

    thread = Thread(target=work)
    thread.start()
    assert len(refit(model, changes, workers=Workers(slow))) == 300
    thread.join()
    assert slow.most <= 64
