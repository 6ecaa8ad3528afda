"""The answer in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from estimates.analysis.whatif.showing import brief, joined, probability
from estimates.language.phrases import compared, told, worded

type Row = Mapping[str, Any]
_NOISE = 2  # Monte Carlo errors that a difference must exceed to be one


def sentence_of(body: Mapping[str, Any]) -> str:
    """What the headline target would be, instead of what, and how that bears on a cited figure."""
    target = body["targets"][0]
    words = f"{_condition(body['supposed'])}, {_answer(target)}"
    figure = next((row for row in body["comparisons"] if row["about"] == target["target"]), None)
    if figure is not None and target["supposed"]["median"] is not None:
        words += _beside(figure)
    return words + "."


def _condition(rows: Sequence[Row]) -> str:
    """`With skim at 90 %, wage read as net and without the claim wages`."""
    dropped = [row["text"] for row in rows if row["kind"].startswith("dropped")]
    others = [row["text"] for row in rows if not row["kind"].startswith("dropped")]
    parts = [f"with {joined(others)}"] if others else []
    if dropped:
        parts.append(f"without {joined(dropped)}")
    text = " and ".join(parts)
    return text[0].upper() + text[1:]


def _answer(target: Row) -> str:
    label, base, supposed = target["label"], target["base"], target["supposed"]
    unit = target["unit"]
    if supposed["median"] is None:
        return f"{label} would have no value"
    now = _shown(supposed, unit)
    if base["median"] is None:
        return f"{label}, which has no value as it is, would be {told(now, unit)}"
    was = _shown(base, unit)
    noise = _NOISE * target["mcse_difference"]
    if abs(target["difference"]) <= noise:
        return f"{label} would stay at about {told(was, unit)}"
    words = f"{label} would be {compared((now, was), unit, ' instead of ')}"
    if target["ratio"] is not None:
        words += f" (×{brief(target['ratio'], target['mcse_ratio'])})"
    return words


def _beside(figure: Row) -> str:
    base, supposed = figure["base"], figure["supposed"]
    if supposed["inside"] is None:
        return ""
    words = (
        f", inside the cited {_range(supposed, figure['unit'])} with probability "
        f"{probability(supposed['inside'])}"
    )
    if base["inside"] is not None:
        was = probability(base["inside"])
        if was != probability(supposed["inside"]):
            words += f" instead of {was}"
        if base["verdict"] != supposed["verdict"]:
            words += f" (verdict: {_verdict(supposed)} instead of {_verdict(base)})"
        else:
            words += f" (verdict: {_verdict(supposed)}, as before)"
    return words


def _verdict(side: Row) -> str:
    return worded(side["verdict"], side["only_just"])


def _shown(numbers: Row, unit: str) -> str:
    """A median with the digits that its Monte Carlo error leaves; of a share as per cent."""
    factor = 100.0 if unit == "share" else 1.0
    return brief(factor * numbers["median"], factor * numbers["mcse_median"])


def _range(row: Row, unit: str) -> str:
    factor = 100.0 if unit == "share" else 1.0
    low, high = (None if row[end] is None else brief(factor * row[end]) for end in ("low", "high"))
    if low is None:
        return f"up to {told(high or '', unit)}"
    if high is None:
        return f"at least {told(low, unit)}"
    return told(low, unit) if low == high else told(f"{low} to {high}", unit)
