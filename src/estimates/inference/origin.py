"""Where a fit is from: the attributes of its tree, read in this one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from estimates.errors import Fault, InputError
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.io import load_json

if TYPE_CHECKING:
    import xarray as xr

#: Of the tree; a fit of another form is not read.
FORMAT = 2


@dataclass(frozen=True)
class Origin:
    """Where a finished fit is from, and whether it may be used.

    Attributes
    ----------
    slug, digest : of its model
    failed : why it must not be trusted, a sentence each; empty where it may be
    """

    slug: str
    seed: int
    digest: str
    sampling: Sampling
    targets: tuple[str, ...]
    failed: tuple[str, ...]

    @staticmethod
    def of(fit: xr.DataTree) -> Origin:
        """Read where a fit is from, as `estimates.fit` returned it or a file holds it.

        A file tells a list of one from its only entry no more than none from an empty array.

        Raises
        ------
        InputError : where it is of another form than this version's
        """
        form = fit.attrs.get("estimates_format")
        if form != FORMAT:
            message = (
                f"these draws have the form {form}, and this version reads {FORMAT}; "
                "fit the model again"
            )
            raise InputError([Fault(message)])
        draws, tune, chains = (int(one) for one in fit.attrs["sampling"])
        return Origin(
            slug=fit.attrs["slug"],
            seed=int(fit.attrs["seed"]),
            digest=fit.attrs["digest"],
            sampling=Sampling(draws=draws, tune=tune, chains=chains),
            targets=_texts(fit.attrs["targets"]),
            failed=_texts(fit.attrs["failed"]),
        )

    @property
    def converged(self) -> bool:
        """Whether the fit passed its checks."""
        return not self.failed


def _texts(values: str | Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(map(str, values))


@lru_cache(maxsize=8)
def _model(text: str, slug: str) -> Model:
    return load_json(text, slug)


def model_of(fit: xr.DataTree) -> Model:
    """Return the model that was fitted."""
    return _model(fit.attrs["model"], fit.attrs["slug"])
