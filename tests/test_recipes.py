"""Eight recipes of the documents, run as a reader runs them and held to truth from elsewhere."""

from __future__ import annotations

import math
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from scipy import stats

import estimates as est

from .test_coming_from import Z90, log_normal, product
from .test_docs import blocks, models_in
from .truth.gaussian import Gaussian
from .truth.quadrature import of_weights
from .truth.sampling import from_prior
from .truth.test_copies import truth as of_copies
from .truth.tolerance import STANDARD_ERRORS, Truth, agree, statistic
from .truth.widths import point, spread

Array = NDArray[np.float64]
HOW_TO = Path(__file__).parent.parent / "docs" / "how-to"


def drawn(name: str, quantity: str, page: str, root: Path, **changes: str) -> Array:
    """Draws of a quantity (chain, draw) of a model that stands in a page."""
    for file, block in models_in(HOW_TO / f"{page}.md").items():
        text = block
        for old, new in changes.items():
            text = re.sub(rf"\n *{old}: .*", new, text)
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    values = est.fit(est.load(name, root=root))["posterior"][quantity].values
    return np.asarray(values.reshape(-1, *values.shape[-2:])[0], dtype=float)


def prints(page: str, line: str, draws: Array, truth: Truth) -> None:
    """Hold the median and the interval that a page prints to what is true of the logarithm."""
    text = (HOW_TO / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(rf"{line}\D*([\d,]+)\D+([\d,]+) to ([\d,]+)", text)
    assert found, line
    for at, name in enumerate(("median", "q05", "q95"), 1):
        printed = float(found[at].replace(",", ""))
        _, error = statistic(draws, name)
        allowed = STANDARD_ERRORS * error + 0.005  # three digits
        assert abs(math.log(printed) - truth.value[name]) < allowed, (name, printed)


def test_one_number_in_many_papers(tmp_path: Path) -> None:
    said = [
        point(20_000, 10_000, "log", "hearsay", hedged=True),
        point(22_000, 1_000, "log", "hearsay"),
    ]
    centre, sd = log_normal(2_000, 500_000)
    true, _ = of_copies([said[0], said[0], said[1]], centre, sd)
    draws = np.log(drawn("tourists", "tourists", "copies", tmp_path / "with"))
    agree("with the origin", draws, true)
    prints("copies", r"with the origin \|", draws, true)
    y = np.array([said[0].y, said[0].y, said[1].y])
    noise = np.array([said[0].sigma, said[0].sigma, said[1].sigma]) ** 2
    prior = Gaussian(np.array([centre]), np.array([[sd**2]]))
    alone = prior.given(np.ones((3, 1)), y, noise)[0].of(np.ones(1))
    draws = np.log(drawn("tourists", "tourists", "copies", tmp_path / "without", origin=""))
    agree("each for itself", draws, alone)
    prints("copies", r"each for itself, no `origin` \|", draws, alone)


def test_two_counts_that_disagree(tmp_path: Path) -> None:
    police = point(3_000, 1_000, "log", "statistics", hedged=True)
    photographs = spread(8_000, 9_000, "log", "statistics")
    centre, sd = log_normal(500, 100_000)
    prior = Gaussian(np.array([centre]), np.array([[sd**2]]))
    y, noise = (
        np.array([police.y, photographs.y]),
        np.array([police.sigma, photographs.sigma]) ** 2,
    )
    true = prior.given(np.ones((2, 1)), y, noise)[0].of(np.ones(1))
    draws = np.log(drawn("march", "marchers", "conflicting-counts", tmp_path))
    agree("marchers", draws, true)
    prints("conflicting-counts", "`fit` gives", draws, true)


def test_a_meta_analysis_in_ten_lines(tmp_path: Path) -> None:
    trials = re.findall(
        r'says: "([\d.]+) \(95% CI ([\d.]+) to ([\d.]+)\)"',
        (HOW_TO / "a-meta-analysis.md").read_text(encoding="utf-8"),
    )
    assert len(trials) == 5
    y, low, high = np.log(np.array(trials, dtype=float)).T
    error = (high - low) / 2 / stats.norm.ppf(0.975)
    mean, sd = log_normal(0.1, 3)
    mu, tau = np.linspace(-4, 3, 1401), np.linspace(1e-4, 4, 1600)
    log = stats.norm.logpdf(mu, mean, sd)[:, None]
    # `up to 150 %`: half-normal, with a probability of 95 % below 1.5 on the log scale.
    log = log + stats.halfnorm.logpdf(tau, scale=1.5 / stats.norm.ppf(0.975))[None, :]
    for one, sigma in zip(y, error, strict=True):
        log = log + stats.norm.logpdf(one, mu[:, None], np.hypot(sigma, tau)[None, :])
    weights = np.exp(log - log.max())
    draws = drawn("vaccine", "risk", "a-meta-analysis", tmp_path)
    agree("the mean", np.log(draws), of_weights(mu, weights.sum(axis=1)))


def test_choosing_a_prior() -> None:
    (text,) = blocks(HOW_TO / "priors.md", "text")
    log = log_normal(500, 20_000)

    def at(probability: float) -> float:
        return math.exp(log[0] + float(stats.norm.ppf(probability)) * log[1])

    ends = {"median": [0.5], "50 %": [0.25, 0.75], "90 %": [0.05, 0.95], "98 %": [0.01, 0.99]}
    for name, probabilities in ends.items():
        line = re.search(rf"^{name} +(.*) people a day$", text, re.MULTILINE)
        assert line
        printed = [float(one.replace(",", "")) for one in re.findall(r"[\d,]+", line[1])]
        assert printed == pytest.approx([at(one) for one in probabilities], rel=0.005)
    shown = est.explain_prior("500 to 20,000", unit="person/day")
    assert shown.median == pytest.approx(at(0.5))


def test_units_of_ones_own(tmp_path: Path) -> None:
    year = 365.2425  # days, as Pint has them
    true = product(log_normal(1, 4), log_normal(8 * year, 14 * year), log_normal(0.05, 0.4))
    draws = np.log(drawn("lighthouse", "oil", "currencies-and-units", tmp_path))
    quantiles = {"q05": true[0] - Z90 * true[1], "q95": true[0] + Z90 * true[1]}
    agree("oil", draws, Truth({"mean": true[0], "sd": true[1], **quantiles}))


def test_from_an_article_to_a_ledger(tmp_path: Path) -> None:
    page = HOW_TO / "articles.md"
    article = next(text for text in blocks(page, "") if "Saturday market" in text)
    (tmp_path / "market.txt").write_text(article, encoding="utf-8")
    made = est.draft(tmp_path / "market.txt", "market", root=tmp_path)
    assert made.claims == 5
    assert len(made.without_wording) == 1
    shown = yaml.safe_load(next(text for text in blocks(page, "yaml") if "claims:" in text))
    written = yaml.safe_load((made.folder / "evidence.yaml").read_text(encoding="utf-8"))
    assert len(shown["claims"]) == 3
    for name, claim in shown["claims"].items():
        assert written["claims"][name] == claim
    assert made.folder.joinpath("article.txt").is_file()
    shown = next(text for text in blocks(page, "") if "$ estimates draft" in text)
    assert made.example == textwrap.dedent(shown.partition("own:\n\n")[2])


def test_claims_in_a_table(tmp_path: Path) -> None:
    page = HOW_TO / "tables.md"
    (ledger,) = blocks(page, "json")
    (tmp_path / "claims.json").write_text(ledger, encoding="utf-8")
    claim = est.load_ledger(tmp_path / "claims.json").claims["police-count"]
    assert str(claim.says) == "around 3,000 people"
    text = page.read_text(encoding="utf-8")
    rows = "trial,tpos,tneg,cpos,cneg\nAronson,4,119,11,128\n"
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    made = est.ingest(tmp_path / "t.csv", "t", root=tmp_path, measure="RR", about="effect")
    (says,) = [str(one.says) for one in est.load(made.folder).ledger.claims.values()]
    assert f"`{says}`" in text
    # Every problem at once, as it is printed there.
    (tmp_path / "claims.csv").write_text('study,est,se\nA,1,x\n\n\n\n\nB,"0,5",1\n')
    with pytest.raises(est.InputError) as caught:
        est.ingest(tmp_path / "claims.csv", "town", root=tmp_path)
    for fault in caught.value.faults:
        assert str(fault).removeprefix(f"{tmp_path}/") in text


def test_a_model_in_python() -> None:
    names: dict[str, est.Model] = {}
    exec(compile(blocks(HOW_TO / "models-in-python.md", "python")[0], "page", "exec"), names)
    model = names["model"]
    values = est.fit(model)["posterior"]["revenue"].values
    draws = np.asarray(values.reshape(-1, *values.shape[-2:])[0], dtype=float)
    rng = np.random.default_rng(5)
    count = 1_000_000
    workers = np.exp(rng.normal(*log_normal(50, 2_000), count))
    wage = np.exp(rng.normal(*log_normal(20, 400), count))
    ends = np.log([0.24 / 0.76, 0.94 / 0.06])
    skim = 1 / (1 + np.exp(-rng.normal(ends.mean(), (ends[1] - ends[0]) / 2 / Z90, count)))
    log = point(300, 100, "log", hedged=True)(workers)
    log = log + spread(100, 150, "log")(wage * (1 - skim))
    revenue = workers * wage * skim * 12 / 1e6
    sample = from_prior(np.log(revenue)[:, None], log)
    agree("revenue", np.log(draws), sample.of(sample.points[:, 0]))
