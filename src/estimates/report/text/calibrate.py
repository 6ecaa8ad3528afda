"""The answer of `calibrate` as tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from estimates._util.format import NONE, probability
from estimates.analysis.calibrate.result import Calibration, Tested
from estimates.report.text.tables import WIDTH, Row, paragraph, table


def calibrate_report(found: Calibration, width: int = WIDTH) -> Iterator[Text]:
    """Ranks and coverage of every test quantity, reliability of every reading, and the verdict."""
    yield paragraph(f"Calibration of {found.model}", width=width, style="bold")
    count = found.simulations
    yield Text(f"digest {found.digest[:12]}, seed {found.seed}, {count} simulations")
    if found.tests:
        yield _ranks(found, width)
    if found.readings:
        yield _options(found, width)
    yield Text()
    if found.tests:
        yield paragraph(
            "p: how often ranks of uniform numbers would stray as far; adjusted: for all of these "
            "tests together (Holm). In 50 %: how often the truth lay in the central 50 % interval, "
            "and so on.",
            width=width,
        )
    if found.failed:
        yield paragraph(f"{found.failed} of {count} fits failed their checks and are left out:",
                        width=width, style="red")  # fmt: skip
        for sentence, times in found.failures.items():
            yield paragraph(f"{times} × {sentence}", width=width, indent=2, style="red")
    style = "" if found.calibrated else "bold red"
    yield paragraph(_verdict(found), width=width, style=style)


def _ranks(found: Calibration, width: int) -> Text:
    coverage = found.tests[0].coverage
    heads = ["", "p", "adjusted", *(f"in {c.replace('%', ' %')}" for c in coverage)]
    rows = [_row(name, one) for name, one in found.quantities.items()]
    rows += [
        _row(f"reading {axis}", one, rule=not number)
        for number, (axis, one) in enumerate(found.readings.items())
    ]
    return table("Where the truth ranks among the draws", heads, rows, width=width)


def _row(name: str, one: Tested, rule: bool = False) -> Row:
    mark = " ✗" if one.calibrated is False else ""
    shares = (_share(found.share) for found in one.coverage.values())
    return Row(name + mark, [_p(one.p), _p(one.p_adjusted), *shares], rule=rule)


def _options(found: Calibration, width: int) -> Text:
    rows = [
        Row(f"{axis}: {option}", [probability(one.expected), probability(one.observed),
                                  NONE if one.z is None else f"{one.z:+.1f}"])
        for axis, reading in found.readings.items()
        for option, one in reading.options.items()
    ]  # fmt: skip
    heads = ["", "mean weight", "how often true", "z"]
    return table("How often the readings were right", heads, rows, width=width)


def _p(value: float | None) -> str:
    if value is None:
        return NONE
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.0f} %"


def _verdict(found: Calibration) -> str:
    if found.calibrated:
        return "Calibrated: nothing strays further than chance has it."
    if any(one.calibrated is False for one in found.tests):
        return "NOT CALIBRATED: the inference is wrong where a ✗ stands."
    return "TOO LITTLE TO SAY: more simulations are needed, or fits that pass their checks."
