"""Interval arithmetic through an MLP or a CNN, number by number, in float64."""

import itertools

import numpy as np

from byheart.networks.cnn import CNNNetwork
from byheart.networks.mlp import MLPNetwork

Interval = tuple[np.ndarray, np.ndarray]


def interval_margin(network: MLPNetwork | CNNNetwork, low: np.ndarray, high: np.ndarray, predicted: int) -> float:
    """Return a lower bound of the smallest f_k - f_j over one box of images, k = `predicted`, by intervals alone."""
    lows, highs = logits_of_mlp(network, low, high) if isinstance(network, MLPNetwork) else of_cnn(network, low, high)
    return min(lows[predicted] - highs[j] for j in range(len(lows)) if j != predicted)


def logits_of_mlp(network: MLPNetwork, low: np.ndarray, high: np.ndarray) -> Interval:
    """Return intervals of the logits of an MLP of images."""
    low, high = np.float64(low).ravel(), np.float64(high).ravel()
    for index, layer in enumerate(network.layers):
        if index:
            low, high = np.maximum(low, 0), np.maximum(high, 0)
        low, high = dense(np.float64(layer.weight), np.float64(layer.bias), low, high)
    return low, high


def of_cnn(network: CNNNetwork, low: np.ndarray, high: np.ndarray) -> Interval:
    """Return intervals of the logits of a CNN, for images (height, width, channel)."""
    how = network.architecture
    ends = slice(how.crop, low.shape[0] - how.crop), slice(how.crop, low.shape[1] - how.crop)
    low, high = np.float64(low)[ends].transpose(2, 0, 1), np.float64(high)[ends].transpose(2, 0, 1)
    n = len(network.convolutions)
    for convolution, norm in zip(network.convolutions, network.norms[:n], strict=True):
        low, high = convolved(np.float64(convolution.kernel), how.padding, low, high)
        low, high = normalized(norm, low, high)
        low, high = (np.maximum(pooled(maps, how.pool, how.stride), 0) for maps in (low, high))
    low, high = low.ravel(), high.ravel()
    for weight, norm in zip(network.weights, network.norms[n:], strict=True):
        low, high = normalized(norm, *dense(np.float64(weight).T, np.zeros(len(weight)), low, high))
        low, high = np.maximum(low, 0), np.maximum(high, 0)
    return dense(np.float64(network.output.weight), np.float64(network.output.bias), low, high)


def dense(weight: np.ndarray, bias: np.ndarray, low: np.ndarray, high: np.ndarray) -> Interval:
    """Return intervals of x W + b."""
    lows, highs = bias.copy(), bias.copy()
    for i, j in itertools.product(*map(range, weight.shape)):
        ends = sorted((weight[i, j] * low[i], weight[i, j] * high[i]))
        lows[j] += ends[0]
        highs[j] += ends[1]
    return lows, highs


def convolved(kernel: np.ndarray, padding: int, low: np.ndarray, high: np.ndarray) -> Interval:
    """Return intervals of a cross-correlation of maps (channel, row, column)."""
    rows, columns, n_in, n_out = kernel.shape
    sides = ((0, 0), (padding, padding), (padding, padding))
    low, high = np.pad(low, sides), np.pad(high, sides)
    height, width = low.shape[1] - rows + 1, low.shape[2] - columns + 1
    lows, highs = np.zeros((n_out, height, width)), np.zeros((n_out, height, width))
    for out, row, column in np.ndindex(n_out, height, width):
        for i, j, channel in np.ndindex(rows, columns, n_in):
            weight, at = kernel[i, j, channel, out], (channel, row + i, column + j)
            ends = sorted((weight * low[at], weight * high[at]))
            lows[out, row, column] += ends[0]
            highs[out, row, column] += ends[1]
    return lows, highs


def normalized(norm: object, low: np.ndarray, high: np.ndarray) -> Interval:
    """Return intervals after batch norm with running averages, channel by channel."""
    lows, highs = np.empty_like(low), np.empty_like(high)
    for channel in range(len(low)):
        scale, shift = float(norm.scale[channel]), float(norm.shift[channel])  # type: ignore[attr-defined]
        mean, variance = norm.running.mean[channel], norm.running.variance[channel]  # type: ignore[attr-defined]
        ends = [scale * (x - float(mean)) / (float(variance) + 1e-5) ** 0.5 + shift for x in (low, high)]
        lows[channel], highs[channel] = (end[channel] for end in (np.minimum(*ends), np.maximum(*ends)))
    return lows, highs


def pooled(maps: np.ndarray, window: int, stride: int) -> np.ndarray:
    """Return the largest number of each window of maps (channel, row, column)."""
    rows, columns = ((side - window) // stride + 1 for side in maps.shape[1:])
    result = np.empty((len(maps), rows, columns))
    for channel, row, column in np.ndindex(*result.shape):
        i, j = row * stride, column * stride
        result[channel, row, column] = maps[channel, i : i + window, j : j + window].max()
    return result
