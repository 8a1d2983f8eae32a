"""The claims of critical-samples: F9a to F9c of Figure 9, each as one number per seed."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.claims import Claim, PerSeed
from byheart.experiments.data_kinds import by_kind, titled
from byheart.experiments.seed_selection import at_peak_of_earlier_seeds
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_CRITICAL_SAMPLES
from byheart.statistics.rules import Above, Between

SETTLED = 0.25
"""F9b: largest change over the last third of training, as a share of its whole range, of a settled ratio.

A ratio that rose evenly would change by a third of its range.
"""


def claims_of(figure: str, csr: str) -> Sequence[Claim]:
    """Return claims F9a to F9c; `csr` names the critical sample ratio in their statistics."""
    return [
        figure_claim(
            "F9a-randX",
            figure,
            "Networks trained on random inputs have more critical samples than those trained on real data.",
            f"final {csr} of randX on Gaussian validation inputs, minus that of real data",
            _excess("rand_x", "csr_validation_alike"),
            Above(0, OF_CRITICAL_SAMPLES),
        ),
        figure_claim(
            "F9a-randX-on-real-inputs",
            figure,
            "The same, when randX is measured on real validation inputs, which those networks have never seen.",
            f"final {csr} of randX on real validation inputs, minus that of real data",
            _excess("rand_x", "csr_validation"),
            Above(0, OF_CRITICAL_SAMPLES),
        ),
        figure_claim(
            "F9a-randY",
            figure,
            "Networks trained on random labels have more critical samples than those trained on real data.",
            f"final {csr} of randY on validation inputs, minus that of real data",
            _excess("rand_y", "csr_validation_alike"),
            Above(0, OF_CRITICAL_SAMPLES),
        ),
        figure_claim(
            "F9b-rises",
            figure,
            "The ratio rises through training, for all three.",
            f"{csr} of validation data at the end minus after the first measured epoch of training, "
            "of each of the three",
            _rises,
            Above(0, OF_CRITICAL_SAMPLES),
        ),
        figure_claim(
            "F9b-settles",
            figure,
            "The ratio settles, for all three.",
            f"change of the {csr} of validation data over the last third of training, up or down, "
            "relative to its range, of each of the three",
            _late_changes,
            Between(-SETTLED, SETTLED),
        ),
        figure_claim(
            "F9c-rises",
            figure,
            "On training data the ratio first rises, for all three.",
            f"{csr} of training data at its peak minus after the first measured epoch, of each of the three; "
            "the peak of each seed is placed by those before",
            _training_rises,
            Above(0, OF_CRITICAL_SAMPLES, opposite_is_exact=True),
        ),
        figure_claim(
            "F9c-falls",
            figure,
            "On training data the ratio then falls, for all three.",
            f"{csr} of training data at its peak minus at the end, of each of the three; "
            "the peak of each seed is placed by those before",
            _training_falls,
            Above(0, OF_CRITICAL_SAMPLES, opposite_is_exact=True),
        ),
    ]


def _excess(kind: str, name: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        final = by_kind(results).isel(epoch=-1)
        return (final[name].sel(kind=kind) - final.csr_validation.sel(kind="real")).values

    return per_seed


def _trained(curves: xr.DataArray) -> xr.DataArray:
    """Return the curves without the untrained network."""
    return curves.sel(epoch=curves.epoch > 0)


def _rises(results: xr.Dataset) -> xr.DataArray:
    """Return the rise on validation data, over (seed, kind)."""
    ratio = _trained(by_kind(results).csr_validation_alike)
    return titled(ratio.isel(epoch=-1) - ratio.isel(epoch=0))


def _late_changes(results: xr.Dataset) -> xr.DataArray:
    """Return the relative change over the last third of training, over (seed, kind).

    The change keeps its sign: its absolute value has a tail, and its mean would stay above 0 with any number of seeds.
    """
    ratio = _trained(by_kind(results).csr_validation_alike)
    late = ratio.sel(epoch=2 * int(ratio.epoch[-1]) / 3, method="nearest")
    spread = ratio.max("epoch", skipna=False) - ratio.min("epoch", skipna=False)
    return titled((ratio.isel(epoch=-1) - late) / spread.where(spread > 0))


def _at_training_peak(results: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    ratio = _trained(by_kind(results).csr_training)
    return ratio, at_peak_of_earlier_seeds(ratio, ratio)


def _training_rises(results: xr.Dataset) -> xr.DataArray:
    """Return the rise to the peak on training data, over (seed, kind)."""
    ratio, peak = _at_training_peak(results)
    return titled(peak - ratio.isel(epoch=0))


def _training_falls(results: xr.Dataset) -> xr.DataArray:
    """Return the fall from the peak on training data, over (seed, kind)."""
    ratio, peak = _at_training_peak(results)
    return titled(peak - ratio.isel(epoch=-1))
