"""Training that is saved and resumed gives the same numbers bit by bit, for any epoch of the snapshot."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr
from slow_cases import slow_after
from worlds import Fingerprint, blobs

from byheart.measures.accuracy import Accuracy
from byheart.measures.fitted import Fitted
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.populations.trained_population import TrainedPopulation
from byheart.sweeps.layout import Layout
from byheart.sweeps.protocol import Checkpoint
from byheart.training.member import Member, noise_at
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(40, 10)
MEMBERS = (Member(0), Member(1, noise_at(rand_y=0.4)), Member(2, noise_at(rand_x=0.5)))
SWEEPS = {
    "momentum, measured on the way": PopulationSweep(
        Recipe(MLP((6,)), SGD(0.2, momentum=0.9, halve_every=2), batch_size=8, epochs=5, steps=23),
        MEMBERS,
        (Accuracy(), Fingerprint()),
        (0, 2, 3, 5),
        (Accuracy(),),
    ),
    "ended one by one": PopulationSweep(
        Recipe(MLP((6,)), SGD(0.5), batch_size=8, epochs=6), MEMBERS, (Accuracy(),), stop_when=Fitted(), check_every=2
    ),
    "running statistics": PopulationSweep(
        Recipe(CNN((2,), dense=(), crop=0, kernel=3, pool=2), SGD(0.1), batch_size=8, epochs=3), MEMBERS
    ),
}


class Kept:
    """A checkpoint in memory that keeps every snapshot."""

    def __init__(self, found: Sequence[np.ndarray] | None = None) -> None:
        self.found, self.left = found, list[list[np.ndarray]]()

    def load(self) -> Any:
        return self.found

    def is_due(self) -> bool:
        return True

    def save(self, arrays: Sequence[np.ndarray]) -> None:
        self.left.append([np.array(array) for array in arrays])


@functools.cache
def program(name: str, layout: Layout) -> Population:
    return Population(SWEEPS[name], SPLIT, layout)


def trained(name: str, checkpoint: Checkpoint, layout: Layout, told: list[int] | None = None) -> TrainedPopulation:
    tell = (lambda epoch: None) if told is None else told.append
    return program(name, layout).train(SWEEPS[name].members, on_epoch=tell, checkpoint=checkpoint)


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize("layout", slow_after(1, [Layout(2), Layout(1, at_once=2)]), ids=repr)
def test_taken_up_after_any_epoch_the_numbers_are_the_same_bit_by_bit(name: str, layout: Layout) -> None:
    sweep, kept = SWEEPS[name], Kept()
    whole = trained(name, kept, layout)
    assert len(kept.left) == sweep.recipe.epochs
    for done, left in enumerate(kept.left, start=1):
        told: list[int] = []
        again = trained(name, Kept(left), layout, told)
        assert told == list(range(done + 1, sweep.recipe.epochs + 1))
        xr.testing.assert_identical(again.trace, whole.trace)
        jax.tree.map(np.testing.assert_array_equal, again.networks, whole.networks)


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 1)])
def test_what_one_layout_left_another_takes_up(name: str, one: int, other: int) -> None:
    """Three members are padded to four on two devices."""
    kept = Kept()
    whole = trained(name, kept, Layout(one))
    for left in kept.left:
        again = trained(name, Kept(left), Layout(other))
        xr.testing.assert_identical(again.trace, whole.trace)
        jax.tree.map(np.testing.assert_array_equal, again.networks, whole.networks)


def test_once_all_members_have_ended_nothing_is_computed() -> None:
    sweep = dataclasses.replace(SWEEPS["ended one by one"], members=(Member(0),))
    population = Population(sweep, SPLIT, Layout(1))
    first = population.train(sweep.members)
    end = float(first.trace.ended_epoch[0])
    assert 0 < end < 5
    calls: list[int] = []
    advance = population._advance
    population._advance = lambda *arguments: (calls.append(1), advance(*arguments))[1]
    xr.testing.assert_identical(population.train(sweep.members).trace, first.trace)
    assert len(calls) == int(np.ceil(end))
