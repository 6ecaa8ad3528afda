"""Large ledgers, made up here: what commands on them take, each in a process of its own.

The aims are absolute: seconds of a machine of two cores that does nothing else.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.pieces import WHOLE


class Timed(Protocol):
    """One process: how long it took, all its threads together, and until its first line."""

    seconds: float
    cpu: float
    answered: float


#: Runs `estimates` with these words, with compiled code and results kept from command to command.
type Run = Callable[..., Timed]


@dataclass(frozen=True)
class Command:
    """A command whose time has an aim.

    Attributes
    ----------
    name : of its row
    words : of the command
    aim : seconds
    """

    name: str
    words: tuple[str, ...]
    aim: float


#: The row that also has the seconds to its answer, which stands there before its figure is drawn.
WHAT_IF = f"whatif, {WHOLE}, a new value"

#: In this order: one finds what those before it kept.
COMMANDS = (
    Command("report, 200 claims about 40 quantities", ("report", "large-200"), 60),
    Command("the same report again", ("report", "large-200"), 3),
    Command("conflict, a network of 50 contrasts", ("conflict", "network-50"), 60),
    Command("fit, 500 claims about 100 quantities", ("fit", "large-500"), 15),
    Command("sensitivity, 500 claims about 100 quantities", ("sensitivity", "large-500"), 90),
    Command("report, a panel of countries by years", ("report", "nk-workers-abroad"), 60),
    Command(f"fit, {WHOLE}", ("fit", WHOLE), 15),
    Command(WHAT_IF, ("whatif", WHOLE, "--set", "skim=67%"), 3),
)


def write_models(root: Path) -> None:
    """Write the made-up models below a root."""
    _quantities(root, "large-200", 200, 40)
    _quantities(root, "large-500", 500, 100)
    _network(root, "network-50", 50)


def measured(root: Path, run: Run) -> dict[str, dict[str, float]]:
    """Return by command its seconds, those of all processors, and until its first line."""
    write_models(root)
    found = {}
    for one in COMMANDS:
        took = run(*one.words)
        seconds = {"seconds": took.seconds, "cpu": took.cpu, "answered": took.answered}
        found[one.name] = {**seconds, "aim": one.aim}
    return found


def _write(folder: Path, claims: dict[str, str], quantities: str, rest: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sources = "".join(f'  s{i}: {{title: "Report {i}"}}\n' for i in range(len(claims)))
    said = "".join(
        f'  {name}: {{source: s{i}, quote: q, says: "{says}"}}\n'
        for i, (name, says) in enumerate(claims.items())
    )
    (folder / "evidence.yaml").write_text(f"sources:\n{sources}claims:\n{said}")
    (folder / "model.yaml").write_text(
        f"format: 1\ntitle: Large\nevidence: evidence.yaml\nquantities:\n{quantities}{rest}"
    )


def _quantities(root: Path, slug: str, count: int, kinds: int) -> None:
    """Claims of every kind of wording, some far out, about quantities and what they add up to."""
    rng = random.Random(count)
    names = [f"q{k}" for k in range(kinds)]
    size = {name: 10 ** rng.uniform(1.5, 4.5) for name in names}
    wordings = ("around {0:,} people", "{0:,} people", "at least {1:,} people",
                "up to {2:,} people", "between {1:,} and {2:,} people")  # fmt: skip
    claims = {}
    for i in range(count):
        said = size[names[i % kinds]] * math.exp(rng.gauss(0, 0.9 if i % 25 == 0 else 0.25))
        low, high = 0.8 * said, 1.3 * said
        numbers = [round(x, 1 - int(math.log10(x))) for x in (said, low, high)]
        claims[f"c{i}"] = wordings[i // kinds % 5].format(*map(int, numbers))
    _write(
        root / "models" / slug,
        claims,
        "".join(f'  {name}: {{unit: person, prior: "10 to 100,000"}}\n' for name in names),
        f"relations:\n  total: {' + '.join(names)}\nclaims:\n"
        + "".join(f"  c{i}: {names[i % kinds]}\n" for i in range(count))
        + "targets: [total]\n",
    )


def _network(root: Path, slug: str, count: int) -> None:
    """Contrasts of eight treatments, as a network meta-analysis has them."""
    rng = random.Random(count)
    treatments = "abcdefgh"
    effect = {t: rng.gauss(0, 0.4) for t in treatments} | {"a": 0.0}
    pairs = [("a", t) for t in treatments[1:]] + list(itertools.pairwise(treatments[1:]))
    claims, about = {}, ""
    for i in range(count):
        one, other = pairs[i % len(pairs)]
        error = rng.uniform(0.1, 0.35)
        value = effect[other] - effect[one] + rng.gauss(0, math.hypot(error, 0.12))
        claims[f"t{i}"] = f"{value:.3f} ± {error:.3f}"
        about += f"  t{i}: d_{other}{'' if one == 'a' else f' - d_{one}'}\n"
    priors = "".join(f'  d_{t}: {{prior: "Normal(0, 2)", support: real}}\n' for t in treatments[1:])
    _write(root / "models" / slug, claims, priors, f"claims:\n{about}targets: [d_b]\n")
