"""Chunks keep devices busy, fit into memory, and have equal sizes."""

import pytest

from byheart.checks import BadInput
from byheart.networks.mlp import MLP
from byheart.populations import chunk_size as module
from byheart.populations.chunk_size import MEMBERS_ON_A_CPU, chunk_size, memory_budget
from byheart.sweeps.layout import Layout
from byheart.training.memory import bytes_for
from byheart.training.recipe import Recipe

SHAPE, N_CLASSES = (4, 4, 1), 3
RECIPE = Recipe(MLP((8,)), batch_size=5)


def size(n_members: int, n_devices: int = 2) -> int:
    return chunk_size(RECIPE, n_members, SHAPE, N_CLASSES, Layout(n_devices))


@pytest.mark.parametrize(
    ("n_members", "n_devices", "expected"),
    [(1, 1, 1), (1, 2, 2), (5, 2, 6), (16, 2, 16), (17, 2, 10), (48, 2, 16), (49, 2, 14), (8, 1, 8), (9, 1, 5)],
)
def test_chunks_are_equal_and_fill_every_device(n_members: int, n_devices: int, expected: int) -> None:
    assert size(n_members, n_devices) == expected
    assert expected <= MEMBERS_ON_A_CPU * n_devices


@pytest.mark.parametrize("on_a_device", [1, 3, 7])
def test_a_chunk_takes_no_more_memory_than_there_is(monkeypatch: pytest.MonkeyPatch, on_a_device: int) -> None:
    budget = bytes_for(RECIPE, SHAPE, N_CLASSES, Layout(2), on_a_device)
    monkeypatch.setattr(module, "memory_budget", lambda layout: budget)
    assert size(100) <= 2 * on_a_device
    n_chunks = -(-100 // size(100))
    assert n_chunks == -(-100 // (2 * on_a_device))


def test_a_member_that_fits_nowhere_is_still_tried_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "memory_budget", lambda layout: 0)
    assert (size(10, 1), size(10, 2)) == (1, 2)


def test_devices_of_one_machine_share_its_memory() -> None:
    assert memory_budget(Layout(2)) == pytest.approx(memory_budget(Layout(1)) / 2, rel=0.01)


def test_a_sweep_without_members_is_refused() -> None:
    with pytest.raises(BadInput, match="at least one member; got none"):
        size(0)
