"""Finds models and ledgers on disk, and reads them without running anything.

Whatever is wrong with them is answered with sentences, each with its place.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from estimates.errors import Fault, Faults, InputError, Place, did_you_mean, unshowable
from estimates.model.ledger import Ledger, MadeOf, check_ledger
from estimates.model.model import Model
from estimates.model.reader.fields import Fields
from estimates.model.reader.reach import MODELS, Reach, read_bytes, read_text
from estimates.model.reader.read_ledger import ReadLedger, merged, read_ledger
from estimates.model.reader.read_model import ModelReader, model_fields
from estimates.model.reader.yaml_nodes import (
    Entries,
    Items,
    Node,
    Text,
    nodes_of,
    parse_yaml,
    place_of,
)
from estimates.model.tables.raw import is_table
from estimates.model.tables.rows import rows_of
from estimates.model.tables.table import Table, tree_or_table

MODEL_FILE = "model.yaml"
LEDGER_FILE = "evidence.yaml"


def find_models(root: Path = Path()) -> tuple[str, ...]:
    """Return the slugs of the models under `models/`, in alphabetical order."""
    folder = root / MODELS
    if not folder.is_dir():
        return ()
    return tuple(sorted(one.parent.name for one in folder.glob(f"*/{MODEL_FILE}")))


def nearest_root() -> Path:
    """Return the folder that holds `models/`: this one, or the first above it that has models.

    Folders above count as far as they are this user's, and none above the user's own.
    """
    here = Path().absolute()
    if (here / MODELS).is_dir():
        return Path()
    home = Path.home()
    for above in here.parents:
        if here.is_relative_to(home) and not above.is_relative_to(home):
            break
        if hasattr(os, "getuid") and above.stat().st_uid != os.getuid():
            break
        if find_models(above):
            return Path(os.path.relpath(above, here))
    return Path()


def looked_in(root: Path) -> str:
    """Return which folder was looked in for models, in words."""
    folder = (root / MODELS).absolute()
    return f"{folder}" if folder.is_dir() else f"{folder}, which is not there"


def load(where: str | Path, root: Path = Path(), *, allow_outside: bool = False) -> Model:
    """Load and check a model: a slug under `models/`, its folder, or its file.

    Runs no code of the file's.

    Parameters
    ----------
    where : the model
    root : the folder that holds `models/`
    allow_outside : read what the model names wherever it lies; otherwise only below the root, or
        in the folders beside the model's where that is not under `models/`

    Returns
    -------
    Model, checked; nothing is sampled.

    Raises
    ------
    InputError : with every fault and its place, up to a hundred of them

    See Also
    --------
    Model : a model written in Python
    load_json : reads what `Model.to_json` wrote

    Examples
    --------
    >>> import estimates as est
    >>> est.load("scmp-2017-headline").targets
    ('revenue', 'take_per_worker')
    """
    with _without_collecting():
        faults = Faults()
        file = _model_file(Path(where), root, faults)
        faults.raise_if_any()
        reach = Reach.of(file.parent, root, allow_outside)
        if file != Path(where):  # else whoever asked named this very file
            reach.file(file.name, Place(str(file)), faults)
            faults.raise_if_any()
        node = _tree(file, faults)
        if node is None:
            raise _told(faults.error, reach)
        slug = file.parent.resolve().name if file.name == MODEL_FILE else file.stem
        return _model(node, reach, slug, faults)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Switch the collector of circular garbage off: it takes a third of the time and finds none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def load_ledger(path: str | Path) -> Ledger:
    """Load and check a ledger: the sources and claims of an `evidence.yaml`.

    Parameters
    ----------
    path : the file

    Returns
    -------
    Ledger; its claims are not yet about anything, which a model says.

    Raises
    ------
    InputError : with every fault and its place

    See Also
    --------
    load : reads a model with its ledger

    Examples
    --------
    >>> import estimates as est
    >>> len(est.load_ledger("models/scmp-2017/evidence.yaml").claims) > 5
    True
    """
    faults = Faults()
    read = _ledger(Path(path), faults)
    check_ledger(read.ledger, faults, read.broken)
    faults.raise_if_any()
    return read.ledger


def load_text(text: str, file: str = MODEL_FILE, folder: str | Path = ".") -> Model:
    """Return the model of a file's text; `evidence:` is found from `folder`, as `load` does."""
    faults = Faults()
    node = parse_yaml(text, file, faults)
    if node is None:
        faults.raise_if_any()
    assert node is not None
    return _model(node, Reach.of(Path(folder), Path()), Path(file).stem, faults)


def load_json(text: str, slug: str = "") -> Model:
    """Return the model whose `to_json` a text is.

    Parameters
    ----------
    text : what `Model.to_json` returned, or what `fit.attrs["model"]` holds
    slug : what the model is called, which is no part of its content

    Returns
    -------
    Model, equal to the one that was written.

    Raises
    ------
    InputError : for a text that is no model

    See Also
    --------
    load : reads files

    Examples
    --------
    >>> import estimates as est
    >>> model = est.load("scmp-2017-headline")
    >>> est.load_json(model.to_json()) == model
    True
    """
    try:
        node = nodes_of(json.loads(text))
    except json.JSONDecodeError as error:
        place = Place("model.json", error.lineno, error.colno)
        raise InputError([Fault(f"not JSON: {error.msg}", place)]) from None
    except (ValueError, RecursionError) as error:
        raise InputError([Fault(f"not a model: {error}")]) from None
    return _model(node, Reach.of(Path(), Path()), slug, Faults())


