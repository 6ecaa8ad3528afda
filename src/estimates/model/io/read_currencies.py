"""Reads `currencies:`, dated exchange rates."""

from __future__ import annotations

from collections.abc import Iterator

from estimates.errors import Faults
from estimates.language.wording import Point, parse_wording
from estimates.model.io.fields import Fields, long_form
from estimates.model.spec import Currency

_CURRENCY = ("rate", "date", "note")


def read_currencies(top: Fields, faults: Faults) -> Iterator[Currency]:
    """The currencies of a model, each with its rate."""
    for key, node in top.entries("currencies"):
        fields = Fields(
            f"currency '{key.value}'", key, long_form(key, node, "rate"), _CURRENCY, faults
        )
        rate = fields.parsed("rate", parse_wording)
        if fields.lacks("rate"):
            fields.fault(f"currency '{key.value}' has no rate; write it as `0.1493 USD`")
        known = isinstance(rate, Point) and not rate.hedged and rate.unit
        if rate is not None and not known:
            fields.fault(
                f"the rate of '{key.value}' is one number in another currency, "
                "such as `0.1493 USD`",
                fields.where("rate"),
            )
        # After a fault any rate will do, so that what is in this currency has none of its own.
        value, base = (
            (rate.figure.value, rate.unit) if isinstance(rate, Point) and known else (1.0, "USD")
        )
        yield Currency(
            key.value, value, base, fields.text("note"), fields.text("date"), fields.where
        )
