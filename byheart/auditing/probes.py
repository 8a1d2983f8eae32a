"""Probes of an audit: scores of the examples that a network is trained on, and predictions of the others."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from byheart.data.member_view import MemberData
from byheart.data.noisy_dataset import NoisyDataset
from byheart.measures.accuracy import is_correct
from byheart.networks.blocks import block_for, in_blocks
from byheart.networks.network import Predict
from byheart.sweeps.variable import Variable


@dataclasses.dataclass(frozen=True)
class TrainingScores:
    """A probe: margin and loss of each example that the network is trained on.

    The definitions are `margins` and `cross_entropies` of statistics/training_dynamics.py.
    """

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "margin": Variable("logit of the label minus the largest other logit", (("included", None),)),
            "loss": Variable("cross-entropy of the label, in nats", (("included", None),)),
        }
    )

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, " included"]]:
        """Return the margin and the loss of each included example; `key` is not used."""
        del key
        examples = data.training

        def one_block(indices: Int[Array, " block"]) -> Float[Array, "block 2"]:
            inputs, labels = examples.batch(indices)
            logits = network(inputs)
            is_label = jnp.arange(logits.shape[1]) == labels[:, None]
            of_label = jnp.where(is_label, logits, 0).sum(axis=1)
            margin = of_label - jnp.where(is_label, -jnp.inf, logits).max(axis=1)
            return jnp.stack([margin, jax.nn.logsumexp(logits, axis=1) - of_label], axis=1)

        found = in_blocks(one_block, examples.n_examples, block_for(network, examples.input_shape))
        return {"margin": found[:, 0], "loss": found[:, 1]}


@dataclasses.dataclass(frozen=True)
class HeldOutLogProbabilities:
    """A probe: log-probability of each class for the examples that the network is not trained on."""

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {"log_probability": Variable("log-probability of each class, in nats", (("held_out", None), ("class", None)))}
    )

    def __call__(
        self, network: Predict, data: MemberData, key: Key[Array, ""]
    ) -> dict[str, Float[Array, "held_out class"]]:
        """Return (held_out, class): one row for each example that is left out; `key` is not used."""
        del key
        examples = _held_out(data)

        def one_block(indices: Int[Array, " block"]) -> Float[Array, "block class"]:
            return jax.nn.log_softmax(network(examples.batch(indices)[0]), axis=1)

        found = in_blocks(one_block, examples.n_examples, block_for(network, examples.input_shape))
        return {"log_probability": found}


@dataclasses.dataclass(frozen=True)
class HeldOutAccuracy:
    """A probe: share of the examples that the network is not trained on that are predicted as labelled."""

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {"held_out_accuracy": Variable("share of the examples left out of training that are predicted as labelled")}
    )

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, ""]]:
        """Return the accuracy; `key` is not used."""
        del key
        return {"held_out_accuracy": is_correct(network, _held_out(data)).mean()}


def _held_out(data: MemberData) -> NoisyDataset:
    """Return the examples left out of training; all of them in estimates of cost, where none is left out."""
    return data.training if data.held_out is None else data.held_out
