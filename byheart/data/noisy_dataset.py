"""Data sets with noise; all versions of one data set share its images and one draw of each kind of noise."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from byheart import checks
from byheart.data.dataset import Dataset
from byheart.data.noise import Noise, kinds_of, level_of, n_noisy, noises_in_order
from byheart.keys import KeyLike, key_for, one_key

PURPOSE = "noise of training data"
"""Purpose of the key that all kinds of noise of the training data share."""


class NoisyDataset(eqx.Module):
    """A data set with some inputs, labels or both replaced by noise.

    It refers to shared arrays; replacement happens when a batch is taken. It may hold a part of the examples of a
    larger set, `whole`, and then shares the arrays of that set.

    Attributes:
        whole_images: (whole, height, width, channel), clean images in [0, 1].
        whole_labels: (whole,), labels before noise.
        whole_noisy_labels: (whole,), labels after noise.
        noise_images: replacements of inputs, (whole, height, width, channel) for each kind of noise of inputs. They may
            lie outside [0, 1].
        is_replaced: whether a kind replaces an input, (whole,) for each kind. If two kinds do, the later one counts.
        is_input_replaced: (whole,), whether any kind replaces the input.
        is_label_replaced: (whole,), whether the label is replaced.
        chosen: (example,), positions of the examples in the whole set; None if it contains all of them.
    """

    whole_images: Float[Array, "whole height width channel"]
    whole_labels: Int[Array, " whole"]
    whole_noisy_labels: Int[Array, " whole"]
    noise_images: tuple[Float[Array, "whole height width channel"], ...]
    is_replaced: tuple[Bool[Array, " whole"], ...]
    is_input_replaced: Bool[Array, " whole"]
    is_label_replaced: Bool[Array, " whole"]
    chosen: Int[Array, " example"] | None = None

    @classmethod
    def clean(
        cls, images: Float[Array, "example height width channel"], labels: Int[Array, " example"]
    ) -> "NoisyDataset":
        """Return a data set without noise."""
        nothing = jnp.zeros(labels.shape, bool)
        return cls(images, labels, labels, (), (), nothing, nothing)

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return (self.whole_labels if self.chosen is None else self.chosen).shape[0]

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Height, width and channels of an image."""
        return self.whole_images.shape[1:]

    @property
    def clean_images(self) -> Float[Array, "example height width channel"]:
        """Images before noise, (example, height, width, channel)."""
        return self._of_these(self.whole_images)

    @property
    def clean_labels(self) -> Int[Array, " example"]:
        """Labels before noise, (example,)."""
        return self._of_these(self.whole_labels)

    @property
    def labels(self) -> Int[Array, " example"]:
        """Labels after noise, (example,)."""
        return self._of_these(self.whole_noisy_labels)

    @property
    def is_noisy_input(self) -> Bool[Array, " example"]:
        """Return whether the input is replaced, (example,)."""
        return self._of_these(self.is_input_replaced)

    @property
    def is_noisy_label(self) -> Bool[Array, " example"]:
        """Return whether the label is replaced, (example,); the new label may equal the old one by chance."""
        return self._of_these(self.is_label_replaced)

    @property
    def is_noisy(self) -> Bool[Array, " example"]:
        """Return whether the input or the label is replaced, (example,)."""
        return self.is_noisy_input | self.is_noisy_label

    @property
    def images(self) -> Float[Array, "example height width channel"]:
        """Images after noise, (example, height, width, channel); computed at every access."""
        images = self.clean_images
        for mask, noise in zip(self.is_replaced, self.noise_images, strict=True):
            images = jnp.where(_over_pixels(self._of_these(mask)), self._of_these(noise), images)
        return images

    @property
    def whole(self) -> "NoisyDataset":
        """The whole set that the examples come from, with its noise."""
        return dataclasses.replace(self, chosen=None)

    @property
    def is_chosen(self) -> Bool[Array, " whole"]:
        """Return whether an example of the whole set is part of this set, (whole,)."""
        n_whole = self.whole_labels.shape[0]
        return jnp.ones(n_whole, bool) if self.chosen is None else jnp.zeros(n_whole, bool).at[self.chosen].set(True)

    @property
    def left_out(self) -> "NoisyDataset | None":
        """The other examples of the whole set, with their noise; None if there are none."""
        n_left_out = self.whole_labels.shape[0] - self.n_examples
        if n_left_out == 0:
            return None
        return dataclasses.replace(self, chosen=jnp.nonzero(~self.is_chosen, size=n_left_out)[0])

    def batch(
        self, indices: Int[Array, " batch"]
    ) -> tuple[Float[Array, "batch height width channel"], Int[Array, " batch"]]:
        """Return the images and labels, after noise, of the examples at `indices`."""
        places = indices if self.chosen is None else self.chosen[indices]
        images = self.whole_images[places]
        for mask, noise in zip(self.is_replaced, self.noise_images, strict=True):
            images = jnp.where(_over_pixels(mask[places]), noise[places], images)
        return images, self.whole_noisy_labels[places]

    def _of_these(self, values: Shaped[Array, "whole ..."]) -> Shaped[Array, "example ..."]:
        return values if self.chosen is None else values[self.chosen]


