"""What could be found out: quantities, readings, what one person spoke of, and groups of these.

Two facts are the same information where all that becomes known is the same, whatever they are
called and in whichever order they were named; one is more than another where it makes more known.
So one set of facts is asked about once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from estimates.analysis.voi.result import Kind
from estimates.errors import Fault, InputError, did_you_mean
from estimates.language.expression import Expression, Name, names
from estimates.language.phrases import asked, counted
from estimates.model import BoundClaim, FixedValue, Model
from estimates.model.likelihood import Noisy, sampling_model, settled
from estimates.model.panel.lookup import cells_of, known_names, one_of, words_for


@dataclass(frozen=True)
class Fact:
    """Something that could be found out, exactly.

    Attributes
    ----------
    name : what it is called in a document
    kind : `quantity` (basic), `derived`, `reading`, `speaker`, `source`, `group` (asked for),
        `readings` and `quantities` (all of them)
    label : in words
    unit : of a quantity; "" otherwise
    members : names with draws, and expressions (bound) of them
    axes : readings
    """

    name: str
    kind: Kind
    label: str
    unit: str = ""
    members: tuple[str | Expression, ...] = ()
    axes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A key that no two facts share, as a reading may be called like a quantity."""
        return f"{self.kind} {self.name}"

    @property
    def parts(self) -> frozenset[str]:
        """Everything that becomes known."""
        return frozenset([*map(str, self.members), *(f"reading {axis}" for axis in self.axes)])


def facts(
    model: Model, target: str, groups: Sequence[Sequence[str]], *, cells: bool = False
) -> list[Fact]:
    """Return the facts worth asking about, single things first.

    The cells of a quantity over dimensions are one fact, and what the program made to link them
    is none, unless each is asked for.

    Besides what is single: what each speaker, and each source, spoke of, where that is more than
    one thing and not all that was spoken of; all readings, and all basic quantities.

    Raises
    ------
    InputError : where a group names what the model has not
    """
    known = _constants(model)
    basic = [name for name in model.quantities if name not in known and name != target]
    axes = [name for name, reading in model.readings.items() if len(reading.options) > 1]
    linked = frozenset() if cells else model.panel.made
    found = list(_of_quantities(model, [n for n in basic if n not in linked], "quantity", cells))
    found += [_of_reading(model, axis) for axis in axes]
    derived = [name for name in model.relations if name != target and names(model.bound(name))]
    found += _of_quantities(model, derived, "derived", cells)
    found += _groups(model, groups)
    found += _spoken_of(model, known)
    if len(axes) > 1:
        found.append(Fact("all readings", "readings", "every reading", axes=tuple(axes)))
    if len(basic) > 1:
        found.append(
            Fact("all quantities", "quantities", "every basic quantity", members=tuple(basic))
        )
    return found


def _of_quantities(model: Model, names_: Sequence[str], kind: Kind, cells: bool) -> Iterator[Fact]:
    """Yield a fact for each name, of the cells of one quantity one for all."""
    together: dict[str, list[str]] = {}
    for name in names_:
        together.setdefault(name if cells else model.panel.quantity(name), []).append(name)
    for owner, members in together.items():
        if owner in model.quantities or owner in model.relations:
            yield _of_quantity(model, owner, kind)
            continue
        # Cells at dates that claims need tell what the dates of the model do.
        labelled = [one for one in members if one not in model.panel.dated] or members
        label = f"{words_for(model, owner)} ({counted(len(labelled), 'cell')})"
        one = _of_quantity(model, members[0], kind)
        yield replace(one, name=owner, label=label, members=tuple(labelled))


def _of_quantity(model: Model, name: str, kind: Kind) -> Fact:
    declared = model.quantities[name] if name in model.quantities else model.relations[name]
    label = declared.label or name.replace("_", " ")
    return Fact(name, kind, label, declared.unit, members=(name,))


def _of_reading(model: Model, axis: str) -> Fact:
    question = model.readings[axis].question
    if question:
        return Fact(axis, "reading", f"the answer to {asked(question, axis)}", axes=(axis,))
    options = [f"‘{option.replace('_', ' ')}’" for option in model.readings[axis].options]
    *rest, last = options
    label = f"whether ‘{axis.replace('_', ' ')}’ means {', '.join(rest)} or {last}"
    return Fact(axis, "reading", label, axes=(axis,))


def _groups(model: Model, groups: Sequence[Sequence[str]]) -> list[Fact]:
    known = [*model.order, *model.readings]
    groups = [
        [cell for name in group for cell in cells_of(model.panel, name, known) or (name,)]
        for group in groups
    ]
    faults = [
        Fault(f"no quantity, relation or reading '{name}' to learn{did_you_mean(name, known)}")
        for group in groups
        for name in group
        if name not in known
    ]
    faults += [Fault("a group of nothing: write --group a,b") for group in groups if not group]
    if faults:
        raise InputError(faults)
    found = []
    for group in groups:
        # A name that is both is the quantity.
        members = tuple(dict.fromkeys(n for n in group if n in model.order))
        axes = tuple(dict.fromkeys(n for n in group if n not in model.order))
        title = ", ".join(dict.fromkeys(group))
        found.append(Fact(title, "group", title, members=members, axes=axes))
    return found


