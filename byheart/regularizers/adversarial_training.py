"""Adversarial training on critical samples, which LASS searches around each minibatch of the network as it stands."""

import dataclasses
import math
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks, literals
from byheart.critical.lass import LASS, Pixels, ascent_gradient, has_class
from byheart.networks.network import Predict
from byheart.training.regularizer import Images, Regularizer, Strength


@literals.register
@dataclasses.dataclass(frozen=True)
class AdversarialTraining(Regularizer):
    """Each image of a minibatch is replaced, with probability `weight`, by a critical sample x_adv that is found around it, and keeps its label y.

    So the expected loss of an example for which there is one is (1 - weight) CE(x, y) + weight CE(x_adv, y), at the price of one pass that learns, not two.
    x_adv is the first point on the way of the search, within `radius` of x, that the network in inference mode puts into another class than x.

    Attributes:
        weight: from 0 to `largest_weight`; the paper's run from 0.2 to 0.7.
        radius: of the box around x, in input units.
        search: its `budget` is the number of gradient steps at each update. Without noise, as here, they cost no random numbers. Restarts and the global stop
            are not for training.
        largest_weight: of any member. Only this share of a minibatch, which is shuffled, is searched.

    Cost of an update: for each step of the search a forward pass and a backward pass for the inputs, for that share of the minibatch; and a forward pass in the end.
    """

    weight: float = 0.5
    radius: float = Pixels(0.3)
    search: LASS = LASS(budget=5, noise_scale=0.0)
    largest_weight: float = 1.0

    name: ClassVar[str] = "adversarial_training"

    def __post_init__(self) -> None:
        checks.fields(self, weight=checks.fraction, largest_weight=checks.fraction, radius=checks.positive)
        checks.instance("search", self.search, LASS, "a LASS, such as LASS(budget=5, noise_scale=0.0)")
        if self.weight > self.largest_weight:
            raise checks.BadInput(
                f"`weight` must be at most `largest_weight`, {self.largest_weight:g}: more of a minibatch is not searched; got {self.weight:g}."
            )
        if self.search.restarts or self.search.stop != LASS().stop:
            raise checks.BadInput("`search` must have no restarts and no global stop: each update searches once.")

    def replaced(self, predict: Predict, images: Images, strength: Strength, key: Key[Array, ""]) -> Images:
        """The images, some of them replaced by their critical samples."""
        n = max(1, math.ceil(self.largest_weight * len(images)))
        searched = images[:n]
        search_key, chance_key = jax.random.split(key)
        points, is_found = first_crossings(predict, searched, self.radius, self.search, search_key)
        is_drawn = jax.random.bernoulli(chance_key, strength * len(images) / n, (n,))
        return images.at[:n].set(jnp.where((is_found & is_drawn)[:, None, None, None], points, searched))


class SearchState(NamedTuple):
    """How far a search has come.

    Attributes:
        points: where it is.
        is_found: whether it has crossed into another class, and stays.
        at_images: classes of the images.
    """

    points: Images
    is_found: Bool[Array, " batch"]
    at_images: Int[Array, " batch"]


def first_crossings(
    predict: Predict, images: Images, radius: float, search: LASS, key: Key[Array, ""]
) -> tuple[Images, Bool[Array, " batch"]]:
    """(points, whether each is of another class than its image): all images step together, and a point that has crossed stays.

    Raises:
        BadInput: bounds by channel for images with another number of channels.
    """
    search.check_channels(images.shape[-1])

    def crosses(logits: Float[Array, "batch class"], at_images: Int[Array, " batch"]) -> Bool[Array, " batch"]:
        return has_class(logits) & (logits.argmax(axis=1) != at_images)

    def step(state: SearchState, number_and_key: tuple[Int[Array, ""], Key[Array, ""]]) -> tuple[SearchState, None]:
        number, key = number_and_key
        logits, back = jax.vjp(predict, state.points)
        starts = number == 0  # At the images themselves.
        at_images = jnp.where(starts, logits.argmax(axis=1), state.at_images)
        is_found = state.is_found | crosses(logits, at_images)
        (gradient,) = back(ascent_gradient(logits, at_images))
        noise = jnp.zeros_like(images)
        if search.noise_scale != 0:
            noise = jax.random.normal(key, images.shape, images.dtype)
        moved = search.step(state.points, gradient, noise, images, radius)
        return SearchState(jnp.where(is_found[:, None, None, None], state.points, moved), is_found, at_images), None

    start = SearchState(images, jnp.zeros(len(images), bool), jnp.zeros(len(images), int))
    steps = jnp.arange(search.budget), jax.random.split(key, search.budget)
    reached, _ = jax.lax.scan(step, start, steps)
    return reached.points, reached.is_found | crosses(predict(reached.points), reached.at_images)
