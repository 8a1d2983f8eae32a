"""The claims of filters: F2 of Figure 2. The paper shows images of filters; the statistic is byheart's."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.claims import Claim, PerSeed
from byheart.experiments.data_kinds import by_kind
from byheart.measures.filters import LOW
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_ODDS
from byheart.statistics.rules import Above
from byheart.statistics.scales import Log, odds_ratio


def claims_of(figure: str) -> Sequence[Claim]:
    """Return claim F2, the same claim for real data, and the comparison of randY with randX."""
    energy = (
        f"the first layer's energy at spatial frequencies of at most {LOW:g} cycles a pixel, relative to that at "
        "higher ones"
    )

    def by_odds(name: str, statement: str, compared: str, per_seed: PerSeed) -> Claim:
        statistic = f"{energy}: {compared}"
        return figure_claim(name, figure, statement, statistic, per_seed, Above(1, OF_ODDS), scale=Log())

    return [
        by_odds(
            "F2",
            "Filters learned from random labels have structure.",
            "after training on randY divided by before training",
            _gain("rand_y"),
        ),
        by_odds(
            "F2-real",
            "Filters learned from real data have structure.",
            "after training on real data divided by before training",
            _gain("real"),
        ),
        by_odds(
            "F2-beyond-randX",
            "Filters learned from random labels have more structure than those learned from random inputs.",
            "after training on randY divided by after training on randX",
            _beyond_rand_x,
        ),
    ]


def shares(results: xr.Dataset) -> xr.DataArray:
    """Return the share of low frequencies, over (seed, kind, epoch)."""
    return by_kind(results[["low_frequency_share"]]).low_frequency_share


def _gain(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        of_kind = shares(results).sel(kind=kind)
        return odds_ratio(of_kind.isel(epoch=-1).values, of_kind.isel(epoch=0).values)

    return per_seed


def _beyond_rand_x(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    final = shares(results).isel(epoch=-1)
    return odds_ratio(final.sel(kind="rand_y").values, final.sel(kind="rand_x").values)
