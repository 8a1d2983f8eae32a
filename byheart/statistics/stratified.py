"""The share of examples with a property, estimated from random samples of strata, with its interval."""

import dataclasses
import math
from collections.abc import Sequence

import scipy

from byheart import checks
from byheart.statistics.intervals import LEVEL

LARGEST_FACTOR = 1e6
"""Largest factor by which samples are multiplied in the search for the number that halves an interval."""
STEPS = 24
"""Number of bisections of that search, which leave an error below one in a million."""


@dataclasses.dataclass(frozen=True)
class Stratum:
    """A part of a population, of which some examples were drawn at random without replacement, and examined.

    Attributes:
        size: number of examples, at least 1.
        examined: number of examined examples, up to `size`; fractions are allowed in plans.
        found: number of these that have the property.
    """

    size: int
    examined: float
    found: float

    def limits(self) -> tuple[float, float]:
        """Return the 95 % interval of Jeffreys for the share in the stratum, corrected for a finite population.

        The ends are quantiles of the beta distribution with the parameters found + 1/2 and examined - found + 1/2; the
        lower one is 0 if nothing was found, the upper one 1 if everything was (Brown, Cai and DasGupta, 2001). The
        correction takes (size - 1) / (size - examined) examples for each examined one, so that a stratum that was
        examined as a whole has no width.
        """
        if self.examined >= self.size:
            return self.share, self.share
        n = self.examined * (self.size - 1) / (self.size - self.examined)
        parameters = self.share * n + 0.5, (1 - self.share) * n + 0.5
        low, high = (float(scipy.special.betaincinv(*parameters, tail)) for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        return low if self.found > 0 else 0.0, high if self.found < self.examined else 1.0

    @property
    def share(self) -> float:
        """Share of the examined examples that have the property."""
        return self.found / self.examined


@dataclasses.dataclass(frozen=True)
class ShareEstimate:
    """An estimated share with its 95 % interval.

    Attributes:
        estimate: the share of the population that has the property; without bias.
        low, high: ends of the interval.
    """

    estimate: float
    low: float
    high: float


def stratified_share(strata: Sequence[Stratum]) -> ShareEstimate:
    """Return the share of a population that has a property, from random samples of its strata.

    The estimate is the mean of the strata's shares, weighted by their sizes. Its interval combines those of
    the strata (MOVER: Zou and Donner, 2008; Yan and Su, 2010): with the weights w, shares p and limits l and u,

        low = estimate - sqrt(sum w^2 (p - l)^2),    high = estimate + sqrt(sum w^2 (u - p)^2).

    It keeps a width for a stratum in which nothing was found, unlike an interval from standard errors.
    benchmarks/review.py measures how often it covers.

    Args:
        strata: that make up the population.

    Raises:
        BadInput: no stratum, or one without an examined example.

    >>> found = stratified_share([Stratum(50, 50, 40), Stratum(950, 100, 0)])
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.04, 0.04, 0.061)
    """
    _check(strata)
    total = sum(one.size for one in strata)
    estimate, below, above = 0.0, 0.0, 0.0
    for one in strata:
        weight, (low, high) = one.size / total, one.limits()
        estimate += weight * one.share
        below += (weight * (one.share - low)) ** 2
        above += (weight * (high - one.share)) ** 2
    return ShareEstimate(estimate, max(0.0, estimate - math.sqrt(below)), min(1.0, estimate + math.sqrt(above)))


def more_to_halve(strata: Sequence[Stratum]) -> int:
    """Return how many more examples are to be examined until the interval has half its length, at the same shares.

    All samples grow by one factor, up to the size of their stratum; 0 if the interval has no width.

    Args:
        strata: as for `stratified_share`.

    >>> more_to_halve([Stratum(10_000, 100, 20)])
    294
    """
    goal = _length(strata) / 2
    if goal == 0:
        return 0
    low, high = 1.0, LARGEST_FACTOR
    for _ in range(STEPS):
        factor = math.sqrt(low * high)
        low, high = (factor, high) if _length(_grown(strata, factor)) > goal else (low, factor)
    return math.ceil(
        sum(grown.examined - one.examined for grown, one in zip(_grown(strata, high), strata, strict=True))
    )


def _length(strata: Sequence[Stratum]) -> float:
    found = stratified_share(strata)
    return found.high - found.low


def _grown(strata: Sequence[Stratum], factor: float) -> list[Stratum]:
    return [
        Stratum(one.size, examined, one.share * examined)
        for one in strata
        for examined in (min(float(one.size), factor * one.examined),)
    ]


def _check(strata: Sequence[Stratum]) -> None:
    if not strata:
        raise checks.BadInput("`strata` must have at least one stratum.")
    for place, one in enumerate(strata):
        if not 0 < one.examined <= one.size or not 0 <= one.found <= one.examined:
            raise checks.BadInput(
                f"Each stratum must have at least one examined example, at most `size`, and `found` of them; stratum "
                f"{place} has {one}."
            )
