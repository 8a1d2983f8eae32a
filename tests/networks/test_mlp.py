"""The MLP: layers, initialization, and trained parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import points

from byheart.checks import BadInput
from byheart.networks.layers import Dense
from byheart.networks.mlp import MLP, MLPNetwork
from byheart.networks.network import (
    Architecture,
    Hidden,
    Network,
    RunningStatistics,
    is_trainable,
    n_parameters,
    untouched,
)

SHAPE = (4, 4, 1)
KEY = jax.random.key(0)


def built(*widths: int, shape: tuple[int, int, int] = SHAPE, n_classes: int = 3) -> MLPNetwork:
    return MLP(widths).build(shape, n_classes, KEY)


@pytest.mark.parametrize("widths", [(), (7, 5)])
def test_logits_are_those_of_dense_and_relu_layers_in_float64(widths: tuple[int, ...]) -> None:
    network, images = built(*widths), points(6)
    activations = np.float64(images).reshape(6, -1)
    for layer in network.layers[:-1]:
        activations = np.maximum(activations @ np.float64(layer.weight) + np.float64(layer.bias), 0)
    expected = activations @ np.float64(network.layers[-1].weight) + np.float64(network.layers[-1].bias)
    np.testing.assert_allclose(network(images), expected, atol=1e-5)


def test_the_logits_of_an_image_do_not_depend_on_its_batch() -> None:
    """Equal to float32 rounding: a matrix product may sum in another order."""
    network, images = built(7, 5), points(6)
    together = network(images)
    alone = jnp.concatenate([network(image[None]) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("n", [0, 1])
def test_an_empty_batch_and_a_single_image_give_as_many_logits(n: int) -> None:
    assert built(7, 5)(points(n)).shape == (n, 3)


def test_compiled_or_not_the_logits_are_the_same() -> None:
    """Equal to float32 rounding: compilation may fuse a multiplication with an addition."""
    network, images = built(7, 5), points(6)
    np.testing.assert_allclose(jax.jit(lambda net, x: net(x))(network, images), network(images), atol=1e-6)


def test_weights_start_glorot_uniform_and_biases_zero() -> None:
    """Standard deviation and mean within 5 standard errors; false alarms: fewer than 3 in a million keys."""
    for layer in built(300, 200, shape=(10, 20, 1), n_classes=100).layers:
        weight = np.float64(layer.weight)
        limit = np.sqrt(6 / sum(weight.shape))
        assert np.abs(weight).max() <= limit
        assert abs(weight.mean()) < 5 * limit / np.sqrt(3 * weight.size)
        assert abs((weight**2).mean() / (limit**2 / 3) - 1) < 5 * np.sqrt(0.8 / weight.size)
        assert not np.asarray(layer.bias).any()


def test_layers_of_one_shape_start_differently() -> None:
    _, second, third, _ = built(9, 9, 9).layers
    assert (second.weight != third.weight).all()


def test_another_key_builds_another_network() -> None:
    one, other = (MLP((7, 5)).build(SHAPE, 3, jax.random.key(seed)) for seed in (0, 1))
    assert (one.layers[0].weight != other.layers[0].weight).any()


def test_parameters_are_counted() -> None:
    assert n_parameters(built(7, 5, shape=(2, 3, 4))) == (24 * 7 + 7) + (7 * 5 + 5) + (5 * 3 + 3)


def test_training_mode_of_a_network_without_statistics_is_inference() -> None:
    network, images = built(7, 5), points(6)
    logits, updated = network.in_training(images)
    np.testing.assert_array_equal(logits, network(images))
    assert updated is network


def test_running_statistics_are_state_and_not_trained() -> None:
    class Normalized(Network):
        dense: Dense
        statistics: RunningStatistics

        def __call__(self, images: jax.Array) -> jax.Array:
            return images.reshape(images.shape[0], -1)

        def in_training(self, images: jax.Array, hidden: Hidden = untouched) -> tuple[jax.Array, "Normalized"]:
            return self(images), self

    network = Normalized(Dense.initialized(3, 2, KEY), RunningStatistics(jnp.zeros(5), jnp.ones(5)))
    mask = is_trainable(network)
    assert (mask.dense.weight, mask.dense.bias) == (True, True)
    assert (mask.statistics.mean, mask.statistics.variance) == (False, False)
    assert n_parameters(network) == 8


def test_an_mlp_is_an_architecture_that_fits_any_image() -> None:
    assert isinstance(MLP(), Architecture)
    MLP().check((1, 1, 1))
    assert MLP() == MLP((4096, 4096))


@pytest.mark.parametrize("width", [0, -3])
def test_a_width_below_1_is_refused(width: int) -> None:
    with pytest.raises(BadInput, match=f"`widths` must be a whole number of at least 1; got {width}."):
        MLP((8, width))
