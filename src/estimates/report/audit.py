"""What is in a store, looked over: whether entries are whole, in place and what their draws say.

Digests are recomputed for every entry.  The summary of a fit and its comparisons are worked out
anew from its draws, as long as this version of the package made them; of other answers, which would
have to be fitted anew, the digests alone are known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from estimates._util.records import Documented
from estimates._util.store import Entry, Store
from estimates.analysis.compare.result import POOLS, StoredComparison
from estimates.inference.origin import Origin
from estimates.inference.result import Summary
from estimates.inference.stored import from_netcdf
from estimates.inference.summary import summary
from estimates.report.agreement import pairs
from estimates.report.reproduce import comparison_of
from estimates.report.saved import ASKED, COMPARISON, DRAWS, FIT, RESULT, SUMMARY, pooled

#: Relative difference that another processor's rounding may make; a number that is printed has
#: three digits, and one that was altered to be seen differs more.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Audit:
    """What was found in a store.

    Attributes
    ----------
    sound : entries in which nothing is wrong
    recomputed : how many of these were worked out anew from their draws
    foreign : how many of these were not written by this user on this machine
    faults : what is wrong, a sentence each
    """

    sound: tuple[Entry, ...]
    recomputed: int
    foreign: int
    faults: tuple[str, ...]


def audit(store: Store, entries: Sequence[Entry] | None = None) -> Audit:
    """Look over a store, or some of its entries (with all files that are none).

    Parameters
    ----------
    entries : as the store lists them; all of them, if not said
    """
    faults = [f"{path.as_posix()}: {reason}" for path, reason in store.damaged()]
    entries = store.entries() if entries is None else entries
    broken = {path for path, _ in store.damaged()}
    fits = {e.digest: e for e in store.entries() if e.kind == FIT and e.path not in broken}
    comparisons = {
        pooled(digest, pool): (digest, pool) for digest in fits for pool in (None, *POOLS)
    }
    sound, recomputed = [], 0
    for entry in entries:
        if entry.path in broken:
            continue
        of = comparisons.get(entry.digest) if entry.kind == COMPARISON else None
        if entry.kind == FIT:
            wrong = list(_fit_faults(store, entry))
        elif of is not None and entry.current:
            wrong = list(_comparison_faults(store, entry, fits[of[0]], of[1]))
        else:
            wrong = []
        if wrong:
            faults += [f"{entry.path.as_posix()}: {sentence}" for sentence in wrong]
        else:
            sound.append(entry)
            recomputed += entry.current and (entry.kind == FIT or of is not None)
    foreign = sum(not entry.ours for entry in sound)
    return Audit(tuple(sound), recomputed, foreign, tuple(faults))


def trust(store: Store, entries: Sequence[Entry] | None = None) -> Audit:
    """Look over entries as `audit` does, and take for ours those in which nothing is wrong."""
    found = audit(store, entries)
    for entry in found.sound:
        if not entry.ours:
            store.adopt(entry)
    return found


def _fit_faults(store: Store, entry: Entry) -> Iterator[str]:
    """Yield what is wrong with the entry of a fit."""
    parts = store.parts_of(entry)
    asked = parts.get(ASKED)
    if asked is not None and hashlib.sha256(asked).hexdigest() != entry.digest:
        yield "it answers another question than the one that it is kept under"
        return
    if not entry.current:
        return
    try:
        model, seed, *_ = json.loads(parts[ASKED])
        stated = Summary.read(json.loads(parts[SUMMARY]))
        tree = from_netcdf(parts[DRAWS])
        if (tree.attrs["model"], Origin.of(tree).seed) != (model, seed):
            yield "its draws are of another model, or of another seed"
            return
        worked_out = summary(tree)
    except Exception as error:  # another hand's file may hold anything; whatever it is, it is told
        yield f"it cannot be read ({type(error).__name__}: {error})"
        return
    yield from _differences("summary", stated, worked_out)


def _comparison_faults(store: Store, entry: Entry, fit: Entry, pool: str | None) -> Iterator[str]:
    """Yield what is wrong with the entry of a comparison, beside the fit that it was made of."""
    try:
        stated = StoredComparison.read(json.loads(store.parts_of(entry)[RESULT]))
        tree = from_netcdf(store.parts_of(fit)[DRAWS])
        worked_out = comparison_of(tree, pool)
    except Exception as error:  # as above
        yield f"it cannot be read ({type(error).__name__}: {error})"
        return
    yield from _differences("comparison", stated, worked_out)


def _differences(what: str, stated: Documented, worked_out: Documented) -> Iterator[str]:
    """Yield the first place where an answer does not say what its draws do."""
    for pair in pairs(stated, worked_out):
        if not pair.alike(_ROUNDING):
            yield f"its {what} does not say what its draws do ({' → '.join(pair.where)})"
            return
