"""Populations: all members of one recipe train as one compiled program on all local devices.

The code of a run (`run.py`) has no population axis; `Layout` maps it over members. Member i of a population equals the same member alone.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Key

from byheart import checks
from byheart.data.dataset import Split
from byheart.data.member_data import MemberData, NoisySplit, described, noisy_split
from byheart.keys import key_for, subkey
from byheart.layout import Layout
from byheart.networks.network import Network
from byheart.training.chunking import chunk_size
from byheart.training.probes import Probe
from byheart.training.recipe import Member, Recipe
from byheart.training.run import EpochInfo, TracedMember, TrainState, initial_state, not_trained, train_epoch
from byheart.training.trace import Measured, Trace, settings_of
from byheart.work import NEVER, Coordinate, joined

Carry = tuple[TrainState, TracedMember]
"""A member on its way, and its settings."""
Numbers = dict[str, Array]


@dataclasses.dataclass(frozen=True)
class Sweep:
    """Members of one recipe, and what is measured of them.

    Attributes:
        recipe: what all members share.
        members: what differs; also the order in which chunks are trained.
        measures: probes called at the measured epochs.
        measured_epochs: ascending, 0 being the untrained network; None measures after the last epoch.
        final_measures: probes called once, after the last epoch.
        noise_seed: which draw of the noise; the same for all members.
        ends_when: a probe of a single truth value, asked after each epoch; a member of which it is true is trained no further, and on a CPU
            costs nothing from then on. None trains all members to the last epoch.
    """

    recipe: Recipe
    members: tuple[Member, ...]
    measures: tuple[Probe, ...] = ()
    measured_epochs: tuple[int, ...] | None = None
    final_measures: tuple[Probe, ...] = ()
    noise_seed: int = 0
    ends_when: Probe | None = None

    def chunks(self, size: int) -> list["Sweep"]:
        """The same sweep in pieces of at most `size` members, in order.

        >>> from byheart.networks.mlp import MLP
        >>> sweep = Sweep(Recipe(MLP((4,))), tuple(Member(seed) for seed in range(5)))
        >>> [len(chunk.members) for chunk in sweep.chunks(2)]
        [2, 2, 1]
        """
        starts = range(0, len(self.members), size)
        return [dataclasses.replace(self, members=self.members[start : start + size]) for start in starts]

    unit: ClassVar[str] = "epoch"

    @property
    def length(self) -> int:
        """Epochs, which progress counts."""
        return self.recipe.epochs

    def coordinates(self) -> dict[str, Coordinate]:
        """The members' settings, along the axis `member` of results."""
        return settings_of(self.recipe, self.members)

    def members_in_chunk(self, split: Split, layout: Layout) -> int:
        """How many members train together."""
        return chunk_size(self.recipe, len(self.members), split.image_shape, split.n_classes, layout)

    def program(self, split: Split, layout: Layout) -> "Population":
        """What trains and measures members."""
        return Population(self, split, layout)


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
    """A compiled program for members of a sweep, reused for as many groups of members as wanted.

    Args:
        sweep: the recipe, what is measured and when; its members are not looked at.
        split: clean data; noise is added as each member says.
        layout: how members are laid over devices.

    Raises:
        BadInput: the data does not fit the recipe, or an epoch is out of range.
    """

    def __init__(self, sweep: Sweep, split: Split, layout: Layout = Layout()) -> None:
        sweep.recipe.check(split.image_shape, len(split.training))
        self.recipe, self.split, self.layout = sweep.recipe, split, layout
        self.measures, self.final_measures, self.ends_when = sweep.measures, sweep.final_measures, sweep.ends_when
        self.measured_epochs = sweep.recipe.check_measured_epochs(sweep.measured_epochs)
        self._data: NoisySplit = layout.replicated(noisy_split(split, sweep.noise_seed))
        self._start = layout.over_members(self._start_one)
        self._advance = layout.over_members(self._advance_one, donate=(0,))
        steps = self.recipe.steps_in_last_epoch(len(split.training))
        self._advance_last = layout.over_members(functools.partial(self._advance_one, n_steps=steps), donate=(0,))
        self._measure = layout.over_members(functools.partial(_measure_one, self.measures))
        self._measure_at_end = layout.over_members(functools.partial(_measure_one, self.final_measures))

    def train(
        self,
        members: Sequence[Member],
        *,
        at_least: int = 1,
        on_epoch: Callable[[int], None] = lambda epoch: None,
    ) -> TrainedPopulation:
        """Trains `members` from scratch and measures them on the way.

        Args:
            members: any number, of any settings.
            at_least: fill the program up to so many members by repetition, so that a smaller group needs no compilation of its own.
            on_epoch: told the number of epochs done, from 0, as they end; what it raises stops the training.

        Raises:
            BadInput: no member.
        """
        if not members:
            raise checks.BadInput("A population needs at least one member; got none.")
        padding = self.layout.padded(max(len(members), at_least)) - len(members)
        carry = self._start(self._traced([*members, *[members[-1]] * padding]), None)
        measured: list[Measured] = []
        history: list[EpochInfo] = []
        for epoch in range(self.recipe.epochs + 1):
            if epoch > 0:
                is_last = epoch == self.recipe.epochs and self.recipe.steps is not None
                carry, info = (self._advance_last if is_last else self._advance)(carry, self._data)
                history.append(jax.device_get(info))
            if epoch in self.measured_epochs:
                measured.append(jax.device_get(self._measure(carry, self._data)))
            on_epoch(epoch)
        at_end = jax.device_get(self._measure_at_end(carry, self._data))
        trace = Trace(self.recipe, members, history)
        if self.ends_when is not None:
            trace.add_ended_epoch(jax.device_get(carry[0].ended_epoch))
        trace.add_through_training(self.measures, self.measured_epochs, measured)
        trace.add_at_end(self.final_measures, at_end)
        trace.describe_examples(described(self.split.training, self._data.training))
        networks = jax.tree.map(lambda leaf: leaf[: len(members)], carry[0].network)
        return TrainedPopulation(trace.dataset, networks, tuple(members))

    def results(self, members: Sequence[Member], at_least: int, on_progress: Callable[[int], None]) -> xr.Dataset:
        """The trace of trained `members`."""
        return self.train(members, at_least=at_least, on_epoch=on_progress).trace

    def _start_one(self, member: TracedMember, shared: None) -> Carry:
        del shared
        return initial_state(self.recipe, member, self.split.image_shape, self.split.n_classes), member

    def _advance_one(self, carry: Carry, data: NoisySplit, n_steps: int | None = None) -> tuple[Carry, EpochInfo]:
        state, member = carry
        seen = data.seen_at(member.noise)

        def trained(state: TrainState) -> tuple[TrainState, EpochInfo]:
            after, info = train_epoch(self.recipe, state, member, seen.training, n_steps)
            return self._ended_if_so(after, member, seen), info

        if self.ends_when is None:
            state, info = trained(state)
        else:
            state, info = jax.lax.cond(state.ended_epoch == NEVER, trained, not_trained, state)
        return (state, member), info

    def _ended_if_so(self, state: TrainState, member: TracedMember, seen: MemberData) -> TrainState:
        if self.ends_when is None:
            return state
        (is_true,) = self.ends_when(state.network, seen, _key_of(self.ends_when, state, member)).values()
        return dataclasses.replace(state, ended_epoch=jnp.where(is_true, state.epoch, NEVER))

    def _traced(self, members: Sequence[Member]) -> TracedMember:
        counts = [self._data.counts(member.rand_x, member.rand_y) for member in members]
        default = self.recipe.optimizer.learning_rate
        return TracedMember(
            seed=jnp.array([member.seed for member in members], jnp.int32),
            noise=jax.tree.map(lambda *values: jnp.array(values, jnp.int32), *counts),
            learning_rate=jnp.array([member.learning_rate_or(default) for member in members], jnp.float32),
        )


