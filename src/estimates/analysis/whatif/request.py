"""What is supposed: words and names become a changed model, and a change of its data.

A quantity that is known, and words that are put into a speaker's mouth, make another model, which
is checked as any other.  All else is a change of data of the same one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from estimates._util.format import brief, stated
from estimates.analysis.whatif.result import Kind, Supposed
from estimates.errors import Fault, Faults, InputError, did_you_mean
from estimates.inference.fitting import Change
from estimates.language.expression import Expression, names
from estimates.language.labels import the
from estimates.language.phrases import asked as asked_words
from estimates.language.phrases import spoken, told
from estimates.language.units import UnitError
from estimates.language.wording import Counted, Disputed, Events, WordingError, parse_wording
from estimates.model import FixedValue, Model
from estimates.model.ledger import NOWHERE, Claim
from estimates.model.panel.lookup import cells_of, known_names
from estimates.model.panels import PanelQuantity
from estimates.model.priors import Prior, PriorError, parse_value


@dataclass(frozen=True)
class Asked:
    """A supposition as it was asked for.

    Attributes
    ----------
    values : by basic quantity a number in its own unit, or words such as `90 %`
    reading : by reading the option that is taken as certain
    drop, drop_source, drop_origin : what is left out of the evidence
    says : by claim what it says instead
    widen : by claim a factor on its width
    """

    values: Mapping[str, float | str] = field(default_factory=dict)
    reading: Mapping[str, str] = field(default_factory=dict)
    drop: Sequence[str] = ()
    drop_source: Sequence[str] = ()
    drop_origin: Sequence[str] = ()
    says: Mapping[str, str] = field(default_factory=dict)
    widen: Mapping[str, float] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is supposed."""
        dropped = (*self.drop, *self.drop_source, *self.drop_origin)
        return not (self.values or self.reading or dropped or self.says or self.widen)


@dataclass(frozen=True)
class Supposition:
    """A changed model and a change of its data.

    Attributes
    ----------
    model, change : what is fitted
    values : of the quantities that are set, in their own units
    rows : what is supposed, a row each
    """

    model: Model
    change: Change
    values: Mapping[str, float]
    rows: tuple[Supposed, ...]

    @property
    def leaves_out(self) -> bool:
        """Whether claims are left out, and nothing else changes."""
        only = Change(self.change.label, without=self.change.without)
        return self.change == only and all(row.dropped for row in self.rows)


def supposition(model: Model, asked: Asked) -> Supposition:
    """Make sense of what was asked.

    Raises
    ------
    InputError : where a name is unknown, a value impossible, two wishes contradict each other, or
        nothing is asked
    """
    if asked.empty:
        message = (
            "nothing is supposed: set a quantity, take a reading as certain, or drop, re-word or "
            "widen a claim"
        )
        raise InputError([Fault(message)])
    faults = Faults()
    settings = {
        cell: said
        for name, said in asked.values.items()
        for cell in cells_of(model.panel, name, model.order) or (name,)
    }
    values = {
        name: value
        for name, said in settings.items()
        if (value := _value(model, name, said, faults)) is not None
    }
    _check_readings(model, asked.reading, faults)
    without = _dropped(model, asked, faults)
    wordings = _wordings(model, asked, without, faults)
    _check_widths(model, asked, without, faults)
    faults.raise_if_any()
    known = {n: v for n, v in values.items() if isinstance(model.quantities[n].prior, FixedValue)}
    change = Change(
        label="as supposed",
        without=without,
        widened=dict(asked.widen),
        pinned={name: value for name, value in values.items() if name not in known},
        certain=dict(asked.reading),
    )
    rows = _rows(model, asked, values, wordings)
    return Supposition(_changed(model, known, wordings), change, values, rows)


# Quantities ------------------------------------------------------------------------------------


def _value(model: Model, name: str, said: float | str, faults: Faults) -> float | None:
    """Return a value in the quantity's own unit; None with a fault where it is none."""
    if name in model.relations:
        basic = sorted({one for b in _branches(model, name) for one in names(b)})
        faults.add(
            f"'{name}' is derived, so it cannot be set; set what it follows from: "
            f"{', '.join(basic)}"
        )
        return None
    if name not in model.quantities:
        hint = did_you_mean(name, known_names(model.panel, [*model.quantities, *model.relations]))
        there = model.panel.grids if model.panel else model.quantities
        hint = hint or f"; the basic quantities are {', '.join(there)}"
        faults.add(f"no quantity '{name}' in the model{hint}")
        return None
    found = _number(model, name, said, faults)
    if found is not None and not math.isfinite(found):
        faults.add(f"'{name}' cannot be {found}; give a number")
        return None
    if found is None or isinstance(model.quantities[name].prior, FixedValue):
        return found  # of another known constant the model's own checks speak
    reach = model.support_of(name)
    if reach.low < found < reach.high:
        return found
    faults.add(_beyond(model, name, found))
    return None


