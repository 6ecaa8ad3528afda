"""Changes to the printed conventions, mapping by mapping."""

from __future__ import annotations

from collections.abc import Mapping

from estimates.language.wording import VAGUE
from estimates.model.conventions import TAILS, Conventions, Verdict
from estimates.model.form import Form, Key, Kind, choice, number
from estimates.model.ledger import BASES

_USUAL = Conventions()
_SHARE = number(exclusiveMaximum=1)

BASIS = Form(
    "basis",
    "What a way of knowing is worth; one number is its width.",
    (
        Key("width", "Standard deviation on the log or logit scale.", number()),
        Key("coverage", "Probability that a range holds the truth.", _SHARE),
        Key("truth", "Probability of being right about a direction or dispute.", number(maximum=1)),
    ),
    short="width",
)
VAGUENESS = Form(
    "vague",
    "The size of a vague count; one number is its count.",
    (
        Key("count", "The count, times the word.", number()),
        Key("spread", "Its width on the log scale.", number()),
    ),
    short="count",
)
_SIDE = Verdict()
VERDICT = Form(
    "verdict",
    "Thresholds of the verdict; one number is `side`.",
    (
        Key("side", f"P(below) or P(above) from which the answer is on that side ({_SIDE.side:g}).",
            _SHARE),
        Key("inside", f"P(inside) from which it may be consistent ({_SIDE.inside:g}).", _SHARE),
        Key("tail", f"... where neither side reaches this ({_SIDE.tail:g}).", _SHARE),
        Key("weight", f"Readings of this weight that differ divide the mixture ({_SIDE.weight:g}).",
            _SHARE),
    ),
    short="side",
)  # fmt: skip


def _each(name: str, what: str, form: Form, keys: Mapping[str, str]) -> Kind:
    """Make the form that has the same kind under each of some names, all of them optional."""
    inner = Form(name, what, tuple(Key(key, said, form.kind) for key, said in keys.items()))
    return inner.kind


CONVENTIONS = Form(
    "conventions",
    "Changes to the printed conventions, which are choices and not findings.",
    (
        Key("basis", "By basis: width, coverage, truth.",
            _each("bases", "Bases by name.", BASIS,
                  {name: f"What `{name}` is worth." for name in BASES})),
        Key("hedge", f'The width of "around" ({_USUAL.hedge:g}).', number()),
        Key("soft_bound", f'δ of "up to" and of a dispute ({_USUAL.soft_bound:g}).', number()),
        Key("hard_bound", f"δ of the other bounds ({_USUAL.hard_bound:g}).", number()),
        Key("direction", f'δ of "rising" and "falling" ({_USUAL.direction:g}).', number()),
        Key("copies", f"What a copy has to itself ({_USUAL.copies:g}).", number(maximum=1)),
        Key("vague", "By vague word: count and spread.",
            _each("vague-words", "Vague counts by their words.", VAGUENESS,
                  {words: f"The size of “{words}”." for words in VAGUE})),
        Key("tails", f"Of the noise of claims ({_USUAL.tails}).", choice(*TAILS)),
        Key("verdict", "Thresholds of the verdict.", VERDICT.kind),
    ),
)  # fmt: skip
