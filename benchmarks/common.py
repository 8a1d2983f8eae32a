"""What the benchmarks share: timing in interleaved rounds, peak memory, facts of the machine, tables, stored results, data.

Rounds are interleaved (a b c, a b c, ...), so that what else the machine does at the time falls on all methods alike. Quoted are the median
and the smallest of a method's rounds; the smallest is the one least disturbed.
"""

import ctypes
import dataclasses
import datetime
import gc
import importlib.metadata
import itertools
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import byheart as bh
from byheart.data.loading.local_files import FOLDER_VARIABLE

RESULTS = Path(__file__).parent / "results"
PEAK = "peak of a matrix product, GFLOP/s"
"""Under which settings hold what `matrix_peak` gave."""
PACKAGES = ("numpy", "scipy", "jax", "jaxlib", "equinox", "optax", "torch", "torchattacks", "foolbox")


class Seconds(list[float]):
    """The times of one method's rounds, and the most megabytes that one of them added to this process."""

    megabytes = float("nan")

    @property
    def median(self) -> float:
        """What a round usually took."""
        return statistics.median(self)

    @property
    def least(self) -> float:
        """What the least disturbed round took."""
        return min(self)


def interleaved(methods: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, Seconds]:
    """Seconds of each method in each round; a method is told the round's number. Nothing is warmed up: call methods once before."""
    times = {name: Seconds() for name in methods}

    def note_time(name: str, number: int) -> None:
        times[name].append(timed(methods[name], number))

    for number, name in itertools.product(range(rounds), methods):
        megabytes = extra_memory(note_time, name, number)
        if not isinstance(methods[name], Worker | Together):
            times[name].megabytes = float(np.fmax(times[name].megabytes, megabytes))
        say(f"  round {number + 1}/{rounds}  {name}: {times[name][-1]:.3f} s")
    return times


def timed(method: Callable[..., object], *arguments: object) -> float:
    """Seconds one call took; what is returned must be complete (a JAX array must have been waited for)."""
    gc.collect()
    start = time.perf_counter()
    method(*arguments)
    return time.perf_counter() - start


def extra_memory(method: Callable[..., object], *arguments: object) -> float:
    """Megabytes by which the process grew, at most, during one call: its peak resident memory less what was resident before.

    Compiled programs and data made before do not count. NaN where the system has no /proc/self/clear_refs.
    """
    gc.collect()
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
        before = _status("VmRSS")
        method(*arguments)
        return (_status("VmHWM") - before) / 1024
    except OSError:
        method(*arguments)
        return float("nan")


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


class Worker:
    """A method that lives in a process of its own, for settings that a process can have only once, such as its threads.

    Args:
        make: called with `arguments` in the new process; returns the method, which is then called at each `start`.
    """

    def __init__(self, make: Callable[..., Callable[[int], object]], *arguments: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, arguments), daemon=True)
        self._process.start()
        self.wait()

    def start(self, number: int) -> None:
        """Begins a round."""
        self._ours.send(number)

    def wait(self) -> Any:
        """What the round's call returned, once it has; an error there is raised here."""
        succeeded, value = self._ours.recv()
        if not succeeded:
            raise RuntimeError(f"A worker failed: {value}")
        return value

    def __call__(self, number: int) -> Any:
        """A whole round."""
        self.start(number)
        return self.wait()

    def close(self) -> None:
        """Ends the process."""
        self._ours.send(None)
        self._process.join()


@dataclasses.dataclass(frozen=True)
class Together:
    """The method that runs a round of all workers at the same time."""

    workers: Sequence[Worker]

    def __call__(self, number: int) -> None:
        """A whole round."""
        for worker in self.workers:
            worker.start(number)
        for worker in self.workers:
            worker.wait()

    def close(self) -> None:
        """Ends the processes."""
        for worker in self.workers:
            worker.close()


def _serve(pipe: Any, make: Callable[..., Callable[[int], object]], arguments: tuple[object, ...]) -> None:
    try:
        method = make(*arguments)
        pipe.send((True, None))
        while (number := pipe.recv()) is not None:
            pipe.send((True, method(number)))
    except Exception as failure:
        pipe.send((False, repr(failure)))


