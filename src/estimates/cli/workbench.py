"""How every question about a fit is asked from the command line, and its answer shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from estimates.cli.options import executor_of
from estimates.cli.output import console, emit, say, warning
from estimates.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

    from estimates.analysis import Analysis
    from estimates.model import Model
    from estimates.sweep import Progress, Workers

type Ask = Callable[[xr.DataTree, Workers, Progress | None], Analysis]
type Report = Callable[[Mapping[str, Any], int], Iterator[Text]]


def answer(
    loaded: Model,
    name: str,
    *,
    ask: Ask,
    report: Report,
    root: Path,
    seed: int | None,
    as_json: bool,
    workers: int | None = None,
    scheduler: str | None = None,
) -> int:
    """Ask about the stored fit (or a new one), write document and figures, and show the answer.

    Parameters
    ----------
    name : of the document in the results, `NAME.json`
    ask : the question, given the fit, who makes further fits, and who is told of progress
    report : the document as text of a width

    Returns
    -------
    The exit code.
    """
    from estimates.documents import write_json
    from estimates.figures import analysis_figures, save
    from estimates.results import stored_fit
    from estimates.saved import folder, store_of
    from estimates.sweep import Workers

    with executor_of(scheduler) as executor, progress() as told:
        fit = stored_fit(
            loaded, seed=seed, root=root, executor=executor, threads=workers, progress=told,
            warn=warning,
        )  # fmt: skip
        found = ask(fit, Workers(executor, workers, store_of(root, warning)), told)
        where = folder(loaded, root)
        write_json(where / f"{name}.json", dict(found.document))
        figures = analysis_figures(name, found, fit) if found.converged else ()
        written = save(figures, where / "figures")
    if as_json:
        emit(dict(found.document))
    else:
        from estimates.cli.heading import conventions_of, heading

        out = console()
        say(out, heading(loaded, found.document["seed"], out.width))
        say(out, report(found.document, out.width))
        say(out, conventions_of(loaded, out.width))
        for path in written:
            out.print(path.as_posix(), soft_wrap=True)
    for sentence in found.document["failed"]:
        click.echo(f"not to be trusted: {sentence}", err=True)
    return 0 if found.converged else 1
