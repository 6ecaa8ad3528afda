"""How the numbers of sentences and of mixed tables came about: a card for each kind of them.

A number of a quantity has that quantity's card. What is said of the comparison, of the weights
and by each question of the workbench follows from many draws or many fits; its card says from
which, by which command, and which claims stand behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from estimates.report.html.content import Gathered, Link, anchor, comparison
from estimates.report.html.prose import cited_range
from estimates.report.html.provenance import QuantityCard

#: `118`, `20,800`, `0.7`, `−0.25`, `<0.01`, `100–200`, `57 %`: not a digit within a word.
_ONE = r"[−<>]?\d[\d,]*(?:\.\d+)?(?:e[-−]?\d+|×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?<!,)"
_NUMBER = rf"(?<![\w.,]){_ONE}(?:–{_ONE})?(?:\s%)?(?![\w])"


@dataclass(frozen=True)
class Trace:
    """A card about a kind of number.

    Attributes
    ----------
    id : of the card in the page
    title : what the numbers are
    how : how they came about, in a sentence or two
    command : prints the same numbers
    about : links to the cards of what they speak of
    behind : links to the claims that they rest on
    """

    id: str
    title: str
    how: str
    command: str
    about: tuple[Link, ...]
    behind: tuple[Link, ...]


_HOW: Mapping[str, tuple[str, str, str]] = {
    "answer": (
        "The answer over all readings",
        "Median and quantiles of the draws of the joint posterior, those of each reading counted "
        "by its weight after the claims.",
        "fit",
    ),
    "weights": (
        "Weights of the readings",
        "The weight that the model states, times the evidence: how probable the claims are under "
        "the reading, found by bridge sampling. A reading about which the claims are not asked "
        "keeps its stated weight.",
        "fit",
    ),
    "supposed": (
        "The answer as supposed",
        "The draws of this fit weighed anew in the page; without a claim, quantiles of a fit made "
        "without it, or where claims are many of these draws weighed anew.",
        "whatif",
    ),
    "sensitivity": (
        "What carries the answer",
        "Shares of variance are of the answer’s logarithm where it is positive: between readings "
        "by the law of total variance, the rest from the draws. The answer without a claim is "
        "the median of an exact refit; of a panel, and where claims are many, that of the draws "
        "weighed anew.",
        "sensitivity",
    ),
    "conflict": (
        "Conflict",
        "The probability that what one piece of evidence says of a quantity lies as far from what "
        "all the others say of it, adjusted for the number of comparisons by Holm’s method.",
        "conflict",
    ),
    "inverse": (
        "What would have to be true",
        "The values of greatest joint density of priors and claims among all that lead into the "
        "range, beside those of greatest density without that condition.",
        "inverse",
    ),
    "voi": (
        "What to find out next",
        "The expected share of the answer’s variance that knowing a fact would remove, and the "
        "chance of choosing the wrong side of the cited figure before and after, by regression "
        "of the draws on the fact.",
        "voi",
    ),
}


def traces(found: Gathered, quantities: Sequence[QuantityCard]) -> Iterator[Trace]:
    """Yield the cards of all kinds of number on the page, given those of the quantities."""
    headline = next((q for q in quantities if q.name == found.target), None)
    own = (headline.link,) if headline else ()
    behind = (*headline.claims, *headline.behind) if headline else ()
    every = tuple(Link.to_claim(claim.claim) for claim in found.account.evidence)
    evidence = tuple(one for one in every if one in behind) or every
    for name, (title, how, command) in _HOW.items():
        if name in ("sensitivity", "conflict", "inverse", "voi") and name not in found.analyses:
            continue
        yield Trace(
            anchor("trace", name),
            title,
            how,
            f"estimates {command} {found.account.model}",
            () if name == "conflict" else own,
            every if name in ("conflict", "weights") else evidence,
        )
    for row in found.cited:
        yield Trace(
            comparison(row.claim),
            f"Beside the cited {cited_range(row, found)}",
            "The share of the draws of the answer below, inside and above the cited figure, which "
            "was held out: it has moved neither the draws nor the weights.",
            f"estimates compare {found.account.model}",
            (Link.to_claim(row.claim), *own),
            evidence,
        )


def linker(quantities: Iterable[Link]) -> Callable[[str, str], Markup]:
    """Return a function that makes each number in a sentence lead to a card.

    What a quantity is called leads to the quantity's own card, where it is more than a word.
    """
    cards = {q.name: q.id for q in quantities if " " in q.name}
    longest = sorted(cards, key=len, reverse=True)
    labels = "|".join(rf"(?<!\w){re.escape(label)}(?!\w)" for label in longest)
    pattern = re.compile(f"({labels})|({_NUMBER})" if labels else f"(?!)()|({_NUMBER})")

    def linked(sentence: str, card: str) -> Markup:
        parts, end = Markup(), 0
        for found in pattern.finditer(sentence):
            label, number = found.groups()
            address = cards[label] if label else card
            kind = "name" if label else "number"
            parts += escape(sentence[end : found.start()])
            parts += Markup('<a class="{}" href="#{}">{}</a>').format(
                kind, address, label or number
            )
            end = found.end()
        return parts + escape(sentence[end:])

    return linked
