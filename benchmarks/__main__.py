"""Time `estimates` against the same work done by hand, and write what was found.

Everything runs in processes of its own, by turns, so that a slow spell of the machine hits both
sides; a ratio is the median of the ratios of neighbours.  Cold: no compiled code is kept from
before.  Prints a table, and writes it with every time into benchmarks/results.json.

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
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import large, loading, panel
from benchmarks.pieces import CLAIMS, HEADLINE, WHOLE

HERE = Path(__file__).parent
SIMULATIONS = 100
SIZES = (10, 100, 1_000, 10_000)


@dataclass(frozen=True)
class Run:
    """One process: what it printed, how long it took and how much memory it had at most.

    `answered` are the seconds until its first line stood there, `cpu` those of all processors,
    which tell more where others are at work too.
    """

    said: dict[str, Any]
    seconds: float
    megabytes: float
    cpu: float
    answered: float


class Bench:
    """Runs processes with caches of their own below a scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._runs = 0

    def cold(self, *arguments: str) -> Run:
        """A process that finds no compiled code from before."""
        self._runs += 1
        return self.run(self.scratch / f"caches-{self._runs}", *arguments)

    def run(self, caches: Path, *arguments: str) -> Run:
        """A process whose compiled code is kept in a folder."""
        environment = {
            **os.environ,
            "ESTIMATES_CACHE": str(caches / "estimates"),
            "NUMBA_CACHE_DIR": str(caches / "numba"),
            "PYTENSOR_FLAGS": f"base_compiledir={caches / 'pytensor'}",
        }
        with tempfile.TemporaryFile() as complaints:
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=environment,
                cwd=HERE.parent,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
            assert process.stdout is not None
            first = process.stdout.readline()
            answered = time.perf_counter() - start
            output = first + process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.stdout.close()
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                complaints.seek(0)
                text = complaints.read().decode(errors="replace")
                raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}:\n{text}")
        try:
            said = json.loads(output)
        except ValueError:
            said = {}
        cpu = usage.ru_utime + usage.ru_stime
        said = said if isinstance(said, dict) else {}
        return Run(said, seconds, usage.ru_maxrss / 1024, cpu, answered)


def main() -> None:
    options = argparse.ArgumentParser(description="Time estimates against work by hand.")
    options.add_argument("--repeats", type=int, default=3)
    repeats = options.parse_args().repeats
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        # A root of its own: its results never replace those of the project.
        shutil.copytree(HERE.parent / "models", scratch / "models")
        bench = Bench(scratch)
        found = [_once(bench) for _ in range(repeats)]
    document = {
        "machine": _machine(),
        "versions": {
            package: version(package)
            for package in ("estimates", "pymc", "pytensor", "nutpie", "numba", "llvmlite", "simuk")
        },
        "repeats": repeats,
        "rows": _rows(found),
        "measured": found,
    }
    (HERE / "results.json").write_text(json.dumps(document, indent=2) + "\n")
    _print(document)


