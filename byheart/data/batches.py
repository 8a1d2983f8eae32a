"""Minibatches: the indices of the examples in each update, as an array."""

import dataclasses
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from byheart import checks, literals
from byheart.keys import KeyLike, one_key


@literals.register
@dataclasses.dataclass(frozen=True)
class Shuffled:
    """Shuffled epochs: every example once per epoch; the incomplete last minibatch of an epoch is dropped."""

    def __call__(self, n_examples: int, batch_size: int, n_steps: int, key: KeyLike) -> Int[Array, "step batch"]:
        """Return the indices of the examples in each of `n_steps` minibatches.

        Raises:
            BadInput: a number that is no count, minibatches larger than the data, or no key.
        """
        n_examples, batch_size, n_steps = _counts(n_examples, batch_size, n_steps)
        if batch_size > n_examples:
            raise checks.BadInput(
                f"`batch_size` must be at most the number of examples, {n_examples}; got {batch_size}."
            )
        in_epoch = n_examples // batch_size
        keys = jax.random.split(one_key(key), -(-n_steps // in_epoch))
        orders = jax.vmap(lambda key: jax.random.permutation(key, n_examples)[: in_epoch * batch_size])(keys)
        return orders.reshape(-1, batch_size)[:n_steps].astype(jnp.int32)


@literals.register
@dataclasses.dataclass(frozen=True)
class WithReplacement:
    """Minibatches whose examples are drawn independently and uniformly."""

    def __call__(self, n_examples: int, batch_size: int, n_steps: int, key: KeyLike) -> Int[Array, "step batch"]:
        """Return the indices of the examples in each of `n_steps` minibatches.

        Raises:
            BadInput: a number that is no count, or no key.
        """
        n_examples, batch_size, n_steps = _counts(n_examples, batch_size, n_steps)
        return jax.random.randint(one_key(key), (n_steps, batch_size), 0, n_examples, jnp.int32)


@runtime_checkable
class Batches(Protocol):
    """A frozen value that says which examples each update sees."""

    def __call__(self, n_examples: int, batch_size: int, n_steps: int, key: KeyLike) -> Int[Array, "step batch"]:
        """Return indices of the examples in each of `n_steps` minibatches."""


def _counts(n_examples: Any, batch_size: Any, n_steps: Any) -> tuple[int, int, int]:
    return (
        checks.count("n_examples", n_examples),
        checks.count("batch_size", batch_size),
        checks.count("n_steps", n_steps),
    )