def _branches(model: Model, name: str) -> Iterable[Expression]:
    """Return a relation in basic quantities, under every combination of readings."""
    resolved = (model.resolve(name, c.choice) for c in model.combinations())
    return [one for one in resolved if one is not None]


def _number(model: Model, name: str, said: float | str, faults: Faults) -> float | None:
    if not isinstance(said, str):
        return float(said)
    try:
        read = parse_value(said)
        if read.unit is None:
            return read.value
        units = model.units
        return read.value * units.factor(units.parse(read.unit), model.unit_of(name))
    except (PriorError, UnitError) as error:
        faults.add(f"value of '{name}': {error.message}")
        return None


def _beyond(model: Model, name: str, value: float) -> str:
    """Return why a value is impossible."""
    quantity, reach = model.quantities[name], model.support_of(name)
    if math.isinf(reach.high):
        lies = f"above {brief(reach.low)}"
    elif math.isinf(reach.low):
        lies = f"below {brief(reach.high)}"
    else:
        lies = f"strictly between {brief(reach.low)} and {brief(reach.high)}"
    share = quantity.support == "share"
    hint = f"; for per cent write {brief(value)}%" if share and 1 < value < 100 else ""
    return (
        f"'{name}' cannot be {brief(value)}: by its prior ({quantity.prior}) it lies {lies}{hint}"
    )


# Readings and claims ---------------------------------------------------------------------------


def _check_readings(model: Model, reading: Mapping[str, str], faults: Faults) -> None:
    for name, option in reading.items():
        if not model.readings:
            faults.add(f"the model has no readings, so not '{name}' either")
        elif name not in model.readings:
            hint = did_you_mean(name, model.readings)
            hint = hint or f"; its readings are {', '.join(model.readings)}"
            faults.add(f"no reading '{name}' in the model{hint}")
        elif option not in model.readings[name].options:
            options = model.readings[name].options
            hint = did_you_mean(option, options) or f"; it is one of {', '.join(options)}"
            faults.add(f"reading '{name}' has no option '{option}'{hint}")


def _evidence(model: Model, name: str, what: str, faults: Faults) -> bool:
    """Return whether this is a claim that counts as evidence; add a fault where it is not."""
    if name in model.claims:
        return True
    if name in model.compare:
        faults.add(f"claim '{name}' is held out and moves nothing, so {what} it changes nothing")
    elif name in model.ledger.claims:
        faults.add(f"claim '{name}' is in the ledger, but the model does not use it")
    else:
        hint = did_you_mean(name, [*model.claims, *model.compare])
        hint = hint or f"; its claims are {', '.join(model.claims)}" if model.claims else hint
        faults.add(f"no claim '{name}' in the model{hint}")
    return False


def _dropped(model: Model, asked: Asked, faults: Faults) -> frozenset[str]:
    found = {name for name in asked.drop if _evidence(model, name, "dropping", faults)}
    claims = {name: model.ledger.claims[name] for name in model.claims}
    sources = {name: claim.source for name, claim in claims.items()}
    origins = {name: claim.origin for name, claim in claims.items()}
    for what, of_claims, wanted in (
        ("source", sources, asked.drop_source),
        ("origin", origins, asked.drop_origin),
    ):
        there: dict[str, set[str]] = {}
        for claim, one in of_claims.items():
            there.setdefault(one, set()).add(claim)
        there.pop("", None)
        for name in wanted:
            if name not in there:
                hint = did_you_mean(name, there)
                hint = hint or (f"; there is {', '.join(there)}" if there else "; there is none")
                faults.add(f"no {what} '{name}' has a claim in the evidence{hint}")
            found |= there.get(name, set())
    return frozenset(found)


def _wordings(
    model: Model, asked: Asked, without: Collection[str], faults: Faults
) -> dict[str, Claim]:
    """Return the claims with other wordings."""
    found = {}
    for name, words in asked.says.items():
        if name not in model.compare and not _evidence(model, name, "re-wording", faults):
            continue
        if name in without:
            faults.add(f"claim '{name}' cannot be dropped and say something else; choose one")
            continue
        try:
            wording = parse_wording(words)
        except WordingError as error:
            faults.add(f"claim '{name}': {error.message}")
            continue
        claim = model.ledger.claims[name]
        disputes = claim.disputes if isinstance(wording, Disputed) else ""
        found[name] = replace(claim, says=wording, disputes=disputes, where=NOWHERE)
    return found


