"""What is differentiated through a training run: losses of the network at a step, one or more numbers each time."""

import dataclasses
from typing import Any, ClassVar, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from byheart import checks, literals
from byheart.unrolling.training_run import Examples, TrainingRun


@runtime_checkable
class RunLosses(Protocol):
    """A frozen value: `scalars(run, model, examples, indices)` gives one or more numbers of the model at a step, as an array (scalar,).

    `examples` are all training examples, `indices` those that the next update will see; `run.loss` is the loss of the model as measured.
    """

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " scalar"]:
        """(scalar,)."""

    def __hash__(self) -> int:
        """Equal values share a compiled program."""


@literals.register
@dataclasses.dataclass(frozen=True)
class WholeSetLoss:
    """The mean loss of all training examples: one number."""

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, "1"]:
        """(1,)."""
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
        """(1,)."""
        return MinibatchLosses()(run, model, examples, indices).mean(keepdims=True)


@dataclasses.dataclass(frozen=True)
class MinibatchLosses:
    """The loss of each example of the minibatch that the next update sees: as many numbers as it has examples."""

    looks_at_next_minibatch: ClassVar[bool] = True

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " batch"]:
        """(batch,)."""
        batch = examples.take(indices)
        return run.loss(model, batch.inputs, batch.targets)


@dataclasses.dataclass(frozen=True)
class ClassLosses:
    """The mean loss of the training examples of each class: one number a class; 0 for a class without examples."""

    n_classes: int

    def __post_init__(self) -> None:
        checks.fields(self, n_classes=checks.count)

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " class"]:
        """(class,)."""
        del indices
        losses = run.loss(model, examples.inputs, examples.targets)
        member = class_members(examples.targets, self.n_classes)
        return (losses @ member) / jnp.maximum(member.sum(axis=0), 1)


def class_members(targets: Array, n_classes: int) -> Float[Array, "example class"]:
    """1 where an example is of a class, 0 elsewhere; soft targets count for their most probable class."""
    labels = targets if targets.ndim == 1 else targets.argmax(axis=1)
    return jax.nn.one_hot(labels, n_classes)
