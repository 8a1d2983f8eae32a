"""Blocks of adjoints: each step is in one block, neighbors stay together, work is even, and memory is bounded."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart.unrolling.adjoint_blocks import AT_MOST, BYTES, block_size, blocks_of

STEPS = st.lists(st.integers(0, 1000), min_size=1, max_size=40, unique=True)
SIZES = st.integers(1, 9)
DEVICES = st.integers(1, 5)


def work(steps: np.ndarray) -> np.ndarray:
    """Return the number of updates that the reverse sweep of each block passes: those before its last step."""
    return np.maximum(steps.max(axis=1), 0)


@given(STEPS, SIZES, DEVICES)
def test_every_step_stands_in_one_place_and_all_other_places_are_filled_up(
    steps: list[int], size: int, n_devices: int
) -> None:
    blocks = blocks_of(steps, size, n_devices)
    flat = blocks.steps.ravel()
    np.testing.assert_array_equal(flat[blocks.place], steps)
    assert len(set(blocks.place.tolist())) == len(steps)
    assert (np.delete(flat, blocks.place) == -1).all()


@given(STEPS, SIZES, DEVICES)
def test_every_device_gets_as_many_blocks_and_no_row_of_blocks_is_empty(
    steps: list[int], size: int, n_devices: int
) -> None:
    n_blocks, in_block = blocks_of(steps, size, n_devices).steps.shape
    assert in_block == size
    assert n_blocks % n_devices == 0
    assert (n_blocks - n_devices) * size < len(steps) <= n_blocks * size


@given(STEPS, SIZES, DEVICES)
def test_steps_of_a_block_are_neighbors(steps: list[int], size: int, n_devices: int) -> None:
    blocks = blocks_of(steps, size, n_devices).steps
    spans = sorted((block[block >= 0].min(), block.max()) for block in blocks if block.max() >= 0)
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(spans))


@given(STEPS, SIZES, DEVICES)
def test_devices_differ_by_no_more_work_than_the_longest_sweep(steps: list[int], size: int, n_devices: int) -> None:
    of_blocks = work(blocks_of(steps, size, n_devices).steps).reshape(n_devices, -1)
    assert np.ptp(of_blocks.sum(axis=1)) <= of_blocks.max()


def test_long_and_short_sweeps_are_dealt_out_in_turns() -> None:
    blocks = blocks_of(range(8), size=1, n_devices=2)
    np.testing.assert_array_equal(blocks.steps.reshape(2, 4), [[7, 4, 3, 0], [6, 5, 2, 1]])


@given(STEPS, st.integers(1, 50), st.integers(1, BYTES), DEVICES)
def test_a_block_is_within_memory_and_leaves_no_device_idle(
    steps: list[int], per_step: int, n_bytes: int, n_devices: int
) -> None:
    size = block_size(steps, per_step, n_bytes, n_devices)
    assert 1 <= size <= -(-len(steps) // n_devices)
    if size > 1:
        assert size * per_step <= AT_MOST
        assert size * per_step * n_bytes <= BYTES


@pytest.mark.parametrize(("per_step", "n_bytes"), [(1, BYTES + 1), (AT_MOST + 1, 1)])
def test_a_step_that_does_not_fit_is_swept_alone(per_step: int, n_bytes: int) -> None:
    assert block_size(range(10), per_step, n_bytes, 1) == 1


def test_neighbors_share_a_sweep_and_steps_far_apart_do_not() -> None:
    assert block_size(range(10_000, 10_016), 1, 1, 1) == 16
    assert block_size([10, 1_000, 100_000], 1, 1, 1) == 1