def _model(node: Node, reach: Reach, slug: str, faults: Faults) -> Model:
    try:
        if not isinstance(node, Entries):
            shape = "a list" if isinstance(node, Items) else "a text"
            faults.add(f"a model must be keys and values, not {shape}", place_of(node))
            faults.raise_if_any()
        top = model_fields(node, faults)
        parts = ModelReader(top, faults).parts(_evidence(top, reach, faults), slug)
        return Model.of(parts, faults)
    except InputError as error:
        raise _told(error, reach) from None


def _told(error: InputError, reach: Reach) -> InputError:
    """Return the faults in file order, without what files outside the root say."""
    return InputError(_in_order(reach.silenced(error.faults)), error.more)


def _in_order(faults: Sequence[Fault]) -> list[Fault]:
    """Return faults from the top of each file to its end, the files as they first come."""
    files = list(dict.fromkeys(fault.place.file if fault.place else "" for fault in faults))

    def position(fault: Fault) -> tuple[int, int, int]:
        if fault.place is None:
            return (files.index(""), 0, 0)
        return (files.index(fault.place.file), fault.place.line or 0, fault.place.column or 0)

    return sorted(faults, key=position)


def _evidence(top: Fields, reach: Reach, faults: Faults) -> ReadLedger:
    """Return the ledgers that a model names, merged, or the one written inside it."""
    node = top.node("evidence")
    if node is None:
        cited = next((one for one in ("claims", "compare") if one in top), None)
        if cited and top.lacks("evidence"):
            there = " (there is one here)" if (reach.folder / LEDGER_FILE).is_file() else ""
            top.fault(
                f"the model names no file of claims; add `evidence: {LEDGER_FILE}`{there}",
                top.where("evidence") if "evidence" in top.where.spots else top.where(cited),
            )
        return ReadLedger(lost=cited is not None)
    if isinstance(node, Entries):
        return read_ledger(node, faults)
    ledgers: dict[Path, ReadLedger] = {}
    for item in node.values if isinstance(node, Items) else (node,):
        if not isinstance(item, Text) or item.empty:
            top.fault("`evidence:` is the name of a file, or a list of them", place_of(item))
            continue
        path = reach.file(item.value, place_of(item), faults)
        if path is None:
            ledgers[Path(item.value)] = ReadLedger(lost=True)
            continue
        if path in ledgers:
            top.fault(f"the ledger '{item.value}' is named twice", place_of(item))
            continue
        ledgers[path] = _ledger(path, faults, place_of(item))
    return merged(ledgers.values(), faults)


def _ledger(path: Path, faults: Faults, named_at: Place | None = None) -> ReadLedger:
    """Return the ledger of a file: sources and claims, or a table of claims."""
    if not is_table(path.name) and path.suffix.lower() != ".json":
        tree = _tree(path, faults, named_at)
        return ReadLedger(lost=True) if tree is None else read_ledger(tree, faults)
    content = read_bytes(path, faults, named_at)
    node = None if content is None else tree_or_table(content, str(path), faults)
    if isinstance(node, Table):
        before = len(faults)
        rows = rows_of(node, faults)
        if len(faults) > before:
            return ReadLedger(lost=True)
        read = read_ledger(rows.ledger, faults)
        itself = MadeOf(str(path), decimal=rows.decimal, itself=True)
        return replace(read, ledger=replace(read.ledger, made_of=(itself,)))
    return ReadLedger(lost=True) if node is None else read_ledger(node, faults)


def _model_file(where: Path, root: Path, faults: Faults) -> Path:
    """Return the file meant by a slug, a folder or a file."""
    models = root / MODELS
    if unshowable(str(where)):
        faults.add(f"no model '{where}': its name has characters that cannot be shown")
        return where
    folders = [models / where, where] if len(where.parts) == 1 else [where]
    there = [one for one in folders if one.is_dir()]
    for folder in there:
        if (folder / MODEL_FILE).exists():
            return folder / MODEL_FILE
    if there:
        faults.add(_no_model_in(there[0]), Place(str(there[0])))
        return there[0] / MODEL_FILE
    if not where.exists():
        hint = did_you_mean(str(where), find_models(root))
        place = looked_in(root)
        faults.add(f"no model '{where}': neither a folder under {place}, nor a path to one{hint}")
    return where


def _no_model_in(folder: Path) -> str:
    said = f"there is no {MODEL_FILE} in this folder"
    if not (folder / LEDGER_FILE).is_file():
        return said
    return f"{said}, only {LEDGER_FILE}: write one that says what the claims are about"


def _tree(path: Path, faults: Faults, named_at: Place | None = None) -> Node | None:
    text = read_text(path, faults, named_at)
    return None if text is None else parse_yaml(text, str(path), faults)
