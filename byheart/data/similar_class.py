"""Labels replaced by that of the most similar class, as people mistake one class for another that looks like it."""

import dataclasses
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from byheart import literals
from byheart.data.dataset import Dataset
from byheart.data.noise import Noise


@literals.register
@dataclasses.dataclass(frozen=True)
class SimilarClass(Noise):
    """A share `level` in [0, 1] of the labels is replaced by the class that is most similar to the example's own.

    Two classes are the more similar, the smaller the Euclidean distance between the means of their inputs, vectors in
    standard deviations. All wrong labels of a class are therefore the same one. A class matrix that people's mistakes
    were counted in is `ClassFlips`.
    """

    id: ClassVar[str] = "similar_class"
    title: ClassVar[str] = "labels of similar classes"
    replaces: ClassVar[Literal["inputs", "labels"]] = "labels"

    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Int[Array, " example"]:
        """Return the class most similar to each example's own; nothing is drawn, and `key` is not used.

        Cost: one pass over the inputs.
        """
        del key
        means = class_means(like)
        distances = jnp.square(means[:, None] - means[None]).sum(axis=2)
        is_other = ~jnp.eye(len(means), dtype=bool) & jnp.isfinite(distances)
        return jnp.where(is_other, distances, jnp.inf).argmin(axis=1).astype(jnp.int32)[dataset.labels]


def class_means(dataset: Dataset) -> Float[Array, "class feature"]:
    """Return the mean input of each class, vectors in standard deviations; NaN for a class without examples."""
    inputs = jnp.asarray(dataset.inputs)
    if dataset.standardizer is not None:
        inputs = dataset.standardizer(inputs)
    flat, labels = inputs.reshape(len(inputs), -1), jnp.asarray(dataset.labels)
    sums = jax.ops.segment_sum(flat, labels, dataset.n_classes)
    return sums / jax.ops.segment_sum(jnp.ones(len(flat)), labels, dataset.n_classes)[:, None]
