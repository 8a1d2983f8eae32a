"""Optimizers as values: settings that can be written as text, and the Optax transformation they stand for."""

import dataclasses

import optax
from jaxtyping import Array, Float

from byheart import checks


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
