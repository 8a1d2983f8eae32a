"""Runs a sweep on a Ray cluster: each chunk is a task, and only this process stores results.

Ray schedules tasks and moves data. This module requests resources for chunks, retries lost tasks and stores results.
"""

import collections
import contextlib
import dataclasses
import functools
import os
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import xarray as xr

from byheart import checks, literals
from byheart.cores import available_cores
from byheart.execution.chunks import ChunkedSweep, Job
from byheart.execution.executor import RunSweeps
from byheart.execution.progress import NoProgress, Progress
from byheart.execution.ray_connection import connected
from byheart.execution.ray_task import Arrays, ChunkTask, Message, compute, versions
from byheart.results.checkpoint import SECONDS_BETWEEN, SaveInterval
from byheart.results.store import Store, signature

SUBMITTED_AT_ONCE = 500
"""Largest number of submitted tasks. Each holds a lock, which is an open file."""
SECONDS_BETWEEN_POLLS = 1.0
"""Between two reads of the messages of tasks."""
AUTO = "auto"
"""Address of the Ray cluster that runs on this machine."""


class TaskLost(checks.Failure):
    """The process of a task died more often than the number of retries."""


@dataclasses.dataclass(frozen=True)
class RayCluster:
    """The machines of a Ray cluster. A process that is already connected to Ray uses that connection.

    Attributes:
        address: HOST:PORT of the cluster's head, or `auto` for the cluster of this machine. None starts Ray on this
            machine, for as long as it is needed.
        cpus_per_task: CPU cores of a chunk. Each core is a separate device, as on one machine.
        gpus_per_task: GPUs of a chunk, or a fraction of one. None means 1 if the cluster has any, otherwise 0.
        retries: number of retries of a chunk whose process died. A retry resumes from the last checkpoint. An
            exception is not retried.
        seconds_between_checkpoints: of a long chunk; the work that the death of a process can lose.

    Raises:
        BadInput: a value is out of range.
    """

    address: str | None = None
    cpus_per_task: int = 1
    gpus_per_task: float | None = None
    retries: int = 3
    seconds_between_checkpoints: float = SECONDS_BETWEEN

    def __post_init__(self) -> None:
        checks.fields(self, cpus_per_task=checks.count, retries=checks.count_from_0)
        checks.fields(self, seconds_between_checkpoints=checks.not_negative)
        checks.fields(self, gpus_per_task=checks.optional(checks.not_negative))
        gpus = self.gpus_per_task or 0
        if gpus > 1 and gpus != int(gpus):
            raise checks.BadInput(f"`gpus_per_task` above 1 must be a whole number; got {gpus!r}.")
        if self.address is not None and self.address != AUTO:
            host, _, port = self.address.rpartition(":")
            if not host or "/" in host or not port.isdigit():
                raise checks.BadInput(
                    f"`address` must be {AUTO} or HOST:PORT of the cluster's head, such as 10.0.0.1:6379; "
                    f"got {self.address!r}."
                )

    @contextlib.contextmanager
    def opened(self) -> Iterator[RunSweeps]:
        """Yield the function that runs sweeps on the cluster.

        Raises:
            BadInput: Ray is not installed, does not answer, or has no machine with enough CPUs and GPUs.
        """
        with self.connected():
            yield functools.partial(run_sweeps_on_ray, cluster=self)

    @contextlib.contextmanager
    def connected(self) -> Iterator[Any]:
        """Connect to the cluster and yield the module `ray`.

        Raises:
            BadInput: as `opened`.
        """
        with connected(self.address) as ray:
            wanted = {"CPU": self.cpus_per_task, "GPU": self.gpus(ray)}
            machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
            if not any(all(has.get(kind, 0) >= number for kind, number in wanted.items()) for has in machines):
                raise checks.BadInput(
                    f"No machine of the cluster has {wanted['CPU']} CPUs and {wanted['GPU']:g} GPUs, which each task "
                    "requests."
                )
            yield ray

    def gpus(self, ray: Any) -> float:
        """Return the number of GPUs of a task on the cluster that Ray is connected to."""
        if self.gpus_per_task is None:
            return float(ray.cluster_resources().get("GPU", 0) > 0)
        return self.gpus_per_task


def run_sweeps_on_ray(
    jobs: Sequence[Job], store: Store, progress: Progress = NoProgress(), cluster: RayCluster = RayCluster()
) -> Iterator[xr.Dataset]:
    """Yield the results of all members of each sweep, joined along `member`, as `local_executor.run_sweeps` does.

    Both may share the work in the same store. If a chunk raises an exception, it is raised here. Finished chunks are
    always stored.

    Raises:
        BadInput: the cluster is not available.
        TaskLost: the process of a chunk died too often.
    """
    for job in jobs:
        chunked = ChunkedSweep.of(job, store)
        chunked.notify(progress)
        with cluster.connected() as ray, _Tasks(ray, chunked, cluster, progress) as tasks:
            all_are_claimed_by_others = False
            while missing := chunked.missing():
                n_claimed = sum(
                    tasks.claim(index, all_are_claimed_by_others and index == missing[0]) for index in missing
                )
                tasks.finish_all()
                all_are_claimed_by_others = n_claimed == 0
        yield chunked.joined()


