"""Optimizers as values: settings that can be written as text, and the Optax transformation that they create."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from byheart import checks, literals, references
from byheart.jax_settings import usual_settings

Rate = float | Float[Array, ""]


@runtime_checkable
class Optimizer(Protocol):
    """An update rule as a frozen value; equal values share a compiled program."""

    @property
    def learning_rate(self) -> float | None:
        """Default learning rate of members; None if the rate is fixed inside the transformation."""

    def transformation(self, learning_rate: Rate, steps_per_epoch: int) -> optax.GradientTransformation:
        """Return the Optax optimizer; `learning_rate` may be traced and replaces the value's own."""

    def __hash__(self) -> int:
        """Return the hash; equal values share a compiled program."""


@literals.register
@dataclasses.dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent: v <- momentum * v + gradient; parameters <- parameters - learning_rate * v.

    The learning rate is halved every `halve_every` epochs (None: never). The paper's MLP uses `SGD(0.01)`; its CNN uses
    `SGD(0.01, 0.9, 15)`.
    """

    learning_rate: float = 0.01
    momentum: float = 0.0
    halve_every: int | None = None

    def __post_init__(self) -> None:
        checks.fields(self, learning_rate=checks.not_negative, momentum=checks.fraction)
        checks.fields(self, halve_every=checks.optional(checks.count))

    def transformation(self, learning_rate: Rate, steps_per_epoch: int) -> optax.GradientTransformation:
        """Return the Optax optimizer; `learning_rate` may be traced and replaces the value's own."""
        schedule: optax.ScalarOrSchedule = learning_rate
        if self.halve_every is not None:
            schedule = optax.exponential_decay(
                learning_rate, self.halve_every * steps_per_epoch, decay_rate=0.5, staircase=True
            )
        return optax.sgd(schedule, momentum=self.momentum or None)


@literals.register
@dataclasses.dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba, 2015): steps along the running mean of gradients, scaled by their running mean square.

    After update t with gradient g: m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, and
    parameters <- parameters - learning_rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t) + eps_root) + eps).

    Attributes:
        learning_rate: default learning rate of members.
        b1: decay rate of the mean of gradients; below 1.
        b2: decay rate of the mean of squared gradients; below 1.
        eps: added to the square root; above 0.
        eps_root: added inside the square root. Must be above 0, for example 1e-8, if training is differentiated
            through: the square root has no derivative at 0, its value for a parameter without a gradient so far.

    Memory: three times the parameters (parameters, m and v) for each member.
    """

    learning_rate: float = 0.001
    b1: float = 0.9
    b2: float = 0.999
    eps: float = 1e-8
    eps_root: float = 0.0

    def __post_init__(self) -> None:
        checks.fields(self, learning_rate=checks.not_negative, b1=_decay, b2=_decay)
        checks.fields(self, eps=checks.positive, eps_root=checks.not_negative)

    def transformation(self, learning_rate: Rate, steps_per_epoch: int) -> optax.GradientTransformation:
        """Return the Optax optimizer; `learning_rate` may be traced and replaces the value's own."""
        del steps_per_epoch
        return optax.adam(learning_rate, self.b1, self.b2, self.eps, self.eps_root)


@literals.register
@dataclasses.dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    In addition to Adam's step, each update subtracts learning_rate * weight_decay * parameter from every parameter,
    biases included. The regularizer `WeightDecay` differs: it adds a penalty on weights alone to the loss.

    Attributes:
        weight_decay: decay coefficient; at least 0.
    """

    weight_decay: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.fields(self, weight_decay=checks.not_negative)

    def transformation(self, learning_rate: Rate, steps_per_epoch: int) -> optax.GradientTransformation:
        """Return the Optax optimizer; `learning_rate` may be traced and replaces the value's own."""
        del steps_per_epoch
        moments = (self.b1, self.b2, self.eps, self.eps_root)
        return optax.adamw(learning_rate, *moments, weight_decay=self.weight_decay)


