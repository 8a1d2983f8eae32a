"""A recipe fixes shapes and code; a member is what may differ inside one compiled program.

A sweep is a grid of (recipe, member); members of one recipe form a population and train as one program.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import optax
from jaxtyping import Array, Float

from byheart import checks
from byheart.networks.network import Architecture
from byheart.training.regularizer import Regularizer


@dataclasses.dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent: v <- momentum * v + gradient; parameters <- parameters - learning_rate * v.

    The learning rate is halved every `halve_every` epochs (None: never). The paper's MLP uses `SGD(0.01)`, its CNN `SGD(0.01, 0.9, 15)`.
    """

    learning_rate: float = 0.01
    momentum: float = 0.0
    halve_every: int | None = None

    def __post_init__(self) -> None:
        checks.fields(self, learning_rate=checks.not_negative, momentum=checks.fraction)
        checks.fields(self, halve_every=checks.optional(checks.count))

    def transformation(
        self, learning_rate: float | Float[Array, ""], steps_per_epoch: int
    ) -> optax.GradientTransformation:
        """The Optax optimizer; `learning_rate` may be traced and stands in for the recipe's own."""
        schedule: optax.ScalarOrSchedule = learning_rate
        if self.halve_every is not None:
            schedule = optax.exponential_decay(
                learning_rate, self.halve_every * steps_per_epoch, decay_rate=0.5, staircase=True
            )
        return optax.sgd(schedule, momentum=self.momentum or None)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How every member of a population is built and trained.

    Attributes:
        architecture: the network, for example `MLP((256, 256))` or `CNN((32, 32))`.
        optimizer: the update rule.
        batch_size: examples in a minibatch. Each epoch shuffles anew and drops the last, incomplete batch.
        epochs: passes over the training data.
        regularizers: kinds of regularizers, which combine, with the strengths of members that have none of their own.
        steps: updates after which training ends, within the last of the `epochs`; None trains to its end.
    """

    architecture: Architecture
    optimizer: SGD = SGD()
    batch_size: int = 32
    epochs: int = 100
    steps: int | None = None
    regularizers: tuple[Regularizer, ...] = ()

    def __post_init__(self) -> None:
        checks.instance("architecture", self.architecture, Architecture, "an architecture, such as MLP((256, 256))")
        checks.instance("optimizer", self.optimizer, SGD, "an SGD, such as SGD(0.01)")
        kept = checks.several("regularizers", self.regularizers, Regularizer, "regularizers, such as Dropout()")
        object.__setattr__(self, "regularizers", kept)
        names = [one.name for one in self.regularizers]
        if len(set(names)) < len(names):
            raise checks.BadInput(f"Each regularizer can be used once; got {', '.join(names)}.")
        checks.fields(self, batch_size=checks.count, epochs=checks.count, steps=checks.optional(checks.count))

    def steps_in_last_epoch(self, n_training: int) -> int:
        """Updates of the last epoch.

        >>> from byheart.networks.mlp import MLP
        >>> Recipe(MLP((4,)), batch_size=10, epochs=2, steps=13).steps_in_last_epoch(100)
        3
        """
        in_epoch = n_training // self.batch_size
        return in_epoch if self.steps is None else self.steps - (self.epochs - 1) * in_epoch

    def check(self, image_shape: tuple[int, int, int], n_training: int) -> None:
        """Raises `BadInput` when the recipe cannot train on `n_training` images of that shape."""
        self.architecture.check(image_shape)
        if n_training < self.batch_size:
            raise checks.BadInput(
                f"`batch_size` must be at most the number of training examples, {n_training}; got {self.batch_size}."
            )
        in_epoch = n_training // self.batch_size
        if not 1 <= self.steps_in_last_epoch(n_training) <= in_epoch:
            raise checks.BadInput(
                f"`steps` must end in epoch {self.epochs}, the last one: {(self.epochs - 1) * in_epoch + 1} to "
                f"{self.epochs * in_epoch}; got {self.steps}. `epochs` must be {-(-(self.steps or 0) // in_epoch)} for it."
            )

    def check_measured_epochs(self, epochs: Iterable[int] | None) -> tuple[int, ...]:
        """`epochs` if they ascend from 0 or more to at most `self.epochs`; the last epoch alone if they are None."""
        chosen = (self.epochs,) if epochs is None else checks.each(checks.whole)("measured_epochs", epochs)
        if not chosen or list(chosen) != sorted(set(chosen)) or chosen[0] < 0 or chosen[-1] > self.epochs:
            raise checks.BadInput(
                f"`measured_epochs` must ascend within 0 to {self.epochs}, the number of epochs; got {chosen}."
            )
        return chosen


@dataclasses.dataclass(frozen=True, order=True)
class Member:
    """One network of a population.

    Attributes:
        seed: fixes the initialization and the shuffling.
        rand_x: share of the training inputs replaced by Gaussian noise.
        rand_y: share of the training labels replaced by random ones.
        learning_rate: in place of the recipe's, if given.
        strengths: of the recipe's regularizers, in their order, in place of the recipe's; none keeps those.
    """

    seed: int = 0
    rand_x: float = 0.0
    rand_y: float = 0.0
    learning_rate: float | None = None
    strengths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        checks.fields(self, seed=checks.seed, rand_x=checks.fraction, rand_y=checks.fraction)
        checks.fields(self, learning_rate=checks.optional(checks.not_negative), strengths=checks.each(checks.finite))

    def learning_rate_or(self, default: float) -> float:
        """The member's own learning rate, or `default`."""
        return default if self.learning_rate is None else self.learning_rate

    def strengths_of(self, regularizers: Sequence[Regularizer]) -> tuple[float, ...]:
        """The strength of each of the recipe's regularizers.

        Raises:
            BadInput: not as many strengths as regularizers, or one out of range.
        """
        if not self.strengths:
            return tuple(one.strength for one in regularizers)
        if len(self.strengths) != len(regularizers):
            raise checks.BadInput(
                f"`strengths` must be one for each of the {len(regularizers)} regularizers; got {self.strengths}."
            )
        return tuple(one.with_strength(value).strength for one, value in zip(regularizers, self.strengths, strict=True))


def grid(
    *,
    seed: Iterable[int] = (0,),
    rand_x: Iterable[float] = (0.0,),
    rand_y: Iterable[float] = (0.0,),
    learning_rate: Iterable[float | None] = (None,),
    strengths: Iterable[tuple[float, ...]] = ((),),
) -> list[Member]:
    """All combinations, seed after seed.

    Raises:
        BadInput: a setting that is no sequence, or holds a value that a `Member` cannot have.

    >>> [(one.seed, one.rand_y) for one in grid(seed=range(2), rand_y=[0.0, 0.4])]
    [(0, 0.0), (0, 0.4), (1, 0.0), (1, 0.4)]
    """
    number = checks.each(_as_float)
    rates = checks.each(checks.optional(_as_float))("learning_rate", learning_rate)
    return [
        Member(*values)
        for values in itertools.product(
            checks.each(checks.seed)("seed", seed),
            number("rand_x", rand_x),
            number("rand_y", rand_y),
            rates,
            checks.each(number)("strengths", strengths),
        )
    ]


def _as_float(name: str, value: Any) -> float:
    return float(checks.finite(name, value))
