"""`estimates report`: the whole answer on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates._util.at_work import doing
from estimates._util.parts import Parts
from estimates.cli.options import (
    EXIT_CODES_OF_FIT,
    common,
    distributed,
    executor_of,
    limited,
    load,
    model_argument,
    prove,
)
from estimates.cli.output import broken, console, emit, warning
from estimates.cli.progress import progress

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from estimates._util.files import Json
    from estimates.report.saved import Page, Saved


@click.command(
    "report", short_help="Everything on one page: a self-contained HTML file.",
    epilog=EXIT_CODES_OF_FIT,
)  # fmt: skip
@model_argument
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Where to write it (default: results/MODEL/report.html).",
)  # fmt: skip
@click.option(
    "--address", default="", metavar="URL",
    help="Where the page, or the folder that it is in, will be published: sites that show a link "
    "to it find its picture by this.",
)  # fmt: skip
@limited
@distributed
@common
def command(
    model: str,
    output: Path | None,
    address: str,
    part_seconds: float,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Write a report on MODEL: one HTML file that opens anywhere and needs nothing else.

    It holds the answer in words and beside the cited figures, a what-if that moves at once,
    the claims behind every number, what carries the answer, what contradicts it, what would
    have to be true, what to find out next, every figure, and what it does not establish.
    Each chart can be had as SVG and as CSV. Beside report.html stands report-share.png, the
    picture that is shown with a link to the page.
    Where no page is there yet, its head comes first: the answer, beside the cited figures. What was
    fitted before is taken from the store, and so is a page of which nothing has changed. A part
    that fails, or takes too long, leaves a box that says so; everything else stands, and the exit
    code is 1.

    \b
    Examples:
      estimates report scmp-2017
      estimates report scmp-2017 --output workers.html
      estimates report scmp-2017 --address https://example.org/workers/
      estimates report scmp-2017-headline --seed 7 --json
    """
    from estimates._util.files import check_writable
    from estimates.errors import Fault, InputError
    from estimates.report.html.address import checked, picture_of
    from estimates.report.saved import Saved, folder

    loaded = load(model, root)
    path = output or folder(loaded, root) / "report.html"
    if output is not None and not output.parent.is_dir():
        raise InputError([Fault(f"there is no folder {output.parent}; make it, or name another")])
    checked(address)
    picture = picture_of(path)
    for file in (path, picture):
        check_writable(file)
    words = prove(loaded, root).words
    asked: dict[str, Json] = {"address": address, "picture": picture.name, "words": dict(words)}
    saved, parts = Saved.of(loaded, root, seed, warn=warning), Parts(part_seconds, broken)
    found, head = saved.page(asked, path, picture), None if as_json else _tell_head
    if found is None:
        with executor_of(scheduler) as executor:
            asking = _Asking(saved, seed, words, parts, executor, workers, head)
            found = asking.write(path, address)
        if not parts.broken:
            saved.keep_page(asked, found, path, picture)
    if as_json:
        emit(
            {
                "format": 1,
                "model": loaded.slug,
                "seed": found.seed,
                "digest": loaded.digest,
                "converged": not found.failed,
                "failed": list(found.failed),
                "broken": [one.document() for one in parts.broken],
                "file": path.as_posix(),
                "picture": picture.as_posix(),
                "bytes": found.bytes,
            }
        )
    else:
        console().print(f"{path.as_posix()} ({found.bytes / 1e6:.1f} MB)", soft_wrap=True)
    for sentence in found.failed:
        click.echo(f"not to be trusted: {sentence}", err=True)
    return 1 if found.failed or parts.broken else 0


def _tell_head(sentence: str) -> None:
    """Tell the finding, while the rest of the page is worked out."""
    click.echo(f"{sentence}\nThe rest of the page is being worked out.", err=True)


@dataclass(frozen=True)
class _Asking:
    """A report that is not kept, and who works it out.

    Attributes
    ----------
    head : told of the finding as soon as it is there
    """

    saved: Saved
    seed: int | None
    words: Mapping[str, str]
    parts: Parts
    executor: Executor | None
    threads: int | None
    head: Callable[[str], None] | None

    def write(self, path: Path, address: str) -> Page:
        """Write the page and its picture, and return what is told of them."""
        from estimates.inference.jobs import Workers
        from estimates.inference.origin import Origin
        from estimates.report.html import write_page
        from estimates.report.html.content import begun, gathering
        from estimates.report.reproduce import stored_fit
        from estimates.report.saved import Page

        saved = self.saved
        with progress() as told:
            fit = stored_fit(
                saved.model, seed=self.seed, root=saved.root, executor=self.executor,
                threads=self.threads, progress=told, warn=warning,
            )  # fmt: skip
            asking = Workers(self.executor, self.threads, saved.store)
            head = begun(fit, self.parts, self.words)
            if not path.exists():  # a whole page stays until there is another
                write_page(replace(head, parts=Parts(tell=lambda _: None)), path, address)
            if self.head is not None:
                self.head(head.summary.sentence)
            *_, found = gathering(head, asking, told, saved)
            found = replace(found, pending=frozenset())
            with doing("the page"):
                size = write_page(found, path, address).stat().st_size
        return Page(seed=Origin.of(fit).seed, failed=tuple(found.failed), bytes=size)
