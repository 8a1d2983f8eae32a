"""Sweeps on a Ray cluster of two worker processes give the bytes of this machine, even if processes die."""

import contextlib
import dataclasses
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import xarray as xr
from counting import DIES, LIE_IN_WAIT, Counting
from worlds import Fingerprint, blobs

from byheart.checks import BadInput
from byheart.data.subsets import Subset
from byheart.execution import ray_connection, ray_executor
from byheart.execution.chunks import Job, chunk_names
from byheart.execution.local_executor import run_sweep
from byheart.execution.progress import NoProgress
from byheart.execution.ray_executor import RayCluster, TaskLost, run_sweeps_on_ray
from byheart.measures.accuracy import Accuracy
from byheart.networks.mlp import MLP
from byheart.populations.grid import GridSweep, grid_points
from byheart.populations.sweep import PopulationSweep
from byheart.results.store import Store, digest
from byheart.sweeps.protocol import Sweep
from byheart.training.member import Member, noise_at
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe
from byheart.unrolling.loss_sensitivity import LastSteps
from byheart.unrolling.losses import WholeSetLoss
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep

SPLIT = blobs(20, 6)
RECIPE = Recipe(MLP((4,)), SGD(0.1), batch_size=5, epochs=2)
MEMBERS = (
    Member(0),
    Member(1, noise_at(rand_x=0.5)),
    Member(2, noise_at(rand_y=0.4)),
    Member(3),
    Member(4, noise_at(0.5, 0.5)),
)
LONG = PopulationSweep(
    dataclasses.replace(RECIPE, epochs=2000), MEMBERS, (Accuracy(), Fingerprint()), (0, 2), (Accuracy(),), noise_seed=1
)
"""A sweep that takes long enough to be killed."""
SWEEPS: dict[str, tuple[Sweep, list[int]]] = {
    "a grid": (
        GridSweep.over(grid_points(RECIPE, width=[3, 4], subset=[Subset(10)], seed=range(2)), measures=(Accuracy(),)),
        [2, 1],
    ),
    "differentiated through": (
        UnrolledSweep(
            architecture=MLP(()),
            members=(UnrolledMember(seed=0), UnrolledMember(seed=1)),
            horizon=4,
            measures=(MeanLossSensitivity((4,), LastSteps(2), WholeSetLoss()),),
            batch_size=5,
        ),
        [1],
    ),
}


class Heard(NoProgress):
    """Records the progress of a sweep, and calls a function when a chunk makes progress."""

    def __init__(self, once_on_its_way: Callable[[int], None] = lambda chunk: None) -> None:
        self.events: list[tuple[Any, ...]] = []
        self._once_on_its_way = once_on_its_way

    def started(self, label: str, weights: Any, stored: Any, length: int, unit: str) -> None:
        self.events.append(("started", len(weights), len(stored)))

    def advanced(self, chunk: int, done: int) -> None:
        if done > 0 and ("advanced", chunk) not in self.events:
            self.events.append(("advanced", chunk))
            self._once_on_its_way(chunk)

    def finished(self, chunk: int, seconds: float) -> None:
        self.events.append(("finished", chunk))


@pytest.fixture(scope="module")
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Ray with two CPUs and a pretended GPU for all tests of this file; its processes can import test modules."""
    here = Path(__file__).parent
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(here), str(here.parent)]))
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path_factory.mktemp("compiled")))
        import ray

        ray.init("local", num_cpus=2, num_gpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield ray
    ray.shutdown()


def run(directory: Path, sweep: Sweep, sizes: list[int], progress: Heard | None = None, **cluster: Any) -> xr.Dataset:
    job, where = Job("toy", sweep, SPLIT, sizes), RayCluster(**{"gpus_per_task": 0} | cluster)
    (results,) = run_sweeps_on_ray([job], Store(directory), progress or Heard(), where)
    return results


def at_work(chunk: int) -> list[psutil.Process]:
    """Return the processes that compute a chunk, which Ray names after it."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if " ".join(process.cmdline()).startswith(f"ray::toy: chunk {chunk + 1} of "):
                found.append(process)
    return found


def kill(chunk: int) -> None:
    (process,) = at_work(chunk)
    process.kill()