class NoiseDraw(eqx.Module):
    """One kind of noise, drawn for one data set.

    Attributes:
        kind: the kind, at level 0.
        values: (example, ...), replacement of every example.
        rank: (example,), rank of every example; those of lowest rank are replaced first.
    """

    kind: Noise = eqx.field(static=True)
    values: Shaped[Array, "example ..."]
    rank: Int[Array, " example"]


class NoiseFamily(eqx.Module):
    """Hold all noisy versions of one data set, which share its arrays; `at` returns one of them.

    Attributes:
        clean_images: (example, height, width, channel), in [0, 1].
        clean_labels: (example,).
        draws: one draw for each kind of noise, in the order in which they are applied.
        none: (example,), False everywhere: the mask without noise. It is an array rather than a constant of programs:
            with a constant, compilers would round means over clean examples differently than with noise.
    """

    clean_images: Float[Array, "example height width channel"]
    clean_labels: Int[Array, " example"]
    draws: tuple[NoiseDraw, ...]
    none: Bool[Array, " example"]

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return self.clean_labels.shape[0]

    def at(self, *noises: Noise) -> NoisyDataset:
        """Return the version with these noises at their levels; other kinds replace nothing.

        Raises:
            BadInput: a kind was not drawn for this family.
        """
        return self.with_counts(self.counts(noises_in_order("noises", noises)))

    def counts(self, noises: Sequence[Noise]) -> tuple[int, ...]:
        """Return the levels of these noises as exact numbers of examples, one for each of `draws`.

        Raises:
            BadInput: a kind was not drawn for this family.
        """
        drawn = {repr(draw.kind) for draw in self.draws}
        for noise in noises:
            if repr(noise.at(0.0)) not in drawn:
                raise checks.BadInput(
                    f"Noise of the kind {noise!r} was not drawn. Name it where noise is drawn: in `noise_family`, "
                    "or in the `kinds` of a sweep."
                )
        return tuple(n_noisy(level_of(noises, draw.kind.id), self.n_examples) for draw in self.draws)

    def with_counts(
        self, counts: Sequence[int | Int[Array, ""]], chosen: Int[Array, " example"] | None = None
    ) -> NoisyDataset:
        """Return the version with `counts` noisy examples of each kind.

        Counts may be traced, so that one program serves all levels.

        Args:
            counts: one number for each of `draws`.
            chosen: (example,), positions of the examples in the returned set; None for all.
        """
        labels, is_input_replaced, is_label_replaced = self.clean_labels, self.none, self.none
        noise_images, is_replaced = [], []
        for draw, count in zip(self.draws, counts, strict=True):
            mask = draw.rank < count
            if draw.kind.replaces == "inputs":
                noise_images.append(draw.values)
                is_replaced.append(mask)
                is_input_replaced = is_input_replaced | mask
            else:
                labels = jnp.where(mask, draw.values, labels)
                is_label_replaced = is_label_replaced | mask
        replaced = (tuple(noise_images), tuple(is_replaced), is_input_replaced, is_label_replaced)
        return NoisyDataset(self.clean_images, self.clean_labels, labels, *replaced, chosen)


