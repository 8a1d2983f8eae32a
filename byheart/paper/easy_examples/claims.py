"""The claims of easy-examples: F1a to F1d of Figure 1."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from byheart.data.member_view import labels_after_noise, noise_titles
from byheart.experiments.claims import Claim
from byheart.experiments.data_kinds import is_kind
from byheart.paper.claim import figure_claim
from byheart.statistics.dispersion import Dispersion, dispersion
from byheart.statistics.rules import Above, Between, SmallestEffect
from byheart.sweeps.results import NEVER

AGREEING = 10
"""F1b: number of networks that must agree about an example for a rate near 0 or near 100 %."""
LIKE_CHANCE = 0.005
"""F1c: error correlation within class that counts as chance alone.

If errors correlate by c, the rates of S networks have a variance of about (1 / S + c) p (1 - p). With the paper's 100
networks, 0.005 adds half of the variance of coin flips, which the sorted curve of its Figure 1 would not show.
"""


def claims_of(figure: str) -> Sequence[Claim]:
    """Return claims F1a to F1d.

    They are about error correlations, since dispersion grows with the number of networks and correlation does not.
    """
    correlation = (
        "mean correlation, over examples of a class, between the errors of two networks (jackknife over networks)"
    )
    return [
        figure_claim(
            "F1a",
            figure,
            "Real examples differ in difficulty, far more than random inputs.",
            f"{correlation}: that of real data minus that of randX",
            lambda results: _difference(results, "real", "rand_x"),
            Above(0.1),
        ),
        figure_claim(
            "F1b",
            figure,
            "Many real examples are misclassified almost always or almost never.",
            f"share of real examples about which all of {AGREEING} networks agree, right or wrong, "
            "beyond the share expected by chance within class; one value for each ten networks",
            _agreement_beyond_chance,
            Above(0.25),
        ),
        figure_claim(
            "F1c",
            figure,
            "Random inputs differ in difficulty only as much as by chance.",
            f"{correlation}, of randX; less than {LIKE_CHANCE:g} either way counts as chance alone",
            lambda results: dispersion_within_class(results, "rand_x").correlation_of_seed,
            Between(-LIKE_CHANCE, LIKE_CHANCE),
        ),
        figure_claim(
            "F1d",
            figure,
            "Examples with random labels differ in difficulty more than by chance.",
            f"{correlation}, of randY",
            lambda results: dispersion_within_class(results, "rand_y").correlation_of_seed,
            Above(0, SmallestEffect(LIKE_CHANCE, "counts as chance alone, as in F1c")),
        ),
        figure_claim(
            "F1d-below-real",
            figure,
            "Examples with random labels differ less in difficulty than real ones.",
            f"{correlation}: that of real data minus that of randY",
            lambda results: _difference(results, "real", "rand_y"),
            Above(0, SmallestEffect(LIKE_CHANCE, "counts as chance alone, as in F1c")),
        ),
    ]


def errors_of(results: xr.Dataset, kind: str) -> Bool[np.ndarray, "seed example"]:
    """Return which examples each network of a kind misclassifies, without networks that diverged or are missing."""
    flags = results.is_misclassified.values[is_kind(results, kind)]
    return flags[(flags != NEVER).all(axis=1)] == 1


def labels_of(results: xr.Dataset, kind: str) -> tuple[Int[np.ndarray, " example"], Bool[np.ndarray, " example"]]:
    """Return the labels that networks of a kind learn from, and which examples are noisy."""
    member = int(np.flatnonzero(is_kind(results, kind))[0])
    levels = {name: float(results[name][member]) for name in noise_titles(results.attrs)}
    return labels_after_noise(results.coords, levels)


def classes_of(results: xr.Dataset, kind: str) -> Int[np.ndarray, " example"]:
    """Return the group of each example: examples of one label that are all noisy, or all not."""
    labels, is_noisy = labels_of(results, kind)
    return 2 * labels + is_noisy


def dispersion_within_class(results: xr.Dataset, kind: str) -> Dispersion:
    """Return the dispersion within class of the networks of a kind."""
    return dispersion(errors_of(results, kind), classes_of(results, kind))


def _difference(results: xr.Dataset, one: str, other: str) -> Float[np.ndarray, " seed"]:
    """Return the difference of error correlations by seed; NaN if the seed's network of either kind diverged."""
    found = [_correlation_by_seed(results, kind) for kind in (one, other)]
    return np.subtract(*(part.reindex(seed=np.unique(results.seed)).values for part in found))


def _correlation_by_seed(results: xr.Dataset, kind: str) -> xr.DataArray:
    chosen = is_kind(results, kind)
    is_known = (results.is_misclassified.values[chosen] != NEVER).all(axis=1)
    values = dispersion_within_class(results, kind).correlation_of_seed
    return xr.DataArray(values, {"seed": results.seed.values[chosen][is_known]})


def _agreement_beyond_chance(results: xr.Dataset) -> Float[np.ndarray, " group"]:
    errors, classes = errors_of(results, "real"), classes_of(results, "real")
    if len(errors) < AGREEING:
        return np.empty(0)
    by_class = np.bincount(classes, errors.mean(axis=0)) / np.maximum(np.bincount(classes), 1)
    rates = by_class[classes]
    expected = (rates**AGREEING + (1 - rates) ** AGREEING).mean()
    groups = errors[: len(errors) // AGREEING * AGREEING].reshape(-1, AGREEING, errors.shape[1])
    agreed = groups.all(axis=1) | ~groups.any(axis=1)
    return agreed.mean(axis=1) - expected
