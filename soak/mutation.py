"""Inputs made of others: models as trees and as texts, wordings as words."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

#: What a scalar may become: numbers, wordings, priors, units, names, and what is none of these.
SCALARS = (
    *("0", "1", "-1", "1e-30", "1e30", "1e400", "nan", "inf", "0.5", "75 %", "100 %", "0 %"),
    *("1 to 10", "10 to 1", "1 to 1", "-1 to 1", "0 to 1", "1e-300 to 1e300", "5 to 95 % @ 80%"),
    *("around 5", "up to 3", "at least 2", "a few", "dozens of people", "12 of 40", "0 of 5"),
    *("5 ± 1", "0 ± 1", "rising", "falling", "lower than claimed", "higher than claimed"),
    *("4 to 5 @ 0.001%", "4 to 6 @ 99.9999999%", "-3 +/- 16", "5 @ 50%", "~ 7", "1.200 people"),
    *("person", "USD/person/month", "share", "%", "km**12", "m/s", "1/m", "person*person", "°C"),
    *("Normal(mu=0, sigma=1)", "HalfCauchy(beta=5)", "Beta(alpha=2, beta=5)", "Flat()"),
    *("Normal(mu=a, sigma=b)", "Uniform(lower=0, upper=1)", "StudentT(nu=1, mu=0, sigma=1)"),
    *("a", "b", "t", "a + b", "a * b", "a / b", "a - a", "a ** 2", "log(a)", "exp(a)", "1 / a"),
    *("sqrt(a)", "min(a, b)", "max(a, 0)", "abs(a)", "sin(a)", "a ** b", "-a", "((a))", "2 * 3"),
    *("nothing", "real", "positive", "log", "logit", "identity", "student-t", "normal"),
    *("register", "rumour", "independent", "redundant", "held-out", "true", "false", "null", ""),
    *("__proto__", "constructor", "lambda", "노동자", "\u202e", "x" * 300, "[]", "{}", "&a", "*a"),
)
WORDS = (
    *("around", "about", "some", "nearly", "~", "up to", "at most", "no more than", "at least"),
    *("more than", "over", "between", "and", "to", "–", "-", "of", "a few", "several", "dozens"),
    *(
        "hundreds of",
        "tens of thousands of",
        "thousand",
        "million",
        "bn",
        "%",
        "people",
        "±",
        "+/-",
    ),
    *("@", "90%", "0", "1", "20,000", "1.2e6", "-3", "12", "40", "0.5", "1e400", "1_000", "1,00"),
    *("USD/person/month", "km/s/Mpc", "per month", "a day", "rising", "falling", "than claimed"),
    *("lower", "higher", "$", "€", "US$100", "half", "a third", "twenty", "95% CI", "(", ")", "."),
    *("events in", "per 100,000", "k", "m", "20k", "€4.8bn", "a million", "well over", "almost"),
)


def mutated_tree(tree: Any, others: Sequence[Any], random: Random) -> Any:
    """A copy with one to four places changed: replaced, removed, doubled, or taken from another."""
    tree = copy.deepcopy(tree)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        places = list(_places(tree))
        if not places:
            return tree
        holder, key = random.choice(places)
        change = random.random()
        if change < 0.5:
            holder[key] = _scalar(holder[key], random)
        elif change < 0.7:
            found = [h[k] for h, k in _places(random.choice(others)) if k == key]
            if found:
                holder[key] = copy.deepcopy(random.choice(found))
        elif change < 0.85:
            del holder[key]
        elif isinstance(holder, dict):
            name = random.choice(SCALARS) if random.random() < 0.3 else f"{key}x"
            holder[name] = copy.deepcopy(holder[key])
        else:
            holder.append(copy.deepcopy(holder[key]))
    return tree


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every value below a node, as the mapping or list that holds it and its key there."""
    found: list[tuple[Any, Any]] = []
    keys: Any = node.keys() if isinstance(node, dict) else range(len(node))
    if not isinstance(node, dict | list):
        return found
    for key in list(keys):
        found.append((node, key))
        if isinstance(node[key], dict | list):
            found += _places(node[key])
    return found


def _scalar(old: Any, random: Random) -> Any:
    if isinstance(old, str) and random.random() < 0.4:
        return mutated_text(old, [], random)
    return random.choice(SCALARS)


def mutated_text(text: str, others: Sequence[str], random: Random) -> str:
    """A copy with a piece cut out, doubled, moved, replaced or put in."""
    start = random.randint(0, len(text))
    end = min(len(text), start + random.choice((0, 1, 1, 2, 5, 20)))
    changes: Sequence[Callable[[], str]] = (
        lambda: "",
        lambda: text[start:end] * 2,
        lambda: random.choice(SCALARS),
        lambda: random.choice(WORDS),
        lambda: chr(
            random.choice((0, 8, 9, 10, 27, 32, 34, 35, 39, 45, 58, 91, 123, 8238, 128512))
        ),
        lambda: _piece(random.choice(others), random) if others else text[start:end],
    )
    return text[:start] + random.choice(changes)() + text[end:]


def _piece(text: str, random: Random) -> str:
    start = random.randint(0, len(text))
    return text[start : start + random.randint(1, 40)]


def mutated_wording(text: str, random: Random) -> str:
    """Words put in, taken out, or put elsewhere."""
    words = text.split(" ")
    for _ in range(random.choice((1, 1, 2, 3))):
        at = random.randint(0, len(words))
        change = random.random()
        if change < 0.5:
            words.insert(at, random.choice(WORDS))
        elif change < 0.7 and words:
            del words[min(at, len(words) - 1)]
        elif change < 0.8 and words:
            random.shuffle(words)
        else:
            words = mutated_text(" ".join(words), [], random).split(" ")
    return " ".join(words)
