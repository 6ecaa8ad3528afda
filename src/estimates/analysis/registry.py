"""The analyses: every question about a fit, once.

An analysis is a folder here and a line in `ANALYSES`.  By that line it is a command, a part of
`reproduce` and of the report, and has tables in exports; its name in Python stands in
`estimates/__init__.pyi`:

- `analysis/NAME/run.py` holds the function NAME, which takes a model or a fit;
- `analysis/NAME/result.py` holds its `Result`: light, so that a kept answer is shown at once.

Beyond that it may have a command with options of its own (`cli/NAME.py`) and notes
(`report/text/notes.py`); else those are made of what its rows say of themselves.  One that is asked
of every fit has a figure (a line in `plots/figures.py`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from estimates._util.files import Json
    from estimates._util.parts import Parts
    from estimates.analysis.result import Result, Staged
    from estimates.inference.jobs import Progress, Workers
    from estimates.model import Model


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question about a fit.

    Attributes
    ----------
    name : of the command, the function and the folder
    called : what its answer is, as a part of a whole
    result : the class of its answer
    asked_of_every_fit : whether `reproduce` and the report ask it
    needs_a_figure : whether there is an answer only where a figure is cited
    """

    name: str
    called: str
    result: str
    asked_of_every_fit: bool = True
    needs_a_figure: bool = False

    def run(self) -> Callable[..., Result]:
        """Return the function that answers the question."""
        module = importlib.import_module(f"estimates.analysis.{self.name}.run")
        return getattr(module, self.name)

    def in_stages(self) -> Callable[..., Staged[Result]]:
        """Return the function that answers the question, and leaves for later what can wait."""
        module = importlib.import_module(f"estimates.analysis.{self.name}.run")
        found: Callable[..., Staged[Result]] | None = getattr(module, "in_stages", None)
        return found or partial(_at_once, self.run())

    def answer(self) -> type[Result]:
        """Return the class of the answer."""
        module = importlib.import_module(f"estimates.analysis.{self.name}.result")
        return getattr(module, self.result)

    def applies(self, model: Model) -> bool:
        """Return whether a model has what the question is about."""
        return not self.needs_a_figure or any(use.held_out for use in model.uses)

    def asked_unbidden(self, model: Model) -> bool:
        """Return whether `reproduce` and the report ask it."""
        return self.asked_of_every_fit and self.applies(model)


ANALYSES = {
    one.name: one
    for one in (
        Analysis("sensitivity", "what carries the answer", "Sensitivity"),
        Analysis("conflict", "whether the claims contradict each other", "Conflict"),
        Analysis("inverse", "what would have to be true", "Inverse", needs_a_figure=True),
        Analysis("voi", "what to find out next", "ValueOfInformation"),
        Analysis("forest", "each claim beside what is pooled", "Forest"),
        Analysis("multiverse", "other ways to analyse", "Multiverse", asked_of_every_fit=False),
        Analysis(
            "validate",
            "whether it foretells claims kept from it",
            "Validation",
            asked_of_every_fit=False,
        ),
        Analysis("whatif", "the answer as supposed", "WhatIf", asked_of_every_fit=False),
    )
}


class Memory(Protocol):
    """What was answered before about a fit, by question."""

    def recalled(self, question: str) -> Mapping[str, Json] | None:
        """Return the answer's document; None where there is none."""

    def remember(self, question: str, document: Mapping[str, Json]) -> None:
        """Keep an answer's document."""


def ask_all(
    fit: xr.DataTree,
    model: Model,
    workers: Workers,
    progress: Progress | None = None,
    parts: Parts | None = None,
    memory: Memory | None = None,
) -> dict[str, Result]:
    """Ask every question that is asked of every fit, and return the answers by name.

    Parameters
    ----------
    model : that was fitted
    parts : makes each answer as a part; one that breaks is not there.  Without it every exception
        ends all
    memory : of answers about this very fit, which are not found again
    """
    every = asked(fit, model, workers, progress, parts, memory)
    return {name: found for name, found in every if found is not None}


def asked(
    fit: xr.DataTree,
    model: Model,
    workers: Workers,
    progress: Progress | None = None,
    parts: Parts | None = None,
    memory: Memory | None = None,
) -> Iterator[tuple[str, Result | None]]:
    """Ask as `ask_all` does, and yield each answer when it is there; None for one that broke."""
    for name, one in ANALYSES.items():
        if not one.asked_unbidden(model):
            continue
        known = None if memory is None else memory.recalled(name)
        if known is not None:
            yield name, one.answer().read(known)
            continue
        work = partial(_ask, one, fit, workers, progress)
        command = f"estimates {name} {fit.attrs['slug']}"
        broken = 0 if parts is None else len(parts.broken)
        found = work() if parts is None else parts.make(one.called, work, command)
        unbroken = parts is None or len(parts.broken) == broken
        if memory is not None and found is not None and unbroken:
            memory.remember(name, found.document)
        yield name, found


def _ask(one: Analysis, fit: xr.DataTree, workers: Workers, progress: Progress | None) -> Result:
    return one.run()(fit, workers=workers, progress=progress)


def _at_once(run: Callable[..., Result], *given: object, **named: object) -> Staged[Result]:
    from estimates.analysis.result import Staged

    found = run(*given, **named)
    return Staged(found, lambda: found)
