"""Every question of the workbench about small and odd models: an answer, or one clear sentence."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from distributed import Client, LocalCluster
from tests.products import mostly_long
from tests.truth.building import build

import estimates as est
from estimates.errors import InputError
from estimates.model import Model

SHORT = est.Sampling(draws=250, tune=200)
WIDER = {"widths": {"doubled": {"widths": 2}}}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network but this machine's own, which a cluster needs."""
    real = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] != "127.0.0.1":
            raise AssertionError(f"a test may not connect to {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


#: By what is odd about it, a model.
ODD: dict[str, dict[str, Any]] = {
    "one claim only": {
        "quantities": {"x": "1 to 100"}, "says": {"one": "around 20"}, "claims": {"one": "x"},
    },
    "no cited figure, two quantities": {
        "quantities": {"x": "1 to 100", "y": "1 to 10"}, "relations": {"z": "x * y"},
        "says": {"one": "around 20", "two": "3 to 5"}, "claims": {"one": "x", "two": "y"},
        "targets": ["z"],
    },
    "no readings, a cited figure": {
        "quantities": {"x": "1 to 100"}, "says": {"one": "around 20", "cited": "30 to 50"},
        "claims": {"one": "x"}, "compare": {"cited": "x"},
    },
    "an option that is impossible": {
        "quantities": {"x": "Uniform(lower=1, upper=9)"},
        "relations": {"z": {"by": "how", "plain": "x", "more": "x - 20"}},
        "readings": {"how": {"plain": 1, "more": 1}},
        "says": {"one": "around 5", "cited": "6 to 8"},
        "claims": {"one": {"about": "z", "scale": "log"}}, "compare": {"cited": "x"},
    },
    "a claim that says nothing under one reading": {
        "quantities": {"x": "1 to 100"},
        "relations": {"z": {"by": "how", "plain": "x", "more": "nothing"}},
        "readings": {"how": {"plain": 1, "more": 1, "update": False}},
        "says": {"one": "around 20", "two": "around 30", "cited": "150 to 200"},
        "claims": {"one": "x", "two": "z"}, "compare": {"cited": "x"},
    },
    "a hierarchy": {
        "quantities": {
            "centre": {"support": "real", "prior": "-10 to 10"},
            "a": {"support": "real", "prior": "Normal(mu=centre, sigma=2)"},
            "b": {"support": "real", "prior": "Normal(mu=centre, sigma=2)"},
        },
        "says": {"one": "2 ± 1", "two": "3 ± 1", "cited": "at least 4"},
        "claims": {"one": "a", "two": "b"}, "compare": {"cited": "centre"},
        "targets": ["centre"],
    },
    "a target that can be negative": {
        "quantities": {"x": {"support": "real", "prior": "-10 to 10"}},
        "says": {"one": "-1 ± 0.5", "cited": "-3 ± 1"},
        "claims": {"one": "x"}, "compare": {"cited": "x"},
    },
    "a share": {
        "quantities": {"x": {"unit": "share", "prior": "5 to 90 %"}},
        "says": {"one": "12 of 60", "two": "around 25 %", "cited": "30 to 40 %"},
        "claims": {"one": "x", "two": "x"}, "compare": {"cited": "x"},
    },
}  # fmt: skip

Ask = Callable[[Model, xr.DataTree], est.Result]
ASKED: dict[str, Ask] = {
    "sensitivity": lambda model, fit: est.sensitivity(fit),
    "conflict": lambda model, fit: est.conflict(fit),
    "inverse": lambda model, fit: est.inverse(fit),
    "voi": lambda model, fit: est.voi(fit),
    "multiverse": lambda model, fit: est.multiverse(model, sampling=SHORT),
    "whatif": lambda model, fit: est.whatif(fit, widen={"one": 2}),
}


@pytest.fixture(scope="module")
def fitted(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], tuple[Model, xr.DataTree]]:
    made: dict[str, tuple[Model, xr.DataTree]] = {}

    def of(name: str) -> tuple[Model, xr.DataTree]:
        if name not in made:
            folder = tmp_path_factory.mktemp("odd") / name.replace(" ", "-").replace(",", "")
            counts = name == "a share"
            variants = {"widths": {"doubled": {"widths": {"two": 2}}}} if counts else WIDER
            model = build(folder, **ODD[name], variants=variants)
            made[name] = model, est.fit(model, seed=1, sampling=SHORT)
        return made[name]

    return of


#: Of the product of models and questions every third: each model meets two or three questions,
#: each question two or three models.
PAIRS = list(product(ODD, ASKED))
THIRD = [
    (name, question)
    for (row, name), (column, question) in product(enumerate(ODD), enumerate(ASKED))
    if (row + column) % 3 == 0
]


@pytest.mark.parametrize("pair", mostly_long(PAIRS, THIRD), ids="-".join)
def test_every_question_has_an_answer_or_a_sentence(
    fitted: Callable[[str], tuple[Model, xr.DataTree]], pair: tuple[str, str]
) -> None:
    name, command = pair
    model, fit = fitted(name)
    try:
        found = ASKED[command](model, fit)
    except InputError as error:
        [fault] = error.faults
        assert len(fault.message) > 20
        assert "\nTraceback" not in fault.message
        return
    assert found.sentence.endswith(".")
    assert "nan" not in found.sentence.split()
    assert "NaN" not in found.to_json()
    # Of a target that is the only unknown there is nothing else to find out.
    assert found.tables or "nothing to find out" in found.sentence


def test_a_target_that_says_nothing_under_one_reading_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="target 'z' has no value in every reading"):
        build(
            tmp_path,
            quantities={"x": "1 to 100"},
            relations={"z": {"by": "how", "plain": "x", "more": "nothing"}},
            readings={"how": {"plain": 1, "more": 1, "update": False}},
            says={"one": "around 20"},
            claims={"one": "x"},
            targets=["z"],
        )


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", memory_limit=None,
                     dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):  # fmt: skip
        yield client


@pytest.mark.long  # a cluster is started in `test_distributed` too
def test_a_cluster_answers_as_this_process_does(
    fitted: Callable[[str], tuple[Model, xr.DataTree]], client: Client, tmp_path: Path
) -> None:
    model, _ = fitted("no readings, a cited figure")
    with client.get_executor(pure=False) as executor:
        far = est.multiverse(model, sampling=SHORT, workers=est.Workers(executor=executor))
    assert far.document == est.multiverse(model, sampling=SHORT).document
