"""Epochs to fit against the accuracy after every epoch, and training that ends early."""

import dataclasses

import jax
import numpy as np
import pytest
from worlds import blobs

from byheart.checks import BadInput, Caution
from byheart.measures.accuracy import Accuracy
from byheart.measures.fitted import Fitted
from byheart.networks.mlp import MLP
from byheart.populations import chunk_size as module
from byheart.populations.epochs_to_fit import epochs_to_fit
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.populations.trace import NEVER
from byheart.populations.train import train
from byheart.sweeps.layout import Layout
from byheart.training.member import Member, grid, noise_at
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(42, 6, n_classes=3)
RECIPE = Recipe(MLP((12,)), SGD(0.3), batch_size=6, epochs=25)
MEMBERS = [*grid(seed=range(3)), Member(0, noise_at(rand_y=0.3)), Member(1, learning_rate=1e-4)]

pytestmark = pytest.mark.filterwarnings("ignore::byheart.checks.Caution")
"""One of `MEMBERS` learns nothing; the last test is about the caution that this gives."""


def fitted_at(members: list[Member]) -> np.ndarray:
    """Return the first epoch after which each network predicts all training labels, from all its accuracies."""
    epochs = range(1, RECIPE.epochs + 1)
    trace = train(RECIPE, members, SPLIT, measures=[Accuracy()], measured_epochs=epochs).trace
    is_fitted = trace.training_accuracy.values == 1
    return np.where(is_fitted.any(axis=1), is_fitted.argmax(axis=1) + 1, NEVER)


def test_epochs_to_fit_are_the_first_with_an_accuracy_of_1() -> None:
    found = epochs_to_fit(RECIPE, MEMBERS, SPLIT)
    expected = fitted_at(MEMBERS)
    assert len(set(expected.tolist())) > 2
    assert expected[-1] == NEVER
    np.testing.assert_array_equal(found.is_censored, expected == NEVER)
    np.testing.assert_array_equal(found.epochs_to_fit, np.where(expected == NEVER, 25, expected))
    np.testing.assert_array_equal(found.rand_y, [member.level("rand_y") for member in MEMBERS])


def test_neither_chunks_nor_devices_change_when_a_network_has_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = epochs_to_fit(RECIPE, MEMBERS, SPLIT)
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(module, "MEMBERS_ON_A_CPU", 1)
    for layout in (Layout(1), Layout(2), Layout(1, at_once=3)):
        found = epochs_to_fit(RECIPE, MEMBERS, SPLIT, layout=layout, on_progress=lambda *done: told.append(done))
        np.testing.assert_array_equal(found.epochs_to_fit, whole.epochs_to_fit)
    assert told[-1] == (5, 5)


def test_a_network_that_has_fitted_stays_as_it_is_and_the_others_go_on() -> None:
    sweep = PopulationSweep(RECIPE, tuple(MEMBERS), (Accuracy(),), (10, 25), stop_when=Fitted())
    ended = Population(sweep, SPLIT).train(MEMBERS)
    ends = ended.trace.ended_epoch.values
    assert np.isfinite(ends[:3]).all()
    assert np.isinf(ends[-1])
    for member, end in zip(MEMBERS, ends, strict=True):
        alone = train(dataclasses.replace(RECIPE, epochs=int(min(end, 25))), [member], SPLIT)
        jax.tree.map(np.testing.assert_array_equal, ended.network(member), alone.network(member))
    losses = ended.trace.batch_loss.sel(epoch=25).values
    np.testing.assert_array_equal(np.isnan(losses), np.isfinite(ends))
    assert (ended.trace.diverged_epoch == NEVER).all()


@pytest.mark.parametrize("check_every", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 3))])
def test_on_a_finer_clock_times_are_parts_of_epochs_and_the_network_is_that_after_so_many_updates(
    check_every: int,
) -> None:
    """With `check_every=2`, an epoch of seven updates is checked after 2, 4, 6 and 7."""
    sweep = PopulationSweep(RECIPE, tuple(MEMBERS[:3]), stop_when=Fitted(), check_every=check_every)
    ended = Population(sweep, SPLIT).train(sweep.members)
    whole_epochs = epochs_to_fit(RECIPE, MEMBERS[:3], SPLIT).epochs_to_fit.values
    updates = np.rint(ended.trace.ended_epoch.values * 7).astype(int)
    assert (updates % 7 != 0).any()
    for member, update, whole in zip(MEMBERS, updates, whole_epochs, strict=False):
        assert update % 7 % check_every == 0
        assert update <= 7 * whole
        recipe = dataclasses.replace(RECIPE, epochs=-(-int(update) // 7), steps=int(update))
        alone = train(recipe, [member], SPLIT, final_measures=[Fitted()])
        assert alone.trace.is_fitted.item()
        jax.tree.map(np.testing.assert_array_equal, ended.network(member), alone.network(member))
    np.testing.assert_array_equal(
        epochs_to_fit(RECIPE, MEMBERS[:3], SPLIT, check_every=check_every).epochs_to_fit, updates / 7
    )


def test_a_network_that_diverges_never_fits() -> None:
    found = epochs_to_fit(RECIPE, [Member(0, learning_rate=1e30)], SPLIT)
    assert bool(found.is_censored[0])
    assert int(found.diverged_epoch[0]) == 1


def test_no_member_is_refused() -> None:
    with pytest.raises(BadInput, match="A population needs at least one member"):
        epochs_to_fit(RECIPE, [], SPLIT)


def test_networks_whose_loss_is_that_of_guessing_when_the_budget_ends_give_a_caution() -> None:
    with pytest.warns(Caution, match=r"Hardly better than guessing .* 2 of 2 networks \(training loss"):
        epochs_to_fit(RECIPE, [Member(seed, learning_rate=1e-7) for seed in range(2)], SPLIT)
    epochs_to_fit(RECIPE, [Member(0), Member(1, noise_at(rand_y=1.0), learning_rate=1e-7)], SPLIT)
