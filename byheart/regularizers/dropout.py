"""Dropout (Srivastava et al., 2014) of hidden units and of inputs."""

import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

from byheart import checks, literals
from byheart.networks.network import HiddenLayer
from byheart.training.regularizer import Images, Regularizer, Strength

LARGEST = 0.99
"""A rate of 1 would leave nothing to learn from."""


@literals.register
@dataclasses.dataclass(frozen=True)
class Dropout(Regularizer):
    """Each activation of a hidden layer is 0 with probability `rate`, and divided by 1 - `rate` otherwise.

    Attributes:
        rate: from 0 to 0.99; the paper's run from 0 to 0.9.
        of_maps: whether activations of convolutions are dropped, too, each number on its own; otherwise only those of dense layers are.
    """

    rate: float = 0.5
    of_maps: bool = False

    name: ClassVar[str] = "dropout"

    def __post_init__(self) -> None:
        checks.fields(self, rate=checked_rate)
        checks.instance("of_maps", self.of_maps, bool, "True or False")

    def hidden(
        self, activations: Float[Array, "..."], layer: HiddenLayer, strength: Strength, key: Key[Array, ""]
    ) -> Float[Array, "..."]:
        """Drops some."""
        return dropped(activations, strength, key) if layer.is_dense or self.of_maps else activations


@literals.register
@dataclasses.dataclass(frozen=True)
class InputDropout(Regularizer):
    """Each number of an image is 0 with probability `rate`, and divided by 1 - `rate` otherwise; the channels of a pixel are dropped independently.

    Attributes:
        rate: from 0 to 0.99; the paper's run from 0 to 0.9.
    """

    rate: float = 0.2

    name: ClassVar[str] = "input_dropout"

    def __post_init__(self) -> None:
        checks.fields(self, rate=checked_rate)

    def inputs(self, images: Images, strength: Strength, key: Key[Array, ""]) -> Images:
        """Drops some."""
        return dropped(images, strength, key)


def dropped(x: Float[Array, "..."], rate: Strength, key: Key[Array, ""]) -> Float[Array, "..."]:
    """0 with probability `rate`, and divided by 1 - `rate` otherwise, so that the mean stays."""
    return jnp.where(is_dropped(key, rate, x.shape), 0.0, x / (1 - rate))


def checked_rate(name: str, value: Any) -> float:
    """`value`, if it is a rate that leaves something."""
    rate = checks.not_negative(name, value)
    if rate > LARGEST:
        raise checks.BadInput(f"`{name}` must be at most {LARGEST}; got {rate!r}.")
    return rate


LEVELS = 2**16


def is_dropped(key: Key[Array, ""], rate: Float[Array, ""], shape: tuple[int, ...]) -> Bool[Array, "..."]:
    """True with probability `rate`, which is rounded to a 65,536th, for each number of `shape` independently."""
    threshold = jnp.round(rate * LEVELS).astype(jnp.uint32)
    return jax.random.bits(key, shape, jnp.uint16).astype(jnp.uint32) < threshold
