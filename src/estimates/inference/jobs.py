"""Many pieces of work on one model, over any executor, each done once.

A sweep asks a store first, does what is missing and stores every result as soon as it is there: one
that was killed goes on where it stopped.  Results depend on the model, the seed and the item alone,
never on how many workers there are or in which order they finish.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from estimates._util.files import Json
from estimates._util.parts import TookTooLong, check, in_time, seconds_left
from estimates._util.store import Store, circumstances
from estimates.errors import Fault, WorkersLost
from estimates.inference.engine import Engine
from estimates.model.io import load_json

type Progress = Callable[[int, int, str], None]
_AHEAD = 64  # pieces handed out at a time, so that memory stays bounded
_MOST_THREADS = 4  # each holds arrays as long as there are draws
_PATIENCE = 600.0  # seconds; above the five minutes after which Dask gives up a silent worker


@dataclass(frozen=True)
class Job[Item, Result]:
    """A kind of work on an engine.

    Attributes
    ----------
    kind : under which results are stored
    run : does one item; a function of a module, so that it can be sent to another process
    describe : all that the result depends on beside the model and the seed, as JSON
    encode, decode : results to bytes and back, for the store
    label : what a progress bar says of an item
    """

    kind: str
    run: Callable[[Engine, Item], Result]
    describe: Callable[[Item], Json]
    encode: Callable[[Result], bytes]
    decode: Callable[[bytes], Result]
    label: Callable[[Item], str]


@dataclass(frozen=True)
class Workers:
    """Who does the work, and where results are kept.

    Attributes
    ----------
    executor : any `concurrent.futures.Executor` (Dask's `client.get_executor()`, a process pool);
        None for threads of this process, which share one compiled model
    count : threads, where there is no executor (as many as there are processors, if not said)
    store : keeps every result (None: nothing is kept)
    keep_after : seconds of a sweep from which on results are written as they come; one that ends
        before leaves nothing in the store, and one that is stopped keeps what was done all the same
    patience : seconds in which an executor must finish something, else it is taken to hang;
        if not said, what `ESTIMATES_PATIENCE` says, or 600

    See Also
    --------
    Store : a folder that keeps results

    Examples
    --------
    >>> from pathlib import Path
    >>> import estimates as est
    >>> est.Workers(count=2, store=est.Store(Path("results/store"))).count
    2
    """

    executor: Executor | None = None
    count: int | None = None
    store: Store | None = None
    patience: float | None = None
    keep_after: float = 0.0


def sweep[Item, Result](
    engine: Engine,
    job: Job[Item, Result],
    items: Sequence[Item],
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> list[Result]:
    """Finish every item of a job; results in the order of the items.

    Parameters
    ----------
    engine : of the model; threads share it, other processes make their own from its model and seed
    progress : called as `progress(done, total, what)`

    Raises
    ------
    WorkersLost : where an executor breaks or hangs; what it had finished is in the store
    """
    workers = workers or Workers()
    tell = progress or (lambda done, total, what: None)
    digests = [item_digest(engine, job, item) for item in items]
    results: dict[int, Result] = {}
    for number, digest in enumerate(digests):
        stored = _stored(workers.store, job, digest) if workers.store else None
        if stored is not None:
            results[number] = stored
    missing = [number for number in range(len(items)) if number not in results]

    keeper = _Keeper(engine.model.slug, job, workers)

    def finish(number: int, result: Result) -> None:
        keeper.take(digests[number], job.label(items[number]), result)
        results[number] = result
        tell(len(results), len(items), job.label(items[number]))

    tell(len(results), len(items), job.label(items[missing[0]]) if missing else "")
    try:
        if workers.executor is None and (workers.count == 1 or len(missing) == 1):
            with threadpool_limits(1, user_api="blas"):  # for matrices this small threads only wait
                for number in missing:
                    check()
                    finish(number, job.run(engine, items[number]))
        elif missing:
            with _submitting(engine, job, workers, len(missing)) as submit:
                patience = None if workers.executor is None else _patience(workers)
                for number, result in _as_they_finish(submit, items, missing, patience):
                    finish(number, result)
    except BaseException:  # stopped, by whatever: what is done is kept
        keeper.write()
        raise
    return [results[number] for number in range(len(items))]


class _Keeper[Item, Result]:
    """Puts results into the store, the first of them only once the work takes longer."""

    def __init__(self, model: str, job: Job[Item, Result], workers: Workers) -> None:
        self._model = model
        self._job = job
        self._workers = workers
        self._begun = time.monotonic()
        self._waiting: list[tuple[str, str, Result]] = []

    def take(self, digest: str, label: str, result: Result) -> None:
        """Keep a result, now or when it is clear that the work takes long."""
        if self._workers.store is not None:
            self._waiting.append((digest, label, result))
            if time.monotonic() - self._begun >= self._workers.keep_after:
                self.write()

    def write(self) -> None:
        """Write what waits."""
        while self._waiting and self._workers.store is not None:
            digest, label, result = self._waiting.pop(0)
            about = {"model": self._model, "what": label}
            self._workers.store.keep(self._job.kind, digest, self._job.encode(result), about)


def _stored[Item, Result](store: Store, job: Job[Item, Result], digest: str) -> Result | None:
    """Return what is kept of an item; a strange entry counts as none, and the item is done anew."""
    content = store.read(job.kind, digest)
    if content is None:
        return None
    try:
        return job.decode(content)
    except Exception:  # of whatever kind, it is told, and the work is done again
        store.distrust(job.kind, digest)
        return None


def item_digest[Item, Result](engine: Engine, job: Job[Item, Result], item: Item) -> str:
    """Return the digest under which an item's result is stored."""
    said = [engine.content, engine.seed, job.describe(item), circumstances()]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


type _Submit[Item, Result] = Callable[[Item], Future[Result]]


@contextmanager
def _submitting[Item, Result](
    engine: Engine, job: Job[Item, Result], workers: Workers, count: int
) -> Iterator[_Submit[Item, Result]]:
    """Return the function that hands out an item."""
    if workers.executor is not None:
        executor, content = workers.executor, engine.model.to_json()
        yield lambda item: executor.submit(_elsewhere, job.run, content, engine.seed, item)
        return
    processors = available_processors()
    threads = min(workers.count or processors, count)
    shared = engine.using(max(1, processors // threads))
    # The work itself fills the processors: linear algebra that spreads over them again would wait.
    with threadpool_limits(1, user_api="blas"):
        pool = ThreadPoolExecutor(threads)
        run = in_time(job.run)
        patient = True
        try:
            yield lambda item: pool.submit(run, shared, item)
        except (KeyboardInterrupt, TookTooLong):
            patient = False  # whoever interrupts does not wait for the fits that are under way
            raise
        finally:
            pool.shutdown(wait=patient, cancel_futures=True)


def _as_they_finish[Item, Result](
    submit: _Submit[Item, Result],
    items: Sequence[Item],
    missing: Sequence[int],
    patience: float | None,
) -> Iterator[tuple[int, Result]]:
    waiting: dict[Future[Result], int] = {}
    left = iter(missing)
    try:
        while True:
            while len(waiting) < _AHEAD and (number := next(left, None)) is not None:
                waiting[_handed(submit, items[number])] = number
            if not waiting:
                return
            limits = [limit for limit in (patience, seconds_left()) if limit is not None]
            done, _ = wait(waiting, min(limits, default=None), FIRST_COMPLETED)
            if not done:
                check()
                raise _lost(
                    f"nothing was finished within {patience:g} seconds (ESTIMATES_PATIENCE waits "
                    "longer)"
                )
            # What was done well first: it is kept even if something else has failed meanwhile.
            for future in sorted(done, key=_failed):
                yield waiting.pop(future), _result(future)
            check()
    finally:
        for future in waiting:
            future.cancel()


def _patience(workers: Workers) -> float:
    if workers.patience is not None:
        return workers.patience
    said = os.environ.get("ESTIMATES_PATIENCE", "")
    return float(said) if said.replace(".", "", 1).isdecimal() else _PATIENCE


def _handed[Item, Result](submit: _Submit[Item, Result], item: Item) -> Future[Result]:
    try:
        return submit(item)
    except (BrokenExecutor, OSError) as error:
        raise _lost(" ".join(str(error).split())) from error
    except RuntimeError as error:
        if (
            type(error) is not RuntimeError
        ):  # of the work itself, where the executor does it at once
            raise
        raise _lost(" ".join(str(error).split())) from error  # the executor has been closed


def _result[Result](future: Future[Result]) -> Result:
    """Return the result of a piece of work; tell an executor that broke from work that failed."""
    try:
        return future.result()
    except CancelledError as error:
        raise _lost("the connection to them broke") from error
    except BrokenExecutor as error:
        raise _lost("a process ended before its work was done, as where memory runs out") from error
    except Exception as error:
        # Dask's own, such as KilledWorker, are told by where they come from: it may not be there.
        if type(error).__module__.partition(".")[0] != "distributed":
            raise
        raise _lost(" ".join(str(error).split())) from error


def _lost(reason: str) -> WorkersLost:
    return WorkersLost(
        [
            Fault(
                f"the workers were lost: {reason}; what they had finished is kept where there is a "
                "store, and asking again goes on from there"
            )
        ]
    )


def _failed[Result](future: Future[Result]) -> bool:
    return future.cancelled() or future.exception() is not None


def _elsewhere[Item, Result](
    run: Callable[[Engine, Item], Result], content: str, seed: int, item: Item
) -> Result:
    """Finish one item in a process that may not have met the model yet."""
    return run(_engine(content, seed), item)


@functools.lru_cache(maxsize=4)
def _engine(content: str, seed: int) -> Engine:
    # One fit at a time uses one processor: the executor decides how many there are at a time.
    return Engine(load_json(content), seed=seed).using(1)


@contextmanager
def in_threads(workers: Workers | None = None) -> Iterator[Callable[..., Iterable[Any]]]:
    """Make a `map` over threads; each piece is small, and threads of linear algebra would wait."""
    count = (workers.count if workers else None) or available_processors()
    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(min(count, _MOST_THREADS)) as pool,
    ):
        yield lambda work, *items: pool.map(in_time(work), *items)


def over_threads[Item, Result](
    work: Callable[[Item], Result], items: Sequence[Item], workers: Workers | None = None
) -> Iterator[Result]:
    """Yield the result of each item in their order; the first alone, as it finds what all share."""
    yield from map(work, items[:1])
    with in_threads(workers) as each:
        yield from each(work, items[1:])


def available_processors() -> int:
    """Return how many processors this process may use."""
    count = getattr(os, "process_cpu_count", os.cpu_count)  # the former since Python 3.13
    return count() or 1
