"""Tiny problems: fast to train on, with known results."""

import dataclasses
import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from byheart.data.dataset import Dataset
from byheart.data.inclusion import Inclusion
from byheart.data.loading.load import load
from byheart.data.member_view import MemberData, noisy_split
from byheart.data.noise import Noise
from byheart.data.split import Split
from byheart.data.stratified import stratified_subset
from byheart.sweeps.variable import Variable


def blobs(n_training: int = 40, n_validation: int = 10, n_classes: int = 2, seed: int = 0) -> Split:
    """Return 4 x 4 images scattered around one prototype per class; a small network learns them in a few epochs."""
    generator = np.random.default_rng(seed)
    prototypes = generator.uniform(0.2, 0.8, (n_classes, 4, 4, 1))

    def sample(n: int) -> Dataset:
        labels = np.arange(n) % n_classes
        return Dataset(np.clip(generator.normal(prototypes[labels], 0.15), 0, 1), labels, name="blobs")

    return Split(sample(n_training), sample(n_validation))


def few_digits(n_training: int = 200, n_validation: int = 100) -> Split:
    """Return some of the embedded 8 x 8 digits."""
    split = load("digits")
    return Split(stratified_subset(split.training, n_training, 0), stratified_subset(split.validation, n_validation, 0))


def points(
    n: int, shape: tuple[int, int, int] = (4, 4, 1), seed: int = 0
) -> Float[Array, "sample height width channel"]:
    """Return images of uniform pixels in [0, 1]."""
    return jax.random.uniform(jax.random.key(seed), (n, *shape))


class Linear(eqx.Module):
    """The linear classifier f(x) = x W + b, whose critical samples are known exactly."""

    weight: Float[Array, "pixel class"]
    bias: Float[Array, " class"]

    def __call__(self, images: Float[Array, "batch height width channel"]) -> Float[Array, "batch class"]:
        return images.reshape(images.shape[0], -1) @ self.weight + self.bias


def linear(n_classes: int, n_pixels: int = 16, seed: int = 0) -> Linear:
    """Return a random linear classifier; the middle of [0, 1]^n lies on all its boundaries."""
    weight = jax.random.normal(jax.random.key(seed), (n_pixels, n_classes))
    return Linear(weight, -weight.sum(axis=0) / 2)


class Curved(eqx.Module):
    """A random classifier with one hidden layer, smooth and clearly not linear."""

    hidden: Float[Array, "pixel unit"]
    output: Float[Array, "unit class"]

    def __call__(self, images: Float[Array, "batch height width channel"]) -> Float[Array, "batch class"]:
        return jnp.tanh((images.reshape(images.shape[0], -1) - 0.5) @ self.hidden) @ self.output


def curved(n_classes: int = 3, n_pixels: int = 16, n_units: int = 8, seed: int = 0) -> Curved:
    """Return a random `Curved`."""
    hidden, output = jax.random.split(jax.random.key(seed))
    return Curved(jax.random.normal(hidden, (n_pixels, n_units)), jax.random.normal(output, (n_units, n_classes)))


@dataclasses.dataclass(frozen=True)
class Smooth:
    """The architecture of `curved`, whose networks have no steps that bound them."""

    width: int = 8
    depth: int = 1

    def resized(self, width: int | None, depth: int | None) -> "Smooth":
        """Return another size."""
        return Smooth(width or self.width, depth or self.depth)

    def check(self, input_shape: tuple[int, ...]) -> None:
        """Accept all inputs."""

    def build(self, input_shape: tuple[int, ...], n_classes: int, key: Any) -> Any:
        """Return a network."""
        return curved(n_classes, 16, self.width)


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """A probe that shows any difference: logits of three validation images, noise counts, and a random number."""

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "logits": Variable("logits of validation images", (("image", (0.0, 1.0, 2.0)), ("output", (0.0, 1.0)))),
            "noisy_images": Variable("number of noisy training examples"),
            "random_number": Variable("a uniform random number"),
        }
    )

    def __call__(self, network: eqx.Module, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, "..."]]:
        images, _ = data.validation.batch(jnp.arange(3))
        return {
            "logits": network(images),
            "noisy_images": data.training.is_noisy.sum().astype(float),
            "random_number": jax.random.uniform(key),
        }


def seen_by(split: Split, *noises: Noise, noise_seed: int = 0, inclusion: Inclusion | None = None) -> MemberData:
    """What a member with these noises sees, one that is trained on all examples unless an inclusion is given."""
    data = noisy_split(split, noise_seed, noises)
    return data.for_member(data.view(noises, inclusion))


def labels_of(predict: eqx.Module, images: Float[Array, "..."]) -> Int[np.ndarray, " sample"]:
    """Return the class that `predict` gives each image."""
    return np.asarray(predict(images)).argmax(axis=1)


def as_called(kind: type, **settings: Any) -> Any:
    """Make a value of `kind` as a user does, without the type checker of the tests, which rejects some settings."""
    made = object.__new__(kind)
    inspect.unwrap(kind.__init__)(made, **settings)
    return made
