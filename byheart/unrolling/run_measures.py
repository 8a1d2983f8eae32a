"""Measures of a whole training run, computed from gradients through it."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from byheart import checks
from byheart.sweeps.results import NEVER
from byheart.sweeps.variable import Variable
from byheart.unrolling.gradients import together
from byheart.unrolling.loss_sensitivity import NORMS, Window, input_norm
from byheart.unrolling.losses import (
    ClassLosses,
    MinibatchLoss,
    MinibatchLosses,
    RunLosses,
    WholeSetLoss,
    class_means,
)
from byheart.unrolling.training_run import Examples

LOST_AT = f"update at which an adjoint, taken backwards, stopped being finite; {NEVER}: none did"


@dataclasses.dataclass(frozen=True)
class RunGradients:
    """The gradients of one run's losses, as a measure keeps them.

    Attributes:
        kept: (step, scalar, ...), the value that the measure kept of each loss's gradient.
        not_finite_at: (step, scalar), the update at which a loss's adjoint, pulled back, stopped being finite; -1 if it
            did not.
        batch_labels: (step, batch), labels of the minibatch that follows each step.
    """

    kept: Float[np.ndarray, "step scalar *kept"]
    not_finite_at: Int[np.ndarray, "step scalar"]
    batch_labels: Int[np.ndarray, "step batch"]

    def at(self, chosen: np.ndarray) -> "RunGradients":
        """Return the gradients at the chosen steps."""
        return RunGradients(self.kept[chosen], self.not_finite_at[chosen], self.batch_labels[chosen])

    @property
    def lost_at(self) -> int:
        """The update at which the first adjoint, by step, stopped being finite; `NEVER` if all stayed finite.

        It is update 0 if the adjoint stayed finite but the value kept of its gradient is not.
        """
        kept = self.kept.reshape(*self.not_finite_at.shape, -1)
        lost = ~np.isfinite(kept).all(axis=2) | (self.not_finite_at != NEVER)
        return max(0, int(self.not_finite_at[lost][0])) if lost.any() else NEVER


@runtime_checkable
class RunMeasure(Protocol):
    """A measure of training runs: a frozen value whose `repr` holds everything that determines its results."""

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps at which losses are differentiated."""

    def scalars(self, n_classes: int) -> RunLosses:
        """Return the losses that are differentiated."""

    @property
    def with_direct(self) -> bool:
        """Whether the measure needs direct gradients, too."""

    def variables(self, n_examples: int, n_classes: int) -> Mapping[str, Variable]:
        """Return the variables of the results, by name."""

    def keep(
        self, gradient: Examples, direct: Examples | None, member: Float[Array, "example class"]
    ) -> Float[Array, "..."]:
        """Return the value that is kept of a loss's gradients.

        Args:
            gradient: the gradient through training.
            direct: the direct gradient; None without `with_direct`.
            member: 1 where an example is of a class, 0 elsewhere.
        """

    def numbers(self, found: RunGradients) -> dict[str, Any]:
        """Return the value of each of `variables`: a number, or an array over its axes."""


