"""The parts of the soak that make up their own input.

A part is a function `main(seconds, seed) -> counts`: how much it tried, by name, and under
`findings` a list of what must not be, each with the input that brings it about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from soak import fuzz

type Part = Callable[[float, int], Mapping[str, Any]]

#: By name. To add a part, add its `main` here.
PARTS: Mapping[str, Part] = {"fuzz": fuzz.main}
