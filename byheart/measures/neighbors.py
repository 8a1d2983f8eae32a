"""Neighbors of training examples: how rare an example is in its class, and whether a wrong label is near.

Distances are Euclidean, between inputs after noise, vectors in standard deviations. They say nothing about a network;
probes measure them beside it, so that results hold them.
"""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.data.member_view import MemberData
from byheart.data.noisy_dataset import NoisyDataset
from byheart.networks.blocks import in_blocks
from byheart.networks.network import Predict
from byheart.sweeps.variable import Variable

BLOCK = 64
"""Examples whose distances to all others are in memory at once."""


@dataclasses.dataclass(frozen=True)
class ClassNeighborDistance:
    """A probe: the distance of each training example to its nearest other example of the same label.

    Cost: one product of the inputs with themselves, n^2 d operations for n examples of d numbers.
    """

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "class_neighbor_distance": Variable(
                "Euclidean distance of each training example to the nearest other one of its label; infinite if there "
                "is none",
                (("example", None),),
            )
        }
    )

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, " example"]]:
        """Return one distance per example; `network` and `key` are not used."""
        del network, key
        examples, inputs = data.every_example, flat_inputs(data.every_example)
        labels = examples.labels

        def of_block(indices: Int[Array, " block"]) -> Float[Array, " block"]:
            is_alike = labels[indices][:, None] == labels
            squares = jnp.where(is_alike, squared_distances(inputs, indices), jnp.inf)
            return jnp.sqrt(squares.min(axis=1))

        return {"class_neighbor_distance": in_blocks(of_block, len(inputs), BLOCK)}


@dataclasses.dataclass(frozen=True)
class WrongNeighbor:
    """A probe: whether one of the nearest neighbors of each training example has a wrong label.

    Attributes:
        n_neighbors: number of nearest other examples that are looked at, of any label.

    Cost: as of `ClassNeighborDistance`.
    """

    n_neighbors: int = 5

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "has_wrong_label": Variable("whether the label of each training example is wrong", (("example", None),)),
            "has_wrong_neighbor": Variable(
                "whether one of the nearest training examples of each training example has a wrong label",
                (("example", None),),
            ),
        }
    )

    def __post_init__(self) -> None:
        checks.fields(self, n_neighbors=checks.count)

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Bool[Array, " example"]]:
        """Return two truth values per example; `network` and `key` are not used."""
        del network, key
        examples, inputs = data.every_example, flat_inputs(data.every_example)
        is_wrong = examples.labels != examples.clean_labels
        nearest = min(self.n_neighbors, len(inputs) - 1)

        def of_block(indices: Int[Array, " block"]) -> Bool[Array, " block"]:
            order = jnp.argsort(squared_distances(inputs, indices), axis=1)
            return is_wrong[order[:, :nearest]].any(axis=1)

        return {"has_wrong_label": is_wrong, "has_wrong_neighbor": in_blocks(of_block, len(inputs), BLOCK)}


def flat_inputs(examples: NoisyDataset) -> Float[Array, "example feature"]:
    """Return the inputs as vectors, those of tables in standard deviations."""
    inputs = examples.inputs
    if examples.standardizer is not None:
        inputs = examples.standardizer(inputs)
    return inputs.reshape(len(inputs), -1)


def squared_distances(
    inputs: Float[Array, "example feature"], indices: Int[Array, " block"]
) -> Float[Array, "block example"]:
    """Return squared distances of the examples at `indices` to all; infinite to themselves."""
    own = inputs[indices]
    squares = jnp.square(inputs).sum(axis=1)
    found = jnp.maximum(squares[indices][:, None] + squares - 2 * own @ inputs.T, 0)
    return jnp.where(indices[:, None] == jnp.arange(len(inputs)), jnp.inf, found)
