"""How many comparisons there are: what p is adjusted for, and by what right.

Whether there is a conflict is one question, asked of every body against the rest and of every two
bodies head to head.  Under one reading all of these are one family, adjusted by Holm's method,
which holds whatever the dependence between them: where there is no conflict, one is found with a
probability of at most the level.  Readings need no adjustment among each other: at most one of them
is right, and only under that one can an alarm be false.

What is one comparison seen from several sides counts once.  The n bodies on an island of k unknowns
leave n − k differences that nothing explains; where that is one, each split and each pair there is
that same difference, up to a factor (of the linearised model).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from estimates.analysis.conflict.bodies import Body, inputs, islands, with_parents
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.head_to_head import Pair
from estimates.analysis.conflict.node_split import Judged
from estimates.analysis.conflict.result import EVIDENCE, PRIOR, Family, FamilyName
from estimates.model import Model
from estimates.stats.multiple_testing import holm

type Names = frozenset[str]

#: By body, the bodies that share its one comparison.
type Same = Mapping[str, Names]


@dataclass(frozen=True)
class Test:
    """One comparison of a family.

    Attributes
    ----------
    key : by which its adjusted p is found
    same : what it has in common with tests that are the same comparison; None if there is none
    """

    key: Hashable
    p: float
    same: Hashable | None = None


@dataclass(frozen=True)
class Adjusted:
    """Adjusted p by key, and the number of comparisons: the tests, equal ones counted once."""

    p: dict[Hashable, float]
    comparisons: int
    tests: int


@dataclass(frozen=True)
class Families:
    """Everything that was adjusted; its keys are splits and pairs.

    Attributes
    ----------
    mixture : of splits and of the pairs that stand under every reading with weight
    by_reading : (reading,) of splits and pairs under each
    same : bodies that share one comparison under every reading with weight
    """

    mixture: Adjusted
    by_reading: tuple[Adjusted, ...]
    same: Same

    def under(self, one: Judged | Pair, members: Sequence[int]) -> float:
        """Return the largest adjusted p of a comparison among readings that share it."""
        return max(self.by_reading[i].p[one] for i in members)

    def pair(self, pair: Pair) -> float:
        """Return a pair's adjusted p: the mixture's, or else the largest of its readings."""
        found = self.mixture.p.get(pair)
        return self.under(pair, pair.members) if found is None else found


def adjust(tests: Sequence[Test]) -> Adjusted:
    """Adjust p by Holm's method; among equal comparisons the largest p stands for all.

    The largest is no smaller than whichever of them one had chosen beforehand.
    """
    groups: dict[Hashable, list[Test]] = {}
    for test in tests:
        groups.setdefault(("alone", test.key) if test.same is None else test.same, []).append(test)
    corrected = holm([max(one.p for one in group) for group in groups.values()])
    p = {
        one.key: value
        for group, value in zip(groups.values(), corrected, strict=True)
        for one in group
    }
    return Adjusted(p, len(tests), len(groups))


def families(
    case: Case, splits: Sequence[Judged], pairs: Sequence[Pair], evident: Sequence[Names]
) -> Families:
    """Return every split and pair, adjusted in the mixture and under each reading.

    Parameters
    ----------
    evident : (reading,) see `evident_of`
    """
    same = [
        one_comparison(case.model, case.bodies, reading.choice, known)
        for reading, known in zip(case.readings, evident, strict=True)
    ]
    by_reading = (
        adjust([*_split_tests(splits, i, alike), *pair_tests(pairs, frozenset([i]), alike)])
        for i, alike in enumerate(same)
    )
    nothing: Same = {}
    first, *others = [same[i] for i in sorted(case.heavy)] or [nothing]
    alike = {
        name: shared
        for name, shared in first.items()
        if all(other.get(name) == shared for other in others)
    }
    tests = [*_split_tests(splits, None, alike), *pair_tests(pairs, case.heavy, alike)]
    return Families(adjust(tests), tuple(by_reading), alike)


def evident_of(case: Case, splits: Sequence[Judged]) -> list[Names]:
    """Return by reading the bodies that say a number and stand against evidence alone."""
    return [
        frozenset(
            one.name
            for one in splits
            if one.comparison.side.kind != "statement"
            and (part := int(one.comparison.part[number])) >= 0
            and one.grounds[part].against == EVIDENCE
        )
        for number in range(len(case.readings))
    ]


def _split_tests(splits: Sequence[Judged], reading: int | None, alike: Same) -> Iterator[Test]:
    for one in splits:
        log_p = one.log_p if reading is None else one.log_p_under(reading)
        if log_p is not None:
            yield Test(one, math.exp(log_p), alike.get(one.name))


def pair_tests(pairs: Sequence[Pair], under: frozenset[int], alike: Same) -> Iterator[Test]:
    """Return the tests of the pairs that stand under all these readings."""
    for pair in pairs:
        if under <= set(pair.members):
            shared = alike.get(pair.one.name, frozenset())
            both = shared if pair.other.name in shared else None
            yield Test(pair, math.exp(pair.log_p), both)


def one_comparison(
    model: Model, bodies: Sequence[Body], choice: Mapping[str, str], evident: Names
) -> Same:
    """Return bodies on islands with one body more than unknowns, whose splits are all the same."""
    unknown = {b.name: with_parents(model, inputs(model, b.first, choice)) for b in bodies}
    found: dict[str, Names] = {}
    for island in islands(unknown.values()):
        names = frozenset(name for name, own in unknown.items() if own & island)
        if len(names) == len(island) + 1 and names <= evident:
            found |= dict.fromkeys(names, names)
    return found


def adjust_claims(
    case: Case, checks: Sequence[Judged], found: Families
) -> tuple[list[float], list[Family]]:
    """Return the adjusted p of claims beside their predictions, and the two families.

    A claim that only a prior stands against asks another question than one of evidence, so these
    are a family of their own.
    """
    alone = {body.first.id: body.name for body in case.bodies if len(body.claims) == 1}
    tests = {
        one: Test(one, math.exp(one.log_p), found.same.get(alone.get(one.name, "")))
        for one in checks
    }
    evidence, prior = (
        adjust([test for one, test in tests.items() if (one.ground.against == PRIOR) == against])
        for against in (False, True)
    )
    p = evidence.p | prior.p
    rows = [_row("claims", "", evidence), _row("claims against a prior", "", prior)]
    return [p[one] for one in checks], rows


def body_rows(case: Case, found: Families) -> list[Family]:
    """Return a row for each family of adjusted p; that of all readings comes first."""
    rows = [_row("bodies", "", found.mixture)]
    if len(case.readings) > 1:
        rows += [
            _row("bodies", case.words_of([i]), one)
            for i, one in enumerate(found.by_reading)
            if one.comparisons
        ]
    return rows


def _row(of: FamilyName, under: str, found: Adjusted) -> Family:
    return Family(of=of, under=under, comparisons=found.comparisons, tests=found.tests)
