"""Global settings of JAX: no number depends on them, so that stored results are the same whoever made them."""

import contextlib
import os
from collections.abc import Iterator

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
"""JAX's own defaults, under which sweeps are computed: in float32, compiled; NaN is a result, which is named."""


@contextlib.contextmanager
def usual_promotion() -> Iterator[None]:
    """Inside, axes and types of arrays are matched as JAX does by default, which Optax and the searches need."""
    with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        yield


@contextlib.contextmanager
def usual_settings() -> Iterator[None]:
    """Inside, all settings of `USUAL` hold in this thread."""
    with usual_promotion(), jax.enable_x64(False), jax.debug_nans(False), jax.debug_infs(False), jax.disable_jit(False):
        yield


def unusual() -> dict[str, object]:
    """The settings of `USUAL` that are set otherwise, with their values."""
    found = {
        name: getattr(value := getattr(jax.config, name), "value", value) for name in USUAL
    }  # Some are enumerations.
    return {name: value for name, value in found.items() if value != USUAL[name]}


def check_platform() -> None:
    """Starts JAX on the platform it is set to.

    Raises:
        BadInput: this machine has no such platform.
    """
    try:
        jax.local_devices()
    except RuntimeError as problem:
        wanted = os.environ.get("JAX_PLATFORMS")
        reason = " ".join(str(problem).split())
        what_to_do = (
            f"unset JAX_PLATFORMS, which is {wanted}, or set it to cpu" if wanted else "set JAX_PLATFORMS to cpu"
        )
        raise checks.BadInput(f"JAX cannot start here; {what_to_do}. It says: {reason}") from None
