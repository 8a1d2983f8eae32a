"""randY (section 2 of the paper): labels replaced by random ones."""

import dataclasses
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from byheart import literals
from byheart.data.dataset import Dataset
from byheart.data.noise import Noise
from byheart.data.rand_x import FourKeys
from byheart.keys import KeyLike, one_key


@literals.register
@dataclasses.dataclass(frozen=True)
class RandY(Noise):
    """randY: a share `level` in [0, 1] of the labels is replaced by uniform random ones.

    With ten classes, a tenth of the random labels are right by chance.
    """

    id: ClassVar[str] = "rand_y"
    title: ClassVar[str] = "randY"
    replaces: ClassVar[Literal["inputs", "labels"]] = "labels"

    def own_key(self, key: KeyLike) -> Key[Array, ""]:
        """Return the key itself; randX and randY use different parts of it."""
        return one_key(key)

    def rank(self, n_examples: int, key: KeyLike) -> Int[Array, " example"]:
        """Return the rank of every example."""
        return jax.random.permutation(FourKeys.of(self.own_key(key)).label_ranks, n_examples)

    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Int[Array, " example"]:
        """Return a random label for every example; `like` is not used."""
        del like
        shape = (dataset.n_examples,)
        return jax.random.randint(FourKeys.of(key).labels, shape, 0, dataset.n_classes, dtype=jnp.int32)
