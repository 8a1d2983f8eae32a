"""randX (section 2 of the paper): inputs replaced by random ones."""

import dataclasses
from typing import ClassVar, Literal, NamedTuple

import jax
from jaxtyping import Array, Float, Int, Key

from byheart import checks, literals
from byheart.data.dataset import Dataset
from byheart.data.noise import Noise
from byheart.keys import KeyLike, one_key, subkey


class FourKeys(NamedTuple):
    """The keys of randX and randY, which share one split so that either draws the same whether the other is there or not."""

    pixels: Key[Array, ""]
    labels: Key[Array, ""]
    input_ranks: Key[Array, ""]
    label_ranks: Key[Array, ""]

    @classmethod
    def of(cls, key: Key[Array, ""]) -> "FourKeys":
        """Return the four parts of a key."""
        pixels, labels, input_ranks, label_ranks = jax.random.split(key, 4)
        return cls(pixels, labels, input_ranks, label_ranks)


@literals.register
@dataclasses.dataclass(frozen=True)
class GaussianInputs:
    """Random inputs are Gaussian with the mean and the standard deviation of the data, over all pixels; they are not clipped."""

    def __call__(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Float[Array, "example *input"]:
        """Return an input for each example of `dataset`, independent over pixels, with the mean and deviation of `like`."""
        return like.mean + like.standard_deviation * jax.random.normal(FourKeys.of(key).pixels, dataset.images.shape)


@literals.register
@dataclasses.dataclass(frozen=True)
class UniformInputs:
    """Random inputs are uniform on [0, 1)."""

    def __call__(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Float[Array, "example *input"]:
        """Return an input for each example of `dataset`; `like` is not needed."""
        del like
        return jax.random.uniform(subkey(key, "uniform inputs"), dataset.images.shape)


RandomInputs = GaussianInputs | UniformInputs


@literals.register
@dataclasses.dataclass(frozen=True)
class RandX(Noise):
    """randX: a share `level` in [0, 1] of the inputs is replaced by random ones; their labels stay.

    Attributes:
        inputs: what replaces them: `GaussianInputs()`, as in the paper, or `UniformInputs()`.
    """

    inputs: RandomInputs = GaussianInputs()
    id: ClassVar[str] = "rand_x"
    title: ClassVar[str] = "randX"
    replaces: ClassVar[Literal["inputs", "labels"]] = "inputs"

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.instance("inputs", self.inputs, RandomInputs, "GaussianInputs() or UniformInputs()")

    def own_key(self, key: KeyLike) -> Key[Array, ""]:
        """Return the key itself, of which randX and randY take different parts."""
        return one_key(key)

    def rank(self, n_examples: int, key: KeyLike) -> Int[Array, " example"]:
        """Return the rank of every example."""
        return jax.random.permutation(FourKeys.of(self.own_key(key)).input_ranks, n_examples)

    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Float[Array, "example *input"]:
        """Return a random input for every example."""
        return self.inputs(dataset, key, like)
