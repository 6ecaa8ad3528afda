"""The file of a model, mapping by mapping: what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from estimates.language.expression import FUNCTIONS, parse_expression
from estimates.language.wording import parse_wording
from estimates.model import advice
from estimates.model.convention_forms import CONVENTIONS
from estimates.model.conventions import TAILS
from estimates.model.form import (
    FLAG,
    LABEL,
    NAMES,
    NEVER,
    NOTE,
    SECTION,
    TEXT,
    WORDS,
    Form,
    Key,
    Kind,
    Schema,
    choice,
    either,
    items,
    mapping,
    number,
    parsed,
    schema_document,
)
from estimates.model.kinds import parse_size
from estimates.model.ledger_forms import LEDGER
from estimates.model.panel_forms import ALIKE, CORRELATED, DIMENSION, STOCK, WALK
from estimates.model.priors import Prior, parse_belief, parse_prior, parse_value
from estimates.model.spec import POOLS, RESERVED, SUPPORTS, Parts
from estimates.model.variants import AS_IS
from estimates.stats.links import SCALES

#: The versions of the format, the second with dimensions and kinds of sources.
FORMAT, NEWEST = 1, 2

_SIGNS = r"\s\-+*/.,:;()\[\]{}"

# model.yaml -------------------------------------------------------------------------------------

#: What many claims are about is parsed once.
_about = lru_cache(1000)(parse_expression)
_EXPRESSIONS = ("workers * gross_wage * skim", "gross_wage * (1 - skim)")
_EXPRESSION = parsed(_about)
_BRANCH = Kind({"description": "The expression under this option of the reading, or `nothing`.",
                **WORDS.schema, "examples": [*_EXPRESSIONS, "nothing"]})  # fmt: skip
UNIT = Key(
    "unit",
    "Words joined by `/`, `*` or `per`; `share` is a number between 0 and 1; a word that nobody "
    "knows counts things. Left out: a plain number.",
    TEXT,
    examples=(
        *("person", "USD/person/month", "MUSD/year", "share", "km/s/Mpc", "piano/household"),
    ),
)

_PRIOR = replace(
    either(parsed(parse_prior), mapping(parsed(parse_prior), minProperties=1), write=str),
    read=parse_prior,
)
_VALUE = replace(
    either(parsed(parse_value), mapping(parsed(parse_value), minProperties=1), write=str),
    read=parse_value,
)
OVER = Key("over", "The dimensions that it is over: one, or a list.", NAMES,
           examples=("country", ["country", "year"]))  # fmt: skip

QUANTITY = Form(
    "quantity",
    "A basic unknown, or a known constant.",
    (
        UNIT,
        LABEL,
        Key("prior", "What is known before the claims: two numbers that hold the value with "
            "probability 90 %, or a distribution; over a dimension also by label, with `else`.",
            _PRIOR,
            examples=("1,400 to 200,000", "24 to 94 %", "24 to 94 % @ 80%", "HalfCauchy(beta=5)",
                      "Normal(mu=mu, sigma=tau)")),
        Key("value", "A known constant, instead of a prior; over a dimension also by label, with "
            "`else`.", _VALUE, examples=("3 hours", "2,695,598 people")),
        Key("support", "What values it can take; left out, the unit and the prior decide.",
            choice(*SUPPORTS)),
        OVER,
        Key("alike", "Members of a dimension are alike.", ALIKE.kind),
        Key("walk", "A path over time.", WALK.kind),
        Key("stock", "It accumulates, in place of a prior.", STOCK.kind),
        Key("correlated", "It goes together with another.", CORRELATED.kind),
        Key("note", "Where the prior comes from.", TEXT),
    ),
    short="prior",
    more={"oneOf": [{"required": [key]} for key in ("prior", "value", "stock")]},
    advice=advice.QUANTITY,
)  # fmt: skip
RELATION = Form(
    "relation",
    "A derived quantity.",
    (
        Key("is", "The expression: + - * / **, parentheses, numbers, names of quantities and "
            f"relations, and {' '.join(FUNCTIONS)}.", WORDS, examples=_EXPRESSIONS),
        Key("by", "Only with one key for each option of a reading in place of `is:`.", NEVER),
        OVER,
        Key("first", "Over time: what it is at the first date.", _EXPRESSION),
        Key("then", "Over time, with `first:`: what it is at each later date, an expression of "
            "`previous(…)`.", WORDS),
        replace(UNIT, help="The unit of the result; left out, the one that the expression has."),
        LABEL,
        NOTE,
    ),
    short="is",
    advice=advice.RELATION,
)  # fmt: skip
# `first` and `then` may be options: `by: which, first: x, second: y`.
RELATION_BY_READING = RELATION.without("first", "then").but(
    Key("is", "Not with `by:`: write one key for each option instead.", NEVER),
    Key("by", "The name of a reading.", WORDS, required=True),
    name="relation-by-reading",
    help="A derived quantity that depends on a reading: one key for each of its options holds "
    "that option's expression, or `nothing`.",
    others=_BRANCH,
    short="",
)
OPTION = Form(
    "option",
    "One way to read the phrase.",
    (
        Key("weight", "Its weight; weights count in proportion.", number(), required=True),
        Key("because", "Where the weight comes from.", TEXT),
        LABEL,
    ),
    short="weight",
)
READING = Form(
    "reading",
    "An ambiguous phrase: every key but question, update and note is an option.",
    (
        Key("question", "What is ambiguous, as a question.", TEXT),
        Key("each", "`claim`: every claim that depends on it has an option of its own, the "
            "weights in common; asks for `format: 2`.", choice("claim")),
        Key("update", "Whether evidence may move the weights (default true). false where only a "
            "prior could tell the options apart.", FLAG),
        NOTE,
    ),
    others=OPTION.kind,
    more={"propertyNames": {"not": {"enum": ["is", "by", "unit", "label"]}}, "minProperties": 1},
)  # fmt: skip
_CLAIM = Key("id", "The id of a claim in the ledger.", WORDS, required=True)
USE = Form(
    "use",
    "Which claim is about what.",
    (
        Key("about", "A quantity, relation or expression that the claim is about.", _EXPRESSION,
            required=True, examples=_EXPRESSIONS),
        Key("scale", "The scale of its error; left out, what it is about decides.",
            choice(*SCALES)),
        Key("tails", "Of its noise; left out, the model's convention.", choice(*TAILS)),
        NOTE,
    ),
    short="about",
    advice=advice.USE,
)  # fmt: skip
_SIZE = parsed(parse_size, WORDS.schema)
_FACTOR = parsed(parse_belief, WORDS.schema)
_SIZES = ("up to 80 %", "10 to 60 %", "HalfNormal(sigma=1)")
SOURCE_KIND = Form(
    "kind",
    "What sources of a kind see of what there is, and how far off they are.",
    (
        Key("factor", "The share of what there is that they see; 1 for those that see it all, "
            "against which the others are learnt.", _FACTOR, examples=("0.35 to 7", 1)),
        Key("odds", "The same of a share, as a ratio of odds.", _FACTOR, examples=("0.5 to 2",)),
        Key("source", "How far each source's own factor differs from the kind's.", _SIZE,
            examples=_SIZES),
        Key("scatter", "How far off each claim is by itself; in place of its basis.", _SIZE,
            examples=_SIZES),
        LABEL,
        NOTE,
    ),
)  # fmt: skip
SOURCE_GROUP = Form(
    "group",
    "Kinds of sources, of claims in one sort of unit: every key but unit and note is a kind.",
    (
        replace(UNIT, help="The unit of the claims, or one that theirs can be converted to; "
                "`share` for claims whose error is in log-odds; left out, other plain numbers."),
        NOTE,
    ),
    others=SOURCE_KIND.kind,
)  # fmt: skip
_POOL = Kind(choice(*POOLS).schema, str, lambda pool: None if pool == POOLS[0] else pool)
COMPARED = USE.but(
    Key("pool", "How it is admitted when asked for.", _POOL),
    Key("as", "Another name for it here, where it is compared more than once.", TEXT),
    name="compared",
    help="A held-out figure.",
)
#: Claims that stand under the expression that they are about.
ABOUT = USE.but(
    _CLAIM,
    Key("about", "Stands above.", NEVER),
    name="about",
    short="id",
    help="One of the claims about an expression.",
)
COMPARED_ABOUT = COMPARED.but(
    _CLAIM,
    Key("about", "Stands above.", NEVER),
    name="compared-about",
    short="id",
    help="One of the figures about an expression.",
)
CURRENCY = Form(
    "currency",
    "A dated rate; or rates by date (`2012: 0.1585 USD`), of which a claim takes the one nearest "
    "to its own date.",
    (
        Key("rate", "One unit of the currency in another, which leads to USD.",
            Kind(WORDS.schema, parse_wording), examples=("0.1496 USD", "1.167 HKD")),
        Key("date", "When the rate held.", TEXT, examples=("2017-08",)),
        Key("note", "Where the rate comes from.", TEXT),
    ),
    short="rate",
    others=Kind({**WORDS.schema, "examples": ["0.1585 USD"]}, parse_wording),
    more={"propertyNames": {"pattern": r"^(rate|date|note|\d{4}(-\d{2}){0,2})$"}},
)  # fmt: skip


def _texts(priors: Mapping[str, Prior]) -> dict[str, str]:
    return {name: str(one) for name, one in priors.items()}


def _floats(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: float(one) for name, one in numbers.items()}


WITHOUT = Form(
    "without",
    "Groups of claims.",
    (
        Key("claims", "Claims by id.", NAMES),
        Key("sources", "All claims of these sources.", NAMES),
        Key("origins", "All copies of these.", NAMES),
        Key("speakers", "All claims of these speakers.", NAMES),
    ),
)
_BELIEF = Kind({**WORDS.schema, "examples": ["200 to 1,400,000", "75 %"]}, parse_belief)
VARIANT = Form(
    "variant",
    "Another choice: what it changes in the model.",
    (
        LABEL,
        Key("because", "Why one might choose so.", TEXT),
        Key("priors", "Quantities to other priors; one number takes a quantity as known.",
            mapping(_BELIEF, write=_texts)),
        Key("conventions", "Conventions, on top of the model's own.",
            replace(CONVENTIONS.kind, write=dict)),
        Key("widths", "A factor on the widths of all claims, or of some.",
            either(number(), mapping(number()), write=_floats)),
        Key("tails", "Claims to `normal` or `student-t`.", mapping(choice(*TAILS), write=dict)),
        Key("weights", "Stated weights of readings, by option.",
            mapping(mapping(Kind({"type": "number", "minimum": 0})),
                    write=lambda by: {name: _floats(one) for name, one in by.items()})),
        Key("without", "Evidence left out: a claim, a list of claims, or groups.",
            either(NAMES, WITHOUT.kind,
                   write=lambda groups: {kind: list(names) for kind, names in groups.items()})),
        Key("admit", "Held-out claims that count as evidence.", NAMES),
        Key("pool", "How held-out claims are admitted: all of them, or some.",
            either(choice(*POOLS), mapping(choice(*POOLS)), write=str)),
    ),
)  # fmt: skip
AXIS = Form(
    "axis",
    "A choice: every key but label, base and note is an option beside the model as it stands.",
    (
        LABEL,
        Key("base", f"What the model as it stands is called on this axis ({AS_IS}).", TEXT),
        NOTE,
    ),
    others=VARIANT.kind,
)

_LEDGERS = either(
    Kind({"type": ["string", "null"]}),
    items(Kind({"type": "string"}), uniqueItems=True),
    Kind({"$ref": "ledger.schema.json"}),
)
_TARGETS = either(Kind({"type": "string"}), items(Kind({"type": "string"}), minItems=1))
_NAMED: dict[str, Any] = {"propertyNames": {"$ref": "#/$defs/name"}}
MODEL = Form(
    "",
    "What there is to know, which claim is about what, and what is held out (docs/format.md).",
    (
        Key("format", "The version of this format.", Kind({"enum": [FORMAT, NEWEST]})),
        Key("title", "A line for lists and figures.", TEXT),
        Key("question", "What the reader wants to know.", TEXT),
        Key("note", "What the reader should know, above all what is not in the model.", TEXT),
        Key("evidence", "A path to a ledger, relative to this file, or a list of paths.", _LEDGERS,
            examples=("evidence.yaml", "../scmp-2017/evidence.yaml")),
        Key("seed", "Of the random draws, a whole number from 0.",
            Kind({"type": "integer", "minimum": 0}, int, int)),
        Key("currencies", "Dated exchange rates by three-letter code; USD is the base.",
            mapping(CURRENCY.kind, **SECTION,
                    propertyNames={"pattern": "^[A-Z]{3}$", "not": {"const": "USD"}})),
        Key("dimensions", "What quantities can be over, by name: countries, years.",
            mapping(either(items(TEXT), DIMENSION.kind), **SECTION)),
        Key("quantities", "The basic unknowns, by name.",
            mapping(QUANTITY.kind, minProperties=1, **_NAMED), required=True),
        Key("relations", "Everything derived, by name.",
            mapping(either(RELATION.kind, RELATION_BY_READING.kind), **SECTION, **_NAMED)),
        Key("readings", "The ambiguous phrases, by name.",
            mapping(READING.kind, **SECTION, propertyNames={"$ref": "#/$defs/word"})),
        Key("kinds", "Kinds of sources, in groups by the unit of their claims; asks for "
            "`format: 2`.",
            mapping(SOURCE_GROUP.kind, **SECTION, **_NAMED)),
        Key("claims", "Which claim is about what, as evidence: claim id to quantity, relation or "
            "expression; or the expression to the ids of its claims.",
            mapping(either(USE.kind, items(ABOUT.kind)), **SECTION)),
        Key("compare", "Which cited figures are held out: set beside the answer, never part of it.",
            mapping(either(COMPARED.kind, items(COMPARED_ABOUT.kind)), **SECTION)),
        Key("targets", "What to report first: quantities, relations or expressions. The first is "
            "the headline.", _TARGETS, required=True,
            examples=(["revenue"], ["revenue", "take_per_worker"])),
        Key("conventions", "Changes to the printed conventions.", CONVENTIONS.kind),
        Key("variants", "Other ways to analyse the same claims, for `estimates multiverse`, by "
            "axis.", mapping(AXIS.kind, **SECTION)),
    ),
    advice=advice.MODEL,
)  # fmt: skip

_DEFINED: Mapping[str, Schema] = {
    "name": {
        "description": "Letters, digits and _, beginning with a letter.",
        "pattern": f"^[^{_SIGNS}0-9][^{_SIGNS}]*$",
        "not": {"enum": list(RESERVED)},
    },
    "word": {
        "description": "Letters, digits, _ and -.",
        "pattern": r"^[^\s+*/.,:;()\[\]{}-][^\s+*/.,:;()\[\]{}]*$",
    },
}


def version(parts: Parts) -> int:
    """Return the version of the format that a model asks for."""
    apart = any(one.each for one in parts.readings.values())
    return NEWEST if parts.kinds or apart or parts.dimensions or parts.panels else FORMAT


def schema_documents() -> dict[str, Schema]:
    """Return the JSON Schema of each file, by the name under which it is published."""
    return {
        "ledger.schema.json": schema_document("The claims of an estimate: evidence.yaml", LEDGER),
        "model.schema.json": schema_document("An estimate: model.yaml", MODEL, _DEFINED),
    }
