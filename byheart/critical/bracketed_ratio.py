"""The critical sample ratio between two bounds that are both true.

    share found by a search  <=  true ratio  <=  share not certified

Samples in between are undecided: no point of another class was found, and none was excluded.
"""

import dataclasses
import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool

from byheart import checks
from byheart.critical.argument_checks import checked_inputs
from byheart.critical.certified_samples import PROBED, certified_if_any, certified_samples
from byheart.critical.critical_samples import CriticalSamples, NumPyInputs, Radius, critical_samples, default_lanes
from byheart.critical.lass import LASS
from byheart.critical.targeted_search import TargetedSearch
from byheart.inputs import Inputs, Standardizer
from byheart.keys import KeyLike
from byheart.networks.steps import HasSteps
from byheart.statistics.rate_interval import rate_interval


@dataclasses.dataclass(frozen=True, eq=False)
class BracketedRatio:
    """A critical sample ratio between two true bounds.

    Attributes:
        is_critical: (sample,), whether a search found a point of another class.
        is_certified: (sample,), whether it is proven that there is none. All False if certification was not tried.
    """

    is_critical: Bool[np.ndarray, " sample"]
    is_certified: Bool[np.ndarray, " sample"]

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.is_critical)

    @property
    def lower(self) -> float:
        """The share found, in [0, 1]."""
        return float(self.is_critical.mean())

    @property
    def upper(self) -> float:
        """The share not certified, in [0, 1]."""
        return 1 - float(self.is_certified.mean())

    @property
    def undecided(self) -> float:
        """The share neither found nor certified, in [0, 1]."""
        return float((~self.is_critical & ~self.is_certified).mean())

    @property
    def interval(self) -> tuple[float, float]:
        """A 95 % interval of the ratio of the population that the samples were drawn from.

        It reaches from the lower end of the exact interval of the share found to the upper end of that of the share
        not certified (Clopper and Pearson, 1934), so it covers the true ratio whatever undecided samples are.
        """
        low, _ = rate_interval(int(self.is_critical.sum()), self.n_samples)
        _, high = rate_interval(int((~self.is_certified).sum()), self.n_samples)
        return float(low), float(high)

    def __str__(self) -> str:
        """Return both bounds and the number of samples.

        >>> print(BracketedRatio(np.arange(500) < 6, np.arange(500) >= 17))
        0.012 to 0.034 of 500 samples
        """
        return f"{self.lower:.3f} to {self.upper:.3f} of {self.n_samples:,} samples"


def bracketed_ratio(
    network: HasSteps,
    inputs: Inputs | NumPyInputs,
    *,
    radius: Radius,
    key: KeyLike,
    search: LASS | TargetedSearch = LASS(),
    lanes: int | None = None,
    standardizer: Standardizer | None = None,
    certify_anyway: bool = False,
    show_progress: bool = True,
) -> BracketedRatio:
    """Return a lower and an upper bound of the critical sample ratio, both true.

    Samples are certified first (`certified_samples`); only the others are searched (`critical_samples`). Before that,
    `PROBED` samples are certified. If none of them is, the radius is too large for a proof: a caution says so, all
    samples are searched, and the upper bound is 1.

    Args:
        network: a built `MLP` or `CNN`.
        inputs: images or vectors, as for `critical_samples`.
        radius: r, as for `critical_samples`.
        key: random key of the search.
        search: settings of the search; certification keeps points within its bounds, if it has any. `TargetedSearch`
            also starts where the proof failed.
        lanes: number of samples searched at the same time, as for `critical_samples`.
        standardizer: for vectors, that of the training data; None for images.
        certify_anyway: certify all samples even if none of the first could be.
        show_progress: show a bar of the proof in a terminal or a notebook.

    Returns:
        The bounds. `print` shows them as "0.012 to 0.034 of 500 samples".

    Raises:
        BadInput: as `certified_samples` and `critical_samples`; also if logits are not finite on the way of a search.

    Cost: that of `certified_samples` for all samples, and of `critical_samples` for those not certified.
    """
    inputs = np.asarray(checked_inputs(inputs, search))
    n = len(inputs)

    certify = certified_samples if certify_anyway else certified_if_any
    proof = certify(
        network,
        inputs,
        radius=radius,
        bounds=search.limits,
        standardizer=standardizer,
        show_progress=show_progress,
    )
    if proof is None:
        warnings.warn(
            f"None of {PROBED} samples could be certified at this radius, so the upper bound is 1. Pass a smaller "
            "radius, or `certify_anyway=True` to certify all samples.",
            checks.Caution,
            stacklevel=2,
        )
    is_certified = np.zeros(n, bool) if proof is None else proof.is_certified
    is_critical, open_rows = np.zeros(n, bool), np.flatnonzero(~is_certified)
    if len(open_rows):
        # Repeated to a multiple of the lanes, so that few shapes are compiled.
        width = default_lanes(inputs.shape[1:]) if lanes is None else checks.count("lanes", lanes)
        rows = np.resize(open_rows, -(-len(open_rows) // width) * width)
        r: Any = radius if np.ndim(radius) == 0 else np.asarray(radius)[rows]  # type: ignore[arg-type]
        starts = proof.corner[rows] if proof is not None and search.takes_starts else None
        found = critical_samples(
            network,
            inputs[rows],
            radius=r,
            search=search,
            key=key,
            lanes=lanes,
            standardizer=standardizer,
            starts=starts,
        )
        found_ratio(found)
        np.logical_or.at(is_critical, rows, np.asarray(found.is_critical))
    return BracketedRatio(is_critical, is_certified)


def found_ratio(found: CriticalSamples) -> float:
    """Return the share of samples found.

    Raises:
        BadInput: `is_finite` is False for a sample.
    """
    is_lost = ~np.asarray(found.is_finite)
    if is_lost.any():
        raise checks.BadInput(
            "`predict` must return finite logits in the boxes around samples; "
            f"got NaN or infinity for {checks.some_of(is_lost, 'samples')}. "
            "Leave those out, or take the share of the others from `critical_samples`."
        )
    return float(found.ratio)
