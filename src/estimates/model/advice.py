"""Keys that newcomers write in the wrong place, with the place where they belong."""

from __future__ import annotations

from collections.abc import Mapping

_ENDS = "write both ends in one line, as in `prior: 50 to 2,000`"
_FOLLOWS = "what follows from others belongs under `relations:`"
_QUOTED = "what was said belongs in the file of claims; here goes only what the claim is about"
_CLAIM = "this looks like a claim, and claims go under `claims:`, at the left edge"
_SECTION = "it belongs in the model's own file"

QUANTITY: Mapping[str, str] = {
    **dict.fromkeys(("low", "high", "min", "max", "from", "to", "lower", "upper"), _ENDS),
    **dict.fromkeys(("is", "by"), _FOLLOWS),
    "says": "what somebody said of it is a claim",
}
RELATION: Mapping[str, str] = {
    **dict.fromkeys(
        ("prior", "value"),
        "it follows from other quantities; what has a prior goes under `quantities:`",
    )
}
USE: Mapping[str, str] = dict.fromkeys(("source", "speaker", "quote", "says", "basis"), _QUOTED)
SOURCE: Mapping[str, str] = {
    **dict.fromkeys(("source", "speaker", "quote", "says", "basis"), _CLAIM),
    **dict.fromkeys(("date", "year", "when"), "write `published:`"),
    **dict.fromkeys(("name", "headline"), "write `title:`"),
    **dict.fromkeys(("link", "web"), "write `url:`"),
}
CLAIM: Mapping[str, str] = {
    "unit": "the unit follows the number, as in `says: around 300 people/day`",
    **dict.fromkeys(
        ("about", "scale", "tails", "pool"), "it belongs to the claim in the model's own file"
    ),
    **dict.fromkeys(("date", "year", "published"), "write `when:`"),
    **dict.fromkeys(("value", "number", "figure", "claim"), "write `says:`"),
}
MODEL: Mapping[str, str] = {
    "sources": "sources and claims go in a file of their own, which `evidence:` names"
}
LEDGER: Mapping[str, str] = dict.fromkeys(
    ("quantities", "relations", "readings", "compare", "targets", "conventions"), _SECTION
)
