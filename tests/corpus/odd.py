"""Models that are odd but valid, as data: each is thought of by someone who wants to break things.

`generate.py` writes them to files.  What is odd about each stands beside it; none is a case that a
user could not write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

type Node = Mapping[str, Any]


@dataclass(frozen=True)
class Odd:
    """A model and its ledgers, as what YAML holds.

    Attributes
    ----------
    why : what is odd about it
    model : what model.yaml holds
    ledgers : by file name what a ledger holds
    """

    why: str
    model: Node
    ledgers: Mapping[str, Node] = field(default_factory=dict)


SOURCE = {"s": {"title": "A source"}}
UNIT = {"prior": "1 to 10"}
PERSON = {"unit": "person", "prior": "100 to 10,000"}
SHARE = {"unit": "share", "prior": "5 to 95 %"}
REAL = {"support": "real", "prior": "-10 to 10"}


def odd(why: str, says: Node | None = None, sources: Node | None = None, **model: Any) -> Odd:
    """A model whose claims are of one source where they do not say so; `says` alone is short."""
    if says is None and sources is None:
        return Odd(why, model)
    claims = {
        name: {"source": "s", **(claim if isinstance(claim, dict) else {"says": claim})}
        for name, claim in (says or {}).items()
    }
    ledger = {"sources": dict(sources or SOURCE), "claims": claims}
    return Odd(why, {"evidence": "evidence.yaml", **model}, {"evidence.yaml": ledger})


# Little, or nothing, to go by ------------------------------------------------------------------

FEW = {
    "one-quantity": odd(
        "one quantity, one claim", {"c": "5"}, quantities={"a": UNIT}, claims={"c": "a"},
        targets=["a"],
    ),
    "only-a-prior": odd("no ledger, so no claims", quantities={"a": "1 to 10"}, targets=["a"]),
    "no-claims": odd(
        "a ledger without claims", {}, quantities={"a": UNIT, "b": UNIT},
        relations={"t": "a * b"}, claims={}, targets=["t"],
    ),
    "only-compare": odd(
        "nothing is evidence, two figures are held out", {"c": "4 to 6", "d": "at most 3"},
        quantities={"a": UNIT}, compare={"c": "a", "d": "a"}, targets=["a"],
    ),
    "only-lower-bounds": odd(
        "nothing but floors, one met with ease", {"c": "at least 2", "d": "more than 0.001"},
        quantities={"a": UNIT}, claims={"c": "a", "d": "a"}, targets=["a"],
    ),
    "only-upper-bounds": odd(
        "nothing but ceilings, one met with ease",
        {"c": "up to 5 people", "d": "no more than 1e9 people", "e": "under 6 people"},
        quantities={"a": {"unit": "person", "prior": "1 to 10"}},
        claims={"c": "a", "d": "a", "e": "a"}, targets=["a"],
    ),
    "slack-bounds": odd(
        "a count between a floor and a ceiling that both say nothing",
        {
            "count": {"says": "1000 people", "basis": "register"},
            "floor": {"says": "at least 50 people", "basis": "statistics"},
            "ceiling": {"says": "less than 20,000 people", "basis": "statistics"},
            "cited": "900 to 1100 people",
        },
        quantities={"x": {"unit": "person", "prior": "10 to 100,000"}},
        claims={"count": "x", "floor": "x", "ceiling": "x"}, compare={"cited": "x"},
        targets=["x"],
    ),
    "only-a-direction": odd(
        "growth of which only the sign is known", {"c": "rising", "d": "-0.1 to 0.2"},
        quantities={"g": {"support": "real", "prior": "-0.5 to 0.5"}},
        claims={"c": "g"}, compare={"d": "g"}, targets=["g"],
    ),
    "only-vague-counts": odd(
        "dozens, scores, hundreds", {
            "c": "dozens of people", "d": "hundreds of people", "e": "a few thousand people",
            "f": "scores of people",
        },
        quantities={"a": PERSON}, claims={"c": "a", "d": "a", "e": "a"}, compare={"f": "a"},
        targets=["a"],
    ),
    "unused-claims": odd(
        "every claim is kept without being used", {
            "c": {"because": "no number in it", "quote": "very many"},
            "d": {"because": "said of another country"},
            "e": {"says": "5"},
        },
        quantities={"a": UNIT}, targets=["a"],
    ),
    "a-target-nobody-informs": odd(
        "the target has nothing to do with the claims", {"c": "5", "d": "2 to 3"},
        quantities={"a": UNIT, "b": UNIT}, claims={"c": "a"}, compare={"d": "b"}, targets=["b"],
    ),
}  # fmt: skip

# Copies, repetitions ---------------------------------------------------------------------------

COPIES = {
    "copies-of-one": odd(
        "forty copies of one datum", {f"x{i}": {"says": "5", "origin": "o"} for i in range(40)}
        | {"y": "2 to 6"},
        quantities={"a": UNIT}, claims={f"x{i}": "a" for i in range(40)}, compare={"y": "a"},
        targets=["a"],
    ),
    "copies-that-differ": odd(
        "copies of one datum that do not agree", {
            "x": {"says": "5", "origin": "o"}, "y": {"says": "around 6", "origin": "o"},
            "z": {"says": "3 to 5", "origin": "o", "basis": "rumour"}, "w": "4",
        },
        quantities={"a": UNIT}, claims={"x": "a", "y": "a", "z": "a", "w": "a"}, targets=["a"],
    ),
    "copies-of-a-count": odd(
        "two copies of a count", {
            "x": {"says": "12 of 40", "origin": "o"}, "y": {"says": "12 of 40", "origin": "o"},
            "z": "20 to 40 %",
        },
        quantities={"p": SHARE}, claims={"x": "p", "y": "p"}, compare={"z": "p"}, targets=["p"],
    ),
    "duplicates": odd(
        "twelve claims that are the same in everything", {f"c{i}": "around 5" for i in range(12)},
        quantities={"a": UNIT}, claims={f"c{i}": "a" for i in range(12)}, targets=["a"],
    ),
    "one-claim-on-a-tight-expression": odd(
        "every claim is about another expression of one quantity",
        {"c": "5", "d": "10", "e": "25", "f": "0.2", "g": "1.6"},
        quantities={"a": UNIT},
        claims={"c": "a", "d": "a + a", "e": "a * a", "f": "1 / a", "g": "log(a)"}, targets=["a"],
    ),
    "relations-without-names": odd(
        "targets and comparisons that are expressions", {"c": "5", "d": "20 to 40"},
        quantities={"a": UNIT, "b": UNIT}, claims={"c": "a"}, compare={"d": "a * b + 1"},
        targets=["a / b", "a * b", "a ** 2"],
    ),
}  # fmt: skip

# Constants, and what hardly varies -------------------------------------------------------------

CONSTANTS = {
    "constant-target": odd(
        "the target is a constant", {"c": "5", "d": "2 to 3 hours"},
        quantities={"a": UNIT, "k": {"unit": "hour", "value": "3 hours"}}, claims={"c": "a"},
        compare={"d": "k"}, targets=["k"],
    ),
    "constant-relation": odd(
        "the target is nothing times a quantity", {"c": "5", "d": "2 to 6"},
        quantities={"a": UNIT}, relations={"t": "a * 0"}, claims={"c": "a"}, compare={"d": "a"},
        targets=["t"],
    ),
    "a-less-itself": odd(
        "a relation that cancels", {"c": "5", "d": "0 ± 1"}, quantities={"a": UNIT},
        relations={"t": "a - a", "u": "a / a"}, claims={"c": "a"}, compare={"d": "t"},
        targets=["t", "u"],
    ),
    "only-constants": odd(
        "no unknown feeds the target", {"c": "6", "d": "5"},
        quantities={"k": {"value": 2}, "l": {"value": 3}, "a": UNIT},
        relations={"t": "k * l"}, claims={"d": "a"}, compare={"c": "t"}, targets=["t"],
    ),
    "claim-on-a-constant": odd(
        "a claim about what is known already", {"c": "around 4", "d": "5"},
        quantities={"k": {"value": 5}, "a": UNIT}, claims={"c": "k", "d": "a"}, targets=["a"],
    ),
    "narrow-prior": odd(
        "a prior that is nearly a point, and a claim far from it", {"c": "9", "d": "1 to 2"},
        quantities={"a": {"prior": "4.9999999 to 5.0000001"}, "b": UNIT},
        relations={"t": "a * b"}, claims={"c": "a"}, compare={"d": "b"}, targets=["t", "a"],
    ),
    "a-mixed-in-constant": odd(
        "a reading under which the target is constant", {"c": "5", "d": "1 to 6"},
        quantities={"a": UNIT, "k": {"value": 5}},
        relations={"t": {"by": "r", "x": "a", "y": "k"}},
        readings={"r": {"x": 1, "y": 1}}, claims={"c": "a"}, compare={"d": "t"}, targets=["t"],
    ),
    "identity-chain": odd(
        "thirty relations, each the one before", {"c": "5", "d": "4 to 7"}, quantities={"a": UNIT},
        relations={f"r{i}": f"r{i - 1}" if i else "a" for i in range(30)},
        claims={"c": "r29"}, compare={"d": "r15"}, targets=["r29", "r0"],
    ),
    "undone-relations": odd(
        "one relation undoes another", {"c": "more than -10", "e": "at least -5", "d": "0 to 9"},
        quantities={"a": {"prior": "1 to 30"}, "b": {"prior": "2 to 50"}},
        relations={"r0": "a - b", "r1": "1 - r0", "r2": "1 - r1"},
        claims={"c": "r0", "e": "r2"}, compare={"d": "r2"}, targets=["r0"],
    ),
}  # fmt: skip

# Readings --------------------------------------------------------------------------------------

READINGS = {
    "one-option": odd(
        "a reading with nothing to choose", {"c": "5", "d": "4 to 8"}, quantities={"a": UNIT},
        relations={"t": {"by": "r", "x": "2 * a"}}, readings={"r": {"x": 1}},
        claims={"c": "t"}, compare={"d": "t"}, targets=["t"],
    ),
    "twelve-options": odd(
        "a reading of twelve options", {"c": "5", "d": "4 to 8"}, quantities={"a": UNIT},
        relations={"t": {"by": "r"} | {f"o{i}": f"a * {i + 1}" for i in range(12)}},
        readings={"r": {f"o{i}": i + 1 for i in range(12)}},
        claims={"c": "t"}, compare={"d": "a"}, targets=["t", "a"],
    ),
    "thousand-combinations": odd(
        "ten readings of two options", {"c": "5", "d": "40 to 80"}, quantities={"a": UNIT},
        relations={
            f"t{i}": {"by": f"r{i}", "x": f"t{i - 1}" if i else "a", "y": f"1.1 * t{i - 1}"
                      if i else "1.1 * a"}
            for i in range(10)
        },
        readings={f"r{i}": {"x": 1, "y": 1} for i in range(10)},
        claims={"c": "a"}, compare={"d": "t9"}, targets=["t9"],
    ),
    "readings-that-are-the-same": odd(
        "options that differ in name alone", {"c": "5", "d": "4 to 8"}, quantities={"a": UNIT},
        relations={"t": {"by": "r", "x": "a", "y": "a", "z": "1 * a"}},
        readings={"r": {"x": 1, "y": 2, "z": 3}}, claims={"c": "t"}, compare={"d": "t"},
        targets=["t"],
    ),
    "unused-reading": odd(
        "a reading that nothing depends on", {"c": "5"}, quantities={"a": UNIT},
        readings={"r": {"x": 1, "y": 1}}, claims={"c": "a"}, targets=["a"],
    ),
    "held-with-nothing": odd(
        "a reading that is held, under one option of which nothing is said",
        {"c": "5", "d": "2 to 9", "e": "3"},
        quantities={"a": UNIT, "b": UNIT},
        relations={"t": {"by": "r", "x": "a", "y": "nothing"}, "u": "t * b"},
        readings={"r": {"update": False, "x": 1, "y": 3}},
        claims={"c": "u", "e": "a"}, compare={"d": "t"}, targets=["a", "b"],
    ),
    "impossible-reading": odd(
        "a reading under which the claim cannot be", {"c": "12 of 40", "d": "10 to 50 %"},
        quantities={"p": SHARE},
        relations={"t": {"by": "r", "x": "p", "y": "p / (1 + p)"}},
        readings={"r": {"x": 1, "y": {"weight": 1e-6, "because": "hardly"}}},
        claims={"c": "t"}, compare={"d": "p"}, targets=["p"],
    ),
    "weight-nought": odd(
        "weights from a millionth to a million", {"c": "5", "d": "1 to 30"},
        quantities={"a": UNIT},
        relations={"t": {"by": "r", "x": "a", "y": "3 * a", "z": "a / 3"}},
        readings={"r": {"x": 1e-6, "y": 1e6, "z": 1}}, claims={"c": "t"}, compare={"d": "a"},
        targets=["a"],
    ),
    "readings-far-apart": odd(
        "two readings a thousandfold apart, with one claim", {"c": "5000", "d": "1 to 10"},
        quantities={"a": UNIT},
        relations={"t": {"by": "r", "x": "a", "y": "1000 * a"}},
        readings={"r": {"x": 1, "y": 1}}, claims={"c": "t"}, compare={"d": "a"}, targets=["a"],
    ),
    "root-or-twice-the-root": odd(
        "one claim on a root under two readings", {"c": "15 to 19", "d": "10 to 12"},
        quantities={"q": {"prior": "75 to 220"}},
        relations={"r": "sqrt(q)", "s": {"by": "x", "o1": "r", "o2": "2 * r"}},
        readings={"x": {"o1": 1, "o2": 1}}, claims={"c": "s"}, compare={"d": "r"}, targets=["r"],
    ),
    "two-readings-one-relation": odd(
        "readings within readings", {"c": "5 to 9", "d": "5 to 50"},
        quantities={"a": UNIT, "b": UNIT},
        relations={
            "t": {"by": "r", "x": "a", "y": "a * b"},
            "u": {"by": "q", "m": "t", "n": "t + b"},
            "v": {"by": "r", "x": "u", "y": "u ** 2"},
        },
        readings={"r": {"x": 1, "y": 1}, "q": {"update": False, "m": 1, "n": 1}},
        claims={"c": "u"}, compare={"d": "v"}, targets=["v"],
    ),
}  # fmt: skip

# Magnitudes ------------------------------------------------------------------------------------

MAGNITUDES = {
    "tiny": odd(
        "all is about 1e-30", {"c": "around 1.5e-30", "d": "1e-31 to 3e-30"},
        quantities={"a": {"prior": "1e-31 to 1e-29"}}, claims={"c": "a"}, compare={"d": "a"},
        targets=["a"],
    ),
    "huge": odd(
        "all is about 1e30", {"c": "around 1.5e30", "d": "1e29 to 3e30"},
        quantities={"a": {"prior": "1e29 to 1e31"}}, claims={"c": "a"}, compare={"d": "a"},
        targets=["a"],
    ),
    "tiny-times-huge": odd(
        "sixty orders of magnitude between two factors", {"c": "2e30", "e": "3e-30", "d": "1 to 9"},
        quantities={"a": {"prior": "1e29 to 1e31"}, "b": {"prior": "1e-31 to 1e-29"}},
        relations={"t": "a * b", "u": "a / b"}, claims={"c": "a", "e": "b"}, compare={"d": "t"},
        targets=["t", "u"],
    ),
    "wide-prior": odd(
        "a prior over sixty orders of magnitude", {"c": "around 50", "d": "10 to 90"},
        quantities={"a": {"prior": "1e-30 to 1e30"}}, claims={"c": "a"}, compare={"d": "a"},
        targets=["a"],
    ),
    "wide-prior-alone": odd(
        "a prior over sixty orders of magnitude, and no claim", {"d": "10 to 90"},
        quantities={"a": {"prior": "1e-30 to 1e30"}}, compare={"d": "a"}, targets=["a"],
    ),
    "large-reals": odd(
        "a difference of large numbers of either sign", {"c": "-1e12 ± 1e11", "d": "-2e12 to 2e12"},
        quantities={"a": {"support": "real", "prior": "-1e13 to 1e13"},
                    "b": {"support": "real", "prior": "-1e13 to 1e13"}},
        relations={"t": "a - b"}, claims={"c": "a"}, compare={"d": "t"}, targets=["t"],
    ),
    "exact-measurement": odd(
        "a measurement of one part in a million", {"c": "5.000000 ± 0.000005", "d": "4.9 to 5"},
        quantities={"a": UNIT, "b": UNIT}, relations={"t": "a * b"}, claims={"c": "a"},
        compare={"d": "a"}, targets=["t", "a"],
    ),
    "exp-of-a-large-number": odd(
        "an exponential of hundreds", {"c": "around 300", "d": "1e100 to 1e150"},
        quantities={"a": {"prior": "270 to 320"}}, relations={"t": "exp(a)"}, claims={"c": "a"},
        compare={"d": "t"}, targets=["t"],
    ),
    "large-counts": odd(
        "a count of a hundred million", {"c": "12,345,678 of 100,000,000", "d": "10 to 20 %"},
        quantities={"p": SHARE}, claims={"c": "p"}, compare={"d": "p"}, targets=["p"],
    ),
    "counts-of-none-and-all": odd(
        "none of five, and five of five", {"c": "0 of 5", "d": "5 of 5", "e": "1 of 1"},
        quantities={"p": SHARE, "q": SHARE}, relations={"t": "p * q"},
        claims={"c": "p", "d": "q", "e": "q"}, targets=["t"],
    ),
    "share-near-one": odd(
        "a share of one in a billion, and its complement",
        {"c": "99.99999 %", "d": "0.0000001 %", "e": "99.999 to 99.9999 %"},
        quantities={"p": {"unit": "share", "prior": "99 to 99.999999 %"},
                    "q": {"unit": "share", "prior": "0.00000001 to 0.0001 %"}},
        relations={"t": "p * (1 - q)", "u": "(1 - p) / q"},
        claims={"c": "p", "d": "q"}, compare={"e": "t"}, targets=["t", "u"],
    ),
    "negative-quantities": odd(
        "all is below zero", {"c": "-5 ± 1", "d": "-3 to -2", "e": "-1 to 1", "f": "around -4"},
        quantities={"a": {"support": "real", "prior": "-20 to -0.1"},
                    "b": {"support": "real", "prior": "-4 to -1"}},
        relations={"t": "a * b", "u": "a + b", "v": "min(a, b)"},
        claims={"c": "a", "d": "b", "f": "a"}, compare={"e": "u"}, targets=["t", "u", "v"],
    ),
    "around-zero": odd(
        "zero is in the middle of everything", {"c": "0 ± 1", "d": "-1 to 1"},
        quantities={"a": REAL, "b": REAL}, relations={"t": "a + b", "u": "a * b", "v": "a / b"},
        claims={"c": "a"}, compare={"d": "t"}, targets=["t", "u", "v"],
    ),
    "claims-that-cannot-both-be": odd(
        "ten orders of magnitude between two registers",
        {"c": {"says": "10.0", "basis": "register"}, "d": {"says": "1e11", "basis": "register"},
         "e": "1e5"},
        quantities={"a": {"prior": "1 to 1e12"}}, claims={"c": "a", "d": "a"}, compare={"e": "a"},
        targets=["a"],
    ),
    "extreme-coverage": odd(
        "intervals of a twentieth and of all but a billionth",
        {"x": "4 to 5 @ 5%", "y": "2 to 6 @ 99.9999999%"},
        quantities={"a": {"prior": "1 to 10 @ 5%"}, "b": {"prior": "1 to 10 @ 99.9999999%"}},
        relations={"t": "a * b"}, claims={"x": "a"}, compare={"y": "t"}, targets=["t"],
    ),
}  # fmt: skip

# Names, labels, texts --------------------------------------------------------------------------

_LONG = "a_quantity_with_a_name_that_goes_on_" + "and_on_" * 14  # 134 letters
_LONGER = "x" * 196  # with what is put to it, 199 letters: as many as may be
_WORDS = " ".join(["North Korean workers in the northeast of China, counted once"] * 5)


def _named(why: str, a: str, b: str, t: str, claim: str, cited: str, option: str) -> Odd:
    """A product of two quantities under a reading, by any names."""
    return odd(
        why, {claim: "around 5", cited: "10 to 30"},
        quantities={a: {"prior": "1 to 10", "label": f"label of {a}"}, b: UNIT},
        relations={t: {"by": f"{option}-r", option: f"{a} * {b}", f"{option}2": f"{a} + {b}"}},
        readings={f"{option}-r": {option: 1, f"{option}2": 1}},
        claims={claim: a}, compare={cited: t}, targets=[t],
    )  # fmt: skip


NAMES = {
    "names-of-130-letters": _named(
        "names of more than 130 letters", _LONG, f"{_LONG}2", f"{_LONG}3", _LONG.replace("_", "-"),
        f"{_LONG}c", f"o{_LONG}"[:130],
    ),
    "names-of-199-letters": _named(
        "names as long as they may be", f"{_LONGER}xxx", f"{_LONGER}xxy", f"{_LONGER}xxz",
        f"c{_LONGER}xx", f"d{_LONGER}xx", f"o{_LONGER}",
    ),
    "names-in-korean": _named(
        "names in Korean", "노동자", "임금", "수입", "북한-노동자", "인용된-수입", "총액"
    ),
    "names-in-arabic": _named(
        "names written from right to left", "عمال", "أجور", "دخل", "عدد-العمال", "مقتبس", "إجمالي"
    ),
    "names-in-greek-and-accents": _named(
        "letters that fold or compose", "σ", "é", "ﬁ", "Σ-claim", "İstanbul", "ß"
    ),
    "names-of-python": _named(
        "keywords of Python", "lambda", "class", "None", "def", "yield", "import"
    ),
    "names-of-javascript": _named(
        "keys that every object of JavaScript has", "constructor", "isPrototypeOf", "toString",
        "hasOwnProperty", "valueOf", "prototype",
    ),
    "names-of-the-machine": _named(
        "names that the machinery uses itself", "claims", "fit", "posterior", "log_likelihood",
        "weight", "mixture",
    ),
    "names-of-columns": _named(
        "names of columns and dimensions", "target", "quantity", "value", "claim", "index", "nan"
    ),
    "names-of-one-letter": _named("e, i, pi and their like", "e", "i", "pi", "E", "j", "N"),
    "names-that-differ-in-case": odd(
        "names that a file system may fold", {"A": "5", "a": "6", "X": "7", "x": "2 to 90"},
        quantities={"A": UNIT, "a": UNIT, "T": UNIT}, relations={"t": "A * a * T"},
        claims={"A": "A", "a": "a", "X": "T"}, compare={"x": "t"}, targets=["t", "T", "a"],
    ),
    "names-that-are-numbers": odd(
        "ids that are numbers, dates and no", {"1": "5", "2017-08": "6", "no": "7", "null": "8"},
        sources={"s": {"title": "1"}, "1e5": {"title": "null"}},
        quantities={"_": UNIT, "_1": UNIT}, claims={"1": "_", "2017-08": "_1", "no": "_"},
        compare={"null": "_1"}, targets=["_", "_1"],
    ),
    "labels-of-code": odd(
        "labels that are markup, formulas and commands",
        {
            "c1": {"says": "around 100 people", "quote": "</script><script>alert(1)</script>",
                   "speaker": "<img src=x onerror=alert(2)>", "note": "@cmd", "when": "-2+3"},
            "c-2": {"says": "1 to 2", "quote": "$\\frac{a}{b}$ and \\input{x} & 100 % # _ ^ ~",
                    "speaker": "=1+1"},
            "c3": {"says": "100 to 300 people", "quote": "{{7*7}} ${7*7} <%= 7 %>"},
            "unused": {"because": "<b>bold</b> | cell | `tick`", "quote": "[x](y) ![z](w)"},
        },
        sources={"s": {"title": "</title><script>alert(3)</script>", "author": "=HYPERLINK(1)",
                       "publisher": "+1+1", "note": "\\end{document} } @misc{x, title={y}}"}},
        title="{{7*7}} </script> $E=mc^2$ %s %d {0}", question="<svg onload=alert(4)>?",
        note="`x` ${alert(5)} <!-- ",
        quantities={
            "a": {"unit": "person", "prior": "10 to 1000", "label": "<script>alert(6)</script>"},
            "b": {"prior": "1 to 3", "label": "=cmd|' /C calc'!A0", "note": "\" onclick=\"x"},
        },
        relations={
            "t": {"is": "a * b", "label": "$\\alpha_{t}$ & 5 % of #1_2 ^ {x"},
            "k": {"by": "r", "x": "a", "y": "a * 2"},
        },
        readings={"r": {"question": "<b>?</b>", "x": {"weight": 1, "because": "@SUM(1)"},
                        "y": {"weight": 1, "because": "-1+1"}}},
        claims={"c1": "k", "c-2": "b"}, compare={"c3": "t"}, targets=["t"],
    ),
    "labels-that-are-long": odd(
        "labels, quotes and titles of three hundred letters and more",
        {"c": {"says": "around 5 people", "quote": _WORDS, "speaker": _WORDS, "note": _WORDS},
         "d": {"says": "4 to 9 people", "quote": "w" * 400, "speaker": "v" * 300}},
        sources={"s": {"title": _WORDS, "publisher": _WORDS, "author": _WORDS}},
        title=_WORDS, question=_WORDS, note=_WORDS,
        quantities={"a": {"unit": "person", "prior": "1 to 10", "label": _WORDS, "note": _WORDS},
                    "b": {"prior": "1 to 10", "label": "L" * 300}},
        relations={"t": {"is": "a * b", "label": "M" * 200}},
        claims={"c": "a"}, compare={"d": "a"}, targets=["t", "a"],
    ),
    "labels-of-emoji": odd(
        "labels of emoji, both directions and wide letters",
        {"c": {"says": "around 5 people", "quote": "👩‍👩‍👧‍👦 said 五 “people” …",
               "speaker": "عمر"},
         "d": {"says": "4 to 9 people", "quote": "𝕱𝖎𝖛𝖊", "speaker": "金"}},
        title="🙂 북한 노동자 العمال",
        quantities={"a": {"unit": "person", "prior": "1 to 10", "label": "👷🏽‍♀️ workers"}},
        relations={"t": {"is": "2 * a", "label": "دخل 🏦 収入"}},
        claims={"c": "a"}, compare={"d": "a"}, targets=["t"],
    ),
    "labels-that-are-empty": odd(
        "titles and labels of nothing, of spaces, and all the same",
        {"c": {"says": "around 5", "quote": "", "speaker": " "}, "d": "4 to 9"},
        sources={"s": {}}, title="",
        quantities={"a": {"prior": "1 to 10", "label": "same"},
                    "b": {"prior": "1 to 10", "label": "same"}},
        relations={"t": {"is": "a * b", "label": "same"}}, claims={"c": "a"}, compare={"d": "t"},
        targets=["t", "a", "b"],
    ),
}  # fmt: skip

# Hierarchies, named distributions, supports ----------------------------------------------------

FAMILIES = {
    "hierarchy": odd(
        "eight schools", {
            f"y{i}": f"{y} ± {s}" for i, (y, s) in enumerate(
                [(28, 15), (8, 10), (-3, 16), (7, 11), (-1, 9), (1, 11), (18, 10), (12, 18)])
        } | {"cited": "0 to 20"},
        quantities={"mu": {"prior": "Normal(mu=0, sigma=20)"},
                    "tau": {"prior": "HalfCauchy(beta=5)"}}
        | {f"th{i}": {"prior": "Normal(mu=mu, sigma=tau)"} for i in range(8)},
        claims={f"y{i}": f"th{i}" for i in range(8)}, compare={"cited": "mu"},
        targets=["mu", "tau", "th0"],
    ),
    "hierarchy-of-hierarchies": odd(
        "three levels, few claims", {"c": "around 5", "d": "around 7", "e": "3 to 9"},
        quantities={
            "m": {"prior": "Normal(mu=1.5, sigma=1)"}, "s": {"prior": "HalfNormal(sigma=1)"},
            "g1": {"prior": "Normal(mu=m, sigma=s)"}, "g2": {"prior": "Normal(mu=m, sigma=s)"},
            "x1": {"prior": "LogNormal(mu=g1, sigma=0.3)"},
            "x2": {"prior": "LogNormal(mu=g2, sigma=0.3)"},
        },
        claims={"c": "x1", "d": "x2"}, compare={"e": "x1"}, targets=["x1", "m", "s"],
    ),
    "hierarchy-without-claims": odd(
        "a funnel that nothing informs", quantities={
            "tau": {"prior": "HalfNormal(sigma=1)"}, "x": {"prior": "Normal(mu=0, sigma=tau)"},
        }, targets=["x"],
    ),
    "named-distributions": odd(
        "many families by their own names", {"c": "around 0.4", "d": "2 to 3", "e": "5 to 6"},
        quantities={
            "a": {"unit": "share", "prior": "Beta(alpha=2, beta=8)"},
            "b": {"prior": "Gamma(alpha=2, beta=1)"},
            "c": {"prior": "Uniform(lower=0, upper=10)"},
            "d": {"prior": "StudentT(nu=3, mu=0, sigma=1)"},
            "e": {"prior": "Exponential(lam=1)"},
            "f": {"prior": "Laplace(mu=0, b=1)"},
            "g": {"prior": "TruncatedNormal(mu=0, sigma=1, lower=0, upper=2)"},
            "h": {"prior": "Weibull(alpha=2, beta=1)"},
            "k": {"prior": "InverseGamma(alpha=3, beta=1)"},
            "l": {"prior": "Triangular(lower=0, c=1, upper=4)"},
        },
        relations={"t": "a + b + c + d + e + f + g + h + k + l"},
        claims={"c": "a", "d": "b"}, compare={"e": "t"}, targets=["t"],
    ),
    "heavy-tails-everywhere": odd(
        "priors without a mean", {"c": "around 5", "d": "1 to 100"},
        quantities={"a": {"prior": "HalfCauchy(beta=1)"}, "b": {"prior": "Cauchy(alpha=0, beta=1)"},
                    "p": {"prior": "Pareto(alpha=0.5, m=1)"}},
        relations={"t": "a * p", "u": "b"}, claims={"c": "a"}, compare={"d": "t"},
        targets=["t", "u"],
    ),
    "all-supports": odd(
        "one quantity of each support, in one relation",
        {"a": "around 5", "b": "20 %", "c": "-2 ± 3", "d": "0.3", "e": "-10 to 10"},
        quantities={"a": {"prior": "1 to 10", "support": "positive"}, "b": SHARE, "c": REAL,
                    "d": {"prior": "0.1 to 0.9", "support": "share"}},
        relations={"t": "a * b + c * d"}, claims={"a": "a", "b": "b", "c": "c", "d": "d"},
        compare={"e": "t"}, targets=["t"],
    ),
    "stick-breaking": odd(
        "three parts of a whole", {"c": "around 30 %", "d": "12 of 40", "e": "20 to 60 %"},
        quantities={"a": SHARE, "z": SHARE},
        relations={"b": "z * (1 - a)", "rest": "(1 - z) * (1 - a)"},
        claims={"c": "a", "d": "b"}, compare={"e": "rest"}, targets=["rest", "b"],
    ),
    "every-function": odd(
        "all functions of expressions", {"c": "around 5", "d": "-2 to 40"},
        quantities={"a": UNIT, "b": REAL},
        relations={
            "t": "sqrt(a) + log(a) * exp(-a) + min(a, 3) - max(a, 2) + abs(b) + sin(a) * cos(a)",
            "u": "abs(b) ** 0.5", "v": "max(a, b)",
        },
        claims={"c": "a"}, compare={"d": "t"}, targets=["t", "u", "v"],
    ),
    "a-division-by-almost-nothing": odd(
        "a ratio that has no mean", {"c": "around 5", "d": "-1 to 1", "e": "0 ± 0.5"},
        quantities={"a": UNIT, "b": REAL}, relations={"t": "a / b"},
        claims={"c": "a", "e": "b"}, compare={"d": "t"}, targets=["t"],
    ),
    "two-answers": odd(
        "a square, so that two values fit", {"c": "25 ± 1", "d": "4 to 6"},
        quantities={"a": {"support": "real", "prior": "-10 to 10"}}, relations={"t": "a ** 2"},
        claims={"c": "t"}, compare={"d": "a"}, targets=["a"],
    ),
}  # fmt: skip

# Wordings, scales, tails, conventions ----------------------------------------------------------

WORDINGS = {
    "all-wordings": odd(
        "each kind of wording, as evidence", {
            "bare": "20,000 people", "hedged": "around 20,000 people",
            "range": "12,000 to 25,000 people", "dash": "roughly 10,000–30,000 people",
            "covered": "10,000 to 30,000 people @ 90%", "upper": "up to 100,000 people",
            "hard": "no more than 90,000 people", "lower": "at least 1,000 people",
            "vague": "tens of thousands of people", "few": "a few thousand people",
            "measured": "21,000 ± 4,000 people", "lowerthan": {
                "says": "lower than claimed", "disputes": "bare"},
            "higher": {"says": "higher than claimed", "disputes": "few"},
            "cited": "between 15,000 and 18,000 people",
        },
        quantities={"a": {"unit": "person", "prior": "1,000 to 200,000"}},
        claims=dict.fromkeys(
            ("bare", "hedged", "range", "dash", "covered", "upper", "hard", "lower", "vague", "few",
             "measured", "lowerthan", "higher"), "a"),
        compare={"cited": "a"}, targets=["a"],
    ),
    "all-comparisons": odd(
        "each kind of wording, held out", {
            "c": "20,000 people", "bare": "21,000 people", "hedged": "around 20,000 people",
            "range": "12,000 to 25,000 people", "covered": "10,000 to 30,000 people @ 90%",
            "upper": "up to 100,000 people", "hard": "no more than 90,000 people",
            "lower": "at least 1,000 people", "vague": "tens of thousands of people",
            "measured": "21,000 ± 4,000 people",
        },
        quantities={"a": {"unit": "person", "prior": "1,000 to 200,000"}}, claims={"c": "a"},
        compare=dict.fromkeys(
            ("bare", "hedged", "range", "covered", "upper", "hard", "lower", "vague", "measured"),
            "a"),
        targets=["a"],
    ),
    "compared-counts": odd(
        "a count held out, beside two directions that contradict each other",
        {"c": "around 30 %", "n": "12 of 40", "g": "rising", "f": "falling", "h": "-0.1 ± 0.2"},
        quantities={"p": SHARE, "g": {"support": "real", "prior": "-0.5 to 0.5"}},
        claims={"c": "p", "g": "g", "f": "g"}, compare={"n": "p", "h": "g"}, targets=["p", "g"],
    ),
    "disputes-in-a-chain": odd(
        "a dispute, and one the other way", {
            "c": "20 people", "d": {"says": "lower than claimed", "disputes": "c"},
            "e": {"says": "higher than claimed", "disputes": "c", "basis": "rumour"},
            "f": "1 to 9 people",
        },
        quantities={"a": {"unit": "person", "prior": "1 to 100"}},
        claims={"c": "a", "d": "a", "e": "a"}, compare={"f": "a"}, targets=["a"],
    ),
    "a-dispute-alone": odd(
        "only the denial is heard", {
            "c": "20 people", "d": {"says": "lower than claimed", "disputes": "c"},
        },
        quantities={"a": {"unit": "person", "prior": "1 to 100"}}, claims={"d": "a"},
        compare={"c": "a"}, targets=["a"],
    ),
    "every-basis": odd(
        "one figure from each kind of speaker", {
            basis: {"says": f"{number} people", "basis": basis}
            for basis, number in (
                ("register", 100), ("statistics", 120), ("expert", 90), ("hearsay", 300),
                ("rumour", 20),
            )
        } | {"cited": "80 to 130 people"},
        quantities={"a": {"unit": "person", "prior": "10 to 1000"}},
        claims=dict.fromkeys(("register", "statistics", "expert", "hearsay", "rumour"), "a"),
        compare={"cited": "a"}, targets=["a"],
    ),
    "student-t": odd(
        "heavy tails, by claim and by convention", {"c": "5", "d": "50", "e": "1 to 9"},
        quantities={"a": UNIT}, conventions={"tails": "student-t"},
        claims={"c": {"about": "a", "tails": "normal"}, "d": {"about": "a", "tails": "student-t"}},
        compare={"e": "a"}, targets=["a"],
    ),
    "scales-overridden": odd(
        "each scale, said by hand", {"c": "0.5", "d": "0.5", "e": "0.5", "f": "0.4 to 0.6"},
        quantities={"p": SHARE},
        claims={"c": {"about": "p", "scale": "log"}, "d": {"about": "p", "scale": "identity"},
                "e": {"about": "p", "scale": "logit"}},
        compare={"f": {"about": "p", "scale": "identity"}}, targets=["p"],
    ),
    "own-widths": odd(
        "sigma, narrow and wide", {
            "c": {"says": "5", "sigma": 0.001}, "d": {"says": "5", "sigma": 2},
            "e": {"says": "30 %", "sigma": 0.2}, "f": "4.9 to 5.1",
        },
        quantities={"a": UNIT, "p": SHARE}, claims={"c": "a", "d": "a", "e": "p"},
        compare={"f": "a"}, targets=["a", "p"],
    ),
    "widths-in-words": odd(
        "sigma in per cent, in points and in the unit", {
            "c": {"says": "20,000 people", "sigma": "10 %"},
            "d": {"says": "20,000 people", "sigma": "2,000 people"},
            "e": {"says": "30 %", "sigma": "2 points"}, "f": "18,000 to 25,000 people",
        },
        quantities={"a": {"unit": "person", "prior": "1,000 to 200,000"}, "p": SHARE},
        claims={"c": "a", "d": "a", "e": "p"}, compare={"f": "a"}, targets=["a", "p"],
    ),
    "conventions-overridden": odd(
        "every convention is another", {
            "c": "around 5", "d": "up to 9", "e": "a few", "f": "4 to 6",
            "g": {"says": "5", "origin": "o"}, "h": {"says": "6", "origin": "o"},
        },
        quantities={"a": UNIT},
        conventions={
            "hedge": 0.3, "soft_bound": 0.3, "hard_bound": 0.2, "direction": 0.1, "copies": 0.5,
            "tails": "student-t",
            "basis": {"expert": {"width": 0.7, "coverage": 0.5, "truth": 0.6}},
            "vague": {"a few": {"count": 4, "spread": 0.2}},
            "verdict": {"side": 0.8, "inside": 0.6, "tail": 0.25, "weight": 0.2},
        },
        claims={"c": "a", "d": "a", "e": "a", "g": "a", "h": "a"}, compare={"f": "a"},
        targets=["a"],
    ),
    "pools": odd(
        "figures admitted in each way", {
            "c": "around 5", "d": "6 to 8", "e": "2 to 3", "f": "at least 4",
        },
        quantities={"a": UNIT, "b": UNIT}, relations={"t": "a * b", "u": "a + b"},
        claims={"c": "a"},
        compare={"d": {"about": "a", "pool": "independent"},
                 "e": {"about": "b", "pool": "redundant"}, "f": "u"},
        targets=["t", "u"],
    ),
    "variants": odd(
        "choices that change everything", {
            "c": {"says": "around 5", "speaker": "A"}, "d": {"says": "12 to 20", "speaker": "B"},
            "e": "10 to 30",
        },
        quantities={"a": UNIT, "b": UNIT},
        relations={"t": {"by": "r", "x": "a * b", "y": "a + b"}},
        readings={"r": {"x": 1, "y": 1}}, claims={"c": "a", "d": "t"}, compare={"e": "t"},
        targets=["t"],
        variants={
            "tails": {"label": "Tails", "base": "normal",
                      "heavy": {"conventions": {"tails": "student-t"}}},
            "widths": {"doubled": {"widths": 2}},
            "heard": {"unheard": {"without": {"speakers": ["B"]}, "because": "not heard"}},
            "prior": {"wider": {"priors": {"a": "0.1 to 100"}}, "known": {"priors": {"b": 3}}},
            "cited": {"admitted": {"pool": "independent"}},
            "lambda": {"constructor": {"weights": {"r": {"x": 9}}}},
        },
    ),
}  # fmt: skip

# Units, currencies, ledgers --------------------------------------------------------------------

UNITS = {
    "currencies": odd(
        "rates that go through rates, and notes",
        {"c": "500 to 700 CNY/month", "d": "1,000 HKD/month", "e": "1 to 2 kUSD/year"},
        currencies={"CNY": {"rate": "1.167 HKD", "date": "2017-08", "note": "the article's"},
                    "HKD": {"rate": "0.1282 USD"}, "EUR": "1.1 USD"},
        quantities={"w": {"unit": "USD/month", "prior": "20 to 2,000"}},
        relations={"t": {"unit": "kUSD/year", "is": "w"}, "u": {"unit": "EUR/day", "is": "w"}},
        claims={"c": "w", "d": "w"}, compare={"e": "t"}, targets=["t", "u"],
    ),
    "conversions": odd(
        "units that convert over ten orders of magnitude",
        {"c": "around 10 km", "d": "5,000 m", "e": "1e9 to 1e11 µm", "f": "1 to 20 m/s"},
        quantities={"x": {"unit": "mile", "prior": "1 to 100"},
                    "t": {"unit": "week", "prior": "0.001 to 0.01"}},
        relations={"y": {"unit": "nm", "is": "x"}, "v": {"unit": "km/hour", "is": "x / t"}},
        claims={"c": "x", "d": "y"}, compare={"e": "y", "f": "v"}, targets=["v", "y"],
    ),
    "units-of-anything": odd(
        "counts of whatever there is", {"c": "around 5 pianos/household", "d": "2 to 30 pianos"},
        quantities={"p": {"unit": "piano/household", "prior": "0.5 to 50"},
                    "h": {"unit": "household", "prior": "1 to 10"}},
        relations={"t": {"unit": "piano", "is": "p * h"}}, claims={"c": "p"}, compare={"d": "t"},
        targets=["t"],
    ),
    "powers-of-units": odd(
        "areas, volumes and roots of them", {"c": "around 5 m", "d": "20 to 30 m**2"},
        quantities={"a": {"unit": "m", "prior": "1 to 10"}},
        relations={"s": {"unit": "m**2", "is": "a ** 2"}, "v": {"unit": "litre", "is": "a ** 3"},
                   "r": {"unit": "m", "is": "sqrt(s)"}},
        claims={"c": "a"}, compare={"d": "s"}, targets=["s", "v", "r"],
    ),
    "growth-between-years": odd(
        "a growth, rising, of two headcounts", {
            "c": {"says": "around 500 people", "when": "2016"},
            "d": {"says": "around 600 people", "when": "2017"},
            "e": {"says": "rising", "basis": "statistics"}, "f": "10 to 30 %",
        },
        quantities={"x": PERSON, "y": PERSON}, relations={"g": "y / x - 1"},
        claims={"c": "x", "d": "y", "e": "g"}, compare={"f": "g"}, targets=["g"],
    ),
    "many-targets": odd(
        "thirty targets", {"c": "5", "d": "4 to 7"}, quantities={"a": UNIT, "b": UNIT},
        relations={f"t{i}": f"a * {i + 1} + b" for i in range(30)}, claims={"c": "a"},
        compare={"d": "t3"}, targets=[f"t{i}" for i in range(30)],
    ),
    "many-quantities": odd(
        "a sum of thirty quantities", {f"c{i}": f"around {i + 2}" for i in range(30)}
        | {"cited": "400 to 600"},
        quantities={f"q{i}": {"prior": "1 to 100"} for i in range(30)},
        relations={"t": " + ".join(f"q{i}" for i in range(30))},
        claims={f"c{i}": f"q{i}" for i in range(30)}, compare={"cited": "t"}, targets=["t"],
    ),
    "network-of-counts": odd(
        "four trials of two arms, with a common effect", {
            f"{arm}{i}": f"{r} of {n}" for i, (arms) in enumerate(
                [((3, 39), (3, 38)), ((14, 116), (7, 114)), ((11, 93), (5, 69)),
                 ((27, 365), (28, 355))])
            for arm, (r, n) in zip("ct", arms, strict=True)
        },
        quantities={"d": {"prior": "Normal(mu=0, sigma=2)"}}
        | {f"m{i}": {"prior": "Normal(mu=0, sigma=3)"} for i in range(4)},
        claims={f"c{i}": f"1 / (1 + exp(-m{i}))" for i in range(4)}
        | {f"t{i}": f"1 / (1 + exp(-m{i} - d))" for i in range(4)}, targets=["d"],
    ),
    "counts-in-log-odds": odd(
        "counts of none and all under vague priors of log-odds",
        {"c": "0 of 40", "d": "40 of 40", "e": "3 of 39", "f": "1 to 90 %"},
        quantities={"x": {"prior": "Normal(mu=0, sigma=10)"},
                    "y": {"prior": "Normal(mu=0, sigma=10)"}},
        relations={"p": "logistic(x)", "q": "logistic(x + y)", "back": "logit(p)"},
        claims={"c": "p", "d": "q", "e": "p"}, compare={"f": "p"}, targets=["p", "y", "back"],
    ),
    "several-ledgers": Odd(
        "two ledgers, one of which disputes the other",
        {
            "evidence": ["first.yaml", "second.yaml"], "quantities": {"a": PERSON},
            "claims": {"c": "a", "e": "a"}, "compare": {"d": "a"}, "targets": ["a"],
        },
        {
            "first.yaml": {"sources": {"s": {"title": "First", "published": "2017-08"}},
                           "claims": {"c": {"source": "s", "says": "around 500 people"}}},
            "second.yaml": {
                "sources": {"z": {"title": "Second", "published": 2018, "url": "https://a.example"}},
                "claims": {"d": {"source": "z", "says": "400 to 800 people"},
                           "e": {"source": "z", "says": "lower than claimed", "disputes": "c"}},
            },
        },
    ),
    "an-empty-ledger-beside": Odd(
        "a ledger of sources alone",
        {"evidence": ["first.yaml", "second.yaml"], "quantities": {"a": UNIT},
         "claims": {"c": "a"}, "targets": ["a"]},
        {"first.yaml": {"sources": {"s": {"title": "First"}},
                        "claims": {"c": {"source": "s", "says": "around 5"}}},
         "second.yaml": {"sources": {"z": {"title": "Second"}}, "claims": {}}},
    ),
    "speakers-and-sources": odd(
        "many speakers, one of whom says everything twice", {
            f"c{i}": {"source": f"s{i % 3}", "says": f"around {4 + i}", "speaker": f"P{i % 4}",
                      "origin": f"o{i % 5}", "when": str(2010 + i)}
            for i in range(12)
        } | {"cited": {"source": "s0", "says": "6 to 9"}},
        sources={f"s{i}": {"title": f"Paper {i}", "published": f"201{i}-0{i + 1}",
                           "url": f"https://paper{i}.example"} for i in range(3)},
        quantities={"a": UNIT}, claims={f"c{i}": "a" for i in range(12)}, compare={"cited": "a"},
        targets=["a"],
    ),
    "three-figures-held-out": odd(
        "the cited figure is about something that feeds the target",
        {"c": "around 5", "d": "2 to 3", "e": "10 to 20", "f": "at most 12"},
        quantities={"a": UNIT, "b": UNIT}, relations={"t": "a * b"}, claims={"c": "a"},
        compare={"d": "b", "e": "t", "f": "t"}, targets=["t"],
    ),
    "seed-and-format": odd(
        "seed nought, the format said, a claim with everything", {
            "c": {"says": "around 5", "quote": "q", "speaker": "p", "basis": "hearsay",
                  "origin": "o", "when": "2017", "note": "n"},
        },
        format=1, seed=0, quantities={"a": UNIT}, claims={"c": {"about": "a", "note": "why"}},
        targets=["a"],
    ),
}  # fmt: skip

MODELS: Mapping[str, Odd] = {
    **FEW,
    **COPIES,
    **CONSTANTS,
    **READINGS,
    **MAGNITUDES,
    **NAMES,
    **FAMILIES,
    **WORDINGS,
    **UNITS,
}
