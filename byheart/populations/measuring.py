"""Calls of probes on members of a population; those in the compiled program have a random key each."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Key

from byheart.data.member_view import NoisySplit
from byheart.keys import key_for, subkey
from byheart.training.epoch import TracedMember, TrainState
from byheart.training.probes import HostProbe, Probe

Carry = tuple[TrainState, TracedMember]
"""(training state, settings) of a member."""


def measure_member(measures: Sequence[Probe], carry: Carry, data: NoisySplit) -> dict[str, Array]:
    """Return the numbers of all probes, by name, for the member's current network."""
    state, member = carry
    seen = data.for_member(member.view)
    numbers: dict[str, Array] = {}
    for measure in measures:
        numbers |= measure(state.network, seen, measuring_key(measure, state, member))
    return numbers


def measured_on_host(
    measures: Sequence[HostProbe], carry: Carry, data: NoisySplit, n_members: int
) -> dict[str, npt.NDArray[Any]]:
    """Return the numbers of probes of the host, by name, over (member, ...), for the networks of the first members.

    Args:
        measures: the probes.
        carry: stacked states and settings, followed by padding.
        data: of the population.
        n_members: number of members without padding.
    """
    if not measures:
        return {}
    state, member = carry
    networks, views = jax.device_get((state.network, member.view))
    numbers: list[dict[str, npt.NDArray[Any]]] = []
    for place in range(n_members):
        network, view = jax.tree.map(lambda leaf, place=place: jax.numpy.asarray(leaf[place]), (networks, views))
        seen = data.for_member(view)
        numbers.append({name: value for one in measures for name, value in one.on_host(network, seen).items()})
    return {name: np.stack([one[name] for one in numbers]) for name in numbers[0]}


def measuring_key(measure: Probe, state: TrainState, member: TracedMember) -> Key[Array, ""]:
    """Return the measuring key: distinct for each probe, epoch and seed."""
    return subkey(jax.random.fold_in(key_for("measuring", member.seed), state.epoch), repr(measure))
