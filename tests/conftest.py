"""What every test shares: no network, and searches that find the same examples every time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from hypothesis import settings

# Slow machines are no reason to fail; the same examples in every run are.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stored work is signed with a key of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESTIMATES_KEY", str(tmp_path_factory.mktemp("key") / "store.key"))
        yield


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails."""

    def refuse(self: socket.socket, address: Any) -> NoReturn:
        raise AssertionError(f"a test may not connect to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
