"""One model under every command, in a process of its own: `python -m soak.child ROOT MODEL`.

Says a line of JSON before and after each command on the channel that it was given (a file
descriptor), so that whoever watches knows what was running when it fell silent.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import estimates
from estimates.cli.app import app
from estimates.inference.sampling import Sampling
from soak.commands import IN_WORDS, Asked, invocations
from soak.reading import file_problems, page_problems, problems
from soak.sentences import ill_made
from soak.turns import banned

#: Commands that answer in sentences.
SPOKEN = frozenset(IN_WORDS - {"cite", "completion", "help", "store", "list"})
_TAIL = 12  # lines of a traceback that are kept


def main() -> None:
    """Run what is asked for, from the command numbered `--start` on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("model")
    parser.add_argument("--channel", type=int, default=1)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--draws", type=int, default=0)
    given = parser.parse_args()
    if given.draws:
        _fewer(given.draws)
    channel = os.fdopen(os.dup(given.channel), "w", encoding="utf-8")
    scratch = given.root / "scratch" / given.model
    scratch.mkdir(parents=True, exist_ok=True)
    # What C code prints goes to a file: nothing may.
    stray = (scratch / "stray.txt").open("ab")
    os.dup2(stray.fileno(), 1)
    root = given.root
    folder = root / "models" / given.model
    known = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.yaml"))

    def tell(**what: Any) -> None:
        channel.write(json.dumps(what) + "\n")
        channel.flush()

    model = estimates.load(given.model, root)
    asked = Asked(model, scratch, _fitted(given.model, root))
    only = [name for name in given.only.split(",") if name]
    for number, words in enumerate(invocations(asked, only)):
        if number < given.start:
            continue
        tell(begin=number, words=words)
        began, spilt = time.monotonic(), os.fstat(1).st_size
        arguments = [*words, "--root", str(root), "--debug"]
        result = CliRunner().invoke(app, arguments)
        out, err = result.stdout, result.stderr
        code = result.exit_code
        finds = words[0] not in ("completion", "cite", "help")
        found = list(problems(words, code, out, err, known, finds))
        if "--json" not in words:
            found += banned(out, quoted=False)
            if code in (0, 1) and words[0] in SPOKEN:
                found += ill_made(out, known)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            found.append(f"{type(result.exception).__name__} escapes: {result.exception}")
        if os.fstat(1).st_size > spilt:
            found.append("something below Python prints on standard output")
        if code == 0 and "--json" in words:
            found += _written(words, out, known)
        message = err.strip() if code else ""
        if "--json" in words and code:
            message = _errors(out) or message
        tell(
            end=number,
            words=words,
            code=code,
            seconds=round(time.monotonic() - began, 2),
            problems=found,
            tail=err.strip().splitlines()[-_TAIL:] if found else [],
            message=message[:400],
        )
        if words[0] == "fit" and code not in (0, 1):
            break  # all that comes would say the same again
    tell(done=True)


def _fewer(draws: int) -> None:
    """Let every fit that says nothing else take so many draws, and no more tuning draws."""
    _, tune, *rest = Sampling.__init__.__defaults__ or ()
    Sampling.__init__.__defaults__ = (draws, min(draws, tune), *rest)


def _fitted(slug: str, root: Path) -> Callable[[str], float | None]:
    """The median of a quantity by the model's fit, which is asked for where it is needed."""
    found: dict[str, Callable[[str], float | None]] = {}

    def look(name: str) -> float | None:
        if not found:
            result = CliRunner().invoke(app, ["fit", slug, "--json", "--root", str(root)])
            found["fit"] = _medians(result.stdout)
        return found["fit"](name)

    return look


def _medians(out: str) -> Callable[[str], float | None]:
    """The same, of the document of a fit."""
    with contextlib.suppress(ValueError, KeyError):
        quantities = json.loads(out)["quantities"]
        return {key: value["median"] for key, value in quantities.items()}.get
    return lambda name: None


def _errors(out: str) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return "; ".join(fault["message"] for fault in json.loads(out)["errors"])
    return ""


def _written(words: tuple[str, ...], out: str, known: str) -> Iterator[str]:
    """What is wrong with the files that a command wrote."""
    if words[0] == "report":
        yield from page_problems(Path(words[words.index("--output") + 1]), known)
    if words[0] != "export":
        return
    with contextlib.suppress(ValueError):
        for name in json.loads(out).get("files", ()):
            yield from file_problems(Path(name))


if __name__ == "__main__":
    main()
