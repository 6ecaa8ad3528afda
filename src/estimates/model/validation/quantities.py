"""Checks a basic quantity: its unit, and the family, ends and arguments of its prior.

A bound at or below 0 never changes the family of a prior silently, and what is a share must stay
strictly between 0 and 1, whatever its parents in a hierarchy are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt

from estimates.errors import Faults
from estimates.language.expression import Constant, Expression, Interval, names
from estimates.language.units import PLAIN, Unit, UnitError
from estimates.model.distributions import DISTRIBUTIONS, Argument
from estimates.model.priors import FixedValue, IntervalPrior, NamedPrior, Prior
from estimates.model.spec import SUPPORTS, Quantity
from estimates.model.symbols import Structure
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.extremes import fault_of_interval, out_of_range

_INSIDE = {
    "": Interval(),
    "real": Interval(),
    "positive": Interval(0.0, inf),
    "share": Interval(0.0, 1.0),
}
_FAMILY = {"real": "normal", "positive": "lognormal", "share": "logitnormal"}


def check_quantity(
    quantity: Quantity, structure: Structure, spread: Spread, faults: Faults
) -> bool:
    """Add a quantity to the structure, or say what is wrong with it."""
    before = len(faults)
    quantity = _with_unit(quantity)
    try:
        unit = structure.units.parse(quantity.unit)
    except UnitError as error:
        place = quantity.where("unit", error.offset or 0)
        faults.add(f"unit of '{quantity.name}': {error.message}", place)
        return False
    wanted = _wanted_support(quantity, unit, faults)
    if len(faults) > before:
        return False
    found = _Prior(quantity, unit, wanted, structure, spread, faults).checked()
    if found is None or len(faults) > before:
        return False
    prior, support = found
    kinds = SUPPORTS if structure.units.dimensionless(unit) else SUPPORTS[:-1]
    kind = [one for one in kinds if support.within(_INSIDE[one])][-1]
    structure.add_quantity(replace(quantity, prior=prior, support=kind), unit, support)
    return True


def _with_unit(quantity: Quantity) -> Quantity:
    """Give a quantity without a unit the one that its interval or value states."""
    prior = quantity.prior
    if quantity.unit or isinstance(prior, NamedPrior) or prior.unit in (None, "%"):
        return quantity
    return replace(quantity, unit=prior.unit)


def _wanted_support(quantity: Quantity, unit: Unit, faults: Faults) -> str:
    name, support, place = quantity.name, quantity.support, quantity.where("support")
    if support and support not in SUPPORTS:
        hint = faults.hint(support, SUPPORTS) or f"; it is one of {', '.join(SUPPORTS)}"
        faults.add(f"'{name}' has unknown support '{support}'{hint}", place)
    elif quantity.unit == "share" and support not in ("", "share"):
        faults.add(
            f"'{name}' is a share, so its support cannot be {support}; leave `support:` out, "
            "or leave the unit out for a plain number",
            place,
        )
    elif support == "share" and unit != PLAIN:
        faults.add(f"'{name}' is in {quantity.unit}, so it cannot be a share", place)
    return "share" if quantity.unit == "share" else support


@dataclass(frozen=True)
class _Prior:
    """The prior of one quantity, under check; `wanted` is its support if that is stated."""

    quantity: Quantity
    unit: Unit
    wanted: str
    structure: Structure
    spread: Spread
    faults: Faults

    def checked(self) -> tuple[Prior, Interval] | None:
        """Return the prior in the quantity's own unit, and its support."""
        match self.quantity.prior:
            case NamedPrior() as prior:
                return self._named(prior)
            case IntervalPrior() as prior:
                factor = self._factor(prior)
                return None if factor is None else self._interval(prior, factor)
            case FixedValue() as prior:
                factor = self._factor(prior)
                return None if factor is None else self._fixed(prior.value * factor)

    def _fault(self, message: str, offset: int = 0) -> None:
        field = "value" if isinstance(self.quantity.prior, FixedValue) else "prior"
        self.faults.add(message, self.quantity.where(field, offset))

    def _factor(self, prior: IntervalPrior | FixedValue) -> float | None:
        """Return the factor from the unit of a written prior to that of its quantity."""
        if prior.unit is None:
            return 1.0
        units = self.structure.units
        try:
            return units.factor(units.parse(prior.unit), self.unit)
        except UnitError as error:
            what = "value" if isinstance(prior, FixedValue) else "prior"
            offset = prior.offset + (error.offset or 0)
            self._fault(f"{what} of '{self.quantity.name}': {error.message}", offset)
            return None

    def _interval(self, prior: IntervalPrior, factor: float) -> tuple[Prior, Interval] | None:
        name, low, high = self.quantity.name, prior.low * factor, prior.high * factor
        support = self.wanted or "positive"
        if not (isfinite(low) and isfinite(high) and low < high):
            self._fault(f"the prior of '{name}' runs from {low:g} to {high:g}; write it upwards")
        elif not 0 < prior.coverage < 1:
            self._fault(f"the prior of '{name}' cannot hold {prior.coverage:.4g} of probability")
        elif support == "share" and not 0 < low < high < 1:
            meant = prior.unit != "%" and low > 0 and 1 < high < 100
            hint = f"; for percentages write `{low:g} to {high:g} %`" if meant else ""
            self._fault(
                f"'{name}' is a share, so both ends of its prior lie strictly between 0 and 1 "
                f"(0 and 100 %), not at {low:g} and {high:g}{hint}"
            )
        elif self.wanted == "positive" and low <= 0:
            self._fault(f"'{name}' is positive, but its prior starts at {low:g}")
        elif not self.wanted and low <= 0:
            self._fault(
                f"the prior of '{name}' starts at {low:g}; start it above 0 for a log-normal, "
                "or add `support: real` for a normal"
            )
        else:
            resolved = IntervalPrior(low, high, prior.coverage, _FAMILY[support])
            wrong = fault_of_interval(name, resolved)
            if not wrong:
                return resolved, _INSIDE[support]
            self._fault(wrong)
        return None

    def _fixed(self, value: float) -> tuple[Prior, Interval] | None:
        here = Interval(value, value)
        if out_of_range(value):
            self._fault(
                f"'{self.quantity.name}' is {value:g}, which cannot be computed with; "
                "give it in another unit"
            )
            return None
        if isfinite(value) and here.within(_INSIDE[self.wanted]):
            return FixedValue(value), here
        rule = "a share lies between 0 and 1" if self.wanted == "share" else "it must be positive"
        self._fault(
            f"'{self.quantity.name}' is {value:g}; {rule if isfinite(value) else 'write a number'}"
        )
        return None

    def _named(self, prior: NamedPrior) -> tuple[Prior, Interval] | None:
        distribution = DISTRIBUTIONS[prior.distribution]
        bound: dict[str, Expression] = {}
        for key, written in prior.arguments.items():
            argument = self._argument(key, written, distribution.arguments[key], prior)
            if argument is not None:
                bound[key] = argument
        if len(bound) < len(prior.arguments):
            return None
        for end in (distribution.low, distribution.high):
            default = distribution.arguments[end].default if isinstance(end, str) else None
            if isinstance(end, str) and default is not None:
                bound.setdefault(end, Constant(default))
        self._check_order(bound)
        if prior.distribution == "Beta" and {"mu", "sigma"} <= bound.keys():
            self._check_sd_of_share(bound["mu"], bound["sigma"])
        low, high = distribution.low, distribution.high
        if isinstance(low, str):
            low = self.structure.support_of(bound[low]).low if low in bound else -inf
        if isinstance(high, str):
            high = self.structure.support_of(bound[high]).high if high in bound else inf
        support = Interval(low, high)
        if not support.within(_INSIDE[self.wanted]):
            better = "Beta" if self.wanted == "share" else "LogNormal, HalfNormal"
            self._fault(
                f"'{self.quantity.name}' is {self.wanted.replace('share', 'a share')}, but "
                f"{prior.distribution} can leave "
                f"{'0 to 1' if self.wanted == 'share' else 'what is above 0'}; "
                f"give an interval, {better} or TruncatedNormal"
            )
        return NamedPrior(prior.distribution, bound), support

    def _argument(
        self, key: str, written: Expression, rule: Argument, prior: NamedPrior
    ) -> Expression | None:
        """Return an argument bound, in basic quantities only; a bare number has the unit needed."""
        what, start = f"'{key}' in the prior of '{self.quantity.name}'", prior.offsets.get(key, 0)
        try:
            needed = self.unit**rule.kind.value if names(written) else PLAIN
            bound = self.structure.bind_to(written, needed)
        except UnitError as error:
            self._fault(f"{what}: {error.message}", start + (error.offset or 0))
            return None
        axes = self.structure.axes_of(bound)
        if axes:
            self._fault(f"{what} depends on the reading '{min(axes)}'; a prior cannot", start)
            return None
        extent = self.structure.extent_of(bound)
        if extent.beyond_limits:
            self._fault(f"{what} is too large an expression: {extent}", start)
            return None
        expanded = self.structure.expand(bound, {})
        assert expanded is not None  # `nothing` stands only in relations that depend on a reading
        self._check_range(what, expanded, rule, start)
        return expanded

    def _check_range(self, what: str, value: Expression, rule: Argument, start: int) -> None:
        """Check that an argument lies in its range: a constant strictly, others up to the edge."""
        low, high, varies = rule.low, rule.high, bool(names(value))
        if varies and self.structure.support_of(value).within(Interval(low, high)):
            return
        for setting, at in enumerate(self.spread.evaluate(value)):
            if not varies and out_of_range(at):
                self._fault(f"{what} is {at:.4g}, which cannot be computed with", start)
                return
            if at < low or at > high or not (varies or low < at < high):
                must = "between 0 and 1" if high == 1 else "above 0" if low == 0 else "a number"
                when = self.spread.describe(value, setting)
                self._fault(f"{what} must be {must}, but it is {at:.4g}{when}", start)
                return

    def _check_sd_of_share(self, mu: Expression, sigma: Expression) -> None:
        """Check that a share's sd is less than that of a coin with the same mean."""
        columns = [self.spread.evaluate(one) for one in (mu, sigma)]
        settings = max(map(len, columns))
        for mean, sd in zip(*(one * (settings // len(one)) for one in columns), strict=True):
            if 0 <= mean <= 1 and sd**2 >= mean * (1 - mean):
                self._fault(
                    f"the prior of '{self.quantity.name}' has mean {mean:.4g} and sd {sd:.4g}; the "
                    f"sd of a share with this mean is below {sqrt(mean * (1 - mean)):.4g}"
                )
                return

    def _check_order(self, bound: dict[str, Expression]) -> None:
        """Check that a distribution's ends ascend, with its mode between them."""
        given = [bound[key] for key in ("lower", "c", "upper") if key in bound]
        if not {"lower", "upper"} <= bound.keys():
            return
        columns = [self.spread.evaluate(one) for one in given]
        settings = max(map(len, columns))
        for values in zip(*(one * (settings // len(one)) for one in columns), strict=True):
            if list(values) != sorted(values) or values[0] == values[-1]:
                run = " to ".join(f"{value:.4g}" for value in values)
                self._fault(f"the prior of '{self.quantity.name}' runs from {run}; it must ascend")
                return
