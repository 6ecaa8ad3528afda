"""How every analysis is asked from the command line: loading, the store, fits, JSON, exit codes.

The command of an analysis holds its options, its help, and the `Question` that they come to; one
without options of its own needs no file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimates._util.at_work import doing
from estimates._util.parts import Parts
from estimates.analysis.registry import ANALYSES, Analysis
from estimates.cli.options import (
    EXIT_CODES_OF_FIT,
    answering,
    distributed,
    executor_of,
    load,
    model_argument,
)
from estimates.cli.output import broken, emit, say, warning
from estimates.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

    from estimates.analysis.result import Result, Staged
    from estimates.model import Model
    from estimates.report.saved import Answered, Saved

_HELP = """Say of MODEL: {one.called}.

Uses the draws in results/, or makes them.

\b
Examples:
  estimates {one.name} scmp-2017
  estimates {one.name} scmp-2017 --json
"""


@dataclass(frozen=True)
class Question:
    """The question, beyond which analysis it is.

    Attributes
    ----------
    asked : the arguments of the analysis beside the fit, which can be written as JSON
    check : refuses what cannot be asked of a model, under a seed, before anything is fitted
    groups : of the fit, what the analysis needs, if not all
    """

    asked: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[Model, int | None], None] | None = None
    groups: Sequence[str] | None = None


def asking(name: str, short_help: str, text: str | None = None) -> Callable[..., click.Command]:
    """Return the command of an analysis; its own options stand below it, then `answered`."""

    def made(function: Callable[..., int]) -> click.Command:
        make = click.command(name, short_help=short_help, help=text, epilog=EXIT_CODES_OF_FIT)
        return make(model_argument(function))

    return made


def answered(name: str) -> Callable[[Callable[..., Question]], Callable[..., int]]:
    """Make what puts a question of own options a command that answers it."""

    def made(question: Callable[..., Question]) -> Callable[..., int]:
        @distributed
        @answering
        @wraps(question)
        def command(
            model: str,
            workers: int | None,
            scheduler: str | None,
            as_json: bool,
            full: bool,
            seed: int | None,
            root: Path,
            **options: Any,
        ) -> int:
            asked = question(**options)
            asker = _Asker(ANALYSES[name], asked, load(model, root), root, seed)
            return asker.answer(workers, scheduler, as_json, full)

        return command

    return made


def each_cell[Command: Callable[..., object]](function: Command) -> Command:
    """Add `--cells`, for analyses that list quantities."""
    return click.option(
        "--cells",
        is_flag=True,
        help="Of quantities over dimensions each cell by itself, instead of together.",
    )(function)


def command_of(one: Analysis) -> click.Command:
    """Return the command of an analysis that has no options of its own."""
    short_help = f"{one.called[:1].upper()}{one.called[1:]}."
    return asking(one.name, short_help, _HELP.format(one=one))(answered(one.name)(Question))


@dataclass(frozen=True)
class _Asker:
    """A question about the fit of a model under a seed."""

    one: Analysis
    question: Question
    model: Model
    root: Path
    seed: int | None

    def answer(self, workers: int | None, scheduler: str | None, as_json: bool, full: bool) -> int:
        """Answer the question, from the store if it was asked before; write it down and show it.

        A new answer is shown before its figures are drawn, which may take as long as the answer;
        what lists or passes on everything waits for them.
        """
        from estimates._util.files import keeping
        from estimates.report.saved import Saved, folder

        saved = Saved.of(self.model, self.root, self.seed, warn=warning)
        parts = Parts(tell=broken)
        found, shown = saved.answer(self.one.name, self.question.asked), False
        if found is None:
            with parts.around():
                fresh = self._fresh(saved, workers, scheduler)
                if not (as_json or full):
                    self._show(fresh.found.said, (), full)
                    shown = True
                found = fresh.answered(parts)
            if not parts.broken:
                saved.keep_answer(self.one.name, self.question.asked, found)
        written: list[Path] = []
        with keeping(warning):
            written = found.place(folder(self.model, self.root), self.one.name)
        said = self.one.answer().read(found.document)
        if as_json:
            emit(dict(found.document))
        elif not shown:
            self._show(said, written, full)
        for sentence in said.failed:
            click.echo(f"not to be trusted: {sentence}", err=True)
        return 1 if said.failed or parts.broken else 0

    def _fresh(self, saved: Saved, workers: int | None, scheduler: str | None) -> _Fresh:
        """Return a new answer."""
        if self.question.check is not None:
            self.question.check(self.model, self.seed)
        from estimates.analysis.result import Staged
        from estimates.inference.jobs import Workers
        from estimates.report.reproduce import stored_fit

        with executor_of(scheduler) as executor, progress() as told:
            fit = stored_fit(
                saved.model, seed=self.seed, root=saved.root, executor=executor, threads=workers,
                progress=told, warn=warning, groups=self.question.groups,
            )  # fmt: skip
            helpers = Workers(executor, workers, saved.store)
            known = saved.recalled(self.one.name, self.question.asked)
            with doing(self.one.called):
                if known is None:
                    ask = self.one.in_stages()
                    found = ask(fit, **self.question.asked, workers=helpers, progress=told)
                else:
                    said = self.one.answer().read(known)
                    found = Staged(said, lambda: said)
        return _Fresh(found, fit)

    def _show(self, said: Result, written: Sequence[Path], full: bool) -> None:
        from estimates.report.text.answers import of_result, state
        from estimates.report.text.heading import frame_of

        told = of_result(said, state(self.model, said.converged))
        say(told, frame_of(self.model, said.seed, written), full)


@dataclass(frozen=True)
class _Fresh:
    """A new answer, and the fit that it is about."""

    found: Staged[Result]
    fit: xr.DataTree

    def answered(self, parts: Parts) -> Answered:
        """Return the answer as it is written, with its figures if it is to be trusted."""
        from estimates.report.saved import Answered

        contents: dict[str, bytes] = {}
        whole = self.found.whole()
        if whole.converged:
            from estimates.plots import drawings, drawn

            with progress():
                contents = drawn(drawings(whole, self.fit), parts)
        return Answered(dict(whole.document), contents)
