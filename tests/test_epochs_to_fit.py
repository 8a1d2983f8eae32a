"""Epochs to fit against networks trained one epoch after the other, and training that ends where it is done."""

import dataclasses

import jax
import numpy as np
import pytest
from worlds import Fingerprint, blobs

from byheart.checks import BadInput
from byheart.convergence import epochs_to_fit
from byheart.data.noise import RandY, add_noise
from byheart.layout import Layout
from byheart.measures.convergence import Fitted
from byheart.networks.mlp import MLP
from byheart.training import chunking
from byheart.training.population import Population, Sweep, train
from byheart.training.recipe import SGD, Member, Recipe, grid
from byheart.training.trace import NEVER

SPLIT = blobs(42, 6, n_classes=3)
RECIPE = Recipe(MLP((12,)), SGD(0.3), batch_size=6, epochs=25)
MEMBERS = [*grid(seed=range(3)), Member(0, rand_y=0.3), Member(1, learning_rate=1e-4)]


def fitted_at(member: Member) -> int:
    """The first epoch after which all training labels are predicted, by training to each epoch anew."""
    data = add_noise(SPLIT.training, RandY(member.rand_y))
    for epoch in range(1, RECIPE.epochs + 1):
        network = train(dataclasses.replace(RECIPE, epochs=epoch), [member], SPLIT).network(member)
        if (np.asarray(network(data.images)).argmax(axis=1) == np.asarray(data.labels)).all():
            return epoch
    return NEVER


def test_epochs_to_fit_are_those_of_training_to_each_epoch_anew() -> None:
    found = epochs_to_fit(RECIPE, MEMBERS, SPLIT)
    expected = np.array([fitted_at(member) for member in MEMBERS])
    assert len(set(expected.tolist())) > 2
    assert expected[-1] == NEVER
    np.testing.assert_array_equal(found.is_censored, expected == NEVER)
    np.testing.assert_array_equal(found.epochs_to_fit, np.where(expected == NEVER, 25, expected))
    np.testing.assert_array_equal(found.rand_y, [member.rand_y for member in MEMBERS])


def test_neither_chunks_nor_devices_change_when_a_network_has_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = epochs_to_fit(RECIPE, MEMBERS, SPLIT)
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(chunking, "MEMBERS_ON_A_CPU", 1)
    for layout in (Layout(1), Layout(2), Layout(1, at_once=3)):
        found = epochs_to_fit(RECIPE, MEMBERS, SPLIT, layout=layout, on_progress=lambda *done: told.append(done))
        np.testing.assert_array_equal(found.epochs_to_fit, whole.epochs_to_fit)
    assert told[-1] == (5, 5)


def test_a_network_that_has_fitted_stays_as_it_is_and_the_others_go_on() -> None:
    sweep = Sweep(RECIPE, tuple(MEMBERS), (Fingerprint(),), (10, 25), ends_when=Fitted())
    ended = Population(sweep, SPLIT).train(MEMBERS)
    ends = ended.trace.ended_epoch.values
    assert (ends[:-1] != NEVER).all()
    for member, end in zip(MEMBERS, ends, strict=True):
        alone = train(dataclasses.replace(RECIPE, epochs=25 if end == NEVER else int(end)), [member], SPLIT)
        jax.tree.map(np.testing.assert_array_equal, ended.network(member), alone.network(member))
    losses = ended.trace.batch_loss.sel(epoch=25).values
    np.testing.assert_array_equal(np.isnan(losses), ends != NEVER)
    assert (ended.trace.diverged_epoch == NEVER).all()


def test_a_network_that_diverges_never_fits() -> None:
    found = epochs_to_fit(RECIPE, [Member(0, learning_rate=1e30)], SPLIT)
    assert bool(found.is_censored[0])
    assert int(found.diverged_epoch[0]) == 1


def test_no_member_is_refused() -> None:
    with pytest.raises(BadInput, match="A population needs at least one member"):
        epochs_to_fit(RECIPE, [], SPLIT)
