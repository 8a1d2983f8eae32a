"""How much memory a population needs: the stated estimate by which large ones are split into chunks."""

import functools
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from byheart.data.member_view import TracedView
from byheart.sweeps.layout import Layout
from byheart.training.epoch import TracedMember, initial_state
from byheart.training.recipe import Recipe

COPIES_OF_STATE = 3
"""A member's state is held as it was, as it becomes, and once more while it is measured or moved."""


def bytes_for(
    recipe: Recipe, image_shape: tuple[int, int, int], n_classes: int, layout: Layout, members_on_device: int
) -> int:
    """Bytes on one device for so many members of `recipe` there, without the data, which all share.

    Every member holds `COPIES_OF_STATE` of its parameters, running statistics and optimizer state. Each of those at work at the same
    time (`Layout.members_at_once`) needs, besides, a gradient, and twice all intermediate results of the forward pass on a minibatch.
    """
    held, at_work = _bytes_of_member(recipe, image_shape, n_classes)
    return members_on_device * held + layout.members_at_once(members_on_device) * at_work


@functools.cache
def _bytes_of_member(recipe: Recipe, image_shape: tuple[int, int, int], n_classes: int) -> tuple[int, int]:
    """What a member holds, and what it needs besides while it is at work."""
    member = TracedMember(jnp.array(0), TracedView(), jnp.array(0.0), jnp.zeros(len(recipe.regularizers)))
    state = jax.eval_shape(lambda: initial_state(recipe, member, image_shape, n_classes))
    images = jax.ShapeDtypeStruct((recipe.batch_size, *image_shape), jnp.float32)
    intermediates = _bytes_of_intermediates(lambda network, x: network.in_training(x), state.network, images)
    return COPIES_OF_STATE * bytes_of(state), bytes_of(state.network) + 2 * intermediates


def bytes_of(tree: PyTree) -> int:
    """Of all arrays in a tree, or of their shapes."""
    return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))


def _bytes_of_intermediates(function: Callable[..., PyTree], *arguments: PyTree) -> int:
    program = jax.make_jaxpr(function)(*arguments)
    return sum(bytes_of([variable.aval for variable in equation.outvars]) for equation in program.eqns)
