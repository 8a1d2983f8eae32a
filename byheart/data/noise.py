"""Noise is data: randX and randY (section 2 of the paper) as nested families of noisy data sets.

Every example gets, once, a rank, a Gaussian input and a random label. At noise level p the round(p * n) examples of lowest rank are noisy.
So masks are exact in size and nested over levels, and all levels of a sweep share one copy of the images, the Gaussian inputs and the labels.
"""

import dataclasses
import fractions
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from byheart import checks
from byheart.data.dataset import Dataset
from byheart.keys import KeyLike, key_for, one_key


@dataclasses.dataclass(frozen=True)
class RandX:
    """randX: a share `level` in [0, 1] of the inputs is replaced by Gaussian noise; their labels stay."""

    level: float
    id: ClassVar[str] = "rand_x"
    title: ClassVar[str] = "randX"

    def __post_init__(self) -> None:
        checks.fields(self, level=checks.fraction)


@dataclasses.dataclass(frozen=True)
class RandY:
    """randY: a share `level` in [0, 1] of the labels is replaced by uniform random ones (a tenth of which, for ten classes, is right)."""

    level: float
    id: ClassVar[str] = "rand_y"
    title: ClassVar[str] = "randY"

    def __post_init__(self) -> None:
        checks.fields(self, level=checks.fraction)


Noise = RandX | RandY


def n_noisy(level: float, n_examples: int) -> int:
    """Return the number of noisy examples at `level`: round(level * n_examples), halves to the even number.

    The level counts as the decimal number that it is written as: 0.7 of 45 is exactly 31.5, which the product of floats misses by a hair.

    >>> n_noisy(0.4, 1000), n_noisy(0.7, 45)
    (400, 32)
    """
    return round(fractions.Fraction(str(float(checks.fraction("level", level)))) * n_examples)


class NoisyDataset(eqx.Module):
    """A data set some of whose inputs, labels or both are replaced; made from shared arrays, replaced only when a batch is taken.

    Attributes:
        clean_images: (example, height, width, channel), in [0, 1].
        clean_labels: (example,), the labels as they came.
        noise_images: (example, height, width, channel), what replaces an input; Gaussian ones leave [0, 1].
        labels: (example,), after noise.
        is_noisy_input: (example,), True where the input is replaced.
        is_noisy_label: (example,), True where the label is replaced, if only by chance with the same one.
    """

    clean_images: Float[Array, "example height width channel"]
    clean_labels: Int[Array, " example"]
    noise_images: Float[Array, "example height width channel"]
    labels: Int[Array, " example"]
    is_noisy_input: Bool[Array, " example"]
    is_noisy_label: Bool[Array, " example"]

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return self.labels.shape[0]

    @property
    def is_noisy(self) -> Bool[Array, " example"]:
        """(example,), True where the input or the label is replaced."""
        return self.is_noisy_input | self.is_noisy_label

    @property
    def images(self) -> Float[Array, "example height width channel"]:
        """(example, height, width, channel), after noise; made anew at every call."""
        return jnp.where(_over_pixels(self.is_noisy_input), self.noise_images, self.clean_images)

    def batch(
        self, indices: Int[Array, " batch"]
    ) -> tuple[Float[Array, "batch height width channel"], Int[Array, " batch"]]:
        """Images and labels, after noise, of the examples at `indices`."""
        noisy = _over_pixels(self.is_noisy_input[indices])
        return jnp.where(noisy, self.noise_images[indices], self.clean_images[indices]), self.labels[indices]


