"""What links the cells of a quantity over dimensions, mapping by mapping."""

from __future__ import annotations

from estimates.language.expression import parse_expression
from estimates.model.form import FLAG, TEXT, WORDS, Form, Key, either, items, mapping, parsed
from estimates.model.priors import parse_belief

_EXPRESSION = parsed(parse_expression)
_SIZE = parsed(parse_belief, {**WORDS.schema, "examples": ["10 %", "5 to 80 %"]})
ALIKE = Form(
    "alike",
    "Partial pooling: members of a dimension differ from one another by an unknown amount.",
    (
        Key("along", "The dimension.", WORDS, required=True, examples=("country",)),
        Key("within", "The standard deviation of the members about their centre, on the link scale "
            "(10 % is .10).", _SIZE, required=True),
    ),
)  # fmt: skip
WALK = Form(
    "walk",
    "A path over time, in steps of an unknown size.",
    (
        Key("along", "The dimension of time.", WORDS, required=True, examples=("year",)),
        Key("by", "The standard deviation of a year's step, on the link scale (10 % is .10).",
            _SIZE, required=True),
        Key("at", "The date at which the prior holds; left out, the first.", TEXT,
            examples=(2017,)),
        Key("together", "By dimension, how its members' steps go together: a correlation, an "
            "interval, or `true` where nothing is known of it.", mapping(either(_SIZE, FLAG))),
    ),
)  # fmt: skip
STOCK = Form(
    "stock",
    "What accumulates: a first value, what comes in per year, and how long it stays.",
    (
        Key("first", "What there is at the first date.", _EXPRESSION, required=True),
        Key("inflow", "What comes in, per year.", _EXPRESSION, required=True),
        Key("stay", "For how long, in years.", _EXPRESSION, required=True),
        Key("leave", "`exponential`: always the same part leaves. `term`: each leaves after "
            "exactly that time.", TEXT),
    ),
)  # fmt: skip
CORRELATED = Form(
    "correlated",
    "The correlation with another quantity, on their link scales.",
    (
        Key("with", "The other quantity.", WORDS, required=True),
        Key("rho", "A number, or an interval.", _SIZE, required=True, examples=("0.2 to 0.8",)),
    ),
)
DIMENSION = Form(
    "dimension",
    "What quantities are over: a list of labels, a time, or a part of another.",
    (
        Key("time", "Labels that are dates, in order.", items(TEXT)),
        Key("of", "The dimension that this is a part of.", TEXT),
        Key("members", "Labels of that one.", items(TEXT)),
        Key(
            "labels",
            "Its labels; as a mapping, each with what readers are to see instead.",
            either(items(TEXT), mapping(TEXT)),
        ),
    ),
    short="labels",
)
