"""What a question about a fit comes to: typed rows, one plain sentence, and whether to trust it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol, TypedDict, runtime_checkable

from estimates._util.html import folded, line
from estimates._util.records import Column, Documented, fields_of, row_type
from estimates.inference.result import Statistics
from estimates.language.cells import notebook
from estimates.language.phrases import (
    NameLabels,
    OptionLabels,
    Questions,
    called,
    labelling,
    option_words,
    spoken,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class Result(Documented):
    """The answer to one question about a fit; each analysis has a class of its own.

    What stands in a field of type `tuple[SomeRow, ...]` is a table.

    Attributes
    ----------
    format : the version of the document's form
    model, seed, digest : what was fitted
    converged, failed : whether every fit that this rests on may be trusted, and why not
    sentence : the finding, in words
    option_labels : of the options of readings that have one, how they are called; None without any
    name_labels : the same of quantities, relations, kinds of sources and labels of dimensions
    questions : what each reading leaves open

    See Also
    --------
    plot : draws it
    export : writes its tables

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> found = est.forest(fit)
    >>> isinstance(found, est.Result), sorted(found.tables)
    (True, ['lines'])
    """

    format: int = 1
    model: str
    seed: int
    digest: Annotated[str, Column("of the model that was fitted")]
    converged: Annotated[bool, Column("whether every fit that this rests on passed its checks")]
    failed: Annotated[tuple[str, ...], Column("what has not, a sentence each")]
    sentence: Annotated[str, Column("the answer in words")]
    option_labels: OptionLabels = None
    name_labels: NameLabels = None
    questions: Questions = None

    def named(self, name: str) -> str:
        """Return a quantity, an option or an edge in words."""
        return called(name)

    def chosen(self, name: str, option: str | None) -> str:
        """Return an option of a reading in words; where there is none, the quantity of the name."""
        return self.named(name) if option is None else f"“{option_words(option)}”"

    def in_order[R](self, rows: tuple[R, ...]) -> tuple[R, ...]:
        """Return rows of a table in the order in which a screen shows them."""
        return rows

    def at_once[R](self, rows: tuple[R, ...]) -> tuple[R, ...]:
        """Return the rows of a table that a first screen shows, if it has room for them."""
        return rows

    def part(self, component: str, name: str) -> str:
        """Return a part of the joint density in words: a claim, a source, or what a prior is of."""
        return name

    def labelled(self) -> AbstractContextManager[None]:
        """Return a context in which things are called by their labels."""
        return labelling(self.option_labels, self.name_labels, self.questions)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every list of rows as a table; nested entries become dotted columns."""
        import pandas as pd

        found = {}
        for field in fields_of(self.__class__):
            rows = self.document.get(field.key)
            if row_type(field.type) is not None and rows:
                found[field.key] = pd.json_normalize(rows)
        return found

    def __str__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        with self.labelled():
            return "\n".join(self._shown())

    def _shown(self) -> list[str]:
        parts = [line(self.sentence)]
        if not self.converged:
            parts.append(line(f"Not to be trusted: {'; '.join(self.failed)}."))
        for field in fields_of(self.__class__):
            rows = getattr(self, field.name)
            if row_type(field.type) is not None and rows and field.column.first >= 0:
                name = field.column.label or spoken(field.name)
                folding = f"{name}, {len(rows):,} row{'' if len(rows) == 1 else 's'}"
                parts.append(folded(folding, notebook(rows, self)))
        return parts


@runtime_checkable
class OfTarget(Protocol):
    """An answer about one target."""

    @property
    def target(self) -> str: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True)
class Numbers:
    """A median and a 90 % interval with their Monte Carlo errors; None where there are none."""

    median: float | None = None
    q05: float | None = None
    q95: float | None = None
    mcse_median: float | None = None
    mcse_q05: float | None = None
    mcse_q95: float | None = None

    @staticmethod
    def of(found: Statistics | None) -> Numbers:
        """Return what is told of draws; None throughout where nothing is."""
        if found is None:
            return Numbers()
        errors = found.mcse_median, found.mcse_q05, found.mcse_q95
        return Numbers(found.median, found.q05, found.q95, *errors)


class Head(TypedDict):
    """The fields with which every answer about a fit begins."""

    model: str
    seed: int
    digest: str
    converged: bool
    failed: tuple[str, ...]
    sentence: str
    option_labels: Mapping[str, str] | None
    name_labels: Mapping[str, str] | None
    questions: Mapping[str, str] | None


def head_of(fit: xr.DataTree, sentence: str, failed: Sequence[str] = ()) -> Head:
    """Return the head of an answer; `failed` adds checks that its own fits did not pass."""
    from estimates.inference.origin import (  # NumPy, which reading an answer needs not
        Origin,
        model_of,
    )
    from estimates.model.naming import labels_in

    origin = Origin.of(fit)
    whole = (*origin.failed, *failed)
    return Head(
        model=origin.slug,
        seed=origin.seed,
        digest=origin.digest,
        converged=not whole,
        failed=whole,
        sentence=sentence,
        **labels_in(model_of(fit)),
    )


@dataclass(frozen=True)
class Staged[R: Result]:
    """An answer that can be read before all of it is there.

    Attributes
    ----------
    said : the answer, without what only its figure needs
    whole : works out the rest and returns all of it
    """

    said: R
    whole: Callable[[], R]