class NoiseFamily(eqx.Module):
    """All noisy versions of one data set, sharing one copy of everything; `at` gives one of them.

    Own noise is a family made by hand: any `noise_images` and `noise_labels` may stand in the places of the Gaussian and the uniform ones.
    """

    clean_images: Float[Array, "example height width channel"]
    clean_labels: Int[Array, " example"]
    noise_images: Float[Array, "example height width channel"]
    noise_labels: Int[Array, " example"]
    input_rank: Int[Array, " example"]
    label_rank: Int[Array, " example"]

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return self.clean_labels.shape[0]

    def at(self, n_noisy_inputs: int | Int[Array, ""], n_noisy_labels: int | Int[Array, ""]) -> NoisyDataset:
        """The version with so many noisy inputs and labels; both may be traced, so one program serves every level.

        Raises:
            BadInput: a number that is known and no whole number from 0 on; `n_noisy` makes one of a share.
        """
        for name, value in (("n_noisy_inputs", n_noisy_inputs), ("n_noisy_labels", n_noisy_labels)):
            if not isinstance(value, jax.core.Tracer):
                checks.count(name, value, at_least=0)
        is_noisy_input = self.input_rank < n_noisy_inputs
        is_noisy_label = self.label_rank < n_noisy_labels
        labels = jnp.where(is_noisy_label, self.noise_labels, self.clean_labels)
        return NoisyDataset(
            self.clean_images, self.clean_labels, self.noise_images, labels, is_noisy_input, is_noisy_label
        )


def noise_family(dataset: Dataset, key: KeyLike, *, like: Dataset | None = None) -> NoiseFamily:
    """All randX and randY versions of `dataset`: one draw of ranks, Gaussian inputs and random labels.

    Gaussian inputs are independent over pixels and have the mean and the standard deviation, over all pixels, of the data set `like` (by
    default `dataset` itself); they are not clipped. Random labels are uniform over all classes. Memory: twice the images, whatever the
    number of levels.
    """
    n, n_classes, key = dataset.n_examples, dataset.n_classes, one_key(key)
    pixels, labels, *_ = jax.random.split(key, 4)
    input_rank, label_rank = noise_ranks(n, key)
    source = dataset if like is None else like
    return NoiseFamily(
        clean_images=jnp.asarray(dataset.images),
        clean_labels=jnp.asarray(dataset.labels),
        noise_images=source.mean + source.standard_deviation * jax.random.normal(pixels, dataset.images.shape),
        noise_labels=jax.random.randint(labels, (n,), 0, n_classes, dtype=jnp.int32),
        input_rank=input_rank,
        label_rank=label_rank,
    )


def noise_ranks(n_examples: int, key: KeyLike) -> tuple[Int[Array, " example"], Int[Array, " example"]]:
    """The order in which inputs, and that in which labels, become noisy in the `noise_family` of the same key."""
    *_, inputs, labels = jax.random.split(one_key(key), 4)
    return jax.random.permutation(inputs, n_examples), jax.random.permutation(labels, n_examples)


def add_noise(dataset: Dataset, *noises: Noise, seed: int = 0) -> NoisyDataset:
    """`dataset` with the given share of its inputs (`RandX`), labels (`RandY`) or both replaced by noise.

    With the same `seed`, the noisy examples of a lower level are among those of a higher one. Level 0 is the identity.

    Args:
        dataset: the clean training data. Validation data stays clean.
        noises: at most one `RandX` and one `RandY`.
        seed: which draw of the noise.

    Raises:
        BadInput: two noises of one kind, or something that is none.
    """
    checks.instance("dataset", dataset, Dataset, "a Dataset, such as the training part of a Split")
    checks.several("noises", noises, (RandX, RandY), "RandX(...) and RandY(...)")
    levels = {noise.id: noise.level for noise in noises}
    if len(levels) < len(noises):
        raise checks.BadInput(f"At most one RandX and one RandY can be added; got {', '.join(map(repr, noises))}.")
    n = dataset.n_examples
    family = noise_family(dataset, key_for("noise of training data", seed))
    return family.at(n_noisy(levels.get(RandX.id, 0.0), n), n_noisy(levels.get(RandY.id, 0.0), n))


def _over_pixels(mask: Bool[Array, " example"]) -> Shaped[Array, "example 1 1 1"]:
    return mask[:, None, None, None]
