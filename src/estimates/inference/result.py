"""A fit in numbers: the records of the document that `estimates fit --json` prints.

Nothing is worked out here, and nothing large imported: what was kept is shown at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from estimates._util.format import probability
from estimates._util.html import folded, line
from estimates._util.records import Column, Documented
from estimates.inference.var_names import CI_PROB, interval_names
from estimates.language.cells import notebook, reading
from estimates.language.finding import UnderReading, divide, finding
from estimates.language.phrases import NameLabels, OptionLabels, Questions, labelling, spoken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Statistics of draws, in their own unit; all None where some draws are not finite."""

    mean: Annotated[float | None, Column(error="mcse_mean")] = None
    # Of a normal, the mean errs by 1.4 times as much as the sd.
    sd: Annotated[float | None, Column(error="mcse_mean")] = None
    q05: Annotated[float | None, Column(error="mcse_q05")] = None
    q25: float | None = None
    median: Annotated[float | None, Column(error="mcse_median")] = None
    q75: float | None = None
    q95: Annotated[float | None, Column(error="mcse_q95")] = None
    mcse_mean: float | None = None
    mcse_median: float | None = None
    mcse_q05: float | None = None
    mcse_q95: float | None = None
    ci_low: Annotated[
        float | None, Column("the low end of the interval that was asked for", optional=True)
    ] = None
    ci_high: Annotated[float | None, Column("its high end", optional=True)] = None


@dataclass(frozen=True, kw_only=True)
class _Called:
    kind: Annotated[str, Column("`basic` or `derived`; `link` where the program made it")]
    label: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class QuantitySummary(Statistics, _Called):
    """A quantity or target over all readings by weight; its intervals are equal-tailed."""

    of: Annotated[str | None, Column("of a cell, its quantity", optional=True)] = None
    labels: Annotated[
        Mapping[str, str] | None, Column("of a cell, its labels by dimension", optional=True)
    ] = None
    learnt: Annotated[
        float | None,
        Column("by which part its interval is narrower than beforehand", optional=True),
    ] = None
    informed: Annotated[
        bool | None, Column("of a cell, whether any claim tells of it", optional=True)
    ] = None


@dataclass(frozen=True, kw_only=True)
class QuantityUnderReading(Statistics, _Called):
    """A quantity or target under one reading."""

    prior_only: Annotated[bool, Column("whether no claim informs it")] = False


@dataclass(frozen=True, kw_only=True)
class Weight:
    """The probability of a reading or an option, before the claims and after them."""

    prior: Annotated[float, Column("as the model states it", "stated", form="probability")]
    posterior: Annotated[
        float,
        Column("after the claims", "weight", error="posterior_se", form="probability"),
    ]
    posterior_se: float
    posterior_range: Annotated[tuple[float, float], Column("as the priors are moved", "range")]

    @property
    def sway(self) -> float:
        """How far a moved prior moves the weight."""
        low, high = self.posterior_range
        return max(high - self.posterior, self.posterior - low)


@dataclass(frozen=True, kw_only=True)
class _Labelled:
    reading: Annotated[Mapping[str, str], Column("by axis the option")]


@dataclass(frozen=True, kw_only=True)
class ReadingSummary(Weight, _Labelled):
    """One combination of options, and every quantity under it."""

    log_evidence: Annotated[float | None, Column(error="log_evidence_se")]
    log_evidence_se: float | None
    status: Annotated[str, Column("`ok`, or why it has no numbers")]
    quantities: Mapping[str, QuantityUnderReading]

    @property
    def weight(self) -> float:
        """After the claims."""
        return self.posterior

    @property
    def text(self) -> str:
        """The options of the reading, one after the other."""
        return ", ".join(self.reading.values()) or "the only reading"