def of_numbers(results: xr.Dataset) -> str:
    return digest(results.drop_attrs(deep=False))


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize("name", SWEEPS)
def test_the_numbers_are_those_of_this_machine_bit_by_bit(tmp_path: Path, name: str) -> None:
    sweep, sizes = SWEEPS[name]
    here = run_sweep("toy", sweep, SPLIT, Store(tmp_path / "here"), sizes)
    there = run(tmp_path / "there", sweep, sizes)
    assert of_numbers(there) == of_numbers(here)
    assert there.attrs["devices"] == "1 x cpu"
    assert here.attrs["devices"] == f"{min(2, max(sizes))} x cpu"
    names = [{path.name for path in (tmp_path / place).glob("*.nc")} for place in ("here", "there")]
    assert names[0] == names[1]
    assert of_numbers(run_sweep("toy", sweep, SPLIT, Store(tmp_path / "there"), sizes)) == of_numbers(here)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Return the results of the long sweep on this machine."""
    return run_sweep("toy", LONG, SPLIT, Store(tmp_path_factory.mktemp("undisturbed")), [3])


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_when_a_worker_is_killed_in_mid_run_the_sweep_ends_complete_and_identical(
    undisturbed: xr.Dataset, tmp_path: Path
) -> None:
    killed: list[int] = []

    def once(chunk: int) -> None:
        kill(chunk)
        killed.append(chunk)

    found = run(tmp_path, LONG, [3], Heard(once), seconds_between_checkpoints=0.2)
    assert killed
    assert of_numbers(found) == of_numbers(undisturbed)


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_when_a_worker_that_is_not_retried_is_killed_a_resumed_run_ends_identical(
    undisturbed: xr.Dataset, tmp_path: Path
) -> None:
    with pytest.raises(TaskLost, match=r"^The process of chunk . of 2 of toy died once\.") as raised:
        run(tmp_path, LONG, [3], Heard(kill), retries=0)
    assert "worker died" in str(raised.value)
    assert of_numbers(run(tmp_path, LONG, [3])) == of_numbers(undisturbed)


@pytest.mark.slow
def test_what_is_finished_is_stored_at_once_and_never_computed_again(ray: Any, tmp_path: Path) -> None:
    sweep = Counting(tuple(range(6)), seconds=0.05)
    found = run(tmp_path, sweep, [1])
    assert set(found.begun_at.values) == {0}
    assert os.getpid() not in found.process
    assert set(found.n_chunks.values) != {1}, "no process counted twice with one program"
    lacking = chunk_names("toy", sweep, SPLIT.fingerprint, [1])[4]
    (tmp_path / f"{lacking}.nc").unlink()
    heard = Heard()
    again = run(tmp_path, sweep, [1], heard)
    assert [event for event in heard.events if event[0] != "advanced"] == [("started", 6, 5), ("finished", 4)]
    assert (again.process.values == found.process.values)[[0, 1, 2, 3, 5]].all()


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_an_exception_in_a_task_is_told_and_what_finished_is_stored(tmp_path: Path) -> None:
    heard = Heard()
    with pytest.raises(ValueError, match="a number is missing") as raised:
        run(tmp_path, Counting((0, 1, LIE_IN_WAIT, *range(3, 60)), seconds=0.1), [1], heard)
    assert raised.value.__notes__ == ["This happened in chunk 3 of 60 of toy. Finished chunks are stored."]
    finished = [event for event in heard.events if event[0] == "finished"]
    assert {("finished", 0), ("finished", 1)} <= set(finished)
    assert len(finished) < 59
    assert len(list(tmp_path.glob("*.nc"))) == len(finished)
    wait_until(lambda: not any(map(at_work, range(60))))


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_a_process_that_always_dies_is_given_up_after_its_retries(tmp_path: Path) -> None:
    with pytest.raises(
        TaskLost, match=r"^The process of chunk 2 of 2 of toy died 2 times\. Finished chunks are stored\. Ray says: "
    ):
        run(tmp_path, Counting((0, DIES)), [1], retries=1)
    assert len(list(tmp_path.glob("*.nc"))) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_a_retried_task_takes_up_what_the_killed_one_left(tmp_path: Path) -> None:
    heard = Heard(kill)
    found = run(tmp_path, Counting((0,), length=60, seconds=0.05), [1], heard, seconds_between_checkpoints=0)
    assert int(found.begun_at[0]) > 0
    assert not list(tmp_path.glob(".*checkpoint"))


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_a_resumed_run_takes_up_what_an_interrupted_one_left(tmp_path: Path) -> None:
    sweep = Counting((0,), length=80, seconds=0.05)
    store = Store(tmp_path)
    (name,) = chunk_names("toy", sweep, SPLIT.fingerprint, [1])

    class Interrupts(Heard):
        def advanced(self, chunk: int, done: int) -> None:
            if (tmp_path / f".{name}.checkpoint").exists():
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, sweep, [1], Interrupts(), seconds_between_checkpoints=0)
    wait_until(lambda: not at_work(0))
    left = store.checkpoint(name).load()
    assert left is not None
    found = run(tmp_path, sweep, [1])
    assert int(found.begun_at[0]) == int(left[0]) > 0


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_a_chunk_that_another_process_computes_is_waited_for(tmp_path: Path) -> None:
    sweep = Counting((0, 1))
    names = chunk_names("toy", sweep, SPLIT.fingerprint, [1])
    theirs = run_sweep("toy", sweep, SPLIT, Store(tmp_path / "theirs"), [1])
    store = Store(tmp_path / "ours")
    with contextlib.ExitStack() as claim:
        claim.enter_context(store.claimed(names[0], block=False))

        class Other(Heard):
            def finished(self, chunk: int, seconds: float) -> None:
                super().finished(chunk, seconds)
                if chunk == 1:
                    store.write(names[0], theirs.isel(member=[0]))
                    claim.close()

        heard = Other()
        found = run(tmp_path / "ours", sweep, [1], heard)
    assert [event for event in heard.events if event[0] == "finished"] == [("finished", 1), ("finished", 0)]
    assert found.process[0] == os.getpid() != found.process[1]


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_a_task_that_no_machine_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"^No machine of the cluster has 999 CPUs and 0 GPUs, which each task requests\.$"
    ):
        run(tmp_path, Counting((0,)), [1], cpus_per_task=999)


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize("share", [None, 0.5])
def test_a_task_with_a_gpu_has_a_process_of_its_own(tmp_path: Path, share: float | None) -> None:
    found = run(tmp_path, Counting((0, 1)), [1], gpus_per_task=share)
    assert set(found.n_gpus.values) == {1}
    assert len(set(found.process.values)) == 2


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"cpus_per_task": 0}, "`cpus_per_task` must be a whole number of at least 1; got 0."),
        ({"gpus_per_task": -1.0}, "`gpus_per_task` must be a finite number of at least 0; got -1.0."),
        ({"gpus_per_task": 1.5}, "`gpus_per_task` above 1 must be a whole number; got 1.5."),
        ({"retries": -1}, "`retries` must be a whole number of at least 0; got -1."),
        (
            {"address": "ray://head:10001"},
            "`address` must be auto or HOST:PORT of the cluster's head, such as 10.0.0.1:6379; got 'ray://head:10001'.",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as raised:
        RayCluster(**settings)
    assert str(raised.value) == sentence


def test_a_task_has_as_many_threads_as_there_would_be_here_since_large_sums_depend_on_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NPROC", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 2}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert ray_executor._environment(1, 0) == {"JAX_NUM_CPU_DEVICES": "1", "NPROC": "3", "JAX_PLATFORMS": "cpu"}


def test_where_ray_is_not_installed_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BadInput, match=r'^Ray is not installed; run `pip install "byheart\[ray\]"`\.$'):
        run(tmp_path, Counting((0,)), [1])


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere.invalid:6379"])
def test_an_address_that_does_not_answer_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_connection, "SECONDS_TO_CONNECT", 2.0)
    monkeypatch.setattr("byheart.execution.ray_connection.loaded", lambda: NotConnected)
    with (
        pytest.raises(BadInput, match=rf"^No Ray cluster answers at {address} within 2 s\.$"),
        RayCluster(address).connected(),
    ):
        pass


class NotConnected:
    """A stand-in for Ray."""

    @staticmethod
    def is_initialized() -> bool:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
