"""The protocols of probes: measures that training calls, without knowing what they measure."""

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Array, Key, PyTree, Shaped

from byheart.data.member_view import MemberData
from byheart.inputs import InputShape
from byheart.networks.network import Architecture, Network
from byheart.sweeps.variable import Variable


@runtime_checkable
class Probe(Protocol):
    """A measure of one network, called at chosen epochs.

    A probe is a frozen value. Its `repr` must contain everything that determines its numbers.

    Attributes:
        variables: descriptions of the measured numbers, by name.
    """

    @property
    def variables(self) -> Mapping[str, Variable]:
        """Descriptions of the measured numbers, by name."""

    def __call__(self, network: Network, data: MemberData, key: Key[Array, ""]) -> dict[str, Shaped[Array, "..."]]:
        """Measure `network`, in inference mode.

        Returns:
            a number, or an array over the variable's axes, for each of `variables`. Booleans are stored as integers.
        """


@runtime_checkable
class HostProbe(Protocol):
    """A measure of one network that cannot be part of a compiled program, called with numbers at chosen epochs.

    It is a frozen value whose `repr` contains everything that determines its numbers, as that of a `Probe`.

    Attributes:
        variables: descriptions of the measured numbers, by name.
    """

    @property
    def variables(self) -> Mapping[str, Variable]:
        """Descriptions of the measured numbers, by name."""

    def check(self, architecture: Architecture, input_shape: InputShape) -> None:
        """Raise `BadInput` if networks of an architecture cannot be measured; called before training."""

    def on_host(self, network: Network, data: MemberData) -> dict[str, Shaped[np.ndarray, "..."]]:
        """Measure `network`, in inference mode: a number, or an array, for each of `variables`."""

    def n_calls(self, n_training: int, n_validation: int) -> int:
        """Return the number of samples that are measured in one call, for estimates of cost."""

    def of_one(self, network: Network, input_shape: InputShape) -> PyTree:
        """Return what is computed for one sample; it is traced to count operations."""


AnyProbe = Probe | HostProbe
"""A measure of one network."""


def in_program(measures: Iterable[AnyProbe]) -> tuple[Probe, ...]:
    """Return the probes that are part of the compiled program."""
    return tuple(one for one in measures if not isinstance(one, HostProbe))


def on_host(measures: Iterable[AnyProbe]) -> tuple[HostProbe, ...]:
    """Return the probes of the host."""
    return tuple(one for one in measures if isinstance(one, HostProbe))
