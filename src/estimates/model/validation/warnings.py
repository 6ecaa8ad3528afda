"""What is allowed but seldom meant: the warnings of a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose

from estimates.errors import Fault
from estimates.language.expression import MATH_OPS, Expression, Name, evaluate, names
from estimates.model.claims import BoundClaim
from estimates.model.derived import sums_off
from estimates.model.distributions import DISTRIBUTIONS
from estimates.model.priors import IntervalPrior, NamedPrior, Prior
from estimates.model.spec import Parts
from estimates.model.symbols import Structure
from estimates.model.validation.claim_scale import figures_of
from estimates.stats.links import SCALES

_SAME = 0.01  # centres closer than this, relatively, count as equal


def cautions(parts: Parts, structure: Structure, uses: Sequence[BoundClaim]) -> Iterator[Fault]:
    """Yield every warning that needs the whole model."""
    yield from _addresses(parts)
    yield from sums_off(parts.ledger, structure.units)
    yield from _prior_centres(structure, uses)
    yield from _idle_readings(parts)
    yield from _idle_quantities(parts, structure, uses)


def _addresses(parts: Parts) -> Iterator[Fault]:
    for source in parts.ledger.sources.values():
        if source.url and not source.address:
            yield Fault(
                f"the url of source '{source.id}' is not a web address (http:// or https://, "
                "without blanks), so nothing links to it; put where else it is found into its note",
                source.where("url"),
            )


def _prior_centres(structure: Structure, uses: Sequence[BoundClaim]) -> Iterator[Fault]:
    centres: dict[tuple[Expression, str], tuple[tuple[str, float], ...]] = {}
    for use in uses:
        centre = None if use.held_out else _claimed(use)
        if centre is None:
            continue
        key = (use.about, use.unit)
        if key not in centres:
            centres[key] = tuple(_prior_centres_of(use, structure))
        for name, prior in centres[key]:
            if isclose(prior, centre, rel_tol=_SAME):
                yield Fault(
                    f"the prior of '{name}' has the same centre as claim '{use.id}', "
                    f"{f'{centre:.4g} {use.unit}'.rstrip()}; if the prior was made from the claim, "
                    "the datum is used twice",
                    structure.quantities[name].where("prior"),
                )


def _prior_centres_of(use: BoundClaim, structure: Structure) -> Iterator[tuple[str, float]]:
    """Yield the quantities that a claim is plainly about, and their priors' centres in its unit."""
    for name in _plainly_about(use.about, structure):
        prior = _prior_centre(structure.quantities[name].prior)
        if prior is not None:
            unit = structure.units.parse(use.unit)
            yield name, prior * structure.units.factor(structure.unit[name], unit)


def _plainly_about(about: Expression, structure: Structure) -> Iterator[str]:
    """Yield basic quantities to which an expression is equal under some reading."""
    open_ends, seen = [about], set()
    while open_ends:
        match open_ends.pop():
            case Name(name=name) if name in structure.quantities:
                if name not in seen:
                    seen.add(name)
                    yield name
            case Name(name=name) if name not in seen:
                seen.add(name)
                branches = structure.relations[name].branches.values()
                open_ends += [branch for branch in branches if branch is not None]


def _claimed(use: BoundClaim) -> float | None:
    """Return the centre of a claim in its own unit; None where it has none."""
    figures = figures_of(use.wording)
    scale = SCALES[use.scale]
    if use.wording.kind == "bound" or not figures or not all(map(scale.holds, figures)):
        return None
    return scale.inverse(sum(map(scale.forward, figures)) / len(figures))


def _prior_centre(prior: Prior) -> float | None:
    match prior:
        case IntervalPrior():
            return prior.centre
        case NamedPrior():
            distribution = DISTRIBUTIONS[prior.distribution]
            location = prior.arguments.get(distribution.location)
            if location is None or names(location):
                return None
            try:
                return SCALES[distribution.link].inverse(float(evaluate(location, {}, MATH_OPS)))
            except OverflowError:
                return None
        case _:
            return None


def _idle_readings(parts: Parts) -> Iterator[Fault]:
    used = {relation.by for relation in parts.relations.values()}
    for name, reading in parts.readings.items():
        if name not in used:
            yield Fault(f"no relation goes by reading '{name}'", reading.where())
        for option, one in reading.options.items():
            if not one.because:
                yield Fault(
                    f"option '{option}' of reading '{name}' does not say where its weight comes "
                    "from; add a `because:`",
                    reading.where(option),
                )


def _idle_quantities(
    parts: Parts, structure: Structure, uses: Sequence[BoundClaim]
) -> Iterator[Fault]:
    used = {name for about in {use.about for use in uses} for name in names(about)}
    used |= {name for target in parts.targets for name in names(target)}
    for relation in structure.relations.values():
        for branch in relation.branches.values():
            used |= set(names(branch)) if branch is not None else set()
    for quantity in parts.quantities.values():
        if isinstance(quantity.prior, NamedPrior):
            used |= {name for one in quantity.prior.arguments.values() for name in names(one)}
    for name, quantity in parts.quantities.items():
        if name not in used:
            yield Fault(f"nothing follows from '{name}' and no claim is about it", quantity.where())
