"""`estimates store`: what is kept of finished work, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates.cli.options import common
from estimates.cli.output import console, emit, warning

if TYPE_CHECKING:
    from estimates._util.store import Entry, Store

_ACTIONS = ("verify", "trust")


@dataclass(frozen=True)
class _Kept:
    """The entries of one model and kind."""

    model: str
    kind: str
    entries: int
    size: str
    newest: str
    in_use: str


@click.command("store", short_help="What is kept of finished fits; --prune removes.",
               epilog="Exit codes: 0 done; 1 `verify` or `trust` found something wrong; 2 bad "
               "input.")  # fmt: skip
@click.argument("words", metavar="[verify|trust] [MODEL]...", nargs=-1)
@click.option("--prune", is_flag=True, help="Remove the entries that would be listed.")
@click.option("--stale", is_flag=True, help="Only what other versions made: it is not used.")
@click.option("--kind", help="Only entries of this kind: fit, comparison, calibration, refit …")
@click.option(
    "--older-than", "days", type=click.FloatRange(min=0), metavar="DAYS", help="Only older ones."
)
@click.option("--dry-run", is_flag=True, help="With --prune: say what would go, remove nothing.")
@common
def command(
    words: tuple[str, ...],
    prune: bool,
    stale: bool,
    kind: str | None,
    days: float | None,
    dry_run: bool,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """List what is kept in results/store/, look it over, or remove it.

    Every finished fit, comparison and simulation is kept under a digest of all that
    determines it: the model, its ledger, the seed, the settings, the versions. A question
    that was asked before is answered from there; a run that was stopped goes on from there.
    Nothing is lost by removing entries but the time that they took.

    `verify` recomputes every digest, and summaries and comparisons from their draws, and says
    what is wrong. What was not written by this user on this machine, as where results/ came
    with somebody's folder, is not used but done anew; `trust` looks it over in the same way and
    then takes what is sound for ours. Draws themselves, and answers that only a new fit could
    check, it takes as they are: trust only whom you would believe without it.

    \b
    Examples:
      estimates store
      estimates store verify
      estimates store trust scmp-2017
      estimates store --prune --stale
      estimates store --prune --kind calibration scmp-2017
    """
    from estimates.report.saved import store_of

    action = words[0] if words and words[0] in _ACTIONS else ""
    models = words[1:] if action else words
    if action and (prune or dry_run):
        raise click.UsageError(f"'{action}' removes nothing; leave out --prune and --dry-run")
    # What is damaged is the very thing that these say, and say once.
    store = store_of(root, None if action else warning)
    before = datetime.now(UTC) - timedelta(days=days or 0)
    entries = [
        entry
        for entry in store.entries()
        if (not models or entry.about.get("model") in models)
        and (kind is None or entry.kind == kind)
        and not (stale and entry.current)
        and (days is None or entry.created < before)
    ]
    if action:
        return _looked_over(store, entries, action == "trust", as_json)
    freed = store.prune(entries) if prune and not dry_run else 0
    if as_json:
        found = [_document(entry) for entry in entries]
        emit({"format": 1, "entries": found, "removed": bool(freed), "freed": freed})
        return 0
    if prune and not dry_run:
        click.echo(f"Removed {_counted(entries)}; {_size(freed)} freed.")
        return 0
    if not entries:
        click.echo("The store is empty, or holds nothing like that.")
    else:
        click.echo("\n".join(_listing(entries, console().width)))
    if prune:
        total = _size(sum(entry.size for entry in entries))
        click.echo(f"Would remove {_counted(entries)}, {total}.")
    return 0


def _looked_over(store: Store, entries: Sequence[Entry], adopt: bool, as_json: bool) -> int:
    from estimates.report.audit import audit, trust

    found = (trust if adopt else audit)(store, entries)
    if as_json:
        emit(
            {
                "format": 1,
                "verified": not found.faults,
                "sound": len(found.sound),
                "recomputed": found.recomputed,
                "foreign": found.foreign,
                "trusted": found.foreign if adopt else 0,
                "faults": list(found.faults),
            }
        )
        return 1 if found.faults else 0
    for sentence in found.faults:
        click.echo(sentence)
    counted = f"{len(found.sound):,} of {_counted(entries)} sound"
    click.echo(f"{counted}, {found.recomputed:,} worked out anew from their draws.")
    if found.foreign and adopt:
        click.echo(f"Taken for this user's own: {found.foreign:,}.")
    elif found.foreign:
        click.echo(
            f"Not written by this user on this machine, so not used: {found.foreign:,} "
            "(`estimates store trust` takes them)."
        )
    return 1 if found.faults else 0


def _document(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "digest": entry.digest,
        **entry.about,
        "created": entry.created.isoformat(),
        "bytes": entry.size,
        "current": entry.current,
        "ours": entry.ours,
    }


def _listing(entries: Sequence[Entry], width: int) -> Iterator[str]:
    """Yield a line for each model and kind: single simulations are too many to list."""
    from estimates.language.cells import grid
    from estimates.report.text.tables import lay

    groups: dict[tuple[str, str, bool, bool], list[Entry]] = {}
    for entry in entries:
        key = (entry.about.get("model", ""), entry.kind, entry.current, entry.ours)
        groups.setdefault(key, []).append(entry)
    rows = [
        _Kept(
            model=model,
            kind=kind,
            entries=len(group),
            size=_size(sum(entry.size for entry in group)),
            newest=f"{max(entry.created for entry in group).astimezone():%Y-%m-%d %H:%M}",
            in_use="no" if not ours else "yes" if current else "stale",
        )
        for (model, kind, current, ours), group in sorted(groups.items())
    ]
    for laid in lay(grid(rows), width):
        yield from laid.head
        yield from (line for row in laid.rows for line in row)
    yield f"\n{_counted(entries)}, {_size(sum(entry.size for entry in entries))} in all."


def _counted(entries: Sequence[Entry]) -> str:
    return f"{len(entries):,} entr{'y' if len(entries) == 1 else 'ies'}"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:,.0f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
