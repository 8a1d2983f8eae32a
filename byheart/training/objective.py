"""What training minimizes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def cross_entropy(logits: Float[Array, "batch class"], labels: Int[Array, " batch"]) -> Float[Array, " batch"]:
    """-log softmax(logits)[label] of each example, in nats."""
    log_probabilities = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1)[:, 0]
