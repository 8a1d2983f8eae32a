"""Networks before training. One program makes them one by one, for all populations of an architecture."""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from byheart.data.member_view import TracedView
from byheart.inputs import InputShape, Standardizer
from byheart.sweeps.layout import compiler_options
from byheart.training.epoch import TracedMember, TrainState, initial_state
from byheart.training.recipe import Recipe

KEPT = 32
"""Number of programs that stay in memory."""


class Starting:
    """Makes the states of members before training.

    Args:
        recipe: of the members; its architecture and optimizer matter.
        input_shape: shape of an input.
        n_classes: number of classes.
        standardizer: means and standard deviations of training data that are vectors; None for images.
    """

    def __init__(
        self, recipe: Recipe, input_shape: InputShape, n_classes: int, standardizer: Standardizer | None
    ) -> None:
        self._program = _program(Recipe(recipe.architecture, recipe.optimizer), input_shape, n_classes)
        self._standardizer = standardizer

    def states(self, seeds: Sequence[int], learning_rates: Sequence[float]) -> TrainState:
        """Return the states of members, stacked, on the host."""
        made = (
            self._program(np.int32(seed), np.float32(rate), self._standardizer)
            for seed, rate in zip(seeds, learning_rates, strict=True)
        )
        return _stacked(made, len(seeds))

    def lowered(self) -> jax.stages.Lowered:
        """Return the program, lowered."""
        return self._program.lower(np.int32(0), np.float32(0), self._standardizer)

    def shapes(self, n_members: int) -> TrainState:
        """Return the shapes of the states of `n_members` members, stacked. Nothing is computed."""
        one = jax.eval_shape(self._program, np.int32(0), np.float32(0), self._standardizer)
        return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((n_members, *leaf.shape), leaf.dtype), one)


@functools.lru_cache(KEPT)
def _program(recipe: Recipe, input_shape: InputShape, n_classes: int) -> jax.stages.Wrapped:

    def made(seed: Int[Array, ""], learning_rate: Float[Array, ""], standardizer: Standardizer | None) -> TrainState:
        member = TracedMember(seed, TracedView(), learning_rate, jnp.zeros(0))
        return initial_state(recipe, member, input_shape, n_classes, standardizer)

    return jax.jit(made, compiler_options=compiler_options())


def _stacked(trees: Any, n: int) -> PyTree:
    """Stack `n` trees of arrays, one after the other, on the host."""
    stacked: PyTree = None
    for place, tree in enumerate(trees):
        here = jax.device_get(tree)
        if stacked is None:
            stacked = jax.tree.map(lambda leaf: np.empty((n, *np.shape(leaf)), np.asarray(leaf).dtype), here)
        jax.tree.map(lambda whole, leaf, at=place: whole.__setitem__(at, leaf), stacked, here)
    return stacked
