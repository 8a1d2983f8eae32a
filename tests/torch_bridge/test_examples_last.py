"""Operations on maps with examples last, against the same operations in the order of torch."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from byheart.torch_bridge.lowered import Graph, Ref, Step
from byheart.torch_bridge.operations import (  # noqa: F401  They fill the table.
    activations,
    arithmetic,
    borders,
    convolutions,
    normalization,
    pooling,
    random_masks,
    reductions,
    shapes,
)
from byheart.torch_bridge.operations.convolutions import convolution_of_maps
from byheart.torch_bridge.operations.examples_last import ExamplesLast, in_either_order, in_order
from byheart.torch_bridge.operations.table import found

RANDOM = np.random.default_rng(0)
X = jnp.asarray(RANDOM.normal(size=(2, 3, 7, 6)), jnp.float32)
VALUES = [jnp.asarray(RANDOM.uniform(0.5, 2, 3), jnp.float32) for _ in range(4)]


def last(x: Array) -> ExamplesLast:
    return ExamplesLast(jnp.moveaxis(x, 0, -1))


KEEPING: list[tuple[str, Any]] = [
    ("relu", ()),
    ("leaky_relu", (0.2,)),
    ("mul.Tensor", (jnp.float32(2),)),
    ("add.Tensor", (X * X,)),
    ("mul.Tensor", (VALUES[0].reshape(3, 1, 1),)),
    ("native_dropout", (0.5, True)),
    ("_native_batch_norm_legit_no_training", (*VALUES, 0.1, 1e-5)),
    ("_native_batch_norm_legit.no_stats", (*VALUES[:2], True, 0.1, 1e-5)),
    ("_native_batch_norm_legit_functional", (*VALUES, True, 0.1, 1e-5)),
    ("_native_batch_norm_legit_functional", (*VALUES, False, 0.1, 1e-5)),
    ("max_pool2d_with_indices", ([2, 3],)),
    ("max_pool2d_with_indices", ([2, 2], [2, 2], [1, 0], [1, 1], True)),
    ("max_pool2d", ([3, 3], [2, 2], [1, 1])),
    ("max_pool2d", ([2, 2], [2, 2], [0, 0], [2, 1])),
    ("avg_pool2d", ([3, 2], [2, 2], [1, 0], True, False)),
    ("avg_pool2d", ([2, 2], [2, 1], [1, 1])),
    ("_adaptive_avg_pool2d", ((3, 4),)),
    ("adaptive_max_pool2d", ((7, 2),)),
    ("mean.dim", ([-1, -2], True)),
    ("constant_pad_nd", ([1, 0, -1, 2], 0.5)),
]
"""Operations that keep examples last, and what follows the maps among their arguments."""
LEAVING: list[tuple[str, Any]] = [("mean.dim", ([-1, -2],)), ("view", ([2, 126],)), ("add.Tensor", (X[None],))]
"""Operations whose result is in the order of torch."""


def gradient_and_results(called: Any, given: Any, rest: tuple[Any, ...]) -> tuple[Array, list[Array]]:
    """Return the gradient of a function of all results, and the results, of an operation on X; `given` lays X out."""

    def loss(x: Array) -> tuple[Array, list[Array]]:
        results = jax.tree.leaves(in_order(called(given(x), *rest)))
        numbers = [jnp.sin(one).sum() for one in results if one.dtype == jnp.float32]
        return jnp.stack(numbers).sum(), results

    return jax.grad(loss, has_aux=True)(X)


@pytest.mark.parametrize(
    ("name", "rest", "is_kept"), [(*one, True) for one in KEEPING] + [(*one, False) for one in LEAVING]
)
def test_results_and_gradients_are_those_in_the_order_of_torch(name: str, rest: tuple[Any, ...], is_kept: bool) -> None:
    function = found(name)
    assert function is not None
    result = in_either_order(name, function)(last(X), *rest)
    assert isinstance(result[0] if isinstance(result, tuple) else result, ExamplesLast) == is_kept
    gradient, results = gradient_and_results(in_either_order(name, function), last, rest)
    expected_gradient, expected = gradient_and_results(function, lambda x: x, rest)
    for one, other in zip(results, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4, atol=1e-5)


def test_maps_are_joined_along_axes_of_torch() -> None:
    maps = last(X)
    for axis in (0, 1, -1):
        joined = in_either_order("cat", found("cat"))((maps, X), axis)
        np.testing.assert_array_equal(joined.in_order, jnp.concatenate([X, X], axis))


def test_the_first_of_equal_pixels_of_a_tile_receives_the_gradient() -> None:
    tied = jnp.asarray([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]])[None, :, :, None]
    pool = in_either_order("max_pool2d", found("max_pool2d"))
    gradient = jax.grad(lambda maps: pool(ExamplesLast(maps), [2, 3]).maps.sum())(tied)
    np.testing.assert_array_equal(gradient[0, ..., 0], [[0, 1, 0], [0, 0, 0]])


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_the_largest_number_of_a_tile_with_nan_is_nan(place: int) -> None:
    maps = jnp.arange(4.0).at[place].set(jnp.nan).reshape(1, 2, 2, 1)
    assert jnp.isnan(in_either_order("max_pool2d", found("max_pool2d"))(ExamplesLast(maps), [2, 2]).maps).all()


def test_the_largest_number_of_a_convolution_by_channel_receives_the_gradient() -> None:
    """Computed twice with other rounding, no number would equal the largest one."""
    weight = jnp.asarray(RANDOM.normal(size=(3, 1, 3, 3)), jnp.float32)

    def largest(x: Array, weight: Array) -> Array:
        how = ((1, 1), (1, 1), (1, 1), False, (0, 0), 3)
        return jnp.max(convolution_of_maps(x, weight, None, *how).in_order, (2, 3)).sum()

    pixels = jax.jit(jax.grad(largest))(jnp.tile(X, (8, 1, 1, 1)), weight)
    assert (jnp.abs(pixels).sum((2, 3)) > 0).all()


def test_a_graph_keeps_examples_last_between_convolutions_and_hidden_layers_see_torchs_order() -> None:
    weight = jnp.asarray(RANDOM.normal(size=(3, 3, 3, 3)), jnp.float32)
    how = ((1, 1), (1, 1), (1, 1), False, (0, 0), 1)
    convolve, relu = found("convolution"), found("relu")
    steps = (
        Step("one", "convolution.default", convolve, (Ref("x"), Ref("weight"), None, *how)),
        Step("after", "relu.default", relu, (Ref("one"),), hidden=0),
        Step("two", "convolution.default", convolve, (Ref("after"), Ref("weight"), None, *how)),
    )
    graph = Graph(steps, {"weight": "weight"}, ("x",), (Ref("two"),), {"seen": "after"})
    shapes_seen = []

    def halved(maps: Array, layer: Any) -> Array:
        shapes_seen.append(maps.shape)
        return maps / 2

    (result,), changed = graph({"weight": weight}, (X,), halved)
    middle = relu(convolve(X, weight, None, *how)) / 2
    assert shapes_seen == [X.shape]
    np.testing.assert_allclose(changed["seen"], middle, rtol=1e-5)
    np.testing.assert_allclose(result, convolve(middle, weight, None, *how), rtol=1e-4, atol=1e-5)
