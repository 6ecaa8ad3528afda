"""A newcomer's mistakes, made one at a time in what `estimates new` gives them.

Each is answered by one sentence with the file, the line and what was probably meant.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from estimates.cli import app
from estimates.model.scaffold import new_estimate

# what was done: (file, what stands in it, what is written instead, line, what is said)
MISTAKES = {
    "tab indentation": (
        "model",
        "    unit: person/day",
        "\tunit: person/day",
        16,
        "indent with spaces instead of tabs",
    ),
    "missing colon": (
        "model",
        "    unit: person/day ",
        "    unit person/day ",
        16,
        "a colon is missing after 'unit': write `unit: person/day`",
    ),
    "missing colon at section": (
        "model",
        "quantities:\n",
        "quantities\n",
        14,
        "write `quantities:`",
    ),
    "missing colon top": (
        "model",
        "title: Coffees",
        "title Coffees",
        7,
        "a colon is missing after 'title'",
    ),
    "no space after colon top": (
        "evidence",
        "says: 31 of 50",
        "says:31 of 50",
        27,
        "write `says: 31 of 50`",
    ),
    "missing per day": (
        "evidence",
        "says: around 300 people/day",
        "says: around 300 people",
        36,
        "person where person per day is needed; it says 'around 300 people' (evidence.yaml:21)",
    ),
    "misspelt unit": (
        "evidence",
        "says: around 300 people/day",
        "says: around 300 poeple/day",
        21,
        "did you mean 'people'?",
    ),
    "unquoted %": (
        "model",
        "prior: 20 to 95 %",
        "prior: %20 to 95",
        23,
        "write the sign after the number, as in 20 to 95 %",
    ),
    "misspelt quantity in relation": (
        "model",
        "is: guests *",
        "is: guest *",
        32,
        "unknown quantity 'guest' in relation 'coffees'; did you mean 'guests'?",
    ),
    "misspelt quantity in claims": (
        "model",
        "had-coffee: coffee_drinkers",
        "had-coffee: coffee_drinker",
        37,
        "did you mean 'coffee_drinkers'?",
    ),
    "misspelt claim": (
        "model",
        "  had-coffee: coffee",
        "  had-cofee: coffee",
        37,
        "did you mean 'had-coffee'?",
    ),
    "percent without sign": (
        "model",
        "prior: 20 to 95 %",
        "prior: 20 to 95",
        23,
        "for percentages write `20 to 95 %`",
    ),
    "claim percent without sign": (
        "evidence",
        "says: 31 of 50",
        "says: 62",
        27,
        "for a percentage write `62 %`",
    ),
    "range reversed": (
        "evidence",
        "between 500 and 700 coffees/day\n    basis",
        "between 700 and 500 coffees/day\n    basis",
        32,
        "range runs backwards: write 500 to 700",
    ),
    "prior reversed": (
        "model",
        "prior: 50 to 2000",
        "prior: 2000 to 50",
        18,
        "range runs backwards: write 50 to 2,000",
    ),
    "claim about nothing": (
        "model",
        "  had-coffee: coffee_drinkers",
        "  had-coffee:",
        37,
        "is about nothing; name a quantity or a relation",
    ),
    "claim about unknown": (
        "model",
        "  had-coffee: coffee_drinkers",
        "  had-coffee: share_of_guests",
        37,
        "unknown quantity 'share_of_guests'",
    ),
    "missing prior": (
        "model",
        "    prior: 50 to 2000 ",
        "    # ",
        15,
        "has no prior; add `prior: A to B`",
    ),
    "unit mismatch in relation": (
        "model",
        "unit: coffee/day",
        "unit: coffee/year/person",
        32,
        "coffee per day where coffee per year per person is needed",
    ),
    "sum of different": (
        "model",
        "is: guests * coffee_drinkers * coffees_each",
        "is: guests + coffees_each",
        32,
        "they can be neither added nor compared",
    ),
    "duplicate key": (
        "model",
        "    unit: person/day ",
        "    unit: person/day\n    unit: person/day ",
        17,
        "'unit' is given twice, first on line 16",
    ),
    "forgot about": (
        "model",
        "  had-coffee: coffee_drinkers",
        "  had-coffee: {scale: logit}",
        37,
        "is about nothing",
    ),
    "20.000": (
        "evidence",
        "says: around 300 people/day",
        "says: around 20.000 people/day",
        21,
        "write 20.000 as 20,000",
    ),
    "20.000 prior": (
        "model",
        "prior: 50 to 2000",
        "prior: 50 to 20.000",
        18,
        "write 20.000 as 20,000",
    ),
    "1.200.000": (
        "evidence",
        "says: around 300 people/day",
        "says: around 1.200.000 people/day",
        21,
        "write 1.200.000 as 1,200,000",
    ),
    "comma decimal": (
        "evidence",
        "says: around 300 people/day",
        "says: around 3,5 people/day",
        21,
        "write 3.5 for a decimal",
    ),
    "en dash name": (
        "model",
        "had-coffee: coffee",
        "had–coffee: coffee",
        37,
        "did you mean 'had-coffee'?",
    ),
    "× for times": ("model", "is: guests *", "is: guests ×", 32, "write *"),
    "between or": (
        "evidence",
        "says: between 500 and 700",
        "says: between 500 or 700",
        32,
        "'between' needs 'and'",
    ),
    "and range": (
        "evidence",
        "says: between 500 and 700",
        "says: 500 and 700",
        32,
        "for a range write 'to' between the numbers",
    ),
    "about hedge unknown": (
        "evidence",
        "says: around 300",
        "says: arround 300",
        21,
        "did you mean 'around'?",
    ),
    "a letter for million": (
        "evidence",
        "says: around 300",
        "says: around 2m",
        21,
        "write '2 million', or '2 m' for metres",
    ),
    "unquoted colon": (
        "evidence",
        "quote: around 300",
        "quote: she said: around 300",
        20,
        "in quotes",
    ),
    "unquoted quote": (
        "evidence",
        "quote: around 300 people come in on a weekday",
        'quote: "around 300 people" come in on a weekday',
        20,
        "goes on after its closing quotation mark",
    ),
    "smart apostrophe": (
        "evidence",
        "title: The café at the corner turns ten ",
        "title: 'The corner's café'",
        8,
        "of the other kind where it has ' inside",
    ),
    "an accent for a quotation mark": (
        "evidence",
        "quote: around 300 people come",
        "quote: `around 300 people come",
        20,
        "cannot begin with `; put it in quotes",
    ),
    "a text in brackets": (
        "evidence",
        "quote: around 300 people come in on a weekday",
        "quote: [around] 300 people come in",
        20,
        "a text that begins with [ needs quotes",
    ),
    "unclosed bracket": (
        "model",
        "targets: [coffees]",
        "targets: [coffees",
        44,
        "the bracket opened on line 43 is not closed",
    ),
    "wrong indentation more": (
        "model",
        "    label: guests on",
        "      label: guests on",
        17,
        "this line is indented by 6, the one above by 4",
    ),
    "section indented": (
        "model",
        "relations:\n",
        " relations:\n",
        28,
        "this line is indented by 1",
    ),
    "list of claims": (
        "model",
        "  guests: guests\n  had-coffee: coffee_drinkers",
        "  - guests: guests\n  - had-coffee: coffee_drinkers",
        36,
        "leave out the dashes",
    ),
    "misspelt section": (
        "model",
        "quantities:\n",
        "quantites:\n",
        14,
        "did you mean 'quantities'?",
    ),
    "misspelt key": ("evidence", "quote: 31", "qoute: 31", 26, "did you mean 'quote'?"),
    "misspelt basis": (
        "evidence",
        "basis: hearsay",
        "basis: heresay",
        33,
        "did you mean 'hearsay'?",
    ),
    "unknown source": (
        "evidence",
        "source: my-count",
        "source: my_count",
        25,
        "did you mean 'my-count'?",
    ),
    "no source": ("evidence", "    source: my-count\n", "", 24, "names no source; add `source:`"),
    "no says": ("evidence", "    says: 31 of 50", "    #", 24, "says nothing; add `says:`"),
    "says without unit": (
        "evidence",
        "says: between 500 and 700 coffees/day",
        "says: between 500 and 700",
        41,
        "a plain number where coffee per day is needed",
    ),
    "evidence file": (
        "model",
        "evidence: evidence.yaml",
        "evidence: evidence.yml",
        10,
        "there is no file",
    ),
    "no targets": ("model", "targets: [coffees]", "", 6, "add `targets:`"),
    "a claim used and compared": (
        "model",
        "  cited-coffees: coffees\n",
        "  cited-coffees: coffees\n  guests: guests\n",
        42,
        "both evidence and compared",
    ),
    "prior single": (
        "model",
        "prior: 50 to 2000",
        "prior: 300",
        18,
        "a prior is an interval such as",
    ),
    "prior zero": ("model", "prior: 50 to 2000", "prior: 0 to 2000", 18, "start it above 0"),
    "prior list": ("model", "prior: 50 to 2000", "prior: [50, 2000]", 18, "write `A to B`"),
    "currency": (
        "evidence",
        "says: around 300 people/day",
        "says: around 300 CNY/day",
        21,
        "no rate for the currency 'CNY': give one",
    ),
    "an equals sign": (
        "model",
        "    is: guests",
        "    is: coffees = guests",
        32,
        "write only what is to the right of it",
    ),
    "a hat for a power": ("model", "is: guests *", "is: guests^2 *", 32, "powers are written **"),
    "name space": (
        "model",
        "  coffee_drinkers:\n",
        "  coffee drinkers:\n",
        20,
        "such as coffee_drinkers",
    ),
    "name hyphen": (
        "model",
        "  coffee_drinkers:\n",
        "  coffee-drinkers:\n",
        20,
        "such as coffee_drinkers",
    ),
    "a date with points": (
        "evidence",
        "published: 2024-05-11",
        "published: 11.5.2024",
        10,
        "write a date (2017-08-12)",
    ),
    "sigma hedged": ("evidence", "basis: hearsay", "sigma: about 35 %", 33, "write `0.35`, `10 %`"),
    "a count as a fraction": (
        "evidence",
        "says: 31 of 50",
        "says: 31/50",
        27,
        "write a count with 'of'",
    ),
    "a count beyond its whole": (
        "evidence",
        "says: 31 of 50",
        "says: 51 of 50",
        27,
        "51 cannot be among 50",
    ),
    "a plus for more": (
        "evidence",
        "says: around 300",
        "says: 300+",
        21,
        "write 'more than' before the number",
    ),
    "a sign for more": (
        "evidence",
        "says: around 300",
        "says: >300",
        21,
        "in quotes; a bound is `more than 300`",
    ),
    "two wordings": (
        "evidence",
        "says: around 300 people/day",
        "says: around 300 people a day, more on Sundays",
        21,
        "only one figure fits here",
    ),
    "a quantity named like another": (
        "model",
        "  coffee_drinkers:\n",
        "  guests:\n",
        20,
        "'guests' is given twice, first on line 15; give one of them another name",
    ),
    "a quantity copied": (
        "model",
        "  coffee_drinkers:\n",
        "  guests: {unit: person/day, prior: 10 to 20}\n  coffee_drinkers:\n",
        20,
        "'guests' is given twice",
    ),
    "a claim named like another": (
        "evidence",
        "  had-coffee:\n",
        "  guests:\n",
        24,
        "'guests' is given twice",
    ),
    "a source named like another": (
        "evidence",
        "  my-count:\n",
        "  town-paper:\n",
        13,
        "'town-paper' is given twice",
    ),
    "a section twice": (
        "model",
        "relations:\n",
        "quantities:\n  day: {prior: 1 to 2}\nrelations:\n",
        28,
        "'quantities' is given twice, first on line 14; put all of it under one",
    ),
    "a section named like another": (
        "model",
        "compare:\n",
        "claims:\n",
        40,
        "'claims' is given twice",
    ),
    "no evidence": (
        "model",
        "evidence: evidence.yaml",
        "#",
        35,
        "add `evidence: evidence.yaml`",
    ),
    "evidence without a name": (
        "model",
        "evidence: evidence.yaml ",
        "evidence: ",
        10,
        "add `evidence: evidence.yaml`",
    ),
    "evidence misspelt": (
        "model",
        "evidence: evidence.yaml",
        "evidnce: evidence.yaml",
        10,
        "did you mean 'evidence'?",
    ),
    "target for targets": ("model", "targets: [", "target: [", 43, "did you mean 'targets'?"),
    "a claim as target": (
        "model",
        "targets: [coffees]",
        "targets: [cited-coffees]",
        43,
        "'cited-coffees' is a claim; a target is the quantity or relation",
    ),
    "a claim turned round": (
        "model",
        "  had-coffee: coffee_drinkers",
        "  coffee_drinkers: had-coffee",
        37,
        "write `had-coffee: coffee_drinkers`",
    ),
    "about as a list": (
        "model",
        "had-coffee: coffee_drinkers",
        "had-coffee: [coffee_drinkers]",
        37,
        "must be keys and values, not a list",
    ),
    "about misspelt": (
        "model",
        "had-coffee: coffee_drinkers",
        "had-coffee: {abuot: coffee_drinkers}",
        37,
        "did you mean 'about'?",
    ),
    "prior misspelt": (
        "model",
        "prior: 50 to 2000",
        "priro: 50 to 2000",
        18,
        "did you mean 'prior'?",
    ),
    "two keys for a prior": (
        "model",
        "    prior: 50 to 2000",
        "    low: 50\n    high: 2000",
        18,
        "write both ends in one line, as in `prior: 50 to 2,000`",
    ),
    "a quantity that follows": (
        "model",
        "    prior: 50 to 2000",
        "    is: coffees_each * 100",
        18,
        "what follows from others belongs under `relations:`",
    ),
    "a relation with a prior": (
        "model",
        "    is: guests * coffee_drinkers * coffees_each",
        "    prior: 5 to 10",
        32,
        "what has a prior goes under `quantities:`",
    ),
    "is misspelt": ("model", "    is: guests", "    si: guests", 32, "unknown key 'si'"),
    "a claim in the model": (
        "model",
        "claims:\n",
        "claims:\n  more: {source: town-paper, says: 3 people}\n",
        36,
        "what was said belongs in the file of claims",
    ),
    "the unit of a claim": (
        "evidence",
        "    basis: expert",
        "    unit: person\n    basis: expert",
        22,
        "the unit follows the number",
    ),
    "claims among the sources": (
        "evidence",
        "claims:\n",
        "  claims:\n",
        16,
        "move it to the left edge",
    ),
    "a quotation mark left open": (
        "evidence",
        "quote: 31 of",
        'quote: "31 of',
        26,
        "this quotation mark is never closed",
    ),
    "a comma left out": (
        "model",
        "coffees for each, prior:",
        "coffees for each prior:",
        25,
        "a comma is missing before 'prior'",
    ),
    "a brace left open": (
        "model",
        "prior: 1 to 2}",
        "prior: 1 to 2",
        28,
        "the bracket opened on line 25 is not closed; add }, or a comma here",
    ),
    "a colon in a title": (
        "evidence",
        "title: The café",
        "title: Anniversary: the café",
        8,
        "in quotes",
    ),
    "an equals sign for a colon": (
        "model",
        "relations:\n",
        "relations:\n  more = guests * 2\n",
        29,
        "write `more: guests * 2`",
    ),
    "a unit in a relation": (
        "model",
        "is: guests *",
        "is: 12 months * guests *",
        32,
        "where coffee per day is needed",
    ),
    "a date for a figure": (
        "evidence",
        "says: around 300 people/day",
        "says: 2017-08",
        21,
        "'2017-08' is a date, not part of the figure; keep it in `when:`",
    ),
    "a date in words": (
        "evidence",
        "says: around 300 people/day",
        "says: 12 May 2024",
        21,
        "keep it in `when:`",
    ),
    "a figure with its year": (
        "evidence",
        "says: around 300 people/day",
        "says: around 300 people/day in 2017",
        21,
        "'in 2017' is a date",
    ),
    "a hedge for a prior": (
        "model",
        "prior: 50 to 2000",
        "prior: around 300",
        18,
        "write both ends",
    ),
    "a bound for a prior": (
        "model",
        "prior: 50 to 2000",
        "prior: up to 2000",
        18,
        "give the lower end too",
    ),
    "± for a prior": (
        "model",
        "prior: 50 to 2000",
        "prior: 300 ± 100",
        18,
        "write `136 to 464` for '300 ± 100'",
    ),
    "a comma for to": (
        "model",
        "prior: 50 to 2000",
        "prior: 50, 2000",
        18,
        "write 'to' between the ends",
    ),
    "1.000 prior": ("model", "prior: 50 to 2000", "prior: 50 to 1.000", 18, "1.000 as 1,000"),
    "1.000 error": (
        "evidence",
        "says: around 300 people/day",
        "says: 300 ± 1.000 people/day",
        21,
        "write 1.000 as 1,000",
    ),
    "20.000 value": ("model", "prior: 50 to 2000", "value: 20.000", 18, "write 20.000 as 20,000"),
    "20.000 to 30.000": (
        "evidence",
        "says: around 300 people/day",
        "says: 20.000 to 30.000 people/day",
        21,
        "write 20.000 as 20,000: a point begins decimals; if they are meant, write 20.00",
    ),
    "a claim in a relation": (
        "model",
        "is: guests *",
        "is: had-coffee *",
        32,
        "'had-coffee' in relation 'coffees' is a claim; name the quantity that it is about",
    ),
    "targets without brackets": (
        "model",
        "targets: [coffees]",
        "targets: coffees, guests",
        43,
        "several targets go in brackets: `targets: [coffees, guests]`",
    ),
    "a list that ends": (
        "model",
        "  guests:\n    unit",
        "  - guests:\n    unit",
        20,
        "leave out their dashes",
    ),
    "an apostrophe for thousands": (
        "evidence",
        "says: around 300",
        "says: around 20'000",
        21,
        "thousands are grouped by commas",
    ),
    "one in fifty": ("evidence", "says: 31 of 50", "says: 1 in 50", 27, "write '1 of 50'"),
    "a key for a date": (
        "evidence",
        "published: 2024-05-11",
        "date: 2024-05-11",
        10,
        "write `published:`",
    ),
    "blanks that are none": (
        "model",
        "    unit: person/day",
        "\xa0\xa0\xa0\xa0unit: person/day",
        16,
        "indent with ordinary spaces",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_once_where_it_is_with_its_remedy(tmp_path: Path, mistake: str) -> None:
    file, right, wrong, line, said = MISTAKES[mistake]
    path = new_estimate("cafe", tmp_path).folder / f"{file}.yaml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    result = CliRunner().invoke(app, ["check", "cafe", "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert not result.stdout
    (sentence,) = result.stderr.splitlines()
    place = re.match(r".*/(model|evidence)\.yaml:(\d+):\d+: ", sentence)
    assert place, sentence
    assert int(place[2]) == line, sentence
    assert said in sentence
    assert "Traceback" not in sentence


READINGS = """\
readings:
  day:
    question: Is it the day?
    update: false
    weekday: {weight: 1, because: It says so.}
    weekend: {weight: 1, because: It may be.}
