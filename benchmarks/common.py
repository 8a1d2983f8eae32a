"""Shared code of the benchmarks: interleaved timing, peak memory, facts of the machine, tables, results, data.

Rounds are interleaved (a b c, a b c, ...), so that other load on the machine affects all methods alike. Tables report
the median and the minimum of a method's rounds; the minimum is the least disturbed one.
"""

import ctypes
import dataclasses
import datetime
import gc
import importlib.metadata
import importlib.util
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
from byheart.data.loading.chosen import FOLDER_VARIABLE

RESULTS = Path(__file__).parent / "results"
PEAK = "peak of a matrix product, GFLOP/s"
"""Key of the settings that holds the result of `matrix_peak`."""
PACKAGES = ("numpy", "scipy", "jax", "jaxlib", "equinox", "optax", "torch", "torchattacks", "foolbox", "auto_lirpa")


class Seconds(list[float]):
    """Times of one method's rounds, and the most megabytes that a round added to this process."""

    megabytes = float("nan")

    @property
    def median(self) -> float:
        """Median time of a round."""
        return statistics.median(self)

    @property
    def least(self) -> float:
        """Time of the fastest round."""
        return min(self)


def interleaved(methods: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, Seconds]:
    """Time each method in each round, and return its seconds. A method is called with the number of the round.

    Nothing is warmed up: call the methods once before.
    """
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
    """Return the seconds of one call, which must wait for its results (such as JAX arrays)."""
    gc.collect()
    start = time.perf_counter()
    method(*arguments)
    return time.perf_counter() - start


def extra_memory(method: Callable[..., object], *arguments: object) -> float:
    """Return the megabytes that one call added: the peak resident memory minus the resident memory before.

    Compiled programs and data from before are not included. NaN if the system has no /proc/self/clear_refs.
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
    """A method that runs in its own process, for settings that a process can make only once, such as threads.

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
        """Start a round."""
        self._ours.send(number)

    def wait(self) -> Any:
        """Wait for the round's call and return its result, or raise its error."""
        succeeded, value = self._ours.recv()
        if not succeeded:
            raise RuntimeError(f"A worker failed: {value}")
        return value

    def __call__(self, number: int) -> Any:
        """Run a whole round."""
        self.start(number)
        return self.wait()

    def close(self) -> None:
        """End the process."""
        self._ours.send(None)
        self._process.join()


@dataclasses.dataclass(frozen=True)
class Together:
    """A method that runs a round of all workers at the same time."""

    workers: Sequence[Worker]

    def __call__(self, number: int) -> None:
        """Run a whole round."""
        for worker in self.workers:
            worker.start(number)
        for worker in self.workers:
            worker.wait()

    def close(self) -> None:
        """End the processes."""
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
    """Limit torch to `n` threads in this process."""
    import torch

    torch.set_num_threads(n_threads)


def matrix_peak(side: int = 3072, rounds: int = 4) -> dict[str, float]:
    """GFLOP/s of one large float32 matrix product on all cores, in JAX and in torch if installed: the best round."""
    import jax

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, side, side)).astype(np.float32)
    product, here = jax.jit(lambda x, y: x @ y), (jax.device_put(a), jax.device_put(b))
    methods: dict[str, Callable[[int], object]] = {"jax": lambda _: product(*here).block_until_ready()}
    if importlib.util.find_spec("torch"):
        import torch

        there = (torch.from_numpy(a), torch.from_numpy(b))
        methods["torch"] = lambda _: there[0] @ there[1]
    for method in methods.values():
        method(0)
    times = interleaved(methods, rounds)
    return {name: 2 * side**3 / seconds.least / 1e9 for name, seconds in times.items()}


def say(line: str) -> None:
    """Print progress to standard error."""
    print(line, file=sys.stderr, flush=True)


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Return a Markdown table; columns are the keys of the first row. Floats have three digits."""
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
    """Print the tables, and write them with the machine and the settings to results/`name`.json."""
    for title, rows in tables.items():
        print(f"\n**{title}**\n\n{table(rows)}")
    record = {"benchmark": name, **circumstances(), "settings": dict(settings), "tables": dict(tables)}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"\n{record['machine']['processor']}, {record['machine']['cores']} cores; {record['date']}; "
          f"load before, over a minute: {LOAD_AT_START}")  # fmt: skip


def circumstances() -> dict[str, Any]:
    """Return date, machine, versions and threads."""
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
    """Return torch's number of threads; None if torch is not used."""
    return {"torch": sys.modules["torch"].get_num_threads()} if "torch" in sys.modules else {}


LOAD_AT_START = round(os.getloadavg()[0], 2)
"""Mean number of runnable processes in the last minute: near 0 on an idle machine."""


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
    """Return the digits, or MNIST or CIFAR-10 from BYHEART_DATA.

    If that is not set, images of the same shape are made up, in which classes differ.
    """
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