def _measure_one(measures: Sequence[Probe], carry: Carry, data: NoisySplit) -> Numbers:
    state, member = carry
    seen = data.seen_at(member.noise)
    numbers: Numbers = {}
    for measure in measures:
        numbers |= measure(state.network, seen, _key_of(measure, state, member))
    return numbers


def _key_of(measure: Probe, state: TrainState, member: TracedMember) -> Key[Array, ""]:
    """Of its own for each measure, epoch and seed."""
    return subkey(jax.random.fold_in(key_for("measuring", member.seed), state.epoch), repr(measure))


def results_by_chunk(
    sweep: Sweep, split: Split, layout: Layout, on_progress: Callable[[int, int], None]
) -> Iterator[xr.Dataset]:
    """The traces of a sweep's members, chunk after chunk, each forgotten once it is given.

    Args:
        sweep: what to train and measure.
        split: clean data.
        layout: how members are laid over devices.
        on_progress: told, after each chunk, how many members are done, and of how many.

    Raises:
        BadInput: the data does not fit the recipe, or there is no member.
    """
    size, n_members = sweep.members_in_chunk(split, layout), len(sweep.members)
    population = sweep.program(split, layout)
    for number, chunk in enumerate(sweep.chunks(size)):
        yield population.results(chunk.members, min(size, n_members), lambda epoch: None)
        on_progress(number * size + len(chunk.members), n_members)


def train(
    recipe: Recipe,
    members: Sequence[Member],
    split: Split,
    *,
    measures: Sequence[Probe] = (),
    measured_epochs: Sequence[int] | None = None,
    final_measures: Sequence[Probe] = (),
    noise_seed: int = 0,
    layout: Layout = Layout(),
) -> TrainedPopulation:
    """Trains a population. Sweeps that should be stored, resumed and drawn are experiments.

    A population too large for the devices' memory is trained in chunks (`chunk_size`); the trained networks come back to the host.

    Args:
        recipe: what all members share.
        members: what differs.
        split: clean data; noise is added as each member says.
        measures: probes called at the measured epochs.
        measured_epochs: ascending, 0 being the untrained network; None measures after the last epoch.
        final_measures: probes called once, after the last epoch.
        noise_seed: which draw of the noise; the same for all members.
        layout: how members are laid over devices.

    Raises:
        BadInput: the data does not fit the recipe, an epoch is out of range, or there is no member.
    """
    epochs = None if measured_epochs is None else tuple(measured_epochs)
    sweep = Sweep(recipe, tuple(members), tuple(measures), epochs, tuple(final_measures), noise_seed)
    population = Population(sweep, split, layout)
    size = sweep.members_in_chunk(split, layout)
    parts = [population.train(chunk.members, at_least=min(size, len(members))) for chunk in sweep.chunks(size)]
    networks = [jax.device_get(part.networks) for part in parts]
    return TrainedPopulation(
        joined([part.trace for part in parts]),
        jax.tree.map(lambda *leaves: np.concatenate(leaves), *networks),
        sweep.members,
    )
