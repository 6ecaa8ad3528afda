"""What a multiverse comes to, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SAYS = {
    "below": "lies below the cited figure",
    "above": "lies above the cited figure",
    "straddles": "straddles the cited figure",
    "consistent": "is consistent with the cited figure",
    "divided": "is divided: it depends on how the phrases are read",
}
_WOULD = {
    "below": "put it below",
    "above": "put it above",
    "straddles": "make it straddle the figure",
    "consistent": "make it consistent",
    "divided": "divide it over the readings",
}


def sentence(body: Mapping[str, Any]) -> str:
    """The verdict that most cells have, how many, and the smallest change that flips it."""
    cells = [one for one in body["cells"] if not one["failed"]]
    if not cells:
        return f"None of the {len(body['cells'])} ways of analysing the claims could be fitted."
    compared = [one for one in body["verdicts"] if one["compared"]]
    if not compared:
        return _range(body, cells)
    first = compared[0]
    base = body["cells"][0]["cited"].get(first["claim"])
    # The base's verdict is what a reader knows; without one, that of most cells.
    said = base["verdict"] if base and base["verdict"] else None
    said = said or max(first["counts"], key=first["counts"].__getitem__)
    count, of = first["counts"][said], first["compared"]
    share = f"all {of}" if count == of else f"{count} of {of}"
    which = "" if len(body["verdicts"]) == 1 else f" ({first['claim']})"
    flips = _flips(body, first["claim"])
    share += " ways of analysing the claims"
    if first["believing"]:
        share += " that hold the cited figure out"
    return f"In {share} the answer {_SAYS[said]}{which}{flips}."


def _range(body: Mapping[str, Any], cells: list[Mapping[str, Any]]) -> str:
    known = [one for one in cells if one["median"] is not None]
    if not known:
        return f"In none of {len(cells)} ways of analysing the claims has the answer a number."
    low = min(known, key=lambda one: one["median"])
    high = max(known, key=lambda one: one["median"])
    base = body["cells"][0]["median"]
    stands = "" if base is None else f"; as the model stands it is {_number(base)}"
    return (
        f"Over {len(known)} ways of analysing the claims the median of {body['label']} runs from "
        f"{_number(low['median'])} to {_number(high['median'])} {body['unit']}".rstrip()
        + f"{stands}{_uncited(body)}."
    )


def _uncited(body: Mapping[str, Any]) -> str:
    """That a model's cited figures are about something else, where it has any."""
    others = list(dict.fromkeys(one["about"] for one in body["cited_elsewhere"]))
    if body["cited"] or not others:
        return ""
    return f"; no cited figure is about it, only about {', '.join(others)}"


def _flips(body: Mapping[str, Any], claim: str) -> str:
    """The nearest flip of each kind, or that there is none."""
    if body["cells"][0]["failed"] or not (body["weight_flips"] or body["width_flips"]):
        return ""
    if body["cells"][0]["cited"][claim]["only_just"]:
        return "; as the model stands, it is within Monte Carlo error of another verdict"
    weights = [one for one in body["weight_flips"] if one["claim"] == claim]
    widths = [one for one in body["width_flips"] if one["claim"] == claim]
    found = list(_nearest(weights, widths))
    if found:
        return "; from where the model stands, " + ", and ".join(found)
    kinds = []
    if weights:
        kinds.append("other weights of one reading")
    if widths:
        kinds.append(f"widths up to {body['width_limit']:g} times larger or smaller")
    return f"; no {' and no '.join(kinds)} would change that" if kinds else ""


def _nearest(weights: list[Mapping[str, Any]], widths: list[Mapping[str, Any]]) -> Iterator[str]:
    flips = [one for one in weights if one["to"] is not None]
    if flips:
        one = min(flips, key=lambda flip: max(flip["odds_factor"], 1 / flip["odds_factor"]))
        yield (
            f"a weight of {one['to']:.2f} instead of {one['weight']:.2f} for '{one['option']}' of "
            f"'{one['reading']}' would {_WOULD[one['verdict']]}"
        )
    turned = [one for one in widths if one["factor"] is not None]
    if turned:
        one = min(turned, key=lambda flip: max(flip["factor"], 1 / flip["factor"]))
        whose = "all claims" if one["widths"] is None else f"'{one['widths']}'"
        times = f"widths of {whose} {_factor(one['factor'])} times as large"
        yield f"{times} would {_WOULD[one['verdict']]}"


def _factor(factor: float) -> str:
    """Two digits, three next to 1."""
    return f"{factor:.3g}" if 0.9 < factor < 1.1 else f"{factor:.2g}"


def _number(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.10g}"
