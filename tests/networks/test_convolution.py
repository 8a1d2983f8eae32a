"""Convolution, pooling and pooled batch norm with examples last, against XLA's operations."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jaxtyping import Array, PyTree
from slow_cases import slow_after

from byheart.networks.convolution import (
    Convolution,
    convolved_batch_norm,
    correlate,
    examples_last,
    max_pool,
    pooled_batch_norm,
    windows,
)
from byheart.networks.layers import DECAY, EPSILON, BatchNorm, Moments
from byheart.networks.network import RunningStatistics

CONVOLUTIONS = [
    # channels, height, width, examples, kernel rows, kernel columns, outputs, padding
    (3, 8, 7, 5, 5, 5, 4, 0),
    (3, 8, 7, 4, 5, 3, 4, 2),
    (5, 6, 6, 1, 1, 1, 2, 0),
    (2, 5, 5, 3, 5, 5, 3, 1),
    (1, 4, 9, 2, 4, 4, 1, 0),
]
POOLS = [
    # channels, height, width, examples, window, stride
    (3, 12, 12, 5, 3, 3),
    (2, 4, 4, 3, 3, 3),
    (2, 7, 9, 3, 2, 2),
    (2, 7, 9, 3, 3, 2),
    (2, 9, 8, 3, 2, 3),
    (1, 3, 3, 1, 3, 3),
    (2, 4, 5, 2, 1, 1),
]


def normal(seed: int, *shape: int) -> Array:
    return jax.random.normal(jax.random.key(seed), shape)


def reference_convolution(maps: Array, kernel: Array, padding: int) -> Array:
    return lax.conv_general_dilated(
        maps, kernel, (1, 1), [(padding, padding)] * 2, dimension_numbers=("CHWN", "HWIO", "CHWN")
    )


def reference_pool(maps: Array, window: int, stride: int) -> Array:
    return lax.reduce_window(maps, -jnp.inf, lax.max, (1, window, window, 1), (1, stride, stride, 1), "VALID")


def uneven_sum(function: Callable[..., Array]) -> Callable[..., Array]:
    """Return a number whose gradient and curvature differ between the entries of `result`."""

    def loss(*arguments: Array) -> Array:
        result = function(*arguments)
        return (jnp.sin(3 * result) * jnp.cos(jnp.arange(result.size)).reshape(result.shape)).sum()

    return loss


def with_gradients(function: Callable[..., Array]) -> Callable[..., PyTree]:
    """Return `function`'s value, and the gradients of an uneven sum of it with respect to every argument."""
    loss = uneven_sum(function)
    return lambda *arguments: (function(*arguments), jax.grad(loss, tuple(range(len(arguments))))(*arguments))


def hessian_vector_product(function: Callable[..., Array], *arguments: Array) -> tuple[PyTree, PyTree]:
    """Return the gradients of an uneven sum of `function`, and their tangents, forward over reverse."""
    direction = tuple(normal(index, *argument.shape) for index, argument in enumerate(arguments))
    gradient = jax.grad(uneven_sum(function), tuple(range(len(arguments))))
    return jax.jit(lambda *arguments: jax.jvp(gradient, arguments, direction))(*arguments)


def assert_close(one: PyTree, other: PyTree) -> None:
    """Assert equality to float32 rounding, relative to the largest value."""
    for value, expected in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        assert value.shape == expected.shape
        np.testing.assert_allclose(value, expected, atol=3e-5 * (1 + np.abs(expected).max()))


def assert_equal_alone_and_mapped(fast: Callable[..., Array], slow: Callable[..., Array], *arguments: Array) -> None:
    """Assert equal values and gradients for one network, and for three under `vmap`."""
    stacked = [jnp.stack([argument, 0.5 * argument[::-1], argument + 1]) for argument in arguments]

    @jax.jit
    def compared(stacked: list[Array]) -> tuple[PyTree, PyTree, PyTree]:
        alone = with_gradients(fast)(*(argument[0] for argument in stacked))
        return alone, jax.vmap(with_gradients(fast))(*stacked), lax.map(lambda one: with_gradients(slow)(*one), stacked)

    alone, mapped, expected = compared(stacked)
    assert_close(alone, jax.tree.map(lambda leaf: leaf[0], expected))
    assert_close(mapped, expected)


@pytest.mark.parametrize("n_channels", [1, 3])
def test_images_become_maps_with_examples_last(n_channels: int) -> None:
    images = normal(0, 4, 5, 6, n_channels)
    np.testing.assert_array_equal(examples_last(images), images.transpose(3, 1, 2, 0))


@pytest.mark.parametrize("sizes", slow_after(2, CONVOLUTIONS))
def test_a_convolution_is_that_of_xla_with_its_gradients_alone_and_mapped(sizes: tuple[int, ...]) -> None:
    channels, height, width, n, rows, columns, outputs, padding = sizes
    assert_equal_alone_and_mapped(
        lambda maps, kernel: Convolution(kernel, padding)(maps),
        lambda maps, kernel: reference_convolution(maps, kernel, padding),
        normal(0, channels, height, width, n),
        normal(1, rows, columns, channels, outputs),
    )


