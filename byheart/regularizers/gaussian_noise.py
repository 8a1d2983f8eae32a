"""Gaussian noise on inputs and on hidden activations, drawn anew at each update."""

import dataclasses
from typing import ClassVar

import jax
from jaxtyping import Array, Float, Key

from byheart import checks, literals
from byheart.inputs import Inputs
from byheart.networks.network import HiddenLayer
from byheart.training.regularizer import Regularizer, Strength


@literals.register
@dataclasses.dataclass(frozen=True)
class InputNoise(Regularizer):
    """Adds independent normal noise to each number of an input, without clipping.

    Attributes:
        sigma: standard deviation, in units of `scale`; the paper uses 0 to 5.
        scale: the unit of sigma, for pixels from 0 to 1. The paper does not state it. 0.25 is about the standard
            deviation of CIFAR-10's pixels, as for standardized images; 1 measures sigma in pixels. For vectors, it is
            in standard deviations of each feature.
    """

    sigma: float = 1.0
    scale: float = 0.25

    name: ClassVar[str] = "input_noise"

    def __post_init__(self) -> None:
        checks.fields(self, sigma=checks.not_negative, scale=checks.positive)

    def inputs(self, inputs: Inputs, strength: Strength, key: Key[Array, ""]) -> Inputs:
        """Return the inputs with noise."""
        return inputs + strength * self.scale * jax.random.normal(key, inputs.shape)


@literals.register
@dataclasses.dataclass(frozen=True)
class HiddenNoise(Regularizer):
    """Adds independent normal noise to each activation of a hidden layer, after its nonlinearity.

    Attributes:
        sigma: standard deviation; the paper uses 0 to 0.3.
        of_maps: whether noise is added to activations of convolutions, too; otherwise only to those of dense layers.
    """

    sigma: float = 0.1
    of_maps: bool = False

    name: ClassVar[str] = "hidden_noise"

    def __post_init__(self) -> None:
        checks.fields(self, sigma=checks.not_negative)
        checks.instance("of_maps", self.of_maps, bool, "True or False")

    def hidden(
        self, activations: Float[Array, "..."], layer: HiddenLayer, strength: Strength, key: Key[Array, ""]
    ) -> Float[Array, "..."]:
        """Return the activations of the layer with noise."""
        if not (layer.is_dense or self.of_maps):
            return activations
        return activations + strength * jax.random.normal(key, activations.shape)
