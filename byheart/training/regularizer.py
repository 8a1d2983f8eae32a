"""The base class of regularizers: frozen values with one strength and hooks into the training step.

A new regularizer is a subclass that overrides the hooks it needs (`byheart/regularizers/`).
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import jax
from jaxtyping import Array, Float, Key, PyTree

from byheart.inputs import Inputs, InStandardUnits, Standardizer
from byheart.keys import subkey
from byheart.networks.network import HiddenLayer, Predict

Strength = Float[Array, ""]


@dataclasses.dataclass(frozen=True)
class Regularizer:
    """A change of the training step; networks are measured without it. At strength 0 it changes nothing.

    Hooks see images as they are. Vectors they see standardized, by the mean and deviation of the training data, so that
    lengths mean the same in all features.

    The first field of a subclass is its strength, the default of members. In a population strengths are traced: every
    hook is passed one, and must not use the field.

    Attributes:
        name: name of the strength in results.
    """

    name: ClassVar[str]

    @property
    def strength(self) -> float:
        """Default strength: the first field."""
        return float(getattr(self, dataclasses.fields(self)[0].name))

    def with_strength(self, strength: float) -> Self:
        """Return the same regularizer with another strength.

        Raises:
            BadInput: `strength` is out of range.
        """
        return dataclasses.replace(self, **{dataclasses.fields(self)[0].name: strength})

    def inputs(self, inputs: Inputs, strength: Strength, key: Key[Array, ""]) -> Inputs:
        """Return the inputs of a minibatch that the network is given."""
        del strength, key
        return inputs

    def hidden(
        self, activations: Float[Array, "..."], layer: HiddenLayer, strength: Strength, key: Key[Array, ""]
    ) -> Float[Array, "..."]:
        """Return the activations of a hidden layer that the next layer is given."""
        del layer, strength, key
        return activations

    def targets(self, targets: Float[Array, "batch class"], strength: Strength) -> Float[Array, "batch class"]:
        """Return the target distributions over classes, from the one-hot labels."""
        del strength
        return targets

    def adversarial_inputs(self, predict: Predict, inputs: Inputs, strength: Strength, key: Key[Array, ""]) -> Inputs:
        """Return the inputs to train on, before any `inputs` hook: those of the minibatch, or others with their labels.

        `predict` is the network in inference mode, from such inputs to logits. No gradient flows through the returned
        inputs.
        """
        del predict, strength, key
        return inputs

    def penalty(self, parameters: PyTree, strength: Strength) -> Float[Array, ""] | float:
        """Return the penalty that is added to the loss."""
        del parameters, strength
        return 0.0


@dataclasses.dataclass(frozen=True)
class RegularizerChain:
    """The regularizers of one member at one update, applied in order, each with its own key.

    Attributes:
        regularizers: regularizers in the order in which they act.
        strengths: (regularizer,) the member's strengths.
        key: key of the update.
        standardizer: of vectors; None for images.
    """

    regularizers: Sequence[Regularizer]
    strengths: Float[Array, " regularizer"]
    key: Key[Array, ""]
    standardizer: Standardizer | None = None

    def inputs(self, inputs: Inputs) -> Inputs:
        """Return the inputs that the network is given."""
        seen = self._standardized(inputs)
        for index, one in enumerate(self.regularizers):
            seen = one.inputs(seen, self.strengths[index], subkey(self.key, one.name))
        return self._moved(inputs, seen)

    def hidden(self, activations: Array, layer: HiddenLayer) -> Array:
        """Return the activations that the next layer is given."""
        for index, one in enumerate(self.regularizers):
            key = jax.random.fold_in(subkey(self.key, one.name), layer.index)
            activations = one.hidden(activations, layer, self.strengths[index], key)
        return activations

    def targets(self, targets: Float[Array, "batch class"]) -> Float[Array, "batch class"]:
        """Return the target distributions over classes."""
        for index, one in enumerate(self.regularizers):
            targets = one.targets(targets, self.strengths[index])
        return targets

    def adversarial_inputs(self, predict: Predict, inputs: Inputs) -> Inputs:
        """Return the inputs to train on."""
        seen = self._standardized(inputs)
        predict = predict if self.standardizer is None else InStandardUnits(predict, self.standardizer)
        for index, one in enumerate(self.regularizers):
            seen = one.adversarial_inputs(predict, seen, self.strengths[index], subkey(self.key, one.name))
        return jax.lax.stop_gradient(self._moved(inputs, seen))

    def penalty(self, parameters: PyTree) -> Float[Array, ""] | float:
        """Return the sum of all penalties."""
        return sum(one.penalty(parameters, self.strengths[index]) for index, one in enumerate(self.regularizers))

    def _standardized(self, inputs: Inputs) -> Inputs:
        return inputs if self.standardizer is None else self.standardizer(inputs)

    def _moved(self, inputs: Inputs, seen: Inputs) -> Inputs:
        return seen if self.standardizer is None else self.standardizer.moved(inputs, seen)
