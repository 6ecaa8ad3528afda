"""Runs the cells of a model's variants, and puts what came of them into one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from estimates.analysis import Analysis
from estimates.cited import cited
from estimates.engine import Engine
from estimates.model import Model
from estimates.multiverse.cells import (
    Evidence,
    Plan,
    evidence_of,
    grouped,
    own_model,
    plan,
    view_of,
)
from estimates.multiverse.effects import main_effects, shares
from estimates.multiverse.running import CELLS, Found, Work
from estimates.multiverse.sentences import sentence
from estimates.multiverse.verdicts import Sides, Standing
from estimates.multiverse.weighing import weight_flips
from estimates.multiverse.widening import LIMIT, width_flips
from estimates.readings import distinct_readings
from estimates.refits import SAMPLING
from estimates.sampling import Sampling
from estimates.sweep import Progress, Workers, sweep


def vary(
    model: Model,
    *,
    sample: int | None = None,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """The answer under every combination of the model's variants, or a sample of them.

    Parameters
    ----------
    sample : so many cells, drawn without replacement, the base among them; all if not said
    seed : of every draw, and of the sample; else the model's
    sampling : of each fit; by default a quarter of the draws that `fit` makes
    workers, progress : as in `fit`; with a store, finished cells are kept

    Returns
    -------
    Analysis of a document with
    `cells` : one row a cell: the option of each axis, the headline target's median and 90 %
        interval with their Monte Carlo errors, weights of readings, and for each cited figure
        P(below), P(inside), P(above) and the verdict.  A cell whose fit failed has no numbers.
    `verdicts` : for each cited figure in how many cells each verdict holds
    `readings` : the same under each reading alone
    `effects` : what each option does to the median, everything else the same
    `weight_flips`, `width_flips` : for each cited figure the smallest change of a reading's stated
        weight, and of the widths of claims, that makes the base's verdict another
    Evidence is not compared between cells: where claims or widths differ it is of other data.

    Raises
    ------
    InputError : where the model declares no variants, there are too many cells, or a combination
        of options makes no valid model
    """
    seed = model.seed if seed is None else seed
    made = plan(model, sample, seed)
    runner = _Runner(model, made, seed, sampling or SAMPLING, workers, progress)
    found = runner.cells()
    base = found[0]
    width_rows: list[dict[str, Any]] = []
    weight_rows: list[dict[str, Any]] = []
    if not base.failed:
        width_rows = width_flips(runner.base, runner.view, base, runner.widened)
        weight_rows = weight_flips(runner.base, runner.detail(), runner.standing, seed)
    return Analysis(_document(model, made, found, seed, weight_rows, width_rows))


class _Runner:
    """Runs groups of cells, each group through one engine, and the refits of the base."""

    def __init__(
        self,
        model: Model,
        made: Plan,
        seed: int,
        sampling: Sampling,
        workers: Workers | None,
        progress: Progress | None,
    ) -> None:
        self._plan, self._seed, self._sampling = made, seed, sampling
        self._workers, self._progress = workers, progress
        # Every model is made before the first fit, so that an impossible one is told at once.
        self._groups = [(own_model(model, made.cells[g[0]]), g) for g in grouped(made)]
        self.base = self._groups[0][0]
        self.view = view_of(self.base, made.cells[0])
        self._engine = Engine(self.base, seed=seed)

    def cells(self) -> list[Found]:
        """What came of each cell, in the order of the plan."""
        found: dict[int, Found] = {}
        for model, numbers in self._groups:
            engine = self._engine if model is self.base else Engine(model, seed=self._seed)
            shared: dict[Evidence, list[int]] = {}
            for number in numbers:
                evidence = evidence_of(model, self._plan.cells[number])
                shared.setdefault(evidence, []).append(number)
            works = [
                Work(
                    evidence,
                    tuple(view_of(model, self._plan.cells[n]) for n in members),
                    self._sampling,
                )
                for evidence, members in shared.items()
            ]
            told = self._told(len(found), [len(members) for members in shared.values()])
            for members, results in zip(
                shared.values(), sweep(engine, CELLS, works, self._workers, told), strict=True
            ):
                found |= dict(zip(members, results, strict=True))
        return [found[number] for number in range(len(self._plan.cells))]

    def _told(self, before: int, sizes: Sequence[int]) -> Progress | None:
        """Progress of all groups together, counted in cells."""
        progress = self._progress
        if progress is None:
            return None
        total, here = len(self._plan.cells), sum(sizes)

        def told(done: int, of: int, what: str) -> None:
            progress(before + here * done // max(1, of), total, "cells")

        return told

    def widened(self, evidence: Sequence[Evidence]) -> list[Found]:
        """The base under other widths."""
        works = [Work(one, (self.view,), self._sampling) for one in evidence]
        progress = self._progress
        told = progress and (lambda done, of, what: progress(done, of, "other widths"))
        return [one for (one,) in sweep(self._engine, CELLS, works, self._workers, told)]

    def detail(self) -> Found:
        """The base, reading by reading."""
        work = Work(Evidence(), (self.view,), self._sampling, detail=True)
        [[found]] = sweep(self._engine, CELLS, [work], self._workers)
        return found

    @property
    def standing(self) -> Callable[[str, Sequence[Sides | None]], Standing]:
        """Of the base beside a cited figure."""
        figures = {
            use.id: cited(use, self.base.conventions) for use in self.base.uses if use.held_out
        }
        return lambda claim, sides: Standing(self.base, figures[claim], tuple(sides))


def _document(
    model: Model,
    made: Plan,
    found: Sequence[Found],
    seed: int,
    weight_rows: list[dict[str, Any]],
    width_rows: list[dict[str, Any]],
) -> dict[str, Any]:
    target = model.targets[0]
    declared = model.quantities.get(target) or model.relations.get(target)
    body: dict[str, Any] = {
        "target": target,
        "label": (declared.label if declared else "") or target,
        "unit": model.units.show(model.unit_of(target)),
        "axes": [
            {
                "axis": axis.name,
                "label": axis.label or axis.name,
                "base": axis.base,
                "options": [
                    {"option": name, "label": one.label or name, "because": one.because}
                    for name, one in axis.options.items()
                ],
            }
            for axis in made.axes
        ],
        "total": made.total,
        "fitted": sum(not one.failed for one in found),
        "cited": _cited(model),
        "verdicts": [
            {"claim": use.id, **shares(found, use.id)} for use in model.uses if use.held_out
        ],
        "readings": _by_reading(model, found),
        "effects": main_effects(made, found),
        "width_limit": LIMIT,
        "weight_flips": weight_rows,
        "width_flips": width_rows,
        "cells": [_cell(made, number, one) for number, one in enumerate(found)],
    }
    failed = _failed(made, found)
    return {
        "format": 1,
        "model": model.slug,
        "seed": seed,
        "digest": model.digest,
        "converged": not failed,
        "failed": failed,
        "sentence": sentence(body),
        **body,
    }


def _cited(model: Model) -> list[dict[str, Any]]:
    """The ends of each cited figure, in its own unit and (about the target) in the target's."""
    rows = []
    target = model.targets[0]
    for use in model.uses:
        if not use.held_out:
            continue
        figure = cited(use, model.conventions)
        about = str(use.about) == target
        factor = 1.0
        if about:
            factor = model.units.factor(model.units.parse(use.unit), model.unit_of(target))
        rows.append(
            {
                "claim": use.id,
                "says": str(use.wording),
                "low": figure.low,
                "high": figure.high,
                "unit": use.unit,
                "about_target": about,
                "target_low": figure.low * factor if about and figure.low is not None else None,
                "target_high": figure.high * factor if about and figure.high is not None else None,
            }
        )
    return rows


