"""Time `estimates check` on files of size, right and wrong, against PyYAML reading them alone.

A piece of `python -m benchmarks`; by itself it prints the medians of some processes each.

python -m benchmarks.loading [--repeats 3]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODEL = "quantities:\n  workers: {unit: person, prior: 1400 to 200000}\ntargets: [workers]\n"
SAID = "says: around 20,000 people"
#: What stands for work by hand: the same files as plain lists and dicts, nothing checked.
ALONE = """
import sys, yaml
for name in ("model", "evidence"):
    with open(f"{sys.argv[1]}/{name}.yaml") as file:
        yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""
#: Seconds that a whole check should take at most.
AIMS = {"100,000 claims": 10, "100,000 claims, no two alike": 10,
        "800,000 unknown keys of a quantity": 2}  # fmt: skip


def main() -> None:
    """Print a table of seconds, of the wall and of the processor."""
    options = argparse.ArgumentParser(description="Time the loading of large files.")
    options.add_argument("--repeats", type=int, default=3)
    repeats = options.parse_args().repeats
    found = [measured() for _ in range(repeats)]
    print(f"{'input':34} {'seconds':>8} {'of processor':>13} {'PyYAML alone':>13}  exit")
    for name, first in found[0].items():
        wall, cpu, alone = (
            statistics.median(one[name][side][kind] for one in found)
            for side, kind in (("ours", "seconds"), ("ours", "processor"), ("by hand", "seconds"))
        )
        print(f"{name:34} {wall:8.2f} {cpu:13.2f} {alone:13.2f}  {first['ours']['exit']}")


def measured() -> dict[str, dict[str, dict[str, float]]]:
    """Of each input once: seconds of the wall and of the processor, and the exit code, by side."""
    found = {}
    for name, (model, ledger) in _inputs().items():
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "model.yaml").write_text(model)
            (Path(folder) / "evidence.yaml").write_text(ledger)
            found[name] = {
                "ours": _timed("-m", "estimates", "check", folder),
                "by hand": _timed("-c", ALONE, folder),
            }
    return found


def _timed(*arguments: str) -> dict[str, float]:
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    # What is wrong with an input is an answer: PyYAML stops at some, and we do.
    done = subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "processor": cpu, "exit": done.returncode}


def _inputs() -> dict[str, tuple[str, str]]:
    cited = f"evidence: evidence.yaml\n{MODEL}"
    sources = "".join(f"  source-of-figures-{n:04d}: {{title: T}}\n" for n in range(500))
    slips = "".join(f"  c{n}: {{source: source-of-figurs-{n:04d}, {SAID}}}\n" for n in range(500))
    chain = "".join(f"  r{n + 1}: r{n} + 1\n" for n in range(5_000))
    keys = "".join(f"k{n}: 1\n" for n in range(800_000))
    below = "".join(f"    k{n}: 1\n" for n in range(800_000))
    claims = "".join(f"  c{n}: {{source: s, {SAID}}}\n" for n in range(100_000))
    varied = "".join(
        f'  c{n}: {{source: s, says: "around {20_000 + n:,} people"}}\n' for n in range(100_000)
    )
    uses = "".join(f"  c{n}: workers\n" for n in range(100_000))
    return {
        "a small model": (MODEL, ""),
        "500 misspelt sources": (cited, f"sources:\n{sources}claims:\n{slips}"),
        "800 KB in an open quotation": ('title: "' + "lorem ipsum\n" * 68_000, ""),
        "5,000 chained relations": (
            f"quantities: {{r0: 1 to 2}}\nrelations:\n{chain}targets: [r1]\n",
            "",
        ),
        "800,000 unknown keys": (MODEL + keys, ""),
        "800,000 unknown keys of a quantity": (
            f"quantities:\n  a:\n    prior: 1 to 2\n{below}targets: [a]\n",
            "",
        ),
        "100,000 times the same target": (
            f"quantities: {{a: 1 to 2}}\ntargets: [{', '.join(['a'] * 100_000)}]\n",
            "",
        ),
        "100,000 claims": (
            f"{cited}claims:\n{uses}",
            f"sources: {{s: {{title: T}}}}\nclaims:\n{claims}",
        ),
        "100,000 claims, no two alike": (
            f"{cited}claims:\n{uses}",
            f"sources: {{s: {{title: T}}}}\nclaims:\n{varied}",
        ),
    }


if __name__ == "__main__":
    main()
