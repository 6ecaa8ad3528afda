"""The tables of an export: rows of plain values under stable column names.

A row says its unit in a column: `unit` of what stands in the row, `target_unit` of what is about
the target (medians, shifts) in tables whose rows are about something else.

As CSV a spreadsheet can open them without running what a stranger wrote: it takes a cell that
begins with `=`, `+`, `-` or `@` for a formula, which may start programs or send the sheet's content
away. Such text gets an apostrophe in front, which spreadsheets read as "this is text" (OWASP, *CSV
Injection*), within a text too, after what some locales take for the end of a cell (`;`, tab, line
end). Numbers stay numbers, so that -5 is -5; a program that reads the file finds the apostrophe in
these few cells, and JSON has every text untouched.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from estimates._util.records import plain
from estimates.analysis.compare.result import Comparison, ManyReadings
from estimates.analysis.result import Result
from estimates.inference.result import ReadingSummary, Summary, Weight
from estimates.model import Model
from estimates.model.account import Said, Taken
from estimates.model.describe import describe

MIXTURE, ONLY = "mixture", "the only reading"
type Row = Mapping[str, Any]

#: A sign that begins a formula, full-width ones too, behind whatever a spreadsheet would not see.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠])")


@dataclass(frozen=True)
class Table:
    """Rows under one heading.

    Attributes
    ----------
    name : of the file, without its ending
    title : what it shows, in a line
    rows : plain values (str, bool, int, float or None) by column
    """

    name: str
    title: str
    rows: Sequence[Row]

    @property
    def columns(self) -> list[str]:
        """Every column of any row, in the order in which they first appear."""
        return list(dict.fromkeys(column for row in self.rows for column in row))


def fit_tables(summary: Summary) -> Iterator[Table]:
    """The targets, all quantities, the readings and their options, from `estimates.summary`."""
    readings = summary.readings
    rows = []
    for target in summary.targets:
        whole = plain(summary.quantities[target])
        rows.append({"target": target, "reading": MIXTURE, "weight": 1, **whole})
        rows += [
            {
                "target": target,
                "reading": one.text,
                "weight": one.posterior,
                **plain(one.quantities[target]),
            }
            for one in readings
        ]
    yield Table("targets", "The targets, over all readings and under each", rows)
    rows = [{"quantity": name, **plain(of)} for name, of in summary.quantities.items()]
    yield Table("quantities", "Every quantity, over all readings", rows)
    rows = [
        {"quantity": name, "reading": one.text, "weight": one.posterior, **plain(of)}
        for one in readings
        for name, of in one.quantities.items()
    ]
    yield Table("quantities-by-reading", "Every quantity under each reading", rows)
    yield Table("readings", "The readings and their weights", [_reading(r) for r in readings])
    rows = [
        {
            "reading": name,
            "option": option,
            "update": axis.update,
            **_weight(weight),
            "set_by_prior": weight.set_by_prior,
        }
        for name, axis in summary.options.items()
        for option, weight in axis.options.items()
    ]
    yield Table("options", "The options of each reading and their weights", rows)


def comparison_table(found: Comparison) -> Table:
    """The answer beside the cited figures as a table."""
    rows = []
    for row in found.comparisons:
        bounds = row.conflict_p_range if isinstance(row, ManyReadings) else None
        low, high = bounds or (None, None)
        flat = {"claim": row.claim, "pool": found.pool, **_flat("", plain(row))}
        flat |= {"reading": label_of(row.reading), "conflict_p_low": low, "conflict_p_high": high}
        # On the scale of the claim there is a ratio or a difference, with ends of its own.
        left = ("ratio", "difference", "conflict_p_range")
        rows.append({name: one for name, one in flat.items() if name not in left})
    return Table("comparison", "The answer beside the cited figures", rows)


def ledger_tables(model: Model) -> Iterator[Table]:
    """Every claim as it stands and as the model takes it, and the sources."""
    account = describe(model)
    titles = {source.id: source.title for source in account.sources}
    groups = (("evidence", account.evidence), ("held out", account.compare))
    rows = [_claim(one, use, titles, model) for use, group in groups for one in group]
    rows += [_claim(one, "not used", titles, model) for one in account.unused]
    yield Table("claims", "The claims, and what they are taken to say", rows)
    yield Table("sources", "The sources", [vars(source) for source in account.sources])


def analysis_tables(name: str, found: Result) -> Iterator[Table]:
    """The tables of an answer of the workbench (see `Result.tables`), readings as in the fit's.

    Parameters
    ----------
    name : of the command
    """
    document = found.document
    unit = document.get("unit", document.get("target_unit"))
    of_target = {} if unit is None else {"target": document["target"], "target_unit": unit}
    for part in found.tables:
        rows = _with_readings([{**_flat("", row), **of_target} for row in document[part]])
        yield Table(f"{name}-{part}".replace("_", "-"), f"{name}: {part.replace('_', ' ')}", rows)


def label_of(reading: Mapping[str, str] | None) -> str:
    """A reading as other tables call it: `gross, share`; None is the mixture."""
    return MIXTURE if reading is None else ", ".join(reading.values()) or ONLY


def _reading(one: ReadingSummary) -> dict[str, Any]:
    return {
        "reading": one.text,
        **{f"axis.{axis}": option for axis, option in one.reading.items()},
        **_weight(one),
        "log_evidence": one.log_evidence,
        "log_evidence_se": one.log_evidence_se,
        "status": one.status,
    }


def _weight(one: Weight) -> dict[str, float]:
    low, high = one.posterior_range
    return {
        "prior": one.prior,
        "posterior": one.posterior,
        "posterior_se": one.posterior_se,
        "posterior_low": low,
        "posterior_high": high,
    }


def _claim(said: Said, use: str, titles: Mapping[str, str], model: Model) -> dict[str, Any]:
    claim = model.ledger.claims[said.claim]
    taken = said if isinstance(said, Taken) else None
    bound = taken and taken.bound
    return {
        "claim": said.claim,
        "use": use,
        "about": taken and taken.about,
        "says": said.says,
        "quote": said.quote,
        "speaker": said.speaker,
        "source": said.source,
        "source_title": titles[said.source],
        "when": said.when,
        "basis": claim.basis,
        "origin": claim.origin,
        "disputes": claim.disputes,
        "kind": taken and taken.kind,
        "unit": taken and taken.unit,
        "scale": taken and taken.scale,
        "tails": taken and taken.tails,
        "centre": taken and taken.centre,
        "q05": taken and taken.q05,
        "q95": taken and taken.q95,
        "truth": taken and taken.truth,
        "width": taken and taken.width,
        "bound": bound and bound.side,
        "bound_at": bound and bound.at,
        "width_from": "; ".join(f"{k} {v:.6g}" for k, v in taken.width_from.items())
        if taken
        else "",
        "because": said.because,
        "note": said.note,
        "use_note": taken and taken.use_note,
    }


def _flat(prefix: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Nested entries as dotted columns, but for readings, which stay whole; lists as text."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = f"{prefix}{key}"
        if name == "reading" or not isinstance(value, Mapping | list | tuple):
            found[name] = value
        elif not isinstance(value, Mapping):
            found[name] = value if name == "conflict_p_range" else _text(value)
        elif name in ("ratio", "difference"):
            found |= {f"{name}_{end}": number for end, number in value.items()}
        else:
            found |= _flat(f"{name}.", value)
    return found


def _text(values: Sequence[Any]) -> str:
    if any(isinstance(value, Mapping | list | tuple) for value in values):
        return json.dumps(values, ensure_ascii=False)
    return "; ".join(str(value) for value in values)


def _with_readings(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`reading` as text where it is a combination of options; none then is the mixture.

    Elsewhere it is the name of a reading already. A column that is nested in some rows and null
    in others is left out of these.
    """
    if any(isinstance(row.get("reading"), Mapping) for row in rows):
        for row in rows:
            if "reading" in row:
                row["reading"] = label_of(row["reading"])
    parents = {name.rsplit(".", 1)[0] for row in rows for name in row if "." in name}
    return [{k: v for k, v in row.items() if not (v is None and k in parents)} for row in rows]


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", text)


def csv_text(table: Table) -> str:
    """A table as CSV: UTF-8 without a mark, texts quoted, numbers in full, undefined ones empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_STRINGS, lineterminator="\n")
    columns = table.columns
    writer.writerow([defused(column) for column in columns])
    writer.writerows([_cell(row.get(column)) for column in columns] for row in table.rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return defused(value) or None
        case float() if math.isnan(value):
            return None
    return value