def _by_reading(model: Model, found: Sequence[Found]) -> list[dict[str, Any]]:
    """In how many cells each reading alone has each verdict; none where there is one reading."""
    distinct = distinct_readings(model)
    if len(distinct) < 2:
        return []
    rows = []
    for use in model.uses:
        if not use.held_out:
            continue
        told = [one.cited[use.id] for one in found if use.id in one.cited]
        said = [one["readings"] for one in told if one["pool"] == "held-out"]
        for number, reading in enumerate(distinct):
            verdicts = [one[number] for one in said]
            rows.append(
                {
                    "claim": use.id,
                    "reading": dict(reading.label),
                    "counts": {
                        name: verdicts.count(name)
                        for name in ("below", "straddles", "consistent", "above")
                    },
                    "without": verdicts.count(None),
                }
            )
    return rows


def _cell(made: Plan, number: int, one: Found) -> dict[str, Any]:
    names = ("median", "q05", "q95", "mcse_median", "mcse_q05", "mcse_q95")
    levels = zip(made.axes, made.cells[number].levels, strict=True)
    return {
        "cell": number,
        "base": made.cells[number].base,
        "options": {axis.name: level for axis, level in levels},
        **{name: one.target.get(name) for name in names},
        "weights": {axis: dict(options) for axis, options in one.weights.items()},
        "cited": {
            claim: {key: value for key, value in said.items() if key != "readings"}
            for claim, said in one.cited.items()
        },
        "failed": list(one.failed),
    }


def _failed(made: Plan, found: Sequence[Found]) -> list[str]:
    """How many cells failed, and why."""
    failed = [number for number, one in enumerate(found) if one.failed]
    if not failed:
        return []
    sentences = [f"{len(failed)} of {len(found)} cells failed, and count for nothing"]
    for number in failed:
        ways = ", ".join(made.cells[number].levels)
        sentences += [f"cell {number} ({ways}): {one}" for one in found[number].failed]
    return sentences
