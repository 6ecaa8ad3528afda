"""Which claims are left out: at random, the latest, all about a label, all of a kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from estimates.analysis.conflict.bodies import Body, bodies_of
from estimates.errors import Fault, InputError, did_you_mean
from estimates.language.expression import names
from estimates.language.phrases import counted, published
from estimates.model import BoundClaim, Model

RANDOM, LATEST = "random", "latest"
#: Of the claims, where a part of them is left out.
SHARE = 0.2
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class Choice:
    """What is left out, and in words by what rule."""

    words: str
    bodies: tuple[Body, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(name for body in self.bodies for name in body.ids)


def choose(
    model: Model,
    rng: np.random.Generator,
    hold_out: str | None = None,
    share: float | None = None,
    as_of: str | None = None,
    kind: str | None = None,
) -> Choice:
    """Choose what is left out; copies of one datum go together.

    Parameters
    ----------
    hold_out : `random`, `latest`, or what claims are about: a quantity, of a panel also a path
        (`workers.russia`), a cell, or a label of a dimension; by default `latest` with a date, all
        of a kind where one is named, and `random` else
    share : of the bodies of evidence, for `random`, and for `latest` without a date
    as_of : what was published later is left out
    kind : only claims of this kind are

    Raises
    ------
    InputError : where there is nothing to leave out, or a name or date is none
    """
    _check(hold_out, share, as_of)
    bodies = list(bodies_of(model))
    if not bodies:
        raise InputError([Fault("the model has no claims as evidence: nothing to leave out")])
    if as_of is not None and hold_out is None:
        hold_out = LATEST
    words = []
    if kind is not None:
        bodies = _of_kind(model, bodies, kind)
        words.append(f"of the kind {kind}")
    match hold_out or (RANDOM if kind is None else None):
        case None:
            kept, rule = bodies, "all"
        case "random":
            kept, rule = _at_random(bodies, share or SHARE, rng)
        case "latest":
            kept, rule = _latest(model, bodies, share or SHARE, as_of)
        case label:
            kept, rule = _about(model, bodies, label), f"all about {label}"
    if not kept:
        raise InputError([Fault(f"no claim is left out by this rule: {' '.join([rule, *words])}")])
    return Choice(" ".join([rule, *words]), tuple(kept))


def _check(hold_out: str | None, share: float | None, as_of: str | None) -> None:
    if share is not None and not 0 < share <= 1:
        raise InputError([Fault(f"the share is {share:g}; it lies above 0 and at most at 1")])
    if as_of is not None and not _DATE.fullmatch(as_of):
        message = (
            f"'{as_of}' is no date; write one (2017-08-12), a year-month (2017-08) or a year (2017)"
        )
        raise InputError([Fault(message)])
    if as_of is not None and hold_out not in (None, LATEST):
        raise InputError([Fault(f"a date goes with the latest claims, not with '{hold_out}'")])
    if share is not None and (as_of is not None or hold_out not in (None, RANDOM, LATEST)):
        what = "a date" if as_of is not None else f"'{hold_out}'"
        raise InputError([Fault(f"{what} says which claims are left out; leave the share away")])


def labels_of(model: Model, claim: BoundClaim) -> tuple[str, ...]:
    """Return what a claim can be said to be about, by any reading.

    The quantities and relations that its expression names, and the basic quantities on which it
    depends; of a cell, `workers.china.2017`, its parts too.
    """
    found = dict.fromkeys(names(claim.about))
    for one in model.combinations():
        resolved = model.resolve(claim.by_itself.value, one.choice)
        found |= dict.fromkeys(() if resolved is None else sorted(names(resolved)))
    parts = [part for name in found if "." in name for part in name.split(".")]
    return tuple(dict.fromkeys([*found, *parts]))


def subjects_of(model: Model, claim: BoundClaim) -> tuple[str, ...]:
    """Return the unknowns that a claim speaks of: claims that share one depend on each other."""
    found: dict[str, None] = {}
    for one in model.combinations():
        resolved = model.resolve(claim.by_itself.value, one.choice)
        found |= dict.fromkeys(() if resolved is None else sorted(names(resolved)))
    return tuple(found)


def kind_of(claim: BoundClaim) -> str:
    """Return the kind of a claim's source; where none is said, how its speaker can know."""
    return claim.claim.kind or claim.basis


