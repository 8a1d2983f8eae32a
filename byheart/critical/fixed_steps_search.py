"""A box search in which all samples take the same number of steps together, for use inside a training step."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, Key

from byheart.critical.box_search import has_class
from byheart.critical.lass import LASS
from byheart.inputs import Inputs, over_inputs
from byheart.networks.network import Predict


class FixedStepsState(NamedTuple):
    """The state of the search.

    Attributes:
        points: (batch, *input), the points reached.
        is_crossed: (batch,), whether a point lies in another class than its image; it then stays where it is.
        predicted: (batch,), the classes predicted at the inputs.
    """

    points: Inputs
    is_crossed: Bool[Array, " batch"]
    predicted: Int[Array, " batch"]


def first_crossings(
    predict: Predict, inputs: Inputs, radius: float, search: LASS, key: Key[Array, ""]
) -> tuple[Inputs, Bool[Array, " batch"]]:
    """Search `search.budget` steps around each image; a point that crosses into another class stays.

    Returns:
        The points, and whether each lies in another class than its image.

    Raises:
        BadInput: bounds for vectors, or by channel for images with another number of channels.
    """
    search.check_shape(inputs.shape[1:])

    def step(
        state: FixedStepsState, number_and_key: tuple[Int[Array, ""], Key[Array, ""]]
    ) -> tuple[FixedStepsState, None]:
        number, key = number_and_key
        noise = jnp.zeros_like(inputs)
        if search.noise_scale != 0:
            noise = jax.random.normal(key, inputs.shape, inputs.dtype)
        moved, seen = search.step(
            predict,
            state.points,
            is_start=number == 0,
            predicted=state.predicted,
            noise=noise,
            center=inputs,
            radius=radius,
        )
        is_crossed = state.is_crossed | seen.is_crossed
        points = jnp.where(over_inputs(is_crossed, moved), state.points, moved)
        return FixedStepsState(points, is_crossed, seen.predicted), None

    start = FixedStepsState(inputs, jnp.zeros(len(inputs), bool), jnp.zeros(len(inputs), jnp.int32))
    steps = jnp.arange(search.budget), jax.random.split(key, search.budget)
    last, _ = jax.lax.scan(step, start, steps)
    logits = predict(last.points)
    return last.points, last.is_crossed | (has_class(logits) & (logits.argmax(axis=1) != last.predicted))
