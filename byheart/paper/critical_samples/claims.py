"""The claims of critical-samples: F9a to F9c of Figure 9, each as one number per seed."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.claims import Claim, PerSeed
from byheart.experiments.data_kinds import by_kind, titled
from byheart.experiments.training_progress import halfway
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_ODDS
from byheart.statistics.rules import Above
from byheart.statistics.scales import Log, Logit, odds_ratio

SETTLED = 0.25
"""F9b: largest change of a settled ratio over the last third of training, as a share of its whole rise.

A ratio that rose evenly would change by a third of its rise.
"""


def claims_of(figure: str, csr: str, bracket: bool = False) -> Sequence[Claim]:
    """Return claims F9a to F9c; `csr` names the critical sample ratio in their statistics.

    If results have brackets, F9a is judged by the least odds ratio within them, too.

    Ratios are compared by their odds: near 0 and 1, differences of shares are skewed.
    """
    odds = f"odds of a sample to be critical ({csr})"

    def by_odds(name: str, statement: str, statistic: str, per_seed: PerSeed, least: PerSeed | None = None) -> Claim:
        least = least if bracket else None
        return figure_claim(name, figure, statement, statistic, per_seed, Above(1, OF_ODDS), scale=Log(), least=least)

    return [
        by_odds(
            "F9a-randX",
            "Networks trained on random inputs have more critical samples than those trained on real data.",
            f"final {odds} of randX on Gaussian validation inputs, divided by those of real data",
            _excess("rand_x", "csr_validation_alike"),
            _least_excess("rand_x", "csr_validation_alike"),
        ),
        by_odds(
            "F9a-randX-on-real-inputs",
            "The same, when randX is measured on real validation inputs, which those networks have never seen.",
            f"final {odds} of randX on real validation inputs, divided by those of real data",
            _excess("rand_x", "csr_validation"),
            _least_excess("rand_x", "csr_validation"),
        ),
        by_odds(
            "F9a-randY",
            "Networks trained on random labels have more critical samples than those trained on real data.",
            f"final {odds} of randY on validation inputs, divided by those of real data",
            _excess("rand_y", "csr_validation_alike"),
            _least_excess("rand_y", "csr_validation_alike"),
        ),
        by_odds(
            "F9b-rises",
            "The ratio rises through training, for all three.",
            f"{odds} on validation data at the end divided by those after the first measured epoch of training, "
            "of each of the three",
            _rises,
        ),
        figure_claim(
            "F9b-settles",
            figure,
            "The ratio settles, for all three.",
            f"log {odds} on validation data: {SETTLED:g} times the rise from the first measured epoch of training to "
            "the end, minus the change over the last third of training, once as a growth and once as a fall, of each "
            "of the three",
            _margins_of_settling,
            Above(0),
        ),
        by_odds(
            "F9c-rises",
            "On training data the ratio first rises, for all three.",
            f"{odds} on training data when training accuracy is halfway from the first measured epoch of training to "
            "the end, divided by those after that first epoch, of each of the three",
            _training_rises,
        ),
        by_odds(
            "F9c-falls",
            "On training data the ratio then falls, for all three.",
            f"{odds} on training data when training accuracy is halfway from the first measured epoch of training to "
            "the end, divided by those at the end, of each of the three",
            _training_falls,
        ),
    ]


def _odds_ratio(ratio: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    return xr.apply_ufunc(odds_ratio, ratio, other)


def _excess(kind: str, name: str, of_real: str = "csr_validation") -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        final = by_kind(results).isel(epoch=-1)
        return odds_ratio(final[name].sel(kind=kind).values, final[of_real].sel(kind="real").values)

    return per_seed


def _least_excess(kind: str, name: str) -> PerSeed:
    """Return the odds of what is found with noise, divided by those of what is not certified with real data."""
    return _excess(kind, name, of_real="not_certified_validation")


def _trained(results: xr.Dataset) -> xr.Dataset:
    """Return results over (seed, kind, epoch), without the untrained network."""
    data = by_kind(results)
    return data.sel(epoch=data.epoch > 0)


def _rises(results: xr.Dataset) -> xr.DataArray:
    """Return the rise on validation data, over (seed, kind)."""
    ratio = _trained(results).csr_validation_alike
    return titled(_odds_ratio(ratio.isel(epoch=-1, drop=True), ratio.isel(epoch=0, drop=True)))


def _margins_of_settling(results: xr.Dataset) -> xr.DataArray:
    """Return what is left between the change over the last third and its limit, over (seed, part).

    A part is a kind of data and a direction of change: two one-sided tests. A quotient of change and rise, or the size
    of the change, would have a long tail.
    """
    ratio = _trained(results).csr_validation_alike
    log_odds = xr.apply_ufunc(Logit().forward, ratio)
    last, first = log_odds.isel(epoch=-1, drop=True), log_odds.isel(epoch=0, drop=True)
    change = last - log_odds.sel(epoch=2 * int(ratio.epoch[-1]) / 3, method="nearest", drop=True)
    limit = SETTLED * (last - first)
    margins = xr.concat([titled(limit - change), titled(limit + change)], "direction")
    parts = margins.assign_coords(direction=["growth", "fall"]).stack(part=("kind", "direction"))
    names = [f"{kind}, {direction}" for kind, direction in parts.part.values]
    return parts.drop_vars(["part", "kind", "direction"]).assign_coords(part=names).transpose("seed", "part")


def _while_fitting(results: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the ratio of training data, over (seed, kind, epoch), and when training accuracy is halfway."""
    data = _trained(results)
    return data.csr_training, halfway(data.csr_training, data.training_accuracy)


def _training_rises(results: xr.Dataset) -> xr.DataArray:
    """Return the rise on training data until training accuracy is halfway, over (seed, kind)."""
    ratio, between = _while_fitting(results)
    return titled(_odds_ratio(between, ratio.isel(epoch=0, drop=True)))


def _training_falls(results: xr.Dataset) -> xr.DataArray:
    """Return the fall on training data since training accuracy was halfway, over (seed, kind)."""
    ratio, between = _while_fitting(results)
    return titled(_odds_ratio(between, ratio.isel(epoch=-1, drop=True)))
