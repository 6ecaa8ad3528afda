"""Measures the house and holds it to its bounds: size, reads by string, escape types, length.

    python .ci/measure.py          says what it found; exit 1 where a bound is broken
    python .ci/measure.py --where  lists each read by string and each escape type, by module

What is counted, over `src/estimates`:

lines
    lines that hold code, by the syntax tree: blank lines, comments and docstrings are none
reads by string
    `x["literal"]`, `x.get("literal")`, `.pop("literal")`, `itemgetter("literal")`,
    `getattr(x, "literal")`, and the same with the name of a constant that holds a string.  What is
    written by string (a document is made somewhere) is not a read.  Modules that read YAML, JSON
    or formats of others have no other way and are left out by name (`OUTSIDE`)
escape types
    `Any`, a bare `object`, `cast` and `type: ignore`
"""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[1] / "src" / "estimates"

#: Modules whose work is to read what others wrote: YAML, stored JSON, netCDF, references.
OUTSIDE = ("model/drafts/", "model/io/", "model/reader/", "model/scaffold/", "model/tables/")

#: Bounds go down; that of lines went up once, by what reading everyday phrases took.
#: The aims are 28,000 lines, 320 reads, 200 types, 400 lines, 22 lines.
BOUNDS = {
    "names at the top": 10,
    "lines of code": 55_676,
    "reads by string": 175,
    "escape types": 200,
    "lines of the longest module": 400,
    "lines of a function, 90 of 100 below": 22,
}
_TAKERS = {"get", "pop", "setdefault", "itemgetter", "attrgetter"}


def main(where: bool) -> int:
    """Print the figures, and say by the exit code whether all bounds hold."""
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _modules()}
    constants = {name for tree in modules.values() for name in _string_constants(tree)}
    lines = {path: len(code_lines(tree)) for path, tree in modules.items()}
    reads = {
        path: list(string_reads(tree, constants))
        for path, tree in modules.items()
        if not _name(path).startswith(OUTSIDE)
    }
    escapes = {path: list(escape_types(path, tree)) for path, tree in modules.items()}
    functions = sorted(size for tree in modules.values() for size in function_sizes(tree))
    found = {
        "names at the top": len(list(_top())),
        "lines of code": sum(lines.values()),
        "reads by string": sum(map(len, reads.values())),
        "escape types": sum(map(len, escapes.values())),
        "lines of the longest module": max(len(_text(path)) for path in modules),
        "lines of a function, 90 of 100 below": functions[len(functions) * 9 // 10],
    }
    broken = [what for what, value in found.items() if value > BOUNDS[what]]
    for what, value in found.items():
        mark = "  <- too many" if what in broken else ""
        print(f"{value:>8,}  {what} (at most {BOUNDS[what]:,}){mark}")
    print(f"{len(modules):>8,}  modules, {len(functions):,} functions")
    if where:
        _list("reads by string", reads)
        _list("escape types", escapes)
    return 1 if broken else 0


def code_lines(tree: ast.Module) -> set[int]:
    """The numbers of the lines that hold code."""
    held: set[int] = set()
    skipped = set(_docstrings(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt) and node not in skipped:
            if isinstance(node, ast.Expr) and node.value in skipped:
                continue
            if _is_leaf(node):
                held.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            else:
                held.update((node.lineno, node.end_lineno or node.lineno))
    return held


def string_reads(tree: ast.Module, constants: set[str]) -> Iterator[tuple[int, str]]:
    """Line and text of what is read by a string."""
    typed = {id(part) for node in _annotations(tree) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        match node:
            case ast.Subscript(slice=key, ctx=ast.Load()) if _is_key(key, constants):
                yield node.lineno, ast.unparse(node)
            case ast.Call(func=func, args=[key, *_]) if _last(func) in _TAKERS:
                if _is_key(key, constants):
                    yield node.lineno, ast.unparse(node)
            case ast.Call(func=ast.Name("getattr"), args=[_, key, *_]) if _is_key(key, constants):
                yield node.lineno, ast.unparse(node)


def escape_types(path: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Where the types are given up."""
    for node in _annotations(tree):
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in ("Any", "object"):
                yield part.lineno, part.id
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last(node.func) == "cast":
            yield node.lineno, "cast"
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and re.search(r"type:\s*ignore", token.string):
                yield token.start[0], "type: ignore"


def function_sizes(tree: ast.Module) -> Iterator[int]:
    """Lines of each function, its docstring left out."""
    lines = code_lines(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield sum(node.lineno <= line <= last for line in lines)


def _is_key(node: ast.expr, constants: set[str]) -> bool:
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Name(name) | ast.Attribute(attr=name):
            return name in constants
    return False


def _string_constants(tree: ast.Module) -> Iterator[str]:
    """Names in capitals that hold a string, or several."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Constant(value=str())):
                if name.strip("_").isupper():
                    yield name
            case ast.Assign(targets=[ast.Tuple(names)], value=ast.Tuple(values)):
                for pair in zip(names, values, strict=False):
                    match pair:
                        case ast.Name(name), ast.Constant(value=str()):
                            if name.strip("_").isupper():
                                yield name


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as found) | ast.AnnAssign(annotation=found):
                yield found
            case ast.FunctionDef(returns=ast.expr() as found):
                yield found
            case ast.TypeAlias(value=found):
                yield found
            case ast.Assign(targets=[ast.Name(name)], value=ast.Subscript() as found):
                if name[:1].isupper() and not name.isupper():
                    yield found  # an alias of a type


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str()) as text), *_]:
                    yield text


def _is_leaf(node: ast.AST) -> bool:
    inner = (child for child in ast.walk(node) if child is not node)
    return not any(isinstance(child, ast.expr | ast.stmt) for child in inner)


def _last(func: ast.expr) -> str:
    match func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def _modules() -> list[Path]:
    return sorted(HOUSE.rglob("*.py"))


def _top() -> Iterator[Path]:
    for path in HOUSE.iterdir():
        room = path.is_dir() and any(path.glob("*.py"))  # else what is left of an old one
        if room or (path.suffix == ".py" and not path.name.startswith("__")):
            yield path


def _text(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _name(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def _list(what: str, found: dict[Path, list[tuple[int, str]]]) -> None:
    print(f"\n{what}:")
    by_module = Counter({_name(path): len(places) for path, places in found.items() if places})
    for name, count in by_module.most_common():
        print(f"{count:>6}  {name}")


if __name__ == "__main__":
    sys.exit(main("--where" in sys.argv[1:]))
