"""Adversarial training on critical samples, which LASS searches around each minibatch with the present network."""

import dataclasses
import math
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key

from byheart import checks, literals
from byheart.critical.fixed_steps_search import first_crossings
from byheart.critical.lass import LASS
from byheart.critical.radius import Length, Pixels, checked_length, in_search_units
from byheart.inputs import Inputs, over_inputs
from byheart.networks.network import Predict
from byheart.training.regularizer import Regularizer, Strength


@literals.register
@dataclasses.dataclass(frozen=True)
class AdversarialTraining(Regularizer):
    """Replaces each input of a minibatch, with probability `weight`, by a critical sample x_adv; its label y stays.

    So the expected loss of an example with a critical sample is (1 - weight) CE(x, y) + weight CE(x_adv, y), at the
    cost of one training pass, not two. x_adv is the first point of the search, within `radius` of x, that the network
    in inference mode predicts to be of another class than x.

    Attributes:
        weight: from 0 to `largest_weight`; the paper uses 0.2 to 0.7.
        radius: radius of the box around x: `Pixels(0.3)`, `StandardDeviations(0.1)`, or a number, in input units for
            images and standard deviations for vectors.
        search: settings of the search; its `budget` is the number of gradient steps at each update. Without noise, as
            by default, they need no random numbers. Restarts and the global stop are not allowed.
        largest_weight: largest weight of any member. Only this share of a minibatch, which is shuffled, is searched.

    Cost of an update, for that share of the minibatch: a forward and an input-backward pass for each step of the
    search, and one more forward pass.
    """

    weight: float = 0.5
    radius: float | Length = Pixels(0.3)
    search: LASS = LASS(budget=5, noise_scale=0.0)
    largest_weight: float = 1.0

    name: ClassVar[str] = "adversarial_training"

    def __post_init__(self) -> None:
        checks.fields(self, weight=checks.fraction, largest_weight=checks.fraction, radius=checked_length)
        checks.instance("search", self.search, LASS, "a LASS, such as LASS(budget=5, noise_scale=0.0)")
        if self.weight > self.largest_weight:
            raise checks.BadInput(
                f"`weight` must be at most `largest_weight`, {self.largest_weight:g}: no larger share of a minibatch "
                f"is searched; got {self.weight:g}."
            )
        if self.search.restarts or self.search.stop != LASS().stop:
            raise checks.BadInput("`search` must have no restarts and no global stop: each update searches once.")

    def adversarial_inputs(self, predict: Predict, inputs: Inputs, strength: Strength, key: Key[Array, ""]) -> Inputs:
        """Return the inputs, some of them replaced by their critical samples."""
        n = max(1, math.ceil(self.largest_weight * len(inputs)))
        searched = inputs[:n]
        search_key, chance_key = jax.random.split(key)
        radius = in_search_units("radius", self.radius, inputs.shape[1:])
        points, is_found = first_crossings(predict, searched, radius, self.search, search_key)
        is_drawn = jax.random.bernoulli(chance_key, strength * len(inputs) / n, (n,))
        return inputs.at[:n].set(jnp.where(over_inputs(is_found & is_drawn, points), points, searched))
