"""What an answer must not be: a traceback, a number that is none, or anything but one document."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

_NO_NUMBER = re.compile(r"(?<![\w])(nan|NaN|None|inf|Infinity|undefined|\[object Object\])(?!\w)")
_INSIDE = re.compile(r"Traceback \(most recent call last\)|<[\w.]+ object at 0x|dtype=|np\.float64")
_WARNED = re.compile(r"^\S+\.py:\d+: (\w*Warning): (.*)$", re.MULTILINE)
_ROOM = 1e-9


def problems(
    words: tuple[str, ...], code: int, out: str, err: str, known: str, finds: bool = True
) -> Iterator[str]:
    """What is wrong with what a command printed and how it left, a sentence each.

    Parameters
    ----------
    known : texts of the model itself, which may hold any word
    finds : whether words of no number are looked for (not in scripts and references)
    """
    if code == 70:
        yield next((line for line in err.splitlines() if "internal error" in line), "exit 70")[:400]
        return
    if code not in (0, 1, 2):
        yield f"exit {code}"
    for name, text in (("stdout", out), ("stderr", err)):
        inside = _INSIDE.search(text)
        if inside:
            yield f"{inside.group(0)!r} in {name}"
    for kind, message in _WARNED.findall(err):
        yield f"a {kind} reaches the user: {message[:160]}"
    if "--json" in words:
        yield from _document(words[0], code, out)
        return
    if code == 2 and not err.strip():
        yield "exit 2 without a sentence"
    if finds:
        for word in dict.fromkeys(_NO_NUMBER.findall(out + err)):
            if word not in known:
                line = next(line for line in (out + err).splitlines() if word in line)
                yield f"{word!r} in words: {line.strip()[:160]}"


def _document(command: str, code: int, out: str) -> Iterator[str]:
    try:
        document = json.loads(out, parse_constant=_refuse)
    except ValueError as error:
        yield f"stdout is not one JSON document: {error}"
        return
    if not isinstance(document, dict):
        yield "the document is no object"
        return
    if code == 2:
        if not document.get("errors"):
            yield "exit 2 without errors in the document"
        for fault in document.get("errors", ()):
            if not fault["message"]:
                yield "a fault without a sentence"
        return
    yield from _numbers(document, command)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} in JSON")


_PARTS = ("below", "inside", "above")
_SHARES = (*_PARTS, "posterior", "prior", "overlap", "weight", "conflict_p")
_RISING = ("q05", "q25", "median", "q75", "q95")


def _numbers(node: Any, path: str) -> Iterator[str]:
    """Probabilities that are none, quantiles out of order, negative errors."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from _numbers(item, f"{path}[{i}]")
    if not isinstance(node, Mapping):
        return
    values = {name: value for name, value in node.items() if isinstance(value, int | float)}
    for name in _SHARES:
        if name in values and not -_ROOM <= values[name] <= 1 + _ROOM and _is_share(node, name):
            yield f"{path}.{name} is {values[name]}, no probability"
    if all(name in values for name in _PARTS):
        total = sum(values[name] for name in _PARTS)
        if abs(total - 1) > 1e-6:
            yield f"{path}: below, inside and above sum to {total}"
    found = [values[name] for name in _RISING if name in values]
    if any(b < a for a, b in itertools.pairwise(found)):
        yield f"{path}: quantiles out of order: {found}"
    for name in ("sd", "mcse_mean", "mcse_median"):
        if values.get(name, 0) < 0:
            yield f"{path}.{name} is negative"
    for name, item in node.items():
        yield from _numbers(item, f"{path}.{name}")


def _is_share(node: Mapping[str, Any], name: str) -> bool:
    # A stated weight is in proportion, and a bound is below a number.
    if name == "weight":
        return "reading" in node
    return name not in _PARTS or all(part in node for part in _PARTS)


class _Words(HTMLParser):
    """The text of a page that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def page_problems(page: Path, known: str) -> Iterator[str]:
    """What no reader of a report should see."""
    reader = _Words()
    reader.feed(page.read_text(encoding="utf-8"))
    text = "\n".join(reader.words)
    for word in dict.fromkeys(_NO_NUMBER.findall(text)):
        if word not in known:
            line = next(line for line in text.splitlines() if word in line)
            yield f"{word!r} in the report: {line.strip()[:160]}"


def file_problems(file: Path) -> Iterator[str]:
    """A file that was exported and that the tools it is made for do not open."""
    try:
        _open(file)
    except Exception as error:
        yield f"{file.name} does not open: {type(error).__name__}: {str(error)[:200]}"


def _open(file: Path) -> None:
    import pandas as pd
    import xarray as xr

    if file.suffix == ".csv":
        pd.read_csv(file)
    elif file.suffix == ".json":
        json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse)
    elif file.suffix == ".nc":
        with xr.open_datatree(file, engine="h5netcdf") as tree:
            _summarised(tree)
    elif file.name.endswith((".zarr", ".zarr.zip")):
        from zarr.storage import ZipStore

        store: Any = ZipStore(file, mode="r") if file.suffix == ".zip" else file
        with xr.open_datatree(store, engine="zarr", consolidated=False) as tree:
            tree.load()
    else:
        file.read_text(encoding="utf-8")


def _summarised(tree: Any) -> None:
    import arviz as az

    az.summary(tree)