def _once(bench: Bench) -> dict[str, Any]:
    """Every comparison once."""
    root = str(bench.scratch)
    shutil.rmtree(bench.scratch / "results", ignore_errors=True)
    piece = ("-m", "benchmarks.pieces")
    fit = ("-m", "estimates", "fit", HEADLINE, "--json", "--root", root)
    result: dict[str, Any] = {}

    ours, hand = bench.cold(*fit), bench.cold(str(HERE / "headline_by_hand.py"))
    result["fit"] = _noted(ours, hand)
    again = bench.run(bench.scratch / "caches-store", *fit)
    result["store"] = {"ours": {"seconds": again.seconds, "megabytes": again.megabytes}}
    ours = bench.cold(*piece, "leave_one_out", root)
    hand = bench.cold(*piece, "leave_one_out_by_hand")
    each = hand.said["seconds"] / hand.said["fits"]
    started = hand.seconds - hand.said["seconds"]
    result["leave one out"] = _noted(ours, hand, extrapolated=started + CLAIMS * each)
    shutil.rmtree(bench.scratch / "results" / "store" / "calibration", ignore_errors=True)
    ours = bench.cold(
        *("-m", "estimates", "calibrate", HEADLINE, "-n", str(SIMULATIONS), "--root", root),
        *("--json", "--seed", "1"),
    )
    hand = bench.cold(*piece, "simuk")
    result["calibration"] = _noted(
        ours,
        hand,
        ours_each=ours.seconds / SIMULATIONS,
        by_hand_each=hand.said["seconds"] / hand.said["simulations"],
    )
    ours = bench.cold("-m", "estimates", "sensitivity", WHOLE, "--root", root, "--json")
    hand = bench.cold(*piece, "sensitivity_by_hand")
    each = hand.said["seconds"] / hand.said["fits"]
    result["sensitivity"] = _noted(ours, hand, extrapolated=hand.said["refits"] * each)
    for name in ("sampling_ours", "sampling_nutpie", "sampling_pymc"):
        run = bench.cold(*piece, name)
        result[name] = {**run.said, "megabytes": run.megabytes}
    for size in SIZES:
        run = bench.cold(*piece, "scale", root, str(size))
        result[f"scale {size}"] = {**run.said, "megabytes": run.megabytes}
    for countries, years in panel.SIZES:
        slug = panel.write_panel(bench.scratch, countries, years)
        ours = bench.cold("-m", "estimates", "fit", slug, "--json", "--root", root)
        hand = bench.cold("-m", "benchmarks.panel", str(countries), str(years))
        result[f"panel {countries * years}"] = _noted(ours, hand)
    kept = bench.scratch / "caches-large"
    result["large"] = large.measured(
        bench.scratch, lambda *words: bench.run(kept, "-m", "estimates", *words, "--root", root)
    )
    result["loading"] = loading.measured()
    return result


def _noted(ours: Run, hand: Run, **more: float) -> dict[str, Any]:
    return {
        "ours": {"seconds": ours.seconds, "megabytes": ours.megabytes},
        "by hand": {"seconds": hand.seconds, "megabytes": hand.megabytes},
        **more,
    }


