"""The protocol of probes: measures that training calls, without knowing what they measure."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from jaxtyping import Array, Key, Shaped

from byheart.data.member_view import MemberData
from byheart.networks.network import Network
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
