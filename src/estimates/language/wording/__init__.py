"""What was said, as a journalist writes it: "around 20,000 people" becomes a value."""

from estimates.language.wording.data import Counted, Events, Lopsided, Measured, Published
from estimates.language.wording.figures import VAGUE, Figure, Wording, WordingError
from estimates.language.wording.kinds import (
    Bound,
    Direction,
    Disputed,
    Point,
    Range,
    Vague,
    parse_wording,
)
from estimates.language.wording.slips import point_for_thousands, which_ounce
from estimates.language.wording.width import Width, parse_width

__all__ = [
    "VAGUE",
    "Bound",
    "Counted",
    "Direction",
    "Disputed",
    "Events",
    "Figure",
    "Lopsided",
    "Measured",
    "Point",
    "Published",
    "Range",
    "Vague",
    "Width",
    "Wording",
    "WordingError",
    "parse_width",
    "parse_wording",
    "point_for_thousands",
    "which_ounce",
]
