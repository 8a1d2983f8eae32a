"""What training asks of a regularizer: a frozen value with one strength, and places in a training step where it may act.

Adding one is a subclass that overrides the places it needs (`byheart/regularizers/`).
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import jax
from jaxtyping import Array, Float, Key, PyTree

from byheart.keys import subkey
from byheart.networks.network import HiddenLayer, Images, Predict

Strength = Float[Array, ""]


@dataclasses.dataclass(frozen=True)
class Regularizer:
    """Acts in training alone; networks are measured without it. At strength 0 it changes nothing.

    The first field of a subclass is its strength, for members that say nothing else. In a population strengths are traced: every place is
    given one, and must not use the field.

    Attributes:
        name: of its strength in results.
    """

    name: ClassVar[str]

    @property
    def strength(self) -> float:
        """The first field."""
        return float(getattr(self, dataclasses.fields(self)[0].name))

    def with_strength(self, strength: float) -> Self:
        """The same with another strength.

        Raises:
            BadInput: out of range.
        """
        return dataclasses.replace(self, **{dataclasses.fields(self)[0].name: strength})

    def inputs(self, images: Images, strength: Strength, key: Key[Array, ""]) -> Images:
        """The inputs of a minibatch, as the network shall see them."""
        del strength, key
        return images

    def hidden(
        self, activations: Float[Array, "..."], layer: HiddenLayer, strength: Strength, key: Key[Array, ""]
    ) -> Float[Array, "..."]:
        """The activations of a hidden layer, as the next layer shall see them."""
        del layer, strength, key
        return activations

    def targets(self, targets: Float[Array, "batch class"], strength: Strength) -> Float[Array, "batch class"]:
        """The distributions over classes that the network shall predict, from those of the labels."""
        del strength
        return targets

    def adversarial_inputs(self, predict: Predict, images: Images, strength: Strength, key: Key[Array, ""]) -> Images:
        """The images of a minibatch, or others to learn their labels from, before `inputs` of any regularizer.

        `predict` is the network in inference mode, from images to logits; no gradient flows back through what is returned.
        """
        del predict, strength, key
        return images

    def penalty(self, parameters: PyTree, strength: Strength) -> Float[Array, ""] | float:
        """What is added to the loss."""
        del parameters, strength
        return 0.0


@dataclasses.dataclass(frozen=True)
class RegularizerChain:
    """Several regularizers at one update of one member: each in turn, with a key of its own.

    Attributes:
        regularizers: in the order in which they act.
        strengths: (regularizer,) of the member.
        key: of the update.
    """

    regularizers: Sequence[Regularizer]
    strengths: Float[Array, " regularizer"]
    key: Key[Array, ""]

    def inputs(self, images: Images) -> Images:
        """The inputs as the network shall see them."""
        for index, one in enumerate(self.regularizers):
            images = one.inputs(images, self.strengths[index], subkey(self.key, one.name))
        return images

    def hidden(self, activations: Array, layer: HiddenLayer) -> Array:
        """Activations as the next layer shall see them."""
        for index, one in enumerate(self.regularizers):
            key = jax.random.fold_in(subkey(self.key, one.name), layer.index)
            activations = one.hidden(activations, layer, self.strengths[index], key)
        return activations

    def targets(self, targets: Float[Array, "batch class"]) -> Float[Array, "batch class"]:
        """Distributions that the network shall predict."""
        for index, one in enumerate(self.regularizers):
            targets = one.targets(targets, self.strengths[index])
        return targets

    def adversarial_inputs(self, predict: Predict, images: Images) -> Images:
        """The images to learn from."""
        for index, one in enumerate(self.regularizers):
            images = one.adversarial_inputs(predict, images, self.strengths[index], subkey(self.key, one.name))
        return jax.lax.stop_gradient(images)

    def penalty(self, parameters: PyTree) -> Float[Array, ""] | float:
        """The sum of what all add to the loss."""
        return sum(one.penalty(parameters, self.strengths[index]) for index, one in enumerate(self.regularizers))
