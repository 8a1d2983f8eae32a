"""What one member of a population sees: its training data, and validation data of two kinds."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Int

from byheart.data.dataset import Dataset, Split
from byheart.data.noise import NoiseFamily, NoisyDataset, n_noisy, noise_family
from byheart.keys import key_for


class NoiseCounts(eqx.Module):
    """Noise levels as exact numbers of examples; traced in a population, so one program serves all levels."""

    training_inputs: int | Int[Array, "..."]
    training_labels: int | Int[Array, "..."]
    validation_inputs: int | Int[Array, "..."]


class MemberData(eqx.Module):
    """What one member sees.

    Attributes:
        training: with the member's noise; the only data it trains on.
        validation: always clean.
        validation_alike: validation inputs replaced by noise to the same share as the training inputs, for measures that ask how a
            network behaves on inputs of the kind it was trained on. Its labels are clean and, for replaced inputs, mean nothing.
    """

    training: NoisyDataset
    validation: NoisyDataset
    validation_alike: NoisyDataset


class NoisySplit(eqx.Module):
    """All noisy versions of a split, sharing one copy of everything."""

    training: NoiseFamily
    validation: NoiseFamily

    def counts(self, rand_x: float, rand_y: float) -> NoiseCounts:
        """Levels in [0, 1] as numbers of examples."""
        return NoiseCounts(
            training_inputs=n_noisy(rand_x, self.training.n_examples),
            training_labels=n_noisy(rand_y, self.training.n_examples),
            validation_inputs=n_noisy(rand_x, self.validation.n_examples),
        )

    def seen_at(self, counts: NoiseCounts) -> MemberData:
        """The data of a member with so many noisy examples."""
        return MemberData(
            training=self.training.at(counts.training_inputs, counts.training_labels),
            validation=self.validation.at(0, 0),
            validation_alike=self.validation.at(counts.validation_inputs, 0),
        )


def described(training: Dataset, family: NoiseFamily) -> dict[str, np.ndarray]:
    """Facts (example,) of the training examples, from which those of every member follow.

    `index` is where it stands in the data as they were loaded, `label` and `noise_label` are its own label and the one randY gives it; an
    input or label is noisy at level p where `input_rank` or `label_rank` is below `n_noisy(p, n)`.
    """
    ranks = {"input_rank": family.input_rank, "label_rank": family.label_rank}
    labels = {"label": family.clean_labels, "noise_label": family.noise_labels}
    return {"index": training.index} | {name: np.asarray(values) for name, values in (labels | ranks).items()}


def after_noise(
    facts: Mapping[Any, Any], rand_x: float, rand_y: float
) -> tuple[Int[np.ndarray, " example"], Bool[np.ndarray, " example"]]:
    """The labels of a member's training examples, and which of the examples are noisy, from what is `described`."""
    input_rank, label_rank, label, noise_label = (
        np.asarray(facts[name]) for name in ("input_rank", "label_rank", "label", "noise_label")
    )
    is_noisy_label = label_rank < n_noisy(rand_y, len(label))
    is_noisy_input = input_rank < n_noisy(rand_x, len(label))
    return np.where(is_noisy_label, noise_label, label), is_noisy_label | is_noisy_input


def noisy_split(split: Split, noise_seed: int = 0) -> NoisySplit:
    """All randX and randY versions of `split` for one draw of the noise. Memory: twice the images.

    Gaussian validation inputs have the mean and standard deviation of the training data; they are other draws than the training ones.
    """
    training = noise_family(split.training, key_for("noise of training data", noise_seed))
    validation = noise_family(split.validation, key_for("noise of validation data", noise_seed), like=split.training)
    return NoisySplit(training, validation)
