"""Checkpoints: segments hold every state of a run, and strategies keep within memory."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.unrolled import BATCHES, curve_run, updated

from byheart.checks import BadInput
from byheart.unrolling.checkpoints import (
    UPDATES_AT_ONCE,
    Checkpointing,
    KeepEverything,
    MemoryBudget,
    Segments,
    SquareRoot,
    at,
    bytes_per_state,
)
from byheart.unrolling.training_run import State

COUNTS = st.integers(1, 3000)
RUN = curve_run(optax.sgd(0.3, momentum=0.9))
N_NUMBERS = 3 * 4 + 4 + 4 * 2
"""Parameters of the curve; momentum has as many."""


def states_at_once(n_states: int, length: int) -> int:
    """Return the number of checkpoints plus that of the states inside one segment."""
    return length + -(-n_states // length)


@given(COUNTS)
def test_the_square_root_needs_the_least_memory_there_is(n_states: int) -> None:
    length = SquareRoot().segment_length(n_states, 1)
    assert 1 <= length <= n_states
    least = min(states_at_once(n_states, other) for other in range(1, n_states + 1))
    assert states_at_once(n_states, length) == least


@given(COUNTS, st.integers(1, 1000), st.floats(0, 2))
def test_a_budget_takes_the_longest_segments_that_fit(n_states: int, n_bytes: int, share: float) -> None:
    least = states_at_once(n_states, SquareRoot().segment_length(n_states, n_bytes))
    affordable = least + round(share * n_states)
    length = MemoryBudget(affordable * n_bytes + n_bytes - 1).segment_length(n_states, n_bytes)
    assert 1 <= length <= n_states
    assert states_at_once(n_states, length) <= affordable
    assert all(states_at_once(n_states, longer) > affordable for longer in range(length + 1, n_states + 1))


def test_a_budget_for_all_states_keeps_everything() -> None:
    assert KeepEverything().segment_length(100, 8) == MemoryBudget(101 * 8).segment_length(100, 8) == 100


def test_a_budget_that_is_too_small_is_refused_with_what_would_be_enough() -> None:
    message = r"`n_bytes` must be at least 20,000, 20 states of 1,000 bytes; got 19,999\."
    with pytest.raises(BadInput, match=message):
        MemoryBudget(19_999).segment_length(100, 1000)
    assert MemoryBudget(20_000).segment_length(100, 1000) == 10
    with pytest.raises(BadInput, match=r"`n_bytes` must be a whole number of at least 1; got 0\."):
        MemoryBudget(0)


def test_a_state_holds_parameters_and_what_the_optimizer_keeps() -> None:
    assert bytes_per_state(RUN) == 2 * N_NUMBERS * 4
    assert bytes_per_state(curve_run(optax.sgd(0.3))) == N_NUMBERS * 4
    assert bytes_per_state(curve_run(optax.adam(0.1))) == 3 * N_NUMBERS * 4 + 4  # And a count.


@pytest.fixture(scope="module")
def states() -> list[State]:
    """Return the states of the plain loop."""
    one_update = jax.jit(lambda state, indices: updated(RUN, state, RUN.examples, indices))
    found = [(RUN.start.parameters, RUN.start.statistics, RUN.start.optimizer_state)]
    for indices in BATCHES:
        found.append(one_update(found[-1], indices))
    return [State(*state) for state in found]


@pytest.mark.parametrize(
    "checkpointing", [KeepEverything(), SquareRoot(), MemoryBudget(6 * bytes_per_state(RUN))], ids=repr
)
def test_segments_hold_the_states_of_the_plain_loop(checkpointing: Checkpointing, states: list[State]) -> None:
    """Seven states in one segment, in three of 3, and in two of 4."""
    segments = Segments.of(RUN, checkpointing)
    assert segments.n == -(-len(states) // segments.length)
    checkpoints = eqx.filter_jit(segments.checkpoints)(RUN)
    in_segment = eqx.filter_jit(segments.states)
    batches = segments.batches(RUN)
    assert batches.shape == (segments.n, segments.length, BATCHES.shape[1])
    for index in range(segments.n):
        found = in_segment(RUN, at(checkpoints, jnp.array(index)), batches[index])
        for place, expected in enumerate(states[index * segments.length : (index + 1) * segments.length]):
            jax.tree.map(
                lambda one, other, place=place: np.testing.assert_allclose(one[place], other, rtol=1e-4, atol=1e-6),
                found,
                expected,
            )


def test_the_last_segment_is_filled_up_by_repeating_the_last_update() -> None:
    batches = Segments(length=4, n=2).batches(RUN)
    np.testing.assert_array_equal(batches.reshape(8, -1), BATCHES[[0, 1, 2, 3, 4, 5, 5, 5]])


@given(st.integers(1, 3000), st.integers(0, 5000))
def test_stretches_go_back_through_every_segment_once_from_that_of_the_last_step(length: int, last_step: int) -> None:
    stretches = Segments(length, n=last_step // length + 3).stretches(last_step)
    passed = [index for first, end in stretches for index in reversed(range(first, end))]
    assert passed == list(reversed(range(last_step // length + 1)))
    assert all((end - first) * length <= max(UPDATES_AT_ONCE, length) for first, end in stretches)
