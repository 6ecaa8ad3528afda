"""A fixed sample of what `python -m tests.machine.soak` does for as long as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from .models import random_model
from .soak import compare


@pytest.mark.parametrize("seed", range(6))
def test_a_random_model_is_as_pytensor_has_it(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESTIMATES_CACHE", str(tmp_path / "cache"))
    assert compare(random_model(tmp_path / "model", seed), seed).faults == []