relations:
  counted:
    by: day
    weekday: guests
    weekend: guests * 0.5
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("by: day", "by: days", 36, "unknown reading 'days'; did you mean 'day'?"),
        ("by: day", "bye: day", 36, "did you mean 'by'?"),
        ("    weekday: guests", "    weekdays: guests", 37, "did you mean 'weekday'?"),
        ("    weekend: guests * 0.5\n", "", 35, "has no branch for 'weekend'"),
        ("  day:\n", "  day: {a: 1}\n  day:\n", 30, "'day' is given twice"),
        ("weekday: {weight", "weekday: {wieght", 32, "did you mean 'weight'?"),
        ("{weight: 1,", "{weight: 50 %,", 32, "write 0.5"),
    ],
)
def test_so_is_a_mistake_in_a_reading(
    tmp_path: Path, right: str, wrong: str, line: int, said: str
) -> None:
    path = new_estimate("cafe", tmp_path).folder / "model.yaml"
    text = path.read_text().replace("relations:\n", READINGS, 1)
    path.write_text(text)
    check = ["check", "cafe", "--root", str(tmp_path)]
    assert CliRunner().invoke(app, check).exit_code == 0
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    (sentence,) = CliRunner().invoke(app, check).stderr.splitlines()
    assert f"model.yaml:{line}:" in sentence
    assert said in sentence


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        # a name taken twice, and a slip of the pen elsewhere
        ({"  coffee_drinkers:\n": "  guests:\n", "is: guests": "is: guest"}, [20, 32]),
        ({"evidence: evidence.yaml": "#", "is: guests": "is: guest"}, [32, 35]),
        ({"prior: 50 to 2000": "priro: 50 to 2000", "prior: 20 to": "prior: 200 to"}, [18, 23]),
        # two unknown names where one thing was left out
        ({"  coffee_drinkers:\n": "  guests:\n", "about: x": "", "guests: guests": "guests: bar"},
         [20, 36]),
        # school_2 is no slip of the pen for school_1
        ({"  coffees_each: {": "  drink_1: {prior: 1 to 3}\n  drink_1: {",
          "* coffees_each": "* drink_2"}, [26]),
    ],
)  # fmt: skip
def test_one_mistake_hides_no_other(
    tmp_path: Path, changes: dict[str, str], lines: list[int]
) -> None:
    path = new_estimate("cafe", tmp_path).folder / "model.yaml"
    text = path.read_text()
    for right, wrong in changes.items():
        text = text.replace(right, wrong, 1)
    path.write_text(text)
    result = CliRunner().invoke(app, ["check", "cafe", "--root", str(tmp_path)])
    found = [int(re.findall(r"yaml:(\d+):", one)[0]) for one in result.stderr.splitlines()]
    assert found == lines, result.stderr


RIGHT = {
    "says: around 300 people/day": [
        "says: 300.500 people/day", "says: 300.0 people/day", "says: 3.000 thousand people/day",
        "says: 280.000 ± 20.25 people/day", "says: 300.000 to 310.5 people/day",
    ],
    "says: between 500 and 700 coffees/day": ["says: 500–700 coffees/day"],
    "says: 31 of 50": ["says: 62.000 ± 4 %", "says: 62.000 %", "says: 0.620", "says: 60–65 %"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("right", "other"), [(right, one) for right, others in RIGHT.items() for one in others]
)
def test_what_is_right_is_not_taken_for_a_mistake(tmp_path: Path, right: str, other: str) -> None:
    """20.500 may be meant, a measurement may end in .000, and a range may have any dash."""
    path = new_estimate("cafe", tmp_path).folder / "evidence.yaml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, other, 1))
    result = CliRunner().invoke(app, ["check", "cafe", "--root", str(tmp_path)])
    assert result.exit_code == 0, result.stderr
