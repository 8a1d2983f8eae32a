"""Probes look at a population while it trains. Training calls them and knows nothing of what they measure."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from jaxtyping import Array, Key, Shaped

from byheart.data.member_view import MemberData
from byheart.networks.network import Network
from byheart.sweeps.variable import Variable


@runtime_checkable
class Probe(Protocol):
    """A measure of one network, called at chosen epochs; a frozen value whose `repr` says all that determines it.

    Attributes:
        variables: names of the numbers it gives, each with what it is.
    """

    @property
    def variables(self) -> Mapping[str, Variable]:
        """Names of the numbers it gives, each with what it is."""

    def __call__(self, network: Network, data: MemberData, key: Key[Array, ""]) -> dict[str, Shaped[Array, "..."]]:
        """A number, or an array of its axes, for each of `variables`, of `network` in inference mode. Truth values are stored as integers."""
