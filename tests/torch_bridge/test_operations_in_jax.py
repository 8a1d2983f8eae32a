"""Operations of the table against slow twins, loops over places; torch is not needed."""

import itertools
import math
import sys
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array
from slow_cases import slow_rows_after

import byheart as bh
from byheart import literals
from byheart.torch_bridge.lowered import Graph, NumberType, Ref, Step
from byheart.torch_bridge.operations import (  # noqa: F401  They fill the table.
    convolutions,
    pooling,
    products,
    resizing,
    shapes,
)
from byheart.torch_bridge.operations.table import found

X = jnp.asarray(np.random.default_rng(0).normal(size=(2, 3, 7, 6)), jnp.float32)


def of(name: str) -> object:
    function = found(name)
    assert function is not None
    return function


def windows(size: int, kernel: int, stride: int, padding: int, ceil: bool) -> Iterator[range]:
    """Yield the window of each result along one axis, before it is cut to the input and its padding."""
    n = (math.ceil if ceil else math.floor)((size + 2 * padding - kernel) / stride) + 1
    if ceil and (n - 1) * stride >= size + padding:
        n -= 1
    for at in range(n):
        yield range(at * stride - padding, at * stride - padding + kernel)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "ceil"), [(2, 2, 0, False), (3, 2, 1, True), (3, 2, 0, True), (2, 3, 1, True)]
)
def test_pooling_takes_the_windows_of_a_loop(kernel: int, stride: int, padding: int, ceil: bool) -> None:
    rows, columns = (list(windows(size, kernel, stride, padding, ceil)) for size in X.shape[2:])
    largest, mean, mean_with_padding = (np.zeros((2, 3, len(rows), len(columns))) for _ in range(3))
    for (i, row), (j, column) in itertools.product(enumerate(rows), enumerate(columns)):
        inside = X[:, :, [at for at in row if 0 <= at < 7]][:, :, :, [at for at in column if 0 <= at < 6]]
        counted = len([at for at in row if at < 7 + padding]) * len([at for at in column if at < 6 + padding])
        largest[:, :, i, j], mean[:, :, i, j] = inside.max((2, 3)), inside.mean((2, 3))
        mean_with_padding[:, :, i, j] = inside.sum((2, 3)) / counted
    sizes = ([kernel] * 2, [stride] * 2, [padding] * 2)
    np.testing.assert_allclose(of("max_pool2d_with_indices.default")(X, *sizes, 1, ceil)[0], largest, rtol=1e-6)
    np.testing.assert_allclose(of("avg_pool2d")(X, *sizes, ceil, False), mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(of("avg_pool2d")(X, *sizes, ceil, True), mean_with_padding, rtol=1e-4, atol=1e-6)


def test_adaptive_pooling_takes_windows_that_overlap_where_sizes_do_not_divide() -> None:
    pooled = of("_adaptive_avg_pool2d.default")(X, (3, 4))
    for i, j in itertools.product(range(3), range(4)):
        part = X[:, :, i * 7 // 3 : -(-(i + 1) * 7 // 3), j * 6 // 4 : -(-(j + 1) * 6 // 4)]
        np.testing.assert_allclose(pooled[:, :, i, j], part.mean((2, 3)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("axis", "size", "step"), [(2, 3, 2), (-1, 4, 1), (3, 2, 5)])
def test_windows_along_an_axis_are_those_of_numpy(axis: int, size: int, step: int) -> None:
    every = np.moveaxis(np.lib.stride_tricks.sliding_window_view(X, size, axis), axis, 0)
    np.testing.assert_array_equal(of("unfold.default")(X, axis, size, step), np.moveaxis(every[::step], 0, axis))


CONVOLUTIONS = [
    # shape of the weights, stride, padding, dilation, whether it is transposed, output padding, groups
    ((4, 3, 3, 2), (2, 1), (1, 0), (1, 2), False, (0, 0), 1),
    ((4, 1, 3, 3), (1, 2), (1, 1), (2, 1), False, (0, 0), 4),
    ((4, 3, 3, 2), (2, 1), (3, 0), (1, 2), True, (1, 0), 1),
    ((4, 1, 3, 3), (2, 2), (0, 1), (1, 1), True, (0, 1), 4),
    ((4, 1, 5, 6), (2, 1), (4, 2), (2, 1), False, (0, 0), 2),
    ((6, 2, 3, 3), (2, 2), (0, 1), (1, 1), False, (0, 0), 2),
    ((6, 3, 5), (3,), (2,), (1,), False, (0,), 1),
    ((2, 4, 2, 1, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), False, (0, 0, 0), 1),
]


@pytest.mark.parametrize(
    ("shape", "stride", "padding", "dilation", "transposed", "output_padding", "groups"),
    slow_rows_after(4, CONVOLUTIONS),
)
def test_convolutions_by_matrix_products_are_those_of_xla_with_their_gradients(
    monkeypatch: pytest.MonkeyPatch,
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    transposed: bool,
    output_padding: tuple[int, ...],
    groups: int,
) -> None:
    random = np.random.default_rng(3)
    channels = shape[0] if transposed else shape[1] * groups
    x = jnp.asarray(random.normal(size=(2, channels, 7, 6, 5)[: len(shape)]), jnp.float32)
    weight = jnp.asarray(random.normal(size=shape), jnp.float32)

    def on(device: str) -> list[Array]:
        def result(x: Array, weight: Array) -> Array:
            return of("convolution")(x, weight, None, stride, padding, dilation, transposed, output_padding, groups)

        def loss(x: Array, weight: Array) -> Array:
            return jnp.sin(result(x, weight)).sum()

        with monkeypatch.context() as patch:
            patch.setattr(jax, "default_backend", lambda: device)
            return [result(x, weight), *jax.grad(loss, (0, 1))(x, weight)]

    for found_here, expected in zip(on("cpu"), on("gpu"), strict=True):
        np.testing.assert_allclose(found_here, expected, rtol=1e-4, atol=1e-5)


def test_the_first_of_equal_pixels_receives_the_gradient_of_max_pooling() -> None:
    tied = jnp.asarray([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]])[None, None]
    gradient = jax.grad(lambda x: of("max_pool2d_with_indices.default")(x, [2, 3])[0].sum())(tied)
    np.testing.assert_array_equal(gradient[0, 0], [[0, 1, 0], [0, 0, 0]])


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_max_pooling_over_nan_is_nan(place: int) -> None:
    x = jnp.arange(4.0).at[place].set(jnp.nan).reshape(1, 1, 2, 2)
    assert jnp.isnan(of("max_pool2d_with_indices.default")(x, [2, 2])[0]).all()


def test_a_transposed_convolution_is_the_adjoint_of_the_convolution() -> None:
    weight = jnp.asarray(np.random.default_rng(1).normal(size=(4, 3, 3, 2)), jnp.float32)
    how = ([2, 2], [1, 0], [1, 2], False, [0, 0], 1)
    forward = of("convolution")(X, weight, None, *how)
    other = jnp.asarray(np.random.default_rng(2).normal(size=forward.shape), jnp.float32)
    back = of("convolution")(other, weight, None, [2, 2], [1, 0], [1, 2], True, [0, 1], 1)
    assert back.shape == X.shape
    np.testing.assert_allclose(jnp.vdot(forward, other), jnp.vdot(X, back), rtol=1e-4)


def test_linear_resizing_keeps_linear_maps_and_corners() -> None:
    ramp = jnp.arange(5.0)[None, None, :, None] + jnp.zeros((1, 1, 5, 4))
    resized = of("upsample_bilinear2d.vec")(ramp, (9, 4), True, None)
    np.testing.assert_allclose(resized[0, 0, :, 0], np.linspace(0, 4, 9), atol=1e-6)
    cubic = of("upsample_bicubic2d.vec")(ramp, (9, 4), True, None)
    np.testing.assert_allclose(cubic[0, 0, ::2, 0], np.arange(5), atol=1e-6)
    np.testing.assert_array_equal(of("upsample_nearest2d.vec")(ramp, None, [2.0, 1.0])[0, 0, :, 0], np.arange(10) // 2)


def test_attention_is_a_weighted_mean_and_a_fully_masked_query_sees_nothing() -> None:
    q, k, v = (np.random.default_rng(n).normal(size=(2, 4, 3)).astype(np.float32) for n in range(3))
    seen = of("scaled_dot_product_attention")(*map(jnp.asarray, (q, k, v)), jnp.ones((4, 4), bool).at[2].set(False))
    shares = np.exp(q @ k.swapaxes(1, 2) / np.sqrt(3))
    expected = shares / shares.sum(2, keepdims=True) @ v
    expected[:, 2] = 0
    np.testing.assert_allclose(seen, expected, rtol=1e-4, atol=1e-6)


def test_a_graph_applies_its_steps_and_offers_hidden_layers() -> None:
    steps = (
        Step("twice", "mul.Tensor", lambda x, y: x * y, (Ref("x"), 2)),
        Step("made", "full", lambda shape, value, kind: np.full(shape, value, kind), ((2,), 1, NumberType("float32"))),
        Step("after", "relu", lambda x: jnp.maximum(x, 0), (Ref("twice"),), hidden=0),
        Step("sum", "add.Tensor", lambda x, y, z: x + y + z, (Ref("after"), Ref("bias"), Ref("made"))),
    )
    graph = Graph(steps, {"bias": "head.bias"}, ("x",), (Ref("sum"),), {"seen": "twice"})
    arrays, x = {"head.bias": jnp.array([1.0, 2.0])}, jnp.array([[3.0, -4.0]])
    (plain,), changed = graph(arrays, (x,))
    np.testing.assert_array_equal(plain, [[8, 3]])
    np.testing.assert_array_equal(changed["seen"], [[6, -8]])
    (dropped,), _ = graph(arrays, (x,), lambda activations, layer: activations * (0 if layer.is_dense else 1))
    np.testing.assert_array_equal(dropped, [[2, 3]])


def test_results_that_several_steps_use_are_computed_once() -> None:
    steps = (
        Step("one", "sin", jnp.sin, (Ref("x"),)),
        Step("two", "sin", jnp.sin, (Ref("one"),)),
        Step("sum", "add.Tensor", lambda x, y: x + y, (Ref("one"), Ref("two"))),
    )
    graph = Graph(steps, {}, ("x",), (Ref("sum"),), {})
    assert str(jax.make_jaxpr(lambda x: graph({}, (x,))[0])(X)).count("optimization_barrier") == 1


def test_without_torch_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for call in (lambda: bh.from_torch(object(), X), lambda: literals.parse("torch:my_module:Net(64)")):
        with pytest.raises(bh.BadInput, match=r"torch is not installed; run `pip install \"byheart\[torch\]\"`"):
            call()


def test_the_program_of_depthwise_layers_grows_with_their_number_alone() -> None:
    """Without `once`, XLA computes each layer anew in every shift of the next one."""
    how = ((1, 1), (1, 1), (1, 1), False, (0, 0), 4)

    def length(n_layers: int) -> int:
        def loss(x: Array, weights: list[Array]) -> Array:
            for weight in weights:
                x = x + jax.nn.gelu(of("convolution")(x, weight, None, *how))
            return (x**2).sum()

        weights = [jnp.ones((4, 1, 3, 3))] * n_layers
        return len(jax.jit(jax.grad(loss)).lower(jnp.ones((2, 4, 4, 4)), weights).compile().as_text())

    assert length(4) < 5 * length(1)
