"""Makes every CPU core a device, so that a population trains on all of them."""

import os

import jax

from byheart import checks


def use_all_cores(n_cores: int | None = None) -> None:
    """Makes JAX see `n_cores` CPU devices; None takes the cores this process may use. To be called before JAX is first used.

    One network a core was 1.6 times as fast as one network on all cores (docs/choices.md). The command line does this by itself.

    Raises:
        BadInput: JAX has already started with another number of devices.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wanted = checks.count("n_cores", n_cores or available or 1)
    try:
        jax.config.update("jax_num_cpu_devices", wanted)
    except RuntimeError:
        if len(jax.devices("cpu")) != wanted:
            raise checks.BadInput(
                f"JAX already runs with {len(jax.devices('cpu'))} CPU devices; call `use_all_cores` before using JAX."
            ) from None