def test_a_kernel_with_one_entry_shifts_the_image() -> None:
    maps = jnp.arange(12.0).reshape(1, 3, 4, 1)
    kernel = jnp.zeros((2, 2, 1, 1)).at[1, 0].set(1)
    np.testing.assert_array_equal(correlate(maps, kernel)[0, :, :, 0], maps[0, 1:, :3, 0])


def test_windows_run_over_rows_columns_and_channels() -> None:
    maps = normal(0, 3, 5, 4, 2)
    seen = windows(maps, (2, 3))
    assert seen.shape == (2 * 3 * 3, 4, 2, 2)
    np.testing.assert_array_equal(seen[:, 1, 1, 0], maps[:, 1:3, 1:4, 0].transpose(1, 2, 0).reshape(-1))


def test_windows_step_by_strides_and_dilations() -> None:
    maps = normal(0, 3, 7, 6, 2)
    seen = windows(maps, (2, 3), (2, 1), (3, 2))
    assert seen.shape == (2 * 3 * 3, 2, 2, 2)
    np.testing.assert_array_equal(seen[:, 1, 1, 0], maps[:, 2:6:3, 1:6:2, 0].transpose(1, 2, 0).reshape(-1))


@pytest.mark.parametrize("sizes", slow_after(3, POOLS))
def test_max_pooling_is_that_of_xla_with_its_gradient_alone_and_mapped(sizes: tuple[int, ...]) -> None:
    *shape, window, stride = sizes
    assert_equal_alone_and_mapped(
        lambda maps: max_pool(maps, window, stride),
        lambda maps: reference_pool(maps, window, stride),
        normal(0, *shape),
    )


def test_tied_pixels_share_the_gradient_of_a_tile_and_the_rest_gets_none() -> None:
    gradient = jax.grad(lambda maps: max_pool(maps, 3, 3).sum())(jnp.ones((2, 7, 7, 1)))
    np.testing.assert_allclose(gradient[:, :6, :6], 1 / 9, rtol=1e-6)
    assert not gradient[:, 6:].any()
    assert not gradient[:, :, 6:].any()


def test_tied_pixels_share_alike_forward_and_in_reverse() -> None:
    """Rounded maps tie in most tiles; others tie nowhere. A tile's tangent is the mean over its largest pixels."""
    maps = jnp.round(normal(0, 2, 8, 7, 3))
    tangent, cotangent = normal(1, *maps.shape), normal(2, 2, 2, 2, 3)
    forward = jax.jvp(lambda maps: max_pool(maps, 3, 3), (maps,), (tangent,))[1]
    (reverse,) = jax.vjp(lambda maps: max_pool(maps, 3, 3), maps)[1](cotangent)
    np.testing.assert_allclose((forward * cotangent).sum(), (tangent * reverse).sum(), rtol=1e-5)
    tile, its_tangent = np.asarray(maps[1, 3:6, :3, 2]), np.asarray(tangent[1, 3:6, :3, 2])
    assert (tile == tile.max()).sum() > 1
    np.testing.assert_allclose(forward[1, 1, 0, 2], its_tangent[tile == tile.max()].mean(), rtol=1e-6)


def test_pooling_has_no_second_derivative_even_where_pixels_tie() -> None:
    maps = jnp.round(normal(0, 2, 6, 6, 3))
    gradient = jax.grad(lambda maps: max_pool(maps, 3, 3).sum())
    np.testing.assert_array_equal(jax.jvp(gradient, (maps,), (normal(1, *maps.shape),))[1], jnp.zeros_like(maps))


def test_where_tiles_overlap_the_first_of_tied_pixels_receives_the_gradient() -> None:
    flat = jnp.ones((1, 5, 5, 1))
    np.testing.assert_array_equal(
        jax.grad(lambda maps: max_pool(maps, 3, 2).sum())(flat),
        jax.grad(lambda maps: reference_pool(maps, 3, 2).sum())(flat),
    )


def norm_with(scale: Array) -> BatchNorm:
    n = scale.size
    return BatchNorm(scale, normal(5, n), RunningStatistics(normal(6, n), 1 + normal(7, n) ** 2))


@pytest.mark.parametrize(("window", "stride"), [(3, 3), (3, 2)])
def test_normalizing_what_pooling_leaves_equals_pooling_what_was_normalized(window: int, stride: int) -> None:
    """Also for negative scales. Gradients pass through the moments of the batch, too."""

    def fast(maps: Array, scale: Array) -> Array:
        norm = norm_with(scale)
        return pooled_batch_norm(norm, maps, norm.batch_moments(maps)[0], window, stride)

    def slow(maps: Array, scale: Array) -> Array:
        norm = norm_with(scale)
        return max_pool(norm(maps, norm.batch_moments(maps)[0]), window, stride)

    assert_equal_alone_and_mapped(fast, slow, normal(0, 4, 7, 8, 6), jnp.array([2.0, -1.5, 0.3, -0.01]))


