"""Probes look at a population while it trains. Training calls them and knows nothing of what they measure."""

from collections.abc import Mapping
from typing import Protocol

from jaxtyping import Array, Float, Key

from byheart.data.member_data import MemberData
from byheart.networks.network import Network


class Probe(Protocol):
    """A measure of one network, called at chosen epochs; a frozen value whose `repr` says all that determines it.

    Attributes:
        variables: names of the numbers it gives, each with a sentence for the reader of the results.
    """

    @property
    def variables(self) -> Mapping[str, str]:
        """Names of the numbers, each with what it is and its unit."""

    def __call__(self, network: Network, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, ""]]:
        """One number for each of `variables`, of `network` in inference mode."""
