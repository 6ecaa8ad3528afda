"""One question about one fit: every split, pair and claim, judged under every reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from estimates.analysis.conflict.answer import answer_of
from estimates.analysis.conflict.bodies import EVIDENCE, PRIOR, bodies_of
from estimates.analysis.conflict.contrast import own_side, predictive
from estimates.analysis.conflict.head_to_head import pair_rows, pairs_of
from estimates.analysis.conflict.leave_out import Scope
from estimates.analysis.conflict.multiplicity import Families, adjust_claims, body_rows, families
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import LEAVE, Left
from estimates.analysis.conflict.resolving import Resolved, resolve, scope_of
from estimates.analysis.conflict.rows import (
    Ground,
    densities,
    ground_columns,
    grounds,
    head_columns,
    p_columns,
    side_columns,
    together,
    words_of,
)
from estimates.analysis.conflict.sentences import sentence, worth_saying
from estimates.analysis.result import Analysis, head
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.program import variable
from estimates.inference.summary import mixed_statistics, statistics
from estimates.model.combinations import Distinct, distinct_readings
from estimates.model.io import load_json

#: Adjusted p below which two bodies are said to be in conflict.
LEVEL = 0.05
_DRAWN = 24  # splits whose densities are in the document


class Analyst:
    """One question about one fit."""

    def __init__(
        self, fit: xr.DataTree, workers: Workers | None, progress: Progress | None
    ) -> None:
        self.fit, self.workers, self.progress = fit, workers, progress
        self.model = load_json(fit.attrs["model"])
        self.engine = Engine(self.model, seed=int(fit.attrs["seed"]))
        self.readings: tuple[Distinct, ...] = distinct_readings(self.model)
        self.weights = np.asarray(fit["readings"]["posterior"].values, dtype=float)
        self.bodies = bodies_of(self.model)
        self.sides = {b.name: own_side(b, self.engine.observations) for b in self.bodies}
        self.failed: list[str] = []

    def analysis(self) -> Analysis:
        """The whole answer."""
        splits = self._splits()
        checks = self._claims(splits)
        held = self._held_out()
        ground = {
            one.comparison.name: grounds(self.engine, self.fit, one.comparison, self.readings)
            for one in (*splits, *checks)
        }
        # What nothing else informs is no comparison of two bodies: it is among the claims only.
        proper = [one for one in splits if self._ground(one, ground).against != PRIOR]
        pairs = pairs_of(self.engine, self.bodies, self.sides, self.readings, self.weights)
        evident = [
            frozenset(
                one.comparison.name
                for one in proper
                if one.comparison.side.kind != "statement"
                and (part := int(one.comparison.part[number])) >= 0
                and ground[one.comparison.name][part].against == EVIDENCE
            )
            for number in range(len(self.readings))
        ]
        family = families(
            self.model, self.bodies, proper, pairs, evident, self.readings, list(self.weights)
        )
        rows, by_reading = self._split_rows(proper, ground, family)
        paired = pair_rows(
            self.model,
            pairs,
            [family.pair(one) for one in pairs],
            LEVEL,
            self.readings,
            self.weights,
        )
        claims, counted = self._claim_rows(checks, held, ground, family)
        scope = scope_of(rows, by_reading, paired, pairs)
        resolved = Resolved((), 0, 0)
        if scope is not None:
            resolved = resolve(
                self.engine, self.bodies, self.sides, proper, pairs,
                {one.comparison.name: self._ground(one, ground).against for one in proper},
                evident, self.readings, self.weights, scope, LEVEL, self.workers, self.progress,
            )  # fmt: skip
            self.failed += resolved.failed
        document = {
            "level": LEVEL,
            "bodies": len(self.bodies),
            "smallest_p_adjusted": min(
                (row["p_adjusted"] for row in (*rows, *paired)), default=None
            ),
            "conflicts": sum(row["conflict"] for row in rows)
            + sum(row["conflict"] for row in paired),
            "families": [*body_rows(self.model, family, self.readings), *counted],
            "target": self.model.targets[0],
            "target_unit": self.model.units.show(self.model.unit_of(self.model.targets[0])),
            "splits": rows,
            "splits_by_reading": [
                {key: value for key, value in row.items() if key != "members"} for row in by_reading
            ],
            "pairs": paired,
            "claims": claims,
            "without": [
                row if row["without"] else row | self._as_it_is(scope) for row in resolved.rows
            ],
            "agreeing": resolved.agreeing,
            "not_tried": resolved.not_tried,
            "densities": self._densities(proper, rows, by_reading),
        }
        failed = list(dict.fromkeys(self.failed))
        said = sentence(document)
        return Analysis(head(self.fit, said, failed) | document)

    # Comparisons -----------------------------------------------------------------------------

    def _splits(self) -> list[Judged]:
        """Each body against the rest."""
        items = [Left(body.ids, tuple(c.id for c in body.claims)) for body in self.bodies]
        partials = sweep(self.engine, LEAVE, items, self.workers, self.progress)
        for body, partial in zip(self.bodies, partials, strict=True):
            self.failed += [f"without {body.name}: {sentence}" for sentence in partial.failed]
        self.partials = dict(zip((body.name for body in self.bodies), partials, strict=True))
        return self._judge(
            [
                Comparison(body.name, self.sides[body.name], body.first, body.ids, partial)
                for body, partial in zip(self.bodies, partials, strict=True)
            ]
        )

    def _claims(self, splits: Sequence[Judged]) -> list[Judged]:
        """Each claim beside its own prediction, its body left out."""
        known = {one.comparison.name: one for one in splits}
        terms = self.engine.observations.terms
        found: dict[str, Judged] = {}
        new = []
        for body in self.bodies:
            for claim in body.claims:
                side = predictive(terms[claim.id])
                if len(body.claims) == 1 and side.kind != "count" and body.name == claim.id:
                    found[claim.id] = known[body.name]  # the same comparison, seen the other way
                else:
                    partial = self.partials[body.name]
                    new.append(Comparison(claim.id, side, claim, body.ids, partial))
        for one in self._judge(new):
            found[one.comparison.name] = one
        return [found[claim.id] for body in self.bodies for claim in body.claims]

    def _held_out(self) -> list[Judged]:
        """Each figure that is held out beside the answer."""
        terms = self.engine.observations.terms
        return self._judge(
            [
                Comparison(
                    use.id,
                    predictive(terms[use.id]),
                    use,
                    frozenset(),
                    answer_of(self.fit, self.model, self.readings, use),
                )
                for use in self.model.uses
                if use.held_out
            ]
        )

    def _judge(self, comparisons: Sequence[Comparison]) -> list[Judged]:
        judged = judge(self.engine, comparisons, self.readings, self.workers, self.progress)
        for one in judged:
            self.failed += [f"{one.comparison.name}: {sentence}" for sentence in one.failed]
        return judged

    # Rows ------------------------------------------------------------------------------------

    def _ground(self, one: Judged, ground: dict[str, tuple[Ground, ...]]) -> Ground:
        return together(ground[one.comparison.name], one.comparison.shares)

    def _split_rows(
        self, splits: Sequence[Judged], ground: dict[str, tuple[Ground, ...]], family: Families
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """A row for each split, and one for each of its parts; the smallest p first."""
        by_name = {body.name: body for body in self.bodies}
        order = sorted(range(len(splits)), key=lambda i: splits[i].log_p)
        rows, by_reading = [], []
        for i in order:
            one, comparison = splits[i], splits[i].comparison
            start = head_columns(self.model, comparison)
            claims = ", ".join(c.id for c in by_name[comparison.name].claims)
            p_adjusted = family.split(comparison.name)
            rows.append(
                start
                | {"claims": claims}
                | ground_columns(self._ground(one, ground))
                | side_columns(comparison, comparison.shares)
                | p_columns(one.log_p, one.error, one.above)
                | {
                    "p_adjusted": p_adjusted,
                    "conflict": p_adjusted < LEVEL,
                    "spoken": comparison.spoken,
                    "method": one.method,
                }
            )
            for part, found in enumerate(one.tails):
                members = [int(j) for j in np.flatnonzero(comparison.part == part)]
                p_adjusted = family.part(comparison.name, members)
                alone = np.zeros(len(one.tails))
                alone[part] = 1.0
                by_reading.append(
                    start
                    | {
                        "under": words_of(self.model, members, self.readings),
                        "weight": float(self.weights[members].sum()),
                        "weight_without": float(comparison.partial.weights[members].sum()),
                        "members": members,
                    }
                    | ground_columns(ground[comparison.name][part])
                    | side_columns(comparison, alone)
                    | p_columns(found.log_p, found.error, found.above)
                    | {
                        "p_adjusted": p_adjusted,
                        "conflict": p_adjusted < LEVEL,
                        "method": found.method,
                    }
                )
        return rows, by_reading

    def _as_it_is(self, scope: Scope | None) -> dict[str, float | None]:
        """The answer with nothing left out, which is the fit's own."""
        draws = self.fit["by_reading"].to_dataset()
        values = draws[variable(self.model.targets[0])].values
        if scope is not None and scope.reading is not None:
            found = statistics(values[scope.reading])
        else:
            readings = self.fit["readings"].to_dataset()
            found = mixed_statistics(
                values, readings["posterior"].values, readings["fit"].values,
                readings["weight_simulated"].values,
            )  # fmt: skip
        return {key: found[key] for key in ("median", "q05", "q95", "mcse_median")}

    def _claim_rows(
        self,
        checks: Sequence[Judged],
        held: Sequence[Judged],
        ground: dict[str, tuple[Ground, ...]],
        family: Families,
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """A row for each claim, and the families that they were adjusted in."""
        body_of = {
            c.id: (b.name if len(b.claims) == 1 else "") for b in self.bodies for c in b.claims
        }
        corrected, counted = adjust_claims(
            [
                (
                    one.comparison.name,
                    body_of[one.comparison.name],
                    math.exp(one.log_p),
                    self._ground(one, ground).against == PRIOR,
                )
                for one in checks
            ],
            family,
        )
        rows = []
        for one, p_adjusted in zip(
            (*checks, *held), [*corrected, *[None] * len(held)], strict=True
        ):
            comparison = one.comparison
            claim = self.model.ledger.claims[comparison.claim.id]
            lowest = min(range(len(one.tails)), key=lambda k: one.tails[k].log_p, default=None)
            row: dict[str, Any] = {
                "claim": comparison.claim.id,
                "body": next((b.name for b in self.bodies if claim.id in b.ids), ""),
                "source": claim.source,
                "speaker": claim.speaker,
            }
            row |= {k: v for k, v in head_columns(self.model, comparison).items() if k != "body"}
            row |= {"held_out": p_adjusted is None}
            if p_adjusted is None:
                row |= {"against": "the answer", "prior_of": "", "learned": None}
            else:
                row |= ground_columns(self._ground(one, ground))
            row |= p_columns(one.log_p, one.error, one.above) if one.tails else dict.fromkeys(
                ("p", "log10_p", "mcse_p", "z", "lies")
            )  # fmt: skip
            row |= {"p_adjusted": p_adjusted, "lowest_p": None, "lowest_under": "", "method": ""}
            if lowest is not None:
                members = [int(j) for j in np.flatnonzero(comparison.part == lowest)]
                row |= {
                    "lowest_p": math.exp(one.tails[lowest].log_p),
                    "lowest_under": words_of(self.model, members, self.readings),
                    "method": one.method,
                }
            rows.append(row)
        return rows, counted

    def _densities(
        self,
        splits: Sequence[Judged],
        rows: Sequence[dict[str, Any]],
        by_reading: Sequence[dict[str, Any]],
    ) -> dict[str, Any]:
        """Curves of the splits, and of conflicts under a reading, those of the smallest p first."""
        comparisons = {one.comparison.name: one.comparison for one in splits}
        found = {}
        worst = [row for row in by_reading if row["under"] and worth_saying(row)]
        for row in [*worst[:_DRAWN], *rows[:_DRAWN]]:
            comparison = comparisons[row["body"]]
            shares, name = comparison.shares, row["body"]
            if "members" in row:
                shares = np.zeros(len(comparison.shares))
                shares[comparison.part[row["members"][0]]] = 1.0
                name = f"{name} under {row['under']}"
            drawn = densities(comparison, shares)
            if drawn is not None:
                found[name] = drawn
        return found
