"""The losses that are differentiated through a training run: one or more numbers of the network at each step."""

import dataclasses
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Float, Int

from byheart import checks, literals
from byheart.unrolling.training_run import Examples, TrainingRun

Numbers = TypeVar("Numbers", Array, npt.NDArray[Any])
"""Arrays of JAX or of NumPy."""


@runtime_checkable
class RunLosses(Protocol):
    """A frozen value that computes one or more losses of the model at a step; equal values share a compiled program."""

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " scalar"]:
        """Return the losses, as an array (scalar,).

        Args:
            run: the training run; `run.loss` is the loss of the model as it is measured.
            model: the model at the step.
            examples: all training examples.
            indices: the examples that the next update will see.
        """

    def __hash__(self) -> int:
        """Hash of the value, which is the key of its compiled program."""


@literals.register
@dataclasses.dataclass(frozen=True)
class WholeSetLoss:
    """The mean loss of all training examples: one number."""

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, "1"]:
        """Return the mean loss."""
        del indices
        return run.loss(model, examples.inputs, examples.targets).mean(keepdims=True)


@literals.register
@dataclasses.dataclass(frozen=True)
class MinibatchLoss:
    """The mean loss of the minibatch that the next update sees, before it: one number."""

    looks_at_next_minibatch: ClassVar[bool] = True

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, "1"]:
        """Return the mean loss of the examples at `indices`."""
        return MinibatchLosses()(run, model, examples, indices).mean(keepdims=True)


@dataclasses.dataclass(frozen=True)
class MinibatchLosses:
    """The loss of each example of the minibatch that the next update sees: as many numbers as it has examples."""

    looks_at_next_minibatch: ClassVar[bool] = True

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " batch"]:
        """Return the losses of the examples at `indices`."""
        batch = examples.take(indices)
        return run.loss(model, batch.inputs, batch.targets)

    def class_rows(
        self, rows: Float[np.ndarray, "*rows batch input_class"], labels: Int[np.ndarray, "*labels batch"]
    ) -> Float[np.ndarray, "*more loss_class input_class"]:
        """Average the rows of a minibatch's losses over the examples of each class; NaN for a class without any."""
        member = np.eye(rows.shape[-1])[labels]
        with np.errstate(invalid="ignore"):
            return np.einsum("...bi,...bj->...ij", member, rows) / member.sum(axis=-2)[..., None]


@dataclasses.dataclass(frozen=True)
class ClassLosses:
    """The mean loss of the training examples of each class: one number a class; 0 for a class without examples."""

    n_classes: int

    def __post_init__(self) -> None:
        checks.fields(self, n_classes=checks.count)

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " class"]:
        """Return the mean loss of each class."""
        del indices
        losses = run.loss(model, examples.inputs, examples.targets)
        return class_means(losses, class_members(examples.targets, self.n_classes))

    def class_rows(
        self, rows: Float[np.ndarray, "*rows loss_class input_class"], labels: Int[np.ndarray, "*labels batch"]
    ) -> Float[np.ndarray, "*more loss_class input_class"]:
        """Return `rows`: there is one loss for each class already."""
        del labels
        return rows


def class_means(values: Numbers, member: Numbers) -> Numbers:
    """Average values over the examples of each class; 0 for a class without examples.

    Args:
        values: (..., example).
        member: (example, class), 1 where an example is of a class, 0 elsewhere.

    Returns:
        (..., class).
    """
    return (values @ member) / member.sum(axis=0).clip(1)


def class_members(targets: Array, n_classes: int) -> Float[Array, "example class"]:
    """Return 1 where an example is of a class, 0 elsewhere; soft targets count for their most probable class."""
    labels = targets if targets.ndim == 1 else targets.argmax(axis=1)
    return jax.nn.one_hot(labels, n_classes)
