"""Which column of a table is what: matched by name, or as told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from estimates.errors import Fault, Faults, InputError, Place, did_you_mean
from estimates.model.ledger_forms import CLAIM, SOURCE
from estimates.model.tables.table import Table

#: Keys of a claim that a column of that name holds.
OF_CLAIM = tuple(key for key in CLAIM.known if key != "source")
#: Keys of its source, which may stand in every row that names it.
OF_SOURCE = tuple(key for key in SOURCE.known if key not in ("note", "text"))
#: Figures in columns of their own, of which the wording is made.
FIGURES = (
    *("estimate", "low", "high", "coverage", "se", "variance", "r", "n"),
    *("r1", "n1", "rest1", "r2", "n2", "rest2", "measure", "unit"),
)
#: What the model does with a claim, which a ledger does not say.
USES = ("about", "use")
#: Everything that a column can be, in the order in which tables are written.
MEANINGS = ("id", "source", *OF_CLAIM, *USES, *OF_SOURCE, *FIGURES)

#: What columns are called elsewhere (metafor, spreadsheets), by what they mean here.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "id": ("claim", "claim_id", "study", "trial", "studlab", "slab", "study_id"),
    "source": ("reference", "citation", "publication", "source_id"),
    "speaker": ("who", "said_by"),
    "quote": ("words", "verbatim", "quotation"),
    "says": ("wording", "figure"),
    "when": ("date", "year"),
    "note": ("notes", "comment", "comments", "remark"),
    "url": ("link",),
    "author": ("authors",),
    "about": ("quantity",),
    "unit": ("units",),
    "estimate": ("est", "value", "yi", "te", "effect", "point_estimate", "mean"),
    "low": ("lower", "ci_low", "ci_lower", "lower_ci", "low_ci", "lcl", "ci_lb", "conf_low", "lb"),
    "high": (
        *("upper", "ci_high", "ci_upper", "upper_ci", "high_ci", "ucl", "ci_ub", "conf_high"),
        "ub",
    ),
    "coverage": ("level", "ci_level", "conf_level"),
    "se": ("sei", "sete", "se_te", "std_err", "std_error", "standard_error", "stderr"),
    "variance": ("vi", "var"),
    "r": ("events", "successes", "cases", "xi"),
    "n": ("total", "ni", "sample_size", "trials"),
    "r1": ("ai", "tpos", "event_e", "events_e", "events_treated", "events_treatment", "events1"),
    "n1": ("n1i", "n_e", "n_treated", "n_treatment", "total_e", "total_treatment", "total1"),
    "rest1": ("bi", "tneg"),
    "r2": ("cpos", "event_c", "events_c", "events_control", "events2"),
    "n2": ("n2i", "n_c", "n_control", "total_c", "total_control", "total2"),
    "rest2": ("di", "cneg"),
}
_MEANT = {name: name for name in MEANINGS} | {
    called: meaning for meaning, names in _CALLED.items() for called in names
}


def columns_of(
    table: Table, told: Mapping[str, str], faults: Faults
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the number of the column of each meaning, and the headings of those left out.

    Parameters
    ----------
    told : what a column is, against its name: the heading by the meaning
    """
    heading = Place(table.file, table.heading or None)
    found: dict[str, int] = {}
    for meaning, name in told.items():
        at = next((n for n, one in enumerate(table.columns) if _same(one, name)), None)
        if at is None:
            hint = did_you_mean(name, table.columns) or f"; it has {', '.join(table.columns)}"
            faults.add(f"the table has no column '{name}'{hint}", heading)
        else:
            found[meaning] = at
    taken = set(found.values())
    left_out = []
    for at, name in enumerate(table.columns):
        meaning = _meaning(name, table) if at not in taken else ""
        if meaning in told or (not meaning and at not in taken):
            left_out += [name] if name else []
            _check_slip(name, heading, faults)
        elif meaning in found:
            other = table.columns[found[meaning]]
            faults.add(
                f"'{other}' and '{name}' both can be the column `{meaning}`; say which with "
                f"`ingest --map {meaning}={other}`",
                heading,
            )
        elif meaning:
            found[meaning] = at
    if not any(one in found for one in ("says", "estimate", "low", "r", "r1")):
        faults.add(
            "no column says a figure: name one `says`, or `estimate`, `low` and `high`, or `r` and "
            "`n`, or of two arms `r1`, `n1`, `r2` and `n2`, or tell which is which, as in "
            f"`ingest --map says={table.columns[-1]}`",
            heading,
        )
    if _check_arms(found, heading, faults):
        del found["r1"]
    return found, tuple(left_out)


def _meaning(name: str, table: Table) -> str:
    """Return what a column means by its name; `ci` is a cell of two arms only beside `ai`."""
    if _plain(name) == "ci" and any(_plain(one) == "ai" for one in table.columns):
        return "r2"
    return _MEANT.get(_plain(name), "")


def _check_arms(found: Mapping[str, int], heading: Place, faults: Faults) -> bool:
    """Refuse a table with one arm, or without the size of one; return whether it is refused."""
    arms = [one for one in ("r1", "n1", "rest1", "r2", "n2", "rest2") if one in found]
    whole = {"r1", "r2"} <= set(arms) and all({f"n{k}", f"rest{k}"} & set(arms) for k in (1, 2))
    if "r1" in found and not whole:
        faults.add(
            f"two arms are `r1` of `n1` and `r2` of `n2` (or `rest1` and `rest2`, those without "
            f"the event), and this table has only {', '.join(arms)}; tell which column is which, "
            "as in `ingest --map n1=treated`",
            heading,
        )
    return "r1" in found and not whole


def told_columns(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return what `--map says=estimate` tells: headings by what they mean; raises `InputError`."""
    return dict(_told(pair) for pair in pairs)


def _told(pair: str) -> tuple[str, str]:
    meaning, _, name = (part.strip() for part in pair.partition("="))
    if meaning in MEANINGS and name:
        return meaning, name
    hint = did_you_mean(meaning, MEANINGS) or f"; a column can be {', '.join(MEANINGS)}"
    message = f"a column is mapped as in says=estimate, and '{pair}' is not{hint}"
    raise InputError([Fault(message)])


def _check_slip(name: str, place: Place, faults: Faults) -> None:
    """Refuse a heading that is nearly one of ours: else what stands below it would be lost."""
    hint = did_you_mean(_plain(name), MEANINGS, cutoff=0.8) if len(name) > 3 else ""
    if hint and _plain(name) not in _MEANT:
        faults.add(f"no column is called '{name}'{hint}", place)


def _same(one: str, other: str) -> bool:
    return one.strip() == other.strip() or _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")


def meanings(columns: Mapping[str, int]) -> Iterator[str]:
    """Yield what columns mean, in the order in which tables are written."""
    return (one for one in MEANINGS if one in columns)
