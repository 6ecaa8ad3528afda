"""Names that moved: numbers to `_util/format`, words to `language/phrases`."""

from estimates._util.format import last_digit as last_digit
from estimates._util.format import last_place as last_place
from estimates._util.format import probability as probability
from estimates._util.format import spelled as number
from estimates._util.format import spelled_short as round_number
from estimates.language.phrases import amount as amount
from estimates.language.phrases import capitalised as capitalised
from estimates.language.phrases import joined as joined
from estimates.language.phrases import plural as plural
from estimates.language.phrases import published as published
from estimates.language.phrases import said as said
from estimates.language.phrases import spoken as spoken
from estimates.language.phrases import unit_words as unit_words
from estimates.model.describe import as_said as as_said
from estimates.model.describe import source_words as source_words
from estimates.model.describe import sources_of as sources_of

__all__ = ["number", "round_number"]


def brief(value: float) -> str:
    """Three significant digits at the most, and no noughts at their end."""
    return round_number(value, 3)
