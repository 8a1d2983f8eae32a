"""Calls of probes on one member of a population, each with its own random key."""

from collections.abc import Sequence

import jax
from jaxtyping import Array, Key

from byheart.data.member_view import NoisySplit
from byheart.keys import key_for, subkey
from byheart.training.epoch import TracedMember, TrainState
from byheart.training.probes import Probe

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


def measuring_key(measure: Probe, state: TrainState, member: TracedMember) -> Key[Array, ""]:
    """Return the measuring key: distinct for each probe, epoch and seed."""
    return subkey(jax.random.fold_in(key_for("measuring", member.seed), state.epoch), repr(measure))
