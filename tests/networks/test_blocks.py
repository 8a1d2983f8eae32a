"""Predictions in blocks: every example once, in order, and no more at a time than fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from byheart.networks.blocks import CACHE_BYTES, MOST_AT_ONCE, block_for, in_blocks
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture

CIFAR = (32, 32, 3)


@pytest.mark.parametrize("n", [1, 6, 7, 8, 20, 21])
def test_a_function_in_blocks_sees_every_index_once_and_in_order(n: int) -> None:
    np.testing.assert_array_equal(in_blocks(lambda indices: 3 * indices, n, block=7), 3 * np.arange(n))


@pytest.mark.parametrize(
    ("architecture", "numbers_of_an_image"),
    [
        (MLP((16,)), 3072),  # The image itself.
        (MLP((4096,)), 4096),
        (CNN((4, 4), dense=(8,)), 75 * 24 * 24),  # The windows of the first convolution.
        (CNN((100, 4), dense=(8,)), 100 * 24 * 24),  # Its outputs.
    ],
)
def test_so_many_images_are_predicted_at_once_as_fit_into_the_cache(
    architecture: Architecture, numbers_of_an_image: int
) -> None:
    network = jax.jit(lambda key: architecture.build(CIFAR, 10, key))(jax.random.key(0))
    fitting = CACHE_BYTES // (4 * numbers_of_an_image)
    assert block_for(network, CIFAR) == min(MOST_AT_ONCE, fitting // 8 * 8)


def test_weights_do_not_count_and_any_function_will_do() -> None:
    large = jnp.ones((2, 2**20))

    def predict(images: Array) -> Array:
        return images.sum((1, 2, 3))[:, None] * (2 * large).sum(axis=1)

    assert block_for(predict, (2, 2, 1)) == MOST_AT_ONCE


def test_there_are_at_least_eight() -> None:
    assert block_for(lambda images: jnp.ones(10**7) * images.mean((1, 2, 3))[:, None], (2, 2, 1)) == 8
