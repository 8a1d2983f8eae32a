"""What one member of a population sees: its training data, and validation data of two kinds."""

import equinox as eqx
from jaxtyping import Array, Int

from byheart.data.dataset import Split
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


def noisy_split(split: Split, noise_seed: int = 0) -> NoisySplit:
    """All randX and randY versions of `split` for one draw of the noise. Memory: twice the images.

    Gaussian validation inputs have the mean and standard deviation of the training data; they are other draws than the training ones.
    """
    training = noise_family(split.training, key_for("noise of training data", noise_seed))
    validation = noise_family(split.validation, key_for("noise of validation data", noise_seed), like=split.training)
    return NoisySplit(training, validation)
