"""Grids over recipes: grouping, networks equal to those trained alone, and storing and joining as one sweep."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from worlds import blobs

from byheart.checks import BadInput
from byheart.data.rand_x import RandX
from byheart.data.subsets import Subset
from byheart.execution.local_executor import run_sweep
from byheart.measures.accuracy import Accuracy
from byheart.measures.fitted import Fitted
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.populations.grid import GridPoint, GridSweep, grid_points
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.regularizers.dropout import Dropout
from byheart.results.store import Store
from byheart.sweeps.layout import Layout
from byheart.sweeps.protocol import Sweep
from byheart.sweeps.results import with_gaps
from byheart.training.member import Member
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(60, 12, n_classes=3)
RECIPE = Recipe(MLP((8, 8)), SGD(0.2), batch_size=6, epochs=3)
GRID = grid_points(RECIPE, width=[4, 8], subset=[Subset(60)], rand_x=[0.0, 0.5], seed=range(3)) + grid_points(
    RECIPE, depth=[1], subset=[Subset(30), Subset(30, RandX(0.4))], learning_rate=[None, 0.1]
)
WHAT = {"measures": (Accuracy(),), "measured_epochs": (1, 3), "stop_when": Fitted()}
SWEEPS = GridSweep.over(GRID, **WHAT)


def run(directory: Path, sweep: GridSweep = SWEEPS, sizes: tuple[int, ...] | None = None) -> xr.Dataset:
    store = Store(directory)
    return run_sweep("grid", sweep, SPLIT, store, sizes or sweep.chunk_sizes(SPLIT, Layout()))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return run(tmp_path_factory.mktemp("whole"))


def test_cells_of_one_recipe_and_subset_are_one_population() -> None:
    assert isinstance(SWEEPS, Sweep)
    assert [len(part.members) for part in SWEEPS.parts] == [6, 6, 2, 2]
    assert [part.recipe.architecture.widths for part in SWEEPS.parts] == [(4, 4), (8, 8), (8,), (8,)]
    assert set(SWEEPS.members) == set(GRID)
    assert GridSweep.over(GRID + GRID, **WHAT) == SWEEPS


def test_each_network_of_a_grid_is_what_it_is_alone(results: xr.Dataset) -> None:
    for index in (0, 7, 13, 15):
        cell = SWEEPS.members[index]
        alone = (
            Population(PopulationSweep(cell.recipe, (), subset=cell.subset, **WHAT), SPLIT).train([cell.member]).trace
        )
        together = results.isel(member=[index])
        for name in alone.data_vars:
            np.testing.assert_array_equal(together[name], alone[name])


def test_results_say_the_settings_of_each_network(results: xr.Dataset) -> None:
    assert results.sizes["member"] == 16
    for index, cell in enumerate(SWEEPS.members):
        one = results.isel(member=index)
        architecture, subset = cell.recipe.architecture, cell.subset
        assert subset is not None
        assert (int(one.width), int(one.depth)) == (architecture.width, architecture.depth)
        assert (int(one.n_training), float(one.removed)) == (subset.size, subset.removed)
        assert (int(one.seed), float(one.rand_x)) == (cell.member.seed, cell.member.level("rand_x"))
        assert float(one.learning_rate) == cell.member.learning_rate_or(0.2)


@pytest.mark.parametrize("sizes", [(1, 2, 1, 2), (6, 4, 2, 2)])
def test_in_chunks_of_any_size_the_results_are_the_same(
    results: xr.Dataset, tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    xr.testing.assert_equal(run(tmp_path, sizes=sizes), results)


def test_without_subsets_results_say_nothing_of_them(tmp_path: Path) -> None:
    sweep = GridSweep.over(grid_points(RECIPE, width=[4, 6]))
    found = run(tmp_path, sweep)
    assert set(found.coords) == {"seed", "rand_x", "rand_y", "learning_rate", "width", "depth", "epoch"}


def test_a_part_that_is_missing_leaves_a_gap(results: xr.Dataset) -> None:
    partial, n_gaps = with_gaps(results.isel(member=slice(6, None)), SWEEPS)
    assert n_gaps == 6
    assert partial.training_accuracy.isnull().sum() == 12
    assert partial.ended_epoch.isnull().sum() == 6


def test_a_regularizer_that_a_part_lacks_is_of_strength_0_there(tmp_path: Path) -> None:
    regularized = dataclasses.replace(RECIPE, regularizers=(Dropout(0.2),))
    wanted = grid_points(RECIPE) + grid_points(regularized, strengths=[(), (0.5,)])
    assert run(tmp_path, GridSweep.over(wanted)).dropout.values.tolist() == [0.0, 0.2, 0.5]


def test_parts_that_cannot_stand_in_one_table_are_refused() -> None:
    one = PopulationSweep(RECIPE, (Member(),))
    with pytest.raises(BadInput, match="at least one part"):
        GridSweep(())
    with pytest.raises(BadInput, match="must differ in recipe or subset"):
        GridSweep((one, dataclasses.replace(one, members=(Member(1),))))
    for change in ({"noise_seed": 1}, {"stop_when": Fitted()}, {"measures": (Accuracy(),)}):
        other = dataclasses.replace(one, recipe=dataclasses.replace(RECIPE, batch_size=5), **change)
        with pytest.raises(BadInput, match=f"the same `{next(iter(change))}`"):
            GridSweep((one, other))
    longer = dataclasses.replace(one, recipe=dataclasses.replace(RECIPE, epochs=4))
    with pytest.raises(BadInput, match="the same number of `epochs`"):
        GridSweep((one, longer))
    with pytest.raises(BadInput, match="a `subset`"):
        GridSweep((one, dataclasses.replace(one, subset=Subset(30))))


def test_what_cannot_run_on_the_data_is_told_before_anything_is_trained() -> None:
    sweep = GridSweep.over([GridPoint(RECIPE, subset=Subset(60)), GridPoint(RECIPE, subset=Subset(4))])
    with pytest.raises(BadInput, match="`batch_size` must be at most the number of training examples, 4"):
        sweep.program(SPLIT, 1)


def test_a_cnn_is_resized_by_its_convolutions() -> None:
    (cell,) = grid_points(Recipe(CNN((4, 8), dense=(6,))), width=[3], depth=[1])
    assert cell.recipe.architecture == CNN((3,), dense=(6,))
    with pytest.raises(BadInput, match="`width` must be given"):
        grid_points(Recipe(MLP(())), depth=[2])
