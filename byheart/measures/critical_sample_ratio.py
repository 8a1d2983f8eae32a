"""The critical sample ratio as a probe: at one radius or over several radii."""

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from byheart import checks
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS
from byheart.critical.radius import Length, Pixels, check_unit, checked_length, number_of
from byheart.data.member_view import MemberData
from byheart.keys import one_key, subkey
from byheart.networks.network import Predict
from byheart.sweeps.variable import Variable

SETS = {
    "validation": "clean validation inputs",
    "validation_alike": "validation inputs replaced by noise to the share of the training inputs",
    "training": "training inputs, noise included",
}
"""The sets of inputs that can be searched, with their descriptions."""


@dataclasses.dataclass(frozen=True)
class CriticalSampleRatio:
    """A probe: the critical sample ratio at one radius on one or more sets of inputs.

    Attributes:
        radius: radius r of the search: `Pixels(0.3)`, `StandardDeviations(0.1)`, or a number, in input units for images
            and standard deviations for vectors.
        search: the search.
        sets: sets to search: "validation", "validation_alike" (a share of inputs replaced by noise, as in the member's
            training data) or "training".
        n_samples: number of examples to search in each set, from its start; None searches all.
    """

    radius: float | Length = Pixels(0.3)
    search: LASS = LASS()
    sets: tuple[str, ...] = ("validation",)
    n_samples: int | None = None

    def __post_init__(self) -> None:
        checks.fields(self, radius=checked_length, sets=checks.each(known_set), n_samples=checks.optional(checks.count))

    def __repr__(self) -> str:
        """Return text with the radius as a number: random keys come from it, and a unit must not change them."""
        radius = number_of(self.radius)
        return (
            f"CriticalSampleRatio(radius={radius!r}, search={self.search!r}, sets={self.sets!r}, "
            f"n_samples={self.n_samples!r})"
        )

    @property
    def variables(self) -> Mapping[str, Variable]:
        """One critical sample ratio for each set."""
        return {f"csr_{name}": Variable(f"critical sample ratio of {SETS[name]}") for name in self.sets}

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, ""]]:
        """Return the critical sample ratio of each set; NaN if logits are not finite."""
        key = one_key(key)
        return {f"csr_{name}": self._ratio(network, data, name, subkey(key, name)) for name in self.sets}

    def search_steps(self, n_training: int, n_validation: int) -> int:
        """Return the most gradient steps of all searches in one call, over all samples."""
        sizes = (n_training if name == "training" else n_validation for name in self.sets)
        return sum(steps_of(self.search, size, self.n_samples) for size in sizes)

    def _ratio(self, network: Predict, data: MemberData, name: str, key: Key[Array, ""]) -> Float[Array, ""]:
        inputs = first_inputs(data, name, self.n_samples)
        standardizer = data.training.standardizer
        found = critical_samples(
            network, inputs, radius=self.radius, search=self.search, key=key, standardizer=standardizer
        )
        return found.ratio


@dataclasses.dataclass(frozen=True)
class RadiusSweep:
    """A probe: the critical sample ratio of clean validation inputs at several radii.

    Attributes:
        radii: radii, strictly increasing: in pixels, in standard deviations, or numbers, in input units for images and
            standard deviations for vectors. Results have them in input units or standard deviations.
        search: the search; its step and noise scale with the radius unless they are given.
        n_samples: number of validation examples to search, from the first; None searches all.
    """

    radii: tuple[float | Length, ...]
    search: LASS = LASS()
    n_samples: int | None = None

    def __post_init__(self) -> None:
        checks.fields(self, radii=checks.each(checked_length), n_samples=checks.optional(checks.count))
        checks.ascending("radii", self.numbers, checks.positive)

    def __repr__(self) -> str:
        """Return text with the radii as numbers: random keys come from it, and a unit must not change them."""
        return f"RadiusSweep(radii={self.numbers!r}, search={self.search!r}, n_samples={self.n_samples!r})"

    @property
    def numbers(self) -> tuple[float, ...]:
        """The radii in the units of the search: input units of images, standard deviations of vectors."""
        return tuple(map(number_of, self.radii))

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The critical sample ratio over radii."""
        text = f"critical sample ratio of {SETS['validation']} after training, over radii in input units (vectors: "
        text += "standard deviations)"
        return {"csr_by_radius": Variable(text, (("radius", self.numbers),))}

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, " radius"]]:
        """Return the critical sample ratio at each radius; NaN if logits are not finite."""
        inputs = first_inputs(data, "validation", self.n_samples)
        for radius in self.radii:
            check_unit("radii", radius, data.training.input_shape)

        def ratio(radius: Float[Array, ""]) -> Float[Array, ""]:
            standardizer = data.training.standardizer
            found = critical_samples(
                network, inputs, radius=radius, search=self.search, key=key, standardizer=standardizer
            )
            return found.ratio

        return {"csr_by_radius": jax.lax.map(ratio, jnp.array(self.numbers))}

    def search_steps(self, n_training: int, n_validation: int) -> int:
        """Return the most gradient steps of all searches in one call, over all samples and radii."""
        del n_training
        return len(self.radii) * steps_of(self.search, n_validation, self.n_samples)


def steps_of(search: LASS, n_examples: int, n_samples: int | None = None) -> int:
    """Return the most gradient steps of a search of the first `n_samples` examples, or of all."""
    return min(n_samples or n_examples, n_examples) * search.budget * (search.restarts + 1)


def known_set(name: str, value: object) -> str:
    """Return `value` if it is one of `SETS`."""
    del name
    return checks.known("set of inputs", value, SETS)


def first_inputs(data: MemberData, name: str, n_samples: int | None) -> Float[Array, "sample *input"]:
    """Return the first `n_samples` inputs of the set `name`, or all if it has fewer or `n_samples` is None."""
    dataset = getattr(data, name)
    inputs, _ = dataset.batch(jnp.arange(min(n_samples or dataset.n_examples, dataset.n_examples)))
    return inputs