@pytest.mark.parametrize("stride", [3, 2])
def test_a_layer_has_the_hessian_vector_products_of_xlas_operations(stride: int) -> None:
    """Convolution, batch norm and pooling that drops a border, in float64."""
    scale = jnp.array([2.0, -1.5, 0.3, -0.7])

    def fast(maps: Array, kernel: Array, scale: Array) -> Array:
        convolved, norm = correlate(maps, kernel), norm_with(scale)
        return pooled_batch_norm(norm, convolved, norm.batch_moments(convolved)[0], 3, stride)

    def slow(maps: Array, kernel: Array, scale: Array) -> Array:
        convolved = reference_convolution(maps, kernel, 0)
        mean, variance = (f(convolved, (1, 2, 3), keepdims=True) for f in (jnp.mean, jnp.var))
        normalized = (convolved - mean) / jnp.sqrt(variance + EPSILON) * scale[:, None, None, None]
        return reference_pool(normalized + norm_with(scale).shift[:, None, None, None], 3, stride)

    with jax.enable_x64(True):
        arguments = [jnp.asarray(x, jnp.float64) for x in (normal(0, 2, 9, 10, 6), normal(1, 3, 3, 2, 4), scale)]
        found, expected = (hessian_vector_product(function, *arguments) for function in (fast, slow))
        for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-9 * np.abs(other).max())


@pytest.mark.parametrize("in_training", [False, True])
def test_with_scale_0_a_channel_is_its_shift(in_training: bool) -> None:
    """Every normalized value ties, so only values are compared: the gradient is a convention."""
    norm, maps = norm_with(jnp.array([2.0, -1.5, 0.0])), normal(0, 3, 6, 6, 4)
    moments: Moments = norm.batch_moments(maps)[0] if in_training else norm.moments()
    pooled = pooled_batch_norm(norm, maps, moments, 3, 3)
    np.testing.assert_allclose(pooled, max_pool(norm(maps, moments), 3, 3), atol=1e-5)
    np.testing.assert_allclose(pooled[2], norm.shift[2], rtol=1e-6)


@pytest.mark.parametrize("stride", [3, 2])
def test_in_inference_a_sign_moved_into_the_kernel_changes_nothing(stride: int) -> None:
    """Values and gradients, also for negative scales."""

    def fast(maps: Array, kernel: Array, scale: Array) -> Array:
        return convolved_batch_norm(Convolution(kernel, 1), norm_with(scale), maps, 3, stride)

    def slow(maps: Array, kernel: Array, scale: Array) -> Array:
        norm = norm_with(scale)
        return max_pool(norm(Convolution(kernel, 1)(maps), norm.moments()), 3, stride)

    scale = jnp.array([2.0, -1.5, 0.3, -0.7])
    assert_equal_alone_and_mapped(fast, slow, normal(0, 2, 9, 10, 6), normal(1, 3, 3, 2, 4), scale)


def test_batch_norm_is_its_definition_in_float64() -> None:
    norm, x = norm_with(jnp.array([2.0, -1.5, 0.3])), 3 + 2 * normal(0, 3, 5, 4, 6)
    exact = np.float64(x)
    mean, variance = exact.mean((1, 2, 3)), exact.var((1, 2, 3))
    standard = (exact - mean[:, None, None, None]) / np.sqrt(variance + EPSILON)[:, None, None, None]
    expected = standard * np.float64(norm.scale)[:, None, None, None] + np.float64(norm.shift)[:, None, None, None]
    np.testing.assert_allclose(norm(x, norm.batch_moments(x)[0]), expected, atol=2e-5)


def test_running_averages_move_towards_mean_and_unbiased_variance_of_the_batch() -> None:
    norm, x = norm_with(jnp.ones(3)), 3 + 2 * normal(0, 3, 5, 4, 6)
    running = norm.batch_moments(x)[1].running
    exact = np.float64(x).reshape(3, -1)
    mean, variance = norm.moments()
    np.testing.assert_allclose(running.mean, DECAY * mean + (1 - DECAY) * exact.mean(1), rtol=1e-5)
    np.testing.assert_allclose(running.variance, DECAY * variance + (1 - DECAY) * exact.var(1, ddof=1), rtol=1e-5)


def test_the_variance_of_a_batch_far_from_0_is_not_lost_to_rounding() -> None:
    """The mean of squares minus the squared mean would lose it: 1e4 squared is 1e8, and float32 has 7 digits."""
    x = 1e4 + normal(0, 1, 4000)
    (_, variance), _ = norm_with(jnp.ones(1)).batch_moments(x)
    np.testing.assert_allclose(variance, np.float64(x).var(axis=1), rtol=1e-3)
