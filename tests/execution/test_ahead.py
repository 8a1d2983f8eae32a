"""The programs of the next chunks are compiled while a chunk is computed, and then compile nothing more."""

import dataclasses
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import pytest
import xarray as xr
from counting import Counter, Counting
from worlds import Fingerprint, blobs

from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.execution.ahead import CompilesAhead
from byheart.execution.chunks import Job
from byheart.execution.local_executor import run_sweep, run_sweeps
from byheart.execution.progress import NoProgress
from byheart.measures.accuracy import Accuracy
from byheart.networks.mlp import MLP
from byheart.populations.grid import GridSweep, grid_points
from byheart.populations.sweep import PopulationSweep
from byheart.results.store import Store
from byheart.sweeps.protocol import Checkpoint, NoCheckpoint, Sweep
from byheart.training.member import Member
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe
from byheart.unrolling.loss_sensitivity import LastSteps
from byheart.unrolling.losses import WholeSetLoss
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep

SPLIT = blobs(20, 6)
SECONDS = 30.0
"""Until a test gives up waiting for another thread."""
RECIPE = Recipe(MLP((4,)), SGD(0.1), batch_size=5, epochs=2)

is_compiled: dict[int, threading.Event] = defaultdict(threading.Event)
needs: dict[int, int] = {}
"""By the member of a chunk: the member whose program must be compiled before the chunk ends."""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    is_compiled.clear()
    needs.clear()


@dataclasses.dataclass(frozen=True)
class Compiling(Counting):
    """A sweep with a program of its own for each chunk."""

    def program(self, split: Split, n_members: int) -> Counter:
        return Compiler(self, split)


class Compiler(Counter):
    """A program whose chunks wait for the programs that they name in `needs`."""

    def program_of(self, chunk: Counting) -> int:
        return chunk.members[0]

    def compile(self, chunk: Counting) -> None:
        if chunk.members[0] < 0:
            raise ValueError("this program cannot be compiled")
        is_compiled[chunk.members[0]].set()

    def results(
        self, chunk: Counting, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        (member,) = chunk.members
        assert is_compiled[member].is_set()
        if member in needs:
            assert is_compiled[needs[member]].wait(SECONDS), "the next program is not compiled ahead"
        return super().results(chunk, on_progress, checkpoint)


def sweep_of(*members: int) -> Compiling:
    return Compiling(members, length=2, seconds=0.0)


def test_the_programs_of_the_next_chunks_are_compiled_while_a_chunk_is_computed(tmp_path: Path) -> None:
    assert isinstance(sweep_of(1).program(SPLIT, 1), CompilesAhead)
    needs.update({1: 2, 2: 3})
    found = run_sweep("toy", sweep_of(1, 2, 3), SPLIT, Store(tmp_path), [1])
    assert found.seed.values.tolist() == [1, 2, 3]
    assert len(set(found.n_chunks.values.tolist())) == 3, "one program counts all chunks"


def test_the_next_sweep_with_missing_chunks_is_begun_while_the_last_chunk_of_one_is_computed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run_sweep("stored", sweep_of(2), SPLIT, store, [1])
    needs.update({1: 3})
    jobs = [Job(label, sweep_of(member), SPLIT, [1]) for label, member in (("first", 1), ("stored", 2), ("third", 3))]
    assert [found.seed.item() for found in run_sweeps(jobs, store)] == [1, 2, 3]


def test_a_chunk_that_waits_for_its_program_says_so(tmp_path: Path) -> None:
    heard: list[tuple[str, int]] = []

    class Heard(NoProgress):
        def compiling(self, chunk: int) -> None:
            heard.append(("compiling", chunk))

        def advanced(self, chunk: int, done: int) -> None:
            heard.append(("advanced", chunk))

    needs.update({1: 2})
    run_sweep("toy", sweep_of(1, 2), SPLIT, Store(tmp_path), [1], Heard())
    assert heard[:2] == [("compiling", 0), ("advanced", 0)]


def test_what_the_compiler_raises_is_raised_and_finished_chunks_stay(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="this program cannot be compiled"):
        run_sweep("toy", sweep_of(1, -5), SPLIT, Store(tmp_path), [1])
    assert len(list(tmp_path.glob("toy-*.nc"))) == 1


SWEEPS: dict[str, Any] = {
    "population": PopulationSweep(
        RECIPE, (Member(0), Member(1, (RandY(0.5),)), Member(2)), (Accuracy(),), (0, 2), (Fingerprint(),)
    ),
    "that stops within an epoch": PopulationSweep(
        dataclasses.replace(RECIPE, steps=6), (Member(0), Member(1)), (Accuracy(),)
    ),
    "grid": GridSweep.over(grid_points(RECIPE, width=[3, 4], seed=range(2)), final_measures=(Accuracy(),)),
    "unrolled": UnrolledSweep(
        MLP(()),
        (UnrolledMember(seed=0), UnrolledMember(seed=1)),
        4,
        (MeanLossSensitivity((4,), LastSteps(2), WholeSetLoss()),),
        batch_size=5,
    ),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_after_compiling_ahead_a_chunk_compiles_no_large_program_and_has_the_same_numbers(name: str) -> None:
    sweep: Sweep = SWEEPS[name]
    sizes = sweep.chunk_sizes(SPLIT)
    chunk = sweep.chunks(sizes)[0]
    compiled: list[str] = []

    def on_event(event: str, seconds: float, fun_name: str = "", **others: object) -> None:
        if event.endswith("backend_compile_duration"):
            compiled.append(fun_name)

    program = sweep.program(SPLIT, max(sizes))
    assert isinstance(program, CompilesAhead)
    jax.monitoring.register_event_duration_secs_listener(on_event)
    try:
        program.compile(chunk)
        n_large = compiled.count("jit(spread)")
        compiled.clear()
        found = program.results(chunk, lambda done: None)
        assert n_large >= 2
        assert "jit(spread)" not in compiled
    finally:
        jax.monitoring.unregister_event_duration_listener(on_event)
    xr.testing.assert_identical(found, sweep.program(SPLIT, max(sizes)).results(chunk, lambda done: None))
