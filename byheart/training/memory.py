"""How much memory a population needs: the stated estimate by which large ones are split into chunks."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from byheart.training.recipe import Recipe
from byheart.training.run import TracedMember, initial_state

COPIES_OF_STATE = 3
"""A member's state is held as it was, as it becomes, and once more while it is measured or moved."""


def bytes_held(recipe: Recipe, member: TracedMember, image_shape: tuple[int, int, int], n_classes: int) -> int:
    """Bytes a member occupies all the time: `COPIES_OF_STATE` of its parameters, running statistics and optimizer state."""
    state = jax.eval_shape(lambda: initial_state(recipe, member, image_shape, n_classes))
    return COPIES_OF_STATE * _bytes(state)


def bytes_at_work(recipe: Recipe, member: TracedMember, image_shape: tuple[int, int, int], n_classes: int) -> int:
    """Bytes a member needs while it takes a step: a gradient, and twice every intermediate result of the forward pass on a minibatch."""
    state = jax.eval_shape(lambda: initial_state(recipe, member, image_shape, n_classes))
    images = jax.ShapeDtypeStruct((recipe.batch_size, *image_shape), jnp.float32)
    return _bytes(state.network) + 2 * _bytes_of_intermediates(lambda net, x: net.in_training(x), state.network, images)


def _bytes(tree: PyTree) -> int:
    return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))


def _bytes_of_intermediates(function: Callable[..., PyTree], *arguments: PyTree) -> int:
    program = jax.make_jaxpr(function)(*arguments)
    return sum(_bytes([variable.aval for variable in equation.outvars]) for equation in program.eqns)
