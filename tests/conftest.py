"""What every test shares: no network, and seeds that are the same in every run or shifted at once.

With ESTIMATES_TEST_SEED=7 every stream of random numbers, in the package, the tests and processes
that they start, is another (`shifted/sitecustomize.py`), and searches find other examples.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

if os.environ.get("ESTIMATES_TEST_SEED"):
    before = os.environ.get("PYTHONPATH")
    paths = [str(Path(__file__).parent / "shifted"), *(before.split(os.pathsep) if before else ())]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))

# Two workers fill two processors: linear algebra that spreads over them again would only wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.shifted.sitecustomize import SHIFT

from estimates import Sampling

# Slow machines are no reason to fail, nor busy ones; the same examples in every run are.
_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("steady", **_CALM, derandomize=True)
settings.register_profile("shifted", **_CALM, database=None)
settings.register_profile("search", **_CALM, max_examples=1000)
settings.load_profile("shifted" if SHIFT else "steady")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis takes the shift for its seed, unless it is told another.

    A shell starts what runs in the background deaf to Ctrl-C, and tests that press it would wait
    for ever.
    """
    if SHIFT and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(SHIFT)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# Files are dealt out to two workers in this order: those that take longest first, so that no
# worker sits over one of them alone at the end.
LONGEST = (
    *("test_machine", "test_notebooks", "test_kept", "test_report", "test_evidence"),
    *("test_multiverse", "test_calibration", "test_voi", "test_sweep", "test_distributed"),
    *("test_conflict", "test_cases", "test_export", "test_soak", "test_cli", "test_figures"),
    *("test_pins", "test_inverse", "test_scale", "test_weighted", "test_engine"),
    *("test_workbench_robust", "test_wordings", "test_headline", "test_hierarchies"),
    *("test_sensitivity", "test_bad_input", "test_priors", "test_explain", "test_new"),
    *("test_both_ways", "test_random_models", "test_fallback", "test_ridges"),
    *("test_docstrings",),
)


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first, the others as they come."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture(autouse=True, scope="session")
def own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stored work is signed with a key of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESTIMATES_KEY", str(tmp_path_factory.mktemp("key") / "store.key"))
        yield


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands write empty files for figures: drawing takes much of their time, and says nothing
    here."""
    files = ("png", "svg")
    monkeypatch.setattr(
        "estimates.plots.write._files", lambda stem, _: {f"{stem}.{kind}": b"" for kind in files}
    )


@pytest.fixture(scope="module")
def few_draws() -> Iterator[None]:
    """Where nothing is said, fits draw so few that they are just believed without a retry."""
    kept = Sampling.__init__.__defaults__
    assert kept is not None
    Sampling.__init__.__defaults__ = (500, 300, *kept[2:])
    yield
    Sampling.__init__.__defaults__ = kept


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails."""

    def refuse(self: socket.socket, address: Any) -> NoReturn:
        raise AssertionError(f"a test may not connect to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
