"""Slow twin of LASS: Algorithm 1 as in its author's code, one sample and one step at a time."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from byheart.critical.lass import LASS
from byheart.critical.noise_table import NoiseTable


class Found(NamedTuple):
    """Results for each sample: whether a crossing was found, the first one (or the sample itself), and steps."""

    is_critical: np.ndarray
    critical_point: np.ndarray
    steps: np.ndarray


def lass_loop(
    predict: Callable[[jax.Array], jax.Array],
    images: jax.Array,
    radius: float | np.ndarray,
    search: LASS,
    key: jax.Array,
) -> Found:
    """Search each image alone, within its own radius if radii differ; the noise is that of the fast search."""
    radii = np.broadcast_to(np.asarray(radius, np.float32), len(images))
    noise = NoiseTable.drawn(key, images.shape[1:])
    gradient = jax.jit(jax.grad(lambda point, k: -jax.nn.log_softmax(predict(point[None])[0])[k]))
    found = [_search_one(predict, gradient, images, i, radii[i], search, noise) for i in range(len(images))]
    return Found(*(np.array(values) for values in zip(*found, strict=True)))


def _search_one(
    predict: Callable[[jax.Array], jax.Array],
    gradient: Callable[[jax.Array, int], jax.Array],
    images: jax.Array,
    index: int,
    radius: float,
    search: LASS,
    noise: NoiseTable,
) -> tuple[bool, np.ndarray, int]:
    alpha = radius * 0.25 / 0.3 if search.step_size is None else search.step_size
    beta = radius * 0.2 / 0.3 if search.noise_scale is None else search.noise_scale
    x = images[index]
    k = int(jnp.argmax(predict(x[None])[0]))
    steps = 0
    for restart in range(search.restarts + 1):
        x_t = x
        for step in range(search.budget):
            eta = noise.at(jnp.array([index]), jnp.array([restart * (search.budget + 1) + step]))[0]
            x_t = x_t + alpha * jnp.sign(gradient(x_t, k)) + beta * eta
            x_t = x + jnp.clip(x_t - x, -radius, radius)
            if search.clip_pixels or search.bounds is not None:
                low, high = (0, 1) if search.clip_pixels else map(jnp.array, search.bounds)
                x_t = jnp.clip(x_t, jnp.minimum(low, x), jnp.maximum(high, x))
            steps += 1
            if int(jnp.argmax(predict(x_t[None])[0])) != k:
                return True, np.asarray(x_t), steps
    return False, np.asarray(x), steps
