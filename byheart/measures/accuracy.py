"""Accuracy on training data, its clean and noisy parts, and validation data."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart.data.member_view import MemberData
from byheart.data.noisy_dataset import NoisyDataset
from byheart.networks.blocks import block_for, in_blocks
from byheart.networks.network import Predict
from byheart.sweeps.variable import Variable


def is_correct(predict: Predict, data: NoisyDataset) -> Bool[Array, " example"]:
    """Return (example,): whether the largest logit is that of the example's label after noise."""

    def one_block(indices: Int[Array, " block"]) -> Bool[Array, " block"]:
        inputs, labels = data.batch(indices)
        return predict(inputs).argmax(axis=1) == labels

    return in_blocks(one_block, data.n_examples, block_for(predict, data.input_shape))


@dataclasses.dataclass(frozen=True)
class Accuracy:
    """A probe: accuracy on training data, on its clean and noisy parts, and on clean validation data.

    Accuracy is the share of examples that are predicted as labelled. A part without examples gives NaN.
    """

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "training_accuracy": Variable("share of training examples predicted as labelled, noise included"),
            "training_accuracy_clean": Variable("share of the training examples without noise predicted as labelled"),
            "training_accuracy_noisy": Variable("share of the noisy training examples predicted as labelled"),
            "validation_accuracy": Variable("share of clean validation examples predicted as labelled"),
        }
    )

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, ""]]:
        """Return the four accuracies; `key` is not used."""
        del key
        correct, noisy = is_correct(network, data.training), data.training.is_noisy
        return {
            "training_accuracy": correct.mean(),
            "training_accuracy_clean": jnp.mean(correct, where=~noisy),
            "training_accuracy_noisy": jnp.mean(correct, where=noisy),
            "validation_accuracy": is_correct(network, data.validation).mean(),
        }
