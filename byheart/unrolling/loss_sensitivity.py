"""Loss sensitivity: how much each training input moved the loss through the training run (section 3.2 of the paper).

    g_x^t = ||dL_t / dx||_1,        g-bar_x = the mean of g_x^t over steps t up to T,

where L_t is the loss after t updates and the derivative goes through all of these updates. Other libraries use the name
for the gradient of the trained network's loss with respect to its input, which is the direct path alone.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from byheart import checks, literals
from byheart.sweeps.layout import Layout
from byheart.sweeps.results import NEVER
from byheart.unrolling.gradients import Unroll, unrolled_gradients
from byheart.unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, WholeSetLoss, class_means
from byheart.unrolling.training_run import Examples, TrainingRun

NORMS = (1, 2, math.inf)
"""Orders of the norms over an input."""


class NotFinite(ArithmeticError):
    """Raised for a sensitivity that is not known, because an adjoint stopped being finite on its way back."""


@dataclasses.dataclass(frozen=True)
class LossSensitivity:
    """Loss sensitivities of all training examples at several steps.

    Attributes:
        steps: (step,), numbers of updates done.
        at_step: (step, example), g_x^t in nats per unit of input.
        not_finite_at: (step,), the update at which the adjoint of L_t, pulled back, stopped being finite; -1 if it
            stayed finite.
    """

    steps: Int[np.ndarray, " step"]
    at_step: Float[np.ndarray, "step example"]
    not_finite_at: Int[np.ndarray, " step"]

    @property
    def mean(self) -> Float[np.ndarray, " example"]:
        """The mean over steps, g-bar_x, (example,).

        Raises:
            NotFinite: the sensitivity is not known at some step.
        """
        lost = np.flatnonzero(~np.isfinite(self.at_step).all(axis=1))
        if lost.size:
            step, update = self.steps[lost[0]], self.not_finite_at[lost[0]]
            raise NotFinite(
                f"The loss after {step:,} updates has no finite sensitivity: its adjoint, taken backwards, stopped "
                f"being finite at update {update:,} ({lost.size} of {self.steps.size} steps are lost). Long runs with "
                "a large learning rate are chaotic; take earlier steps, a smaller learning rate, or double precision. "
                "With Adam, give the optimizer `eps_root=1e-8`."
            )
        return self.at_step.mean(axis=0)


@literals.register
@dataclasses.dataclass(frozen=True)
class LastSteps:
    """Every `every`-th step of the `n` steps before T: T - n, T - n + every, ..., below T."""

    n: int = 500
    every: int = 2

    def __post_init__(self) -> None:
        checks.fields(self, n=checks.count, every=checks.count)

    def steps(self, horizon: int) -> range:
        """Return the steps for T = `horizon`; none lies before 0.

        >>> list(LastSteps(6, every=2).steps(100))
        [94, 96, 98]
        """
        first = horizon - self.n
        return range(first if first >= 0 else first % self.every, horizon, self.every)


@literals.register
@dataclasses.dataclass(frozen=True)
class AllSteps:
    """Every `every`-th step up to T: every, 2 every, ..., T."""

    every: int = 1

    def __post_init__(self) -> None:
        checks.fields(self, every=checks.count)

    def steps(self, horizon: int) -> range:
        """Return the steps for T = `horizon`.

        >>> list(AllSteps(every=25).steps(100))
        [25, 50, 75, 100]
        """
        return range(self.every, horizon + 1, self.every)


@runtime_checkable
class Window(Protocol):
    """A frozen value: the steps of a run over which sensitivities are averaged."""

    def steps(self, horizon: int) -> Sequence[int]:
        """Return the steps for a run of `horizon` updates, ascending, from 0 to `horizon`."""


def loss_sensitivity_at_step(
    run: TrainingRun,
    steps: Sequence[int],
    loss: WholeSetLoss | MinibatchLoss = WholeSetLoss(),
    *,
    norm: float = 1,
    direct_path: bool = False,
    unroll: Unroll = Unroll(),
    layout: Layout = Layout(),
) -> LossSensitivity:
    """Return g_x^t = ||dL_t/dx|| of every training example x at every step t of `steps`.

    Args:
        run: the training run.
        steps: numbers of updates done, 0 to T.
        loss: L_t, the mean loss of the whole training set, or of the minibatch that the next update sees.
        norm: order of the norm over an input: 1, 2 or infinity.
        direct_path: whether the path counts on which L_t itself evaluates x. The paper asks for the effect of examples
            trained on before, so by default it does not.
        unroll: memory and blocks.
        layout: devices that share the work.

    Raises:
        BadInput: a step out of range, or another norm.

    Cost: that of `unrolled_gradients` with one loss for each step.
    """
    reduce = _Reduction(checked_norm(norm))
    found = unrolled_gradients(run, steps, loss, direct_path=direct_path, reduce=reduce, unroll=unroll, layout=layout)
    return LossSensitivity(found.steps, found.values[:, 0], found.not_finite_at[:, 0])


def loss_sensitivity(
    run: TrainingRun,
    window: Window = LastSteps(),
    loss: WholeSetLoss | MinibatchLoss = WholeSetLoss(),
    *,
    norm: float = 1,
    direct_path: bool = False,
    unroll: Unroll = Unroll(),
    layout: Layout = Layout(),
) -> Float[np.ndarray, " example"]:
    """Return g-bar_x, (example,): the mean of `loss_sensitivity_at_step` over a window that ends with the run.

    Raises:
        BadInput: the window holds no step, or steps at which `loss` has no minibatch, or another norm.
        NotFinite: the sensitivity is not known at a step of the window; `loss_sensitivity_at_step` returns the others.
    """
    checks.instance("run", run, TrainingRun, "a TrainingRun, as `training_run` and `network_run` make one")
    return loss_sensitivity_at_step(
        run, window.steps(run.n_steps), loss, norm=norm, direct_path=direct_path, unroll=unroll, layout=layout
    ).mean


def class_loss_sensitivity(
    run: TrainingRun,
    steps: Sequence[int],
    n_classes: int,
    loss: ClassLosses | MinibatchLosses | None = None,
    *,
    norm: float = 1,
    direct_path: bool = False,
    unroll: Unroll = Unroll(),
    layout: Layout = Layout(),
) -> Float[np.ndarray, "step loss_class input_class"]:
    """Return g-bar_ij, the mean of ||dL_i/dx|| over the training examples x of class j, for the loss L_i of class i.

    Args:
        run: the training run.
        steps: numbers of updates done, 0 to T.
        n_classes: number of classes.
        loss: None takes `ClassLosses(n_classes)`: L_i is the mean loss of class i. With `MinibatchLosses()` each loss
            of the next minibatch is differentiated alone, and rows are averaged over the examples of a class; a class
            that is not in the minibatch has NaN.
        norm: order of the norm over an input: 1, 2 or infinity.
        direct_path: whether the path counts on which L_i itself evaluates x, which only the diagonal has.
        unroll: memory and blocks.
        layout: devices that share the work.

    Returns:
        (step, loss class, input class), a matrix for each step; NaN at a step with an adjoint that is not finite.

    Raises:
        BadInput: a step out of range, a label that is no class, or another norm.

    Cost: that of `unrolled_gradients` with a loss for each class, or for each example of the minibatch.
    """
    checks.instance("run", run, TrainingRun, "a TrainingRun, as `training_run` and `network_run` make one")
    n_classes = checks.count("n_classes", n_classes)
    scalars = ClassLosses(n_classes) if loss is None else loss
    reduce = _Reduction(checked_norm(norm))
    labels = np.asarray(run.examples.targets)
    labels = labels if labels.ndim == 1 else labels.argmax(axis=1)
    if labels.max() >= n_classes:
        raise checks.BadInput(f"`n_classes` must be more than the largest label, {labels.max()}; got {n_classes}.")
    found = unrolled_gradients(
        run, steps, scalars, direct_path=direct_path, reduce=reduce, unroll=unroll, layout=layout
    )
    is_known = np.isfinite(found.values).all(axis=(1, 2)) & (found.not_finite_at == NEVER).all(axis=1)
    rows = class_means(np.where(is_known[:, None, None], found.values, 0), np.eye(n_classes)[labels])
    following = np.asarray(run.batches)[np.minimum(found.steps, run.n_steps - 1)]
    return np.where(is_known[:, None, None], scalars.class_rows(rows, labels[following]), math.nan)


def checked_norm(norm: Any) -> float:
    """Return `norm` if it is one of `NORMS`; raise `BadInput` otherwise."""
    number = checks.python_number(norm)
    if number not in NORMS:
        raise checks.BadInput(f"`norm` must be 1, 2 or infinity (math.inf); got {checks.shown(norm)}.")
    return number


def input_norm(inputs: Float[Array, "example *input"], order: float) -> Float[Array, " example"]:
    """Return the norm of each example's input, scaled so that squares do not overflow."""
    numbers = jnp.abs(inputs.reshape(inputs.shape[0], -1))
    if order == 1:
        return numbers.sum(axis=1)
    largest = numbers.max(axis=1)
    if order == math.inf:
        return largest
    scale = jnp.where((largest > 0) & jnp.isfinite(largest), largest, 1)
    return scale * jnp.sqrt(jnp.square(numbers / scale[:, None]).sum(axis=1))


@dataclasses.dataclass(frozen=True)
class _Reduction:
    """Keeps of a gradient the norm with respect to each input."""

    norm: float

    def __call__(self, gradient: Examples) -> Float[Array, " example"]:
        return input_norm(gradient.inputs, self.norm)