@dataclasses.dataclass(frozen=True)
class MeanLossSensitivity:
    """The mean loss sensitivity g-bar_x of every example over a window of steps before T, for several T and norms.

    Attributes:
        horizons: the values of T.
        window: the steps before T.
        loss: the loss L_t.
        direct_path: whether the path counts on which L_t itself evaluates an example.
    """

    horizons: tuple[int, ...]
    window: Window
    loss: WholeSetLoss | MinibatchLoss
    direct_path: bool = False

    def __post_init__(self) -> None:
        checks.fields(self, horizons=checks.ascending)

    @property
    def with_direct(self) -> bool:
        """Whether the direct path counts."""
        return self.direct_path

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of all windows."""
        return tuple(sorted({step for horizon in self.horizons for step in self.window.steps(horizon)}))

    def scalars(self, n_classes: int) -> RunLosses:
        """Return the loss, one number at each step."""
        del n_classes
        return self.loss

    def variables(self, n_examples: int, n_classes: int) -> Mapping[str, Variable]:
        """Return the variables: the sensitivities, and the updates at which they were lost."""
        del n_classes
        horizon = ("horizon", tuple(map(float, self.horizons)))
        norm, example = ("norm", tuple(map(float, NORMS))), ("example", tuple(map(float, range(n_examples))))
        return {
            "loss_sensitivity": Variable("mean loss sensitivity, in nats per unit of input", (horizon, norm, example)),
            "sensitivity_lost_at": Variable(LOST_AT, (horizon,)),
        }

    def keep(
        self, gradient: Examples, direct: Examples | None, member: Float[Array, "example class"]
    ) -> Float[Array, "norm example"]:
        """Return all norms of the gradient with respect to each input."""
        del member
        whole = gradient if direct is None else together(gradient, direct)
        return jnp.stack([input_norm(whole.inputs, order) for order in NORMS])

    def numbers(self, found: RunGradients) -> dict[str, Any]:
        """Return means over each window; NaN for a window with a lost adjoint."""
        windows = [found.at(np.isin(self.steps, self.window.steps(horizon))) for horizon in self.horizons]
        lost_at = np.array([window.lost_at for window in windows])
        means = np.stack([window.kept[:, 0].mean(axis=0, dtype=np.float64) for window in windows])
        means[lost_at != NEVER] = math.nan
        return {"loss_sensitivity": means, "sensitivity_lost_at": lost_at}


@dataclasses.dataclass(frozen=True)
class MeanClassSensitivity:
    """The mean sensitivity of the loss of class i to inputs of class j, over a window of steps that ends at T.

    It is measured twice: through training alone, and with the direct path, on which the loss itself evaluates an
    example; only the diagonal has a direct path.

    Attributes:
        horizon: T.
        window: the steps before T.
        each_loss: False differentiates the mean loss of each class of the training set. True differentiates the loss of
            each example of the minibatch that follows a step, and averages its absolute derivatives over the examples
            of a class.
    """

    horizon: int
    window: Window
    each_loss: bool = False
    with_direct: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.fields(self, horizon=checks.count)

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of the window."""
        return tuple(self.window.steps(self.horizon))

    def scalars(self, n_classes: int) -> RunLosses:
        """Return the losses: one for each class, or one for each example of a minibatch."""
        return MinibatchLosses() if self.each_loss else ClassLosses(n_classes)

    def variables(self, n_examples: int, n_classes: int) -> Mapping[str, Variable]:
        """Return the variables: the matrices, and the update at which they were lost."""
        del n_examples
        classes = tuple(map(float, range(n_classes)))
        axes = (("loss_class", classes), ("input_class", classes))
        text = "sensitivity of the loss of a class to inputs of a class, in nats per unit of input"
        return {
            "class_sensitivity": Variable(f"{text}, through training alone", axes),
            "class_sensitivity_with_direct_path": Variable(f"{text}, with the direct path", axes),
            "class_sensitivity_lost_at": Variable(LOST_AT),
        }

    def keep(
        self, gradient: Examples, direct: Examples | None, member: Float[Array, "example class"]
    ) -> Float[Array, "path class"]:
        """Return the mean norm of the gradient for the inputs of each class, without and with the direct path."""
        whole = gradient if direct is None else together(gradient, direct)
        norms = jnp.stack([input_norm(one.inputs, 1) for one in (gradient, whole)])
        return class_means(norms, member)

    def numbers(self, found: RunGradients) -> dict[str, Any]:
        """Return the means over steps; with `each_loss`, over the examples of a class in all minibatches."""
        rows = np.moveaxis(found.kept, 2, 0).astype(np.float64)
        matrices = rows.mean(axis=1)
        if self.each_loss:
            of_all_batches = rows.reshape(rows.shape[0], -1, rows.shape[3])
            matrices = MinibatchLosses().class_rows(of_all_batches, found.batch_labels.ravel())
        if found.lost_at != NEVER:
            matrices = np.full_like(matrices, math.nan)
        return {
            "class_sensitivity": matrices[0],
            "class_sensitivity_with_direct_path": matrices[1],
            "class_sensitivity_lost_at": found.lost_at,
        }
