"""The server, in a thread of its own: it listens on this machine alone."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Mapping

import uvicorn
from starlette.types import ASGIApp

from estimates.errors import Fault, InputError

HOST = "127.0.0.1"
_FAREWELL = 0.4  # seconds in which it must end


def listening(port: int) -> socket.socket:
    """Return a socket on this port of 127.0.0.1; 0 for any that is free.

    Raises
    ------
    InputError : where the port is in use, or not this user's to use
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(64)
    except OSError as error:
        made.close()
        why = {errno.EADDRINUSE: "is in use", errno.EACCES: "is kept for the system"}
        said = why.get(error.errno or 0, f"cannot be used ({error.strerror})")
        advice = "name another with --port, or none for any that is free"
        raise InputError([Fault(f"port {port} {said}; {advice}")]) from None
    return made


class Server:
    """Answers what comes to a socket until it is ended."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], there: socket.socket) -> None:
        """Answer with an application; every answer has these headers."""
        config = uvicorn.Config(
            app, loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None,
            log_level="critical", access_log=False, server_header=False,
            timeout_graceful_shutdown=1, headers=list(headers.items()),
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([there],), name="server", daemon=True
        )

    def begin(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def end(self) -> None:
        """Answer no more; whoever is being answered gets the end of it, if that comes soon."""
        self._server.should_exit = True
        self._thread.join(_FAREWELL)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(_FAREWELL)
