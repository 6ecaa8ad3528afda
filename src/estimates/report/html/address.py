"""Where a page is published, and where its picture stands; light, as no page is made for it."""

from __future__ import annotations

from pathlib import Path

from estimates.errors import Fault, InputError
from estimates.model.ledger import web_address


def picture_of(page: Path) -> Path:
    """Return the file beside a page that holds its picture."""
    return page.with_name(f"{page.stem}-share.png")


def checked(address: str) -> str:
    """Return the address of a page or its folder; InputError where it is none."""
    if address and not web_address(address):
        told = f"`{address}` is not a web address: write it whole, as https://example.org/a/"
        raise InputError([Fault(told)])
    return address
