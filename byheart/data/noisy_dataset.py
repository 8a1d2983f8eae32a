"""Data sets with noise; all versions of one data set share its inputs and one draw of each kind of noise."""

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
from byheart.inputs import InputShape, Standardizer, over_inputs
from byheart.keys import KeyLike, key_for, one_key

PURPOSE = "noise of training data"
"""Purpose of the key that all kinds of noise of the training data share."""


class NoisyDataset(eqx.Module):
    """A data set with some inputs, labels or both replaced by noise.

    It refers to shared arrays; replacement happens when a batch is taken. It may hold a part of the examples of a
    larger set, `whole`, and then shares the arrays of that set.

    Attributes:
        whole_inputs: (whole, *input), inputs before noise.
        whole_labels: (whole,), labels before noise.
        whole_noisy_labels: (whole,), labels after noise.
        noise_inputs: replacements of inputs, (whole, *input) for each kind of noise of inputs. They may lie outside
            [0, 1] of images.
        is_replaced: whether a kind replaces an input, (whole,) for each kind. If two kinds do, the later one counts.
        is_input_replaced: (whole,), whether any kind replaces the input.
        is_label_replaced: (whole,), whether the label is replaced.
        chosen: (example,), positions of the examples in the whole set; None if it contains all of them.
        standardizer: mean and standard deviation of each feature of vectors, of the training data before noise; None
            for images.
    """

    whole_inputs: Float[Array, "whole *input"]
    whole_labels: Int[Array, " whole"]
    whole_noisy_labels: Int[Array, " whole"]
    noise_inputs: tuple[Float[Array, "whole *input"], ...]
    is_replaced: tuple[Bool[Array, " whole"], ...]
    is_input_replaced: Bool[Array, " whole"]
    is_label_replaced: Bool[Array, " whole"]
    chosen: Int[Array, " example"] | None = None
    standardizer: Standardizer | None = None

    @classmethod
    def clean(
        cls,
        inputs: Float[Array, "example *input"],
        labels: Int[Array, " example"],
        standardizer: Standardizer | None = None,
    ) -> "NoisyDataset":
        """Return a data set without noise."""
        nothing = jnp.zeros(labels.shape, bool)
        return cls(inputs, labels, labels, (), (), nothing, nothing, standardizer=standardizer)

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return (self.whole_labels if self.chosen is None else self.chosen).shape[0]

    @property
    def input_shape(self) -> InputShape:
        """Height, width and channels of an image, or the number of features of a vector."""
        return self.whole_inputs.shape[1:]

    @property
    def clean_inputs(self) -> Float[Array, "example *input"]:
        """Inputs before noise, (example, *input)."""
        return self._of_these(self.whole_inputs)

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
    def inputs(self) -> Float[Array, "example *input"]:
        """Inputs after noise, (example, *input); computed at every access."""
        inputs = self.clean_inputs
        for mask, noise in zip(self.is_replaced, self.noise_inputs, strict=True):
            inputs = jnp.where(over_inputs(self._of_these(mask), inputs), self._of_these(noise), inputs)
        return inputs

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

    def batch(self, indices: Int[Array, " batch"]) -> tuple[Float[Array, "batch *input"], Int[Array, " batch"]]:
        """Return the inputs and labels, after noise, of the examples at `indices`."""
        places = indices if self.chosen is None else self.chosen[indices]
        inputs = self.whole_inputs[places]
        for mask, noise in zip(self.is_replaced, self.noise_inputs, strict=True):
            inputs = jnp.where(over_inputs(mask[places], inputs), noise[places], inputs)
        return inputs, self.whole_noisy_labels[places]

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
        clean_inputs: (example, *input).
        clean_labels: (example,).
        draws: one draw for each kind of noise, in the order in which they are applied.
        none: (example,), False everywhere: the mask without noise. It is an array rather than a constant of programs:
            with a constant, compilers would round means over clean examples differently than with noise.
        standardizer: see `NoisyDataset`.
    """

    clean_inputs: Float[Array, "example *input"]
    clean_labels: Int[Array, " example"]
    draws: tuple[NoiseDraw, ...]
    none: Bool[Array, " example"]
    standardizer: Standardizer | None = None

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
        noise_inputs, is_replaced = [], []
        for draw, count in zip(self.draws, counts, strict=True):
            mask = draw.rank < count
            if draw.kind.replaces == "inputs":
                noise_inputs.append(draw.values)
                is_replaced.append(mask)
                is_input_replaced = is_input_replaced | mask
            else:
                labels = jnp.where(mask, draw.values, labels)
                is_label_replaced = is_label_replaced | mask
        replaced = (tuple(noise_inputs), tuple(is_replaced), is_input_replaced, is_label_replaced)
        return NoisyDataset(self.clean_inputs, self.clean_labels, labels, *replaced, chosen, self.standardizer)


def noise_family(dataset: Dataset, key: KeyLike, *noises: Noise, like: Dataset | None = None) -> NoiseFamily:
    """Return all versions of `dataset` with these kinds of noise, which share one draw of ranks and replacements.

    Args:
        dataset: the clean data.
        key: key of the draw. Each kind derives its own key from it, so its numbers do not depend on other kinds.
        noises: at most one of each kind; their levels are ignored.
        like: the data set whose mean and standard deviation random inputs have, and by which vectors are standardized;
            by default `dataset` itself.

    Raises:
        BadInput: a value is not a noise, two noises are of one kind, or one does not fit the data.

    Memory: the inputs once, and once more for each kind that replaces inputs; on a CPU, the inputs of `dataset` are
    shared.
    """
    key, like = one_key(key), dataset if like is None else like
    draws = []
    for kind in kinds_of(noises_in_order("noises", noises)):
        kind.check(dataset.input_shape, dataset.n_classes)
        values = _checked(kind, dataset, kind.draw(dataset, kind.own_key(key), like))
        draws.append(NoiseDraw(kind, values, kind.rank(dataset.n_examples, key)))
    inputs, labels = jax.device_put(dataset.inputs), jnp.asarray(dataset.labels)  # Shares memory on a CPU.
    return NoiseFamily(inputs, labels, tuple(draws), jnp.zeros(labels.shape, bool), like.standardizer)


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
    shape = dataset.inputs.shape if kind.replaces == "inputs" else dataset.labels.shape
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
