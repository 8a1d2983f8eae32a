"""The table of convergence: median times to convergence, and numbers of networks that did not converge."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from byheart.paper.convergence.claims import Varied, watched
from byheart.paper.convergence.figures import NOUNS
from byheart.results.table import Table
from byheart.statistics.censored_times import median_time


def tables_of(results: xr.Dataset, *halves: Varied) -> Sequence[Table]:
    """Return a table with one row for each grid, value of the varied setting, and noise."""
    rows = []
    for half in halves:
        networks = half.of(results)
        networks = networks.isel(member=np.flatnonzero(~np.isnan(networks.ended_epoch.values)))
        settings = [networks[name].values.tolist() for name in ("width", "n_training", "rand_x", "rand_y")]
        for setting in sorted(set(zip(*settings, strict=True))):
            is_here = [here == setting for here in zip(*settings, strict=True)]
            times, is_censored = watched(networks.isel(member=np.flatnonzero(is_here)))
            median = median_time(times, is_censored)
            rows.append(
                (
                    NOUNS[half.along],
                    *setting,
                    median.n,
                    int(is_censored.sum()),
                    median.estimate,
                    median.low,
                    median.high,
                )
            )
    names = (
        *("varied", "units", "examples", "noisy inputs", "random labels"),
        *("networks", "not fitted", "median epochs", "low", "high"),
    )
    columns = {name: np.array([row[place] for row in rows]) for place, name in enumerate(names)}
    caption = (
        "Epochs until all training examples are predicted as labeled: medians over seeds (Kaplan and Meier) with 95 % "
        f"intervals (none: not reached within the budget of {int(results.epoch[-1])} epochs), and the number of "
        "networks that had not fitted by then."
    )
    return [Table("convergence", "Time to convergence", caption, columns)]
