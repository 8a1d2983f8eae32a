"""Convolutions of maps (batch, channel, *place) and their transposes, in any number of dimensions.

A CPU computes them as matrix products over windows, as byheart's own CNN does: XLA's convolutions take tens of times as
long there as soon as they stand in a compiled loop, as those of training and of searches do, or have a kernel for each
network of a population (benchmarks, torch_speed). Other devices have fast convolutions of their own.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.networks.convolution import correlate
from byheart.torch_bridge.operations.depthwise import depthwise
from byheart.torch_bridge.operations.examples_last import ExamplesLast, maps_of, on_maps
from byheart.torch_bridge.operations.table import operation

Pads = Sequence[tuple[int, int, int]]
"""Zeros before, after, and between the pixels of each place axis."""


@operation("convolution")
def convolution(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> Array:
    """Return the convolution of maps, or its transpose.

    Args:
        x: (batch, channel, *place); without the batch for one example.
        weight: (output, input / groups, *place), or (input, output / groups, *place) of a transpose.
        bias: (output,).
        stride: step between windows, in pixels. This and the next ones are one for each place axis, or one for all.
        padding: zeros on each side, or as many pixels cut from a transpose.
        dilation: step between the pixels of a window.
        transposed: whether it is the transpose.
        output_padding: pixels added at the end of a transpose.
        groups: number of groups of channels, each of which sees its own inputs alone.
    """
    how = (stride, padding, dilation, transposed, output_padding, groups)
    if x.ndim < weight.ndim:
        return convolution(x[None], weight, bias, *how)[0]
    if jax.default_backend() == "cpu":
        return convolution_of_maps(x, weight, bias, *how).in_order
    result = _by_xla(x, *_correlation(weight, *how))
    return result if bias is None else result + bias.reshape(-1, *[1] * (x.ndim - 2))


@on_maps("convolution")
def convolution_of_maps(x: Array | ExamplesLast, weight: Array, bias: Array | None, *how: Any) -> ExamplesLast:
    """Return the convolution of maps with examples last; the arguments are those of `convolution`."""
    result = _by_products(maps_of(x), *_correlation(weight, *how))
    return ExamplesLast(result if bias is None else result + bias.reshape(-1, *[1] * (result.ndim - 1)))


def _correlation(
    weight: Array,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> tuple[Array, Pads, Sequence[int], Sequence[int], int]:
    """Return weights, pads, strides, dilations and groups of the correlation that a convolution is."""
    n = weight.ndim - 2
    stride, padding, dilation, output_padding = (
        tuple(one) * (n if len(one) == 1 else 1) for one in (stride, padding, dilation, output_padding)
    )
    pads = [(p, p, 0) for p in padding]
    if transposed:
        weight = _turned(weight, groups)
        reach = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
        between = [s - 1 for s in stride]
        pads = [(r - p, r - p + o, b) for r, p, o, b in zip(reach, padding, output_padding, between, strict=True)]
        stride = (1,) * n
    return weight, pads, stride, dilation, groups


def _turned(weight: Array, groups: int) -> Array:
    """Return the weights (output, input / groups, *place) of the correlation that a transposed convolution is.

    Args:
        weight: (input, output / groups, *place).
        groups: of channels.
    """
    inputs, outputs, *kernel = weight.shape
    weight = jnp.flip(weight, range(2, weight.ndim))
    weight = weight.reshape(groups, inputs // groups, outputs, *kernel).swapaxes(1, 2)
    return weight.reshape(groups * outputs, inputs // groups, *kernel)


def _by_products(
    maps: Array, weight: Array, pads: Pads, stride: Sequence[int], dilation: Sequence[int], groups: int
) -> Array:
    """Correlate maps with examples last, each group by itself; a group of one channel is depthwise."""
    maps = jax.lax.pad(maps, jnp.zeros((), maps.dtype), [(0, 0, 0), *pads, (0, 0, 0)])
    kernel = jnp.moveaxis(weight, (1, 0), (-2, -1))
    if groups == 1:
        return correlate(maps, kernel, stride, dilation)
    if kernel.shape[-2] == 1:
        return depthwise(maps, kernel[..., 0, :], stride, dilation)
    parts = maps.reshape(groups, -1, *maps.shape[1:])
    kernels = jnp.moveaxis(kernel.reshape(*kernel.shape[:-1], groups, -1), -2, 0)
    result = jax.vmap(lambda part, own: correlate(part, own, stride, dilation))(parts, kernels)
    return result.reshape(-1, *result.shape[2:])


def _by_xla(x: Array, weight: Array, pads: Pads, stride: Sequence[int], dilation: Sequence[int], groups: int) -> Array:
    """Correlate by XLA's own operation."""
    letters = "DHW"[-len(stride) :]
    outer = [pad[:2] for pad in pads]
    between = [pad[2] + 1 for pad in pads]
    numbers = (f"NC{letters}", f"OI{letters}", f"NC{letters}")
    return jax.lax.conv_general_dilated(
        x, weight, stride, outer, between, dilation, numbers, feature_group_count=groups
    )
