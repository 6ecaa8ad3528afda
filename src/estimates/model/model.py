"""A whole model: what there is to know, and what each claim is about, checked as one.

Making a `Model` checks everything and samples nothing; a model that exists is valid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from estimates.errors import Fault, Faults
from estimates.language.expression import Expression, Interval, Name, parse_expression
from estimates.language.units import Unit, Units
from estimates.model import written
from estimates.model.claims import BoundClaim
from estimates.model.conventions import Conventions
from estimates.model.forms import NEWEST
from estimates.model.html import card
from estimates.model.ledger import Ledger, Source
from estimates.model.odds import CountOdds, count_odds, plain_odds
from estimates.model.panel.panel import Panel
from estimates.model.sections import Keys, Sections, parts_of
from estimates.model.serialize import document, write_folder
from estimates.model.sketch import sketch
from estimates.model.spec import DEFAULT_SEED, Currency, Parts, Quantity, Reading, Relation, Use
from estimates.model.symbols import Structure
from estimates.model.terms import Written
from estimates.model.validation.validate import check
from estimates.model.variants import Axis
from estimates.model.written_links import Dimension, SourceGroup


@dataclass(frozen=True, slots=True)
class Combination:
    """One option of every reading.

    Attributes
    ----------
    choice : by reading its option
    weight : the product of the options' stated weights, normalised

    Examples
    --------
    >>> import estimates as est
    >>> model = est.load("scmp-2017-headline")
    >>> model.combinations()[0].label
    'gross, share, china'
    """

    choice: Mapping[str, str]
    weight: float

    @property
    def label(self) -> str:
        """`gross, share, china`; "" where a model has no readings."""
        return ", ".join(self.choice.values())


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Model:
    """A checked model.

    Two are equal if their contents are, wherever they were written.

    Each section is what it is in a model file, and may be written as there: text, or mappings of
    the same keys. Expressions are texts, or made of the quantities themselves.

    Parameters
    ----------
    quantities : by name a `Quantity`, its prior as text, or a mapping
    relations : by name an expression, a `Relation` or a mapping
    readings : by name a `Reading` or a mapping
    claims, compare : by name a `Claim` and what it is about, as evidence or held out; for a claim
        of the `ledger` what it is about suffices
    targets : what is asked for, the first the headline
    sources : by id; a claim may also name its source itself
    ledger : claims that were written elsewhere
    dimensions : what quantities are over: by name a `Dimension`, or a list of labels
    kinds : the kinds of sources: by group a `SourceGroup` or a mapping
    currencies : by code a `Currency`, or text as in a model file
    conventions, variants : as in a model file
    seed, title, question, note : as in a model file
    slug : what it is called in results

    Attributes
    ----------
    parts : the model as declared
    uses : the claims that it uses, bound; evidence first, then what is held out
    warnings : what is allowed but seldom meant, each with its place
    panel, cells : which cells belong together, and the parts with each cell by itself

    Raises
    ------
    InputError : with every fault, in the sentences that a file gets, without lines

    See Also
    --------
    load : reads a model of files
    fit : draws its posterior

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {"count": est.Claim("around 300 people", about=n, source="A newspaper")}
    >>> est.Model({"n": n}, {"pay": n * 30}, claims=said, targets=["pay"]).order
    ('n', 'pay')
    """

    parts: Parts
    uses: tuple[BoundClaim, ...]
    warnings: tuple[Fault, ...]
    panel: Panel
    cells: Parts
    _structure: Structure

    def __init__(
        self,
        quantities: Mapping[str, written.Quantity | str | float | Keys],
        relations: Mapping[str, Written | written.Relation | Keys] | None = None,
        *,
        readings: Mapping[str, written.Reading | Keys] | None = None,
        claims: Mapping[str, written.Claim | Written | Keys] | None = None,
        compare: Mapping[str, written.Claim | Written | Keys] | None = None,
        targets: Written | Iterable[Written] = (),
        sources: Mapping[str, Source | Keys] | None = None,
        ledger: Ledger | None = None,
        dimensions: Mapping[str, Dimension | Iterable[str | int] | Keys] | None = None,
        kinds: Mapping[str, SourceGroup | Keys] | None = None,
        currencies: Mapping[str, str | Currency | Keys] | None = None,
        conventions: Conventions | Keys | None = None,
        variants: Mapping[str, Keys] | None = None,
        seed: int = DEFAULT_SEED,
        title: str = "",
        question: str = "",
        note: str = "",
        slug: str = "model",
    ) -> None:
        faults = Faults()
        overrides = conventions.overrides() if isinstance(conventions, Conventions) else conventions
        rest = {
            "title": title,
            "question": question,
            "note": note,
            "seed": seed,
            "format": NEWEST,
            "conventions": overrides,
            "variants": variants,
        }
        sections = Sections(
            quantities, relations or {}, readings or {}, claims or {}, compare or {}, targets,
            sources or {}, ledger, dimensions or {}, kinds or {}, currencies or {},
            {key: one for key, one in rest.items() if one not in (None, "")},
        )  # fmt: skip
        content = sections.document(faults)
        faults.raise_if_any()
        self._be(parts_of(content, slug, faults), faults)

    def _be(self, parts: Parts, faults: Faults) -> None:
        """Become the checked model of some parts; raise `InputError` with every fault."""
        found = check(parts, faults)
        faults.raise_if_any()
        self._set(
            parts=parts,
            uses=found.uses,
            warnings=found.warnings,
            panel=found.panel,
            cells=found.parts,
            _structure=found.structure,
        )

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def restated(self, parts: Parts) -> Model:
        """Return the model with parts that differ in nothing that needs a check."""
        model = object.__new__(Model)
        model._set(
            parts=parts,
            uses=self.uses,
            warnings=self.warnings,
            panel=self.panel,
            cells=self.cells if self.panel else parts,
            _structure=self._structure,
        )
        return model

    @staticmethod
    def of(parts: Parts, faults: Faults) -> Model:
        """Return a checked model of its parts; raise `InputError` with every fault."""
        model = object.__new__(Model)
        model._be(parts, faults)
        return model

    # What was declared ------------------------------------------------------------------------

    @property
    def slug(self) -> str:
        """The folder's name; no part of the model's content."""
        return self.parts.slug

    @property
    def title(self) -> str:
        """What the model is about, in a line."""
        return self.parts.title

    @property
    def question(self) -> str:
        """What the reader came to ask; may be empty."""
        return self.parts.question

    @property
    def note(self) -> str:
        """Free text; may be empty."""
        return self.parts.note

    @property
    def ledger(self) -> Ledger:
        """What was said."""
        return self.parts.ledger

    @property
    def readings(self) -> Mapping[str, Reading]:
        """The ambiguous phrases, by name."""
        return {name: one for name, one in self.parts.readings.items() if not one.each}

    @property
    def claims(self) -> Mapping[str, Use]:
        """The claims used as evidence, by id, as declared."""
        return {use.claim: use for use in self.cells.claims}

    @property
    def compare(self) -> Mapping[str, Use]:
        """The claims held out, by id, as declared."""
        return {use.claim: use for use in self.cells.compare}

    @property
    def currencies(self) -> Mapping[str, Currency]:
        """The dated rates, by code."""
        return self.parts.currencies

    @property
    def conventions(self) -> Conventions:
        """The conventions, with this model's overrides."""
        return self.parts.conventions

    @property
    def variants(self) -> Mapping[str, Axis]:
        """Other ways to analyse the same claims, by axis."""
        return self.parts.variants

    @property
    def seed(self) -> int:
        """The seed, the documented default where the model states none."""
        return self.parts.seed

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """What the reader came for, each cell as text; the first is the headline."""
        return tuple(str(target) for target in self.cells.targets)

    # What was found out -----------------------------------------------------------------------

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """The basic quantities, families, bound arguments and supports filled in, in order."""
        return self._structure.quantities

    @property
    def relations(self) -> Mapping[str, Relation]:
        """The relations in dependency order, units filled in, expressions as declared."""
        return self._structure.relations

    @property
    def bound_relations(self) -> Mapping[str, Relation]:
        """The relations with conversions of units written in: each in its own declared unit."""
        return self._structure.bound_relations

    @property
    def apart(self) -> Mapping[str, Relation]:
        """The relations that every claim reads for itself, without a value of their own."""
        return self._structure.apart

    @property
    def units(self) -> Units:
        """The units and currencies."""
        return self._structure.units

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Quantities then relations, each after whatever it follows from."""
        return (*self.quantities, *self.relations)

    def unit_of(self, what: str | Expression) -> Unit:
        """Return the unit of a name, or of the value of an expression as written in the model."""
        return self._structure.bind(self.expression(what))[1]

    def support_of(self, what: str | Expression) -> Interval:
        """Return where the value of a name or expression can lie, in its own unit."""
        return self._structure.support_of(self.bound(what))

    def bound(self, what: str | Expression) -> Expression:
        """Return an expression as written in the model, with conversions of units written in.

        Its value is in `unit_of(what)`. Raises `UnitError`.
        """
        return self._structure.bind(self.expression(what))[0]

    def axes_of(self, what: str | Expression) -> frozenset[str]:
        """Return the readings on which a name or expression depends."""
        return self._structure.axes_of(self.expression(what))

    def expression(self, what: str | Expression) -> Expression:
        """Return an expression; names that the program makes need no parser."""
        if not isinstance(what, str):
            return what
        return Name(what) if what in self._structure.unit else parse_expression(what)

    def resolve(self, what: str | Expression, choice: Mapping[str, str]) -> Expression | None:
        """Return what an expression is in basic quantities only, under an option of every reading.

        Text is bound first; an `Expression` must be bound already (from `bound`, a `BoundClaim`
        or `bound_relations`). None where the choice says `nothing` of it.
        """
        bound = self.bound(what) if isinstance(what, str) else what
        return self._structure.expand(bound, choice)

    @cached_property
    def count_odds(self) -> CountOdds:
        """The log-odds of what counts are about, for those whose form gives them away."""
        return count_odds(self.uses, self._structure)

    def odds_of(self, share: Expression) -> Expression | None:
        """Return the log-odds of a share in basic quantities (from `resolve`), if by its form."""
        return plain_odds(share, self._structure)

    @cached_property
    def _combinations(self) -> tuple[Combination, ...]:
        weights = [reading.weights for reading in self.readings.values()]
        return tuple(
            Combination(
                dict(zip(self.readings, options, strict=True)),
                prod(
                    (axis[option] for axis, option in zip(weights, options, strict=True)), start=1.0
                ),
            )
            for options in product(*weights)
        )

    def combinations(self) -> tuple[Combination, ...]:
        """Return every combination of options, with its stated weight; one without readings."""
        return self._combinations

    # Its content, canonically -----------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the whole content, evidence included; loadable again."""
        return document(self.parts)

    def to_json(self) -> str:
        """Return `to_dict` as JSON; `estimates.load_json` makes an equal model of it."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: comments, order of keys, paths and the slug do not count."""
        content = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    def to_yaml(self, folder: str | Path) -> Path:
        """Write the model and its ledger into a folder, from which `load` makes an equal model.

        Returns the folder. Raises `InputError` where a model or ledger is there already.
        """
        return write_folder(self.parts, Path(folder))

    def __repr__(self) -> str:
        return sketch(self)

    def _repr_html_(self) -> str:
        return card(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
