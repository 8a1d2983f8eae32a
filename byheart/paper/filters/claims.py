"""The claims of filters: F2 of Figure 2. The paper shows images of filters; the statistic is byheart's."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.claims import Claim, PerSeed
from byheart.experiments.data_kinds import by_kind
from byheart.measures.filters import LOW
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_A_SHARE
from byheart.statistics.rules import Above


def claims_of(figure: str) -> Sequence[Claim]:
    """Return claim F2, the same claim for real data, and the comparison of randY with randX."""
    share = f"share of the first layer's energy at spatial frequencies of at most {LOW:g} cycles a pixel"
    return [
        figure_claim(
            "F2",
            figure,
            "Filters learned from random labels have structure.",
            f"{share}: after training on randY minus before training",
            _gain("rand_y"),
            Above(0, OF_A_SHARE),
        ),
        figure_claim(
            "F2-real",
            figure,
            "Filters learned from real data have structure.",
            f"{share}: after training on real data minus before training",
            _gain("real"),
            Above(0, OF_A_SHARE),
        ),
        figure_claim(
            "F2-beyond-randX",
            figure,
            "Filters learned from random labels have more structure than those learned from random inputs.",
            f"{share}: after training on randY minus after training on randX",
            _beyond_rand_x,
            Above(0, OF_A_SHARE),
        ),
    ]


def shares(results: xr.Dataset) -> xr.DataArray:
    """Return the share of low frequencies, over (seed, kind, epoch)."""
    return by_kind(results[["low_frequency_share"]]).low_frequency_share


def _gain(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        of_kind = shares(results).sel(kind=kind)
        return (of_kind.isel(epoch=-1) - of_kind.isel(epoch=0)).values

    return per_seed


def _beyond_rand_x(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    final = shares(results).isel(epoch=-1)
    return (final.sel(kind="rand_y") - final.sel(kind="rand_x")).values
