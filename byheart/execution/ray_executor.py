"""Runs a sweep on a Ray cluster: each chunk is a task, and this process alone stores what comes back.

Ray schedules, retries and moves data; here is only what a chunk asks for, and what is done with its result.
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
from byheart.data.dataset import Split
from byheart.execution.chunks import ChunkedSweep
from byheart.execution.executor import RunSweep
from byheart.execution.progress import NoProgress, Progress
from byheart.execution.ray_connection import connected
from byheart.execution.ray_task import Arrays, ChunkTask, Message, compute, versions
from byheart.results.checkpoint import SECONDS_BETWEEN, SaveInterval
from byheart.results.store import Store, signature
from byheart.sweeps.protocol import Sweep

SUBMITTED_AT_ONCE = 500
"""Tasks that Ray knows of; for each, a lock, which is an open file, is held."""
SECONDS_BETWEEN_LOOKS = 1.0
"""At how far tasks are."""
AUTO = "auto"
"""The address of whatever Ray runs on this machine."""


class TaskLost(RuntimeError):
    """A task's process died more often than it is retried."""


@dataclasses.dataclass(frozen=True)
class RayCluster:
    """The machines of a Ray cluster. A process that is already connected to Ray uses what it is connected to.

    Attributes:
        address: HOST:PORT of the cluster's head, or `auto` for that of this machine; None starts Ray on this machine, for as long as it is needed.
        cpus_per_task: CPU cores of a chunk; each is a device of its own, as on one machine.
        gpus_per_task: GPUs of a chunk, or a share of one; None takes 1 where the cluster has any, and 0 elsewhere.
        retries: how often a chunk is begun again when its process dies. What it left last is taken up. An exception is not retried.
        seconds_between_checkpoints: what the death of a process loses, at most, of a long chunk.

    Raises:
        BadInput: a value that cannot be.
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
                    f"`address` must be {AUTO} or HOST:PORT of the cluster's head, such as 10.0.0.1:6379; got {self.address!r}."
                )

    @contextlib.contextmanager
    def opened(self) -> Iterator[RunSweep]:
        """What runs sweeps on the cluster.

        Raises:
            BadInput: Ray is not installed, does not answer, or has no machine that is large enough.
        """
        with self.connected():
            yield functools.partial(run_sweep_on_ray, cluster=self)

    @contextlib.contextmanager
    def connected(self) -> Iterator[Any]:
        """Ray, connected to the cluster."""
        with connected(self.address) as ray:
            wanted = {"CPU": self.cpus_per_task, "GPU": self.gpus(ray)}
            machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
            if not any(all(has.get(kind, 0) >= number for kind, number in wanted.items()) for has in machines):
                raise checks.BadInput(
                    f"No machine of the cluster has {wanted['CPU']} CPUs and {wanted['GPU']:g} GPUs, which each task asks for."
                )
            yield ray

    def gpus(self, ray: Any) -> float:
        """GPUs of a task on the cluster that Ray is connected to."""
        if self.gpus_per_task is None:
            return float(ray.cluster_resources().get("GPU", 0) > 0)
        return self.gpus_per_task


def run_sweep_on_ray(
    label: str,
    sweep: Sweep,
    split: Split,
    store: Store,
    chunk_sizes: Sequence[int],
    progress: Progress = NoProgress(),
    cluster: RayCluster = RayCluster(),
) -> xr.Dataset:
    """The results of all members of `sweep`, joined along `member`, as `local.run_sweep` gives them, which may share the work in the same store.

    Raises:
        BadInput: the cluster is not to be had.
        TaskLost: a chunk's process died again and again. What finished is stored; so it is when a chunk raises an exception, which is raised here.
    """
    chunked = ChunkedSweep.of(label, sweep, split, store, chunk_sizes)
    chunked.notify(progress)
    with cluster.connected() as ray, _Tasks(ray, chunked, split, max(chunk_sizes), cluster, progress) as tasks:
        all_are_claimed_by_others = False
        while missing := chunked.missing():
            n_claimed = sum(tasks.claim(index, all_are_claimed_by_others and index == missing[0]) for index in missing)
            tasks.finish_all()
            all_are_claimed_by_others = n_claimed == 0
    return chunked.joined()


class _Tasks:
    """Chunks of one sweep that are on their way through the cluster, with their locks."""

    def __init__(
        self, ray: Any, chunked: ChunkedSweep, split: Split, n_members: int, cluster: RayCluster, progress: Progress
    ) -> None:
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
        self._inputs = ray.put((chunked.sweep, split))
        self._running: dict[Any, int] = {}
        self._claims: dict[int, contextlib.ExitStack] = {}
        self._deaths = collections.Counter[int]()
        self._left: dict[int, Arrays] = {}
        self._looked_at, self._storing = time.monotonic(), SaveInterval(seconds=0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._messages.shutdown(
            force=True
        )  # Tasks that no one listens to any more end; `ray.cancel` can bring Ray down.
        for claim in self._claims.values():
            claim.close()

    def claim(self, index: int, wait: bool) -> bool:
        """Computes a chunk, if it is not stored meanwhile; False, unless told to wait, where another process is at it."""
        while len(self._running) >= SUBMITTED_AT_ONCE:
            self._finish_some()
        claim = contextlib.ExitStack()
        if not claim.enter_context(self._chunked.store.claimed(self._chunked.names[index], wait)):
            return False
        self._claims[index] = claim
        if self._chunked.finds(index):
            self._is_done(index)
        else:
            self._submit(index)
        return True

    def finish_all(self) -> None:
        """Waits for all chunks that are on their way."""
        while self._running:
            self._finish_some()

    def _submit(self, index: int) -> None:
        """Begins a chunk, or goes on with what an earlier run or a process that died has left of it."""
        chunk, left = self._chunked.chunks[index], self._chunked.store.checkpoint(self._chunked.names[index]).load()
        task = self._task(index, chunk, left, signature([_without_members(chunk), self._fingerprint]))
        compute = self._compute.options(name=f"{self._chunked.label}: {self._place(index)}")
        self._running[compute.remote(task, self._inputs, self._messages)] = index

    def _finish_some(self) -> None:
        """Stores what finishes within the next moment, and listens to the others."""
        finished, _ = self._ray.wait(list(self._running), timeout=SECONDS_BETWEEN_LOOKS)
        for task in finished:
            index = self._running.pop(task)
            result = self._result(task, index)
            if result is None:
                self._listen()
                self._store_what_is_left()
                self._submit(index)
            else:
                self._chunked.keep(index, result)
                self._is_done(index)
        if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._listen()
            if self._storing.is_due():
                self._store_what_is_left()
            self._looked_at = time.monotonic()

    def _result(self, task: Any, index: int) -> xr.Dataset | None:
        """What a task gave, as a copy, so that Ray's memory is free; None where its process died, unless too often."""
        where = f"{self._place(index)} of {self._chunked.label}"
        try:
            found = self._ray.get(task)
            return None if found is None else found.copy(deep=True)
        except self._ray.exceptions.RayTaskError as error:
            cause = error.cause if isinstance(error.cause, Exception) else error
            cause.add_note(f"This happened in {where}. What finished is stored.")
            raise cause from None if cause is error else error
        except self._ray.exceptions.RayError as error:
            self._deaths[index] += 1
            if self._deaths[index] <= self._retries:
                return None
            times = "once" if self._deaths[index] == 1 else f"{self._deaths[index]} times"
            why = str(error).strip().splitlines()[0]
            raise TaskLost(f"The process of {where} died {times}. What finished is stored. Ray says: {why}") from error

    def _place(self, index: int) -> str:
        return f"chunk {index + 1} of {len(self._chunked.chunks)}"

    def _is_done(self, index: int) -> None:
        self._left.pop(index, None)
        self._claims.pop(index).close()
        self._progress.finished(index, self._chunked.seconds(index))

    def _listen(self) -> None:
        """Hears all that tasks have told."""
        running = set(self._running.values())
        messages: list[Message] = self._messages.get_nowait_batch(self._messages.qsize())
        for index, told in messages:
            if isinstance(told, list):
                self._left[index] = told
            elif index in running:
                self._progress.advanced(index, told)

    def _store_what_is_left(self) -> None:
        """Stores checkpoints of chunks that are not done."""
        with self._storing.kept():
            for index, arrays in self._left.items():
                if index in self._claims:
                    self._chunked.store.checkpoint(self._chunked.names[index]).save(arrays)
        self._left.clear()


def _without_members(chunk: Any) -> str:
    """What a chunk has in common with others of the same population."""
    return literals.text(dataclasses.replace(chunk, members=()))


def _environment(cpus: int, gpus: float) -> dict[str, str]:
    """Of a task's process, which it gets for itself: the devices that JAX sees there, and as many threads as here, since XLA cuts large sums by their number."""
    same = {"JAX_NUM_CPU_DEVICES": str(cpus), "NPROC": os.environ.get("NPROC", str(available_cores()))}
    if gpus == 0:
        return same | {"JAX_PLATFORMS": "cpu"}
    return same if gpus >= 1 else same | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
