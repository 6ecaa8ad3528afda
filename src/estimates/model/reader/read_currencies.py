"""Reads the currencies of a model, each with its rate, or with rates by date."""

from __future__ import annotations

from collections.abc import Iterator

from estimates.errors import Faults, did_you_mean
from estimates.language.wording import Point, Wording, parse_wording
from estimates.model.dates import Date
from estimates.model.forms import CURRENCY
from estimates.model.ledger import Where
from estimates.model.reader.fields import Fields, read
from estimates.model.reader.yaml_nodes import Text, place_of
from estimates.model.spec import Currency


def read_currencies(top: Fields, faults: Faults) -> Iterator[Currency]:
    """Yield the currencies of a model, each with its rate."""
    for key, node in top.entries("currencies"):
        fields = Fields(f"currency '{key.value}'", key, node, CURRENCY, faults)
        said = fields.values()
        rate = said.pop("rate", None)
        dated = dict(_dated_rates(fields, faults))
        if rate is None and fields.lacks("rate") and not dated and not fields.broken:
            fields.fault(f"currency '{key.value}' has no rate; write it as `0.1493 USD`")
        # Without a date of its own a figure takes the latest rate.
        latest = dated[max(dated)] if dated else (1.0, "USD")
        value, base = latest if rate is None else _rate(rate, fields, "rate")
        yield Currency(key.value, value, base, **said, dated=dated, where=fields.where)


def _dated_rates(fields: Fields, faults: Faults) -> Iterator[tuple[str, tuple[float, str]]]:
    """Yield the rates that a currency has by date."""
    for key, node in fields.rest():
        if Date.of(key.value) is None:
            hint = did_you_mean(key.value, CURRENCY.known) or "; write `rate:`, or a date as 2017"
            fields.fault(f"unknown key '{key.value}' in {fields.what}{hint}", place_of(key))
            continue
        text = node.value if isinstance(node, Text) else ""
        at = Where({"": node.spot} if node.spot else {}).within("")
        said = read(text, parse_wording, at, fields.what, faults)
        if said is not None:
            yield key.value, _rate(said, fields, key.value)


def _rate(said: Wording, fields: Fields, key: str) -> tuple[float, str]:
    """Return a number in another currency, any after a fault."""
    if isinstance(said, Point) and not said.hedged and said.unit:
        return said.figure.value, said.unit
    name = fields.what.removeprefix("currency ")
    fields.fault(
        f"the rate of {name} is one number in another currency, such as `0.1493 USD`",
        fields.where(key),
    )
    return 1.0, "USD"
