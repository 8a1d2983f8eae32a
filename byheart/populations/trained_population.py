"""A trained population: its trace, its networks, its members."""

import dataclasses

import jax
import xarray as xr

from byheart import checks
from byheart.networks.network import Network
from byheart.training.member import Member


@dataclasses.dataclass(frozen=True)
class TrainedPopulation:
    """Result of training a population.

    Attributes:
        trace: the measured numbers over (member, epoch), with each member's settings as coordinates.
        networks: the trained networks, stacked on a first member axis.
        members: the members in the order of that axis.
    """

    trace: xr.Dataset
    networks: Network
    members: tuple[Member, ...]

    def network(self, member: Member) -> Network:
        """Return the trained network of one member.

        Raises:
            BadInput: the population has no such member.
        """
        if member not in self.members:
            raise checks.BadInput(f"The population has no {member!r}; see its `members`.")
        index = self.members.index(member)
        return jax.tree.map(lambda leaf: leaf[index], self.networks)
