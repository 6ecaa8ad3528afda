"""What is asked of each model: every command of the program, in its several forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimates.analysis.registry import ANALYSES
from estimates.cli.app import COMMANDS
from estimates.model import Model

type Words = tuple[str, ...]

_HERE = Path(__file__).parent
#: Options that no invocation here gives, and why.
LEFT_OUT = {
    ("check", "watch"): "runs until it is interrupted",
    ("fit", "fresh"): "the first fit is fresh",
}
#: Commands that are not run here, and why; `tests/test_preview.py` runs it in a browser.
LEFT_OUT_WHOLE = {"preview": "serves a page until it is interrupted"}
#: Options of many commands, which say nothing of a model (a cluster is none of the soak's, and
#: nothing of the corpus lies outside its root).
EVERYWHERE = frozenset(
    (*("as_json", "seed", "root", "help", "debug"), *("scheduler", "workers", "allow_outside"))
)


@dataclass(frozen=True)
class Asked:
    """A model as it lies below a root, and where files may be written.

    Attributes
    ----------
    model : the model, loaded
    scratch : a folder for what is written
    median : of a quantity, for `--set`
    """

    model: Model
    scratch: Path
    median: Callable[[str], float | None]

    @property
    def slug(self) -> str:
        return self.model.slug


def _alone(*options: Words) -> Callable[[Asked], Iterator[Words]]:
    """A command with the model, and with the model and each of these."""
    return lambda asked: iter([(asked.slug,), *((asked.slug, *option) for option in options)])


def _explain(asked: Asked) -> Iterator[Words]:
    ledger = asked.model.ledger
    said = [claim for claim in ledger.claims.values() if claim.says is not None]
    for claim in said[:6]:
        denied = ledger.claims[claim.disputes].says if claim.disputes else None
        disputes = ("--disputes", str(denied)) if denied is not None else ()
        yield (str(claim.says), "--model", asked.slug, *disputes)
    yield ("around 20,000 people", "--basis", "expert", "--figure", f"{asked.scratch}/w.png")
    yield ("20,000 people", "--sigma", "10 %")
    for quantity in [q for q in asked.model.quantities.values() if _is_interval(q)][:3]:
        unit = ("--unit", str(quantity.unit)) if str(quantity.unit) else ()
        yield ("--prior", str(quantity.prior), *unit, "--support", str(quantity.support))


def _is_interval(quantity: Any) -> bool:
    return "(" not in str(quantity.prior) and " to " in str(quantity.prior)


def _inverse(asked: Asked) -> Iterator[Words]:
    yield (asked.slug,)
    target = asked.model.targets[0]
    name = str(getattr(target, "name", target))
    yield (asked.slug, "--target", name, "--between", "2", "20")
    yield (asked.slug, "--target", name, "--between", "-inf", "3")
    yield (asked.slug, "--target", name, "--at", "4", "--cells")


def _voi(asked: Asked) -> Iterator[Words]:
    yield (asked.slug,)
    names = list(asked.model.quantities)[:2]
    target = str(getattr(asked.model.targets[0], "name", asked.model.targets[0]))
    yield (
        *(asked.slug, "--target", target, "--threshold", "3", "--group", ",".join(names)),
        *("--loss", "linear", "--loss-false-above", "2", "--loss-false-below", "0.5", "--cells"),
    )


def _sensitivity(asked: Asked) -> Iterator[Words]:
    yield (asked.slug,)
    last = asked.model.targets[-1]
    yield (asked.slug, "--target", str(getattr(last, "name", last)), "--cells", "--refit-all")


def _multiverse(asked: Asked) -> Iterator[Words]:
    yield (asked.slug, "--sample", "5")
    last = asked.model.targets[-1]
    yield (asked.slug, "--sample", "3", "--target", str(getattr(last, "name", last)))


def _whatif(asked: Asked) -> Iterator[Words]:
    model, slug = asked.model, asked.slug
    for name in list(model.quantities)[:1]:
        value = asked.median(name)
        if value is not None:
            yield (slug, "--set", f"{name}={value:g}")
    for name, reading in list(model.readings.items())[:1]:
        yield (slug, "--reading", f"{name}={next(iter(reading.options))}")
    claims = [name for name in model.ledger.claims if name in model.claims]
    for name in claims[:1]:
        claim = model.ledger.claims[name]
        yield (slug, "--drop", name)
        yield (slug, "--drop-source", claim.source)
        yield (slug, "--widen", f"{name}=2")
        yield (slug, "--widen", f"{name}=2", "--hold-readings")
        yield (slug, "--says", f"{name}={claim.says}")
    for origin in [claim.origin for claim in model.ledger.claims.values() if claim.origin][:1]:
        yield (slug, "--drop-origin", origin)


def _validate(asked: Asked) -> Iterator[Words]:
    if asked.model.claims:
        yield (asked.slug,)
        yield (asked.slug, "--share", "100 %")
        yield (asked.slug, "--hold-out", next(iter(asked.model.quantities)))
        yield (asked.slug, "--kind", "expert")
        sources = asked.model.ledger.sources.values()
        dates = sorted(source.published for source in sources if source.published)
        yield (asked.slug, "--as-of", dates[0] if dates else "2017-08")


def _export(asked: Asked) -> Iterator[Words]:
    yield (asked.slug,)
    some = ("--format", "csv", "--format", "markdown")
    yield (asked.slug, *some, "--to", str(asked.scratch / "tables"), "--force")
    for suffix in (".nc", ".zarr.zip"):
        yield (asked.slug, "--draws", f"{asked.scratch}/draws{suffix}")
    for suffix in (".csv", ".json", ".parquet"):
        yield (asked.slug, "--claims", f"{asked.scratch}/claims{suffix}")


def _diff(asked: Asked) -> Iterator[Words]:
    yield (asked.slug, asked.slug, "--to", str(asked.scratch / "changes"))
    yield (asked.slug, "--since", "HEAD")  # which is refused where there is no repository


def _ingest(asked: Asked) -> Iterator[Words]:
    name = f"in-{len(asked.slug)}-{len(asked.model.ledger.claims)}"
    told = ("--about", "any", "--unit", "kg", "--coverage", "90%", "--scatter", "up to 5 kg")
    told += ("--decimal", ".", "--title", "Any: title")
    yield (str(_HERE / "trials.csv"), name, *told, "--map", "note=remark")
    for measure, prior in (("RR", "0.1 to 3"), ("OR", "LogNormal(mu=0, sigma=1)")):
        arms = ("--about", "any", "--measure", measure, "--prior", prior)
        yield (str(_HERE / "arms.csv"), f"{name}-{measure.lower()}", *arms)


def _draft(asked: Asked) -> Iterator[Words]:
    name = f"of-{len(asked.slug)}-{len(asked.model.ledger.claims)}"
    yield (str(_HERE / "article.txt"), name, "--url", "https://example.org/a")


def _conflict(asked: Asked) -> Iterator[Words]:
    yield from ((asked.slug,), (asked.slug, "--refit-all"), (asked.slug, "--as-said"))
    evidence = list(asked.model.claims)[:2]
    if evidence:
        yield (asked.slug, "--body", ",".join(evidence))


def _show(asked: Asked) -> Iterator[Words]:
    yield (asked.slug,)
    yield (asked.slug, "--graph", "-")
    for suffix in (".svg", ".png", ".mmd"):
        yield (asked.slug, "--graph", f"{asked.scratch}/graph{suffix}")


def _cite(asked: Asked) -> Iterator[Words]:
    yield from ((), ("--format", "cff"))
    for style in ("bibtex", "csl-json"):
        yield (asked.slug, "--format", style, "--output", f"{asked.scratch}/sources.{style}")


def _report(asked: Asked) -> Iterator[Words]:
    published = ("--address", "https://example.org/reports/")
    yield (asked.slug, "--output", f"{asked.scratch}/report.html", *published)
    # What is kept is read in that time; a model that is not read so fast has boxes on its page.
    yield (asked.slug, "--output", f"{asked.scratch}/hasty.html", "--part-seconds", "1")


#: By command its invocations, without the command's own name.
INVOCATIONS: Mapping[str, Callable[[Asked], Iterator[Words]]] = {
    "new": lambda asked: iter([(f"new-{len(asked.slug)}", "--title", "Any: title")]),
    "ingest": _ingest,
    "draft": _draft,
    "explain": _explain,
    "list": lambda asked: iter([()]),
    "check": _alone(("--allow-outside",)),
    "show": _show,
    "fit": _alone(),
    "compare": _alone(*(("--pool", pool) for pool in ("held-out", "independent", "redundant"))),
    "sensitivity": _sensitivity,
    "conflict": _conflict,
    "inverse": _inverse,
    "voi": _voi,
    "forest": _alone(),
    "multiverse": _multiverse,
    "validate": _validate,
    "whatif": _whatif,
    "diff": _diff,
    "figures": _alone(),
    "export": _export,
    "cite": _cite,
    "calibrate": lambda asked: iter([(asked.slug, "-n", "3")]),
    "report": _report,
    "reproduce": _alone(("--verify", "--part-seconds", "3600")),
    "store": lambda asked: iter(
        [
            (),
            (asked.slug, "--kind", "fit"),
            ("--stale",),
            (asked.slug, "--prune", "--dry-run", "--older-than", "0"),
            (asked.slug, "--prune"),
        ]
    ),
    "doctor": lambda asked: iter([()]),
    "help": lambda asked: iter([(), ("R-hat",), ("90", "%", "interval")]),
    "completion": lambda asked: iter([("bash",)]),
}

#: What is said as well as what is documented: these are also run without `--json`.
IN_WORDS = frozenset(
    (
        *("explain", "list", "check", "show", "fit", "compare", "sensitivity", "conflict"),
        *(
            "inverse",
            "voi",
            "forest",
            "multiverse",
            "validate",
            "whatif",
            "diff",
            "calibrate",
            "store",
            "cite",
            "help",
            "completion",
        ),
    )
)

#: What has more to say than one screen.
IN_FULL = frozenset(("explain", "show", "fit", "compare", "diff", "calibrate", *ANALYSES))


def invocations(asked: Asked, only: Sequence[str] = ()) -> Iterator[Words]:
    """Every command line for a model, in the order of `INVOCATIONS`; `only` some commands."""
    for name, forms in INVOCATIONS.items():
        if only and name not in only:
            continue
        for words in forms(asked):
            yield (name, *words, "--json")
            if name in IN_WORDS and not (name == "store" and "--prune" in words):
                yield (name, *words)
            if name in IN_FULL and "--graph" not in words:
                yield (name, *words, "--full")


def unknown() -> list[str]:
    """Commands that nothing here runs."""
    return [name for name in COMMANDS if name not in INVOCATIONS and name not in LEFT_OUT_WHOLE]
