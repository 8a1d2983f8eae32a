"""What byheart asks of a network, and of the architecture it is built from."""

import abc
import dataclasses
from collections.abc import Callable
from typing import Protocol, Self, runtime_checkable

import equinox as eqx
import jax
from jaxtyping import Array, Float, PyTree

from byheart import checks
from byheart.keys import KeyLike


@dataclasses.dataclass(frozen=True)
class HiddenLayer:
    """Which hidden layer activations are of.

    Attributes:
        index: from 0, the one next to the input.
        is_dense: whether its activations are (batch, unit), in any order of axes; otherwise they are maps.
    """

    index: int
    is_dense: bool


Hidden = Callable[[Array, HiddenLayer], Array]
"""A function of the activations of a hidden layer, applied in training after the nonlinearity; it acts on each number alone."""


def untouched(activations: Array, layer: HiddenLayer) -> Array:
    """The activations as they are."""
    del layer
    return activations


class Network(eqx.Module):
    """A classifier of images; its array leaves are its parameters, apart from those inside a `RunningStatistics`.

    Calling it is inference: a function of each image alone. Training sees the batch as a whole and may update running
    statistics.
    """

    @abc.abstractmethod
    def __call__(self, images: Float[Array, "batch height width channel"]) -> Float[Array, "batch class"]:
        """Logits in inference mode: running statistics, nothing random."""

    @abc.abstractmethod
    def in_training(
        self, images: Float[Array, "batch height width channel"], hidden: Hidden = untouched
    ) -> tuple[Float[Array, "batch class"], Self]:
        """Logits in training mode, and the network with its running statistics updated.

        Args:
            images: a minibatch.
            hidden: applied to each hidden layer's activations; its result replaces them. Regularizers act here.
        """


class RunningStatistics(eqx.Module):
    """Running averages that a layer keeps of its activations: state, not parameters, so optimizers leave them alone.

    Attributes:
        mean: (channel,), in units of the activations.
        variance: (channel,), in their square.
    """

    mean: Float[Array, " channel"]
    variance: Float[Array, " channel"]


@runtime_checkable
class Architecture(Protocol):
    """A value that says how a network is built; its `repr` can be pasted back."""

    @property
    def width(self) -> int:
        """Units of the first hidden layer, or channels of the first convolution; 0 where there is none."""

    @property
    def depth(self) -> int:
        """Number of such layers."""

    def resized(self, width: int | None, depth: int | None) -> Self:
        """The same with other numbers of these, all of equal width; None leaves what there is."""

    def check(self, image_shape: tuple[int, int, int]) -> None:
        """Raises `BadInput` when images of (height, width, channel) `image_shape` do not fit."""

    def build(self, image_shape: tuple[int, int, int], n_classes: int, key: KeyLike) -> Network:
        """A freshly initialized network."""


def equal_sizes(sizes: tuple[int, ...], width: int | None, depth: int | None) -> tuple[int, ...]:
    """Sizes of layers after a change of `width` (all alike), of `depth` (the last one repeated, or cut), or of both.

    >>> equal_sizes((32, 64), None, 3), equal_sizes((32, 64), 8, None)
    ((32, 64, 64), (8, 8))
    """
    n_layers = len(sizes) if depth is None else checks.count("depth", depth, at_least=0)
    if width is not None:
        return (checks.count("width", width),) * n_layers
    if n_layers > len(sizes) == 0:
        raise checks.BadInput("`width` must be given where there is no layer whose width could be repeated.")
    return (*sizes, *sizes[-1:] * n_layers)[:n_layers]


def is_trainable(network: Network) -> PyTree[bool]:
    """A tree like `network`: True at its parameters, False at its running statistics."""

    def is_statistics(node: object) -> bool:
        return isinstance(node, RunningStatistics)

    def mark(node: object) -> object:
        return jax.tree.map(lambda leaf: not is_statistics(node) and eqx.is_inexact_array(leaf), node)

    return jax.tree.map(mark, network, is_leaf=is_statistics)


def n_parameters(network: Network) -> int:
    """Number of trainable parameters.

    Raises:
        BadInput: no network.
    """
    checks.instance("network", network, Network, "a Network, as `MLP((256, 256)).build(...)` makes one")
    return sum(leaf.size for leaf in jax.tree.leaves(eqx.filter(network, is_trainable(network))))


Predict = Callable[[Float[Array, "batch height width channel"]], Float[Array, "batch class"]]
"""A network in inference mode, or any other function from a batch of images to logits."""
