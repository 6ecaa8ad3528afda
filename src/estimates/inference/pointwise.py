"""What draws of the posterior say of each claim: the groups that leave-one-out and checks ask for.

A claim that is silent under a reading has density 1 there, which says nothing.  It would not have
been made then, so that its replicates are those of the readings under which it speaks: a draw of
one of these stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.inference.engine import Engine
from estimates.inference.fit_job import FEWEST, ROOM, thinned_rows
from estimates.inference.fitting import Fitted
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.mixture import Mixture
from estimates.inference.predictive import observed_data, replicate

Array = NDArray[np.float64]


def claim_groups(
    fitted: Fitted, mixture: Mixture, values: Mapping[str, Array]
) -> dict[str, xr.Dataset]:
    """Return the groups of a tree about the evidence claims, and the log prior density.

    A copy that repeats another claim word for word is no claim of its own.

    Parameters
    ----------
    values : of the mixture, every quantity (chain, draw)
    """
    engine = fitted.engine
    claims = [c for c in engine.observations.claims if c.id in engine.evidence_ids]
    if not claims:
        return {}
    told = _told(mixture.which, len(claims))
    density, said = _claimed(fitted, mixture, values, told, engine.rng("predictive", ""))
    heard = _heard(said)
    claims = [claim for claim, spoken in zip(claims, heard, strict=True) if spoken]
    observed = observed_data(claims, engine.observations.terms)
    return {
        "log_likelihood": _along_claims(density[heard], observed, told),
        "posterior_predictive": _along_claims(said[heard], observed, told),
        "observed_data": observed,
        **_log_prior(engine, values),
    }


def prior_predictive(
    fitted: Fitted, mixture: Mixture, values: Mapping[str, Array]
) -> xr.Dataset | None:
    """Return what the evidence claims would say by the prior; None where none is evidence.

    Parameters
    ----------
    values : of the prior mixture, every quantity (chain, draw)
    """
    engine = fitted.engine
    claims = [c for c in engine.observations.claims if c.id in engine.evidence_ids]
    if not claims:
        return None
    told = _told(mixture.which, len(claims))
    _, said = _claimed(fitted, mixture, values, told, engine.rng("prior predictive", ""))
    heard = _heard(said)
    claims = [claim for claim, spoken in zip(claims, heard, strict=True) if spoken]
    return _along_claims(said[heard], observed_data(claims, engine.observations.terms), told)


def _claimed(
    fitted: Fitted,
    mixture: Mixture,
    values: Mapping[str, Array],
    told: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Return log densities of the evidence claims and replicates, (claim, chain, draw) each."""
    engine = fitted.engine
    claims = [c for c in engine.observations.claims if c.id in engine.evidence_ids]
    which = mixture.which[:, told]
    density = np.zeros((len(claims), *which.shape))
    said = np.full(density.shape, np.nan)
    for number in mixture.readings:
        reading = fitted.readings[number]
        mine = which == number
        here = {name: one[:, told][mine] for name, one in values.items()}
        active = fitted.answers[reading.fit].question.active
        asked = (engine.model, engine.observations, here, reading.choice, active)
        densities, replicates = log_likelihood(*asked), replicate(*asked, rng)
        for place, claim in enumerate(claims):
            density[place, mine] = densities[claim.id]
            said[place, mine] = replicates.get(claim.id, np.nan)
    for one in (said[place] for place in np.flatnonzero(_heard(said))):
        silent = np.isnan(one)
        one[silent] = rng.choice(one[~silent], np.count_nonzero(silent))
    return density, said


def _heard(said: Array) -> NDArray[np.bool_]:
    """Return which claims (claim,) speak in some draw."""
    return np.asarray(~np.isnan(said).all(axis=(1, 2)))


def _told(which: NDArray[np.int64], claims: int) -> NDArray[np.int64]:
    """Return the mixture's draws at which claims are evaluated: all, if there is room for them."""
    chains, draws = which.shape
    room = ROOM // (claims * chains)
    return np.asarray(thinned_rows(np.arange(draws)[None], max(FEWEST, room))[0])


def _along_claims(values: Array, observed: xr.Dataset, told: NDArray[np.int64]) -> xr.Dataset:
    """Return values (claim, chain, draw) in ArviZ's order, (chain, draw, claim)."""
    along = {"chain": np.arange(values.shape[1]), "draw": told, "claim": observed["claim"].values}
    said = {"claims": (("chain", "draw", "claim"), np.moveaxis(values, 0, -1))}
    return xr.Dataset(said, coords=along)


def _log_prior(engine: Engine, values: Mapping[str, Array]) -> dict[str, xr.Dataset]:
    """Return the joint log prior density of the basic quantities; none where nothing is unknown."""
    if not engine.layout.size:
        return {}
    basic = {name: values[name] for name in engine.model.quantities}
    shape = next(iter(basic.values())).shape
    found = engine.log_prior({name: one.ravel() for name, one in basic.items()})
    return {"log_prior": along_draws({"quantities": found.reshape(shape)})}


def along_draws(values: Mapping[str, NDArray[Any]]) -> xr.Dataset:
    """Return labelled arrays (chain, draw) with these coordinates."""
    chains, draws = next(iter(values.values())).shape
    return xr.Dataset(
        {name: (("chain", "draw"), one) for name, one in values.items()},
        coords={"chain": np.arange(chains), "draw": np.arange(draws)},
    )
