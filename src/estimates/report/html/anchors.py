"""Where in the page a number's origin is told: the names of cards."""

from __future__ import annotations

import re

#: Cards on kinds of number: the answer over all readings, and the weights of the readings.
ANSWER, WEIGHTS = "trace-answer", "trace-weights"

#: The list of the ledger's claims that the model does not use.
UNUSED = "unused"


def anchor(kind: str, name: str) -> str:
    """A fragment of an address: `quantity-skim`."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_-]+', '-', name).strip('-')}"


def comparison(claim: str) -> str:
    """The card on the comparison with a cited figure."""
    return anchor("trace-comparison", claim)
