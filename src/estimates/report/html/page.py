"""The page itself: one HTML file that needs no server, no network and no other file."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from estimates._util.files import Json, write_bytes
from estimates._util.format import (
    NONE,
    Interval,
    brief,
    median_and_interval,
    number,
    probability,
    stated,
)
from estimates._util.parts import Parts
from estimates._util.records import plain
from estimates._util.store import versions
from estimates.analysis.compare.result import Row
from estimates.analysis.registry import ANALYSES
from estimates.inference.jobs import Progress, Workers
from estimates.inference.origin import Origin
from estimates.inference.panel_table import UNTOLD_NOTE, tables_of
from estimates.language.phrases import (
    amount,
    capitalised,
    counted,
    joined,
    option_words,
    spoken,
    unit_words,
    worded,
)
from estimates.model.dimensions import variable
from estimates.model.naming import in_words_of
from estimates.model.spec import labels_of
from estimates.report.charting import bundle
from estimates.report.html import notes, prose, provenance, traces
from estimates.report.html.address import checked, picture_of
from estimates.report.html.charts import charts
from estimates.report.html.content import FIGURES, Gathered, anchor, comparison, gather
from estimates.report.html.kinds import kinds, meanings
from estimates.report.html.live import live
from estimates.report.html.pictures import drawn, pictures
from estimates.report.html.share import citation, credit, shared, write_picture

#: Bytes that a page may have.
SIZE = 2_950_000
_MOST_READINGS = 64  # rows of the table of readings


def write_report(
    fit: xr.DataTree,
    path: Path | str,
    *,
    workers: Workers | None = None,
    progress: Progress | None = None,
    parts: Parts | None = None,
    address: str = "",
    words: Mapping[str, str] | None = None,
) -> Path:
    """Write a report on a fit: every question answered, on one self-contained HTML page.

    Beside `NAME.html` stands `NAME-share.png`, the picture that is shown with a link to it.  A part
    that fails leaves a box that says so, and a warning; everything else stands.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    path : of the file; replaced when the page is whole
    workers, progress : as in `fit`; with a store nothing is asked twice
    parts : makes the parts, within a limit of time if it has one, and knows afterwards which broke
    address : where the page, or the folder that it is in, will be published; without it, what is
        said of the picture is relative, which not every site that shows links follows
    words : of claims whose quotes were looked for, what stands in the source (`prove(model).words`)

    Returns
    -------
    The path of the page.

    Raises
    ------
    InputError : `address` is not a web address

    See Also
    --------
    export : tables and draws in a folder
    plot : one figure

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> page = est.write_report(fit, "report.html")  # doctest: +SKIP
    """
    address = checked(address)
    found = gather(fit, workers or Workers(), progress, parts, words)
    return write_page(found, Path(path), address)


def write_page(found: Gathered, path: Path, address: str = "") -> Path:
    """Write the page of what was gathered, and its picture, each whole or not at all."""
    with in_words_of(found.model):
        text = html_of(found, path, address)
    write_bytes(path, text.encode())  # line ends as they are: the policy's digests depend on them
    return path


def html_of(
    found: Gathered, path: Path | None = None, address: str = "", *, alone: bool = True
) -> str:
    """Return the page as text; its own picture is written beside `path`.

    Parameters
    ----------
    alone : whether it must work by itself; else whoever shows it has its style, its script and the
        charting library already
    """
    template, values = _environment().get_template("page.html.jinja"), _values(found)
    values |= _carried() if alone else dict.fromkeys(("policy", "bundle", "style", "script"), "")
    answer = found.parts.make("the answer in words", lambda: list(prose.answer(found))) or []
    told = shared(answer, None, address)
    if path is not None:
        draw = partial(write_picture, found, told.described, picture_of(path))
        if found.parts.make("the picture beside the page", draw):
            told = shared(answer, path, address)
    values |= {"answer": answer, "shared": told, "citation": citation(found, address)}
    whole = {} if FIGURES in found.pending else drawn(found)
    values["broken"] = list(found.parts.broken)
    values["broken_inverse"] = any(b.part == ANALYSES["inverse"].called for b in found.parts.broken)
    bare = template.render(figures=[], **values)
    return template.render(figures=pictures(whole, SIZE - len(bare.encode())), **values)


def _carried() -> dict[str, str]:
    """Return what a page needs to work by itself: style, script, charts, and its policy."""
    style, script = _asset("page.css"), _asset("page.js")
    return {
        "policy": _policy(style, script, bundle()),
        "bundle": _packed(bundle()),
        "style": Markup(style),
        "script": Markup(script),
    }


def _values(found: Gathered) -> dict[str, Any]:
    """Return everything that the template needs of this answer, but the pictures."""
    make = found.parts.make
    carried = make("the what-if", lambda: live(found))
    description, draws = carried if carried else (None, "")
    cards = make("the cards of the quantities", lambda: list(provenance.quantities(found))) or []
    drawn = charts(found)
    sketch = make(
        "the diagram", lambda: provenance.diagram(found), f"estimates graph {found.model.slug}"
    )
    return {
        "found": found,
        "names": {name: one.called for name, one in ANALYSES.items()},
        "account": found.account,
        "model": found.model,
        "verdicts": make("the verdicts", lambda: prose.verdicts(found)) or [],
        "limits": make("what it does not say", lambda: list(prose.limits(found))) or [],
        "unit_words": "%" if str(found.unit) == "share" else unit_words(found.unit),
        "cited": [(row, prose.cited_range(row, found)) for row in found.cited],
        "quantities": cards,
        "panels": make("the tables", lambda: tables_of(found.summary, found.model)) or [],
        "panels_asked": sum(bool(grid.over) for grid in found.model.panel.targets),
        "untold_note": UNTOLD_NOTE,
        "carded": frozenset(card.name for card in cards),
        "kinds": make("the kinds of sources", lambda: kinds(found.summary, found.model)) or [],
        "meanings": make("what claims mean", lambda: meanings(found.summary, found.model)) or [],
        "claims": make("the claims", lambda: list(provenance.claims(found))) or [],
        "traces": make("the cards of the answers", lambda: list(traces.traces(found, cards))) or [],
        "comparison": comparison(found.cited[0].claim) if found.cited else "",
        "linked": traces.linker(card.link for card in cards),
        "anchor": anchor,
        "source_words": provenance.source_words,
        "safe_url": notes.safe_url,
        "sides": _sides(found),
        "readings": make("the answer by reading", lambda: _readings(found)) or [],
        "left_out": max(0, len(found.summary.readings) - _MOST_READINGS),
        "diagram": Markup(sketch or ""),
        "documents": {name: one.document for name, one in found.analyses.items()},
        "payload": _json(_payload(found, description)),
        "draws": draws,
        "charts": _json({name: chart.spec for name, chart in drawn.items()}),
        "tables": drawn,
        "versions": {**versions(), "python": platform.python_version()},
        "sampling": Origin.of(found.fit).sampling.lengths,
    }


def _payload(found: Gathered, description: Mapping[str, Json] | None) -> dict[str, Json]:
    """Return what the script needs beside the draws: words around numbers, the answer as it is."""
    mark = "\0"
    unit = found.unit
    percent = str(unit) == "share"
    before, _, after = (f"{mark} %" if percent else amount(mark, unit)).partition(mark)
    numbers = found.numbers
    row = found.cited[0] if found.cited else None
    factor = 1.0
    if row is not None:
        factor = found.model.units.factor(found.model.units.parse(row.unit), unit)
    words: dict[str, Json] = {}
    for name in found.model.quantities:
        of = found.units_of(name)
        share = str(of) == "share"
        start, _, end = (f"{mark} %" if share else amount(mark, of)).partition(mark)
        label = found.model.quantities[name].label or spoken(name)
        words[name] = {"label": label, "before": start, "after": end, "percent": share}
    return {
        "before": before,
        "after": after,
        "percent": percent,
        "label": found.label,
        "base": {
            "q05": numbers.q05,
            "q25": numbers.q25,
            "median": numbers.median,
            "q75": numbers.q75,
            "q95": numbers.q95,
        },
        "text": dict(zip(("median", "interval"), _bare(numbers, found), strict=True)),
        "compared": None
        if row is None
        else {
            "below": row.below,
            "inside": row.inside,
            "above": row.above,
            "verdict": row.verdict,
            "claim": row.claim,
            "low": None if row.low is None else row.low * factor,
            "high": None if row.high is None else row.high * factor,
        },
        "words": words,
        "options": labels_of(found.model.readings.values()),
        "questions": {name: one.question for name, one in found.model.readings.items()},
        "slug": found.model.slug,
        "credit": credit(found),
        "log": found.model.support_of(found.target).low >= 0
        and found.model.support_of(found.target).high > 1,
        "live": description,
    }


def _bare(numbers: Interval | None, found: Gathered) -> tuple[str, str]:
    """Return median and interval without a unit, with the command line's digits."""
    return median_and_interval(numbers, 100.0 if str(found.unit) == "share" else 1.0)


