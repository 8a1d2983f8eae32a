"""Copies of byheart's networks in `torch.nn`: the same layers, for the same values."""

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from byheart.networks.cnn import CNN, CNNNetwork
from byheart.networks.mlp import MLPNetwork
from byheart.networks.network import Network


def mlp(n_inputs: int, widths: Sequence[int], n_classes: int = 10) -> nn.Sequential:
    """Return linear layers with ReLU between them."""
    sizes = (n_inputs, *widths, n_classes)
    layers: list[nn.Module] = [nn.Flatten()]
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn(how: CNN, side: int, n_channels: int, n_classes: int = 10) -> nn.Sequential:
    """Return a crop, blocks of convolution, batch norm, ReLU and max pooling, then dense layers with batch norm."""
    layers: list[nn.Module] = [nn.ZeroPad2d(-how.crop)]
    for n_in, n_out in zip((n_channels, *how.channels), how.channels, strict=False):
        convolution = nn.Conv2d(n_in, n_out, how.kernel, padding=how.padding, bias=False)
        layers += [convolution, nn.BatchNorm2d(n_out), nn.ReLU(), nn.MaxPool2d(how.pool, how.pool_stride)]
    layers.append(nn.Flatten())
    widths = (how.channels[-1] * how.side_after(side) ** 2, *how.dense)
    for n_in, n_out in zip(widths, how.dense, strict=False):
        layers += [nn.Linear(n_in, n_out, bias=False), nn.BatchNorm1d(n_out), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], n_classes))


def twin(network: Network, input_shape: tuple[int, int, int]) -> nn.Sequential:
    """Return the torch network, in inference mode, with the values of a byheart network."""
    height, width, channels = input_shape
    if isinstance(network, MLPNetwork):
        layers = network.layers
        result = mlp(
            height * width * channels, [layer.bias.shape[0] for layer in layers[:-1]], layers[-1].bias.shape[0]
        )
        values = [value for layer in layers for value in (np.asarray(layer.weight).T, layer.bias)]
    elif isinstance(network, CNNNetwork):
        result = cnn(network.architecture, height, channels, network.output.bias.shape[0])
        weights = [np.asarray(layer.kernel).transpose(3, 2, 0, 1) for layer in network.convolutions] + list(
            network.weights
        )
        values = []
        for weight, norm in zip(weights, network.norms, strict=True):
            values += [weight, norm.scale, norm.shift, norm.running.mean, norm.running.variance, np.zeros(())]
        values += [np.asarray(network.output.weight).T, network.output.bias]
    else:
        raise TypeError(f"There is no torch twin of {type(network).__name__}.")
    names = result.state_dict()
    given = {
        name: torch.tensor(np.array(value)).to(old.dtype)
        for (name, old), value in zip(names.items(), values, strict=True)
    }
    result.load_state_dict(given)
    return result.eval().requires_grad_(False)


def channels_first(images: np.ndarray) -> torch.Tensor:
    """Return (example, channel, height, width) from (example, height, width, channel)."""
    return torch.tensor(np.ascontiguousarray(np.asarray(images).transpose(0, 3, 1, 2)))


def channels_last(images: torch.Tensor | np.ndarray) -> np.ndarray:
    """Return (example, height, width, channel) from (example, channel, height, width)."""
    return np.ascontiguousarray(np.asarray(images).transpose(0, 2, 3, 1))
