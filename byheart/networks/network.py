"""The interfaces of a network and of the architecture that it is built from."""

import abc
import dataclasses
from collections.abc import Callable
from typing import Protocol, Self, runtime_checkable

import equinox as eqx
import jax
from jaxtyping import Array, Float, PyTree

from byheart import checks
from byheart.inputs import Inputs, InputShape, Standardizer
from byheart.keys import KeyLike


@dataclasses.dataclass(frozen=True)
class HiddenLayer:
    """The hidden layer that activations come from.

    Attributes:
        index: number of the layer, counted from 0 at the input.
        is_dense: whether its activations are (batch, unit), in any order of axes; otherwise they are feature maps.
    """

    index: int
    is_dense: bool


Hidden = Callable[[Array, HiddenLayer], Array]
"""A function applied in training to the activations of a hidden layer after its nonlinearity, number by number."""


def untouched(activations: Array, layer: HiddenLayer) -> Array:
    """Return the activations unchanged."""
    del layer
    return activations


class Network(eqx.Module):
    """A classifier of images or vectors.

    All its arrays outside an `Untrained` part, such as `RunningStatistics`, or a `Standardizer` are its parameters.

    Calling it is inference: the logits of an input do not depend on its batch. Training mode sees the batch as a whole
    and may update running statistics.
    """

    @abc.abstractmethod
    def __call__(self, inputs: Inputs) -> Float[Array, "batch class"]:
        """Return the logits in inference mode, which uses running statistics and nothing random."""

    @abc.abstractmethod
    def in_training(self, inputs: Inputs, hidden: Hidden = untouched) -> tuple[Float[Array, "batch class"], Self]:
        """Return the logits in training mode, and the network with its running statistics updated.

        Args:
            inputs: a minibatch.
            hidden: applied to each hidden layer's activations; its result replaces them. Regularizers hook in here.
        """

    def standardized(self, standardizer: Standardizer) -> Self:
        """Return the network before training on vectors with these means and standard deviations.

        By default it is the network itself. A network that standardizes its inputs, as an MLP does, keeps the numbers.
        """
        del standardizer
        return self


class Untrained(eqx.Module):
    """A part of a network whose arrays are state, not parameters: optimizers do not change them."""


class RunningStatistics(Untrained):
    """Running averages of a layer's activations: state, not parameters, so optimizers do not change them.

    Attributes:
        mean: (channel,), in units of the activations.
        variance: (channel,), in squared units of the activations.
    """

    mean: Float[Array, " channel"]
    variance: Float[Array, " channel"]


@runtime_checkable
class Architecture(Protocol):
    """A value from which a network is built; its `repr` can be pasted back."""

    @property
    def width(self) -> int:
        """Number of units of the first hidden layer, or channels of the first convolution; 0 if there is none."""

    @property
    def depth(self) -> int:
        """Number of hidden layers, or of convolutions."""

    def resized(self, width: int | None, depth: int | None) -> Self:
        """Return the same architecture with `depth` layers of `width`; None keeps the present value."""

    def check(self, input_shape: InputShape) -> None:
        """Raise `BadInput` if inputs of this shape do not fit: (height, width, channel), or (feature,) of vectors."""

    def build(self, input_shape: InputShape, n_classes: int, key: KeyLike) -> Network:
        """Return a freshly initialized network."""


@runtime_checkable
class HasOwnLogits(Protocol):
    """An architecture whose number of logits does not follow the data, such as that of a torch module."""

    def n_logits(self, input_shape: InputShape) -> int:
        """Return the number of logits for inputs of a shape."""


def equal_sizes(sizes: tuple[int, ...], width: int | None, depth: int | None) -> tuple[int, ...]:
    """Return sizes of layers after a change of `width` (all equal), `depth` (the last one repeated, or cut), or both.

    >>> equal_sizes((32, 64), None, 3), equal_sizes((32, 64), 8, None)
    ((32, 64, 64), (8, 8))
    """
    n_layers = len(sizes) if depth is None else checks.count("depth", depth, at_least=0)
    if width is not None:
        return (checks.count("width", width),) * n_layers
    if n_layers > len(sizes) == 0:
        raise checks.BadInput("`width` must be given, since there is no layer whose width could be repeated.")
    return (*sizes, *sizes[-1:] * n_layers)[:n_layers]


def is_trainable(network: Network) -> PyTree[bool]:
    """Return a tree like `network`: True at its parameters, False at running statistics and standardizers."""

    def is_statistics(node: object) -> bool:
        return isinstance(node, Untrained | Standardizer)

    def mark(node: object) -> object:
        return jax.tree.map(lambda leaf: not is_statistics(node) and eqx.is_inexact_array(leaf), node)

    return jax.tree.map(mark, network, is_leaf=is_statistics)


def n_parameters(network: Network) -> int:
    """Return the number of trainable parameters.

    Raises:
        BadInput: not a network.
    """
    checks.instance("network", network, Network, "a Network, as `MLP((256, 256)).build(...)` makes one")
    return sum(leaf.size for leaf in jax.tree.leaves(eqx.filter(network, is_trainable(network))))


Predict = Callable[[Inputs], Float[Array, "batch class"]]
"""A network in inference mode, or any other function from a batch of inputs to logits."""
