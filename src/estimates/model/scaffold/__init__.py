"""A first estimate to start from: two commented files that work as they are.

The templates lie beside this module, so that they are at hand wherever the package is installed.
The JSON Schemas that editors read are made of what the files may hold.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from estimates._util.files import make_folder, scratch_beside, write_bytes
from estimates.errors import Fault, InputError
from estimates.model.forms import schema_documents

#: The files of an estimate, each a template here.
FILES = ("evidence.yaml", "model.yaml")
#: What an editor checks the files against, and offers keys from.
SCHEMAS = ("ledger.schema.json", "model.schema.json")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 60
#: Written into every schema of ours, so that a stranger's file of that name is left alone.
_OURS = '"$comment": "Published with estimates'


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What `new_estimate` has written.

    Attributes
    ----------
    slug : the name of the model
    folder : where its two files are
    files : every file written, schemas included
    """

    slug: str
    folder: Path
    files: tuple[Path, ...]


def new_estimate(name: str, root: Path = Path(), title: str = "") -> Scaffold:
    """Write a first estimate into `root`/models/`name`, and the schemas into `root`/schemas.

    Parameters
    ----------
    name : small letters and digits, words joined by hyphens
    title : of the model; an example's if left out

    Raises `InputError` for a name that cannot be one, and where something of that name exists:
    nothing is ever overwritten.
    """
    folder = _free_folder(name, root)
    with scratch_beside(folder) as scratch:
        made = scratch / name
        made.mkdir()
        schemas, written = _publish_schemas(root, folder, made)
        near = Path(os.path.relpath(schemas, folder)).as_posix()
        for file in FILES:
            text = _packaged(file)
            for mark, value in (
                ("@SCHEMAS@", near),
                ("@NAME@", name),
                ("@TITLE@", _scalar(title or "Coffees sold at the corner café")),
            ):
                text = text.replace(mark, value)
            write_bytes(made / file, text.encode())
        made.rename(folder)  # whole, or not at all: half of it would be in the way of a second try
    return Scaffold(name, folder, (*(folder / file for file in FILES), *written))


def new_folder(name: str, root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files of a new estimate, all of them or none, and return its folder.

    Raises `InputError` as `new_estimate` does.
    """
    folder = _free_folder(name, root)
    with scratch_beside(folder) as scratch:
        made = scratch / name
        made.mkdir()
        for file, held in files.items():
            write_bytes(made / file, held if isinstance(held, bytes) else held.encode())
        made.rename(folder)
    return folder


def _free_folder(name: str, root: Path) -> Path:
    """Return the folder of a new estimate, or raise `InputError` where it cannot be made."""
    _check_name(name)
    folder = root / "models" / name
    # A folder that is there, even empty, is somebody's.
    if folder.exists() or folder.is_symlink():
        raise InputError(
            [Fault(f"'{folder}' exists already and is left as it is; choose another name")]
        )
    return folder


def _check_name(name: str) -> None:
    if _SLUG.fullmatch(name) and len(name) <= _LONGEST:
        return
    rule = "use small letters, digits and hyphens, as in corner-cafe"
    if len(name) > _LONGEST:
        rule = f"keep it below {_LONGEST + 1} characters"
    near = re.sub(r"[^a-z0-9]+", "-", name.lower().encode("ascii", "ignore").decode()).strip("-")
    hint = f"; for instance {near}" if _SLUG.fullmatch(near) and len(near) <= _LONGEST else ""
    raise InputError([Fault(f"'{name}' cannot name a model: {rule}{hint}")])


def _publish_schemas(root: Path, folder: Path, made: Path) -> tuple[Path, tuple[Path, ...]]:
    """Return where editors find the schemas, and the files that had to be written.

    Parameters
    ----------
    folder : the new model's
    made : where that is made before it is moved there

    One copy serves all models of a root. A file of that name which is not ours stays, and the
    new model then gets copies of its own.
    """
    shared = root / "schemas"
    place = shared if all(_free_or_ours(shared / name) for name in SCHEMAS) else folder
    make_folder(shared if place == shared else made)
    written = []
    for name in SCHEMAS:
        text, path = schema_text(name), place / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_bytes(path if place == shared else made / name, text.encode())
            written.append(path)
    return place, tuple(written)


def _free_or_ours(path: Path) -> bool:
    if path.parent.exists() and not path.parent.is_dir():
        return False
    return not path.exists() or (
        path.is_file() and _OURS in path.read_text(encoding="utf-8", errors="replace")
    )


def schema_text(name: str) -> str:
    """Return the JSON Schema of a file, as it is published."""
    return json.dumps(schema_documents()[name], indent=2, ensure_ascii=False) + "\n"


def _packaged(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _scalar(text: str) -> str:
    """Return a text as YAML reads it back, in quotes where a sign in it means something else."""
    text = " ".join(text.split())
    plain = re.fullmatch(r"[^\W_][^:#\[\]{},&*!|>'\"%@`]*", text)
    return text if plain else "'" + text.replace("'", "''") + "'"
