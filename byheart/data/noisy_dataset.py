"""Data sets with noise: all versions of one data set share its images and one draw of each kind of noise."""

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
"""Of the key that all kinds of noise of the training data share."""


class NoisyDataset(eqx.Module):
    """A data set some of whose inputs, labels or both are replaced; made from shared arrays, replaced only when a batch is taken.

    It may be some of the examples of a larger set, `whole`, whose arrays it shares.

    Attributes:
        whole_images: (whole, height, width, channel), the clean images, in [0, 1].
        whole_labels: (whole,), the labels as they came.
        whole_noisy_labels: (whole,), the labels after noise.
        noise_images: what replaces inputs, (whole, height, width, channel) for each kind of noise of inputs; it may leave [0, 1].
        is_replaced: which inputs each of these kinds replaces, (whole,) each; where two do, the later one counts.
        is_input_replaced: (whole,), which inputs any of them replaces.
        is_label_replaced: (whole,), which labels are replaced.
        chosen: (example,), the positions of the examples in the whole set; None where they are all of it.
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
        """Return the data set of these examples, without noise."""
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
        """(example, height, width, channel), before noise."""
        return self._of_these(self.whole_images)

    @property
    def clean_labels(self) -> Int[Array, " example"]:
        """(example,), the labels as they came."""
        return self._of_these(self.whole_labels)

    @property
    def labels(self) -> Int[Array, " example"]:
        """(example,), after noise."""
        return self._of_these(self.whole_noisy_labels)

    @property
    def is_noisy_input(self) -> Bool[Array, " example"]:
        """(example,), True where the input is replaced."""
        return self._of_these(self.is_input_replaced)

    @property
    def is_noisy_label(self) -> Bool[Array, " example"]:
        """(example,), True where the label is replaced, if only by chance with the same one."""
        return self._of_these(self.is_label_replaced)

    @property
    def is_noisy(self) -> Bool[Array, " example"]:
        """(example,), True where the input or the label is replaced."""
        return self.is_noisy_input | self.is_noisy_label

    @property
    def images(self) -> Float[Array, "example height width channel"]:
        """(example, height, width, channel), after noise; made anew at every call."""
        images = self.clean_images
        for mask, noise in zip(self.is_replaced, self.noise_images, strict=True):
            images = jnp.where(_over_pixels(self._of_these(mask)), self._of_these(noise), images)
        return images

    @property
    def whole(self) -> "NoisyDataset":
        """The set that these examples are from, with its noise: all examples."""
        return dataclasses.replace(self, chosen=None)

    @property
    def is_chosen(self) -> Bool[Array, " whole"]:
        """(whole,), which examples of the whole set these are."""
        n_whole = self.whole_labels.shape[0]
        return jnp.ones(n_whole, bool) if self.chosen is None else jnp.zeros(n_whole, bool).at[self.chosen].set(True)

    @property
    def left_out(self) -> "NoisyDataset | None":
        """The examples of the whole set that are not among these, with their noise; None where there is none."""
        n_left_out = self.whole_labels.shape[0] - self.n_examples
        if n_left_out == 0:
            return None
        return dataclasses.replace(self, chosen=jnp.nonzero(~self.is_chosen, size=n_left_out)[0])

    def batch(
        self, indices: Int[Array, " batch"]
    ) -> tuple[Float[Array, "batch height width channel"], Int[Array, " batch"]]:
        """Return images and labels, after noise, of the examples at `indices`."""
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
        kind: at level 0.
        values: (example, ...), the replacement of every example.
        rank: (example,), at a level the examples of lowest rank are replaced.
    """

    kind: Noise = eqx.field(static=True)
    values: Shaped[Array, "example ..."]
    rank: Int[Array, " example"]


class NoiseFamily(eqx.Module):
    """All noisy versions of one data set, sharing one copy of everything; `at` gives one of them.

    Attributes:
        clean_images: (example, height, width, channel), in [0, 1].
        clean_labels: (example,).
        draws: one for each kind of noise, in the order in which they are applied.
        none: (example,), False everywhere: the mask of no noise. It is an array and no constant of programs, in which compilers would
            round means over clean examples otherwise than beside noise.
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
        """Return the version with these noises at their levels; kinds that are not named replace nothing.

        Raises:
            BadInput: a kind that the family was not drawn for.
        """
        return self.with_counts(self.counts(noises_in_order("noises", noises)))

    def counts(self, noises: Sequence[Noise]) -> tuple[int, ...]:
        """Return the levels of these noises as exact numbers of examples, one for each of `draws`.

        Raises:
            BadInput: a kind that the family was not drawn for.
        """
        drawn = {repr(draw.kind) for draw in self.draws}
        for noise in noises:
            if repr(noise.at(0.0)) not in drawn:
                raise checks.BadInput(
                    f"Noise of the kind {noise!r} was not drawn. Name it where noise is drawn: in `noise_family`, or in the "
                    "`kinds` of a sweep."
                )
        return tuple(n_noisy(level_of(noises, draw.kind.id), self.n_examples) for draw in self.draws)

    def with_counts(
        self, counts: Sequence[int | Int[Array, ""]], chosen: Int[Array, " example"] | None = None
    ) -> NoisyDataset:
        """Return the version with so many noisy examples of each kind; counts may be traced, so one program serves every level.

        Args:
            counts: one for each of `draws`.
            chosen: (example,), the positions of the examples it holds; None for all.
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
    """Return all versions of `dataset` with these kinds of noise: one draw of ranks and replacements, whatever the levels.

    Args:
        dataset: the clean data.
        key: of the draw. Each kind takes its own part of it, so its numbers do not depend on the other kinds.
        noises: at most one of each kind; their levels are not looked at.
        like: the data set whose mean and deviation random inputs take; by default `dataset` itself.

    Raises:
        BadInput: something that is no noise, two noises of one kind, or one that does not fit the data.

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
        dataset: the clean training data. Validation data stays clean.
        noises: at most one of each kind, such as `RandX(0.4), RandY(0.2)`.
        seed: which draw of the noise.

    Raises:
        BadInput: two noises of one kind, or something that is none.
    """
    checks.instance("dataset", dataset, Dataset, "a Dataset, such as the training part of a Split")
    return noise_family(dataset, key_for(PURPOSE, seed), *noises).at(*noises)


def _checked(kind: Noise, dataset: Dataset, values: Shaped[Array | np.ndarray, "..."]) -> Array:
    """Return what a kind drew, if it is a replacement for every example."""
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
