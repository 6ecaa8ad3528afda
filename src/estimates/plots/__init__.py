"""Pictures of a finished fit, one file each.

answer : the posterior of a target under each reading, the cited figures behind it
claims : each claim as quoted, beside the posterior of what it is about
probabilities : P(below), P(inside) and P(above) a cited figure, by reading
compared : the same of what `estimates.compare` returned
prior_posterior : prior and posterior of each quantity
calibration : whether the ranks and weights of simulations are as they should be; takes what
    `estimates.calibrate` returned
tornado, shares, without : what moves the target, where its variance comes from, and what it would
    be without each claim; take what `estimates.sensitivity` returned
inverse, break_even : how far each quantity would have to move for the answer to be what was cited,
    and where two break even; take what `estimates.inverse` returned, the latter the fit too
conflict : what each body of evidence says beside what the rest says; takes what
    `estimates.conflict` returned
forest : each claim alone, what is pooled, and a next claim; takes what `estimates.forest`
    returned, and the fit for labels
multiverse : the answer of every declared way of analysing the claims, a specification curve; takes
    what `estimates.multiverse` returned
validate : where claims that were left out lie in what was foretold of them; takes what
    `estimates.validate` returned
voi : how much of the variance learning each fact would remove, and how much loss it would avoid;
    takes what `estimates.voi` returned
whatif : the answer as it is and as supposed; takes what `estimates.whatif` returned
diff : the way from one model's answer to another's, a waterfall; takes what `estimates.diff`
    returned
wording : what a wording implies under each basis; takes what `estimates.explain` returned
prior : what a prior says; takes what `estimates.explain_prior` returned
model_graph : claims, quantities, relations and target as boxes and arrows; takes a model

Each function takes what `estimates.fit` returned (or its `Findings`, which saves time where
several are drawn) and returns a Matplotlib `Figure`; `ax=` draws into axes, where one suffices.
Nothing is shown, and no global state of Matplotlib is changed.  `claims` is None where a
model uses none.  Cited figures are always held out.

`plot` draws the first figure of any result; `drawings` gives the names of all, and what draws each.
`write_figures` writes those of a fit as PNG and SVG, the same bytes on every run, in files named
like the functions; `answer-TARGET` and `probabilities-CLAIM` for targets and cited figures after
the first.
"""

from estimates.plots.answer import answer
from estimates.plots.break_even import break_even
from estimates.plots.calibration import calibration
from estimates.plots.claims import claims
from estimates.plots.conflict import conflict
from estimates.plots.diff import diff
from estimates.plots.figures import drawings, plot
from estimates.plots.forest import forest
from estimates.plots.inverse import inverse
from estimates.plots.model_graph import model_graph
from estimates.plots.multiverse import multiverse
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.style import house_style
from estimates.plots.prior import prior
from estimates.plots.prior_posterior import prior_posterior
from estimates.plots.probabilities import compared, probabilities
from estimates.plots.shapley import shares
from estimates.plots.tornado import tornado, without
from estimates.plots.validate import validate
from estimates.plots.voi import voi
from estimates.plots.whatif import whatif
from estimates.plots.wording import wording
from estimates.plots.write import drawn, save, save_one, write_figures

__all__ = [
    "Findings",
    "answer",
    "break_even",
    "calibration",
    "claims",
    "compared",
    "conflict",
    "diff",
    "drawings",
    "drawn",
    "forest",
    "house_style",
    "inverse",
    "model_graph",
    "multiverse",
    "plot",
    "prior",
    "prior_posterior",
    "probabilities",
    "save",
    "save_one",
    "shares",
    "tornado",
    "validate",
    "voi",
    "whatif",
    "without",
    "wording",
    "write_figures",
]
