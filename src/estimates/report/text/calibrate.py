"""The document of `calibrate` as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, probability
from estimates.report.text.tables import WIDTH, Row, paragraph, table

type Document = Mapping[str, Any]
_COVERAGES = ("50%", "80%", "90%", "95%")


def calibrate_report(document: Document, width: int = WIDTH) -> Iterator[Text]:
    """Ranks and coverage of every test quantity, reliability of every reading, and the verdict."""
    count, failed = document["simulations"], document["failed"]
    yield paragraph(f"Calibration of {document['model']}", width=width, style="bold")
    yield Text(f"digest {document['digest'][:12]}, seed {document['seed']}, {count} simulations")
    heads = ["", "p", "adjusted", *(f"in {c.replace('%', ' %')}" for c in _COVERAGES)]
    rows = [_row(name, entry) for name, entry in document["quantities"].items()]
    rows += [
        _row(f"reading {axis}", entry, rule=not number)
        for number, (axis, entry) in enumerate(document["readings"].items())
    ]
    if rows:
        yield table("Where the truth ranks among the draws", heads, rows, width=width)
    options = [
        Row(f"{axis}: {option}", [probability(found["expected"]), probability(found["observed"]),
                                  NONE if found["z"] is None else f"{found['z']:+.1f}"])
        for axis, entry in document["readings"].items()
        for option, found in entry["options"].items()
    ]  # fmt: skip
    if options:
        heads = ["", "mean weight", "how often true", "z"]
        yield table("How often the readings were right", heads, options, width=width)
    yield Text()
    if rows:
        yield paragraph(
            "p: how often ranks of uniform numbers would stray as far; adjusted: for all of these "
            "tests together (Holm). In 50 %: how often the truth lay in the central 50 % interval, "
            "and so on.",
            width=width,
        )
    if failed:
        yield paragraph(f"{failed} of {count} fits failed their checks and are left out:",
                        width=width, style="red")  # fmt: skip
        for sentence, times in document["failures"].items():
            yield paragraph(f"{times} × {sentence}", width=width, indent=2, style="red")
    yield paragraph(_verdict(document), width=width, style=_style(document))


def _row(name: str, entry: Document, rule: bool = False) -> Row:
    mark = " ✗" if entry["calibrated"] is False else ""
    return Row(
        name + mark,
        [
            _p(entry["p"]),
            _p(entry["p_adjusted"]),
            *(_share(entry["coverage"][c]["share"]) for c in _COVERAGES),
        ],
        rule=rule,
    )


def _p(value: float | None) -> str:
    if value is None:
        return NONE
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.0f} %"


def _verdict(document: Document) -> str:
    if document["calibrated"]:
        return "Calibrated: nothing strays further than chance has it."
    tests = [*document["quantities"].values(), *document["readings"].values()]
    if any(test["calibrated"] is False for test in tests):
        return "NOT CALIBRATED: the inference is wrong where a ✗ stands."
    return "TOO LITTLE TO SAY: more simulations are needed, or fits that pass their checks."


def _style(document: Document) -> str:
    return "" if document["calibrated"] else "bold red"
