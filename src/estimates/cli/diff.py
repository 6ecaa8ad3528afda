"""`estimates diff`: what changed between two models, and what that did to the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates._util.parts import Parts
from estimates.cli.options import (
    EXIT_CODES_OF_FIT,
    ModelName,
    answering,
    distributed,
    executor_of,
    load,
    reading_models,
    reads_outside,
)
from estimates.cli.output import broken, emit, say, warning
from estimates.cli.progress import progress

if TYPE_CHECKING:
    from estimates.analysis.diff.result import Diff
    from estimates.model import Model
    from estimates.report.saved import Answered, Saved


@click.command(
    "diff",
    short_help="What changed between two models, and what that did.",
    epilog=EXIT_CODES_OF_FIT,
)
@click.argument("before", metavar="MODEL", type=ModelName())
@click.argument("after", metavar="[OTHER]", type=ModelName(), required=False)
@reading_models
@click.option(
    "--since",
    metavar="REVISION",
    help="Compare MODEL with itself at a revision in git (HEAD, if no OTHER is named).",
)
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write the tables there too, as CSV and Markdown; those of an earlier time are replaced.",
)
@distributed
@answering
def command(
    before: str,
    after: str | None,
    since: str | None,
    to: Path | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    full: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Say what changed from MODEL to OTHER, and what each change does to the answer.

    Claims, priors, readings, units, relations, targets and cited figures are matched by their
    names; one that is only called otherwise counts as the same. Each change is made alone in
    MODEL, and one after the other on the way to OTHER, and the model fitted each time.
    Without OTHER, the files as they are now are compared with those in git.

    \b
    Examples:
      estimates diff scmp-2017-without-zhang scmp-2017
      estimates diff scmp-2017
      estimates diff scmp-2017 --since HEAD~3 --json
      estimates diff ../old/scmp-2017 scmp-2017 --to changes
    """
    if after is not None and since is not None:
        raise click.UsageError("--since compares a model with itself; name one model with it")
    pair, names = _pair(before, after, since, root)
    from estimates.report.saved import Saved, folder

    saved = Saved.of(pair[1], root, seed, warn=warning)
    asked = {"before": pair[0].to_json(), "names": list(names)}
    parts = Parts(tell=broken)
    kept = saved.answer("diff", asked)
    if kept is None:
        with parts.around():
            kept = _fresh(pair, names, saved, seed, workers, scheduler, parts)
        if not parts.broken:
            saved.keep_answer("diff", asked, kept)
    from estimates._util.files import keeping
    from estimates.analysis.diff.result import Diff

    written: list[Path] = []
    with keeping(warning):
        written = kept.place(folder(pair[1], root), "diff")
    found = Diff.read(kept.document)
    if to is not None:
        written += _tables(found, to)
    if as_json:
        emit(dict(kept.document))
    else:
        from estimates.report.text.diff import of_diff
        from estimates.report.text.heading import frame_of

        say(of_diff(found, full), frame_of(pair[1], found.seed, written), full)
    for sentence in found.failed:
        click.echo(f"not to be trusted: {sentence}", err=True)
    return 1 if found.failed or parts.broken else 0


def _pair(
    before: str, after: str | None, since: str | None, root: Path
) -> tuple[tuple[Model, Model], tuple[str, str]]:
    """Return the two models, and what they are called."""
    if after is None:
        from estimates.model.io.revision import load_at

        revision = since or "HEAD"
        now = load(before, root)
        was = load_at(before, revision, root, allow_outside=reads_outside())
        return (was, now), (revision, "now")
    was, now = load(before, root), load(after, root)
    same = was.slug == now.slug
    return (was, now), (before, after) if same else (was.slug, now.slug)


def _fresh(
    pair: tuple[Model, Model],
    names: tuple[str, str],
    saved: Saved,
    seed: int | None,
    workers: int | None,
    scheduler: str | None,
    parts: Parts,
) -> Answered:
    """Return a new answer, and its figure if it is to be trusted."""
    from estimates.analysis.diff.run import diff
    from estimates.inference.jobs import Workers
    from estimates.plots import drawings, drawn
    from estimates.report.saved import Answered

    with executor_of(scheduler) as executor, progress() as told:
        helpers = Workers(executor, workers, saved.store)
        found = diff(*pair, names=names, seed=seed, workers=helpers, progress=told)
        contents = drawn(drawings(found), parts) if found.converged and found.steps else {}
    return Answered(dict(found.document), contents)


def _tables(found: Diff, folder: Path) -> list[Path]:
    """Write the tables into a folder, as CSV and as Markdown."""
    from estimates._util.files import make_folder, write_bytes
    from estimates.report.export.frames import analysis_tables, csv_text
    from estimates.report.export.markdown import markdown_text

    make_folder(folder)
    written = []
    line = f"{found.before} and {found.after}, seed {found.seed}, digest {found.digest[:12]}"
    for table in analysis_tables("diff", found):
        for ending, text in ((".csv", csv_text(table)), (".md", markdown_text(table, line))):
            path = folder / f"{table.name}{ending}"
            write_bytes(path, text.encode())
            written.append(path)
    return written
