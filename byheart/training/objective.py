"""The objective that an update minimizes: the mean loss of a minibatch, modified by regularizers."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int, Key

from byheart.inputs import Inputs, Standardizer
from byheart.networks.losses import Loss
from byheart.networks.network import Network, is_trainable
from byheart.training.regularizer import Regularizer, RegularizerChain


class ObjectiveValue(NamedTuple):
    """Objective of one minibatch, before its update.

    Attributes:
        minimized: loss plus all penalties.
        loss: loss without penalties, in its own units (nats for cross-entropy).
        network: the network with updated running statistics.
    """

    minimized: Float[Array, ""]
    loss: Float[Array, ""]
    network: Network


Objective = Callable[[Network, Inputs, Int[Array, " batch"], Int[Array, ""]], ObjectiveValue]


def objective_of(
    loss: Loss,
    regularizers: Sequence[Regularizer],
    strengths: Float[Array, " regularizer"],
    key: Key[Array, ""],
    standardizer: Standardizer | None = None,
) -> Objective:
    """Return the objective of one member: a function of (network, inputs, labels, update number).

    Args:
        loss: a function of logits and targets.
        regularizers: regularizers in the order in which they act.
        strengths: the member's strengths; may be traced.
        key: the member's key, from which the key of each update is derived.
        standardizer: mean and deviation of each feature of training data that are vectors; None for images.
    """

    def plain(network: Network, inputs: Inputs, labels: Int[Array, " batch"], update: Int[Array, ""]) -> ObjectiveValue:
        del update
        logits, updated = network.in_training(inputs)
        value = getattr(loss, "of_labels", loss)(logits, labels).mean()
        return ObjectiveValue(value, value, updated)

    def regularized(
        network: Network, inputs: Inputs, labels: Int[Array, " batch"], update: Int[Array, ""]
    ) -> ObjectiveValue:
        together = RegularizerChain(regularizers, strengths, jax.random.fold_in(key, update), standardizer)
        learned = together.adversarial_inputs(jax.lax.stop_gradient(network), inputs)
        logits, updated = network.in_training(together.inputs(learned), together.hidden)
        targets = together.targets(jax.nn.one_hot(labels, logits.shape[1]))
        value = loss(logits, targets).mean()
        parameters = eqx.filter(network, is_trainable(network))
        return ObjectiveValue(value + together.penalty(parameters), value, updated)

    return regularized if regularizers else plain
