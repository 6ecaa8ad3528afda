"""A model's whole content as plain values, in the form of a model file with the ledger inside.

Nothing that is at its default is written, so that two ways to say the same have one content.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from estimates._util.files import make_folder, write_bytes
from estimates.errors import Fault, InputError, Place
from estimates.model import forms, ledger_forms
from estimates.model.dimensions import Dimension
from estimates.model.kinds import SourceGroup
from estimates.model.ledger import Ledger
from estimates.model.panels import PanelQuantity
from estimates.model.priors import FixedValue
from estimates.model.spec import Currency, Parts, Quantity, Reading, Relation
from estimates.model.variants import Axis, Variant

#: What is read as a mapping.
type Plain = dict[str, Any]


def document(parts: Parts) -> Plain:
    """Return the content of a model; `estimates.model.io.load_json` reads it back."""
    sections: Mapping[str, Plain | list[str]] = {
        "evidence": ledger_document(parts.ledger),
        "dimensions": {name: _dimension(one) for name, one in parts.dimensions.items()},
        "currencies": {code: currency_document(one) for code, one in parts.currencies.items()},
        "quantities": {
            **{name: _quantity(one) for name, one in parts.quantities.items()},
            **{name: _panel(one) for name, one in parts.panels.items()},
        },
        "relations": {name: _relation(one) for name, one in parts.relations.items()},
        "readings": {name: _reading(one) for name, one in parts.readings.items()},
        "kinds": {name: _group(one) for name, one in parts.kinds.items()},
        "claims": {use.claim: forms.USE.plain(use) for use in parts.claims},
        "compare": _compared(parts),
        "targets": [str(target) for target in parts.targets],
        "conventions": parts.conventions.overrides(),
        "variants": {name: _axis(one) for name, one in parts.variants.items()},
    }
    written = {name: one for name, one in sections.items() if one}
    return {"format": forms.version(parts)} | forms.MODEL.plain(parts) | written


def write_folder(parts: Parts, folder: Path) -> Path:
    """Write a model and its ledger as files of a folder; nothing is overwritten."""
    content = document(parts)
    files = {"evidence.yaml": content.pop("evidence", None), "model.yaml": content}
    for name in files:
        if (folder / name).exists():
            raise InputError(
                [Fault("this is there already and is left as it is", Place(str(folder / name)))]
            )
    make_folder(folder)
    top = {"format": content.pop("format"), **_heading(content)}
    if files["evidence.yaml"]:
        top["evidence"] = "evidence.yaml"
        write_bytes(folder / "evidence.yaml", _text(files["evidence.yaml"]))
    write_bytes(folder / "model.yaml", _text({**top, **content}))
    return folder


def _heading(content: Plain) -> Plain:
    """Take the head of a model file out of the rest, and return it."""
    return {key: content.pop(key) for key in ("title", "question", "note") if key in content}


def _text(content: Plain) -> bytes:
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return text.encode()


def ledger_document(ledger: Ledger) -> Plain:
    """Return the content of a ledger."""
    sources = {source.id: ledger_forms.SOURCE.plain(source) for source in ledger.sources.values()}
    claims = {claim.id: ledger_forms.CLAIM.plain(claim) for claim in ledger.said.values()}
    sections = {"sources": sources, "claims": claims}
    return {name: one for name, one in sections.items() if one}


def currency_document(currency: Currency) -> Plain:
    """Return the content of a currency."""
    rates = {date: f"{float(rate)!r} {base}" for date, (rate, base) in currency.dated.items()}
    rate = {} if rates else {"rate": f"{float(currency.rate)!r} {currency.base}"}
    return rate | rates | forms.CURRENCY.plain(currency)


def _dimension(one: Dimension) -> Plain | list[str]:
    labels = list(one.labels)
    if one.of:
        return {"of": one.of, "members": labels}
    if one.named:
        return {"labels": {label: one.named.get(label, label) for label in labels}}
    return {"time": labels} if one.time else labels


def _quantity(quantity: Quantity) -> Plain:
    said = forms.QUANTITY.plain(quantity)
    if isinstance(quantity.prior, FixedValue):
        said["value"] = said.pop("prior")
    return said


def _panel(quantity: PanelQuantity) -> Plain:
    said = forms.QUANTITY.plain(quantity)
    said["over"] = list(quantity.over)
    if None in quantity.priors:
        said[quantity.field] = str(quantity.priors[None])
    elif quantity.priors:
        said[quantity.field] = {label: str(one) for label, one in quantity.priors.items()}
    if quantity.alike is not None:
        said["alike"] = {"along": quantity.alike.along, "within": str(quantity.alike.within)}
    if quantity.walk is not None:
        walk = quantity.walk
        together = {name: str(size) for name, size in walk.together.items()}
        said["walk"] = {"along": walk.along, "by": str(walk.by)}
        said["walk"] |= {"at": walk.at} if walk.at else {}
        said["walk"] |= {"together": together} if together else {}
    if quantity.stock is not None:
        stock = quantity.stock
        said["stock"] = {
            "first": str(stock.first),
            "inflow": str(stock.inflow),
            "stay": str(stock.stay),
            "leave": stock.leave,
        }
    if quantity.correlated is not None:
        said["correlated"] = {
            "with": quantity.correlated.other,
            "rho": str(quantity.correlated.rho),
        }
    return said


def _compared(parts: Parts) -> Plain:
    """Return what is held out; figures under another name stand below what they are about."""
    said: Plain = {}
    for use in parts.compare:
        claim, plain = parts.ledger.claims.get(use.claim), forms.COMPARED.plain(use)
        if claim is None or not claim.same_as:
            said[use.claim] = plain
            continue
        about = plain.pop("about")
        said.setdefault(about, []).append({"id": claim.same_as, "as": claim.id, **plain})
    return said


def _relation(relation: Relation) -> Plain:
    if relation.first is not None:
        said = forms.RELATION.plain(relation)
        said |= {"then": str(relation.branches[None])}
        return said | ({"over": list(relation.over)} if relation.over else {})
    branches = {
        "is" if option is None else option: "nothing" if branch is None else str(branch)
        for option, branch in relation.branches.items()
    }
    over = {"over": list(relation.over)} if relation.over else {}
    return branches | forms.RELATION_BY_READING.plain(relation) | over


def _reading(reading: Reading) -> Plain:
    options = {name: forms.OPTION.plain(one) for name, one in reading.options.items()}
    return options | forms.READING.plain(reading)


def _group(group: SourceGroup) -> Plain:
    kinds = {name: forms.SOURCE_KIND.plain(one) for name, one in group.kinds.items()}
    return forms.SOURCE_GROUP.plain(group) | kinds


def _axis(axis: Axis) -> Plain:
    return {name: _variant(one) for name, one in axis.options.items()} | forms.AXIS.plain(axis)


def _variant(variant: Variant) -> Plain:
    said = forms.VARIANT.plain(variant)
    if variant.width != 1.0:
        said["widths"] = float(variant.width)
    if variant.pools and not variant.pool:
        said["pool"] = dict(variant.pools)
    return said
