"""Losses of logits, one value for each example, for training and for loss sensitivity."""

import dataclasses
import functools
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy.typing as npt
from jaxtyping import Array, Float, Int

from byheart import array_checks, checks, literals
from byheart.jax_settings import usual_settings


def cross_entropy(logits: Float[Array, "batch class"], labels: Int[Array, " batch"]) -> Float[Array, " batch"]:
    """Return -log softmax(logits)[label] of each example, in nats."""
    log_probabilities = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1)[:, 0]


@literals.register
@dataclasses.dataclass(frozen=True)
class CrossEntropy:
    """The cross-entropy -sum_c target_c log softmax(logits)_c of each example, in nats; labels are one-hot targets."""

    def __call__(self, logits: npt.ArrayLike | Array, targets: npt.ArrayLike | Array) -> Float[Array, " batch"]:
        """Return (batch,) losses of logits (batch, class) and targets (batch,) or (batch, class)."""
        logits = array_checks.jax_array("logits", logits, "batch class", "numbers")
        return -(as_distribution(targets, logits) * jax.nn.log_softmax(logits)).sum(axis=1)

    def of_labels(self, logits: Float[Array, "batch class"], labels: Int[Array, " batch"]) -> Float[Array, " batch"]:
        """Return the same for labels, which looks at the label's class alone."""
        return cross_entropy(logits, labels)


@literals.register
@dataclasses.dataclass(frozen=True)
class FlooredCrossEntropy:
    """The bounded loss -log(floor + probability of the target) / number of classes.

    Since it is bounded, gradients fade for examples that are far from learned. It is the loss of the script that a
    co-author of the paper published, with its `floor` of 0.1 and its mean over classes.
    """

    floor: float = 0.1

    def __post_init__(self) -> None:
        checks.fields(self, floor=checks.fraction)

    def __call__(self, logits: npt.ArrayLike | Array, targets: npt.ArrayLike | Array) -> Float[Array, " batch"]:
        """Return (batch,) losses of logits (batch, class) and targets (batch,) or (batch, class)."""
        logits = array_checks.jax_array("logits", logits, "batch class", "numbers")
        probability = (as_distribution(targets, logits) * jax.nn.softmax(logits)).sum(axis=1)
        return -jnp.log(self.floor + probability) / logits.shape[1]


@runtime_checkable
class Loss(Protocol):
    """A frozen value: the loss of each example; equal values share a compiled program.

    It may have a method `of_labels(logits, labels)`, a cheaper way for labels, which training then takes.
    """

    def __call__(self, logits: Any, targets: Any) -> Float[Array, " batch"]:
        """Return (batch,) of logits (batch, class) and targets, labels (batch,) or distributions (batch, class)."""

    def __hash__(self) -> int:
        """Equal values share a compiled program."""


def as_distribution(targets: npt.ArrayLike | Array, logits: Float[Array, "batch class"]) -> Float[Array, "batch class"]:
    """Return labels as one-hot rows, and soft targets, which are floats, unchanged.

    Raises:
        BadInput: not an array of numbers, or not one label or one distribution for each row of logits.
    """
    targets = array_checks.jax_array("targets", targets)
    if targets.shape not in (logits.shape, logits.shape[:1]):
        raise checks.BadInput(
            f"`targets` must be labels, {logits.shape[:1]}, or soft targets, {logits.shape}; "
            f"got the shape {targets.shape}."
        )
    if jnp.issubdtype(targets.dtype, jnp.floating):
        return targets
    return jax.nn.one_hot(targets, logits.shape[1], dtype=logits.dtype)


def check_loss(name: str, value: Any) -> Loss:
    """Return `value`, if it is a loss that takes labels as well as distributions; nothing is computed.

    Raises:
        BadInput: it is not, or does not give one number for each example.
    """
    loss: Loss = literals.check_is_a(name, value, Loss)
    if problem := _problem_of(loss):
        raise checks.BadInput(
            f"`{name}` must give one number for each row of logits (batch, class), from labels (batch,) "
            f"or distributions (batch, class); {checks.shown(value)} {problem}."
        )
    return loss


@functools.lru_cache(maxsize=64)
@usual_settings()
def _problem_of(loss: Loss) -> str:
    logits = jax.ShapeDtypeStruct((2, 3), jnp.float32)
    for targets in (jax.ShapeDtypeStruct((2,), jnp.int32), logits):
        try:
            found = jax.eval_shape(loss, logits, targets)
        except Exception as problem:
            return f"fails for targets of the shape {targets.shape}: {type(problem).__name__}: {problem}"
        if getattr(found, "shape", None) != (2,):
            return f"gives {found} for 2 rows"
    return ""
