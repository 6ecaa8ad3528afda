"""`estimates preview`: the report in a browser, which follows the files while one writes."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path

import click

from estimates.cli.options import (
    common,
    limited,
    load,
    model_argument,
    reads_outside,
)
from estimates.cli.output import emit
from estimates.errors import InputError


@click.command(
    "preview",
    short_help="The report in a browser, which follows the files.",
    epilog="Exit codes: 0 ended by Ctrl-C; 2 bad input, a port in use, or no server installed.",
)
@model_argument
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="PORT",
    help="Of 127.0.0.1, where the page is (0, which is the default: any that is free).",
)  # fmt: skip
@click.option(
    "--open/--no-open", "opened", default=True,
    help="Whether to open the page in the browser (as it does if not said).",
)  # fmt: skip
@limited
@common
def command(
    model: str,
    port: int,
    opened: bool,
    part_seconds: float,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Show the report on MODEL in a browser, and follow the files while you write.

    Save, and the answer moves; what takes longer (what carries it, conflicts, the figures)
    fills in behind, and is given up when the files change again. Faults stand on the page
    with file and line, above the last good answer. Nothing is written: what is kept of
    earlier fits is read, no more.

    The page is on this machine alone, at an address that nobody can guess. Ctrl-C ends it.
    It needs a small web server: pip install starlette uvicorn sse-starlette.

    \b
    Examples:
      estimates preview scmp-2017-headline
      estimates preview corner-cafe --no-open --port 8123
    """
    from estimates.report.preview.messages import Setting
    from estimates.report.preview.preview import previewing
    from estimates.report.preview.version import Files

    files = Files(model, root, reads_outside())
    try:
        load(model, root)
    except InputError:
        if not files.there:
            raise  # what is wrong with one that is there, the page says
    setting = Setting(root.resolve(), seed, part_seconds)
    try:
        with previewing(model, files, setting, root, port) as shown:
            _tell(shown.address, files.names, as_json)
            if opened:
                _open(shown.address)
            shown.director.run()
    except KeyboardInterrupt:
        if not as_json:
            click.echo()
    return 0


def _tell(address: str, names: Sequence[str], as_json: bool) -> None:
    if as_json:
        emit({"format": 1, "address": address, "files": list(names)})
        return
    click.echo(address)
    click.echo(f"Follows {', '.join(names)}: Ctrl-C ends it.")


def _open(address: str) -> None:
    """Open a browser that has a window; one in the terminal would take it away."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(address)
