"""The document of `show` in words: from each quote to what it is taken to say, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import brief, number, probability, stated
from estimates.report.text.axes import axis_in_words
from estimates.report.text.tables import WIDTH, paragraph

type Document = Mapping[str, Any]

_FAMILIES = {"lognormal": "log-normal", "logitnormal": "logit-normal", "normal": "normal"}
_POOLS = {
    "independent": "Admitted as independent evidence, unless told otherwise.",
    "redundant": "Admitted as the same evidence said twice, unless told otherwise.",
}


def model_report(document: Document, width: int = WIDTH) -> Iterator[Text]:
    """Section by section, in the order in which a sceptic would ask."""
    for text in (document["question"], document["note"]):
        if text:
            yield Text()
            yield paragraph(text, width=width)
    yield Text()
    yield paragraph(f"Asked for: {', '.join(document['targets'])}.", width=width)
    sections: tuple[tuple[str, str, Callable[[Document], Iterator[str]]], ...] = (
        ("Evidence", "evidence", _claim),
        ("Held out, and set beside the answer", "compare", _claim),
        ("Quantities, as known beforehand", "quantities", _quantity),
        ("Relations", "relations", _relation),
        ("Readings", "readings", _reading),
        ("Other ways to analyse the claims, for `multiverse`", "variants", axis_in_words),
        ("Currencies", "currencies", _currency),
        ("In the ledger, not used here", "unused", _unused),
        ("Sources", "sources", _source),
    )
    for title, key, render in sections:
        yield from _section(title, document[key], render, width)


def _section(
    title: str, entries: Sequence[Document], render: Callable[[Document], Iterator[str]], width: int
) -> Iterator[Text]:
    if entries:
        yield Text(f"\n{title}", style="bold")
    for entry in entries:
        first, *rest = render(entry)
        yield paragraph(first, indent=2, width=width)
        for text in rest:
            yield paragraph(text, indent=6, width=width)


def _claim(entry: Document) -> Iterator[str]:
    yield f"{entry['claim']}: about {entry['about']}"
    yield from _quoted(entry)
    yield f"{entry['says']}: taken as {_taken(entry)}"
    if entry["width"] is None:
        yield "binomial: its counts alone set its width"
    else:
        width = number(entry["width"], digits=2)
        yield f"{entry['scale']} scale, width {width}{_width_from(entry)}"
        if entry["mostly_rounding"]:
            yield (
                "Most of that is rounding: the figure is taken to be known to its last digit "
                "that is not 0. If more is known, write its digits, or give the claim a `sigma:`."
            )
    if entry["tails"] == "student-t":
        yield "tails: student-t with four degrees of freedom"
    if entry["copies"]:
        yield (
            f"a copy, with {', '.join(entry['copies'])}, of one datum ({entry['origin']}): "
            "together they count about once"
        )
    if entry["pool"] in _POOLS:
        yield _POOLS[entry["pool"]]
    for note in (entry["note"], entry["use_note"]):
        if note:
            yield f"Note: {note}"


def _taken(entry: Document) -> str:
    """`20,000 people (90 % between 10,500 and 38,100)`, or `below 1,000 CNY/month`."""
    share = entry["percent"] or entry["scale"] == "logit"
    factor, unit = (100, " %") if share else (1, f" {entry['unit']}".rstrip())
    if entry["bound"] is not None:
        ((side, limit),) = entry["bound"].items()
        said = f"{side} {brief(factor * limit, 4)}{unit}"
        if entry["disputes"]:
            said += f", against {entry['disputes']}"
        if entry["truth"] < 1:
            said += f", the speaker being right with probability {probability(entry['truth'])}"
        return said
    low, high = (brief(factor * entry[key]) for key in ("q05", "q95"))
    return f"{brief(factor * entry['centre'], 4)}{unit} (90 % between {low} and {high})"


def _width_from(entry: Document) -> str:
    """`, from hedge 0.10, rounding 0.14, basis (expert) 0.35 (in quadrature)`."""
    named = [
        f"{_part(part, entry)} {number(size, digits=2)}"
        for part, size in entry["width_from"].items()
        if size
    ]
    if not named:
        return ""
    return f", from {', '.join(named)}" + (" (in quadrature)" if len(named) > 1 else "")


def _part(part: str, entry: Document) -> str:
    """A part of a width in words."""
    match part:
        case "basis":
            return f"basis ({entry['basis']})"
        case "basis / 3":
            return f"a third of the basis ({entry['basis']}), as the range is narrower:"
        case "range":
            return f"the range, its ends as {stated(100 * entry['coverage'])} %:"
        case "stated range":
            return f"the range, whose stated {stated(100 * entry['coverage'])} % is its width:"
        case "sigma":
            return f"its own sigma, {entry['sigma']}:"
        case _:
            return part


def _quoted(entry: Document) -> Iterator[str]:
    if entry["quote"]:
        yield f"“{entry['quote']}”"
    source = ", ".join(part for part in (entry["source"], entry["when"]) if part)
    yield "— " + (f"{entry['speaker']} ({source})" if entry["speaker"] else source)


def _unused(entry: Document) -> Iterator[str]:
    yield f"{entry['claim']}: {entry['says'] or 'not used'}"
    yield from _quoted(entry)
    if entry["because"]:
        yield f"Because: {entry['because']}"


def _quantity(entry: Document) -> Iterator[str]:
    yield _named(entry)
    if entry["value"] is not None:
        yield f"known: {stated(entry['value'])}"
    elif entry["low"] is not None:
        percent = entry["unit"] == "share"
        factor, unit = (100, " %") if percent else (1, "")
        yield (
            f"{stated(factor * entry['low'])} to {stated(factor * entry['high'])}{unit} with "
            f"probability {probability(entry['coverage'])}, {_FAMILIES[entry['family']]}"
        )
    else:
        yield str(entry["prior"])
    if entry["note"]:
        yield f"Note: {entry['note']}"


def _relation(entry: Document) -> Iterator[str]:
    yield _named(entry)
    if entry["by"] is None:
        yield f"= {entry['is']}"
    for option, branch in entry["branches"].items():
        meaning = f"= {branch}" if branch else "nothing of the kind"
        yield f"if {entry['by']} is {option}: {meaning}"
    if entry["note"]:
        yield f"Note: {entry['note']}"


def _named(entry: Document) -> str:
    unit = f" ({entry['unit']})" if entry["unit"] else ""
    return f"{entry['name']}{unit}" + (f": {entry['label']}" if entry["label"] else "")


def _reading(entry: Document) -> Iterator[str]:
    yield f"{entry['name']}: {entry['question']}".rstrip(": ")
    yield (
        "The evidence moves these weights." if entry["update"] else "Held at the stated weights."
    )
    for option in entry["options"]:
        because = f": {option['because']}" if option["because"] else ""
        yield f"{option['name']}, weight {probability(option['weight'])}{because}"
    if entry["note"]:
        yield f"Note: {entry['note']}"


def _currency(entry: Document) -> Iterator[str]:
    date = f" ({entry['date']})" if entry["date"] else ""
    yield f"1 {entry['code']} = {stated(entry['rate'])} {entry['base']}{date}"
    if entry["note"]:
        yield f"Note: {entry['note']}"


def _source(entry: Document) -> Iterator[str]:
    parts = [entry[key] for key in ("author", "title", "publisher", "published") if entry[key]]
    yield f"{entry['id']}: {'. '.join(parts)}"
    if entry["url"]:
        yield entry["url"]
    if entry["note"]:
        yield f"Note: {entry['note']}"