def _check_widths(model: Model, asked: Asked, without: Collection[str], faults: Faults) -> None:
    for name, factor in asked.widen.items():
        if not _evidence(model, name, "widening", faults):
            continue
        if name in without:
            faults.add(f"claim '{name}' cannot be dropped and widened; choose one")
        elif not (math.isfinite(factor) and factor > 0):
            faults.add(f"claim '{name}' cannot be {factor:g} times as wide; give a number above 0")
        elif name not in asked.says and isinstance(
            model.ledger.claims[name].says, Counted | Events
        ):
            faults.add(
                f"claim '{name}' is a count, which has no width; re-word it with smaller numbers"
            )


def _changed(model: Model, known: Mapping[str, float], wordings: Mapping[str, Claim]) -> Model:
    """Return the model with other constants and words, or itself without any."""
    if not known and not wordings:
        return model
    parts, ledger = model.parts, model.parts.ledger
    quantities = dict(parts.quantities)
    cells: dict[str, dict[str, float]] = {}
    for name, value in known.items():
        if name in model.panel.home:
            cells.setdefault(model.panel.home[name][0], {})[name] = value
            continue
        one = quantities[name]  # a value is checked in the quantity's own unit
        unit = one.unit or model.quantities[name].unit
        quantities[name] = replace(one, prior=FixedValue(value), unit=unit)
    panels = {**parts.panels, **{name: _known_cells(model, name, cells[name]) for name in cells}}
    claims = {**ledger.claims, **wordings}
    ledger = replace(ledger, claims=claims)
    changed = replace(parts, ledger=ledger, quantities=quantities, panels=panels)
    try:
        return Model.of(changed, Faults())
    except InputError as error:
        raise InputError(Fault(fault.message) for fault in error.faults) from None


def _known_cells(model: Model, name: str, values: Mapping[str, float]) -> PanelQuantity:
    """Return a known quantity over dimensions with other values, each by one label."""
    quantity, grid = model.parts.panels[name], model.panel.grids[name]
    now = {
        at: values.get(cell, getattr(model.quantities[cell].prior, "value", math.nan))
        for at, cell in grid.cells.items()
    }
    for place in range(len(grid.over)):
        by_label = {at[place]: value for at, value in now.items()}
        if all(by_label[at[place]] == value for at, value in now.items()):
            priors: dict[str | None, Prior] = {
                label: FixedValue(value) for label, value in by_label.items()
            }
            return replace(quantity, priors=priors)
    some = next(iter(values))
    raise InputError(
        [Fault(f"'{some}' cannot be set by itself: the known '{name}' has a value for each label "
               f"of one of {', '.join(grid.over)}, so set all cells of a label")]
    )  # fmt: skip


# In words --------------------------------------------------------------------------------------


def _rows(
    model: Model,
    asked: Asked,
    values: Mapping[str, float],
    wordings: Mapping[str, Claim],
) -> tuple[Supposed, ...]:
    rows = []
    for name, value in values.items():
        quantity = model.quantities[name]
        label = the(quantity.label or spoken(name), quantity.unit)
        text = f"{label} at {_amount(value, quantity.unit)}"
        rows.append(Supposed(kind="value", name=name, value=value, unit=quantity.unit, text=text))
    for name, option in asked.reading.items():
        rows.append(Supposed(kind="reading", name=name, text=_read_as(model, name, option)))
    for name, claim in wordings.items():
        text = f"the claim {name} saying “{claim.says}”"
        rows.append(Supposed(kind="says", name=name, text=text))
    for name, factor in asked.widen.items():
        text = f"the claim {name} {brief(factor)} times as wide"
        rows.append(Supposed(kind="width", name=name, value=float(factor), text=text))
    dropped: tuple[tuple[Kind, str, Sequence[str]], ...] = (
        ("dropped", "the claim", asked.drop),
        ("dropped source", "the claims of the source", asked.drop_source),
        ("dropped origin", "the claims of the origin", asked.drop_origin),
    )
    for kind, words, names_of in dropped:
        for name in dict.fromkeys(names_of):
            rows.append(Supposed(kind=kind, name=name, text=f"{words} {name}"))
    return tuple(rows)


def _read_as(model: Model, name: str, option: str) -> str:
    """Return a reading that is certain in words: `“net” the answer to “What is the wage?”`."""
    reading = model.readings[name]
    label = reading.options[option].label or spoken(option)
    return f"{asked_words(reading.question, name)} answered by “{label}”"


def _amount(value: float, unit: str) -> str:
    """Return a value in words: `90 %`, `20,000 people`, `US$120 per person per month`."""
    return f"{brief(100 * value)} %" if unit == "share" else told(stated(value), unit)
