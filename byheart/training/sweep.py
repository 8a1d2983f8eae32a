"""A sweep: everything that says which networks are trained and measured, as one value."""

import dataclasses

from byheart.training.probes import Probe
from byheart.training.recipe import Member, Recipe


@dataclasses.dataclass(frozen=True)
class Sweep:
    """Members of one recipe, and what is measured of them.

    Attributes:
        recipe: what all members share.
        members: what differs; also the order in which chunks are trained.
        measures: probes called at the measured epochs.
        measured_epochs: ascending, 0 being the untrained network; None measures after the last epoch.
        final_measures: probes called once, after the last epoch.
        noise_seed: which draw of the noise; the same for all members.
    """

    recipe: Recipe
    members: tuple[Member, ...]
    measures: tuple[Probe, ...] = ()
    measured_epochs: tuple[int, ...] | None = None
    final_measures: tuple[Probe, ...] = ()
    noise_seed: int = 0

    def chunks(self, size: int) -> list["Sweep"]:
        """The same sweep in pieces of at most `size` members, in order.

        >>> from byheart.networks.mlp import MLP
        >>> sweep = Sweep(Recipe(MLP((4,))), tuple(Member(seed) for seed in range(5)))
        >>> [len(chunk.members) for chunk in sweep.chunks(2)]
        [2, 2, 1]
        """
        starts = range(0, len(self.members), size)
        return [dataclasses.replace(self, members=self.members[start : start + size]) for start in starts]
