"""Measures of a whole training run, made of derivatives through it."""

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
from byheart.unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, RunLosses, WholeSetLoss
from byheart.unrolling.training_run import Examples

LOST_AT = f"update at which an adjoint, taken backwards, stopped being finite; {NEVER}: none did"


@dataclasses.dataclass(frozen=True)
class RunGradients:
    """What was found of one run.

    Attributes:
        kept: (step, scalar, ...), what the measure kept of each number's gradient.
        not_finite_at: (step, scalar), the update at which a number's adjoint, taken backwards, stopped being finite; -1: it did not.
        batch_labels: (step, batch), of the minibatch that follows each step.
    """

    kept: Float[np.ndarray, "step scalar *kept"]
    not_finite_at: Int[np.ndarray, "step scalar"]
    batch_labels: Int[np.ndarray, "step batch"]

    def at(self, chosen: np.ndarray) -> "RunGradients":
        """At some of the steps."""
        return RunGradients(self.kept[chosen], self.not_finite_at[chosen], self.batch_labels[chosen])

    @property
    def lost_at(self) -> int:
        """The update at which the first adjoint, by step, stopped being finite; `NEVER` if all stayed finite.

        Where the adjoint itself is finite to the end, but what is kept of its gradient is not, that is update 0.
        """
        kept = self.kept.reshape(*self.not_finite_at.shape, -1)
        lost = ~np.isfinite(kept).all(axis=2) | (self.not_finite_at != NEVER)
        return max(0, int(self.not_finite_at[lost][0])) if lost.any() else NEVER


@runtime_checkable
class RunMeasure(Protocol):
    """A frozen value whose `repr` says all that determines its numbers."""

    @property
    def steps(self) -> tuple[int, ...]:
        """At which numbers are differentiated."""

    def scalars(self, n_classes: int) -> RunLosses:
        """The numbers."""

    @property
    def with_direct(self) -> bool:
        """Whether it needs the direct gradients, too."""

    def variables(self, n_examples: int, n_classes: int) -> Mapping[str, Variable]:
        """Names of what it gives, each with what it is."""

    def keep(
        self, gradient: Examples, direct: Examples | None, member: Float[Array, "example class"]
    ) -> Float[Array, "..."]:
        """What is kept of one number's gradient through training, and its direct one.

        `member` is 1 where an example is of a class, 0 elsewhere.
        """

    def numbers(self, found: RunGradients) -> dict[str, Any]:
        """A number, or an array of its axes, for each of `variables`."""


@dataclasses.dataclass(frozen=True)
class MeanLossSensitivity:
    """g-bar_x, the mean loss sensitivity of every example over a window of steps that ends at T, for several T and norms.

    Attributes:
        horizons: the T.
        window: which steps before T.
        loss: what L_t is.
        direct_path: whether an example counts where L_t itself looks at it.
    """

    horizons: tuple[int, ...]
    window: Window
    loss: WholeSetLoss | MinibatchLoss
    direct_path: bool = False

    def __post_init__(self) -> None:
        checks.fields(self, horizons=checks.ascending)

    @property
    def with_direct(self) -> bool:
        """On the direct path."""
        return self.direct_path

    @property
    def steps(self) -> tuple[int, ...]:
        """Those of all windows."""
        return tuple(sorted({step for horizon in self.horizons for step in self.window.steps(horizon)}))

    def scalars(self, n_classes: int) -> RunLosses:
        """One number."""
        del n_classes
        return self.loss

    def variables(self, n_examples: int, n_classes: int) -> Mapping[str, Variable]:
        """The sensitivities, and where they were lost."""
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
        """All norms of each input's part."""
        del member
        whole = gradient if direct is None else together(gradient, direct)
        return jnp.stack([input_norm(whole.inputs, order) for order in NORMS])

    def numbers(self, found: RunGradients) -> dict[str, Any]:
        """Means over each window; NaN where one of its adjoints was lost."""
        windows = [found.at(np.isin(self.steps, self.window.steps(horizon))) for horizon in self.horizons]
        lost_at = np.array([window.lost_at for window in windows])
        means = np.stack([window.kept[:, 0].mean(axis=0, dtype=np.float64) for window in windows])
        means[lost_at != NEVER] = math.nan
        return {"loss_sensitivity": means, "sensitivity_lost_at": lost_at}


@dataclasses.dataclass(frozen=True)
class MeanClassSensitivity:
    """How much inputs of class j moved the loss of class i, in the mean over a window of steps that ends at T.

    Given twice: through training alone, and with the direct path, on which an example also counts where the loss itself looks at it; only
    the diagonal does.

    Attributes:
        horizon: T.
        window: which steps before T.
        each_loss: False differentiates the mean loss of each class of the training set; True the loss of each example of the minibatch
            that follows a step, whose absolute derivatives are then averaged over the examples of a class.
    """

    horizon: int
    window: Window
    each_loss: bool = False
    with_direct: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.fields(self, horizon=checks.count)

    @property
    def steps(self) -> tuple[int, ...]:
        """Those of the window."""
        return tuple(self.window.steps(self.horizon))

    def scalars(self, n_classes: int) -> RunLosses:
        """A number for each class, or for each example of a minibatch."""
        return MinibatchLosses() if self.each_loss else ClassLosses(n_classes)

    def variables(self, n_examples: int, n_classes: int) -> Mapping[str, Variable]:
        """The matrices, and where they were lost."""
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
        """The mean over each class of the norm of each input's part, without and with the direct path."""
        whole = gradient if direct is None else together(gradient, direct)
        norms = jnp.stack([input_norm(one.inputs, 1) for one in (gradient, whole)])
        return (norms @ member) / jnp.maximum(member.sum(axis=0), 1)

    def numbers(self, found: RunGradients) -> dict[str, Any]:
        """The mean over steps; with `each_loss`, the row of a class is the mean over its examples in all minibatches."""
        rows = np.moveaxis(found.kept, 2, 0).astype(np.float64)
        matrices = rows.mean(axis=1)
        if self.each_loss:
            member = np.eye(rows.shape[3])[found.batch_labels]
            with np.errstate(invalid="ignore"):
                matrices = np.einsum("sbi,psbj->pij", member, rows) / member.sum(axis=(0, 1))[:, None]
        if found.lost_at != NEVER:
            matrices = np.full_like(matrices, math.nan)
        return {
            "class_sensitivity": matrices[0],
            "class_sensitivity_with_direct_path": matrices[1],
            "class_sensitivity_lost_at": found.lost_at,
        }