def in_threads(n_threads: int) -> None:
    """Holds torch to so many threads, in this process."""
    import torch

    torch.set_num_threads(n_threads)


def matrix_peak(side: int = 3072, rounds: int = 4) -> dict[str, float]:
    """GFLOP/s of one large float32 matrix product in JAX and in torch: the best of a few rounds, on all cores."""
    import jax
    import torch

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, side, side)).astype(np.float32)
    product, here = jax.jit(lambda x, y: x @ y), (jax.device_put(a), jax.device_put(b))
    there = (torch.from_numpy(a), torch.from_numpy(b))
    methods = {"jax": lambda _: product(*here).block_until_ready(), "torch": lambda _: there[0] @ there[1]}
    for method in methods.values():
        method(0)
    times = interleaved(methods, rounds)
    return {name: 2 * side**3 / seconds.least / 1e9 for name, seconds in times.items()}


def say(line: str) -> None:
    """Progress, beside the table: to the error stream."""
    print(line, file=sys.stderr, flush=True)


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """A markdown table; columns are the keys of the first row. Floats are shown to three digits."""
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([_shown(row.get(name, "")) for name in head] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _shown(value: object) -> str:
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if np.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def report(name: str, settings: Mapping[str, object], tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Prints the tables and writes them, with the machine and the settings, to results/`name`.json."""
    for title, rows in tables.items():
        print(f"\n**{title}**\n\n{table(rows)}")
    record = {"benchmark": name, **circumstances(), "settings": dict(settings), "tables": dict(tables)}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"\n{record['machine']['processor']}, {record['machine']['cores']} cores; {record['date']}; "
          f"load before, over a minute: {LOAD_AT_START}")  # fmt: skip


def circumstances() -> dict[str, Any]:
    """Date, machine, versions and threads."""
    import jax

    held = {
        line.split(":")[0].strip(): line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if ":" in line
    }
    memory = {line.split(":")[0]: int(line.split()[1]) for line in _lines("/proc/meminfo") if ":" in line}
    wide = [flag for flag in ("avx2", "avx512f", "amx_bf16") if flag in held.get("flags", "").split()]
    return {
        "date": datetime.date.today().isoformat(),
        "machine": {
            "processor": held.get("model name", platform.processor()),
            "family_model_stepping": [held.get(name, "") for name in ("cpu family", "model", "stepping")],
            "vector_units": wide,
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "memory_gb": round(memory.get("MemTotal", 0) / 2**20, 1),
            "load_at_start": LOAD_AT_START,
            "load_at_end": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": platform.python_version(), "byheart": bh.__version__, **_versions()},
        "threads": _threads_of_torch() | {"jax_cpu_devices": jax.local_device_count()},
    }


def _threads_of_torch() -> dict[str, int]:
    """None where torch is not used."""
    return {"torch": sys.modules["torch"].get_num_threads()} if "torch" in sys.modules else {}


LOAD_AT_START = round(os.getloadavg()[0], 2)
"""Processes that wanted to run in the minute before: near 0 on a quiet machine."""


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def images(name: str, training: int, validation: int) -> bh.Split:
    """The digits; MNIST or CIFAR-10 where BYHEART_DATA tells their folder, and otherwise made-up images of the same shape, in which classes differ."""
    if name == "digits" or os.environ.get(FOLDER_VARIABLE):
        return bh.load(name, training=training, validation=validation, download=False)
    shape = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}[name]
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(10, *shape))

    def drawn(n: int) -> bh.Dataset:
        labels = np.arange(n) % 10
        pixels = 0.3 + 0.1 * centers[labels] + 0.3 * rng.normal(size=(n, *shape))
        return bh.Dataset(np.clip(pixels, 0, 1).astype(np.float32), labels, name=f"synthetic, shaped like {name}")

    return bh.Split(drawn(training), drawn(validation))
