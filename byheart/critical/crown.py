"""CROWN: linear lower bounds of margins over a box, propagated backward through the steps of a network.

Bounds of hidden units come from the same propagation, intersected with interval arithmetic. All numbers of this file
are float64. Their own rounding is bounded by `own_rounding` and subtracted, so bounds hold exactly.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from byheart.networks.rounding import FLOAT64, gamma
from byheart.networks.steps import Bounds, PullBack, Step

LARGEST = float(jnp.finfo(jnp.float32).max) / 4
"""Magnitude up to which no sum of the float32 forward pass overflows."""


class RelaxedNetwork(NamedTuple):
    """A network over a box, each step relaxed.

    Attributes:
        box: the inputs.
        pull_backs: of each step.
        outputs: bounds of the logits by intervals, from the bounds of hidden units.
        magnitude: (class,), the sum of absolute values of all terms of a logit.
        rounding: relative to `magnitude`, the rounding of bounds.
        is_finite: whether no sum in the forward pass can overflow.
    """

    box: Bounds
    pull_backs: tuple[PullBack, ...]
    outputs: Bounds
    magnitude: Float[Array, " class"]
    rounding: float
    is_finite: Bool[Array, ""]


class MarginBounds(NamedTuple):
    """Lower bounds of the margins between a class and the others over a box.

    Attributes:
        margin: (class,), bound of f_k - f_j by CROWN and intervals, whichever is higher; infinite for j = k.
        corner: of the shape of an input, the corner of the box where the bound of the smallest margin is attained.
    """

    margin: Float[Array, " class"]
    corner: Float[Array, "*input"]


def relax(steps: Sequence[Step], box: Bounds, unit_block: int | None) -> RelaxedNetwork:
    """Relax each step of a network over a box.

    Args:
        steps: from an input to logits, in float64.
        box: the inputs.
        unit_block: number of hidden units that are bounded at the same time by linear functions. None bounds hidden
            units by intervals alone: wider, and far faster.

    Bounds of hidden units that intervals decide, such as those of a ReLU that is off for certain, are not improved: the
    relaxation does not depend on them.

    Cost: for each open input of a ReLU or of a pooling after the first one, two backward passes through the steps
        before.
    """
    bounds, magnitude, n_terms = box, box.largest, 0
    pull_backs: list[PullBack] = []
    is_exact, is_finite = True, jnp.asarray(True)
    for index, step in enumerate(steps):
        if unit_block is not None and not (step.is_linear or is_exact):
            slack = own_rounding(n_terms, index) * magnitude
            bounds = bounds.within(_bounds_of_units(pull_backs, box, slack, step.is_improved(bounds), unit_block))
        is_exact &= step.is_linear
        n_terms += step.n_terms + 16
        pull_backs.append(step.relaxed(bounds))
        magnitude = step.magnitude(magnitude)
        bounds = step.output_bounds(bounds).widened(own_rounding(n_terms, index + 1) * magnitude)
        is_finite &= magnitude.max() < LARGEST
    return RelaxedNetwork(box, tuple(pull_backs), bounds, magnitude, own_rounding(n_terms, len(steps)), is_finite)


def margins(network: RelaxedNetwork, predicted: Int[Array, ""]) -> MarginBounds:
    """Return lower bounds of the margins f_k - f_j over the box, for k = `predicted`."""
    low, high, n_classes = network.outputs.low, network.outputs.high, network.outputs.low.size
    is_predicted = jnp.arange(n_classes) == predicted
    rows = is_predicted * 1.0 - jnp.eye(n_classes, dtype=low.dtype)
    bound, slope = jax.vmap(lambda row: _lower_bound(network.pull_backs, network.box, row))(rows)
    crown = bound - network.rounding * (network.magnitude[predicted] + network.magnitude)
    interval = (low[predicted] - high) * (1 - jnp.sign(low[predicted] - high) * 4 * FLOAT64)
    margin = jnp.where(is_predicted, jnp.inf, jnp.where(network.is_finite, jnp.maximum(crown, interval), -jnp.inf))
    worst = slope[jnp.where(is_predicted, jnp.inf, crown).argmin()]
    return MarginBounds(margin, jnp.where(worst > 0, network.box.low, network.box.high))


def own_rounding(n_terms: int, n_steps: int) -> float:
    """Return the rounding of a bound in float64, relative to the magnitude of the bounded number.

    A backward pass adds one constant for each step and one for the box. Slopes of relaxations are at most 1 and
    intercepts at most the magnitude of their unit, so each constant is a sum of products whose absolute values add up
    to at most the magnitude. Each went through at most `n_terms` roundings.
    """
    return 2 * (n_steps + 1) * gamma(n_terms, FLOAT64)


def _bounds_of_units(
    pull_backs: Sequence[PullBack],
    box: Bounds,
    slack: Float[Array, "*unit"],
    is_open: Bool[Array, "*unit"],
    unit_block: int,
) -> Bounds:
    """Return bounds of the open outputs of the last of some steps, in blocks; those of others may be infinite."""
    n_units = slack.size
    block = min(unit_block, n_units)
    n_blocks = -(-is_open.sum() // block)
    in_order = jnp.resize(jnp.argsort(~is_open.ravel()), (-(-n_units // block) * block,))

    def of_one(unit: Int[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        row = (jnp.arange(n_units) == unit).astype(slack.dtype).reshape(slack.shape)
        return _lower_bound(pull_backs, box, row)[0], -_lower_bound(pull_backs, box, -row)[0]

    def of_block(index: Int[Array, ""], found: Bounds) -> Bounds:
        units = jax.lax.dynamic_slice_in_dim(in_order, index * block, block)
        low, high = jax.vmap(of_one)(units)
        return Bounds(found.low.at[units].set(low), found.high.at[units].set(high))

    unknown = Bounds(jnp.full(n_units, -jnp.inf, slack.dtype), jnp.full(n_units, jnp.inf, slack.dtype))
    found = jax.lax.fori_loop(0, n_blocks, of_block, unknown)
    # The last block has units that are not open; results must not depend on where blocks end.
    low = jnp.where(is_open, found.low.reshape(slack.shape), -jnp.inf)
    high = jnp.where(is_open, found.high.reshape(slack.shape), jnp.inf)
    return Bounds(low, high).widened(slack)


def _lower_bound(
    pull_backs: Sequence[PullBack], box: Bounds, row: Float[Array, "..."]
) -> tuple[Float[Array, ""], Float[Array, "*input"]]:
    """Return a lower bound over the box of a linear function of outputs, and its slope in the inputs."""
    constant = jnp.zeros((), row.dtype)
    for pull_back in reversed(pull_backs):
        row, added = pull_back(row)
        constant += added
    middle, half = (box.low + box.high) / 2, (box.high - box.low) / 2
    return constant + jnp.sum(row * middle) - jnp.sum(jnp.abs(row) * half), row
