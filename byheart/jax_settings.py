"""Global settings of JAX. Results do not depend on the user's settings: sweeps are computed under JAX's defaults."""

import contextlib
import os
from collections.abc import Callable, Iterator

import jax

from byheart import checks

USUAL = {
    "jax_enable_x64": False,
    "jax_numpy_rank_promotion": "allow",
    "jax_numpy_dtype_promotion": "standard",
    "jax_debug_nans": False,
    "jax_debug_infs": False,
    "jax_disable_jit": False,
}
"""JAX's defaults, which hold while sweeps are computed: float32, compiled, and NaN raises no error."""


@contextlib.contextmanager
def usual_promotion() -> Iterator[None]:
    """Use JAX's default promotion of ranks and types inside the block; Optax and the searches need it."""
    with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        yield


@contextlib.contextmanager
def usual_settings() -> Iterator[None]:
    """Use the settings `USUAL` inside the block, in this thread."""
    with usual_promotion(), jax.enable_x64(False), jax.debug_nans(False), jax.debug_infs(False), jax.disable_jit(False):
        yield


@contextlib.contextmanager
def announced_usual_settings(notify: Callable[[str], None]) -> Iterator[None]:
    """Use the settings `USUAL` inside the block; call `notify` with a sentence if the user's differ."""
    if found := unusual():
        named = ", ".join(f"{name}={value!r}" for name, value in found.items())
        notify(f"JAX is set to {named}; runs ignore these settings, so that their numbers are the same everywhere.")
    with usual_settings():
        yield


def unusual() -> dict[str, object]:
    """Return the settings that differ from `USUAL`, with their values."""
    # Some values are enumerations.
    current = {name: getattr(value := getattr(jax.config, name), "value", value) for name in USUAL}
    return {name: value for name, value in current.items() if value != USUAL[name]}


def check_platform() -> None:
    """Start JAX on its configured platform.

    Raises:
        BadInput: this machine does not have that platform.
    """
    try:
        jax.local_devices()
    except RuntimeError as problem:
        wanted = os.environ.get("JAX_PLATFORMS")
        reason = " ".join(str(problem).split())
        what_to_do = (
            f"unset JAX_PLATFORMS, which is {wanted}, or set it to cpu" if wanted else "set JAX_PLATFORMS to cpu"
        )
        raise checks.BadInput(f"JAX cannot start here; {what_to_do}. JAX reports: {reason}") from None
