"""Minibatches: shuffled epochs and draws with replacement."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from byheart.data.batches import Batches, Shuffled, WithReplacement

KEY = jax.random.key(0)
EVERY_KIND = pytest.mark.parametrize("kind", [Shuffled(), WithReplacement()], ids=repr)


@EVERY_KIND
@pytest.mark.parametrize(("n_examples", "batch_size", "n_steps"), [(10, 3, 7), (5, 5, 2), (1, 1, 1)])
def test_each_step_has_a_minibatch_of_indices(kind: Batches, n_examples: int, batch_size: int, n_steps: int) -> None:
    batches = kind(n_examples, batch_size, n_steps, KEY)
    assert batches.shape == (n_steps, batch_size)
    assert batches.dtype == jnp.int32
    assert ((batches >= 0) & (batches < n_examples)).all()


@EVERY_KIND
def test_the_same_key_draws_the_same_minibatches_and_another_key_others(kind: Batches) -> None:
    np.testing.assert_array_equal(kind(10, 3, 12, KEY), kind(10, 3, 12, KEY))
    assert (kind(10, 3, 12, KEY) != kind(10, 3, 12, jax.random.key(1))).any()


@EVERY_KIND
@pytest.mark.parametrize("n_steps", [1, 7])
def test_a_shorter_run_sees_the_first_minibatches_of_a_longer_one(kind: Batches, n_steps: int) -> None:
    np.testing.assert_array_equal(kind(10, 3, n_steps, KEY), kind(10, 3, 12, KEY)[:n_steps])


@pytest.mark.parametrize(("n_examples", "batch_size"), [(10, 3), (6, 1)])
def test_shuffled_every_example_comes_once_an_epoch_and_the_rest_is_dropped(n_examples: int, batch_size: int) -> None:
    in_epoch = n_examples // batch_size
    batches = Shuffled()(n_examples, batch_size, 4 * in_epoch, KEY)
    for epoch in np.split(np.asarray(batches), 4):
        assert len(set(epoch.ravel().tolist())) == in_epoch * batch_size


def test_shuffled_epochs_are_in_different_orders_and_drop_different_examples() -> None:
    epochs = np.asarray(Shuffled()(10, 4, 20, KEY)).reshape(10, 8)
    assert len({tuple(epoch) for epoch in epochs}) == 10
    assert len({frozenset(epoch) for epoch in epochs}) > 1


def test_with_replacement_an_example_may_come_twice_in_a_minibatch() -> None:
    batches = np.asarray(WithReplacement()(5, 5, 20, KEY))
    assert min(len(set(batch)) for batch in batches) < 5


def test_with_replacement_examples_are_as_frequent_as_chance_lets_them() -> None:
    """Chi-square with 9 degrees of freedom above 33.7 has a probability of 1e-4."""
    counts = np.bincount(np.asarray(WithReplacement()(10, 50, 200, KEY)).ravel(), minlength=10)
    assert ((counts - 1000) ** 2 / 1000).sum() < 33.7


@EVERY_KIND
def test_minibatches_can_be_drawn_inside_a_compiled_function(kind: Batches) -> None:
    compiled = jax.jit(lambda key: kind(10, 3, 7, key))
    np.testing.assert_array_equal(compiled(KEY), kind(10, 3, 7, KEY))
