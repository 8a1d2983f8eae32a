"""Populations: all members of one recipe train as one compiled program on all local devices.

The code of an epoch (`training/epoch.py`) has no population axis; `Layout` maps it over members. A member of a
population gives the same numbers as the same member alone. Networks are float32, and numbers do not depend on global
settings of JAX (`jax_settings.py`).
"""

import functools
from collections.abc import Callable, Hashable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Bool

from byheart import checks
from byheart.data.inclusion import common_size
from byheart.data.member_view import NoisySplit, example_facts, noisy_split, views_of
from byheart.data.noise import kinds_of
from byheart.data.split import Split
from byheart.jax_settings import usual_settings
from byheart.populations.measuring import Carry, measure_member, measured_on_host, measuring_key
from byheart.populations.population_state import PopulationState
from byheart.populations.starting import Starting
from byheart.populations.sweep import PopulationSweep
from byheart.populations.trace import Trace
from byheart.populations.trained_population import TrainedPopulation
from byheart.sweeps.compiling import compile_together
from byheart.sweeps.jax_description import described_program
from byheart.sweeps.layout import Layout, filled
from byheart.sweeps.protocol import Checkpoint, NoCheckpoint, ProgramDescription
from byheart.sweeps.results import NEVER
from byheart.training.epoch import (
    STRENGTH_PADDING,
    EpochInfo,
    TracedMember,
    TrainState,
    train_epoch,
    train_epoch_until,
)
from byheart.training.member import Member
from byheart.training.optimizers import rate_of
from byheart.training.probes import in_program, on_host


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
        sweep.check(split)
        split = split if sweep.subset is None else sweep.subset.of(split, sweep.noise_seed)
        self.recipe, self.split, self.layout = sweep.recipe, split, layout
        self.measures, self.final_measures = sweep.measures, sweep.final_measures
        self.stop_when, self.check_every = sweep.stop_when, sweep.check_every
        self.measured_epochs = sweep.recipe.check_measured_epochs(sweep.measured_epochs)
        self._largest = 0
        self.noise_seed, self.kinds = sweep.noise_seed, sweep.kinds
        self._data: NoisySplit = layout.replicated(noisy_split(split, self.noise_seed, self.kinds))
        self._starting = Starting(sweep.recipe, split.input_shape, split.n_classes, split.training.standardizer)
        self._advance = layout.over_members(self._advance_one, donate=(0,))
        self._advance_last = layout.over_members(functools.partial(self._advance_one, is_last=True), donate=(0,))
        self._compiled, self._compiled_at_end = in_program(self.measures), in_program(self.final_measures)
        self._measure = layout.over_members(functools.partial(measure_member, self._compiled))
        self._measure_at_end = layout.over_members(functools.partial(measure_member, self._compiled_at_end))

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
        trace, state = self._trained(members, padded_to, on_epoch, checkpoint)
        networks = jax.tree.map(lambda leaf: leaf[: len(members)], state.network)
        return TrainedPopulation(trace, networks, tuple(members))

    def _trained(
        self, members: Sequence[Member], padded_to: int, on_epoch: Callable[[int], None], checkpoint: Checkpoint
    ) -> tuple[xr.Dataset, TrainState]:
        """Return the trace of members, and the final states of members and padding."""
        if not members:
            raise checks.BadInput("A population needs at least one member; got none.")
        self.recipe.check_rates(member.learning_rate for member in members)
        n_training = common_size((one.inclusion for one in members), len(self.split.training))
        self.recipe.check(self.split.input_shape, n_training)
        self._draw_noise_for(members)
        n_padded = self.layout.padded(max(len(members), padded_to))
        carry = self._started(members, n_padded)
        current = PopulationState(carry, self.measures, self.measured_epochs, self.layout, len(members))
        current.restore(checkpoint.load())
        for epoch in range(current.next_epoch, self.recipe.epochs + 1):
            if epoch > 0 and not current.all_have_ended:
                advance = self._advance_last if self._ends_early(epoch) else self._advance
                current.carry, info = advance(current.carry, self._data)
                current.history.append(jax.device_get(info))
            elif epoch > 0:
                current.record_idle_epoch()
            if epoch in self.measured_epochs:
                measured = jax.device_get(self._measure(current.carry, self._data) if self._compiled else {})
                of_host = measured_on_host(on_host(self.measures), current.carry, self._data, len(members))
                current.measured.append(measured | of_host)
            on_epoch(epoch)
            if epoch > 0 and checkpoint.is_due():
                checkpoint.save(current.snapshot())
        at_end = jax.device_get(self._measure_at_end(current.carry, self._data) if self._compiled_at_end else {})
        at_end |= measured_on_host(on_host(self.final_measures), current.carry, self._data, len(members))
        trace = Trace(self.recipe, members, self.kinds, current.history)
        state, _ = current.carry
        if self.stop_when is not None:
            updates_in_epoch = n_training // self.recipe.batch_size
            trace.add_ended_epoch(jax.device_get(state.ended_update), updates_in_epoch)
        trace.add_through_training(self.measures, self.measured_epochs, current.measured)
        trace.add_at_end(self.final_measures, at_end)
        trace.describe_examples(example_facts(self.split.training, self._data.training))
        return trace.dataset, state

    @usual_settings()
    def results(
        self, chunk: PopulationSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Train a chunk; return its trace."""
        self._largest = max(self._largest, len(chunk.members))
        trace, _ = self._trained(chunk.members, self._largest, on_progress, checkpoint)
        return trace

    def program_of(self, chunk: PopulationSweep) -> Hashable:
        """Return a key of the compiled programs that a chunk needs: all chunks need the same."""
        del chunk
        return ()

    @usual_settings()
    def compile(self, chunk: PopulationSweep) -> None:
        """Compile the programs of a chunk without training. `results` then finds them, since JAX keeps them."""
        self._largest = max(self._largest, len(chunk.members))
        carry = self.shapes(chunk.members, self.layout.padded(self._largest))
        wanted = [self._measure] if self._compiled else []
        wanted += [self._measure_at_end] if self._compiled_at_end else []
        wanted += [self._advance_last] if self._ends_early(self.recipe.epochs) else []
        wanted += [self._advance] if self.recipe.epochs > 1 or not self._ends_early(1) else []
        lowered = [program.lower(carry, self._data) for program in wanted]
        compile_together([self._starting.lowered(), *lowered])

    def describe(self) -> ProgramDescription:
        """Return the facts that are stored with results."""
        return described_program(self.split, self.layout)

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

    def _ends_early(self, epoch: int) -> bool:
        """Return whether training ends within this epoch."""
        return epoch == self.recipe.epochs and self.recipe.steps is not None

    @usual_settings()
    def shapes(self, members: Sequence[Member], n_padded: int) -> Carry:
        """Return the shapes of the states of members before training, with padding, and their settings."""
        return self.layout.shapes(self._starting.shapes(n_padded)), self._traced(filled(members, n_padded))

    def _started(self, members: Sequence[Member], n_padded: int) -> Carry:
        """Return the states of members before training, padded by repeating the last one, and their settings."""
        padded, default = filled(members, n_padded), rate_of(self.recipe.optimizer)
        states = self._starting.states(
            [member.seed for member in padded], [member.learning_rate_or(default) for member in padded]
        )
        ended = np.where(np.arange(n_padded) < len(members), NEVER, 0).astype(np.int32)
        states = eqx.tree_at(lambda state: state.ended_update, states, ended)
        return self.layout.spread(states), self._traced(padded)

    def _draw_noise_for(self, members: Sequence[Member]) -> None:
        """Draw the members' kinds of noise that are not drawn yet."""
        kinds = kinds_of([*self.kinds, *(noise for member in members for noise in member.noise)])
        if len(kinds) > len(self.kinds):
            self.kinds = kinds
            self._data = self.layout.replicated(noisy_split(self.split, self.noise_seed, kinds))

    def _traced(self, members: Sequence[Member]) -> TracedMember:
        default = rate_of(self.recipe.optimizer)
        strengths = [(*member.strengths_of(self.recipe.regularizers), STRENGTH_PADDING) for member in members]
        member = TracedMember(
            seed=jnp.asarray(np.array([member.seed for member in members], np.int32)),
            view=views_of(self._data, [one.noise for one in members], [one.inclusion for one in members]),
            learning_rate=jnp.asarray(np.array([member.learning_rate_or(default) for member in members], np.float32)),
            strengths=jnp.asarray(np.array(strengths, np.float32)),
        )
        return self.layout.spread(jax.device_get(member))  # Moves from the host need no compiled program.
