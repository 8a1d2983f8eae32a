"""The critical sample ratio as a probe: at one radius or over several radii."""

import dataclasses
import functools
from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from byheart import checks
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS, Pixels
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
        radius: radius r of the search, in input units.
        search: the search.
        sets: sets to search: "validation", "validation_alike" (a share of inputs replaced by noise, as in the member's
            training data) or "training".
        n_samples: number of examples to search in each set, from its start; None searches all.
    """

    radius: float = Pixels(0.3)
    search: LASS = LASS()
    sets: tuple[str, ...] = ("validation",)
    n_samples: int | None = None

    def __post_init__(self) -> None:
        checks.fields(
            self, radius=checks.positive, sets=checks.each(_known_set), n_samples=checks.optional(checks.count)
        )

    @property
    def variables(self) -> Mapping[str, Variable]:
        """One critical sample ratio for each set."""
        return {f"csr_{name}": Variable(f"critical sample ratio of {SETS[name]}") for name in self.sets}

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, ""]]:
        """Return the critical sample ratio of each set; NaN if logits are not finite."""
        key = one_key(key)
        return {f"csr_{name}": self._ratio(network, data, name, subkey(key, name)) for name in self.sets}

    def _ratio(self, network: Predict, data: MemberData, name: str, key: Key[Array, ""]) -> Float[Array, ""]:
        images = first_images(data, name, self.n_samples)
        return critical_samples(network, images, radius=self.radius, search=self.search, key=key).ratio


@dataclasses.dataclass(frozen=True)
class RadiusSweep:
    """A probe: the critical sample ratio of clean validation inputs at several radii.

    Attributes:
        radii: radii in input units, strictly increasing.
        search: the search; its step and noise scale with the radius unless they are given.
        n_samples: number of validation examples to search, from the first; None searches all.
    """

    radii: tuple[float, ...]
    search: LASS = LASS()
    n_samples: int | None = None

    def __post_init__(self) -> None:
        radii = functools.partial(checks.ascending, check=checks.positive)
        checks.fields(self, radii=radii, n_samples=checks.optional(checks.count))

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The critical sample ratio over radii."""
        text = f"critical sample ratio of {SETS['validation']} after training, over radii in input units"
        return {"csr_by_radius": Variable(text, (("radius", self.radii),))}

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, " radius"]]:
        """Return the critical sample ratio at each radius; NaN if logits are not finite."""
        images = first_images(data, "validation", self.n_samples)

        def ratio(radius: Float[Array, ""]) -> Float[Array, ""]:
            return critical_samples(network, images, radius=radius, search=self.search, key=key).ratio

        return {"csr_by_radius": jax.lax.map(ratio, jnp.array(self.radii))}


def _known_set(name: str, value: object) -> str:
    """Return `value` if it is one of `SETS`."""
    del name
    return checks.known("set of inputs", value, SETS)


def first_images(data: MemberData, name: str, n_samples: int | None) -> Float[Array, "sample height width channel"]:
    """Return the first `n_samples` inputs of the set `name`, or all if it has fewer or `n_samples` is None."""
    dataset = getattr(data, name)
    images, _ = dataset.batch(jnp.arange(min(n_samples or dataset.n_examples, dataset.n_examples)))
    return images
