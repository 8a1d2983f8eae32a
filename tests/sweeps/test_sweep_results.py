"""Gaps of results: members that are missing, whatever settings they have."""

import numpy as np
import optax
import pytest
import xarray as xr

from byheart.networks.mlp import MLP
from byheart.populations.sweep import PopulationSweep
from byheart.sweeps.results import NEVER, with_gaps
from byheart.training.member import grid
from byheart.training.optimizers import SGD, Optax, Optimizer
from byheart.training.recipe import Recipe


@pytest.mark.parametrize("optimizer", [SGD(0.1), Optax(optax.sgd(0.1))], ids=["known rate", "rate inside"])
def test_only_members_that_are_missing_are_padded(optimizer: Optimizer) -> None:
    sweep = PopulationSweep(Recipe(MLP((3,)), optimizer), tuple(grid(seed=range(2), rand_y=[0.0, 0.5])))
    whole = xr.Dataset({"loss": ("member", np.ones(4)), "epoch": ("member", np.ones(4, int))}, sweep.coordinates())
    unchanged, n_gaps = with_gaps(whole, sweep)
    assert (unchanged.sizes["member"], n_gaps) == (4, 0)
    padded, n_gaps = with_gaps(whole.isel(member=[0, 2, 3]), sweep)
    assert (padded.sizes["member"], n_gaps) == (4, 1)
    assert np.isnan(padded.loss.values[-1])
    assert padded.epoch.values[-1] == NEVER
    assert (padded.seed.values[-1], padded.rand_y.values[-1]) == (0, 0.5)
    other_seed, n_gaps = with_gaps(whole.isel(member=[0, 1]), sweep)
    assert (other_seed.sizes["member"], n_gaps) == (2, 0)
