"""Estimated memory of a population, by which large populations are split into chunks."""

import functools
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from byheart.data.member_view import TracedView
from byheart.inputs import InputShape
from byheart.sweeps.layout import Layout
from byheart.training.epoch import TracedMember, initial_state
from byheart.training.recipe import Recipe

COPIES_OF_STATE = 3
"""Copies of a member's state: the old one, the new one, and one more while it is measured or moved."""


def bytes_for(recipe: Recipe, input_shape: InputShape, n_classes: int, layout: Layout, members_on_device: int) -> int:
    """Return the bytes that `members_on_device` members of `recipe` take on one device, without the shared data.

    Every member holds `COPIES_OF_STATE` of its parameters, running statistics and optimizer state. Each of the members
    that run at the same time (`Layout.members_at_once`) also needs a gradient, and twice all intermediate results of
    the forward pass on a minibatch.
    """
    held, at_work = _bytes_of_member(recipe, input_shape, n_classes)
    return members_on_device * held + layout.members_at_once(members_on_device) * at_work


@functools.cache
def _bytes_of_member(recipe: Recipe, input_shape: InputShape, n_classes: int) -> tuple[int, int]:
    """Return the bytes that a member always holds, and the additional bytes while it runs."""
    member = TracedMember(jnp.array(0), TracedView(), jnp.array(0.0), jnp.zeros(len(recipe.regularizers)))
    state = jax.eval_shape(lambda: initial_state(recipe, member, input_shape, n_classes))
    inputs = jax.ShapeDtypeStruct((recipe.batch_size, *input_shape), jnp.float32)
    intermediates = _bytes_of_intermediates(lambda network, x: network.in_training(x), state.network, inputs)
    return COPIES_OF_STATE * bytes_of(state), bytes_of(state.network) + 2 * intermediates


def bytes_of(tree: PyTree) -> int:
    """Return the bytes of all arrays, or shapes of arrays, in a tree."""
    return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))


def _bytes_of_intermediates(function: Callable[..., PyTree], *arguments: PyTree) -> int:
    program = jax.make_jaxpr(function)(*arguments)
    return sum(bytes_of([variable.aval for variable in equation.outvars]) for equation in program.eqns)
