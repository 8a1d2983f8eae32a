"""Misclassification rates against networks trained one by one, for any chunks, and in constant memory."""

import dataclasses

import numpy as np
import pytest
from worlds import blobs

from byheart.checks import BadInput, Caution
from byheart.data.dataset import Dataset
from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.networks.mlp import MLP
from byheart.populations import chunk_size as module
from byheart.populations import misclassification_rate as module_of_rates
from byheart.populations.misclassification_rate import misclassification_rate
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.statistics.rate_interval import rate_interval
from byheart.sweeps.layout import Layout
from byheart.training.member import Member, noise_at
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(42, 6, n_classes=3)
RECIPE = Recipe(MLP((6,)), SGD(0.1), batch_size=8, epochs=1, steps=4)


pytestmark = pytest.mark.filterwarnings("ignore::byheart.checks.Caution")
"""So few networks, trained for so few updates, give cautions; the last tests are about these."""


@pytest.mark.parametrize(("rand_x", "rand_y"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5)])
def test_rates_count_the_networks_that_misclassify_an_example(rand_x: float, rand_y: float) -> None:
    seeds = [3, 0, 5, 9, 4]
    found = misclassification_rate(RECIPE, SPLIT, seeds, rand_x=rand_x, rand_y=rand_y)
    data = add_noise(SPLIT.training, RandX(rand_x), RandY(rand_y))
    counts = np.zeros(42, int)
    members = tuple(Member(seed, noise_at(rand_x, rand_y)) for seed in seeds)
    population = Population(PopulationSweep(RECIPE, members), SPLIT)  # One program trains each alone.
    for member in members:
        network = population.train([member]).network(member)
        counts += np.asarray(network(data.inputs)).argmax(axis=1) != np.asarray(data.labels)
    assert 0 < counts.sum() < 5 * 42
    np.testing.assert_allclose(found.misclassification_rate, counts / 5)
    np.testing.assert_array_equal(found.label, data.labels)
    np.testing.assert_array_equal(found.is_noisy, data.is_noisy)
    np.testing.assert_array_equal(found.index, np.arange(42))
    low, high = rate_interval(counts, 5)
    np.testing.assert_array_equal(found.low, low)
    np.testing.assert_array_equal(found.high, high)
    assert found.attrs["n_seeds"] == 5


def test_rates_do_not_depend_on_how_networks_are_cut_into_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = misclassification_rate(RECIPE, SPLIT, range(7))
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(module, "MEMBERS_ON_A_CPU", 1)
    in_pieces = misclassification_rate(RECIPE, SPLIT, range(7), on_progress=lambda *done: told.append(done))
    np.testing.assert_array_equal(whole.misclassification_rate, in_pieces.misclassification_rate)
    assert told == [(2, 7), (4, 7), (6, 7), (7, 7)]
    alone = misclassification_rate(RECIPE, SPLIT, range(7), layout=Layout(1))
    np.testing.assert_array_equal(whole.misclassification_rate, alone.misclassification_rate)


def test_examples_are_named_by_their_place_in_the_data_they_come_from() -> None:
    chosen = np.r_[41:30:-1]
    recipe = dataclasses.replace(RECIPE, steps=None)
    found = misclassification_rate(recipe, Split(SPLIT.training.take(chosen), SPLIT.validation), [0])
    np.testing.assert_array_equal(found.index, chosen)


def test_networks_that_diverged_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = Recipe(MLP((6,)), SGD(1e30), batch_size=8, epochs=1)
    with pytest.raises(BadInput, match="All 2 networks diverged; choose a smaller learning rate"):
        misclassification_rate(wild, SPLIT, [0, 1])
    members = module_of_rates.Member
    monkeypatch.setattr(
        module_of_rates, "Member", lambda seed, noise: members(seed, noise, 1e30 if seed == 1 else None)
    )
    found = misclassification_rate(RECIPE, SPLIT, [0, 1, 2])
    assert found.attrs["n_seeds"] == 2
    expected = misclassification_rate(RECIPE, SPLIT, [0, 2])
    np.testing.assert_array_equal(found.misclassification_rate, expected.misclassification_rate)


@pytest.mark.parametrize("seeds", [[], [1, 2, 1]])
def test_no_seed_and_one_twice_are_refused(seeds: list[int]) -> None:
    with pytest.raises(BadInput, match="`seeds` must be non-empty and distinct"):
        misclassification_rate(RECIPE, SPLIT, seeds)


@pytest.mark.filterwarnings("error::byheart.checks.Caution")
def test_networks_that_learned_and_agree_about_examples_give_no_caution() -> None:
    split = blobs(120, 6, n_classes=3)
    recipe = dataclasses.replace(RECIPE, steps=None, epochs=2)
    found = misclassification_rate(recipe, split, range(40), rand_y=0.5)
    assert -1 <= found.attrs["split_half_correlation"] <= 1
    hard = Dataset(split.training.inputs, np.where(np.arange(120) % 4 == 0, 0, split.training.labels))
    found = misclassification_rate(dataclasses.replace(recipe, epochs=4), Split(hard, hard), range(40))
    assert found.attrs["split_half_correlation"] > 0.6


def test_networks_at_chance_and_rankings_that_say_little_give_a_caution_each() -> None:
    recipe = dataclasses.replace(RECIPE, optimizer=SGD(1e-6))
    with pytest.warns(Caution) as told:
        misclassification_rate(recipe, SPLIT, range(6))
    assert any("Hardly better than guessing" in str(one.message) for one in told)
    with pytest.warns(Caution, match="The ranking of examples says little"):
        misclassification_rate(dataclasses.replace(RECIPE, steps=None, epochs=40), SPLIT, range(6))
