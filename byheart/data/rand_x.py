"""randX (section 2 of the paper): inputs replaced by random ones."""

import dataclasses
from typing import ClassVar, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from byheart import checks, literals
from byheart.data.dataset import Dataset
from byheart.data.noise import Noise
from byheart.inputs import InputShape, image_shape
from byheart.keys import KeyLike, one_key, subkey


class FourKeys(NamedTuple):
    """The keys of randX and randY; they share one split, so that the draw of one does not depend on the other."""

    inputs: Key[Array, ""]
    labels: Key[Array, ""]
    input_ranks: Key[Array, ""]
    label_ranks: Key[Array, ""]

    @classmethod
    def of(cls, key: Key[Array, ""]) -> "FourKeys":
        """Split a key into the four keys."""
        inputs, labels, input_ranks, label_ranks = jax.random.split(key, 4)
        return cls(inputs, labels, input_ranks, label_ranks)


@literals.register
@dataclasses.dataclass(frozen=True)
class GaussianInputs:
    """Gaussian random inputs with the mean and standard deviation of the data.

    These are taken over all pixels of images, and the inputs are not clipped to [0, 1]. For vectors, each feature has
    its own.
    """

    def __call__(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Float[Array, "example *input"]:
        """Return an input for each example of `dataset`, independent over pixels or features.

        Its mean and standard deviation are those of `like`.
        """
        normal = jax.random.normal(FourKeys.of(key).inputs, dataset.inputs.shape)
        return jnp.add(like.mean, jnp.multiply(like.standard_deviation, normal))


@literals.register
@dataclasses.dataclass(frozen=True)
class UniformInputs:
    """Random images, uniform on [0, 1)."""

    def __call__(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Float[Array, "example *input"]:
        """Return an input for each example of `dataset`; `like` is not used."""
        del like
        return jax.random.uniform(subkey(key, "uniform inputs"), dataset.inputs.shape)


RandomInputs = GaussianInputs | UniformInputs


@literals.register
@dataclasses.dataclass(frozen=True)
class RandX(Noise):
    """randX: a share `level` in [0, 1] of the inputs is replaced by random ones; labels stay the same.

    Attributes:
        inputs: distribution of random inputs: `GaussianInputs()`, as in the paper, or `UniformInputs()`.
    """

    inputs: RandomInputs = GaussianInputs()
    id: ClassVar[str] = "rand_x"
    title: ClassVar[str] = "randX"
    replaces: ClassVar[Literal["inputs", "labels"]] = "inputs"

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.instance("inputs", self.inputs, RandomInputs, "GaussianInputs() or UniformInputs()")

    def check(self, input_shape: InputShape, n_classes: int) -> None:
        """Raise `BadInput` if inputs are vectors, and random ones should be uniform on [0, 1)."""
        del n_classes
        if isinstance(self.inputs, UniformInputs):
            image_shape("UniformInputs()", input_shape)

    def own_key(self, key: KeyLike) -> Key[Array, ""]:
        """Return the key itself; randX and randY use different parts of it."""
        return one_key(key)

    def rank(self, n_examples: int, key: KeyLike) -> Int[Array, " example"]:
        """Return the rank of every example."""
        return jax.random.permutation(FourKeys.of(self.own_key(key)).input_ranks, n_examples)

    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Float[Array, "example *input"]:
        """Return a random input for every example."""
        return self.inputs(dataset, key, like)
