"""Cost of measuring networks: the operations of probes, in their traced programs or counted by them."""

import functools
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from byheart.data.member_view import MemberData
from byheart.data.noisy_dataset import NoisyDataset
from byheart.inputs import InputShape, Standardizer
from byheart.networks.network import Network
from byheart.training.cost import Cost, initial_shapes, operations
from byheart.training.probes import AnyProbe, HostProbe, in_program, on_host
from byheart.training.recipe import Recipe

SHARE_OF_BUDGET = 0.75
"""Share of the steps of a search that are taken, on average: a sample that crosses takes no more (benchmarks, W2)."""
UPDATES_OF_A_STEP = 1 / 16
"""Overhead of a step of a search of one sample, relative to that of an update; most of it draws noise."""
HOST_OPERATIONS = 2
"""Operations in float32 that take the time of one of a probe of the host.

Float64 and small products take four times as long. Intervals alone certify about half of the samples of networks of
clean and noisy data (CROWN-IBP in benchmarks/README.md, certified_peers), and save the rest of their proof.
"""


@runtime_checkable
class Searches(Protocol):
    """A probe that searches around samples in a loop of unknown length."""

    def search_steps(self, n_training: int, n_validation: int) -> int:
        """Return the most gradient steps of all searches in one call, over all samples."""


def measuring_cost(
    measures: Sequence[AnyProbe],
    recipe: Recipe,
    n_training: int,
    n_validation: int,
    input_shape: InputShape,
    n_classes: int,
) -> Cost:
    """Return the cost of calling all `measures` once for one member; nothing is allocated.

    Operations are counted as in `training_cost`. A search is a loop of unknown length: `SHARE_OF_BUDGET` of its steps
    count, each with a forward and a backward pass of one sample, and with its overhead as a part of an update. A probe
    of the host counts what it computes for one sample, times `HOST_OPERATIONS`. Bytes and state are 0.

    Args:
        measures: probes.
        recipe: the recipe of the member.
        n_training: number of training examples.
        n_validation: number of validation examples.
        input_shape: (height, width, channel) of images, or (feature,) of vectors.
        n_classes: number of classes.
    """
    network = initial_shapes(recipe, input_shape, n_classes).network

    def measured() -> PyTree:
        validation = _blank(n_validation, input_shape)
        data = MemberData(_blank(n_training, input_shape), validation, validation)
        made = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), network)
        return [measure(made, data, jax.random.key(0)) for measure in in_program(measures)]

    counted, sizes = operations(jax.make_jaxpr(measured)().jaxpr), (n_training, n_validation)
    steps = SHARE_OF_BUDGET * sum(one.search_steps(*sizes) for one in measures if isinstance(one, Searches))
    one_sample = jax.ShapeDtypeStruct((1, *input_shape), jnp.float32)
    of_host = _operations_on_host(on_host(measures), network, sizes, input_shape)
    passes = 2 * operations(jax.make_jaxpr(lambda network, inputs: network(inputs))(network, one_sample).jaxpr)
    return Cost(
        operations=float(counted + steps * passes + of_host),
        bytes_moved=0.0,
        updates=steps * UPDATES_OF_A_STEP,
        state_bytes=0.0,
    )


def _operations_on_host(
    measures: Sequence[HostProbe], network: Network, sizes: tuple[int, int], input_shape: InputShape
) -> float:
    """Return the operations of one call of all probes of the host, as operations in float32."""
    total = 0.0
    for one in measures:
        of_one = jax.make_jaxpr(functools.partial(one.of_one, input_shape=input_shape))(network)
        total += HOST_OPERATIONS * one.n_calls(*sizes) * operations(of_one.jaxpr)
    return total


def _blank(n: int, input_shape: InputShape) -> NoisyDataset:
    inputs, labels = jnp.zeros((n, *input_shape)), jnp.zeros(n, jnp.int32)
    return NoisyDataset.clean(inputs, labels, Standardizer.none_for(input_shape))