@literals.register
@dataclasses.dataclass(frozen=True)
class Optax:
    """Any other optimizer of Optax, or one composed of Optax transformations.

    Attributes:
        make: a function of the learning rate that returns an `optax.GradientTransformation`; or its name, such as
            "optax:lion" or "my_module:my_optimizer"; or a transformation itself. A public function of a module is
            kept by its name. A lambda and a transformation have no name: they work in this process, but cannot be
            stored with a run.
        learning_rate: default learning rate of members; None for a transformation, whose rate is fixed inside.
        options: further keyword arguments of `make`, such as {"b1": 0.8}; kept as pairs.

    Raises:
        BadInput: `make` or its result is not an optimizer, or a learning rate is missing or unused.

    >>> Optax(optax.lion, 1e-4, {"b1": 0.8})
    Optax(make='optax:lion', learning_rate=0.0001, options=(('b1', 0.8),))
    """

    make: str | Callable[..., optax.GradientTransformation] | optax.GradientTransformation
    learning_rate: float | None = None
    options: Mapping[str, Any] | tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        checks.fields(self, learning_rate=checks.optional(checks.not_negative), options=_pairs)
        if isinstance(self.make, optax.GradientTransformation):
            if self.learning_rate is not None or self.options:
                raise checks.BadInput(
                    "`learning_rate` and `options` must be left out for a transformation, which has its own inside. "
                    "Give a function of the learning rate, such as Optax(optax.lion, 1e-4)."
                )
            return
        make = references.imported(self.make) if isinstance(self.make, str) else self.make
        if not callable(make):
            raise checks.BadInput(f"`make` must be a function of the learning rate; got {checks.shown(make)}.")
        if self.learning_rate is None:
            raise checks.BadInput("`learning_rate` must be given for a function, such as Optax(optax.lion, 1e-4).")
        object.__setattr__(
            self, "make", self.make if isinstance(self.make, str) else references.public_name(make) or make
        )
        _check_update(self)

    def transformation(self, learning_rate: Rate, steps_per_epoch: int) -> optax.GradientTransformation:
        """Return the Optax optimizer; `learning_rate` may be traced and replaces the value's own."""
        del steps_per_epoch
        if isinstance(self.make, optax.GradientTransformation):
            return self.make
        make = references.imported(self.make) if isinstance(self.make, str) else self.make
        return make(learning_rate, **dict(self.options))

    @property
    def unwritable(self) -> str:
        """Reason why a run with this optimizer cannot be stored; empty if it can be."""
        if isinstance(self.make, str):
            return ""
        return (
            "The optimizer has no name that means the same in another process. Write a function of the learning rate "
            'that makes it into a module, and name that: Optax("my_module:my_optimizer", 0.001).'
        )


def as_optimizer(value: Any) -> Optimizer:
    """Return `value` if it is an `Optimizer`; wrap an `optax.GradientTransformation`.

    Raises:
        BadInput: `value` is neither, or cannot update parameters.
    """
    if isinstance(value, optax.GradientTransformation):
        value = Optax(value)
    optimizer: Optimizer = literals.check_is_a("optimizer", value, Optimizer)
    _check_update(optimizer)
    return optimizer


def rate_of(optimizer: Optimizer) -> float:
    """Return the optimizer's learning rate; NaN if it is fixed inside the transformation."""
    return float("nan") if optimizer.learning_rate is None else optimizer.learning_rate


def _check_update(optimizer: Optimizer) -> None:
    if problem := _problem_of(optimizer):
        raise checks.BadInput(f"`optimizer` {checks.shown(optimizer)} {problem}")


@functools.lru_cache(maxsize=64)
@usual_settings()
def _problem_of(optimizer: Optimizer) -> str:
    """Return why the optimizer cannot update with a traced learning rate; empty if it can. Only shapes are traced."""

    def one_update(rate: Float[Array, ""]) -> Any:
        made = optimizer.transformation(rate, 1)
        if not isinstance(made, optax.GradientTransformation):
            raise checks.BadInput(f"must make an optax.GradientTransformation; got {checks.shown(made)}.")
        parameters = {"weight": jnp.ones((2, 2))}
        return made.update(parameters, made.init(parameters), parameters)

    try:
        jax.eval_shape(one_update, jax.ShapeDtypeStruct((), jnp.float32))
    except checks.BadInput as problem:
        return str(problem)
    except Exception as problem:
        (first, *_) = (*str(problem).splitlines(), "")
        return f"cannot take an update with a traced learning rate: {type(problem).__name__}: {first}"
    return ""


def _pairs(name: str, value: Any) -> tuple[tuple[str, Any], ...]:
    try:
        pairs = tuple(sorted((name, checks.plain(given)) for name, given in dict(value).items()))
        hash(pairs)
        return pairs
    except (TypeError, ValueError):
        raise checks.BadInput(
            f'`{name}` must be arguments by name, such as {{"b1": 0.8}}, with values that do not change; '
            f"got {checks.shown(value)}."
        ) from None


def _decay(name: str, value: Any) -> float:
    """Return `value` if it lies in [0, 1)."""
    number = checks.fraction(name, value)
    if number == 1:
        raise checks.BadInput(f"`{name}` must be below 1; got 1.")
    return number
