"""Populations: all members of one recipe train as one compiled program on all local devices.

The code of a run (`run.py`) has no population axis; `Layout` maps it over members. Member i of a population equals the same member alone.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import jax
import jax.numpy as jnp
import xarray as xr
from jaxtyping import Array

from byheart import checks
from byheart.data.dataset import Split
from byheart.data.member_data import NoisySplit, noisy_split
from byheart.keys import key_for, subkey
from byheart.networks.network import Network
from byheart.training.layout import Layout
from byheart.training.memory import bytes_at_work, bytes_held
from byheart.training.probes import Probe
from byheart.training.recipe import Member, Recipe
from byheart.training.run import EpochInfo, TracedMember, TrainState, initial_state, train_epoch
from byheart.training.trace import trace_of

Carry = tuple[TrainState, TracedMember]


@dataclasses.dataclass(frozen=True)
class TrainedPopulation:
    """What training a population gives.

    Attributes:
        trace: the measured numbers over (member, epoch), with each member's settings as coordinates.
        networks: the trained networks, stacked on a first member axis.
        members: in the order of that axis.
    """

    trace: xr.Dataset
    networks: Network
    members: tuple[Member, ...]

    def network(self, member: Member) -> Network:
        """The trained network of one member."""
        if member not in self.members:
            raise checks.BadInput(f"The population has no {member!r}; see its `members`.")
        index = self.members.index(member)
        return jax.tree.map(lambda leaf: leaf[index], self.networks)


class Population:
    """A compiled program for members of one recipe, reused for as many groups of members as wanted.

    Args:
        recipe: what all members share.
        split: clean data; noise is added as each member says.
        measures: probes called at the measured epochs.
        measured_epochs: ascending, 0 being the untrained network; None measures after the last epoch.
        noise_seed: which draw of the noise; the same for all members.
        layout: how members are laid over devices.

    Raises:
        BadInput: the data does not fit the recipe, or an epoch is out of range.
    """

    def __init__(
        self,
        recipe: Recipe,
        split: Split,
        *,
        measures: Sequence[Probe] = (),
        measured_epochs: Sequence[int] | None = None,
        noise_seed: int = 0,
        layout: Layout = Layout(),
    ) -> None:
        recipe.check(split.image_shape, len(split.training))
        self.recipe, self.split, self.measures, self.layout = recipe, split, tuple(measures), layout
        self.measured_epochs = recipe.check_measured_epochs(measured_epochs)
        self._data: NoisySplit = layout.replicated(noisy_split(split, noise_seed))
        self._start = layout.over_members(self._start_one)
        self._advance = layout.over_members(self._advance_one, donate=True)
        self._measure = layout.over_members(self._measure_one)

    def train(
        self, members: Sequence[Member], on_epoch: Callable[[int], None] = lambda epoch: None
    ) -> TrainedPopulation:
        """Trains `members` from scratch and measures them on the way.

        Args:
            members: any number, of any settings.
            on_epoch: told the number of epochs done, from 0, as they end; what it raises stops the training.

        Raises:
            BadInput: no member.
        """
        if not members:
            raise checks.BadInput("A population needs at least one member; got none.")
        padding = self.layout.padded(len(members)) - len(members)
        carry = self._start(self._traced([*members, *[members[-1]] * padding]), None)
        measured: list[dict[str, Array]] = []
        history: list[EpochInfo] = []
        for epoch in range(self.recipe.epochs + 1):
            if epoch > 0:
                carry, info = self._advance(carry, self._data)
                history.append(jax.device_get(info))
            if epoch in self.measured_epochs:
                measured.append(jax.device_get(self._measure(carry, self._data)))
            on_epoch(epoch)
        networks = jax.tree.map(lambda leaf: leaf[: len(members)], carry[0].network)
        trace = trace_of(self.recipe, members, self.measured_epochs, measured, history, self.described)
        return TrainedPopulation(trace, networks, tuple(members))

    @property
    def described(self) -> Mapping[str, str]:
        """The names of the measured numbers, each with a sentence."""
        return {name: text for measure in self.measures for name, text in measure.variables.items()}

    def bytes_for(self, n_members: int) -> int:
        """The memory estimated for `n_members` members on the device that holds most of them, without the data, which all share."""
        here = self.layout.padded(n_members) // len(self.layout.devices)
        member = jax.tree.map(lambda leaf: leaf[0], self._traced([Member()]))
        settings = (self.recipe, member, self.split.image_shape, self.split.n_classes)
        return here * bytes_held(*settings) + self.layout.members_at_once(here) * bytes_at_work(*settings)

    def _start_one(self, member: TracedMember, shared: None) -> Carry:
        del shared
        return initial_state(self.recipe, member, self.split.image_shape, self.split.n_classes), member

    def _advance_one(self, carry: Carry, data: NoisySplit) -> tuple[Carry, EpochInfo]:
        state, member = carry
        state, info = train_epoch(self.recipe, state, member, data.seen_at(member.noise).training)
        return (state, member), info

    def _measure_one(self, carry: Carry, data: NoisySplit) -> dict[str, Array]:
        state, member = carry
        key = jax.random.fold_in(key_for("measuring", member.seed), state.epoch)
        seen = data.seen_at(member.noise)
        numbers: dict[str, Array] = {}
        for measure in self.measures:
            numbers |= measure(state.network, seen, subkey(key, repr(measure)))
        return numbers

    def _traced(self, members: Sequence[Member]) -> TracedMember:
        counts = [self._data.counts(member.rand_x, member.rand_y) for member in members]
        default = self.recipe.optimizer.learning_rate
        return TracedMember(
            seed=jnp.array([member.seed for member in members], jnp.int32),
            noise=jax.tree.map(lambda *values: jnp.array(values, jnp.int32), *counts),
            learning_rate=jnp.array([member.learning_rate_or(default) for member in members], jnp.float32),
        )


def train(
    recipe: Recipe,
    members: Sequence[Member],
    split: Split,
    *,
    measures: Sequence[Probe] = (),
    measured_epochs: Sequence[int] | None = None,
    noise_seed: int = 0,
    layout: Layout = Layout(),
) -> TrainedPopulation:
    """Trains a population in memory: a `Population` made, used once and given up; see there for the arguments.

    Sweeps that should be stored, resumed and drawn are experiments.
    """
    population = Population(
        recipe, split, measures=measures, measured_epochs=measured_epochs, noise_seed=noise_seed, layout=layout
    )
    return population.train(members)
