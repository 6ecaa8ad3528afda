"""What was found, in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence

from estimates._util.format import chance, p_said, p_value
from estimates.analysis.conflict.result import (
    KNOWN,
    PRIOR,
    ClaimRow,
    Conflict,
    PairRow,
    SetRow,
    SpeakerRow,
    SplitRow,
    SplitUnderReading,
)
from estimates.language.labels import the
from estimates.language.phrases import joined, under

_NAMED = 4


def sentence_of(found: Conflict) -> str:
    """Return the answer in plain words."""
    if not found.bodies:
        return "No claim is evidence here, so nothing can contradict anything."
    with found.labelled():
        parts = [_main(found), _one_reading_only(found), _resolution(found), _prior(found)]
    return " ".join(part for part in parts if part)


def sentence_of_sets(found: Conflict, adjusted: Sequence[float]) -> str:
    """Return what is found of sets of claims taken as one body, a sentence each."""
    whole = [row for row in found.sets if not row.under]
    if not whole:
        return "Under no reading that has weight do these claims say anything."
    return " ".join(_of_set(found, row, p) for row, p in zip(whole, adjusted, strict=True))


def sentence_of_speakers(found: Conflict) -> str:
    """Return what is found of each speaker, those who contradict themselves first."""
    if not found.speakers:
        return "No speaker says two things that could contradict each other."
    speakers = list(dict.fromkeys(row.speaker for row in found.speakers))
    told = [[row for row in found.speakers if row.speaker == name] for name in speakers]
    told.sort(key=lambda rows: min(row.p for row in rows))
    return " ".join(_of_speaker(rows) for rows in told)


def _of_speaker(rows: Sequence[SpeakerRow]) -> str:
    name = rows[0].speaker
    if all(row.can_be_meant for row in rows):
        most = min(rows, key=lambda row: row.meant_under)
        some = most.meant_under < most.readings
        where = f", under {most.meant_under} of {most.readings} readings" if some else ""
        return f"What {name} says can all be meant{where} ({p_said(most.p)})."
    row = min(rows, key=lambda row: row.p)
    heard = ""
    if any(one.can_be_meant for one in rows):
        other = next(one for one in rows if one.can_be_meant)
        heard = f" if bounds are heard {row.hearing}, but can {other.hearing}"
    return (
        f"What {name} says cannot all be meant{heard}: ‘{row.claim}’ contradicts the rest "
        f"({p_said(row.p)})."
    )


def _of_set(found: Conflict, row: SetRow, adjusted: float) -> str:
    about = [one.label for one in found.things if one.body == row.body]
    names = joined([f"‘{name}’" for name in row.body.split(", ")])
    of = f" of {joined(list(dict.fromkeys(about)))}" if about else ""
    rest = "the priors say" if row.against == PRIOR else "all the rest says"
    if row.prior_of and row.against != PRIOR:
        rest = f"all the rest, with the prior of {row.prior_of}, says"
    many = f", adjusted {p_value(adjusted)}" if p_value(adjusted) != p_value(row.p) else ""
    verb = "contradict" if adjusted < found.level else "do not contradict"
    return f"Together {names} {verb} what {rest}{of} ({p_said(row.p)}{many})."


def _main(found: Conflict) -> str:
    if not found.splits:
        return (
            "No quantity has two independent pieces of evidence, so no claim can contradict "
            "another."
        )
    pair = next((row for row in found.pairs if row.conflict), None)
    if pair is not None:
        cannot = "contradict each other" if pair.under else "cannot both be right"
        return (
            f"‘{pair.first}’ and ‘{pair.second}’ {cannot}{_under(pair.under)} "
            f"({_strength(pair, '' if pair.under else _of(found))}){_ruled_out(pair)}."
        )
    worst = next((row for row in found.splits if row.conflict), None)
    if worst is None:
        return (
            "No two independent pieces of evidence contradict each other: where they are furthest "
            f"apart p is {p_value(found.smallest_p_adjusted)}{_of(found)}, and only below "
            f"{found.level:g} would that be called a contradiction."
        )
    strength = _strength(worst, _of(found))
    about = the(worst.label, worst.told_unit)
    if worst.against == KNOWN:
        return f"‘{worst.body}’ contradicts the value that the model gives to {about} ({strength})."
    prior = f" with the prior of {worst.prior_of}" if worst.prior_of else ""
    return (
        f"‘{worst.body}’ contradicts what the other evidence{prior} says about {about} "
        f"({strength})."
    )


def _of(found: Conflict) -> str:
    """Return how many comparisons an adjusted p is over, in words, where there are several.

    How many there are under one reading is in the rows.
    """
    tests = found.families[0].tests
    return f", adjusted for {tests} comparisons" if tests > 1 else ""


def _strength(row: SplitRow | SplitUnderReading | PairRow | ClaimRow, over: str = "") -> str:
    p, adjusted = p_said(row.p), ""
    if row.p is None or row.p_adjusted is None:
        return p
    if row.p_adjusted > row.p and p_value(row.p_adjusted) != p_value(row.p):
        adjusted = f"; {p_value(row.p_adjusted)}{over.removeprefix(',') or ' adjusted'}"
    if row.p < 1e-3 and row.z is not None:
        return f"{abs(row.z):.1f} standard errors apart, {p}{adjusted}"
    return f"{p}{adjusted}"


def _under(words: str) -> str:
    """Return a condition as a phrase: ` under “net, level”`, of `wage = net, gap = level`."""
    options = [one.partition(" = ")[2].replace(" or ", "|") for one in words.split(", ")]
    return f" {under(options)}" if words else ""


def _ruled_out(row: PairRow | SplitUnderReading) -> str:
    """Return a sentence on a reading that has a conflict and has lost its weight."""
    return f"; that reading keeps a weight of {chance(row.weight)}" if row.under else ""


def _one_reading_only(found: Conflict) -> str:
    """Return a sentence on a conflict that only some readings have."""
    whole = {row.body for row in found.splits if row.conflict}
    said = {row.under for row in found.pairs if row.conflict}
    rows = [
        row
        for row in found.splits_by_reading
        if row.worth_saying and row.body not in whole and row.under and row.under not in said
    ]
    if not rows:
        return ""
    worst = min(rows, key=lambda row: row.p_adjusted)
    return (
        f"But{_under(worst.under)} ‘{worst.body}’ contradicts the rest about "
        f"{the(worst.label, worst.told_unit)} "
        f"({_strength(worst)}){_ruled_out(worst)}."
    )


def _resolution(found: Conflict) -> str:
    rows = [row for row in found.without if row.without]
    if not rows:
        return ""
    where = _under(rows[0].under)
    if found.not_tried:
        where += f", among the {len(rows)} furthest from the rest"
    names = [f"‘{row.without}’" for row in rows if row.resolves]
    if not names:
        return f"Leaving out any one of them does not resolve it{where}."
    if len(names) == 1:
        other = "; leaving out any other does not" if len(rows) > 1 else ""
        return f"Leaving out {names[0]} resolves it{where}{other}."
    if len(names) > _NAMED:
        return f"Leaving out any one of {len(names)} pieces of evidence resolves it{where}."
    many = "either " if len(names) == 2 else "any one of "
    return f"Leaving out {many}{joined(names, 'or')} resolves it{where}."


def _prior(found: Conflict) -> str:
    """Return a sentence on claims far from a prior that nothing else informs."""
    far = [
        (row.p_adjusted, row)
        for row in found.claims
        if row.against == PRIOR and row.p_adjusted is not None and row.p_adjusted < found.level
    ]
    if not far:
        return ""
    _, worst = min(far, key=lambda one: one[0])
    return (
        f"‘{worst.claim}’ lies far from the prior of what it is about, and no other claim speaks "
        f"of that ({_strength(worst)})."
    )
