"""The share of samples that are not certified as a probe: an upper bound of the critical sample ratio.

A proof is computed in float64, outside the compiled program of a population, so this is a probe of the host
(`training.probes.HostProbe`). The search for critical samples does not know of it.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from byheart import checks
from byheart.critical.bounds import Bound, checked_bounds
from byheart.critical.certified_samples import bounds_of_one, certified_if_any, check_can_be_certified
from byheart.critical.radius import Length, Pixels, check_unit, checked_length, number_of
from byheart.data.member_view import MemberData
from byheart.inputs import InputShape, Standardizer
from byheart.measures.critical_sample_ratio import SETS, RadiusSweep, first_inputs, known_set
from byheart.networks.network import Architecture, Network
from byheart.sweeps.variable import Variable

Shares = dict[str, Float[np.ndarray, "*radius"]]


@dataclasses.dataclass(frozen=True)
class NotCertified:
    """A probe: the share of samples that are not certified, an upper bound of the critical sample ratio.

    It is 1 if none of 16 samples, spread over a set, can be certified (`certified_samples`). Use it beside
    `CriticalSampleRatio` with the same radius, sets and number of samples.

    Attributes:
        radius: radius r of the box, as in `CriticalSampleRatio`.
        sets: sets of inputs, as in `CriticalSampleRatio`.
        n_samples: number of examples in each set, from its start; None takes all.
        bounds: (low, high) of inputs, as `LASS(bounds=...)`: points outside do not count. None: all points of the box.

    Cost: that of `certified_samples`, usually far more than a search.
    """

    radius: float | Length = Pixels(0.3)
    sets: tuple[str, ...] = ("validation",)
    n_samples: int | None = None
    bounds: tuple[Bound, Bound] | None = None

    def __post_init__(self) -> None:
        checks.fields(
            self,
            radius=checked_length,
            sets=checks.each(known_set),
            n_samples=checks.optional(checks.count),
            bounds=checks.optional(checked_bounds),
        )

    @property
    def variables(self) -> Mapping[str, Variable]:
        """One share for each set."""
        return {
            f"not_certified_{name}": Variable(f"share of {SETS[name]} that are not certified") for name in self.sets
        }

    def check(self, architecture: Architecture, input_shape: InputShape) -> None:
        """Raise `BadInput` if byheart knows no bounds of such networks, or the radius has the unit of other inputs."""
        check_unit("radius", self.radius, input_shape)
        check_can_be_certified(type(self).__name__, architecture, input_shape)

    def on_host(self, network: Network, data: MemberData) -> Shares:
        """Return the share of each set; 1 if logits are not finite."""
        return {
            f"not_certified_{name}": _share(network, data, name, self.n_samples, number_of(self.radius), self.bounds)
            for name in self.sets
        }

    def n_calls(self, n_training: int, n_validation: int) -> int:
        """Return the number of samples to certify in all sets."""
        sizes = (n_training if name == "training" else n_validation for name in self.sets)
        return sum(min(self.n_samples or size, size) for size in sizes)

    def of_one(self, network: Network, input_shape: InputShape) -> PyTree:
        """Return what is computed for one sample."""
        return bounds_of_one(network, input_shape, Standardizer.none_for(input_shape))


@dataclasses.dataclass(frozen=True)
class NotCertifiedByRadius:
    """A probe: the share of clean validation inputs that are not certified, at several radii.

    It belongs beside `RadiusSweep` with the same radii and number of samples.

    Attributes:
        radii: radii, strictly increasing, as in `RadiusSweep`.
        n_samples: number of validation examples, from the first; None takes all.
        bounds: as in `NotCertified`.

    Cost: that of `certified_samples` at each radius. Where none of 16 samples can be certified, the share is 1 at this
        radius and at all larger ones, which are not tried.
    """

    radii: tuple[float | Length, ...]
    n_samples: int | None = None
    bounds: tuple[Bound, Bound] | None = None

    def __post_init__(self) -> None:
        RadiusSweep(self.radii)  # Checks the radii.
        checks.fields(
            self,
            radii=checks.each(checked_length),
            n_samples=checks.optional(checks.count),
            bounds=checks.optional(checked_bounds),
        )

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The share over radii."""
        text = f"share of {SETS['validation']} that are not certified after training, over radii in input units "
        radii = tuple(map(number_of, self.radii))
        return {"not_certified_by_radius": Variable(f"{text}(vectors: standard deviations)", (("radius", radii),))}

    def check(self, architecture: Architecture, input_shape: InputShape) -> None:
        """Raise `BadInput` if byheart knows no bounds of such networks, or the radius has the unit of other inputs."""
        for radius in self.radii:
            check_unit("radii", radius, input_shape)
        check_can_be_certified(type(self).__name__, architecture, input_shape)

    def on_host(self, network: Network, data: MemberData) -> Shares:
        """Return the share at each radius; 1 if logits are not finite."""
        shares = np.ones(len(self.radii), np.float32)
        for index, radius in enumerate(self.radii):
            shares[index] = _share(network, data, "validation", self.n_samples, number_of(radius), self.bounds)
            if shares[index] == 1:
                break
        return {"not_certified_by_radius": shares}

    def n_calls(self, n_training: int, n_validation: int) -> int:
        """Return the number of samples to certify at all radii."""
        del n_training
        return len(self.radii) * min(self.n_samples or n_validation, n_validation)

    def of_one(self, network: Network, input_shape: InputShape) -> PyTree:
        """Return what is computed for one sample."""
        return bounds_of_one(network, input_shape, Standardizer.none_for(input_shape))


def _share(
    network: Any,
    data: MemberData,
    name: str,
    n_samples: int | None,
    radius: float,
    bounds: tuple[Bound, Bound] | None,
) -> Float[np.ndarray, ""]:
    inputs, standardizer = first_inputs(data, name, n_samples), data.training.standardizer
    # A population has its data on each of its devices; one of them computes the proof.
    network, inputs, standardizer = jax.tree.map(jnp.asarray, jax.device_get((network, inputs, standardizer)))
    proof = certified_if_any(
        network, inputs, radius=radius, bounds=bounds, standardizer=standardizer, show_progress=False
    )
    return np.asarray(1.0 if proof is None else proof.upper_ratio, np.float32)
