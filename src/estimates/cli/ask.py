"""How every question about a fit is asked from the command line, and its answer shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimates._util.parts import Parts
from estimates.analysis.registry import ANALYSES
from estimates.cli.options import executor_of
from estimates.cli.output import broken, console, emit, say, warning
from estimates.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

    from estimates.analysis.result import Result
    from estimates.inference.jobs import Progress, Workers
    from estimates.model import Model
    from estimates.report.saved import Answered, Saved

type Ask = Callable[[xr.DataTree, Workers, Progress | None], Result]
type Prepare = Callable[[], Ask]


def answer(
    loaded: Model,
    name: str,
    *,
    asked: Mapping[str, Any],
    prepare: Prepare,
    root: Path,
    seed: int | None,
    as_json: bool,
    workers: int | None = None,
    scheduler: str | None = None,
    groups: Sequence[str] | None = None,
) -> int:
    """Answer a question about the stored fit (or a new one), write it down, and show it.

    What was asked before is answered from the store.

    Parameters
    ----------
    name : of the analysis, and of the document in the results, `NAME.json`
    asked : all that the answer depends on beside the fit, as JSON
    prepare : refuses what cannot be asked, before anything is fitted, and returns the question,
        to be given the fit, who makes further fits, and who is told of progress; only called where
        the answer is not kept, so that what it imports is not waited for where it is
    groups : of the fit, what the question needs, if not all

    Returns
    -------
    The exit code.
    """
    from estimates._util.files import keeping
    from estimates.report.saved import Saved, folder

    saved = Saved.of(loaded, root, seed, warn=warning)
    parts = Parts(tell=broken)
    found = saved.answer(name, asked)
    if found is None:
        with parts.around():
            found = _answered(saved, name, prepare(), seed, workers, scheduler, groups, parts)
        if not parts.broken:
            saved.keep_answer(name, asked, found)
    written: list[Path] = []
    with keeping(warning):
        written = found.place(folder(loaded, root), name)
    said = ANALYSES[name].answer().read(found.document)
    if as_json:
        emit(dict(found.document))
    else:
        from estimates.report.text.heading import conventions_of, heading
        from estimates.report.text.of_rows import report_of

        out = console()
        say(out, heading(loaded, said.seed, out.width))
        say(out, report_of(name)(said, out.width))
        say(out, conventions_of(loaded, out.width))
        for path in written:
            out.print(path.as_posix(), soft_wrap=True)
    for sentence in said.failed:
        click.echo(f"not to be trusted: {sentence}", err=True)
    return 1 if said.failed or parts.broken else 0


def _answered(
    saved: Saved,
    name: str,
    ask: Ask,
    seed: int | None,
    workers: int | None,
    scheduler: str | None,
    groups: Sequence[str] | None,
    parts: Parts,
) -> Answered:
    """A new answer, and its figures if it is to be trusted."""
    from estimates.inference.jobs import Workers
    from estimates.plots import drawings, drawn
    from estimates.report.reproduce import stored_fit
    from estimates.report.saved import Answered

    with executor_of(scheduler) as executor, progress() as told:
        fit = stored_fit(
            saved.model, seed=seed, root=saved.root, executor=executor, threads=workers,
            progress=told, warn=warning, groups=groups,
        )  # fmt: skip
        found = ask(fit, Workers(executor, workers, saved.store), told)
        contents = drawn(drawings(found, fit), parts) if found.converged else {}
    return Answered(dict(found.document), contents)
