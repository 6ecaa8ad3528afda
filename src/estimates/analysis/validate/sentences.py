"""What was found, in a sentence or two."""

from __future__ import annotations

from estimates._util.format import chance, p_said
from estimates.analysis.validate.result import Validation
from estimates.language.phrases import counted


def sentence_of(found: Validation) -> str:
    """Return the answer in plain words."""
    group, every = found.judged, found.groups[0]
    lay = (
        f"Of {counted(every.n, 'claim')} left out ({found.rule}), "
        f"{round(every.inside_80 * every.n)} lay within the central 80 % of what the rest "
        f"foretells, and {round(every.inside_90 * every.n)} within the central 90 %"
    )
    if group is not every:
        lay += (
            f"; counting only the latest of those that go together, "
            f"{round(group.inside_80 * group.n)} and {round(group.inside_90 * group.n)} "
            f"of {group.n}"
        )
    return f"{_verdict(found)} {lay}.{_side(found)} {_power(found)}".strip()


def _verdict(found: Validation) -> str:
    n, p = found.judged.n, p_said(found.p)
    match found.verdict:
        case "too sure":
            return f"The model is too sure of itself ({p})."
        case "not sure enough":
            return f"The model could be surer of itself than it is ({p})."
        case "cannot tell":
            few = "One claim is" if n == 1 else f"{n} claims are"
            return f"{few} too few to tell whether the model is too sure of itself."
    return f"Nothing says that the model is too sure of itself ({p})."


def _power(found: Validation) -> str:
    if found.verdict in ("too sure", "not sure enough"):
        return ""
    return (
        "If its widths were half of what they should be, this would show with a probability of "
        f"{chance(found.power)}."
    )


def _side(found: Validation) -> str:
    """Say on which side claims lie, where those outside are mostly on one."""
    group = found.groups[0]
    below, above = round(group.below * group.n), round(group.above * group.n)
    if max(below, above) < 3 or min(below, above) > max(below, above) / 4:
        return ""
    where, count = ("above", above) if above > below else ("below", below)
    return f" {count} of the {below + above} outside lie {where}."
