"""`estimates store`: what is kept of finished work, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates.cli.options import EXIT_CODES, common
from estimates.cli.output import console, emit, say, warning

if TYPE_CHECKING:
    from rich.text import Text

    from estimates.store import Entry


@click.command("store", short_help="What is kept of finished fits; --prune removes.",
               epilog=EXIT_CODES)  # fmt: skip
@click.argument("models", metavar="[MODEL]...", nargs=-1)
@click.option("--prune", is_flag=True, help="Remove the entries that would be listed.")
@click.option("--stale", is_flag=True, help="Only what other versions made: it is not used.")
@click.option("--kind", help="Only entries of this kind: fit, comparison, calibration, refit …")
@click.option(
    "--older-than", "days", type=click.FloatRange(min=0), metavar="DAYS", help="Only older ones."
)
@click.option("--dry-run", is_flag=True, help="With --prune: say what would go, remove nothing.")
@common
def command(
    models: tuple[str, ...],
    prune: bool,
    stale: bool,
    kind: str | None,
    days: float | None,
    dry_run: bool,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """List what is kept in results/store/, or remove it.

    Every finished fit, comparison and simulation is kept under a digest of all that
    determines it: the model, its ledger, the seed, the settings, the versions. A question
    that was asked before is answered from there; a run that was stopped goes on from there.
    Nothing is lost by removing entries but the time that they took.

    \b
    Examples:
      estimates store
      estimates store --prune --stale
      estimates store --prune --kind calibration scmp-2017
    """
    from estimates.saved import store_of

    store = store_of(root, warning)
    before = datetime.now(UTC) - timedelta(days=days or 0)
    entries = [
        entry
        for entry in store.entries()
        if (not models or entry.about.get("model") in models)
        and (kind is None or entry.kind == kind)
        and not (stale and entry.current)
        and (days is None or entry.created < before)
    ]
    freed = store.prune(entries) if prune and not dry_run else 0
    if as_json:
        found = [_document(entry) for entry in entries]
        emit({"format": 1, "entries": found, "removed": bool(freed), "freed": freed})
        return 0
    out = console()
    if prune and not dry_run:
        out.print(f"Removed {_counted(entries)}; {_size(freed)} freed.")
        return 0
    say(out, _listing(entries, out.width))
    if prune:
        total = _size(sum(entry.size for entry in entries))
        out.print(f"Would remove {_counted(entries)}, {total}.")
    return 0


def _document(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "digest": entry.digest,
        **entry.about,
        "created": entry.created.isoformat(),
        "bytes": entry.size,
        "current": entry.current,
    }


def _listing(entries: Sequence[Entry], width: int) -> Iterator[Text]:
    """A line for each model and kind: single simulations are too many to list."""
    from rich.text import Text

    from estimates.cli.tables import Row, table

    if not entries:
        yield Text("The store is empty, or holds nothing of the kind.")
        return
    groups: dict[tuple[str, str, bool], list[Entry]] = {}
    for entry in entries:
        key = (entry.about.get("model", ""), entry.kind, entry.current)
        groups.setdefault(key, []).append(entry)
    rows = [
        Row(
            model,
            [
                kind,
                f"{len(group):,}",
                _size(sum(entry.size for entry in group)),
                f"{max(entry.created for entry in group).astimezone():%Y-%m-%d %H:%M}",
                "yes" if current else "stale",
            ],
        )
        for (model, kind, current), group in sorted(groups.items())
    ]
    yield table("", ["model", "kind ", "entries", "size", "newest", "in use "], rows, width=width)
    yield Text(f"\n{_counted(entries)}, {_size(sum(entry.size for entry in entries))} in all.")


def _counted(entries: Sequence[Entry]) -> str:
    return f"{len(entries):,} entr{'y' if len(entries) == 1 else 'ies'}"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:,.0f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
