"""Adversarial training on critical samples, which LASS searches around each minibatch of the network as it stands."""

import dataclasses
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.measures.accuracy import Predict
from byheart.measures.lass import LASS, Pixels, ascent_gradient
from byheart.training.regularizer import Images, Regularizer, Strength


@dataclasses.dataclass(frozen=True)
class AdversarialTraining(Regularizer):
    """The loss of an example for which a critical sample is found is (1 - weight) CE(x, y) + weight CE(x_adv, y); others keep CE(x, y).

    x_adv is the first point on the way of the search, within `radius` of x, that the network in inference mode puts into another class than x.

    Attributes:
        weight: from 0 to 1; the paper's run from 0.2 to 0.7.
        radius: of the box around x, in input units.
        search: its `budget` is the number of gradient steps at each update. Without noise, as here, they cost no random numbers. Restarts and the global stop
            are not for training.

    Cost of an update: another forward and backward pass, and for each step of the search a forward pass and a backward pass for the inputs alone.
    """

    weight: float = 0.5
    radius: float = Pixels(0.3)
    search: LASS = LASS(budget=5, noise_scale=0.0)

    name: ClassVar[str] = "adversarial_training"

    def __post_init__(self) -> None:
        checks.fraction("weight", self.weight)
        checks.positive("radius", self.radius)
        if self.search.restarts or self.search.stop != LASS().stop:
            raise checks.BadInput("`search` must have no restarts and no global stop: each update searches once.")

    def adversaries(
        self, predict: Predict, images: Images, strength: Strength, key: Key[Array, ""]
    ) -> tuple[Images, Float[Array, " batch"]]:
        """The points found, and the weight of each; 0 where none was found."""
        points, is_found = first_crossings(predict, images, self.radius, self.search, key)
        return points, jnp.where(is_found, strength, 0.0)


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
    """(points, whether each is of another class than its image): all images step together, and a point that has crossed stays."""

    def step(state: SearchState, number_and_key: tuple[Int[Array, ""], Key[Array, ""]]) -> tuple[SearchState, None]:
        number, key = number_and_key
        logits, back = jax.vjp(predict, state.points)
        starts = number == 0  # At the images themselves.
        at_images = jnp.where(starts, logits.argmax(axis=1), state.at_images)
        is_found = state.is_found | (logits.argmax(axis=1) != at_images)
        (gradient,) = back(ascent_gradient(logits, at_images))
        noise = jax.random.normal(key, images.shape) if search.noise_scale != 0 else jnp.zeros(images.shape)
        moved = search.step(state.points, gradient, noise, images, radius)
        return SearchState(jnp.where(is_found[:, None, None, None], state.points, moved), is_found, at_images), None

    start = SearchState(images, jnp.zeros(len(images), bool), jnp.zeros(len(images), int))
    steps = jnp.arange(search.budget), jax.random.split(key, search.budget)
    reached, _ = jax.lax.scan(step, start, steps)
    is_found = reached.is_found | (predict(reached.points).argmax(axis=1) != reached.at_images)
    return reached.points, is_found
