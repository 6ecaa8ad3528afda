"""What quoted figures together imply: from the wording of claims to posteriors.

    import estimates as est

    model = est.load("scmp-2017-headline")  # checked; nothing is sampled
    fit = est.fit(model, seed=1)            # an xarray DataTree in the ArviZ schema
    est.compare(fit)                        # the answer beside the cited figure

Names are imported when they are first used, so that reading a model never loads the sampler.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from estimates.account import describe
    from estimates.analysis import Analysis
    from estimates.beforehand import explain_prior
    from estimates.bibliography import bibtex, csl_json
    from estimates.calibrated import calibrate
    from estimates.comparison import compare, comparison_document
    from estimates.conflict import find_conflicts
    from estimates.errors import Fault, InputError, NotConverged, Place
    from estimates.evidence import Claim, Ledger, Source
    from estimates.exports import arviz_tree, export, write_draws
    from estimates.expression import parse_expression
    from estimates.files import load, load_json, load_ledger
    from estimates.fitting import Change
    from estimates.implied import explain
    from estimates.information import value_information
    from estimates.inversion import invert
    from estimates.model import (
        BoundClaim,
        Combination,
        Conventions,
        Currency,
        FixedValue,
        IntervalPrior,
        Model,
        NamedPrior,
        Option,
        Quantity,
        Reading,
        Relation,
        Use,
        parse_prior,
    )
    from estimates.multiverse import vary
    from estimates.notebook import explore
    from estimates.posterior import fit
    from estimates.refits import leave_one_out, refit
    from estimates.report import write_report
    from estimates.reweighing import Reweighted, reweigh
    from estimates.sampling import Sampling
    from estimates.sensitivity import find_drivers
    from estimates.store import Store
    from estimates.summaries import summary
    from estimates.supposition import suppose
    from estimates.sweep import Workers
    from estimates.units import Units
    from estimates.watching import progress_bar
    from estimates.wording import parse_wording

#: Every public name, and the module that it comes from.
_HOMES = {
    "comparison": ("compare", "comparison_document"),
    "errors": ("Fault", "InputError", "NotConverged", "Place"),
    "evidence": ("Claim", "Ledger", "Source"),
    "expression": ("parse_expression",),
    "files": ("load", "load_json", "load_ledger"),
    "model": (
        "BoundClaim",
        "Combination",
        "Conventions",
        "Currency",
        "FixedValue",
        "IntervalPrior",
        "Model",
        "NamedPrior",
        "Option",
        "Quantity",
        "Reading",
        "Relation",
        "Use",
        "parse_prior",
    ),
    "account": ("describe",),
    "analysis": ("Analysis",),
    "beforehand": ("explain_prior",),
    "bibliography": ("bibtex", "csl_json"),
    "calibrated": ("calibrate",),
    "conflict": ("find_conflicts",),
    "exports": ("arviz_tree", "export", "write_draws"),
    "fitting": ("Change",),
    "implied": ("explain",),
    "information": ("value_information",),
    "inversion": ("invert",),
    "multiverse": ("vary",),
    "notebook": ("explore",),
    "posterior": ("fit",),
    "refits": ("leave_one_out", "refit"),
    "report": ("write_report",),
    "reweighing": ("Reweighted", "reweigh"),
    "sampling": ("Sampling",),
    "sensitivity": ("find_drivers",),
    "store": ("Store",),
    "summaries": ("summary",),
    "supposition": ("suppose",),
    "sweep": ("Workers",),
    "units": ("Units",),
    "watching": ("progress_bar",),
    "wording": ("parse_wording",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Analysis",
    "BoundClaim",
    "Change",
    "Claim",
    "Combination",
    "Conventions",
    "Currency",
    "Fault",
    "FixedValue",
    "InputError",
    "IntervalPrior",
    "Ledger",
    "Model",
    "NamedPrior",
    "NotConverged",
    "Option",
    "Place",
    "Quantity",
    "Reading",
    "Relation",
    "Reweighted",
    "Sampling",
    "Source",
    "Store",
    "Units",
    "Use",
    "Workers",
    "arviz_tree",
    "bibtex",
    "calibrate",
    "compare",
    "comparison_document",
    "csl_json",
    "describe",
    "explain",
    "explain_prior",
    "explore",
    "export",
    "find_conflicts",
    "find_drivers",
    "fit",
    "invert",
    "leave_one_out",
    "load",
    "load_json",
    "load_ledger",
    "parse_expression",
    "parse_prior",
    "parse_wording",
    "progress_bar",
    "refit",
    "reweigh",
    "summary",
    "suppose",
    "value_information",
    "vary",
    "write_draws",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """A public name, from its module, the first time that it is asked for (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("estimates")
    if name not in _HOME:
        raise AttributeError(f"module 'estimates' has no attribute '{name}'")
    found = getattr(importlib.import_module(f"estimates.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
