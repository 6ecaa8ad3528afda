"""What changed between two models as text: what moved the answer first, or every step."""

from __future__ import annotations

from collections.abc import Iterator

from estimates.analysis.diff.result import ChangeRow, Diff, StepRow
from estimates.language.phrases import counted
from estimates.report.text.answers import of_result
from estimates.report.text.screen import Answer, Sheet


def of_diff(found: Diff, full: bool) -> Answer:
    """Return the answer as it is printed: on one screen, or all of it."""
    whole = of_result(found, _state(found))
    if full:
        return Answer(
            whole.finding, whole.sheets, whole.state, whole.alarms, notes=list(_notes(found))
        )
    sheets = [Sheet("What moved it most", _moved(found), found)] if found.steps else []
    rest = [one for one in found.changes if one.step is None]
    if not found.steps and rest:
        sheets.append(Sheet("What changed", rest, found))
    return Answer(whole.finding, sheets, whole.state, whole.alarms, notes=list(_notes(found)))


def _moved(found: Diff) -> list[StepRow]:
    """Return the steps, those that moved the answer most first."""
    return sorted(found.steps, key=lambda one: (one.noise, -abs(one.move or one.alone or 0.0)))


def _state(found: Diff) -> str:
    quiet: list[ChangeRow] = [one for one in found.changes if one.step is None]
    said = f"{counted(len(quiet), 'change')} can move nothing. " if found.steps and quiet else ""
    return said + ("Converged." if found.converged else "Not converged.")


def _notes(found: Diff) -> Iterator[str]:
    if found.steps:
        yield (
            f"Alone: made in {found.before} by itself. In order: made after the steps above it, as "
            "numbered, so that these moves add up. Medians; the answer then with its 90 % interval."
        )
    for row in found.steps:
        if row.needs:
            others = ", ".join(map(str, row.needs))
            yield f"Step {row.step} cannot be made without {others}, and alone means with them."
