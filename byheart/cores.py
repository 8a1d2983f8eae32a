"""CPU cores as JAX devices, and the memory of this process."""

import os
import sys

import jax
import psutil

from byheart import checks


def use_all_cores(n_cores: int | None = None) -> None:
    """Make JAX use `n_cores` CPU devices, so that a population trains on all of them. Call it before JAX is first used.

    One network on each core was 1.6 times as fast as one network on all cores (docs/choices.md). The command line calls
    this.

    Args:
        n_cores: number of devices; None uses every core that this process may use.

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
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def leave_accelerators_to_others() -> None:
    """Make JAX allocate GPU memory on demand, so that other processes can use the GPU. Call before JAX is used."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def process_peak_bytes() -> int:
    """Return the peak main memory of this process, in bytes.

    On Windows, return the main memory in use now.
    """
    try:
        import resource
    except ImportError:  # Windows.
        return int(psutil.Process().memory_info().rss)
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