def published_of(model: Model, claim: BoundClaim) -> str:
    """Return when a claim was published; "" where that is not known."""
    source = model.ledger.sources.get(claim.claim.source)
    return "" if source is None else source.published


def _of_kind(model: Model, bodies: Sequence[Body], kind: str) -> list[Body]:
    kinds = {kind_of(claim) for body in bodies for claim in body.claims}
    if kind not in kinds:
        hint = did_you_mean(kind, kinds) or f"; there are {', '.join(sorted(kinds))}"
        raise InputError([Fault(f"no claim is of the kind '{kind}'{hint}")])
    return [body for body in bodies if any(kind_of(claim) == kind for claim in body.claims)]


def _at_random(
    bodies: Sequence[Body], share: float, rng: np.random.Generator
) -> tuple[list[Body], str]:
    count = max(1, round(share * len(bodies)))
    places = sorted(rng.choice(len(bodies), count, replace=False).tolist())
    said = f"{count} of {counted(len(bodies), 'piece')} of evidence at random,"
    return [bodies[i] for i in places], said


def _latest(
    model: Model, bodies: Sequence[Body], share: float, as_of: str | None
) -> tuple[list[Body], str]:
    """Leave out what was published after a date, or the latest, at most a share of all."""
    dates = {body.name: max(published_of(model, c) for c in body.claims) for body in bodies}
    unknown = [body.name for body in bodies if not dates[body.name]]
    if unknown:
        message = (
            f"the source of '{unknown[0]}' does not say when it was published; add `published:`"
        )
        raise InputError([Fault(message)])
    if as_of is None:
        as_of = _date_of_share(list(dates.values()), share)
    kept = [body for body in bodies if _after(dates[body.name], as_of)]
    return kept, f"all published after {published(as_of)},"


def _date_of_share(dates: Sequence[str], share: float) -> str:
    """Return the first date after which at most a share was published, and not nothing."""
    every = sorted(set(dates))
    if len(every) == 1:
        message = f"all claims were published in {published(every[0])}: none is the latest"
        raise InputError([Fault(message)])
    counts: Callable[[str], int] = lambda day: sum(_after(date, day) for date in dates)  # noqa: E731
    few = [day for day in every[:-1] if 0 < counts(day) <= share * len(dates)]
    some = [day for day in every[:-1] if counts(day) > 0]
    if not some:
        message = "no claim was surely published later than another; give months or days"
        raise InputError([Fault(message)])
    return few[0] if few else some[-1]


def _after(date: str, day: str) -> bool:
    """Return whether this was surely published after that; a year is not after itself."""
    shared = min(len(date), len(day))
    return date[:shared] > day[:shared]


def _about(model: Model, bodies: Sequence[Body], label: str) -> list[Body]:
    labels = {c.id: labels_of(model, c) for body in bodies for c in body.claims}
    kept = [
        body
        for body in bodies
        if any(_is_of(model, name, label) for claim in body.claims for name in labels[claim.id])
    ]
    if kept:
        return kept
    every = {name for names_of in labels.values() for name in names_of}
    paths = {name.rpartition(".")[0] for name in every if "." in name}
    hint = did_you_mean(label, [RANDOM, LATEST, *sorted(every | paths)])
    told = sorted(name for name in every if "." not in name)  # of a panel not each cell
    said = hint or f"; claims are about {', '.join(told)}"
    raise InputError([Fault(f"no claim is about '{label}'{said}")])


def _is_of(model: Model, name: str, label: str) -> bool:
    """Return whether a name is what a label says, or a cell of it: a path, or a part's members.

    `workers.russia` has `workers.russia.2017` in it, and a part such as `gulf` its countries.
    """
    parts = model.panel.dimensions
    members = [set(parts[one].labels) if one in parts else {one} for one in label.split(".")]
    if "." not in label:
        return name in members[0]
    own, (head, *rest) = name.split("."), members
    return own[0] in head and all(not one.isdisjoint(own[1:]) for one in rest)
