"""Whether this installation works: what is installed, where it writes, and a fit held to truth."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from estimates._util.files import scratch_beside
from estimates._util.signing import key_path
from estimates.errors import InputError

#: A prior and a measurement that are both normal, and so is what they give together.
PRIOR_SD, SAID, ERROR = 10.0, 28.0, 15.0
_WEIGHT = PRIOR_SD**2 / (PRIOR_SD**2 + ERROR**2)
MEAN, SD = SAID * _WEIGHT, ERROR * math.sqrt(_WEIGHT)

_MODEL = f"""format: 1
evidence:
  sources: {{doctor: {{}}}}
  claims: {{said: {{source: doctor, says: {SAID:g} ± {ERROR:g}}}}}
quantities: {{x: {{prior: "Normal(mu=0, sigma={PRIOR_SD:g})"}}}}
claims: {{said: x}}
targets: [x]
"""
_ERRORS = 5.0  # Monte Carlo standard errors, which a right fit exceeds once in 1.7 million times
_EXTRAS = {
    "distributed": "fits on a cluster",
    "ipywidgets": "the explorer in a notebook",
    "openpyxl": "Excel files",
    "pypdf": "PDF files",
}


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is needed, or that something more needs.

    Attributes
    ----------
    installed : its version; "" where it is missing
    wanted : the versions that will do
    needed_for : of an optional one, what it is needed for
    """

    name: str
    installed: str
    wanted: str
    needed_for: str = ""
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """A folder or file that is written to.

    Attributes
    ----------
    what : is kept there
    problem : why nothing can be written there; "" where it can
    """

    what: str
    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A small fit beside its answer in closed form.

    Attributes
    ----------
    mean, sd : of the draws, with the Monte Carlo standard error of the mean
    problem : what is wrong with it; "" where nothing is
    """

    mean: float | None = None
    sd: float | None = None
    mcse_mean: float | None = None
    seconds: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What `estimates doctor` found.

    Attributes
    ----------
    problems : what is wrong, a sentence each
    """

    version: str
    python: str
    system: str
    processor: str
    processors: int
    packages: tuple[Package, ...]
    places: tuple[Written, ...]
    trial: Trial

    @property
    def problems(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [
            *(
                f"{one.name} {one.installed or 'is missing'}, where {one.wanted or 'any'} is needed"
                for one in self.packages
                if not one.fits
            ),
            *(f"{one.what}: {one.problem} ({one.path})" for one in self.places if one.problem),
            *([self.trial.problem] if self.trial.problem else []),
        ]


def diagnose(root: Path = Path()) -> Diagnosis:
    """Look at the installation, and try a fit."""
    from estimates.inference.codegen.cache import folder
    from estimates.report.saved import store_of

    trial = attempt()
    return Diagnosis(
        version=version("estimates"),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        processors=_processors(),
        packages=tuple(_packages()),
        places=(
            _place("finished work", store_of(root).folder),
            _place("machine code", folder()),
            _place("the key that signs finished work", key_path().parent),
        ),
        trial=trial,
    )


def attempt() -> Trial:
    """Fit a model whose posterior is known in closed form."""
    from estimates.inference.posterior import fit
    from estimates.inference.summary import summary
    from estimates.model.io.load import load_text

    begun = time.perf_counter()
    try:
        numbers = summary(fit(load_text(_MODEL), seed=1))
    except Exception as error:  # whatever keeps a fit from running is the finding
        return Trial(problem=f"a small fit failed: {type(error).__name__}: {error}")
    seconds = time.perf_counter() - begun
    x = numbers.quantities["x"]
    if x.mean is None or x.sd is None or x.mcse_mean is None:
        return Trial(seconds=seconds, problem="a small fit has no answer")
    return Trial(x.mean, x.sd, x.mcse_mean, seconds, verdict(x.mean, x.sd, x.mcse_mean))


def verdict(mean: float, sd: float, mcse: float) -> str:
    """Return what is wrong with the answer of the trial; "" where it is right.

    The standard deviation of normal draws has less error than their mean.
    """
    for name, found, truth in (("mean", mean, MEAN), ("standard deviation", sd, SD)):
        if not abs(found - truth) <= _ERRORS * mcse:
            return f"a small fit is wrong: its {name} is {found:.4g}, and {truth:.4g} is right"
    return ""


def _processor() -> str:
    from estimates.inference.codegen.jit import processor

    try:
        return processor().split()[1]
    except InputError as error:  # ESTIMATES_CPU names none
        return str(error)


def _processors() -> int:
    """Return how many processors may be used; Python before 3.13 has no function for it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _packages() -> Iterator[Package]:
    """Yield what the package declares to need, then what more can be done with."""
    for text in requires("estimates") or ():
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            found = _installed(wanted.name)
            fits = bool(found) and wanted.specifier.contains(found, prereleases=True)
            yield Package(wanted.name, found, str(wanted.specifier), fits=fits)
    for name, purpose in _EXTRAS.items():
        yield Package(name, _installed(name), "", purpose)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _place(what: str, folder: Path) -> Written:
    """Return whether something can be written into a folder, which need not be there yet."""
    problem = ""
    try:
        if folder.is_dir():
            with scratch_beside(folder / "any"):
                pass
        else:
            above = next(one for one in folder.absolute().parents if one.exists())
            if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
                problem = f"cannot be made in {above}"
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
    return Written(what, str(folder), problem)
