"""The pieces of the benchmark that are timed inside a process: `python -m benchmarks.pieces NAME`.

Each prints one JSON document.  What stands for work by hand follows the documentation of the
library that it uses.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEADLINE = "scmp-2017-headline"
WHOLE = "scmp-2017"
CLAIMS, KINDS = 100, 10
LEFT_OUT_BY_HAND, SIMULATED_BY_HAND, REFITTED_BY_HAND = 3, 5, 2


# (b) One of a hundred claims left out, each in turn ------------------------------------------


def write_model(root: Path, slug: str, count: int, sums: bool = False) -> None:
    """A model of ten quantities with so many claims about them, a third about sums of two."""
    folder = root / "models" / slug
    folder.mkdir(parents=True, exist_ok=True)
    claims = "".join(
        f"  c{i}: {{source: s, quote: q, says: around {figure(i):,} people}}\n"
        for i in range(count)
    )
    (folder / "evidence.yaml").write_text(f"sources:\n  s: {{title: t}}\nclaims:\n{claims}")
    names = [f"q{k}" for k in range(KINDS)]
    quantities = "".join(f'  {n}: {{unit: person, prior: "500 to 200,000"}}\n' for n in names)
    about = "".join(
        f"  c{i}: q{i % KINDS}" + (f" + q{(i + 1) % KINDS}" if sums and i % 3 == 0 else "") + "\n"
        for i in range(count)
    )
    (folder / "model.yaml").write_text(
        f"format: 1\ntitle: {count} claims\nevidence: evidence.yaml\n"
        f"quantities:\n{quantities}relations:\n"
        f"  total: {{unit: person, is: {' + '.join(names)}}}\nclaims:\n{about}targets: [total]\n"
    )


def figure(i: int) -> int:
    """The figure of a claim: some way about that of its quantity."""
    return round(5000 * 1.5 ** (i % KINDS) * (0.7 + 0.06 * (i // KINDS % 10)), -2)


def leave_one_out(root: str) -> dict[str, Any]:
    """`leave_one_out` of the model of a hundred claims: 101 fits, one of them of all claims."""
    import estimates as est

    write_model(Path(root), "hundred", CLAIMS)
    table = est.leave_one_out(est.load("hundred", root=Path(root)))
    return {"fits": len(table), "converged": bool(table["converged"].all())}


def leave_one_out_by_hand() -> dict[str, Any]:
    """The same with a model and `pm.sample` for each claim left out, as far as a few of them."""
    import numpy as np
    import pymc as pm

    index = np.arange(CLAIMS) % KINDS
    said = np.log([float(figure(i)) for i in range(CLAIMS)])
    width = (np.log(200_000) - np.log(500)) / (2 * 1.6448536)
    start = time.perf_counter()
    for left_out in range(LEFT_OUT_BY_HAND):
        kept = np.arange(CLAIMS) != left_out
        with pm.Model():
            q = pm.Normal("q", np.log(500 * 200_000) / 2, width, shape=KINDS)
            pm.Normal("claims", q[index[kept]], 0.367, observed=said[kept])
            pm.Deterministic("total", pm.math.exp(q).sum())
            pm.sample(2000, tune=1000, chains=4, random_seed=1, progressbar=False)
    return {"fits": LEFT_OUT_BY_HAND, "seconds": time.perf_counter() - start}


# (h) Sensitivity -----------------------------------------------------------------------------


def sensitivity_by_hand() -> dict[str, Any]:
    """A few of the refits of leaving claims out under every reading, each with `pm.sample`.

    `refits` is how many of them the analysis needs: one a reading for each set of claims left out.
    """
    import pymc as pm

    import estimates as est
    from estimates.analysis.sensitivity.leave_one_out import groups_of
    from estimates.inference.pymc_model import to_pymc
    from estimates.model.combinations import distinct_readings

    model = est.load(WHOLE)
    readings = distinct_readings(model)
    sets = {group.claims for group in groups_of(model)}
    plain = [to_pymc(model, reading.choice) for reading in readings[:REFITTED_BY_HAND]]
    start = time.perf_counter()
    for written in plain:
        with written:
            pm.sample(2000, tune=1000, chains=4, random_seed=1, progressbar=False)
    seconds = time.perf_counter() - start
    return {"fits": len(plain), "seconds": seconds, "refits": len(sets) * len(readings)}


# (c) Calibration -----------------------------------------------------------------------------


def simuk() -> dict[str, Any]:
    """Simulation-based calibration of one reading with simuk."""
    import simuk

    from benchmarks.headline_by_hand import model

    settings = {"draws": 500, "tune": 500, "chains": 4, "progressbar": False}
    calibration = simuk.SBC(
        model(), num_simulations=SIMULATED_BY_HAND, sample_kwargs=settings, seed=1
    )
    calibration.progress_bar = False
    start = time.perf_counter()
    calibration.run_simulations()
    return {"simulations": SIMULATED_BY_HAND, "seconds": time.perf_counter() - start}


# (d) Effective draws a second ----------------------------------------------------------------


def effective(points: Any) -> float:
    """The smallest bulk ESS of draws (variable, chain, draw)."""
    import numpy as np
    from arviz_stats.base import array_stats

    return float(np.min(array_stats.ess(np.stack(points), chain_axis=1, draw_axis=2)))


def sampling_ours() -> dict[str, Any]:
    """Compiled once, then sampled; without and with evidence and diagnostics."""
    import numpy as np

    import estimates as est
    from estimates.inference.engine import Engine
    from estimates.inference.nuts import draw
    from estimates.inference.question import Condition
    from estimates.inference.sampling import Way
    from estimates.inference.starts import starts

    model = est.load(HEADLINE)
    engine = Engine(model, seed=1)
    choice = model.combinations()[0].choice
    question = Condition(choice, engine.speaking(choice, engine.evidence_ids))
    density = engine.posed(question)
    points = starts(engine, density, question)
    draw(density, points, Way(est.Sampling()), 1)
    rates, seconds = [], []
    for seed in range(7):
        start = time.perf_counter()
        drawn = draw(density, points, Way(est.Sampling()), seed)
        seconds.append(time.perf_counter() - start)
        used = [0, 1, 3]  # workers in China, the wage and the skim, of which the others know
        rates.append(effective([drawn.points[..., i] for i in used]) / seconds[-1])
    start = time.perf_counter()
    engine.ask(question, est.Sampling())
    whole = time.perf_counter() - start
    return {"rate": float(np.median(rates)), "seconds": float(np.median(seconds)), "refit": whole}


def sampling_nutpie() -> dict[str, Any]:
    """nutpie by hand: the model compiled once, then sampled."""
    import numpy as np
    import nutpie

    from benchmarks.headline_by_hand import model

    start = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model())
    compilation = time.perf_counter() - start
    rates = []
    for seed in range(8):
        start = time.perf_counter()
        trace = nutpie.sample(
            compiled, draws=2000, tune=1000, chains=4, seed=seed, progress_bar=False,
            target_accept=0.9,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        posterior = trace["posterior"]
        rates.append(
            effective([posterior[n].values for n in ("workers", "wage", "skim")]) / seconds
        )
    return {"rate": float(np.median(rates[1:])), "compilation": compilation}


def sampling_pymc() -> dict[str, Any]:
    """PyMC's own NUTS: the time that it says sampling took, compilation left out."""
    import pymc as pm

    from benchmarks.headline_by_hand import model

    with model():
        trace = pm.sample(
            2000, tune=1000, chains=4, random_seed=1, progressbar=False, nuts_sampler="pymc",
            nuts={"target_accept": 0.9},
        )  # fmt: skip
    posterior = trace["posterior"]
    found = effective([posterior[n].values for n in ("workers", "wage", "skim")])
    return {"rate": found / float(posterior.attrs["sampling_time"])}


