"""The file of a ledger, mapping by mapping: what each may hold."""

from __future__ import annotations

from functools import lru_cache

from estimates.language.wording import Width, parse_width, parse_wording
from estimates.model import advice
from estimates.model.form import (
    NAMES,
    NOTE,
    SECTION,
    TEXT,
    WORDS,
    Form,
    Key,
    Kind,
    Schema,
    choice,
    mapping,
    parsed,
)
from estimates.model.ledger import BASES

#: What many claims say is parsed once.
_wording = lru_cache(10_000)(parse_wording)


def _width(said: Width | str | float) -> float | str:
    width = Width.of(said)
    return str(width) if width.unit else width.value


_SAYS = (
    *("around 20,000 people", "120 to 150 USD/person/month", "70 to 80 % @ 90%"),
    *("up to 1,000 people", "at least 5,000", "more than 200 people"),
    *("a few thousand CNY/person/month", "dozens of factories", "several hundred people"),
    *("67.4 ± 0.5 km/s/Mpc", "12 of 882", "rising", "falling", "lower than claimed"),
    *("higher than claimed", "1.2 million people", "20 hours a day", "half a million people"),
    *("one in five", "120 deaths per 100,000 people", "31 events in 2,400 person-years"),
    *("73.2 +1.9 -1.7 km/s/Mpc", "69.8(19) km/s/Mpc", "0.8 ± 0.3 ± 0.4"),
    *("0.72 (95% CI 0.55 to 0.94)", "$20m to $30m", "as many as 200 people"),
)
_DATE: Schema = {
    "type": ["string", "integer", "null"],
    "pattern": r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$",
}
_DISPUTED = r"^\s*(lower|less|fewer|smaller|higher|more|greater|larger)\s+than\s+claimed\s*$"

SOURCE = Form(
    "source",
    "Where claims were published, as a librarian would note it. "
    "All keys are optional, and all are shown.",
    (
        Key("title", "Its title.", TEXT, examples=("Saturday market more popular than ever",)),
        Key("author", "Who wrote it.", TEXT),
        Key("publisher", "Who published it.", TEXT, examples=("South China Morning Post",)),
        Key("published", "A date, a year-month or a year.", Kind(_DATE, str, str),
            examples=("2017-08-12", "2017-08", 2017)),
        Key("url", "Where it can be read: a web address (http:// or https://).", TEXT),
        Key("archived", "The address of an archived copy.", TEXT),
        Key("text", "A file beside this one with its words (.txt, .html, .pdf), in which `check` "
            "looks for the quotes; it is never published.", TEXT, examples=("article.txt",)),
        NOTE,
    ),
    more={"type": ["object", "null"]},
    advice=advice.SOURCE,
)  # fmt: skip
CLAIM = Form(
    "claim",
    "One statement of one speaker.",
    (
        Key("source", "The id of a source above. Required.", WORDS, required=True),
        Key("speaker", "Who said it.", TEXT,
            examples=("Go Myong-hyun, Asan Institute for Policy Studies",)),
        Key("quote", "The words, verbatim.", TEXT,
            examples=("there are around 20,000 of them",)),
        Key("says", "The quote as a wording: a number or two, words that say how it is meant, and "
            'a unit (docs/wording.md; `estimates explain "…"` says what it is taken to mean).',
            parsed(_wording, TEXT.schema), examples=_SAYS),
        Key("basis", "How the speaker can know; decides how wide the claim is. "
            "register: counts, a ledger. statistics: a survey. expert (default): knows the field. "
            "hearsay: passes on what others say. rumour: what is going round.", choice(*BASES)),
        Key("kind", "What kind of source this is, of the model's `kinds:`, where the basis is too "
            "coarse.", TEXT, examples=("permits",)),
        Key("origin", "A name that claims have in common if they are copies of one datum.", TEXT),
        Key("when", "The date that the figure refers to.", TEXT),
        Key("sigma", "The whole width, in place of basis, hedge and rounding: `10 %`, "
            "`2,000 people`, `2 points` of a share, or a number on the claim's scale "
            "(0.35 is roughly ± 35 %).",
            Kind({"type": ["number", "string"], "exclusiveMinimum": 0,
                  "pattern": r"^\+?[\d$€£.][^a-z]*"}, parse_width, _width)),
        Key("disputes", "For `lower than claimed` and `higher than claimed`: the id of the claim "
            "disputed.", TEXT),
        Key("derived", "Of a total that its author added up: the ids of its parts. It is no "
            "evidence of its own, and its arithmetic is checked.", NAMES,
            examples=(["asan-china", "asan-russia"],)),
        Key("copy_of", "Of a figure that repeats another, for another year say: the id of that "
            "one. It is no evidence of its own.", TEXT),
        Key("because", "Why no model uses the claim; required without `says`.", TEXT),
        Key("note", "Anything else: emendations, inferences.", TEXT),
    ),
    more={
        "anyOf": [
            {"required": ["says"], "properties": {"says": WORDS.schema}},
            {"required": ["because"]},
        ],
        "allOf": [
            {
                "if": {
                    "required": ["says"],
                    "properties": {"says": {"type": "string", "pattern": _DISPUTED}},
                },
                "then": {"required": ["disputes"]},
            }
        ],
    },
    advice=advice.CLAIM,
)  # fmt: skip
MADE_OF = Form(
    "made_of",
    "The table of which the ledger was made, beside it. Only `export --claims` reads it: for the "
    "columns that the ledger does not have.",
    (
        Key("file", "The table. Required.", WORDS, required=True, examples=("trials.csv",)),
        Key("columns", "What columns mean whose names do not say it.", mapping(WORDS, write=dict)),
        Key("about", "What claims are about whose row does not say it.", TEXT),
        Key("unit", "Of figures whose row has none.", TEXT),
        Key("coverage", "Of intervals whose row does not say it.", TEXT, examples=("95%",)),
        Key("measure", "What two arms give: RR, OR or RD.", TEXT),
        Key("decimal", "The decimal sign of its numbers, where that is a comma.", TEXT),
    ),
    short="file",
)  # fmt: skip
LEDGER = Form(
    "",
    "What was said: sources, and claims quoted from them. Knows nothing of any model, so several "
    "models can share it.",
    (
        Key("sources", "Sources by ids of your own.", mapping(SOURCE.kind, **SECTION)),
        Key("claims", "Claims by ids of your own, such as `workers-in-northeast-china`.",
            mapping(CLAIM.kind, **SECTION)),
        Key("made_of", "The table of which this was made by `ingest`.", MADE_OF.kind),
    ),
    advice=advice.LEDGER,
)  # fmt: skip