@dataclass(frozen=True, kw_only=True)
class OptionWeight(Weight):
    """One way to read a phrase."""

    set_by_prior: Annotated[bool, Column("whether moving the priors moves its weight much")]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A phrase that can be read in several ways."""

    update: Annotated[bool, Column("whether claims may move its weights")]
    options: Mapping[str, OptionWeight]


@dataclass(frozen=True, kw_only=True)
class OwnOptions:
    """What a claim that has an option of its own is found to mean."""

    reading: str
    claim: str
    options: Annotated[Mapping[str, float], Column("the probability of each", form="probability")]


@dataclass(frozen=True, kw_only=True)
class Diagnostics:
    """The diagnostics that say whether the numbers may be used."""

    max_rhat: float | None
    min_ess_bulk: float | None
    min_ess_tail: float | None
    divergences: int
    converged: bool
    failed: tuple[str, ...]
    at_bound: Annotated[
        int | None,
        Column(
            "divergences at the wall of a stated bound: too few to matter, confirmed by a finer "
            "fit and not counted among the others",
            optional=True,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Summary(Documented):
    """The posterior in numbers, mixed over readings and under each of them."""

    format: int = 1
    model: str
    seed: int
    digest: str
    targets: tuple[str, ...]
    quantities: Mapping[str, QuantitySummary]
    readings: tuple[ReadingSummary, ...]
    diagnostics: Diagnostics
    options: Mapping[str, Axis]
    claims: Annotated[
        tuple[OwnOptions, ...] | None,
        Column("of readings that each claim has for itself, what it means", optional=True),
    ] = None
    ci_prob: Annotated[
        float | None, Column("what the intervals asked for hold, if not .9", optional=True)
    ] = None
    option_labels: OptionLabels = None
    name_labels: NameLabels = None
    questions: Questions = None

    @property
    def sentence(self) -> str:
        """Return the first target in words: one number, or by reading where readings divide."""
        target = next((name for name in self.targets if name in self.quantities), None)
        if target is None:
            return "The model asks for nothing (`targets:`)."
        whole, readings = self.quantities[target], self._under(target)
        each = [one for reading in self.readings for one in reading.quantities.values()]
        known = [one for one in each if one.kind == "basic" and one.q05 != one.q95]
        heard = not all(one.prior_only for one in known)
        return finding(whole, whole.unit, readings, whole.label or spoken(target), heard)

    @property
    def divided(self) -> bool:
        """Whether the first target depends on what was meant, as the sentence then says."""
        target = next((name for name in self.targets if name in self.quantities), None)
        return target is not None and divide(self._under(target))

    def _under(self, target: str) -> list[UnderReading]:
        return [
            UnderReading(numbers, one.posterior)
            for one in self.readings
            if (numbers := one.quantities.get(target)) is not None
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def table(self) -> pd.DataFrame:
        """One row for each quantity and reading, the mixture first.

        Columns: reading (`mixture` for all together), weight, quantity, kind, label, unit, then
        mean, sd and median, the equal-tailed interval under ArviZ's names (`eti90_lb`,
        `eti90_ub`), and Monte Carlo errors; `prior_only` of readings.
        """
        import pandas as pd

        rows = list(self._rows("mixture", 1.0, self.quantities))
        for one in self.readings:
            rows += self._rows(one.text, one.posterior, one.quantities)
        return pd.DataFrame(rows)

    def _rows(
        self,
        reading: str,
        weight: float,
        quantities: Mapping[str, QuantitySummary | QuantityUnderReading],
    ) -> Iterable[dict[str, str | float | None]]:
        low, high = interval_names(self.ci_prob or CI_PROB)
        for name, one in quantities.items():
            ends = (one.q05, one.q95) if self.ci_prob is None else (one.ci_low, one.ci_high)
            yield {
                **{"reading": reading, "weight": weight, "quantity": name},
                **_labels(one),
                **{"kind": one.kind, "label": one.label, "unit": one.unit},
                **{"mean": one.mean, "sd": one.sd, "median": one.median},
                **{low: ends[0], high: ends[1]},
                **{"mcse_mean": one.mcse_mean, "mcse_median": one.mcse_median},
                **({"prior_only": one.prior_only} if isinstance(one, QuantityUnderReading) else {}),
            }

    def _repr_html_(self) -> str:
        several = len(self.readings) > 1
        held = 100 * (self.ci_prob or CI_PROB)
        title = f"{'Over all readings' if several else 'Posterior'}; intervals hold {held:g} %"
        parts = [line(self.sentence), notebook(self._shown(self.quantities), title=title)]
        for one in self.readings if several else ():
            with labelling(self.option_labels, self.name_labels, self.questions):
                summary = f"{reading(one.reading)} (weight {probability(one.posterior)})"
            parts.append(folded(summary, notebook(self._shown(one.quantities))))
        return "\n".join(parts)

    def _shown(
        self, quantities: Mapping[str, QuantitySummary | QuantityUnderReading]
    ) -> list[Shown]:
        return [
            Shown.of(one.label or name, one, one.unit, self.ci_prob)
            for name, one in quantities.items()
        ]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A quantity with its interval, as a notebook shows it."""

    quantity: str
    median: Annotated[float | None, Column(error="mcse_median", unit="unit")]
    q05: Annotated[float | None, Column(label="interval", unit="unit", form="interval", to="q95")]
    q95: Annotated[float | None, Column(unit="unit")]
    mcse_median: float | None
    unit: str

    @classmethod
    def of(cls, name: str, found: Statistics, unit: str = "", ci_prob: float | None = None) -> Self:
        """Return the row of a quantity."""
        return cls(
            quantity=name,
            median=found.median,
            q05=found.q05 if ci_prob is None else found.ci_low,
            q95=found.q95 if ci_prob is None else found.ci_high,
            mcse_median=found.mcse_median,
            unit=unit,
        )


def _labels(one: QuantitySummary | QuantityUnderReading) -> dict[str, str]:
    """Return the columns that a cell has besides: its quantity, and its labels by dimension."""
    if isinstance(one, QuantityUnderReading) or one.of is None:
        return {}
    return {"of": one.of, **(one.labels or {})}
