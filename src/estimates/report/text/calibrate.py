"""The answer of `calibrate` as rows: where the truth ranks, and how often readings were right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from estimates._util.records import Column
from estimates.analysis.calibrate.result import Calibration, Tested
from estimates.language.phrases import counted, question_of
from estimates.report.text.screen import Answer, Sheet


@dataclass(frozen=True)
class _Ranked:
    name: Annotated[str, Column(label="quantity", first=1)]
    p: Annotated[float | None, Column(form="p", first=2)]
    adjusted: Annotated[float | None, Column(form="p", first=3)]
    coverage: Annotated[Mapping[str, float | None], Column(label="in {}", form="share", first=4)]


@dataclass(frozen=True)
class _Read:
    reading: Annotated[str, Column(form="phrase", first=1)]
    option: Annotated[str, Column(form="option", first=2)]
    weight: Annotated[float, Column(label="mean weight", form="probability", first=3)]
    true: Annotated[float, Column(label="how often true", form="probability", first=4)]
    z: Annotated[float | None, Column(form="signed", first=5)]


def of_calibration(found: Calibration) -> Answer:
    """Return ranks and coverage by test quantity, reliability by reading, and the verdict."""
    ranked = [_ranked(one.label or name, one) for name, one in found.quantities.items()]
    ranked += [_ranked(question_of(axis), one) for axis, one in found.readings.items()]
    failed = [f"{times} × {sentence}" for sentence, times in found.failures.items()]
    left_out = f"; {found.failed} failed their checks and are left out" if found.failed else ""
    sheets = [
        Sheet("How often the truth lay in the central interval", ranked),
        Sheet("How often the readings were right", list(_options(found))),
    ]
    return Answer(
        finding=_verdict(found),
        sheets=[sheet for sheet in sheets if sheet.rows],
        state=f"{found.simulations:,} simulations of {found.model}, seed {found.seed}{left_out}.",
        notes=[
            *failed,
            "p: how often ranks of uniform numbers would be as far off; adjusted: for all of these "
            "tests together (Holm). In 50%: how often the truth lay in the central 50 % interval, "
            "and so on.",
        ],
    )


def _ranked(name: str, one: Tested) -> _Ranked:
    mark = " ✗" if one.calibrated is False else ""
    shares = {level: found.share for level, found in one.coverage.items()}
    return _Ranked(name + mark, one.p, one.p_adjusted, shares)


def _options(found: Calibration) -> Iterator[_Read]:
    for axis, reading in found.readings.items():
        for option, one in reading.options.items():
            yield _Read(axis, option, one.expected, one.observed, one.z)


def _verdict(found: Calibration) -> str:
    if found.calibrated:
        return "Calibrated: nothing is further off than chance allows."
    if any(one.calibrated is False for one in found.tests):
        return "NOT CALIBRATED: the inference is wrong where there is a ✗."
    made = counted(found.simulations, "simulation")
    return (
        f"TOO FEW TO SAY: {made} cannot tell. More are needed (-n 200 goes on from those that are "
        "there), or fits that pass their checks."
    )
