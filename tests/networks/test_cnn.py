"""The CNN: sizes, modes, running statistics, and refused images."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax import lax
from jaxtyping import Array, Float, Int, Key, PyTree

from byheart.checks import BadInput
from byheart.networks.cnn import CNN, CNNNetwork
from byheart.networks.layers import DECAY, EPSILON
from byheart.networks.losses import cross_entropy
from byheart.networks.network import Architecture, RunningStatistics, is_trainable, n_parameters

KEY = jax.random.key(0)
SMALL = CNN((3, 4), (6, 5), crop=1, kernel=3, pool=2)
SHAPE = (14, 12, 2)
N_CLASSES = 3


def images_of(n: int, shape: tuple[int, int, int] = SHAPE, seed: int = 1) -> Float[Array, "batch height width channel"]:
    return jax.random.uniform(jax.random.key(seed), (n, *shape))


@jax.jit
def built(key: Key[Array, ""]) -> CNNNetwork:
    """Return the small CNN with weights of this key."""
    return SMALL.build(SHAPE, N_CLASSES, key)


@eqx.filter_jit
def in_inference(network: CNNNetwork, images: Array) -> Array:
    return network(images)


@eqx.filter_jit
def in_training(network: CNNNetwork, images: Array) -> tuple[Array, CNNNetwork]:
    return network.in_training(images)


def labels_of(n: int) -> Int[Array, " batch"]:
    return jnp.arange(n) % N_CLASSES


@pytest.fixture(scope="module")
def network() -> CNNNetwork:
    """A small CNN whose norms differ from their initial values; some scales are below 0."""
    initial = built(KEY)
    leaves, structure = jax.tree.flatten(initial.norms)
    moved = [leaf + 0.8 * jax.random.normal(jax.random.key(index), leaf.shape) for index, leaf in enumerate(leaves)]
    norms = jax.tree.unflatten(structure, moved)
    positive = [RunningStatistics(norm.running.mean, 0.3 + norm.running.variance**2) for norm in norms]
    norms = eqx.tree_at(lambda all_of_them: [norm.running for norm in all_of_them], norms, positive)
    return eqx.tree_at(lambda whole: whole.norms, initial, norms)


@eqx.filter_jit
def reference_logits(network: CNNNetwork, images: Array, in_training: bool) -> tuple[Array, list[tuple[Array, Array]]]:
    """Return the logits by XLA's convolution and pooling, examples first, and the moments of each norm's input."""
    how, seen = network.architecture, []

    def normalized(x: Array, index: int) -> Array:
        norm, axes = network.norms[index], tuple(range(x.ndim - 1))
        seen.append((x.mean(axes), x.var(axes, ddof=1)))
        mean, variance = (x.mean(axes), x.var(axes)) if in_training else norm.moments()
        return jax.nn.relu((x - mean) / jnp.sqrt(variance + EPSILON) * norm.scale + norm.shift)

    x = images[:, how.crop : images.shape[1] - how.crop, how.crop : images.shape[2] - how.crop]
    for index, layer in enumerate(network.convolutions):
        padding = [(how.padding, how.padding)] * 2
        x = lax.conv_general_dilated(x, layer.kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))
        size, step = (1, how.pool, how.pool, 1), (1, how.stride, how.stride, 1)
        x = lax.reduce_window(normalized(x, index), -jnp.inf, lax.max, size, step, "VALID")
    x = x.transpose(0, 3, 1, 2).reshape(x.shape[0], -1)
    for index, weight in enumerate(network.weights, start=len(network.convolutions)):
        x = normalized(x @ weight.T, index)
    return x @ network.output.weight + network.output.bias, seen


def test_the_papers_cnn_has_1_169_410_parameters() -> None:
    """Footnote 2 of the paper, on images of 32 x 32 x 3.

    Sizes: 28 after the crop, 24, 8 after pooling, 4, 1 after pooling, so 200 inputs to Dense(384). Convolutions:
    5*5*3*200 + 5*5*200*200; dense: 200*384 + 384*192; output: 192*10 + 10; scale and shift of each norm:
    2*(200+200+384+192). A bias before each norm, which its shift makes redundant, would add 200 + 200 + 384 + 192:
    1,170,386.
    """
    network = jax.jit(lambda key: CNN().build((32, 32, 3), 10, key))(KEY)
    by_hand = 15_000 + 1_000_000 + 76_800 + 73_728 + 1_930 + 2 * (200 + 200 + 384 + 192)
    assert n_parameters(network) == by_hand == 1_170_386 - 200 - 200 - 384 - 192


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        (CNN((2, 2), (3,)), (32, 32, 3)),
        (CNN((2, 2), (3,)), (29, 40, 1)),
        (CNN((2, 2), (3,), crop=0), (28, 28, 1)),
        (CNN((2,), ()), (12, 11, 2)),
        (CNN((), (4,), crop=0), (1, 1, 1)),
        (CNN((2, 3, 2), (4,), crop=0, kernel=3, padding=1, pool=2), (8, 8, 1)),
        (CNN((2, 2), (3,), padding=2), (32, 32, 3)),
        (CNN((2, 2), (3,), crop=0, padding=2, pool_stride=2), (9, 8, 3)),
        (CNN((2,), (3,), crop=0, kernel=2, pool=2, pool_stride=3), (7, 5, 1)),
        (CNN((2, 2), (3,)), (CNN().smallest_side(), CNN().smallest_side(), 1)),
    ],
)
def test_a_cnn_is_built_for_any_size_that_fits(architecture: CNN, shape: tuple[int, int, int]) -> None:
    """Traced, not run: tracing checks every shape."""

    def trained_once(images: Array) -> tuple[Array, Array]:
        logits, updated = architecture.build(shape, N_CLASSES, KEY).in_training(images)
        return logits, updated(images)

    architecture.check(shape)
    images = jax.ShapeDtypeStruct((4, *shape), jnp.float32)
    assert [result.shape for result in jax.eval_shape(trained_once, images)] == [(4, N_CLASSES)] * 2


def test_the_smallest_side_is_the_first_that_fits() -> None:
    for architecture in (CNN(), CNN(padding=2), CNN((1,), crop=0), CNN(pool_stride=2), CNN((), crop=3)):
        side = architecture.smallest_side()
        assert architecture.fits((side, side, 1))
        assert not architecture.fits((side - 1, side, 1))
        assert not architecture.fits((side, side - 1, 1))


def test_images_of_8_x_8_are_refused_with_advice() -> None:
    with pytest.raises(BadInput) as problem:
        CNN().check((8, 8, 1))
    assert "needs images of at least 29 x 29 pixels; got 8 x 8." in str(problem.value)
    assert "smaller `channels`, `kernel` or `pool`, or an MLP" in str(problem.value)


def test_where_only_the_crop_is_too_much_the_advice_is_not_to_crop() -> None:
    with pytest.raises(BadInput, match=r"got 27 x 30\. Use `crop=0`\."):
        CNN().build((27, 30, 3), 10, KEY)
    CNN(crop=0).check((27, 30, 3))


@pytest.mark.parametrize("field", ["kernel", "pool", "pool_stride"])
def test_a_side_of_0_is_refused(field: str) -> None:
    with pytest.raises(BadInput, match=f"`{field}` must be a whole number of at least 1; got 0"):
        CNN(**{field: 0})


@pytest.mark.parametrize(("field", "value"), [("crop", -1), ("padding", -1), ("channels", (3, 0)), ("dense", (0,))])
def test_a_size_out_of_range_is_refused(field: str, value: int | tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match=f"`{field}` must be a whole number of at least"):
        CNN(**{field: value})


def test_logits_are_those_of_the_same_network_with_examples_first(network: CNNNetwork) -> None:
    images = images_of(9)
    np.testing.assert_allclose(
        in_inference(network, images), reference_logits(network, images, in_training=False)[0], atol=2e-4
    )
    np.testing.assert_allclose(
        in_training(network, images)[0], reference_logits(network, images, in_training=True)[0], atol=2e-4
    )


@pytest.mark.slow
def test_gradients_are_those_of_the_same_network_with_examples_first(network: CNNNetwork) -> None:
    """Both modes, parameters and images; in float64, since batch statistics amplify rounding."""

    def own(network: CNNNetwork, images: Array) -> Array:
        return network.in_training(images)[0] + 2 * network(images)

    def reference(network: CNNNetwork, images: Array) -> Array:
        return reference_logits(network, images, True)[0] + 2 * reference_logits(network, images, False)[0]

    def gradient_of(forward: Callable[[CNNNetwork, Array], Array]) -> PyTree:
        def loss(network: CNNNetwork, images: Array) -> Array:
            return cross_entropy(forward(network, images), labels_of(8)).mean()

        return jax.jit(jax.grad(loss, (0, 1)))(exact, images)

    with jax.enable_x64(True):
        exact, images = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf, np.float64)), (network, images_of(8)))
        found, expected = gradient_of(own), gradient_of(reference)
        scale = max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(expected))
        for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-10 * scale)


def test_training_normalizes_by_the_batch_whatever_the_running_averages_are(network: CNNNetwork) -> None:
    forgotten = jax.tree.map(lambda leaf, trained: leaf if trained else 1 + 0 * leaf, network, is_trainable(network))
    np.testing.assert_array_equal(in_training(network, images_of(9))[0], in_training(forgotten, images_of(9))[0])
    assert np.abs(in_inference(network, images_of(9)) - in_inference(forgotten, images_of(9))).max() > 0.01


def test_in_training_other_images_of_the_batch_change_an_images_logits(network: CNNNetwork) -> None:
    images = images_of(9)
    among_others = jnp.concatenate([images[:4], 0.5 * images[4:]])
    assert np.abs(in_training(network, images)[0] - in_training(network, among_others)[0])[:4].max() > 0.01


def test_in_inference_an_image_has_the_same_logits_alone_and_in_any_batch(network: CNNNetwork) -> None:
    """Equal to float32 rounding: a matrix product may sum in another order."""
    images = images_of(9)
    alone = jnp.concatenate([in_inference(network, image[None]) for image in images])
    np.testing.assert_allclose(in_inference(network, images), alone, atol=1e-5)
    np.testing.assert_allclose(in_inference(network, images[::-1])[::-1], alone, atol=1e-5)


def test_training_moves_every_running_average_towards_the_batch(network: CNNNetwork) -> None:
    images = images_of(9)
    updated = in_training(network, images)[1]
    for before, after, (mean, variance) in zip(
        network.norms, updated.norms, reference_logits(network, images, in_training=True)[1], strict=True
    ):
        np.testing.assert_allclose(after.running.mean, DECAY * before.running.mean + (1 - DECAY) * mean, atol=1e-4)
        np.testing.assert_allclose(
            after.running.variance, DECAY * before.running.variance + (1 - DECAY) * variance, rtol=1e-3
        )


def test_running_averages_are_not_trainable_and_all_else_is(network: CNNNetwork) -> None:
    mask = is_trainable(network)
    for norm in mask.norms:
        assert (norm.scale, norm.shift, norm.running.mean, norm.running.variance) == (True, True, False, False)
    n_statistics = 2 * (3 + 4 + 6 + 5)
    assert n_parameters(network) == sum(leaf.size for leaf in jax.tree.leaves(network)) - n_statistics
    assert sum(jax.tree.leaves(mask)) == len(jax.tree.leaves(mask)) - 2 * len(network.norms)


def test_a_gradient_step_leaves_running_averages_to_the_moving_average(network: CNNNetwork) -> None:
    """With momentum and a large step: only `in_training` changes running averages."""
    parameters, rest = eqx.partition(network, is_trainable(network))
    images = images_of(9)

    def loss(parameters: CNNNetwork) -> tuple[Array, CNNNetwork]:
        logits, updated = eqx.combine(parameters, rest).in_training(images)
        return cross_entropy(logits, labels_of(9)).mean(), updated

    optimizer = optax.sgd(10.0, momentum=0.9)
    gradient, updated = jax.jit(jax.grad(loss, has_aux=True))(parameters)
    change, _ = optimizer.update(gradient, optimizer.init(parameters), parameters)
    stepped = eqx.combine(optax.apply_updates(parameters, change), eqx.partition(updated, is_trainable(updated))[1])
    expected = in_training(network, images)[1]
    for norm, other in zip(stepped.norms, expected.norms, strict=True):
        np.testing.assert_allclose(norm.running.mean, other.running.mean, atol=1e-5)
        np.testing.assert_allclose(norm.running.variance, other.running.variance, rtol=1e-5)
    changed = jax.tree.map(
        lambda one, other: bool((one != other).any()), eqx.filter(stepped, is_trainable(stepped)), parameters
    )
    assert all(jax.tree.leaves(changed))


def test_a_batch_of_one_image_trains_without_a_nan() -> None:
    """After the last pooling each channel has one value, so the unbiased variance of dense layers would be 0 / 0."""
    logits, updated = in_training(built(KEY), images_of(1))
    assert all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves((logits, updated)))


def test_another_key_builds_other_weights_and_the_same_key_the_same() -> None:
    one, same, other = (built(jax.random.key(seed)) for seed in (0, 0, 1))
    jax.tree.map(np.testing.assert_array_equal, one, same)
    assert (one.convolutions[0].kernel != other.convolutions[0].kernel).all()
    assert (one.weights[-1] != other.weights[-1]).all()


def test_a_cnn_is_an_architecture_whose_repr_can_be_pasted_back() -> None:
    assert isinstance(CNN(), Architecture)
    assert eval(repr(SMALL)) == SMALL
    assert CNN() == CNN((200, 200), (384, 192), crop=2, kernel=5, padding=0, pool=3, pool_stride=None)