@dataclass(frozen=True)
class _Line:
    """A row of the table of readings, in words."""

    reading: Mapping[str, str]
    prior: str
    weight: str
    median: str
    interval: str
    beside: tuple[str, ...]


def _readings(found: Gathered) -> list[_Line]:
    """Return the answer under each reading, the heaviest first."""
    name = variable(found.target)
    compared = {
        tuple(row.reading.items()): row
        for row in found.compared
        if row.reading is not None and found.cited and row.claim == found.cited[0].claim
    }
    sides = _sides(found)
    lines = []
    for one in sorted(found.summary.readings, key=lambda r: -r.posterior)[:_MOST_READINGS]:
        median, interval = _bare(one.quantities.get(name), found)
        row = compared.get(tuple(one.reading.items()))
        lines.append(
            _Line(
                {axis: option_words(o) for axis, o in one.reading.items()},
                probability(one.prior),
                probability(one.posterior),
                median,
                interval,
                _beside(row) if row else (NONE,) * len(sides),
            )
        )
    return lines


def _sides(found: Gathered) -> tuple[str, ...]:
    """Return the heads of what is said beside the cited figure: of a bound, whether it is met."""
    if not found.cited:
        return ()
    bound = found.cited[0].bound is not None
    return (*(("met", "× the bound") if bound else ("below", "inside", "above")), "verdict")


