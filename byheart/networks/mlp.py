"""The multilayer perceptron of section 2 of the paper: ReLU layers of equal or different widths."""

import dataclasses
import itertools
import math
from typing import Self

import jax
from jaxtyping import Array, Float

from byheart import checks, literals
from byheart.inputs import Inputs, InputShape, Standardizer
from byheart.keys import KeyLike, one_key
from byheart.networks.affine import dense, moved, standardized
from byheart.networks.layers import Dense
from byheart.networks.network import Hidden, HiddenLayer, Network, equal_sizes, untouched
from byheart.networks.steps import ReLU, Step


@literals.register
@dataclasses.dataclass(frozen=True)
class MLP:
    """A multilayer perceptron: one hidden ReLU layer for each of `widths`; the paper's is `MLP((4096, 4096))`.

    It takes images as they are. Vectors are standardized first, with the mean and deviation of the training data.
    """

    widths: tuple[int, ...] = (4096, 4096)

    def __post_init__(self) -> None:
        checks.fields(self, widths=checks.each(checks.count))

    @property
    def width(self) -> int:
        """Number of units of the first hidden layer; 0 for a linear classifier."""
        return next(iter(self.widths), 0)

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.widths)

    def resized(self, width: int | None, depth: int | None) -> "MLP":
        """Return the same MLP with `depth` hidden layers of `width` units; None keeps the present value.

        >>> MLP((4096, 4096)).resized(16, 3)
        MLP(widths=(16, 16, 16))
        """
        return MLP(equal_sizes(self.widths, width, depth))

    def check(self, input_shape: InputShape) -> None:
        """Accept inputs of any shape."""

    def build(self, input_shape: InputShape, n_classes: int, key: KeyLike) -> "MLPNetwork":
        """Return a network with Glorot-uniform weights and zero biases."""
        sizes = (math.prod(input_shape), *self.widths, n_classes)
        keys = jax.random.split(one_key(key), len(sizes) - 1)
        layers = [Dense.initialized(*size, key) for size, key in zip(itertools.pairwise(sizes), keys, strict=True)]
        return MLPNetwork(tuple(layers), Standardizer.none_for(input_shape))


class MLPNetwork(Network):
    """A built `MLP`.

    Attributes:
        layers: the dense layers.
        standardizer: applied to vectors before the first layer; before training on data it changes nothing. None for
            a network of images.
    """

    layers: tuple[Dense, ...]
    standardizer: Standardizer | None = None

    def standardized(self, standardizer: Standardizer) -> Self:
        """Return the network with this standardizer."""
        return dataclasses.replace(self, standardizer=standardizer)

    def __call__(self, inputs: Inputs) -> Float[Array, "batch class"]:
        """Return the logits of images, which are flattened, or of vectors, which are standardized."""
        return self.in_training(inputs)[0]

    def in_training(self, inputs: Inputs, hidden: Hidden = untouched) -> tuple[Float[Array, "batch class"], Self]:
        """Return the logits, with `hidden` applied to hidden layers, and the network, which does not change."""
        seen = inputs if self.standardizer is None else self.standardizer(inputs)
        activations = seen.reshape(seen.shape[0], math.prod(seen.shape[1:]))
        for index, layer in enumerate(self.layers[:-1]):
            activations = hidden(jax.nn.relu(layer(activations)), HiddenLayer(index, is_dense=True))
        return self.layers[-1](activations), self

    def steps(self, input_shape: InputShape) -> tuple[Step, ...]:
        """Return the steps of the forward pass, for bounds of its outputs."""
        del input_shape
        first = moved(lambda x: x.reshape(-1)) if self.standardizer is None else standardized(self.standardizer)
        steps: list[Step] = [first]
        for layer in self.layers:
            steps += [dense(layer.weight, layer.bias), ReLU()]
        return tuple(steps[:-1])
