"""A large fit is written small, and what that changes is next to nothing."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

from estimates.inference import stored

OFF = 1e-4


def fit(**draws: np.ndarray) -> xr.DataTree:
    group = xr.Dataset({name: (("chain", "draw"), one) for name, one in draws.items()})
    attributes = {
        "estimates_format": 2,
        "slug": "made",
        "seed": 1,
        "digest": "",
        "sampling": [500, 500, 4],
        "targets": ["wide"],
        "failed": [],
    }
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=attributes), "posterior": group})


@pytest.fixture(scope="module")
def draws() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    wide = np.exp(rng.normal(0, 3, (4, 2000)))
    return {
        "wide": wide,
        "tiny": 1e-60 * wide,
        "offset": 2017.5 + 1e-3 * rng.normal(size=(4, 2000)),
        "share": 1 / (1 + np.exp(-rng.normal(8, 4, (4, 2000)))),
        "known": np.full((4, 2000), 0.1),
        "silent": np.where(rng.random((4, 2000)) < 0.5, np.nan, wide),
    }


def test_draws_are_off_by_next_to_nothing(
    draws: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stored.to_netcdf(fit(**draws))
    monkeypatch.setattr(stored, "_LARGE", 0)
    content = stored.to_netcdf(fit(**draws))
    assert len(content) < 0.8 * len(whole)
    found = stored.from_netcdf(content)["posterior"]
    for name, exact in draws.items():
        again = found[name].values
        assert again.dtype == np.float64
        spread, far = np.nanstd(exact), np.abs(exact - np.nanmean(exact))
        same = np.isnan(exact) & np.isnan(again)
        assert (same | (np.abs(again - exact) <= OFF * np.maximum(spread, far))).all(), name
    # A share stays inside its edges, and what single precision cannot hold is left as it is.
    assert ((found["share"] > 0) & (found["share"] < 1)).all()
    for name in ("tiny", "known"):
        np.testing.assert_array_equal(found[name], draws[name])


def test_a_small_fit_is_written_as_it_is(draws: dict[str, np.ndarray]) -> None:
    found = stored.from_netcdf(stored.to_netcdf(fit(**draws)))["posterior"]
    for name, exact in draws.items():
        np.testing.assert_array_equal(found[name], exact)


def test_a_file_is_read_as_xarray_reads_it(draws: dict[str, np.ndarray]) -> None:
    """Texts, truths, whole numbers, single numbers, no numbers, dimensions without coordinates."""
    odd = xr.Dataset(
        {
            "said": (("claim",), ["‘ä’", ""], {"one": ["a"], "two": ["a", "b"], "none": []}),
            "held": (("claim",), [True, False], {"share": 0.5, "count": 3}),
            "none": (("nothing",), np.array([], dtype=float)),
            "plain": (("chain", "unnamed"), np.arange(8).reshape(4, 2)),
            "single": ((), 7.5),
            "unnamed": (("chain",), np.arange(4)),
        },
        coords={"claim": ["x", "y.z"], "told": ("claim", ["p", "q"])},
        attrs={"list": ["a"], "text": "b", "numbers": [1, 2], "number": 1.5},
    )
    content = stored.to_netcdf(fit(**draws).assign({"odd": xr.DataTree(odd)}))
    found = stored.from_netcdf(content)
    theirs = xr.open_datatree(io.BytesIO(content), engine="h5netcdf").load()
    assert list(found.children) == list(theirs.children)
    for name, group in theirs.children.items():
        ours = found[name].to_dataset()
        xr.testing.assert_identical(ours, group.to_dataset())
        for each, values in group.variables.items():
            assert ours[each].dtype == values.dtype, each
            told = {key: type(one) for key, one in values.attrs.items()}
            assert {key: type(one) for key, one in ours[each].attrs.items()} == told
    assert list(stored.from_netcdf(content, ["odd"]).children) == ["odd"]
