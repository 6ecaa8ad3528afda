"""What a browser is given: the page, what it is made of, and a stream of what is new.

Only this machine can ask, by an address with a secret in it: the host that a browser names must be
this machine's own, so that no other site's name can be made to point here, and nothing is answered
to whoever does not know the secret.
"""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict
from importlib.resources import files

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from estimates.errors import Fault, shown
from estimates.report.charting import bundle
from estimates.report.preview.board import Board, State

_HOSTS = ("127.0.0.1", "localhost")
_PING = 15  # seconds between two signs of life
_AGAIN = 1000  # ms after which a tab that lost the connection asks again
#: The charts' own colours are attributes of SVG, not styles, so that no style need be inline.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: Of every answer.
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # the address is a secret
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_ASSETS = {
    "page.css": ("html", "text/css"),
    "page.js": ("html", "text/javascript"),
    "preview.css": ("preview", "text/css"),
    "preview.js": ("preview", "text/javascript"),
}


def site(board: Board, token: str) -> ASGIApp:
    """Return the application that shows a board to whoever knows the token."""

    async def page(request: Request) -> Response:
        number, text = board.page()
        if not number:
            return PlainTextResponse("There is no answer yet.\n", 404)
        return Response(text, media_type="text/html", headers={"x-page": str(number)})

    async def news(request: Request) -> Response:
        return EventSourceResponse(_events(board), ping=_PING)

    root = f"/{token}"
    routes = [
        Route(root, lambda request: RedirectResponse(f"{root}/")),
        Route(f"{root}/", _shell),
        Route(f"{root}/report", page),
        Route(f"{root}/news", news),
        Route(f"{root}/vega.js", _vega),
        *(Route(f"{root}/{name}", _asset) for name in _ASSETS),
    ]
    return _Guard(Starlette(routes=routes), token)


class _Guard:
    """Answers nobody who does not name this machine and the token.

    The token is compared in constant time, so that no time that an answer takes tells of it.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._refused(scope) or self._app)(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        hosts = [host.partition(":")[0] for host in Headers(scope=scope).getlist("host")]
        if len(hosts) != 1 or hosts[0] not in _HOSTS:
            return PlainTextResponse("This page is for 127.0.0.1 alone.\n", 403)
        match scope:
            case {"path": str(path)}:
                given = path.removeprefix("/").partition("/")[0]
            case _:
                given = ""
        if not secrets.compare_digest(given.encode(), self._token):
            said = "Use the whole address that `estimates preview` printed.\n"
            return PlainTextResponse(said, 403)
        return None


async def _events(board: Board) -> AsyncIterator[ServerSentEvent]:
    async for state in board.follow():
        yield ServerSentEvent(_document(state), event="state", retry=_AGAIN)


def _document(state: State) -> str:
    return json.dumps(asdict(state) | {"faults": list(map(_fault, state.faults))})


def _fault(fault: Fault) -> dict[str, str | int | None]:
    place = fault.place
    return {
        "file": shown(place.file) if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "message": shown(fault.message),
    }


async def _shell(request: Request) -> Response:
    return Response(_text("preview", "preview.html"), media_type="text/html")


async def _asset(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    folder, kind = _ASSETS[name]
    return Response(_text(folder, name), media_type=kind)


def _vega(request: Request) -> Response:
    return Response(bundle(), media_type="text/javascript")


@functools.cache
def _text(folder: str, name: str) -> str:
    return (files("estimates.report") / folder / "assets" / name).read_text(encoding="utf-8")
