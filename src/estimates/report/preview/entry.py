"""Where a process that works begins: light, so that who starts it need not load what it loads."""

from __future__ import annotations

from multiprocessing.connection import Connection

from estimates.report.preview.messages import Setting


def enter(pipe: Connection, setting: Setting, behind: bool) -> None:
    """Work until whoever holds the other end of the pipe is gone."""
    from estimates.report.preview.work import work

    work(pipe, setting, behind)
