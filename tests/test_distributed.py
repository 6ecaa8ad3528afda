"""Sweeps on a Dask cluster: the same code, the same results, and workers may die."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster
from tests.truth.building import build

from estimates import Change, InputError, Model, Sampling, Store, Workers, refit
from estimates.cli.app import app
from estimates.cli.options import executor_of

SHORT = Sampling(draws=300, tune=300)
CHANGES = [Change(f"{i}", widened={"many": 1 + i / 10}) for i in range(60)]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network but this machine's own."""
    real = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] != "127.0.0.1":
            raise AssertionError(f"a test may not connect to {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # any free port: the usual one may be taken
        memory_limit=None,
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    root = tmp_path_factory.mktemp("root")
    return build(
        root / "models" / "market",
        quantities={"stalls": {"unit": "stall", "prior": "20 to 400"},
                    "takings": {"unit": "USD/stall", "prior": "50 to 900"}},
        says={"many": "around 90 stalls", "each": "200 to 300 USD/stall"},
        claims={"many": "stalls", "each": "takings"},
        relations={"total": {"unit": "USD", "is": "stalls * takings"}},
        targets=["total"],
    )  # fmt: skip


def test_a_worker_killed_in_mid_sweep_costs_nothing_but_time(
    cluster: LocalCluster, model: Model, tmp_path: Path
) -> None:
    expected = refit(model, CHANGES, sampling=SHORT)
    store = Store(tmp_path)
    with Client(cluster, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
        assert len(pids) == 2
        killed: list[int] = []

        def kill_one(done: int, total: int, what: str) -> None:
            if done == 10 and not killed:
                os.kill(pids[0], signal.SIGKILL)
                killed.append(done)

        with client.get_executor(pure=False) as executor:
            found = refit(
                model,
                CHANGES,
                sampling=SHORT,
                workers=Workers(executor, store=store),
                progress=kill_one,
            )
        assert killed
        survivors = list(client.run(os.getpid).values())
    assert pids[0] not in survivors
    assert [asdict(one) for one in found] == [asdict(one) for one in expected]
    assert len(store.entries()) == len(CHANGES)


def test_the_command_line_takes_a_scheduler(cluster: LocalCluster, model: Model) -> None:
    root = Path(model.uses[0].place.file).parents[2] if model.uses[0].place else Path()
    arguments = ["market", "--root", str(root), "--scheduler", cluster.scheduler_address, "--json"]
    result = CliRunner().invoke(app, ["fit", *arguments])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(app, ["calibrate", "-n", "25", *arguments])
    assert result.exit_code == 0, result.output


def test_a_scheduler_that_does_not_answer_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estimates.cli.options._PATIENCE", "300ms")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with (
        pytest.raises(InputError, match=f"no Dask scheduler answers at tcp://127.0.0.1:{port}"),
        executor_of(f"tcp://127.0.0.1:{port}"),
    ):
        pass
    with pytest.raises(InputError, match="no Dask scheduler answers"), executor_of("nonsense://x"):
        pass
