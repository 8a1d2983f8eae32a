"""Weight decay as a penalty."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from byheart import checks, literals
from byheart.training.regularizer import Regularizer, Strength


@literals.register
@dataclasses.dataclass(frozen=True)
class WeightDecay(Regularizer):
    """Adds coefficient * (sum of squared weights) to the loss.

    So plain SGD shrinks weights by the factor 2 * learning rate * coefficient at each update. This is the convention of
    the library that the paper used; others halve the penalty, so their coefficient is twice this one. Weights are the
    arrays of at least two axes: no biases, and no scales or shifts of batch norm.

    Attributes:
        coefficient: factor of the penalty; the paper uses 0 to 1.
    """

    coefficient: float = 1e-3

    name: ClassVar[str] = "weight_decay"

    def __post_init__(self) -> None:
        checks.fields(self, coefficient=checks.not_negative)

    def penalty(self, parameters: PyTree, strength: Strength) -> Float[Array, ""]:
        """Return coefficient * sum of squared weights."""
        weights = [leaf for leaf in jax.tree.leaves(parameters) if leaf.ndim >= 2]
        return strength * sum((jnp.square(weight).sum() for weight in weights), jnp.zeros(()))
