"""Pictures of a finished fit, one file each.

answer : the posterior of a target under each reading, the cited figures behind it
claims : each claim as quoted, beside the posterior of what it is about
probabilities : P(below), P(inside) and P(above) a cited figure, by reading
iso_revenue : a target that is a count times a rate, with the lines along which their product is
    what was cited
prior_posterior : prior and posterior of each quantity
calibration : whether the ranks and weights of simulations are as they should be; takes what
    `estimates.calibrate` returned

Each function takes what `estimates.fit` returned (or its `Findings`, which saves time where
several are drawn) and returns a Matplotlib `Figure`; those of a single axes take `ax=`.  Nothing
is shown, and no global state of Matplotlib is changed.  `claims` is None where a model uses none,
`iso_revenue` where no target is such a product.  Cited figures are always held out.

`write_figures` writes them all as PNG and SVG, the same bytes on every run, in files named like
the functions; `answer-TARGET` and `probabilities-CLAIM` for targets and cited figures after the
first.
"""

from estimates.figures.answer import answer
from estimates.figures.calibration import calibration
from estimates.figures.claims import claims
from estimates.figures.findings import Findings
from estimates.figures.iso_revenue import iso_revenue
from estimates.figures.prior_posterior import prior_posterior
from estimates.figures.probabilities import probabilities
from estimates.figures.writing import save, write_figures

__all__ = [
    "Findings",
    "answer",
    "calibration",
    "claims",
    "iso_revenue",
    "prior_posterior",
    "probabilities",
    "save",
    "write_figures",
]
