"""Networks in groups, for numbers that no single network has: a group of networks counts as a seed does elsewhere."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from byheart import checks
from byheart.statistics.memorization import Memorization, memorization
from byheart.sweeps.results import NEVER

GROUP = 20
"""Networks in a group; half of them see an example, on average."""
GROUPS = f"groups of {GROUP} networks"
"""What a dot stands for in figures."""


def collect_few_seeds(problems: checks.Problems, seeds: int) -> None:
    """Collect a number of `seeds`, each with a network, that makes fewer than two groups."""
    if isinstance(seeds, int) and 0 < seeds < 2 * GROUP:
        problems.messages.append(
            f"`seeds` must be at least {2 * GROUP}, for two groups of {GROUP} networks; got {seeds}."
        )


def groups_of(results: xr.Dataset) -> Iterator[xr.Dataset]:
    """Yield results of `GROUP` networks at a time, in the order of seeds; networks that diverged are left out."""
    known = results.isel(member=np.flatnonzero((results.is_misclassified != NEVER).all("example").values))
    known = known.isel(member=np.argsort(known.seed.values, kind="stable"))
    for start in range(0, known.sizes["member"] - GROUP + 1, GROUP):
        yield known.isel(member=slice(start, start + GROUP))


def memorization_of(group: xr.Dataset) -> Memorization:
    """Return the memorization of each training example by a group of networks."""
    return memorization(group.is_misclassified.values == 0, group.is_included.values == 1)
