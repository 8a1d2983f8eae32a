"""Inputs of networks: images (height, width, channel) in [0, 1], or vectors (feature,) of any real numbers.

A shape tells which they are. Numbers of images share one unit. Features of vectors do not, so lengths are measured in
standard deviations of each feature, by a `Standardizer`.
"""

from collections.abc import Callable
from typing import Any, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from byheart import checks

InputShape = tuple[int, ...]
"""(height, width, channel) of an image, or (feature,) of a vector."""

Inputs = Float[Array, "batch *input"]
"""A batch of images (batch, height, width, channel) or of vectors (batch, feature)."""


def checked_shape(name: str, value: Any) -> InputShape:
    """Return `value` as the shape of an image or of a vector.

    Raises:
        BadInput: anything but three or one whole numbers above 0.

    >>> checked_shape("input_shape", [28, 28, 1])
    (28, 28, 1)
    """
    shape = checks.each(checks.count)(name, value)
    if len(shape) not in (1, 3):
        raise checks.BadInput(f"`{name}` must be (height, width, channels) or (features,); got {shape}.")
    return shape


def are_images(shape: InputShape) -> bool:
    """Return whether inputs of this shape are images; otherwise they are vectors."""
    return len(shape) == 3


def image_shape(what: str, shape: InputShape) -> tuple[int, int, int]:
    """Return height, width and channels of images.

    Args:
        what: the subject of the message, which needs images.
        shape: shape of the inputs.

    Raises:
        BadInput: the inputs are vectors.

    >>> image_shape("CNN()", (20,))
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: CNN() needs images; got vectors of 20 features. If they are flattened images, reshape \
them to (example, height, width, channel).
    """
    if not are_images(shape):
        raise checks.BadInput(
            f"{what} needs images; got vectors of {in_words(shape)}. "
            "If they are flattened images, reshape them to (example, height, width, channel)."
        )
    height, width, channels = shape
    return height, width, channels


def over_inputs(values: Shaped[Array, " batch"], inputs: Shaped[Array, "..."]) -> Shaped[Array, "batch *one"]:
    """Reshape one value for each input to broadcast over inputs that have as many axes as `inputs`."""
    return values.reshape(-1, *[1] * (inputs.ndim - 1))


def in_words(shape: InputShape) -> str:
    """Return the size of an input for people.

    >>> in_words((28, 28, 1)), in_words((20,)), in_words((1,))
    ('28 x 28 x 1', '20 features', '1 feature')
    """
    if are_images(shape):
        return " x ".join(map(str, shape))
    return f"{shape[0]:,} feature{'s' if shape[0] > 1 else ''}"


class Standardizer(eqx.Module):
    """The mean and standard deviation of each feature of vectors, usually those of the training data.

    Calling it standardizes vectors: z = (x - mean) / deviation. `undo` is the inverse. A feature without spread is 0
    after standardization, whatever its value, and its mean after `undo`.

    Attributes:
        mean: (feature,), in units of the features.
        deviation: (feature,), in units of the features; 0 for a constant feature.
    """

    mean: Float[Array, " feature"]
    deviation: Float[Array, " feature"]

    @classmethod
    def none(cls, n_features: int) -> Self:
        """Return the standardizer that changes nothing."""
        return cls(jnp.zeros(n_features), jnp.ones(n_features))

    @classmethod
    def none_for(cls, input_shape: InputShape) -> "Standardizer | None":
        """Return the standardizer that changes nothing for vectors; None for images, which have none."""
        return None if are_images(input_shape) else cls.none(*input_shape)

    def __call__(self, vectors: Inputs) -> Inputs:
        """Return standardized vectors, (batch, feature)."""
        return (vectors - self.mean) * self.slope

    @property
    def slope(self) -> Float[Array, " feature"]:
        """(feature,), 1 / deviation; 0 for a constant feature."""
        has_spread = self.deviation > 0
        return jnp.where(has_spread, 1 / jnp.where(has_spread, self.deviation, 1), 0)

    def undo(self, standardized: Inputs) -> Inputs:
        """Return vectors in units of the features, (batch, feature)."""
        return self.mean + self.deviation * standardized

    def moved(self, vectors: Inputs, standardized: Inputs) -> Inputs:
        """Return `vectors` after they were moved to `standardized`; numbers that did not move are equal bit by bit."""
        return vectors + self.deviation * (standardized - self(vectors))


class InStandardUnits(eqx.Module):
    """A network, or any function of vectors, as a function of standardized vectors."""

    function: Callable[[Inputs], Float[Array, "batch class"]]
    standardizer: Standardizer

    def __call__(self, standardized: Inputs) -> Float[Array, "batch class"]:
        """Return what the function returns for the vectors."""
        return self.function(self.standardizer.undo(standardized))
