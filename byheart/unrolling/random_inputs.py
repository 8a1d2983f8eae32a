"""One training run of a sweep, and the examples it sees."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from byheart import checks, literals
from byheart.data.dataset import Dataset
from byheart.data.noise import NoiseFamily, n_noisy, noise_family
from byheart.keys import key_for, subkey


@literals.register
@dataclasses.dataclass(frozen=True)
class GaussianInputs:
    """Random inputs are Gaussian with the mean and standard deviation of the data, as in randX."""

    def __call__(self, dataset: Dataset, key: Key[Array, ""]) -> NoiseFamily:
        """All noisy versions of `dataset`."""
        return noise_family(dataset, key)


@literals.register
@dataclasses.dataclass(frozen=True)
class UniformInputs:
    """Random inputs are uniform on [0, 1)."""

    def __call__(self, dataset: Dataset, key: Key[Array, ""]) -> NoiseFamily:
        """All noisy versions of `dataset`."""
        uniform = jax.random.uniform(subkey(key, "uniform inputs"), dataset.images.shape)
        return dataclasses.replace(noise_family(dataset, key), noise_images=uniform)


RandomInputs = GaussianInputs | UniformInputs


@dataclasses.dataclass(frozen=True, order=True)
class UnrolledMember:
    """One training run.

    Attributes:
        unique_classes: whether each example is a class of its own, so that the network must tell all of them apart.
        seed: fixes the initialization and the minibatches.
        rand_x: share of the inputs that is random.
        rand_y: share of the labels that is random.
    """

    unique_classes: bool = False
    seed: int = 0
    rand_x: float = 0.0
    rand_y: float = 0.0

    def __post_init__(self) -> None:
        checks.fields(self, seed=checks.seed, rand_x=checks.fraction, rand_y=checks.fraction)


class TracedUnrolledMember(NamedTuple):
    """An `UnrolledMember` as traced values; `unique_classes` fixes shapes and is not among them."""

    seed: Int[Array, ""]
    n_random_inputs: Int[Array, ""]
    n_random_labels: Int[Array, ""]

    @classmethod
    def of(cls, members: list[UnrolledMember], n_examples: int) -> "TracedUnrolledMember":
        """`members`, stacked on a first axis."""
        return cls(
            jnp.array([member.seed for member in members], jnp.int32),
            jnp.array([n_noisy(member.rand_x, n_examples) for member in members], jnp.int32),
            jnp.array([n_noisy(member.rand_y, n_examples) for member in members], jnp.int32),
        )

    def examples(
        self, family: NoiseFamily, unique_classes: bool
    ) -> tuple[Float[Array, "example height width channel"], Int[Array, " example"]]:
        """Inputs and labels of all training examples."""
        seen = family.at(self.n_random_inputs, self.n_random_labels)
        return seen.images, jnp.arange(seen.n_examples) if unique_classes else seen.labels


def family_of(dataset: Dataset, inputs: RandomInputs, noise_seed: int) -> NoiseFamily:
    """All noisy versions of the training data for one draw of the noise."""
    return inputs(dataset, key_for("noise of training data", noise_seed))
