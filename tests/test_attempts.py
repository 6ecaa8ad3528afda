"""What is tried after what, and when an answer counts: the rules alone, on attempts made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from estimates.inference.diagnostics import Check, against_walls, at_walls
from estimates.inference.question import Condition, Fit
from estimates.inference.retry import Judge, persist
from estimates.inference.sampling import Draws, Form, Sampling, Way
from estimates.stats.bridge import MarginalLikelihood

Array = NDArray[np.float64]
GOOD = Check(1.0, 5000.0, 5000.0, 0, ())
POOR = Check(1.05, 90.0, 90.0, 0, ("x: R-hat 1.050 is not below 1.01",))
START = Way(Sampling())


def answer(check: Check, steps: int = 7, at: float = 0.0) -> Fit:
    points = at + np.random.default_rng(1).normal(size=(4, 100, 1))
    stats = {"n_steps": np.full((4, 100), steps)}
    draws = Draws(points, np.zeros((4, 100)), stats)
    return Fit(Condition(), "", draws, MarginalLikelihood(0.0, 0.01), check)


class Script:
    """Attempts that answer as they are told, and note how they were made."""

    def __init__(self, reply: Callable[[Way, str], Fit]) -> None:
        self.reply = reply
        self.ways: list[Way] = []
        self.labels: list[str] = []

    def __call__(self, starts: Array, way: Way, label: str) -> Fit:
        self.ways.append(way)
        self.labels.append(label)
        return self.reply(way, label)


def judge(**changes: object) -> Judge:
    plain = Judge(
        sharp=False,
        sharp_centred=False,
        differ=lambda a, b: None,
        apart=lambda a, b: False,
        work=1e12,
        wholly=(),
        suited=lambda fit: (0.5,),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def run(script: Script, **changes: object) -> Fit:
    return persist(script, lambda: (), np.zeros((1, 1)), START, judge(**changes))


def test_what_passes_is_not_tried_again() -> None:
    script = Script(lambda way, label: answer(GOOD))
    assert run(script).check.passed
    assert script.ways == [START]


def test_chains_that_disagree_get_smaller_steps_then_more_draws() -> None:
    script = Script(lambda way, label: answer(GOOD if way.sampling.draws > 2000 else POOR))
    assert run(script).check.passed
    assert [way.sampling.target_accept for way in script.ways] == [0.9, 0.99, 0.99]
    assert [way.sampling.draws for way in script.ways] == [2000, 2000, 8000]


def test_divergences_get_smaller_steps_and_never_more_draws() -> None:
    diverged = replace(POOR, divergences=3)
    script = Script(lambda way, label: answer(GOOD if label == "3" else diverged))
    assert run(script).check.passed
    assert [way.sampling.target_accept for way in script.ways] == [0.9, 0.99, 0.999, 0.999]
    assert {way.sampling.draws for way in script.ways} == {2000}


def test_cut_off_trajectories_get_another_metric_then_length() -> None:
    script = Script(lambda way, label: answer(GOOD if way.depth > 10 else POOR, steps=1023))
    assert run(script).check.passed
    assert [(way.metric, way.depth) for way in script.ways] == [
        ("diag", 10),
        ("low_rank", 10),
        ("diag", 13),
    ]


def test_no_attempt_is_begun_that_would_take_too_long() -> None:
    script = Script(lambda way, label: answer(POOR, steps=1023))
    found = run(script, work=2e7)
    assert not found.check.passed
    assert [way.depth for way in script.ways] == [10, 10], "12,000 times 4,096 steps are too many"


def test_a_sharp_claim_asks_for_a_finer_fit_and_its_answer_counts() -> None:
    script = Script(lambda way, label: answer(GOOD, at=way.sampling.target_accept))
    found = run(script, sharp=True)
    assert found.check.passed
    assert script.labels == ["0", "confirming 0"]
    assert np.median(found.draws.points) == pytest.approx(0.99, abs=0.2)


def test_fits_that_go_on_differing_are_refused() -> None:
    script = Script(lambda way, label: answer(GOOD))
    found = run(script, sharp=True, differ=lambda a, b: "a: they disagree")
    assert found.check.failed == ("a: they disagree",)
    assert [way.sampling.target_accept for way in script.ways][:3] == [0.9, 0.99, 0.999]


def test_few_effective_draws_in_a_tail_ask_for_a_finer_fit_too() -> None:
    slow = replace(GOOD, min_ess_tail=39.0)
    script = Script(lambda way, label: answer(slow if label == "0" else GOOD))
    run(script)
    assert script.labels == ["0", "confirming 0"]


@pytest.mark.parametrize("two_modes", [True, False])
def test_more_than_one_answer_is_said_only_where_two_modes_were_seen(two_modes: bool) -> None:
    """The first attempt fails far away from where the second passes."""

    def reply(way: Way, label: str) -> Fit:
        return answer(POOR, at=50.0) if label == "0" else answer(GOOD)

    script = Script(reply)
    found = run(script, apart=lambda a, b: two_modes)
    assert any("more than one answer" in one for one in found.check.failed) is two_modes
    if not two_modes:
        assert script.labels[-1].startswith("confirming"), "it is doubted all the same"


@pytest.mark.parametrize("few", [True, False])
def test_few_divergences_at_a_bound_are_confirmed_instead_of_counted(few: bool) -> None:
    given = answer(GOOD).draws
    diverging = np.zeros((4, 500), dtype=bool)
    diverging[1, 50] = True
    if not few:
        diverging[:, :10] = True
    beyond = np.ones(int(diverging.sum()), dtype=bool)
    draws = against_walls(replace(given, stats={**given.stats, "diverging": diverging}), beyond)
    assert draws.stats["diverging"].any() is np.bool_(not few)
    assert at_walls(draws) is few
    script = Script(lambda way, label: replace(answer(GOOD), draws=draws))
    assert run(script).check.passed
    assert script.labels == (["0", "confirming 0"] if few else ["0"])


def test_divergences_elsewhere_than_at_a_bound_stay_what_they_are() -> None:
    given = answer(GOOD).draws
    diverging = np.zeros((4, 500), dtype=bool)
    diverging[1, 50] = diverging[2, 7] = True
    draws = replace(given, stats={"diverging": diverging})
    found = against_walls(draws, np.array([False, True]))
    assert np.argwhere(found.stats["diverging"]).tolist() == [[1, 50]]
    assert np.argwhere(found.stats["at_bound"]).tolist() == [[2, 7]]


def in_forms(passes: Callable[[Way], bool], **changes: object) -> list[tuple[Form, float]]:
    """The forms and acceptance targets of the attempts at a hierarchy of one member."""
    script = Script(lambda way, label: answer(GOOD if passes(way) else POOR))
    asked = judge(wholly=(1.0,), **changes)
    persist(script, lambda: (), np.zeros((1, 1)), START, asked)
    return [(way.centred, way.sampling.target_accept) for way in script.ways]


def test_a_form_in_which_no_ridge_bends_confirms() -> None:
    plain, centred = ((), 0.9), ((1.0,), 0.9)
    finer = ((), 0.99)
    assert in_forms(lambda way: True, sharp=True) == [plain, centred]
    # Drawn in that form an answer has nothing to be confirmed, and without it smaller steps do so.
    assert in_forms(lambda way: way.centred == (1.0,), sharp=True) == [plain, centred]
    assert in_forms(lambda way: not way.centred, sharp=True) == [plain, centred, finer]
    bends = in_forms(lambda way: True, sharp=True, sharp_centred=True)
    assert bends == [plain, finer]
    other = in_forms(lambda way: True, sharp=True, differ=lambda a, b: "x: they disagree")
    assert other[:3] == [plain, centred, finer]


def test_a_hierarchy_that_fails_in_both_forms_is_drawn_between_them() -> None:
    plain, centred, between = ((), 0.9), ((1.0,), 0.9), ((0.5,), 0.99)
    assert in_forms(lambda way: way.centred == (0.5,)) == [plain, centred, between]
    # What is better, though it fails, is gone on with.
    better = in_forms(lambda way: way.sampling.draws > 2000)
    assert better[:3] == [plain, centred, between]
    assert better[3][0] == ()
    # Nothing is tried that costs more than it may.
    assert between not in in_forms(lambda way: False, work=0.0)
