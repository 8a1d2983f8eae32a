"""The memory estimate against the memory that the compiled program reports."""

import dataclasses

import jax
import pytest
from worlds import blobs

from byheart.networks.mlp import MLP
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.sweeps.layout import Layout
from byheart.training.member import grid
from byheart.training.memory import COPIES_OF_STATE, bytes_for
from byheart.training.optimizers import SGD, Adam
from byheart.training.recipe import Recipe

SPLIT = blobs(40, 10)
RECIPE = Recipe(MLP((64, 64)), SGD(0.1, momentum=0.9), batch_size=32, epochs=1)


def estimate(n_members: int, layout: Layout, recipe: Recipe = RECIPE) -> int:
    return bytes_for(recipe, SPLIT.input_shape, SPLIT.n_classes, layout, n_members)


def bytes_of_program(n_members: int, layout: Layout) -> int:
    """Return bytes of arguments, results and intermediates of the program of one epoch, without the shared data."""
    population = Population(PopulationSweep(RECIPE, ()), SPLIT, layout)
    carry = population.shapes(grid(seed=range(n_members)), n_members)
    program = population._advance.lower(carry, population._data).compile().memory_analysis()
    data = sum(leaf.nbytes for leaf in jax.tree.leaves(population._data))
    return program.argument_size_in_bytes + program.output_size_in_bytes + program.temp_size_in_bytes - data


@pytest.mark.parametrize(("n_members", "at_once"), [(9, 1), (9, 4)])
def test_the_estimate_is_within_a_factor_of_3_of_the_compiled_program(n_members: int, at_once: int) -> None:
    layout = Layout(n_devices=1, at_once=at_once)
    assert 1 / 3 < estimate(n_members, layout) / bytes_of_program(n_members, layout) < 3


def test_more_members_need_more_memory() -> None:
    one_by_one = [estimate(n, Layout(at_once=1)) for n in (1, 2, 3, 10)]
    assert one_by_one[1] - one_by_one[0] == one_by_one[2] - one_by_one[1] > 0
    assert one_by_one[3] - one_by_one[0] == 9 * (one_by_one[1] - one_by_one[0])


def test_members_at_work_at_the_same_time_need_more_than_one_after_the_other() -> None:
    assert estimate(8, Layout(at_once=1)) < estimate(8, Layout(at_once=2)) < estimate(8, Layout(at_once=8))


def test_momentum_and_larger_batches_need_more_memory() -> None:
    layout = Layout(at_once=1)
    without = Recipe(MLP((64, 64)), SGD(0.1), batch_size=32)
    larger = Recipe(MLP((64, 64)), SGD(0.1, momentum=0.9), batch_size=64)
    assert estimate(2, layout, without) < estimate(2, layout) < estimate(2, layout, larger)


def test_adam_holds_two_more_numbers_a_parameter_than_plain_sgd_and_momentum_one() -> None:
    layout, n = Layout(n_devices=1, at_once=1), 64 * 16 + 64 + 64 * 64 + 64 + 64 * SPLIT.n_classes + SPLIT.n_classes
    one, two, three = (
        estimate(1, layout, dataclasses.replace(RECIPE, optimizer=optimizer))
        for optimizer in (SGD(0.1), SGD(0.1, momentum=0.9), Adam())
    )
    assert two - one == COPIES_OF_STATE * 4 * n
    assert three - two == COPIES_OF_STATE * 4 * (n + 1)  # And a count of updates.