def _beside(row: Row) -> tuple[str, ...]:
    verdict = worded(row.verdict or NONE, row.only_just)
    if row.bound is None:
        return (*map(probability, (row.lies_below, row.lies_inside, row.lies_above)), verdict)
    times = NONE if row.times_bound is None else number(row.times_bound, row.times_error)
    return probability(row.met), times, verdict


@functools.cache
def _environment() -> Environment:
    """Return templates in which every word of a ledger is escaped."""
    environment = Environment(
        loader=PackageLoader("estimates.report.html", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "spoken": spoken,
        "worded": option_words,
        "capitalised": capitalised,
        "probability": probability,
        "number": number,
        "stated": stated,
        "brief": brief,
        "joined": joined,
        "counted": counted,
        "noted": notes.noted,
        "inline": notes.inline,
    }
    return environment


def _asset(name: str) -> str:
    return (files("estimates.report.html") / "assets" / name).read_text(encoding="utf-8")


def _json(value: Json) -> Markup:
    """Return JSON that cannot end the element that it stands in; nan and infinity are null."""
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _policy(style: str, *scripts: str) -> str:
    """Return the page's policy: run these scripts alone, use this style, reach nothing."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; img-src data:; style-src {digest(style)}; "
        f"script-src {' '.join(map(digest, scripts))}; base-uri 'none'; form-action 'none'"
    )


@functools.cache
def _packed(script: str) -> str:
    """Return a script gzipped, as base64."""
    return base64.b64encode(gzip.compress(script.encode(), 9, mtime=0)).decode()