# (f) Scale -----------------------------------------------------------------------------------


def scale(root: str, count: str) -> dict[str, Any]:
    """Compile and gradient time with so many claims, a third of them about sums."""
    import pymc  # noqa: F401  (its import is no part of the compilation)

    import estimates as est
    from estimates.inference.engine import Engine
    from estimates.inference.question import Condition

    n = int(count)
    write_model(Path(root), f"claims-{n}", n, sums=True)
    model = est.load(f"claims-{n}", root=Path(root))
    engine = Engine(model, seed=1)
    _ = engine.content  # the model's digest, which every command computes to ask the store
    start = time.perf_counter()
    _ = engine.density
    compilation = time.perf_counter() - start
    density = engine.posed(Condition({}, engine.evidence_ids))
    points = engine.candidates[: max(20, min(2000, 200_000 // n))]
    density.surface(points)
    start = time.perf_counter()
    density.surface(points)
    return {
        "claims": n,
        "compilation": compilation,
        "gradient": (time.perf_counter() - start) / len(points),
    }


PIECES: dict[str, Callable[..., dict[str, Any]]] = {
    piece.__name__: piece
    for piece in (
        leave_one_out,
        leave_one_out_by_hand,
        sensitivity_by_hand,
        simuk,
        sampling_ours,
        sampling_nutpie,
        sampling_pymc,
        scale,
    )
}

if __name__ == "__main__":
    print(json.dumps(PIECES[sys.argv[1]](*sys.argv[2:])))
