"""Runs the cells of a model's variants, and looks for what would flip its verdict."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from estimates.analysis.multiverse.job import CELLS, Found, Work
from estimates.analysis.multiverse.result import Multiverse, WeightFlipRow, WidthFlipRow
from estimates.analysis.multiverse.rows import answer
from estimates.analysis.multiverse.specifications import (
    Evidence,
    Plan,
    evidence_of,
    grouped,
    own_model,
    plan,
    view_of,
)
from estimates.analysis.multiverse.weight_flips import weight_flips
from estimates.analysis.multiverse.width_flips import width_flips
from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.origin import Origin, model_of
from estimates.inference.refit import SAMPLING
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.panel.lookup import known_names, one_of


def multiverse(
    model: Model | xr.DataTree,
    target: str | None = None,
    *,
    sample: int | None = None,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Multiverse:
    """Compute the answer under every combination of the model's variants, or a sample of them.

    Parameters
    ----------
    model : a fit stands for its model and its seed
    target : what the answer is: a target, quantity or relation; the model's first target if not
        said.  Verdicts are on the cited figures that are about it
    sample : so many cells, drawn without replacement, the base among them; all if not said
    seed : of every draw, and of the sample; else the model's
    sampling : of each fit; by default a quarter of the draws that `fit` makes
    workers, progress : as in `fit`; with a store, finished cells are kept

    Returns
    -------
    Multiverse with the tables `cells`, `effects`, `verdicts`, `weight_flips` and `width_flips`.

    Raises
    ------
    InputError : where there is no such target, the model declares no variants, there are too many
        cells, or a combination of options makes no valid model

    See Also
    --------
    sensitivity : what the answer of one analysis depends on

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {"a": est.Claim("around 300 people", about=n, source="A newspaper")}
    >>> tails = {"tails": {"base": "normal", "heavy": {"conventions": {"tails": "student-t"}}}}
    >>> model = est.Model({"n": n}, claims=said, targets=["n"], variants=tails)
    >>> len(est.multiverse(model, sampling=est.Sampling(draws=100, tune=100)).cells)
    2
    """
    if isinstance(model, xr.DataTree):
        seed = Origin.of(model).seed if seed is None else seed
        model = model_of(model)
    seed = model.seed if seed is None else seed
    target = target_of(model, target)
    made = plan(model, sample, seed)
    runner = _Runner(model, target, made, seed, sampling or SAMPLING, workers, progress)
    found = runner.cells()
    base = found[0]
    width_rows: list[WidthFlipRow] = []
    weight_rows: list[WeightFlipRow] = []
    if not base.failed:
        width_rows = width_flips(runner.base, base, runner.widened)
        weight_rows = weight_flips(runner.base, base, seed)
    return answer(model, target, made, found, seed, weight_rows, width_rows)


def target_of(model: Model, target: str | None) -> str:
    """Return the target asked for, as the model writes it; by default the first."""
    if target is None:
        return model.targets[0]
    known = [*dict.fromkeys([*model.targets, *model.order])]
    target = one_of(model.panel, target, known)
    if target not in known:
        hint = did_you_mean(target, known_names(model.panel, known))
        message = f"no target, quantity or relation '{target}'{hint}"
        raise InputError([Fault(message)])
    return target


class _Runner:
    """Runs groups of cells, each group through one engine, and the refits of the base."""

    def __init__(
        self,
        model: Model,
        target: str,
        made: Plan,
        seed: int,
        sampling: Sampling,
        workers: Workers | None,
        progress: Progress | None,
    ) -> None:
        self._target, self._plan, self._seed, self._sampling = target, made, seed, sampling
        self._workers, self._progress = workers, progress
        # Every model is made before the first fit, so that an impossible one is told at once.
        self._groups = [(own_model(model, made.cells[g[0]]), g) for g in grouped(made)]
        self.base = self._groups[0][0]
        self.view = view_of(self.base, made.cells[0])
        self._engine = Engine(self.base, seed=seed)

    def cells(self) -> list[Found]:
        """Return the findings of each cell, in the order of the plan."""
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
                    self._target,
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
        """Return the progress of all groups together, counted in cells."""
        progress = self._progress
        if progress is None:
            return None
        total, here = len(self._plan.cells), sum(sizes)

        def told(done: int, of: int, what: str) -> None:
            progress(before + here * done // max(1, of), total, "cells")

        return told

    def widened(self, evidence: Sequence[Evidence]) -> list[Found]:
        """Return the base answer under other widths."""
        works = [Work(one, (self.view,), self._target, self._sampling) for one in evidence]
        progress = self._progress
        told = progress and (lambda done, of, what: progress(done, of, "other widths"))
        return [one for (one,) in sweep(self._engine, CELLS, works, self._workers, told)]
