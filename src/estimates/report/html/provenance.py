"""Where each number comes from: of every quantity the claims behind it, as cards for the page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from estimates._util.format import brief, probability, stated
from estimates.inference.program import variable
from estimates.language.expression import names
from estimates.language.units import Unit
from estimates.model import Model
from estimates.model.ledger import web_address
from estimates.plots.parts.words import amount, published, spoken
from estimates.report.html.anchors import anchor
from estimates.report.html.content import Gathered
from estimates.report.html.prose import figures_of, label_of

_PARTS = {
    "basis": "the basis",
    "range": "the range’s own width",
    "stated range": "the range’s stated coverage",
    "basis / 3": "a third of the basis, the range being narrower",
    "sigma": "the claim’s own sigma",
    "hedge": "the hedge (“around”)",
    "rounding": "the rounding of the figure",
    "vague": "the vague count",
    "stated": "the stated error",
    "error": "the stated error",
    "width": "the model’s own width",
    "bound": "how sharp the bound is",
    "soft": "how sharp the bound is",
    "δ": "how sharp the bound is",
    "copies": "repeating a common origin",
}


def quantities(found: Gathered) -> Iterator[dict[str, Any]]:
    """A card of every quantity: targets first, then what they follow from."""
    model = found.model
    order = list(dict.fromkeys([*_down(model), *model.relations, *model.quantities]))
    basic = {entry["name"]: entry for entry in found.account["quantities"]}
    derived = {entry["name"]: entry for entry in found.account["relations"]}
    claims = [*found.account["evidence"], *found.account["compare"]]
    abouts = {str(claim["about"]) for claim in claims}
    basics = {name: _basics(model, name) for name in {*order, *abouts}}
    for name in order:
        entry = basic.get(name) or derived.get(name)
        if entry is None:
            continue
        unit = model.unit_of(name)
        numbers = found.summary.quantities.get(variable(name))
        median, interval = figures_of(numbers, unit) if numbers else ("—", "—")
        known = entry.get("value") is not None
        if numbers and numbers.median is None:
            median, interval = "nothing is said of it under some reading", ""
        yield {
            "id": anchor("quantity", name),
            "name": name,
            "label": entry["label"] or spoken(name),
            "unit": amount("", unit).strip() or ("share" if str(unit) == "share" else ""),
            "target": name in model.targets,
            "median": amount(stated(entry["value"]), unit) if known else median,
            "interval": "" if known else interval,
            "known": known,
            "prior": _prior(entry, unit),
            "family": entry.get("family"),
            "by": entry.get("by"),
            "branches": _branches(entry),
            "note": entry["note"],
            "inputs": [
                {"id": anchor("quantity", n), "name": n, "label": label_of(found, n)}
                for n in _inputs(model, name)
            ],
            "claims": [link(c["claim"]) for c in claims if _speaks_of(model, c, name)],
            "behind": [
                link(c["claim"])
                for c in found.account["evidence"]
                if not _speaks_of(model, c, name) and basics[str(c["about"])] & basics[name]
            ],
        }


def claims(found: Gathered) -> Iterator[dict[str, Any]]:
    """A card of every claim that the model uses: quote, wording, width, source."""
    sources = {source["id"]: source for source in found.account["sources"]}
    for held_out, group in ((False, "evidence"), (True, "compare")):
        for claim in found.account[group]:
            source = sources.get(claim["source"], {})
            yield {
                **claim,
                "id": anchor("claim", claim["claim"]),
                "held_out": held_out,
                "about_id": anchor("quantity", claim["about"]),
                "about_words": label_of(found, claim["about"]),
                "taken": _taken(claim, found.model),
                "width_words": _width(claim),
                "parts": [
                    (_PARTS.get(name, name), brief(value))
                    for name, value in claim["width_from"].items()
                ],
                "source_words": source_words(source),
                "url": safe_url(source.get("url", "")),
            }


def link(claim: str) -> dict[str, str]:
    """What leads to a claim's card."""
    return {"id": anchor("claim", claim), "name": claim}


def source_words(source: Mapping[str, Any]) -> str:
    """`Gaps in records …, South China Morning Post, August 2017`."""
    parts = [source.get(key, "") for key in ("author", "title", "publisher")]
    if source.get("published"):
        parts.append(published(str(source["published"])))
    return ", ".join(part for part in parts if part)


def safe_url(url: str) -> str:
    """An address that may be linked to: of the web, and nothing that runs."""
    return "" if re.search(r"[<>\"']", url) else web_address(url)


def _taken(claim: Mapping[str, Any], model: Model) -> str:
    """What a claim is taken to say, in words."""
    unit = model.units.parse(claim["unit"]) if claim["unit"] else None
    share = claim["percent"] or claim["scale"] == "logit"
    factor = 100 if share else 1

    def worded(figures: str) -> str:
        if share:
            return f"{figures} %"
        return figures if unit is None else amount(figures, unit)

    if claim["bound"]:
        ((side, limit),) = claim["bound"].items()
        truth = claim["truth"]
        sure = f", right with probability {probability(truth)}" if truth and truth < 1 else ""
        return f"{side} {worded(brief(factor * limit))}{sure}"
    if claim["centre"] is None or not math.isfinite(claim["centre"]):
        return ""
    centre, low, high = (brief(factor * claim[key]) for key in ("centre", "q05", "q95"))
    return f"{worded(centre)}; 90 %: {worded(f'{low} to {high}')}"


def _width(claim: Mapping[str, Any]) -> str:
    """`0.39 on the log scale`."""
    if claim["width"] is None:
        return "none: a count’s uncertainty is binomial"
    scale = {"identity": "in its own unit"}.get(claim["scale"], f"on the {claim['scale']} scale")
    return f"{brief(claim['width'])} {scale}"


def _prior(entry: Mapping[str, Any], unit: Unit) -> str | None:
    """A prior with its unit in words, where it is an interval."""
    if entry.get("low") is None:
        return entry.get("prior")
    percent = str(unit) == "share"
    low, high = (brief(100 * entry[k] if percent else entry[k]) for k in ("low", "high"))
    return f"{low} to {high} %" if percent else amount(f"{low} to {high}", unit)


def _branches(entry: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    if entry.get("is"):
        return [("", entry["is"])]
    return [(spoken(option), branch) for option, branch in entry.get("branches", {}).items()]


def _down(model: Model) -> Iterator[str]:
    """The targets and, breadth first, what they follow from."""
    queue, seen = [str(target) for target in model.targets], set()
    while queue:
        name = queue.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield name
        queue += [n for n in _inputs(model, name) if n not in seen]


def _inputs(model: Model, name: str) -> list[str]:
    """What a relation names, in its own words."""
    relation = model.bound_relations.get(name)
    if relation is None:
        return []
    branches = [branch for branch in relation.branches.values() if branch is not None]
    return list(dict.fromkeys(n for branch in branches for n in names(branch)))


def _basics(model: Model, name: str) -> set[str]:
    """The basic quantities that something follows from, under any reading."""
    resolved = (model.resolve(str(name), one.choice) for one in model.combinations())
    return {n for one in resolved if one is not None for n in names(one)}


def _speaks_of(model: Model, claim: Mapping[str, Any], name: str) -> bool:
    """Is a claim about a quantity itself, or about an expression that names it?"""
    about = str(claim["about"])
    return about == name or (
        about not in model.quantities
        and about not in model.relations
        and re.search(rf"\b{re.escape(name)}\b", about) is not None
    )
