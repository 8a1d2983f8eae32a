"""Dropout (Srivastava et al., 2014) of hidden units and of inputs."""

import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

from byheart import checks, literals
from byheart.inputs import Inputs
from byheart.networks.network import HiddenLayer
from byheart.training.regularizer import Regularizer, Strength

LARGEST = 0.99
"""Largest rate; a rate of 1 would drop everything."""


@literals.register
@dataclasses.dataclass(frozen=True)
class Dropout(Regularizer):
    """Sets each activation of a hidden layer to 0 with probability `rate`, and divides it by 1 - `rate` otherwise.

    Attributes:
        rate: from 0 to 0.99; the paper uses 0 to 0.9.
        of_maps: whether activations of convolutions are dropped, too, each number independently; otherwise only those
            of dense layers are.
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
        """Return the activations of the layer after dropout."""
        return dropped(activations, strength, key) if layer.is_dense or self.of_maps else activations


@literals.register
@dataclasses.dataclass(frozen=True)
class InputDropout(Regularizer):
    """Sets each number of an input to 0 with probability `rate`, and divides it by 1 - `rate` otherwise.

    The channels of a pixel are dropped independently. Features of vectors are set to their mean, and otherwise their
    distance from it is divided by 1 - `rate`.

    Attributes:
        rate: from 0 to 0.99; the paper uses 0 to 0.9.
    """

    rate: float = 0.2

    name: ClassVar[str] = "input_dropout"

    def __post_init__(self) -> None:
        checks.fields(self, rate=checked_rate)

    def inputs(self, inputs: Inputs, strength: Strength, key: Key[Array, ""]) -> Inputs:
        """Return the inputs after dropout."""
        return dropped(inputs, strength, key)


def dropped(x: Float[Array, "..."], rate: Strength, key: Key[Array, ""]) -> Float[Array, "..."]:
    """Set each number to 0 with probability `rate` and divide it by 1 - `rate` otherwise, which keeps the mean."""
    return jnp.where(is_dropped(key, rate, x.shape), 0.0, x / (1 - rate))


def checked_rate(name: str, value: Any) -> float:
    """Return `value` if it is a rate from 0 to `LARGEST`; raise `BadInput` otherwise."""
    rate = checks.not_negative(name, value)
    if rate > LARGEST:
        raise checks.BadInput(f"`{name}` must be at most {LARGEST}; got {rate!r}.")
    return rate


LEVELS = 2**16
"""Number of levels that a rate is rounded to: 16 random bits decide on each number."""


def is_dropped(key: Key[Array, ""], rate: Float[Array, ""], shape: tuple[int, ...]) -> Bool[Array, "..."]:
    """Return True with probability `rate`, rounded to a 65,536th, for each number of `shape` independently."""
    threshold = jnp.round(rate * LEVELS).astype(jnp.uint32)
    return jax.random.bits(key, shape, jnp.uint16).astype(jnp.uint32) < threshold
