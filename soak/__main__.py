"""Look for what breaks, for as long as there is time, and say what was found.

    python -m soak [--minutes 60] [--parts corpus,fuzz] [--models a,b] [--seed 1]

The corpus of odd models runs under every command, whole, whatever the time; the other parts share
the minutes.  Findings go to results/soak/findings/, one file each; exit code 1 if there are some.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from soak import corpus
from soak.parts import PARTS

FINDINGS = Path("results") / "soak"


def main() -> int:
    """Run the parts, print what they counted, write down what they found."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="for the random parts")
    parser.add_argument("--parts", default=",".join(["corpus", *PARTS]))
    parser.add_argument("--models", default="", help="of the corpus, only these")
    parser.add_argument("--commands", default="", help="of the program, only these")
    parser.add_argument("--jobs", type=int, default=2, help="models at a time")
    parser.add_argument("--limit", type=float, default=corpus.LIMIT, help="seconds for a command")
    parser.add_argument("--verbose", action="store_true", help="say every command")
    parser.add_argument("--draws", type=int, default=0, help="of each fit (as users get them)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    given = parser.parse_args()
    wanted = given.parts.split(",")
    unknown = set(wanted) - {"corpus", *PARTS}
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are corpus, {', '.join(PARTS)}")
    shutil.rmtree(FINDINGS, ignore_errors=True)
    FINDINGS.mkdir(parents=True)
    print(f"seed {given.seed}", flush=True)
    found = 0
    if "corpus" in wanted:
        found += _corpus(given)
    random = [name for name in PARTS if name in wanted]
    for name in random:
        counts = PARTS[name](60 * given.minutes / len(random), given.seed)
        found += _report(name, counts)
    print(f"{found} findings" + (f", in {FINDINGS}" if found else ""))
    return 1 if found else 0


def _corpus(given: argparse.Namespace) -> int:
    models = given.models.split(",") if given.models else corpus.all_models()

    def say(model: str, record: Mapping[str, Any]) -> None:
        if given.verbose:
            print(f"  {record['seconds']:6.1f} s  {model}: {' '.join(record['words'])}: exit "
                  f"{record['code']} {record['message'][:200]!r}", flush=True)  # fmt: skip
        for problem in record["problems"]:
            print(f"  {model}: {' '.join(record['words'])}: {problem}", flush=True)

    only = [name for name in given.commands.split(",") if name]
    with tempfile.TemporaryDirectory(prefix="soak-") as scratch:
        run = corpus.run(
            models, Path(scratch), only=only, limit=given.limit, jobs=given.jobs, say=say,
            draws=given.draws,
        )  # fmt: skip
    for finding in run.findings:
        _write(f"{finding['model']} {' '.join(finding['words'])}", finding)
    (FINDINGS / "refusals.json").write_text(_json(run.refusals), encoding="utf-8")
    commands = sum(run.codes.values())
    codes = ", ".join(f"{code}: {count}" for code, count in sorted(run.codes.items()))
    print(f"corpus: {run.models} models, {commands} commands (exit {codes}), "
          f"{len(run.findings)} findings")  # fmt: skip
    for seconds, line in reversed(run.slowest):
        print(f"  {seconds:6.1f} s  {line[:120]}")
    fits = Counter(one["model"] for one in run.refusals if one["words"][0] == "fit")
    print(f"  {len(fits)} models without a fit to be trusted: {', '.join(fits) or 'none'}")
    return len(run.findings)


def _report(name: str, counts: Mapping[str, Any]) -> int:
    findings = counts.get("findings", [])
    rest = ", ".join(f"{value} {key}" for key, value in counts.items() if key != "findings")
    print(f"{name}: {rest}, {len(findings)} findings", flush=True)
    for number, finding in enumerate(findings):
        print(f"  {str(finding)[:200]}", flush=True)
        _write(f"{name} {number}", finding)
    return len(findings)


def _write(title: str, finding: Any) -> None:
    name = re.sub(r"[^\w-]+", "-", title, flags=re.ASCII)[:120].strip("-")
    (FINDINGS / f"{name}.json").write_text(_json(finding), encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


if __name__ == "__main__":
    sys.exit(main())
