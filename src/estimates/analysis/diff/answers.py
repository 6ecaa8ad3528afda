"""The answers of the models on the way from one to the other, each fitted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from estimates.analysis.diff.steps import Made, Ways
from estimates.analysis.result import Numbers
from estimates.errors import InputError
from estimates.inference.fitting import Change
from estimates.inference.jobs import Progress, Workers
from estimates.inference.refit import refit
from estimates.inference.refit_result import Refit
from estimates.inference.sampling import Sampling
from estimates.language.units import UnitError
from estimates.model import Model
from estimates.model.dimensions import variable

#: Steps of a few per cent are seen with these, and each takes half the time of a fit.
SAMPLING = Sampling(draws=1000, tune=500)


@dataclass(frozen=True)
class Answer:
    """What a model says of the targets.

    Attributes
    ----------
    targets : by target its numbers, in the unit of the last model
    found : the fit; None where there is none
    failed : why it must not be trusted
    """

    targets: Mapping[str, Numbers] = field(default_factory=dict)
    found: Refit | None = None
    failed: tuple[str, ...] = ()

    def of(self, target: str) -> Numbers:
        """Return the numbers of a target; of none where there are none."""
        return self.targets.get(target, Numbers())


@dataclass(frozen=True)
class Sum:
    """A sum of medians with its Monte Carlo error; None where one of them is none."""

    value: float | None = None
    error: float | None = None


class Answers:
    """The answers by the changes made, each fitted when it is first asked for."""

    def __init__(
        self,
        ways: Ways,
        last: Model,
        targets: Sequence[str],
        seed: int,
        sampling: Sampling,
        workers: Workers | None,
    ) -> None:
        self._ways = ways
        self._last = last
        self._targets = targets
        self._seed = seed
        self._sampling = sampling
        self._workers = workers
        self._found: dict[Made, Answer] = {}

    def fit(self, all_made: Iterable[Made], progress: Progress | None) -> None:
        """Fit models, as many as are not fitted yet."""
        missing = [one for one in dict.fromkeys(all_made) if one not in self._found]
        for number, made in enumerate(missing):
            if progress is not None:
                progress(number, len(missing), "the models between")
            self._found[made] = self._answer(made)
        if progress is not None and missing:
            progress(len(missing), len(missing), "the models between")

    def __getitem__(self, made: Made) -> Answer:
        return self._found[made]

    def sum(self, target: str, terms: Mapping[Made, int]) -> Sum:
        """Return a sum of medians of a target, each so many times."""
        value, variance = 0.0, 0.0
        for made, times in terms.items():
            numbers = self._found[made].of(target) if made in self._found else Numbers()
            if numbers.median is None:
                return Sum()
            value += times * numbers.median
            variance += (times * (numbers.mcse_median or 0.0)) ** 2
        return Sum(value, variance**0.5)

    def _answer(self, made: Made) -> Answer:
        model = self._ways.model(made)
        if model is None:
            return Answer(failed=("the model would be refused",))
        try:
            (found,) = refit(
                model, [Change()], seed=self._seed, sampling=self._sampling, workers=self._workers
            )
        except InputError as error:
            return Answer(failed=tuple(fault.message for fault in error.faults[:1]))
        numbers = {one: self._numbers(model, found, one) for one in self._targets}
        return Answer(numbers, found, found.failed)

    def _numbers(self, model: Model, found: Refit, target: str) -> Numbers:
        """Return the numbers of a target in the unit that it has in the last model."""
        return scaled(Numbers.of(found.targets[variable(target)]), self.factor(model, target))

    def factor(self, model: Model, target: str) -> float:
        """Return what turns a target's unit in a model into that in the last."""
        try:
            unit = model.units.parse(self._last.units.show(self._last.unit_of(target)))
            return model.units.factor(model.unit_of(target), unit)
        except UnitError:  # a currency that this model does not know
            own = self._last.units.parse(model.units.show(model.unit_of(target)))
            return self._last.units.factor(own, self._last.unit_of(target))


def scaled(numbers: Numbers, factor: float) -> Numbers:
    """Return numbers in another unit."""
    if factor == 1.0:
        return numbers
    names = ("median", "q05", "q95", "mcse_median", "mcse_q05", "mcse_q95")
    held = {name: getattr(numbers, name) for name in names}
    return replace(
        numbers, **{name: None if one is None else factor * one for name, one in held.items()}
    )