class _Tasks:
    """Submitted chunks of one sweep, with their locks."""

    def __init__(self, ray: Any, chunked: ChunkedSweep, cluster: RayCluster, progress: Progress) -> None:
        sweep, split, n_members = chunked.job.sweep, chunked.job.split, max(chunked.job.chunk_sizes)
        self._ray, self._chunked, self._progress = ray, chunked, progress
        self._fingerprint, self._retries = split.fingerprint, cluster.retries
        self._task = functools.partial(
            ChunkTask, n_members=n_members, seconds_between=cluster.seconds_between_checkpoints, versions=versions()
        )
        gpus = cluster.gpus(ray)
        self._compute = ray.remote(
            num_cpus=cluster.cpus_per_task,
            num_gpus=gpus,
            max_retries=0,
            runtime_env={"env_vars": _environment(cluster.cpus_per_task, gpus)},
        )(compute)
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        self._messages = ray.util.queue.Queue(actor_options={"num_cpus": 0, "scheduling_strategy": here})
        self._inputs = ray.put((sweep, split))
        self._running: dict[Any, int] = {}
        self._claims: dict[int, contextlib.ExitStack] = {}
        self._deaths = collections.Counter[int]()
        self._checkpoints: dict[int, Arrays] = {}
        self._polled_at, self._save_interval = time.monotonic(), SaveInterval(seconds=0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Tasks end when their queue is gone. `ray.cancel` is not used, since it can crash Ray.
        self._messages.shutdown(force=True)
        for claim in self._claims.values():
            claim.close()

    def claim(self, index: int, block: bool) -> bool:
        """Submit a chunk, unless it has been stored meanwhile; return False if another process has claimed it.

        Args:
            index: of the chunk.
            block: wait for the other process instead.
        """
        while len(self._running) >= SUBMITTED_AT_ONCE:
            self._finish_some()
        claim = contextlib.ExitStack()
        if not claim.enter_context(self._chunked.store.claimed(self._chunked.names[index], block)):
            return False
        self._claims[index] = claim
        if self._chunked.load(index):
            self._finish(index)
        else:
            self._submit(index)
        return True

    def finish_all(self) -> None:
        """Wait for all submitted chunks."""
        while self._running:
            self._finish_some()

    def _submit(self, index: int) -> None:
        """Submit a chunk, with its last checkpoint, if there is one."""
        chunk = self._chunked.chunks[index]
        checkpoint = self._chunked.store.checkpoint(self._chunked.names[index]).load()
        task = self._task(index, chunk, checkpoint, signature([_without_members(chunk), self._fingerprint]))
        compute = self._compute.options(name=f"{self._chunked.label}: {self._place(index)}")
        self._running[compute.remote(task, self._inputs, self._messages)] = index

    def _finish_some(self) -> None:
        """Wait for at most `SECONDS_BETWEEN_POLLS`, store the results of finished chunks, and read messages."""
        finished, _ = self._ray.wait(list(self._running), timeout=SECONDS_BETWEEN_POLLS)
        for task in finished:
            index = self._running.pop(task)
            result = self._result(task, index)
            if result is None:
                self._read_messages()
                self._save_checkpoints()
                self._submit(index)
            else:
                self._chunked.save(index, result)
                self._finish(index)
        if time.monotonic() - self._polled_at >= SECONDS_BETWEEN_POLLS:
            self._read_messages()
            if self._save_interval.is_due():
                self._save_checkpoints()
            self._polled_at = time.monotonic()

    def _result(self, task: Any, index: int) -> xr.Dataset | None:
        """Return a copy of a task's result, which frees Ray's memory; None if the chunk must be submitted again.

        Raises:
            TaskLost: its process died too often.
        """
        where = f"{self._place(index)} of {self._chunked.label}"
        try:
            result = self._ray.get(task)
            return None if result is None else result.copy(deep=True)
        except self._ray.exceptions.RayTaskError as error:
            cause = error.cause if isinstance(error.cause, Exception) else error
            cause.add_note(f"This happened in {where}. Finished chunks are stored.")
            raise cause from None if cause is error else error
        except self._ray.exceptions.RayError as error:
            self._deaths[index] += 1
            if self._deaths[index] <= self._retries:
                return None
            times = "once" if self._deaths[index] == 1 else f"{self._deaths[index]} times"
            why = str(error).strip().splitlines()[0]
            raise TaskLost(
                f"The process of {where} died {times}. Finished chunks are stored. Ray says: {why}"
            ) from error

    def _place(self, index: int) -> str:
        return f"chunk {index + 1} of {len(self._chunked.chunks)}"

    def _finish(self, index: int) -> None:
        """Release the lock of a stored chunk, and report it."""
        self._checkpoints.pop(index, None)
        self._claims.pop(index).close()
        self._progress.finished(index, self._chunked.seconds(index))

    def _read_messages(self) -> None:
        """Read the messages of all tasks: report progress, and keep the last checkpoint of each chunk."""
        running = set(self._running.values())
        messages: list[Message] = self._messages.get_nowait_batch(self._messages.qsize())
        for index, content in messages:
            if isinstance(content, list):
                self._checkpoints[index] = content
            elif index in running:
                self._progress.advanced(index, content)

    def _save_checkpoints(self) -> None:
        """Save the checkpoints of unfinished chunks."""
        with self._save_interval.kept():
            for index, arrays in self._checkpoints.items():
                if index in self._claims:
                    self._chunked.store.checkpoint(self._chunked.names[index]).save(arrays)
        self._checkpoints.clear()


def _without_members(chunk: Any) -> str:
    """Return the text of a chunk without its members, which chunks of the same population share."""
    return literals.text(dataclasses.replace(chunk, members=()))


def _environment(cpus: int, gpus: float) -> dict[str, str]:
    """Return environment variables for the process of a task.

    They set the devices that JAX sees, and as many threads as here, since XLA splits large sums by their number.
    """
    same = {"JAX_NUM_CPU_DEVICES": str(cpus), "NPROC": os.environ.get("NPROC", str(available_cores()))}
    if gpus == 0:
        return same | {"JAX_PLATFORMS": "cpu"}
    return same if gpus >= 1 else same | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
