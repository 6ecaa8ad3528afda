"""Against what the factors of kinds are learnt: claims of other kinds about the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from estimates.errors import Fault
from estimates.language.expression import names
from estimates.model.claims import BoundClaim
from estimates.model.kinds import SourceGroup, SourceKind
from estimates.model.panel.panel import Panel
from estimates.model.priors import FixedValue

#: What stands for claims of no kind, and of a kind whose factor is known.
ANCHOR = ""


def known_level(kind: SourceKind) -> bool:
    """Return whether it is known what a kind sees of what there is."""
    return all(one is None or isinstance(one, FixedValue) for one in (kind.factor, kind.odds))


def shared_with(
    uses: Iterable[BoundClaim], kinds: Mapping[str, SourceGroup], panel: Panel
) -> dict[str, dict[str, int]]:
    """Return by kind of unknown level how many expressions each other kind shares with it.

    Kinds of a known level, and claims of no kind, are one: `ANCHOR`.  A path is the same thing at
    all its dates, as its steps tie them together.
    """
    unknown = [
        f"{group.name}.{name}"
        for group in kinds.values()
        for name, kind in group.kinds.items()
        if not known_level(kind)
    ]
    starts = {
        member: path.starts[place]
        for path in panel.paths
        for member, place in zip(path.members, path.start, strict=True)
    }
    about: dict[str, set[str]] = {}
    for use in uses:
        if not use.held_out:
            kind = use.kind if use.kind in unknown else ANCHOR
            about.setdefault(_thing(use, starts), set()).add(kind or ANCHOR)
    found: dict[str, dict[str, int]] = {name: {} for name in unknown}
    for there in about.values():
        for kind in there - {ANCHOR}:
            for other in there - {kind}:
                found[kind][other] = found[kind].get(other, 0) + 1
    return found


def _thing(use: BoundClaim, starts: Mapping[str, str]) -> str:
    """Return what a claim is about in words, without the date on a path."""
    words = str(use.about)
    for name in sorted(starts.keys() & names(use.about), key=len, reverse=True):
        words = words.replace(name, starts[name])
    return words


def chain(kind: str, shared: Mapping[str, Mapping[str, int]]) -> tuple[str, ...] | None:
    """Return the kinds by which one leads to a known level, nearest first; None without any."""
    paths: list[tuple[str, ...]] = [(kind,)]
    seen = {kind}
    while paths:
        path = paths.pop(0)
        here = shared[path[-1]]
        if ANCHOR in here:
            return path[1:]
        paths += [(*path, other) for other in here if other not in seen]
        seen |= here.keys()
    return None


def set_by_priors(
    uses: Iterable[BoundClaim], kinds: Mapping[str, SourceGroup], panel: Panel
) -> Iterator[Fault]:
    """Yield a warning for each kind whose level nothing but priors decides."""
    uses = tuple(uses)
    shared, used = shared_with(uses, kinds, panel), {use.kind for use in uses}
    for group in kinds.values():
        names = [f"{group.name}.{name}" for name in group.kinds]
        if all(name in shared for name in names) and not any(ANCHOR in shared[n] for n in names):
            yield Fault(
                f"the level is set by priors: every kind of '{group.name}' has an unknown factor; "
                "give the one that sees what there is `factor: 1`",
                group.where(),
            )
            continue
        for name, kind in zip(names, group.kinds.values(), strict=True):
            if name in shared and name in used and chain(name, shared) is None:
                yield Fault(
                    f"the level of kind '{name}' is set by priors: none of its claims is about the "
                    "same thing as a claim of a kind of factor 1, and no chain of kinds leads to "
                    "one",
                    kind.where(),
                )
