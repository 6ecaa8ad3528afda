"""Time `estimates fit scmp-2017-headline` against a script written by hand for one reading.

Both run in processes of their own, by turns, so that a slow spell of the machine hits both.
Cold: with empty caches of compiled code. Warm: with the caches of the run before. Prints the
medians and their ratio, and writes them with every time into benchmarks/results.json.

    python -m benchmarks [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
MODEL = "scmp-2017-headline"
BY_HAND, ESTIMATES = "by hand, one of its eight readings", f"estimates fit {MODEL}, all eight"


def main() -> None:
    options = argparse.ArgumentParser(description="Time the command line.")
    options.add_argument("--repeats", type=int, default=3)
    repeats = options.parse_args().repeats
    times: dict[str, dict[str, list[float]]] = {
        what: {"cold": [], "warm": []} for what in (ESTIMATES, BY_HAND)
    }
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        # A root of its own: its results never replace those of the project.
        shutil.copytree(HERE.parent / "models", root / "models")
        commands = {
            ESTIMATES: ["-m", "estimates", "fit", MODEL, "--json", "--root", scratch],
            BY_HAND: [str(HERE / "by_hand.py")],
        }
        for turn in range(repeats):
            for what, arguments in commands.items():
                caches = root / f"caches-{turn}-{len(what)}"
                for state in ("cold", "warm"):
                    shutil.rmtree(root / "results", ignore_errors=True)
                    seconds = _seconds(arguments, caches)
                    times[what][state].append(seconds)
                    print(f"{what}, {state}: {seconds:.1f} s", flush=True)
    _report(times)


def _seconds(arguments: list[str], caches: Path) -> float:
    """Wall time of a fresh Python, its compiled code kept under `caches`."""
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(caches),
        "NUMBA_CACHE_DIR": str(caches / "numba"),
        "PYTENSOR_FLAGS": f"base_compiledir={caches / 'pytensor'}",
    }
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def _report(times: dict[str, dict[str, list[float]]]) -> None:
    medians = {
        what: {state: statistics.median(values) for state, values in by_state.items()}
        for what, by_state in times.items()
    }
    ratios = {
        state: medians[ESTIMATES][state] / medians[BY_HAND][state] for state in ("cold", "warm")
    }
    document = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("pymc", "pytensor", "nutpie", "numba")},
        "seconds": times,
        "medians": medians,
        "ratio": ratios,
    }
    (HERE / "results.json").write_text(json.dumps(document, indent=2) + "\n")
    for what, by_state in medians.items():
        print(f"{what}: median {by_state['cold']:.1f} s cold, {by_state['warm']:.1f} s warm")
    print(f"ratio: {ratios['cold']:.2f} cold, {ratios['warm']:.2f} warm")


if __name__ == "__main__":
    main()
