"""Measures how fast this machine is now, by a probe of a fraction of a second."""

import time

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from byheart.jax_settings import usual_settings
from byheart.sweeps.layout import Layout

STEPS = 2000
WIDTH, BATCH = 128, 32
USUAL_SECONDS = 0.024
"""Seconds of the probe on each of two cores of an Intel Xeon, on which the times of plans were fitted."""
SLOWEST, FASTEST = 10.0, 0.1


@usual_settings()
def measured_pace() -> float:
    """Return how many times as long work takes here, now, as plans assume: above 1 on a slow or a busy machine.

    A small network is evaluated on every core at once, as in training. On an accelerator it is 1.

    Cost: about a second, most of it to compile.
    """
    if jax.default_backend() != "cpu":
        return 1.0
    layout = Layout()

    def probe(weight: Float[Array, "unit unit"], shared: None) -> Float[Array, "batch unit"]:
        del shared
        start = jnp.ones((BATCH, WIDTH))
        return jax.lax.scan(lambda x, _: (jax.nn.relu(x @ weight), None), start, None, STEPS)[0]

    program = layout.over_members(probe)
    weights = layout.spread(jnp.zeros((len(layout.devices), WIDTH, WIDTH)))
    jax.block_until_ready(program(weights, None))
    begun = time.monotonic()
    jax.block_until_ready(program(weights, None))
    return min(SLOWEST, max(FASTEST, (time.monotonic() - begun) / USUAL_SECONDS))
