"""What was found, in a sentence or two."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from estimates.analysis.conflict.bodies import KNOWN, PRIOR
from estimates.language.phrases import spoken

_NAMED = 4
#: A conflict under a reading lighter than this, before and after the claims, is not worth a word.
_LIGHT = 0.01


def worth_saying(row: Mapping[str, Any]) -> bool:
    """Is this a conflict under a reading that has weight, or had it without the body?

    A conflict takes weight from the reading that has it, so that the weight afterwards alone would
    hide what should be said.
    """
    return bool(row["conflict"] and max(row["weight"], row["weight_without"]) >= _LIGHT)


def sentence(document: Mapping[str, Any]) -> str:
    """The answer in plain words."""
    if not document["bodies"]:
        return "No claim is evidence here, so nothing can contradict anything."
    parts = [_main(document), _one_reading_only(document), _resolution(document), _prior(document)]
    return " ".join(part for part in parts if part)


def p_words(row: Mapping[str, Any], key: str = "p", digits: int = 2) -> str:
    """`0.31`, `0.0042`, `3e-7`; where a float holds no such p, its power of ten."""
    p = row[key]
    if p is None:
        return "undefined"
    if key == "p" and p < 1e-4:
        power = row.get("log10_p")
        if power is None:
            return "0"
        if p < 1e-99:
            return f"1e{math.floor(power)}"
    return small(p, digits)


def small(p: float, digits: int = 2) -> str:
    """A probability with two digits at the most, or one where it is tiny."""
    if p >= 0.095:
        if p >= 1:
            return "1"
        return ">0.99" if 0.995 <= p < 1 else f"{p:.2f}"
    if p >= 1e-4:
        return f"{p:.{1 - math.floor(math.log10(p))}f}"
    if p <= 0:
        return "<1e-99"
    mantissa, power = f"{p:.{digits - 1}e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(power)}"


def _main(document: Mapping[str, Any]) -> str:
    splits: Sequence[Mapping[str, Any]] = document["splits"]
    pairs: Sequence[Mapping[str, Any]] = document["pairs"]
    if not splits:
        return (
            "No quantity has two independent bodies of evidence, so no claim can contradict "
            "another."
        )
    found = [row for row in splits if row["conflict"]]
    head = [row for row in pairs if row["conflict"]]
    if not found and not head:
        return (
            "No two independent bodies of evidence contradict each other (smallest adjusted p "
            f"{small(document['smallest_p_adjusted'])}{_over(document)})."
        )
    if head:
        worst = head[0]
        return (
            f"‘{worst['first']}’ and ‘{worst['second']}’ cannot both be right{_under(worst)} "
            f"({_strength(worst, document)}){_ruled_out(worst)}."
        )
    worst = found[0]
    if worst["against"] == KNOWN:
        return (
            f"‘{worst['body']}’ contradicts the value at which the model fixes {worst['label']} "
            f"({_strength(worst, document)})."
        )
    prior = f" with the prior of {worst['prior_of']}" if worst["prior_of"] else ""
    return (
        f"‘{worst['body']}’ contradicts what the other evidence{prior} says of "
        f"{worst['label']} ({_strength(worst, document)})."
    )


def _over(document: Mapping[str, Any]) -> str:
    """Of how many comparisons an adjusted p is, where there is more than one."""
    tests = document["families"][0]["tests"]
    return f" of {tests} comparisons" if tests > 1 else ""


def _strength(row: Mapping[str, Any], document: Mapping[str, Any] | None = None) -> str:
    p, adjusted = p_words(row), ""
    if row["p_adjusted"] > row["p"] and small(row["p_adjusted"]) != small(row["p"]):
        # How many there are under one reading is in the document; of all readings it is said.
        over = _over(document) if document is not None and not row.get("under") else ""
        adjusted = f", adjusted {small(row['p_adjusted'])}{over.replace(' of ', ' for ')}"
    if row["p"] < 1e-3 and row["z"] is not None:
        return f"p = {p}, {abs(row['z']):.1f} standard errors{adjusted}"
    return f"p = {p}{adjusted}"


def _under(row: Mapping[str, Any]) -> str:
    """` where wage is net and gap is level`."""
    *rest, last = row["under"].split(", ")
    words = f"{', '.join(rest)} and {last}" if rest else last
    return f" where {spoken(words).replace(' = ', ' is ')}" if words else ""


def _ruled_out(row: Mapping[str, Any]) -> str:
    """What has become of a reading that has a conflict."""
    if not row["under"]:
        return ""
    return f", a reading left with a weight of {small(row['weight'])}"


def _one_reading_only(document: Mapping[str, Any]) -> str:
    """A conflict that some readings have and the mixture has not."""
    whole = {row["body"] for row in document["splits"] if row["conflict"]}
    said = {row["under"] for row in document["pairs"] if row["conflict"]}
    found = [
        row
        for row in document["splits_by_reading"]
        if worth_saying(row)
        and row["body"] not in whole
        and row["under"]
        and row["under"] not in said
    ]
    if not found:
        return ""
    worst = min(found, key=lambda row: row["p_adjusted"])
    return (
        f"But{_under(worst)}, ‘{worst['body']}’ contradicts the rest on {worst['label']} "
        f"({_strength(worst)}){_ruled_out(worst)}."
    )


def _resolution(document: Mapping[str, Any]) -> str:
    rows = [row for row in document["without"] if row["without"]]
    if not rows:
        return ""
    under = _under(rows[0])
    if document["not_tried"]:
        under += f", of the {len(rows)} most at odds with the rest"
    names = [f"‘{row['without']}’" for row in rows if row["resolves"]]
    if not names:
        return f"No single body, left out, resolves it{under}."
    if len(names) == 1:
        return f"Leaving out {names[0]} resolves it{under}, and nothing else alone does."
    many = "either" if len(names) == 2 else "any one"
    if len(names) > _NAMED:
        return f"Leaving out any one of {len(names)} bodies resolves it{under}."
    *most, last = names
    return (
        f"Leaving out {many} of {', '.join(most)} {'or' if len(names) > 2 else 'and'} {last} "
        f"resolves it{under}."
    )


def _prior(document: Mapping[str, Any]) -> str:
    """Claims far from a prior that nothing else informs: no conflict of evidence, but a finding."""
    far = [
        row
        for row in document["claims"]
        if row["against"] == PRIOR and row["p_adjusted"] is not None
        and row["p_adjusted"] < document["level"]
    ]  # fmt: skip
    if not far:
        return ""
    worst = min(far, key=lambda row: row["p_adjusted"])
    return (
        f"‘{worst['claim']}’ lies far from the prior of what it is about, which nothing else "
        f"informs ({_strength(worst)})."
    )
