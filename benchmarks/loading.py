"""Time `estimates check` on files of size, right and wrong: the median of some processes each.

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


def main() -> None:
    """Print a table of seconds, of the wall and of the processor."""
    options = argparse.ArgumentParser(description="Time the loading of large files.")
    options.add_argument("--repeats", type=int, default=3)
    repeats = options.parse_args().repeats
    print(f"{'input':34} {'seconds':>8} {'of processor':>13}  exit")
    for name, (model, ledger) in _inputs().items():
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "model.yaml").write_text(model)
            (Path(folder) / "evidence.yaml").write_text(ledger)
            times = [_check(folder) for _ in range(repeats)]
        wall, cpu = (statistics.median(one[k] for one in times) for k in (0, 1))
        print(f"{name:34} {wall:8.2f} {cpu:13.2f}  {times[0][2]}")


def _check(folder: str) -> tuple[float, float, int]:
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "estimates", "check", folder], capture_output=True, check=False
    )
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return time.perf_counter() - begun, cpu, done.returncode


def _inputs() -> dict[str, tuple[str, str]]:
    cited = f"evidence: evidence.yaml\n{MODEL}"
    sources = "".join(f"  source-of-figures-{n:04d}: {{title: T}}\n" for n in range(500))
    slips = "".join(f"  c{n}: {{source: source-of-figurs-{n:04d}, {SAID}}}\n" for n in range(500))
    chain = "".join(f"  r{n + 1}: r{n} + 1\n" for n in range(5_000))
    keys = "".join(f"k{n}: 1\n" for n in range(800_000))
    below = "".join(f"    k{n}: 1\n" for n in range(800_000))
    claims = "".join(f"  c{n}: {{source: s, {SAID}}}\n" for n in range(100_000))
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
    }


if __name__ == "__main__":
    main()