def _rows(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is compared, both figures (medians), and the median of the ratios."""

    def row(
        what: str, unit: str, ours: Sequence[float], other: Sequence[float], aim: str, over: bool
    ) -> dict[str, Any]:
        ratios = [b / a if over else a / b for a, b in zip(ours, other, strict=True)]
        return {
            "what": what,
            "unit": unit,
            "ours": statistics.median(ours),
            "other": statistics.median(other),
            "ratio": statistics.median(ratios),
            "lowest": min(ratios),
            "highest": max(ratios),
            "aim": aim,
        }

    def seconds(name: str, side: str) -> list[float]:
        return [one[name][side]["seconds"] for one in found]

    rows = [
        row(
            f"(a) whole process, cold: fit {HEADLINE}, 8 readings / one by hand",
            "s", seconds("fit", "ours"), seconds("fit", "by hand"), "≤ 1.0", over=False,
        ),
        row(
            f"(b) {CLAIMS} leave-one-out refits, by hand (extrapolated) / ours",
            "s", seconds("leave one out", "ours"),
            [one["leave one out"]["extrapolated"] for one in found], "≥ 80", over=True,
        ),
        row(
            "(c) calibration, a simulation: simuk, one reading / ours, all readings",
            "s", [one["calibration"]["ours_each"] for one in found],
            [one["calibration"]["by_hand_each"] for one in found], "≥ 20", over=True,
        ),
        row(
            "(d) effective draws a second: ours / nutpie by hand",
            "/s", [one["sampling_ours"]["rate"] for one in found],
            [one["sampling_nutpie"]["rate"] for one in found], "≥ 1", over=False,
        ),
        row(
            "(d) effective draws a second: ours / PyMC's NUTS",
            "/s", [one["sampling_ours"]["rate"] for one in found],
            [one["sampling_pymc"]["rate"] for one in found], "", over=False,
        ),
        row(
            "(e) an unchanged question, whole process: from the store / cold",
            "s", seconds("store", "ours"), seconds("fit", "ours"), "< 1.5 s", over=False,
        ),
    ]  # fmt: skip
    for size in SIZES[1:]:
        rows.append(
            row(
                f"(f) compiling {size:,} claims / {SIZES[0]}",
                "s",
                [one[f"scale {size}"]["compilation"] for one in found],
                [one[f"scale {SIZES[0]}"]["compilation"] for one in found],
                "≤ 2" if size == SIZES[-1] else "",
                over=False,
            )
        )
    for size in SIZES[1:]:
        rows.append(
            row(
                f"(f) gradient per claim, {size:,} claims / {SIZES[0]}",
                "s",
                [one[f"scale {size}"]["gradient"] / size for one in found],
                [one[f"scale {SIZES[0]}"]["gradient"] / SIZES[0] for one in found],
                "about 1 or less",
                over=False,
            )
        )
    rows.append(
        row(
            f"(h) sensitivity {WHOLE}, cold; its refits by hand (extrapolated) / all of ours",
            "s", seconds("sensitivity", "ours"),
            [one["sensitivity"]["extrapolated"] for one in found], "ours < 60 s", over=True,
        )
    )  # fmt: skip
    for cells in (countries * years for countries, years in panel.SIZES):
        rows.append(
            row(
                f"(j) a panel of {cells:,} cells and claims, cold: ours / by hand in PyMC",
                "s", seconds(f"panel {cells}", "ours"), seconds(f"panel {cells}", "by hand"),
                "ours < 15 s" if cells < 1000 else "ours < 120 s", over=False,
            )
        )  # fmt: skip
    for name, aim in ((one, found[0]["large"][one]["aim"]) for one in found[0]["large"]):
        rows.append(
            row(
                f"(k) {name}: seconds / seconds of all processors",
                "s", [one["large"][name]["seconds"] for one in found],
                [one["large"][name]["cpu"] for one in found], f"ours < {aim:g} s", over=False,
            )
        )  # fmt: skip
    name = large.WHAT_IF
    rows.append(
        row(
            f"(k) {name}: seconds to its answer / to its end, with figure",
            "s", [one["large"][name]["answered"] for one in found],
            [one["large"][name]["seconds"] for one in found],
            f"ours < {found[0]['large'][name]['aim']:g} s", over=False,
        )
    )  # fmt: skip
    for name in ("fit", "leave one out", "calibration", "sensitivity"):
        rows.append(
            row(
                f"(g) peak memory, {name}: ours / by hand",
                "MB",
                [one[name]["ours"]["megabytes"] for one in found],
                [one[name]["by hand"]["megabytes"] for one in found],
                "< 600 MB",
                over=False,
            )
        )
    for name in found[0]["loading"]:
        rows.append(
            row(
                f"(i) check, {name}: whole process / PyYAML alone",
                "s",
                [one["loading"][name]["ours"]["seconds"] for one in found],
                [one["loading"][name]["by hand"]["seconds"] for one in found],
                f"≤ {loading.AIMS[name]} s" if name in loading.AIMS else "",
                over=False,
            )
        )
    return rows


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines()
                 if line.startswith("model name")]  # fmt: skip
        processor = names[0] if names else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "gigabytes": round(memory / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def _print(document: dict[str, Any]) -> None:
    machine = document["machine"]
    print(f"\n{machine['processor']}, {machine['cores']} cores; medians of {document['repeats']}")
    print(f"\n{'':80}{'ours':>10}{'other':>10}{'ratio':>9}  aim")
    for row in document["rows"]:
        print(
            f"{row['what']:80}{row['ours']:>10.3g}{row['other']:>10.3g}{row['ratio']:>9.3g}  "
            f"{row['aim']}"
        )


if __name__ == "__main__":
    main()
