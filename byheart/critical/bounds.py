"""Bounds (low, high) of inputs, in input units: one pair for all channels, or one for each."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from byheart import checks
from byheart.inputs import InputShape, image_shape

Bound = float | tuple[float, ...]
"""One number for all channels, or one for each."""


def checked_bounds(name: str, value: Any) -> tuple[Bound, Bound]:
    """Return `value` as (low, high), after checking that low is below high in every channel.

    Raises:
        BadInput: anything else.

    >>> checked_bounds("bounds", [[0, -1], 1])
    ((0, -1), 1)
    """
    expected = f"`{name}` must be (low, high), each a finite number or one for each channel, low below high"
    try:
        low, high = ((_bound(name, one)) for one in value)
        pairs = list(zip(*_of_equal_length(low, high), strict=True))
    except (TypeError, ValueError):
        raise checks.BadInput(f"{expected}; got {checks.shown(value)}.") from None
    if not pairs or not all(below < above for below, above in pairs):
        raise checks.BadInput(f"{expected}; got {(low, high)}.")
    return low, high


def over_channels(bound: Bound, inputs: Float[Array, "sample *input"]) -> Float[Array, "..."] | float:
    """Reshape `bound` to broadcast over `inputs`, whose last axis is the channel."""
    if not isinstance(bound, tuple):
        return bound
    return jnp.asarray(bound, inputs.dtype).reshape((1,) * (inputs.ndim - 1) + (-1,))


def check_channels(bounds: tuple[Bound, Bound] | None, input_shape: InputShape) -> None:
    """Raise `BadInput` if bounds are given for vectors, or for another number of channels than images have."""
    if bounds is None:
        return
    *_, n_channels = image_shape("A search with `bounds` or `clip_pixels`", input_shape)
    for bound in bounds:
        if isinstance(bound, tuple) and len(bound) != n_channels:
            raise checks.BadInput(f"`bounds` must be numbers, or one for each of {n_channels} channels; got {bounds}.")


def into_box(
    points: Float[Array, "sample *input"],
    center: Float[Array, "sample *input"],
    radius: float | Float[Array, ""] | Float[Array, "sample *one"],
    bounds: tuple[Bound, Bound] | None,
) -> Float[Array, "sample *input"]:
    """Return the nearest points of the boxes within bounds; a number that starts outside the bounds goes no farther."""
    boxed = jnp.clip(points, center - radius, center + radius)
    if bounds is None:
        return boxed
    low, high = (over_channels(bound, center) for bound in bounds)
    return jnp.clip(boxed, jnp.minimum(low, center), jnp.maximum(high, center))


def _bound(name: str, value: Any) -> Bound:
    return (
        checks.finite(name, value)
        if checks.python_number(value) is not None
        else checks.each(checks.finite)(name, value)
    )


def _of_equal_length(low: Bound, high: Bound) -> tuple[tuple[float, ...], tuple[float, ...]]:
    n = max(len(bound) if isinstance(bound, tuple) else 1 for bound in (low, high))
    low, high = (bound if isinstance(bound, tuple) else (bound,) * n for bound in (low, high))
    return low, high
