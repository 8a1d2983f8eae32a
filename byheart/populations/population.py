"""Populations: all members of one recipe train as one compiled program on all local devices.

The code of an epoch (`training/epoch.py`) has no population axis; `Layout` maps it over members. A member of a
population gives the same numbers as the same member alone. Networks are float32, and numbers do not depend on global
settings of JAX (`jax_settings.py`).
"""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Bool

from byheart import checks
from byheart.data.dataset import Split
from byheart.data.inclusion import check_all_or_parts, common_size
from byheart.data.member_view import NoisySplit, example_facts, noisy_split, views_of
from byheart.data.noise import Noise, kinds_of
from byheart.data.subsets import Subset
from byheart.jax_settings import usual_settings
from byheart.populations.chunk_size import chunk_size
from byheart.populations.measuring import Carry, measure_member, measuring_key
from byheart.populations.plan import planned_population
from byheart.populations.population_state import PopulationState
from byheart.populations.trace import Trace, settings_of
from byheart.populations.trained_population import TrainedPopulation
from byheart.sweeps.jax_description import described_program
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.plan import PlannedPopulation, sizes_of
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint, ProgramDescription
from byheart.sweeps.results import NEVER
from byheart.training.cost import CPU_CORE, Cost, measuring_cost, training_cost
from byheart.training.epoch import (
    STRENGTH_PADDING,
    EpochInfo,
    TracedMember,
    TrainState,
    initial_state,
    train_epoch,
    train_epoch_until,
)
from byheart.training.member import Member
from byheart.training.optimizers import rate_of
from byheart.training.probes import Probe
from byheart.training.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class PopulationSweep:
    """Members of one recipe, and the measures that are taken of them.

    Attributes:
        recipe: the recipe of all members.
        members: the members, in the order in which they are trained.
        measures: probes called at the measured epochs.
        measured_epochs: strictly increasing epochs; 0 is the untrained network. None measures after the last epoch.
        final_measures: probes called once, after the last epoch.
        noise_seed: seed of the noise; the same for all members.
        stop_when: a probe of a single boolean, called after each epoch. When it is true, the member's training ends; on
            a CPU the member costs nothing from then on. None trains all members to the last epoch.
        check_every: number of updates between calls of `stop_when` within an epoch, for a finer clock; None calls it
            after whole epochs.
        subset: part of the training data that all members see; None uses all of it.
        kinds: kinds of noise, at any level, that have a column in results; those of members are added. Chunks keep the
            kinds of the whole sweep, so that all have the same columns. No other kinds of noise are drawn.

    Raises:
        BadInput: a field has the wrong type or is out of range; noises of one kind differ in more than their level; a
            kind of noise has the name of a regularizer of the recipe; or some members are trained on all examples and
            others on a part.
    """

    recipe: Recipe
    members: tuple[Member, ...]
    measures: tuple[Probe, ...] = ()
    measured_epochs: tuple[int, ...] | None = None
    final_measures: tuple[Probe, ...] = ()
    noise_seed: int = 0
    stop_when: Probe | None = None
    check_every: int | None = None
    subset: Subset | None = None
    kinds: tuple[Noise, ...] = ()

    unit: ClassVar[str] = "epoch"

    def __post_init__(self) -> None:
        checks.instance("recipe", self.recipe, Recipe, "a Recipe, such as Recipe(MLP((256, 256)))")
        kept = {"members": checks.several("members", self.members, Member, "Member(...), such as `grid` makes")}
        for name in ("measures", "final_measures"):
            kept[name] = checks.several(name, getattr(self, name), Probe, "probes, such as Accuracy()")
        for name, values in kept.items():
            object.__setattr__(self, name, values)
        self.recipe.check_rates(member.learning_rate for member in self.members)
        checks.fields(self, measured_epochs=checks.optional(checks.each(checks.whole)))
        checks.fields(self, noise_seed=checks.seed, check_every=checks.optional(checks.count))
        given = checks.several("kinds", self.kinds, Noise, "noises, such as RandX(0.4)")
        kinds = kinds_of([*given, *(noise for member in self.members for noise in member.noise)])
        object.__setattr__(self, "kinds", kinds)
        for regularizer in self.recipe.regularizers:
            if regularizer.name in {kind.id for kind in kinds}:
                raise checks.BadInput(f"A noise and a regularizer must have different names; got {regularizer.name!r}.")
        check_all_or_parts(one.inclusion for one in self.members)

    def chunks(self, sizes: Sequence[int]) -> list["PopulationSweep"]:
        """Return the sweep split into chunks of at most `sizes[0]` members, in order.

        >>> from byheart.networks.mlp import MLP
        >>> sweep = PopulationSweep(Recipe(MLP((4,))), tuple(Member(seed) for seed in range(5)))
        >>> [len(chunk.members) for chunk in sweep.chunks([2])]
        [2, 2, 1]
        """
        (size,) = sizes
        starts = range(0, len(self.members), size)
        return [dataclasses.replace(self, members=self.members[start : start + size]) for start in starts]

    @property
    def length(self) -> int:
        """Number of epochs, the units of progress."""
        return self.recipe.epochs

    def coordinates(self) -> dict[str, Coordinate]:
        """Return the members' settings along the axis `member` of results."""
        return settings_of(self.recipe, self.members, self.kinds)

    def chunk_sizes(self, split: Split, layout: Layout | None = None) -> tuple[int, ...]:
        """Return the chunk size, as a tuple of one number. The default layout uses all local devices."""
        layout = layout or layout_for(len(self.members))
        return (chunk_size(self.recipe, len(self.members), split.image_shape, split.n_classes, layout),)

    def n_training(self, split: Split) -> int:
        """Return the number of training examples that each member is trained on.

        Raises:
            BadInput: members are trained on different numbers of examples.
        """
        n_examples = len(split.training) if self.subset is None else self.subset.size
        return common_size((one.inclusion for one in self.members), n_examples)

    def cost(self, split: Split) -> Cost:
        """Return the cost of training and measuring one member for all epochs; one step of each search is counted."""

        def once(measures: tuple[Probe, ...]) -> Cost:
            sizes = (self.n_training(split), len(split.validation))
            return measuring_cost(measures, self.recipe, *sizes, split.image_shape, split.n_classes)

        n_times = len(self.recipe.check_measured_epochs(self.measured_epochs))
        return self._training_cost(split) + once(self.measures) * n_times + once(self.final_measures)

    def weight(self, split: Split) -> float:
        """Return the estimated seconds of training on one core, without measures."""
        return len(self.members) * self._training_cost(split).seconds(CPU_CORE)

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return the estimated memory and time of training and measuring in chunks of `sizes[0]` members."""
        return (self.planned(split, sizes, layout_for(max(sizes))),)

    def planned(self, split: Split, sizes: Sequence[int], layout: Layout) -> PlannedPopulation:
        """Return the estimated memory and time of chunks of `sizes[0]` members on `layout`."""
        data, shape = self.n_training(split), (split.image_shape, split.n_classes)
        return planned_population(self.recipe, data, shape, self.cost(split), sizes_of(self.chunks(sizes)), layout)

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> "Population":
        """Return the program that trains and measures members. The default layout uses all local devices."""
        return Population(self, split, layout or layout_for(n_members))

    def _training_cost(self, split: Split) -> Cost:
        n_training = self.n_training(split)
        updates = max(n_training // self.recipe.batch_size, 1)
        n_checks = -(-updates // (self.check_every or updates)) if self.stop_when is not None else 0
        return training_cost(self.recipe, n_training, split.image_shape, split.n_classes, n_checks * n_training)


class Population:
    """A compiled program for members of a sweep, reused for any number of groups of members.

    Args:
        sweep: the recipe, the measures and their epochs. Its members are not trained, but must have one number of
            training examples.
        split: clean data; the noise of each member is added to it.
        layout: distribution of members over devices.

    Raises:
        BadInput: the data do not fit the recipe, or an epoch is out of range.
    """

    @usual_settings()
    def __init__(self, sweep: PopulationSweep, split: Split, layout: Layout = Layout()) -> None:
        split = split if sweep.subset is None else sweep.subset.of(split, sweep.noise_seed)
        sweep.recipe.check(
            split.image_shape, common_size((one.inclusion for one in sweep.members), len(split.training))
        )
        self.recipe, self.split, self.layout = sweep.recipe, split, layout
        self.measures, self.final_measures = sweep.measures, sweep.final_measures
        self.stop_when, self.check_every = sweep.stop_when, sweep.check_every
        self.measured_epochs = sweep.recipe.check_measured_epochs(sweep.measured_epochs)
        self._largest = 0
        self.noise_seed, self.kinds = sweep.noise_seed, sweep.kinds
        self._data: NoisySplit = layout.replicated(noisy_split(split, self.noise_seed, self.kinds))
        self._start = layout.over_members(self._start_one, is_called_once=True)
        self._advance = layout.over_members(self._advance_one, donate=(0,))
        self._advance_last = layout.over_members(functools.partial(self._advance_one, is_last=True), donate=(0,))
        self._measure = layout.over_members(functools.partial(measure_member, self.measures))
        self._measure_at_end = layout.over_members(functools.partial(measure_member, self.final_measures))

    @usual_settings()
    def train(
        self,
        members: Sequence[Member],
        *,
        padded_to: int = 1,
        on_epoch: Callable[[int], None] = lambda epoch: None,
        checkpoint: Checkpoint = NoCheckpoint(),
    ) -> TrainedPopulation:
        """Train and measure `members`, from scratch or from a checkpoint.

        Args:
            members: any number of members with any settings. For a kind of noise that neither the sweep nor earlier
                members have, the noise is drawn and the program is compiled again.
            padded_to: minimum number of members in the program. A smaller group is padded by repeating its last member,
                so that it uses the program of a larger group.
            on_epoch: called after each epoch with the number of finished epochs, starting at 0. An exception that it
                raises stops the training.
            checkpoint: saves the training state from time to time, after an epoch. Resumed training gives the same
                numbers, bit by bit.

        Raises:
            BadInput: there is no member, or members are trained on different numbers of examples.
        """
        if not members:
            raise checks.BadInput("A population needs at least one member; got none.")
        self.recipe.check_rates(member.learning_rate for member in members)
        n_training = common_size((one.inclusion for one in members), len(self.split.training))
        self.recipe.check(self.split.image_shape, n_training)
        self._draw_noise_for(members)
        n_padded = self.layout.padded(max(len(members), padded_to))
        is_padding = np.arange(n_padded) >= len(members)
        carry = self._start(self._traced([*members, *[members[-1]] * int(is_padding.sum())]), is_padding, None)
        current = PopulationState(carry, self.measures, self.measured_epochs, self.layout, len(members))
        current.restore(checkpoint.load())
        for epoch in range(current.next_epoch, self.recipe.epochs + 1):
            if epoch > 0 and not current.all_have_ended:
                is_last = epoch == self.recipe.epochs and self.recipe.steps is not None
                current.carry, info = (self._advance_last if is_last else self._advance)(current.carry, self._data)
                current.history.append(jax.device_get(info))
            elif epoch > 0:
                current.record_idle_epoch()
            if epoch in self.measured_epochs:
                current.measured.append(jax.device_get(self._measure(current.carry, self._data)))
            on_epoch(epoch)
            if epoch > 0 and checkpoint.is_due():
                checkpoint.save(current.snapshot())
        at_end = jax.device_get(self._measure_at_end(current.carry, self._data))
        trace = Trace(self.recipe, members, self.kinds, current.history)
        state, _ = current.carry
        if self.stop_when is not None:
            updates_in_epoch = n_training // self.recipe.batch_size
            trace.add_ended_epoch(jax.device_get(state.ended_update), updates_in_epoch)
        trace.add_through_training(self.measures, self.measured_epochs, current.measured)
        trace.add_at_end(self.final_measures, at_end)
        trace.describe_examples(example_facts(self.split.training, self._data.training))
        networks = jax.tree.map(lambda leaf: leaf[: len(members)], state.network)
        return TrainedPopulation(trace.dataset, networks, tuple(members))

    def results(
        self, chunk: PopulationSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Train a chunk; return its trace."""
        self._largest = max(self._largest, len(chunk.members))
        return self.train(chunk.members, padded_to=self._largest, on_epoch=on_progress, checkpoint=checkpoint).trace

    def describe(self) -> ProgramDescription:
        """Return the facts that are stored with results."""
        return described_program(self.split, self.layout)

    def _start_one(self, member: TracedMember, is_padding: Bool[Array, ""], shared: None) -> Carry:
        del shared
        state = initial_state(self.recipe, member, self.split.image_shape, self.split.n_classes)
        return dataclasses.replace(state, ended_update=jnp.where(is_padding, 0, NEVER)), member

    def _advance_one(self, carry: Carry, data: NoisySplit, is_last: bool = False) -> tuple[Carry, EpochInfo]:
        state, member = carry
        seen = data.for_member(member.view)
        n_steps = self.recipe.steps_in_last_epoch(seen.training.n_examples) if is_last else None
        stop_when = self.stop_when
        if stop_when is None:
            state, info = train_epoch(self.recipe, state, member, seen.training, n_steps)
            return (state, member), info

        def is_done(state: TrainState) -> Bool[Array, ""]:
            (is_true,) = stop_when(state.network, seen, measuring_key(stop_when, state, member)).values()
            return is_true

        state, info = train_epoch_until(self.recipe, state, member, seen.training, is_done, self.check_every, n_steps)
        return (state, member), info

    def _draw_noise_for(self, members: Sequence[Member]) -> None:
        """Draw the members' kinds of noise that are not drawn yet."""
        kinds = kinds_of([*self.kinds, *(noise for member in members for noise in member.noise)])
        if len(kinds) > len(self.kinds):
            self.kinds = kinds
            self._data = self.layout.replicated(noisy_split(self.split, self.noise_seed, kinds))

    def _traced(self, members: Sequence[Member]) -> TracedMember:
        default = rate_of(self.recipe.optimizer)
        strengths = [(*member.strengths_of(self.recipe.regularizers), STRENGTH_PADDING) for member in members]
        return TracedMember(
            seed=jnp.array([member.seed for member in members], jnp.int32),
            view=views_of(self._data, [one.noise for one in members], [one.inclusion for one in members]),
            learning_rate=jnp.array([member.learning_rate_or(default) for member in members], jnp.float32),
            strengths=jnp.array(strengths, jnp.float32),
        )
