"""Random models, valid or not, as a stranger could write them: all that the format can say.

What is drawn is text; `estimates.load` decides what is valid, and what it refuses is drawn again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from estimates import Model, load
from estimates.errors import InputError
from estimates.language.expression import FUNCTIONS
from estimates.model.distributions import DISTRIBUTIONS

_ATTEMPTS = 200
_NUMBERS = ("0", "1", "2", "0.5", "3", "12", "0.01", "1000", "1e-9", "1e12")
_LIKELY = ("1", "2", "0.5", "3", "12")


def random_model(folder: Path, seed: int) -> Model:
    """The model of a seed; written into the folder, as `models/…` are."""
    rng = np.random.default_rng(seed)
    for _ in range(_ATTEMPTS):
        evidence, described = _Drawing(rng).model()
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (("evidence", evidence), ("model", described)):
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        try:
            return load(folder / "model.yaml")
        except InputError:
            continue
    raise AssertionError(f"no valid model among {_ATTEMPTS} drawn of seed {seed}")


class _Drawing:
    """One model being drawn."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.names: list[str] = []
        self.shares: list[str] = []
        self.reals: list[str] = []

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one(self, choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def model(self) -> tuple[dict[str, Any], dict[str, Any]]:
        quantities = {f"q{n}": self.quantity(f"q{n}") for n in range(self.rng.integers(1, 6))}
        readings: dict[str, Any] = {}
        for n in range(self.rng.choice(3, p=[0.5, 0.35, 0.15])):
            count = int(self.rng.choice([1, 2, 3, 12], p=[0.15, 0.5, 0.25, 0.1]))
            options = {f"o{k}": 1 + k for k in range(count)}
            readings[f"w{n}"] = {**({"update": False} if self.chance(0.3) else {}), **options}
        relations = {}
        for n in range(self.rng.integers(0, 5)):
            relations[f"r{n}"] = self.relation(readings)
            self.names.append(f"r{n}")
        said, claims, compared = self.claims()
        described = {
            "evidence": "evidence.yaml",
            "quantities": quantities,
            "relations": relations,
            "readings": readings,
            "claims": claims,
            "compare": compared,
            "targets": [self.one(self.names)],
        }
        if self.chance(0.2):
            described["conventions"] = {"tails": "student-t"}
        return {"sources": {"s": {"title": "S"}}, "claims": said}, {
            key: value for key, value in described.items() if value
        }

    # What there is to know ---------------------------------------------------------------------

    def quantity(self, name: str) -> dict[str, Any]:
        before = list(self.names)
        self.names.append(name)
        match self.one(["interval", "interval", "share", "real", "named", "named", "known"]):
            case "interval":
                low = float(f"{10 ** self.rng.uniform(-3, 6):.2g}")
                high = float(f"{low * 10 ** self.rng.uniform(0.1, 3):.2g}")
                return {"prior": f"{low:.10g} to {high:.10g}"}
            case "share":
                self.shares.append(name)
                low, high = sorted(self.rng.choice(98, 2, replace=False) + 1)
                return {"unit": "share", "prior": f"{low} to {high} %"}
            case "real":
                self.reals.append(name)
                middle, width = self.rng.uniform(-5, 5), self.rng.uniform(0.1, 9)
                ends = f"{middle - width:.3f} to {middle + width:.3f}"
                return {"support": "real", "prior": ends}
            case "known":
                return {"value": self.one(_NUMBERS)}
        return {"prior": self.named(before)}

    def named(self, before: list[str]) -> str:
        family = self.one(list(DISTRIBUTIONS))
        distribution = DISTRIBUTIONS[family]
        needed, optional = self.one(distribution.forms)
        given = [
            name
            for name in distribution.arguments
            if name in needed or (name in optional and self.chance(0.6))
        ]
        hierarchical = before and self.chance(0.4)
        parts = []
        for name in given:
            argument = distribution.arguments[name]
            number = {
                "lower": self.rng.uniform(-2, 0.2),
                "upper": self.rng.uniform(0.8, 4),
                "c": self.rng.uniform(0.2, 0.8),
            }.get(name, self.rng.uniform(0.1, 0.9) if argument.high == 1.0 else
                  self.rng.uniform(0.3, 4) if argument.low == 0.0 else
                  self.rng.normal(0, 2))  # fmt: skip
            text = f"{number:.3g}"
            if hierarchical and self.chance(0.6):
                other = self.one(before)
                text = self.one([other, f"{text} * {other}", f"exp({other} / 9)", f"{other} ** 2"])
            parts.append(f"{name}={text}")
        return f"{family}({', '.join(parts)})"

    def expression(self, depth: int) -> str:
        if depth == 0 or self.chance(0.2):
            return self.one(self.names) if self.chance(0.8) else self.one(_NUMBERS)
        match self.one(["binary", "binary", "power", "call", "undo", "many"]):
            case "binary":
                sign = self.one(["+", "-", "*", "/"])
                return f"({self.expression(depth - 1)} {sign} {self.expression(depth - 1)})"
            case "power":
                power = self.one(["2", "3", "0.5", "-1", "0", "-2", "1.5", "(1 / 3)", "20"])
                power = self.one(self.names) if self.chance(0.15) else power
                return f"({self.expression(depth - 1)}) ** {power}"
            case "call":
                function = self.one([name for name, (fewest, _) in FUNCTIONS.items()
                                     if fewest == 1])  # fmt: skip
                return f"{function}({self.expression(depth - 1)})"
            case "undo":  # what rewriting may see through
                x, y = self.one(self.names), self.expression(depth - 1)
                return self.one([f"exp(log({x}))", f"log(exp({x}))", f"sqrt({x} ** 2)",
                                 f"sqrt({x}) ** 2", f"({x} + {y}) - {y}", f"{x} * {y} / {y}",
                                 f"{x} - {x}", f"{x} / {x}", f"1 / (1 / {x})", f"--{x}",
                                 f"abs(abs({x}))", f"max({x}, {x})", f"0 * {x}", f"{x} ** 1",
                                 f"exp({x}) / (1 + exp({x}))", f"1 / (1 + exp(-{x}))",
                                 f"log(1 + exp({x}))", f"log({x} / (1 - {x}))",
                                 f"min(max({x}, 0), 1)", f"log({x} * {x})"])  # fmt: skip
        count = self.rng.integers(2, 5)
        inner = ", ".join(self.expression(depth - 1) for _ in range(count))
        return f"{self.one(['min', 'max'])}({inner})"

    def relation(self, readings: dict[str, Any]) -> Any:
        if not readings or self.chance(0.4):
            return self.expression(int(self.rng.integers(1, 4)))
        name = self.one(list(readings))
        options = [key for key in readings[name] if key != "update"]
        branches: dict[str, Any] = {"by": name}
        base = self.expression(1)
        for number, option in enumerate(options):
            branches[option] = self.one([
                base, f"2 * {base}", self.expression(int(self.rng.integers(1, 3))),
                self.one(self.names),
            ])  # fmt: skip
            if number and "update" in readings[name] and self.chance(0.2):
                branches[option] = "nothing"
        return branches

    # What was said -----------------------------------------------------------------------------

    def claims(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        said: dict[str, Any] = {}
        used: dict[str, Any] = {}
        compared: dict[str, Any] = {}
        for _ in range(self.rng.integers(0, 5)):
            count = 1 if self.chance(0.6) else int(self.rng.integers(2, 5))
            kind = self.one(["bare", "around", "range", "stated", "upper", "upto", "lower",
                             "measured", "count", "vague", "direction", "disputed"])  # fmt: skip
            about = self.about()
            for _ in range(count):
                key = f"c{len(said)}"
                claim, use = self.claim(kind, about if self.chance(0.5) else self.about(), said)
                said[key] = claim
                (compared if self.chance(0.1) else used)[key] = use
        return said, used, compared

    def about(self) -> str:
        return self.one(self.names) if self.chance(0.6) else self.expression(1)

    def claim(self, kind: str, about: str, said: dict[str, Any]) -> tuple[Any, Any]:
        low = float(f"{10 ** self.rng.uniform(-2, 3):.2g}")
        high = float(f"{low * self.rng.uniform(1.1, 4):.3g}")
        n = int(self.rng.integers(1, 200))
        says = {
            "bare": f"{low:.10g}",
            "around": f"around {low:.10g}",
            "range": f"{low:.10g} to {high:.10g}",
            "stated": f"{low:.10g} to {high:.10g} @ 90%",
            "upper": f"at most {high:.10g}",
            "upto": f"up to {high:.10g}",
            "lower": f"at least {low:.10g}",
            "measured": f"{self.rng.normal(0, 5):.3f} ± {self.rng.uniform(0.1, 5):.3f}",
            "count": f"{self.rng.integers(0, n + 1)} of {n}",
            "vague": self.one(["a few", "several", "dozens", "several hundred", "thousands"]),
            "direction": self.one(["rising", "falling"]),
            "disputed": "lower than claimed",
        }[kind]
        claim: dict[str, Any] = {"source": "s", "says": says}
        claim["basis"] = self.one(["register", "statistics", "expert", "hearsay", "rumour"])
        if kind == "count" and self.shares and self.chance(0.8):
            about = self.one(self.shares)
        if kind == "disputed":
            disputed = [key for key, one in said.items() if "than" not in one["says"]]
            claim |= {"disputes": self.one(disputed)} if disputed else {"says": "around 3"}
        elif self.chance(0.2):
            claim["origin"] = self.one(["one", "two"])
        use: dict[str, Any] = {"about": about}
        if self.chance(0.15):
            use["scale"] = self.one(["log", "identity", "logit"])
        if self.chance(0.15):
            use["tails"] = "student-t"
        return claim, use
