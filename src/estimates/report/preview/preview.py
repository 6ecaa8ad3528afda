"""A preview from its beginning to its end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from estimates.errors import Fault, InputError
from estimates.report.preview.board import Board
from estimates.report.preview.director import Director, first_state
from estimates.report.preview.messages import Setting
from estimates.report.preview.signals import in_turn
from estimates.report.preview.version import Files

#: As `estimates[preview]` has them, which a package index does not know.
_INSTALLED = ("starlette", "uvicorn", "sse-starlette")
_NEEDS = tuple(name.replace("-", "_") for name in _INSTALLED)


@dataclass(frozen=True)
class Preview:
    """A page that is being served, by an address that nobody can guess."""

    address: str
    board: Board
    director: Director


@contextmanager
def previewing(
    name: str, files: Files, setting: Setting, root: Path, port: int
) -> Iterator[Preview]:
    """Serve a page on a port of 127.0.0.1; `director.run` follows the files.

    Raises
    ------
    InputError : where the libraries are not installed, or the port cannot be had
    """
    try:
        from estimates.report.preview.server import HOST, Server, listening
        from estimates.report.preview.site import HEADERS, site
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _NEEDS:
            raise
        message = f"preview needs a small web server: pip install {' '.join(_INSTALLED)}"
        raise InputError([Fault(message)]) from None
    there = listening(port)
    token = secrets.token_urlsafe(24)
    board = Board(first_state(name, files))
    director = Director(files, setting, root, board)
    server = Server(site(board, token), HEADERS, there)
    address = f"http://{HOST}:{there.getsockname()[1]}/{token}/"
    server.begin()
    with in_turn(director.interrupt):
        try:
            yield Preview(address, board, director)
        finally:
            director.end()
            server.end()
