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
from typing import Literal

from estimates.analysis.conflict.bodies import Body, inputs, with_parents
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.head_to_head import Pair
from estimates.analysis.conflict.result import EVIDENCE, PRIOR, Family
from estimates.analysis.conflict.rows import Standing
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
    """Adjusted p by key, of how many comparisons; tests are those, counted once where alike."""

    p: dict[Hashable, float]
    comparisons: int
    tests: int


@dataclass(frozen=True)
class Families:
    """All that was adjusted.

    Attributes
    ----------
    mixture : of splits and of the pairs that stand under every reading with weight
    by_reading : (reading,) of splits and pairs under each
    same : bodies that share one comparison under every reading with weight
    """

    mixture: Adjusted
    by_reading: tuple[Adjusted, ...]
    same: Same

    def split(self, name: str) -> float:
        """Of a body, all readings by weight."""
        return self.mixture.p[split_key(name)]

    def part(self, name: str, members: Sequence[int]) -> float:
        """Of a body under some readings that have it in common: the largest."""
        return max(self.by_reading[i].p[split_key(name)] for i in members)

    def pair(self, pair: Pair) -> float:
        """Of two bodies: in the mixture's family, or else the largest of their readings."""
        key = pair_key(pair)
        if key in self.mixture.p:
            return self.mixture.p[key]
        return max(self.by_reading[i].p[key] for i in pair.members)


def adjust(tests: Sequence[Test]) -> Adjusted:
    """Holm's p over distinct comparisons; of those that are the same, the largest p stands for all.

    The largest is no smaller than whichever of them one had chosen beforehand.
    """
    groups: dict[Hashable, list[Test]] = {}
    for test in tests:
        groups.setdefault(("alone", test.key) if test.same is None else test.same, []).append(test)
    corrected = holm([max(one.p for one in group) for group in groups.values()]) if groups else []
    p = {
        one.key: value
        for group, value in zip(groups.values(), corrected, strict=True)
        for one in group
    }
    return Adjusted(p, len(tests), len(groups))


def families(
    case: Case, splits: Sequence[Standing], pairs: Sequence[Pair], evident: Sequence[Names]
) -> Families:
    """Every split and every pair, adjusted in the mixture and under each reading.

    Parameters
    ----------
    evident : (reading,) see `evident_of`
    """
    same = [
        one_comparison(case.model, case.bodies, reading.choice, known)
        for reading, known in zip(case.readings, evident, strict=True)
    ]
    by_reading = [
        adjust([*_tests(splits, i, alike), *_pair_tests(pairs, frozenset([i]), alike)])
        for i, alike in enumerate(same)
    ]
    alike = _in_common([same[i] for i in sorted(case.heavy)])
    tests = [*_tests(splits, None, alike), *_pair_tests(pairs, case.heavy, alike)]
    return Families(adjust(tests), tuple(by_reading), alike)


def evident_of(case: Case, splits: Sequence[Standing]) -> list[Names]:
    """Under each reading, the bodies that say a number and stand against evidence alone."""
    return [
        frozenset(
            one.name
            for one in splits
            if one.comparison.side.kind != "statement"
            and (part := int(one.comparison.part[number])) >= 0
            and one.parts[part].against == EVIDENCE
        )
        for number in range(len(case.readings))
    ]


def _tests(splits: Sequence[Standing], reading: int | None, alike: Same) -> Iterator[Test]:
    for one in splits:
        log_p = one.judged.log_p if reading is None else one.judged.log_p_under(reading)
        if log_p is not None:
            yield Test(split_key(one.name), math.exp(log_p), alike.get(one.name))


def _pair_tests(pairs: Sequence[Pair], under: frozenset[int], alike: Same) -> Iterator[Test]:
    """Of those that stand under all these readings."""
    return (pair_test(pair, alike) for pair in pairs if under <= set(pair.members))


def one_comparison(
    model: Model, bodies: Sequence[Body], choice: Mapping[str, str], evident: Names
) -> Same:
    """The bodies on islands with one body more than unknowns, where all splits are one."""
    islands: list[tuple[set[str], set[str]]] = []
    for body in bodies:
        unknown = set(with_parents(model, inputs(model, body.first, choice)))
        if not unknown:
            continue
        names = {body.name}
        for island in [one for one in islands if one[0] & unknown]:
            unknown |= island[0]
            names |= island[1]
            islands.remove(island)
        islands.append((unknown, names))
    return {
        name: frozenset(names)
        for unknown, names in islands
        if len(names) == len(unknown) + 1 and names <= evident
        for name in names
    }


def pair_test(pair: Pair, alike: Same) -> Test:
    """A pair as one of a family."""
    shared = alike.get(pair.one.name)
    both = shared if shared is not None and pair.other.name in shared else None
    return Test(pair_key(pair), math.exp(pair.log_p), both)


def split_key(name: str) -> Hashable:
    """Of a body against the rest."""
    return ("split", name)


def pair_key(pair: Pair) -> Hashable:
    """Of two bodies; those about one thing in other units under other readings are another."""
    return ("pair", pair.one.name, pair.other.name, pair.members)


def _in_common(found: Sequence[Same]) -> Same:
    if not found:
        return {}
    return {
        name: shared
        for name, shared in found[0].items()
        if all(other.get(name) == shared for other in found[1:])
    }


def adjust_claims(
    case: Case, checks: Sequence[Standing], found: Families
) -> tuple[list[float], tuple[Family, Family]]:
    """Adjusted p of claims beside their predictions, and their two families.

    A claim that only a prior stands against asks another question than one of evidence, so these
    are a family of their own.
    """
    alone = {body.first.id: body.name for body in case.bodies if len(body.claims) == 1}

    def family(against_prior: bool) -> Adjusted:
        return adjust(
            [
                Test(one.name, math.exp(one.judged.log_p), found.same.get(alone.get(one.name, "")))
                for one in checks
                if (one.ground.against == PRIOR) == against_prior
            ]
        )

    evidence, prior = family(against_prior=False), family(against_prior=True)
    p = evidence.p | prior.p
    rows = _row("claims", "", evidence), _row("claims against a prior", "", prior)
    return [p[one.name] for one in checks], rows


def body_rows(case: Case, found: Families) -> list[Family]:
    """What was adjusted over what, a row a family; that of all readings first."""
    rows = [_row("bodies", "", found.mixture)]
    if len(case.readings) > 1:
        rows += [
            _row("bodies", case.words_of([i]), one)
            for i, one in enumerate(found.by_reading)
            if one.comparisons
        ]
    return rows


def _row(
    of: Literal["bodies", "claims", "claims against a prior"], under: str, found: Adjusted
) -> Family:
    return Family(of=of, under=under, comparisons=found.comparisons, tests=found.tests)
