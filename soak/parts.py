"""The parts of the soak that make up their own input.

A part is a function `main(seconds, seed) -> counts`: how much it tried, by name, and under
`findings` a list of what must not be, each with the input that brings it about.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

from soak import fuzz

type Part = Callable[[float, int], Mapping[str, Any]]


def _machine(seconds: float, seed: int) -> Mapping[str, Any]:
    """Random models, whose machine code is held to the library's own results."""
    from tests.machine import soak

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        bad = soak.main(seconds, seed)
    *_, last = ["", *said.getvalue().splitlines()]
    findings = said.getvalue().split("--- model ")[1:]
    return {f"({last})": "machine code:", "findings": findings or ["no model was said"] * bad}


#: By name. To add a part, add its `main` here.
PARTS: Mapping[str, Part] = {"fuzz": fuzz.main, "machine": _machine}
