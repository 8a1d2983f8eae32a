"""Checkpoints: the states of a training run that are kept in memory while it is differentiated.

A run of T updates is cut into segments of equal length. The state at the start of each is kept, and, while a segment is
differentiated, all states inside it: T / length + length states. The other states are computed again, segment by
segment. Whatever the length, every update is computed twice, so segments of sqrt(T) updates take the least memory and
cost no time.
"""

import dataclasses
import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from byheart import checks
from byheart.unrolling.training_run import State, TrainingRun


@dataclasses.dataclass(frozen=True)
class KeepEverything:
    """One segment: all states are in memory at once."""

    def segment_length(self, n_states: int, bytes_per_state: int) -> int:
        """Return the number of states."""
        del bytes_per_state
        return n_states


@dataclasses.dataclass(frozen=True)
class SquareRoot:
    """Segments of about sqrt(T) updates: about 2 sqrt(T) states in memory, the least possible."""

    def segment_length(self, n_states: int, bytes_per_state: int) -> int:
        """Return the square root of the number of states, rounded up.

        >>> SquareRoot().segment_length(10_000, 1)
        100
        """
        del bytes_per_state
        return math.isqrt(n_states - 1) + 1


@dataclasses.dataclass(frozen=True)
class MemoryBudget:
    """The longest segments whose states take at most `n_bytes` bytes."""

    n_bytes: int

    def __post_init__(self) -> None:
        checks.fields(self, n_bytes=checks.count)

    def segment_length(self, n_states: int, bytes_per_state: int) -> int:
        """Return the longest length that fits.

        Raises:
            BadInput: the budget is too small even for the square root.

        >>> MemoryBudget(30).segment_length(100, 1), MemoryBudget(101).segment_length(100, 1)
        (26, 100)
        """
        affordable = self.n_bytes // bytes_per_state
        least = SquareRoot().segment_length(n_states, bytes_per_state)
        needed = least + -(-n_states // least)
        if affordable < needed:
            raise checks.BadInput(
                f"`n_bytes` must be at least {needed * bytes_per_state:,}, "
                f"{needed} states of {bytes_per_state:,} bytes; got {self.n_bytes:,}."
            )
        return next(
            length for length in range(n_states, least - 1, -1) if length + -(-n_states // length) <= affordable
        )


UPDATES_AT_ONCE = 500
"""Updates in one call of a compiled program: on a CPU, loops keep a little memory for every update until it ends."""

Checkpointing = KeepEverything | SquareRoot | MemoryBudget


def bytes_per_state(run: TrainingRun) -> int:
    """Return the memory of one state of `run`, in bytes."""
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(run.start))


@dataclasses.dataclass(frozen=True)
class Segments:
    """A run cut into segments. State t precedes update t; the last segment is padded by repeating the last update.

    Attributes:
        length: number of states in a segment.
        n: number of segments.
    """

    length: int
    n: int

    @classmethod
    def of(cls, run: TrainingRun, checkpointing: Checkpointing) -> "Segments":
        """Return segments that hold the states 0 to T."""
        n_states = run.n_steps + 1
        length = checkpointing.segment_length(n_states, bytes_per_state(run))
        return cls(length, -(-n_states // length))

    def batches(self, run: TrainingRun) -> Int[Array, "segment step batch"]:
        """Return the minibatches of each segment."""
        filling = self.n * self.length - run.n_steps
        filled = jnp.concatenate([run.batches, jnp.repeat(run.batches[-1:], filling, axis=0)])
        return filled.reshape(self.n, self.length, -1)

    def stretches(self, last_step: int) -> list[tuple[int, int]]:
        """Divide the segments up to that of state `last_step` into stretches of about `UPDATES_AT_ONCE` updates.

        Stretches run from the last to the first. Each is a pair: its first segment, and the one after its last.

        >>> Segments(length=200, n=8).stretches(1300)
        [(5, 7), (3, 5), (1, 3), (0, 1)]
        """
        in_stretch = max(1, UPDATES_AT_ONCE // self.length)
        end = last_step // self.length + 1
        return [(max(0, high - in_stretch), high) for high in range(end, 0, -in_stretch)]

    def checkpoints(self, run: TrainingRun) -> State:
        """Return the states at the starts of the segments, stacked on a first axis."""

        def segment(state: State, batches: Int[Array, "step batch"]) -> tuple[State, State]:
            end, _ = jax.lax.scan(lambda state, indices: (run.step(state, indices), None), state, batches)
            return end, state

        last, others = jax.lax.scan(segment, run.start, self.batches(run)[:-1])
        return jax.tree.map(lambda many, one: jnp.concatenate([many, one[None]]), others, last)

    def states(self, run: TrainingRun, start: State, batches: Int[Array, "step batch"]) -> State:
        """Return all states of a segment that begins with `start`, stacked on a first axis."""
        return jax.lax.scan(lambda state, indices: (run.step(state, indices), state), start, batches)[1]


def at(stacked: PyTree, index: Int[Array, "..."]) -> PyTree:
    """Return the entry, or entries, `index` along the first axis of every leaf."""
    return jax.tree.map(lambda leaf: leaf[index], stacked)
