"""The answer in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from estimates.supposition.showing import brief, joined, probability

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
    unit = f" {target['unit']}".rstrip()
    if supposed["median"] is None:
        return f"{label} would have no value"
    now = brief(supposed["median"], supposed["mcse_median"])
    if base["median"] is None:
        return f"{label}, which has no value as it is, would be {now}{unit}"
    was = brief(base["median"], base["mcse_median"])
    noise = _NOISE * target["mcse_difference"]
    if abs(target["difference"]) <= noise:
        return f"{label} would stay at about {was}{unit}"
    words = f"{label} would be {now} instead of {was}{unit}"
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
            words += f" (verdict: {supposed['verdict']} instead of {base['verdict']})"
        else:
            words += f" (verdict: {supposed['verdict']}, as before)"
    return words


def _range(row: Row, unit: str) -> str:
    low, high = row["low"], row["high"]
    if low is None:
        text = f"up to {brief(high)}"
    elif high is None:
        text = f"at least {brief(low)}"
    else:
        text = f"{brief(low)} to {brief(high)}"
    return f"{text} {unit}".strip()
