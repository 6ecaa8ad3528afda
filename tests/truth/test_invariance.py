"""The headline model in other units and under other names: the same answers, within error.

One copy counts in thousands, pays in yuan by the year and is quoted so; the other renames
everything and turns every order around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import yaml
from numpy.typing import NDArray

from estimates import compare, fit

from .building import drawn, save
from .tolerance import PROBABILITIES, chance, near, statistic

Array = NDArray[np.float64]
MODELS = Path(__file__).parents[2] / "models"
RATE = 0.1493  # dollars for a yuan


def texts() -> tuple[dict[str, Any], dict[str, Any]]:
    """Ledger and model of the headline, the ledger cut down to what the model uses."""
    ledger = yaml.safe_load((MODELS / "scmp-2017" / "evidence.yaml").read_text("utf-8"))
    model = yaml.safe_load((MODELS / "scmp-2017-headline" / "model.yaml").read_text("utf-8"))
    used = [*model["claims"], *model["compare"]]
    ledger["claims"] = {claim: ledger["claims"][claim] for claim in used}
    return ledger, {**model, "evidence": "evidence.yaml"}


def in_other_units() -> tuple[dict[str, Any], dict[str, Any]]:
    ledger, model = texts()
    model["currencies"] = {"CNY": f"{RATE} USD"}
    quantities, relations = model["quantities"], model["relations"]
    quantities["workers_china"] |= {"prior": "1.4 to 200 thousand"}
    quantities["workers_russia"] |= {"prior": "4.2 thousand to 590 thousand persons"}
    low, high = (number * 12 / RATE for number in (68, 1_113))
    quantities["gross_wage"] |= {"unit": "CNY/person/year", "prior": f"{low!r} to {high!r}"}
    quantities["skim"] |= {"prior": "0.24 to 0.94"}
    relations["take_home_wage"]["unit"] = "CNY/person/day"
    relations["take_per_worker"]["unit"] = "kUSD/person/year"
    relations["revenue"]["unit"] = "CNY/month"
    claims = ledger["claims"]
    claims["workers-in-northeast-china"]["says"] = "around 20 thousand people"
    claims["workers-in-eastern-russia"]["says"] = "around 0.1 million people"
    low, high = (number * 12 / RATE for number in (120, 150))
    claims["wages"]["says"] = f"around {low!r} to {high!r} CNY/person/year"
    claims["skim"]["says"] = "0.7 to 0.8"
    claims["cited-revenue"]["says"] = "0.1 to 0.2 billion USD/year"
    return ledger, model


#: What the quantities of that copy must be multiplied by.
FACTORS = {
    "gross_wage": RATE / 12,
    "take_home_wage": RATE * 365.25 / 12,
    "take_per_worker": 1e3 / 12,
    "workers": 1.0,
    "revenue": 12 * RATE / 1e6,
}

OTHER_NAMES = {
    "workers_china": "zhongguo",
    "workers_russia": "rossiya",
    "gross_wage": "wage_bill",
    "skim": "a_cut",
    "take_home_wage": "pocketed",
    "quoted_wage": "the_figure",
    "take_per_worker": "levy",
    "workers": "all_hands",
    "revenue": "haul",
}
#: Readings and their options.
OTHER_PHRASES = {
    "wage": ("pay", {"gross": "whole", "net": "rest"}),
    "revenue": ("sum", {"share": "part", "payroll": "everything"}),
    "scope": ("who", {"china": "near", "china_and_russia": "far_and_near"}),
}


def under_other_names() -> tuple[dict[str, Any], dict[str, Any]]:
    ledger, model = texts()
    model.pop("variants", None)  # other questions, about the same names

    def renamed(expression: Any) -> Any:
        return re.sub(r"[a-z]\w*", lambda m: OTHER_NAMES.get(m[0], m[0]), expression)

    def relation(entry: Mapping[str, Any]) -> dict[str, Any]:
        by = entry.get("by")
        phrase, options = OTHER_PHRASES.get(by, ("", {}))
        found = {
            options.get(key, key): renamed(value) if key in options or key == "is" else value
            for key, value in entry.items()
        }
        return found | ({"by": phrase} if by else {})

    def claim(name: str) -> str:
        return "c-" + name[::-1]

    model["quantities"] = turned(model["quantities"], OTHER_NAMES.get)
    model["relations"] = turned(
        {name: relation(entry) for name, entry in model["relations"].items()}, OTHER_NAMES.get
    )
    model["readings"] = {
        phrase: turned(model["readings"][old], lambda key, o=options: o.get(key, key))
        for old, (phrase, options) in reversed(OTHER_PHRASES.items())
    }
    for part in ("claims", "compare"):
        model[part] = turned({k: renamed(v) for k, v in model[part].items()}, claim)
    model["targets"] = [renamed(target) for target in model["targets"]]
    ledger["claims"] = turned(ledger["claims"], claim)
    return ledger, model


def turned(entries: Mapping[str, Any], name: Callable[[str], Any]) -> dict[str, Any]:
    """The entries under other names, the last first."""
    return {name(key): value for key, value in reversed(entries.items())}


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    return fit(save(tmp_path_factory.mktemp("converted"), *in_other_units()))


@pytest.fixture(scope="module")
def relabelled(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    return fit(save(tmp_path_factory.mktemp("relabelled"), *under_other_names()))


def same(what: str, one: Array, other: Array) -> None:
    """Two samples of one distribution, from two runs."""
    for name in PROBABILITIES:
        near(f"{what}, {name}", *statistic(one, name), *statistic(other, name))


@pytest.mark.parametrize("name", FACTORS)
def test_units_do_not_matter(headline: xr.DataTree, converted: xr.DataTree, name: str) -> None:
    for number in range(8):
        there = drawn(converted, name, number) * FACTORS[name]
        same(f"{name} of reading {number}", drawn(headline, name, number), there)


@pytest.mark.parametrize("copy", ["converted", "relabelled"])
def test_neither_matters_to_the_evidence(
    headline: xr.DataTree, copy: str, request: pytest.FixtureRequest
) -> None:
    one, other = headline["readings"], request.getfixturevalue(copy)["readings"]
    match = [places(other).index(place) for place in places(headline["readings"])]
    for here, there in enumerate(match):
        found = [
            (float(tree["log_evidence"][i]), float(tree["log_evidence_se"][i]))
            for tree, i in ((one, here), (other, there))
        ]
        near("log evidence", *found[0], *found[1])
        assert float(one["posterior"][here]) == pytest.approx(float(other["posterior"][there]))


def places(readings: xr.DataTree) -> list[tuple[str, ...]]:
    """The options of each reading, by their original names."""
    found = []
    for old, (phrase, options) in OTHER_PHRASES.items():
        back = {new: name for name, new in options.items()}
        axis = f"axis_{old}" if f"axis_{old}" in readings.coords else f"axis_{phrase}"
        found.append([back.get(str(o), str(o)) for o in readings.coords[axis].values])
    return list(zip(*found, strict=True))


def test_units_do_not_matter_to_the_comparison(
    headline: xr.DataTree, converted: xr.DataTree
) -> None:
    """The cited figure is in billions there, the answer is set beside it in those."""
    one, other = (compare(tree).document["comparisons"] for tree in (headline, converted))
    for number in range(8):
        draws = drawn(headline, "revenue", number)
        near("P(below)", one[number]["below"], 2 * chance(draws < 100)[1], other[number]["below"])
        near("P(above)", one[number]["above"], 2 * chance(draws > 200)[1], other[number]["above"])
        assert one[number]["verdict"] == other[number]["verdict"]
        assert one[number]["low"] == pytest.approx(other[number]["low"] * unit(other[number]))
    assert one[8]["verdict"] == other[8]["verdict"] == "divided"


def unit(entry: Mapping[str, Any]) -> float:
    """MUSD/year in the unit of an entry: the billion may be kept as a multiplier or not."""
    return {"USD/year": 1e-6, "MUSD/year": 1.0, "GUSD/year": 1e3}[entry["unit"]]


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_names_and_order_do_not_matter(
    headline: xr.DataTree, relabelled: xr.DataTree, name: str
) -> None:
    order = places(relabelled["readings"])
    for number, place in enumerate(places(headline["readings"])):
        there = drawn(relabelled, OTHER_NAMES[name], order.index(place))
        same(f"{name} under {place}", drawn(headline, name, number), there)
