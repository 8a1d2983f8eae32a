"""Gaussian noise, added anew at each update, to inputs and to hidden activations."""

import dataclasses
from typing import ClassVar

import jax
from jaxtyping import Array, Float, Key

from byheart import checks, literals
from byheart.networks.network import HiddenLayer
from byheart.training.regularizer import Images, Regularizer, Strength


@literals.register
@dataclasses.dataclass(frozen=True)
class InputNoise(Regularizer):
    """Adds independent normal noise to each number of an image; not clipped.

    Attributes:
        sigma: standard deviation, in units of `scale`; the paper's run from 0 to 5.
        scale: what a sigma of 1 is, where pixels run from 0 to 1. The paper does not say; 0.25 is the standard deviation of CIFAR-10's pixels in round
            numbers, as for standardized images. 1 takes sigma as pixels.
    """

    sigma: float = 1.0
    scale: float = 0.25

    name: ClassVar[str] = "input_noise"

    def __post_init__(self) -> None:
        checks.fields(self, sigma=checks.not_negative, scale=checks.positive)

    def inputs(self, images: Images, strength: Strength, key: Key[Array, ""]) -> Images:
        """Adds noise."""
        return images + strength * self.scale * jax.random.normal(key, images.shape)


@literals.register
@dataclasses.dataclass(frozen=True)
class HiddenNoise(Regularizer):
    """Adds independent normal noise to each activation of a hidden layer, after its nonlinearity.

    Attributes:
        sigma: standard deviation; the paper's run from 0 to 0.3.
        of_maps: whether activations of convolutions get noise, too; otherwise only those of dense layers do.
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
        """Adds noise."""
        if not (layer.is_dense or self.of_maps):
            return activations
        return activations + strength * jax.random.normal(key, activations.shape)
