"""Makes every CPU core a device, so that a population trains on all of them."""

import os
import sys
from collections.abc import Sequence

import jax
import psutil

from byheart import checks


def use_all_cores(n_cores: int | None = None) -> None:
    """Makes JAX see `n_cores` CPU devices; None takes the cores this process may use. To be called before JAX is first used.

    One network a core was 1.6 times as fast as one network on all cores (docs/choices.md). The command line does this by itself.

    Raises:
        BadInput: JAX has already started with another number of devices.
    """
    wanted = checks.count("n_cores", available_cores() if n_cores is None else n_cores)
    try:
        jax.config.update("jax_num_cpu_devices", wanted)
    except RuntimeError:
        if len(jax.devices("cpu")) != wanted:
            raise checks.BadInput(
                f"JAX already runs with {len(jax.devices('cpu'))} CPU devices; call `use_all_cores` before using JAX."
            ) from None


def available_cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def leave_accelerators_to_others() -> None:
    """Makes JAX take no more of a GPU's memory than it needs here, so that another process can use the GPU. To be called before JAX is first used."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def peak_bytes(devices: Sequence[jax.Device]) -> int:
    """The most memory, in bytes, that this process has held so far: on `devices` where these have memory of their own, otherwise in all.

    Where the system does not say what the most was, what it holds now.
    """
    statistics = [device.memory_stats() or {} for device in devices]
    if all("peak_bytes_in_use" in one for one in statistics):
        return sum(int(one["peak_bytes_in_use"]) for one in statistics)
    try:
        import resource
    except ImportError:  # as on Windows
        return int(psutil.Process().memory_info().rss)
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