def _spoken_of(model: Model, known: set[str]) -> Iterator[Fact]:
    """Yield what each speaker, then each source, spoke of as evidence."""
    uses = [use for use in model.uses if not use.held_out and not use.options]
    everything = {str(use.about) for use in uses}
    told: set[frozenset[str]] = {frozenset(everything)}
    for kind in ("speaker", "source"):
        bodies: dict[str, list[BoundClaim]] = {}
        for use in uses:
            who = str(getattr(use.claim, kind) or "")
            if who:
                bodies.setdefault(who, []).append(use)
        for who, body in bodies.items():
            about = {str(use.about): use.about for use in body if str(use.about) not in known}
            if len(about) < 2 or frozenset(about) in told:
                continue
            told.add(frozenset(about))
            members = tuple(
                value.name if isinstance(value, Name) else model.bound(value)
                for value in about.values()
            )
            if kind == "source":
                source = model.ledger.sources[who]
                title = source.publisher or source.title or who
            else:
                title = who.split(",")[0]
            yield Fact(who, kind, f"all that {title} speaks of", members=members)


def narrowest_claim(
    model: Model, quantity: str, own_error: Callable[[BoundClaim], float]
) -> tuple[BoundClaim, Noisy] | None:
    """Return the narrowest claim about a basic quantity itself; None without any.

    Parameters
    ----------
    own_error : how far a claim errs by itself, where that is learnt
    """
    best: tuple[BoundClaim, Noisy] | None = None
    for use in model.uses:
        if use.held_out or not isinstance(use.about, Name) or use.about.name != quantity:
            continue
        term = settled(sampling_model(use, model.conventions), own_error(use))
        if isinstance(term, Noisy) and (best is None or term.sigma < best[1].sigma):
            # Its width is in the claim's unit, which on the log and logit scales does not matter.
            if term.scale.name == "identity":
                unit = model.units.parse(use.unit)
                factor = model.units.factor(unit, model.unit_of(quantity))
                term = Noisy(term.scale, term.y * factor, term.sigma * factor, term.student)
            if best is None or term.sigma < best[1].sigma:
                best = use, term
    return best


def target_of(model: Model, target: str | None) -> str:
    """Return the target asked for, as the model writes it; by default the first."""
    if target is None:
        return model.targets[0]
    known = [*model.targets, *model.order]
    target = one_of(model.panel, target, known)
    if target not in known:
        hint = did_you_mean(target, known_names(model.panel, known))
        message = f"no target, quantity or relation '{target}'{hint}"
        raise InputError([Fault(message)])
    return target


# What becomes known ---------------------------------------------------------------------------


def _constants(model: Model) -> set[str]:
    return {name for name, q in model.quantities.items() if isinstance(q.prior, FixedValue)}


def becomes_known(
    model: Model, members: Iterable[str | Expression], axes: Iterable[str]
) -> frozenset[str]:
    """Names, expressions and readings (`reading NAME`) that are known with these.

    Constants of the model, which are known anyway, are not among them; a relation is known with
    all that its branches are made of, and its reading.
    """
    always = _constants(model)
    told = list(members)
    known = {str(one) for one in told} | always
    read = set(axes) | {n for n, reading in model.readings.items() if len(reading.options) == 1}
    for name in model.order:
        relation = model.bound_relations.get(name)
        if relation is None or not (relation.by is None or relation.by in read):
            continue
        branches = [branch for branch in relation.branches.values() if branch is not None]
        if all(set(names(branch)) <= known for branch in branches):
            known.add(name)
    found = (known - always) | {f"reading {axis}" for axis in axes}
    return frozenset(found)


def least(model: Model, fact: Fact) -> Fact:
    """Return the same information told by the fewest members, in the order of their names."""
    members = sorted(dict.fromkeys(fact.members), key=str)
    needed = tuple(
        one
        for place, one in enumerate(members)
        if not _follows(model, one, [*members[:place], *members[place + 1 :]], fact.axes)
    )
    return replace(fact, members=needed, axes=tuple(sorted(set(fact.axes))))


def _follows(
    model: Model, one: str | Expression, others: list[str | Expression], axes: tuple[str, ...]
) -> bool:
    known = becomes_known(model, others, axes)
    inside = {one} if isinstance(one, str) else set(names(one))
    return inside <= known | _constants(model)


def settles(model: Model, known: frozenset[str], target: str) -> bool:
    """Return whether these make a target known: it is one of them, or an expression of them."""
    if target in model.quantities or target in model.relations:
        return target in known
    always = _constants(model)
    return target in known or set(names(model.bound(target))) <= known | always