def noise_family(dataset: Dataset, key: KeyLike, *noises: Noise, like: Dataset | None = None) -> NoiseFamily:
    """Return all versions of `dataset` with these kinds of noise, which share one draw of ranks and replacements.

    Args:
        dataset: the clean data.
        key: key of the draw. Each kind derives its own key from it, so its numbers do not depend on other kinds.
        noises: at most one of each kind; their levels are ignored.
        like: the data set whose mean and standard deviation random inputs have; by default `dataset` itself.

    Raises:
        BadInput: a value is not a noise, two noises are of one kind, or one does not fit the data.

    Memory: the images once, and once more for each kind that replaces inputs.
    """
    key = one_key(key)
    draws = []
    for kind in kinds_of(noises_in_order("noises", noises)):
        kind.check(dataset.image_shape, dataset.n_classes)
        values = _checked(kind, dataset, kind.draw(dataset, kind.own_key(key), dataset if like is None else like))
        draws.append(NoiseDraw(kind, values, kind.rank(dataset.n_examples, key)))
    images, labels = jnp.asarray(dataset.images), jnp.asarray(dataset.labels)
    return NoiseFamily(images, labels, tuple(draws), jnp.zeros(labels.shape, bool))


def add_noise(dataset: Dataset, *noises: Noise, seed: int = 0) -> NoisyDataset:
    """Return `dataset` with the given share of its inputs, labels or both replaced by noise.

    With the same `seed`, the noisy examples of a lower level are among those of a higher one. Level 0 is the identity.

    Args:
        dataset: the clean training data. Validation data stay clean.
        noises: at most one of each kind, such as `RandX(0.4), RandY(0.2)`.
        seed: seed of the noise.

    Raises:
        BadInput: two noises are of one kind, or a value is not a noise.
    """
    checks.instance("dataset", dataset, Dataset, "a Dataset, such as the training part of a Split")
    return noise_family(dataset, key_for(PURPOSE, seed), *noises).at(*noises)


def _checked(kind: Noise, dataset: Dataset, values: Shaped[Array | np.ndarray, "..."]) -> Array:
    """Return the values that a kind drew if they are a valid replacement for every example."""
    shape = dataset.images.shape if kind.replaces == "inputs" else dataset.labels.shape
    drawn = jnp.asarray(values)
    is_whole = jnp.issubdtype(drawn.dtype, jnp.integer)
    if drawn.shape != shape or (kind.replaces == "labels" and not is_whole):
        what = "numbers" if kind.replaces == "inputs" else "whole numbers"
        raise checks.BadInput(
            f"The noise {kind.id!r} must draw {what} of the shape {shape}; got {drawn.dtype} of {drawn.shape}."
        )
    if kind.replaces == "inputs":
        return drawn.astype(jnp.float32)
    if not isinstance(drawn, jax.core.Tracer):
        lowest, highest = int(np.min(drawn, initial=0)), int(np.max(drawn, initial=0))
        if lowest < 0 or highest >= dataset.n_classes:
            raise checks.BadInput(
                f"The noise {kind.id!r} must draw labels from 0 to {dataset.n_classes - 1}; got {lowest} to {highest}."
            )
    return drawn.astype(jnp.int32)


def _over_pixels(mask: Bool[Array, " example"]) -> Shaped[Array, "example 1 1 1"]:
    return mask[:, None, None, None]
