"""What a model says of everyday wordings: refusals, warnings, a minus in front."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.truth.building import build

from estimates.cli import app
from estimates.errors import InputError
from estimates.model import Model
from estimates.model.io import load_json

GOLD = {"unit": "kg", "label": "gold smuggled", "prior": "100 to 10,000"}
RISK = {"prior": "0.1 to 10"}


def made(folder: Path, says: str, quantity: dict[str, str], **use: str) -> Model:
    return build(
        folder / "m",
        quantities={"q": quantity},
        says={"c": says},
        claims={"c": {"about": "q", **use}},
    )


def refusal(folder: Path, says: str, quantity: dict[str, str]) -> str:
    with pytest.raises(InputError) as caught:
        made(folder, says, quantity)
    return str(caught.value)


def test_an_ounce_of_gold_asks_which(tmp_path: Path) -> None:
    said = refusal(tmp_path, "100 ounces", GOLD)
    assert "'troy ounces'" in said
    assert "'avoirdupois_ounces'" in said
    made(tmp_path, "100 troy ounces", GOLD)
    made(tmp_path, "100 avoirdupois_ounces", GOLD)
    made(tmp_path, "100 ounces", GOLD | {"label": "flour"})


def test_events_are_about_a_rate_that_is_never_negative(tmp_path: Path) -> None:
    says = "31 events in 2,400 person-years"
    rate = {"unit": "1/person/year", "prior": "0.001 to 1"}
    assert made(tmp_path, says, rate).uses[0].unit == "1/person/year"
    assert "per person per year" in refusal(tmp_path, says, rate | {"unit": "person"})
    real = rate | {"prior": "-1 to 1", "support": "real"}
    assert "can be negative" in refusal(tmp_path, says, real)


def test_an_interval_off_the_middle_names_the_scale_where_it_is_not(tmp_path: Path) -> None:
    (warning,) = made(tmp_path, "0.75 (95% CI 0.45 to 1.05)", RISK).warnings
    assert "add `scale: identity`" in warning.message
    assert made(tmp_path, "0.75 (95% CI 0.45 to 1.05)", RISK, scale="identity").warnings == ()
    assert made(tmp_path, "0.72 (95% CI 0.55 to 0.94)", RISK).warnings == ()
    (lopsided,) = made(tmp_path, "0.90 (95% CI 0.55 to 0.95)", RISK).warnings
    assert "`X +a -b`" in lopsided.message


def test_an_interval_that_leaves_its_scale_asks_for_another(tmp_path: Path) -> None:
    said = refusal(tmp_path, "0.3 (95% CI -0.1 to 0.7)", RISK)
    assert "`scale: identity`" in said


def test_a_hedge_before_an_interval_is_ignored_with_a_notice(tmp_path: Path) -> None:
    (warning,) = made(tmp_path, "about 0.72 (95% CI 0.55 to 0.94)", RISK).warnings
    assert "hedge" in warning.message


@pytest.mark.parametrize("says", ["0.72 (95% CI 0.55 to 0.94)", "3 +1 -2", "3 events in 20 years"])
def test_what_states_its_error_takes_no_width(tmp_path: Path, says: str) -> None:
    quantity = RISK if "events" not in says else {"unit": "1/year", "prior": "0.1 to 10"}
    with pytest.raises(InputError, match="leave `sigma:` out"):
        build(
            tmp_path / "m",
            quantities={"q": quantity},
            says={"c": {"says": says, "sigma": 0.2}},
            claims={"c": "q"},
        )


@pytest.mark.parametrize("text", ["-1 to 1", "-3 +/- 16", "-0.2", "-$5", "-.5 to 1 %"])
def test_a_wording_that_begins_with_a_minus_is_no_option(text: str) -> None:
    result = CliRunner().invoke(app, ["explain", text, "--json"])
    assert result.exit_code == 0, result.output
    assert f'"text": "{text}"' in result.stdout
    disputed = ["explain", "lower than claimed", "--disputes", text]
    assert CliRunner().invoke(app, disputed).exit_code == 0


def test_so_many_per_100_000_people_are_a_share(tmp_path: Path) -> None:
    """However they are counted; a model read back from its fit, with plain wordings, agrees."""
    risk = {"unit": "share", "prior": "0.01 to 1 %"}
    for number, says in enumerate(
        ("120 deaths per 100,000 population", "120 deaths per 100,000 people",
         "120 deaths per 100,000", "120 per 100,000", "120 per 100,000 live births",
         "120 deaths per 100,000 live births")
    ):  # fmt: skip
        model = made(tmp_path / str(number), says, risk)
        (use,) = model.uses
        assert use.unit == ""
        assert use.scale == "logit"
        assert load_json(model.to_json(), "m").uses[0].unit == ""
    rate = {"unit": "death/person", "prior": "0.0001 to 0.01"}
    assert made(tmp_path / "rate", "120 deaths per 100,000 population", rate)
    assert "coffee per person where a plain number" in refusal(tmp_path, "3 coffees/person", risk)
    said = refusal(tmp_path / "kg", "0.2 kg/person", risk)
    assert "where a plain number is needed" in said
