"""What an update minimizes: the mean cross-entropy of a minibatch, as regularizers change it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int, Key

from byheart.networks.losses import CrossEntropy, cross_entropy
from byheart.networks.network import Network, is_trainable
from byheart.training.regularizer import AllTogether, Images, Regularizer


class Found(NamedTuple):
    """Of one minibatch, before its update.

    Attributes:
        minimized: the loss and all penalties.
        loss: without penalties, in nats.
        network: with its running statistics updated.
    """

    minimized: Float[Array, ""]
    loss: Float[Array, ""]
    network: Network


Objective = Callable[[Network, Images, Int[Array, " batch"], Int[Array, ""]], Found]


def objective_of(
    regularizers: Sequence[Regularizer], strengths: Float[Array, " regularizer"], key: Key[Array, ""]
) -> Objective:
    """A function of (network, images, labels, number of the update) for one member.

    Args:
        regularizers: in the order in which they act.
        strengths: of the member; may be traced.
        key: of the member, from which each update has its own.
    """

    def plain(network: Network, images: Images, labels: Int[Array, " batch"], update: Int[Array, ""]) -> Found:
        del update
        logits, updated = network.in_training(images)
        loss = cross_entropy(logits, labels).mean()
        return Found(loss, loss, updated)

    def regularized(network: Network, images: Images, labels: Int[Array, " batch"], update: Int[Array, ""]) -> Found:
        together = AllTogether(regularizers, strengths, jax.random.fold_in(key, update))
        learned = together.replaced(jax.lax.stop_gradient(network), images)
        logits, updated = network.in_training(together.inputs(learned), together.hidden)
        targets = together.targets(jax.nn.one_hot(labels, logits.shape[1]))
        loss = CrossEntropy()(logits, targets).mean()
        parameters = eqx.filter(network, is_trainable(network))
        return Found(loss + together.penalty(parameters), loss, updated)

    return regularized if regularizers else plain
