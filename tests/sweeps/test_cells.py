"""Cells of a sweep: members that differ in their seed, and in what it draws, belong together."""

import numpy as np
import xarray as xr

from byheart.data.inclusion import AllButFold, Inclusion, RandomShare
from byheart.networks.mlp import MLP
from byheart.populations.sweep import PopulationSweep
from byheart.sweeps.cells import Cells, restricted
from byheart.training.member import Member, noise_at
from byheart.training.recipe import Recipe


def sweep_of(*members: Member) -> PopulationSweep:
    return PopulationSweep(Recipe(MLP((4,))), members)


def test_members_that_differ_in_their_seed_alone_are_a_cell() -> None:
    sweep = sweep_of(*(Member(seed, noise_at(level, 0.0)) for seed in (3, 4) for level in (0.0, 0.4)))
    cells = Cells.of(sweep)
    assert cells.numbers_of(sweep.coordinates()) == [0, 1, 0, 1]
    assert [member.seed for member in restricted(sweep, cells, [1]).members] == [3, 4]


def test_parts_drawn_by_the_seed_of_each_member_are_a_cell() -> None:
    def parts(seed: int) -> list[Inclusion]:
        return [RandomShare(seed), RandomShare(seed, share=0.8)]

    first, later = (
        sweep_of(*(Member(seed, inclusion=part) for seed in seeds for part in parts(seed)))
        for seeds in ([1], [1, 12, 112])
    )
    cells = Cells.of(first)
    assert cells.numbers_of(later.coordinates()) == [0, 1] * 3
    results = xr.Dataset(coords=later.coordinates())
    np.testing.assert_array_equal(cells.numbers_in(results), [0, 1] * 3)


def test_other_parts_are_cells_of_their_own() -> None:
    """Folds of one draw, and halves drawn by another seed."""
    folds = sweep_of(*(Member(seed, inclusion=AllButFold(2, fold)) for seed in (5, 6) for fold in (0, 1)))
    assert Cells.of(folds).numbers_of(folds.coordinates()) == [0, 1, 0, 1]
    halves = sweep_of(*(Member(seed, inclusion=RandomShare(half)) for seed in (5, 6) for half in (7, 8)))
    assert Cells.of(halves).numbers_of(halves.coordinates()) == [0, 1, 0, 1]
