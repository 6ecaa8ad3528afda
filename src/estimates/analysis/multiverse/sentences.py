"""What a multiverse comes to, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from estimates.analysis.multiverse.result import Multiverse, WeightFlipRow, WidthFlipRow
from estimates.language.labels import the
from estimates.language.phrases import option_words, told

_SAYS = {
    "below": "lies below the cited figure",
    "above": "lies above the cited figure",
    "straddles": "straddles the cited figure",
    "consistent": "fits the cited figure",
    "divided": "depends on how the phrases are meant, so that the verdict is divided",
}
_WOULD = {
    "below": "put the answer below the figure",
    "above": "put the answer above the figure",
    "straddles": "make the answer straddle the figure",
    "consistent": "make the answer fit the figure",
    "divided": "make the verdict depend on the reading",
}


def sentence_of(found: Multiverse) -> str:
    """Return the commonest verdict, in how many cells it holds, and what flips it."""
    if not found.fitted:
        return f"None of the {len(found.cells)} ways of analysing the claims could be fitted."
    first = next((one for one in found.verdicts if one.compared), None)
    if first is None:
        return _range(found)
    # The base's verdict is what a reader knows; without one, that of most cells.
    said = found.cells[0].verdict(first.claim) or max(
        first.counts, key=lambda name: first.counts[name]
    )
    count, of = first.counts[said], first.compared
    share = f"all {of}" if count == of else f"{count} of {of}"
    which = "" if len(found.verdicts) == 1 else f" ({first.claim})"
    share += " ways of analysing the claims"
    if first.believing:
        share += " that hold the cited figure out"
    with found.labelled():
        return f"In {share} the answer {_SAYS[said]}{which}.{_flips(found, first.claim)}"


def _range(found: Multiverse) -> str:
    medians = [cell.median for cell in found.cells if cell.median is not None]
    if not medians:
        return f"The answer has no number in any of {found.fitted} ways of analysing the claims."
    base = found.cells[0].median
    stands = "" if base is None else f"; as the model stands it is {_number(base)}"
    return (
        f"Over {len(medians)} ways of analysing the claims the median of "
        f"{the(found.label, found.unit)} runs from "
        f"{told(f'{_number(min(medians))} to {_number(max(medians))}', found.unit)}"
        + f"{stands}{_uncited(found)}."
    )


def _uncited(found: Multiverse) -> str:
    """Return a sentence that the cited figures, if any, are about something else."""
    others = list(dict.fromkeys(one.about for one in found.cited_elsewhere))
    if found.cited or not others:
        return ""
    return f"; no cited figure is about it, only about {', '.join(others)}"


def _flips(found: Multiverse, claim: str) -> str:
    """Return a sentence on the nearest flip of each kind, or that there is none."""
    base = found.cells[0]
    if base.failed or not (found.weight_flips or found.width_flips):
        return ""
    if base.cited[claim].only_just:
        return " As the model stands, it is within Monte Carlo error of another verdict."
    weights, widths = found.flips(claim)
    nearest = [*_nearest_weight(weights), *_nearest_width(widths)]
    if nearest:
        return f" What would alter this soonest: {'; or '.join(nearest)}."
    kinds = []
    if weights:
        kinds.append("other weights of one reading")
    if widths:
        kinds.append(f"widths up to {found.width_limit:g} times larger or smaller")
    return f" No {' and no '.join(kinds)} would alter this." if kinds else ""


def _nearest_weight(flips: Sequence[WeightFlipRow]) -> Iterator[str]:
    one = min(flips, key=lambda flip: flip.size, default=None)
    if one and one.to is not None and one.verdict is not None:
        option = f"“{option_words(one.option or '')}”"
        yield (
            f"giving {option} a weight of {one.to:.2f} "
            f"instead of {one.weight:.2f} would {_WOULD[one.verdict]}"
        )


def _nearest_width(flips: Sequence[WidthFlipRow]) -> Iterator[str]:
    one = min(flips, key=lambda flip: flip.size, default=None)
    if one and one.factor is not None and one.verdict is not None:
        whose = "every claim" if one.widths is None else f"‘{one.widths}’"
        yield f"making {whose} {_factor(one.factor)} times as wide would {_WOULD[one.verdict]}"


def _factor(factor: float) -> str:
    """Return a factor with two digits, three next to 1."""
    return f"{factor:.3g}" if 0.9 < factor < 1.1 else f"{factor:.2g}"


def _number(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.10g}"
