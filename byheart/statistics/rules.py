"""Rules that turn intervals over seeds into verdicts.

A claim of one side, such as *above 0*, names the smallest effect that matters. It holds if the whole interval lies
beyond the threshold. It fails if the whole interval lies short of the smallest effect: either the opposite is true, or
what is claimed is practically nothing (a test of equivalence, by two one-sided tests; Schuirmann, 1987; Lakens, 2017).
An interval between the threshold and the smallest effect shows an effect, which is practically nothing: the claim
fails. A claim whose threshold is a margin already, such as *above 0.25*, needs no smallest effect.

Each rule has two one-sided p-values that agree with its verdict: a claim fails if `p_value_against` is below `ERROR`,
and otherwise holds if `p_value` is. Both are NaN without an interval.

If all seeds have the same number, their interval has no width, although a few seeds cannot show that no other seed
differs. Numbers that come in steps, such as counts, often agree in a few seeds. So no claim holds by such an interval.
A claim fails by one that lies beyond its threshold. One that lies at the threshold is undecided.
"""

import dataclasses
import math
from typing import ClassVar, Self

import numpy as np

from byheart.statistics.intervals import LEVEL, SAME_VALUE, Interval
from byheart.statistics.scales import Scale

ERROR = (1 - LEVEL) / 2
"""Probability that a claim whose number lies at its threshold is said to hold, and likewise to fail."""


@dataclasses.dataclass(frozen=True)
class SmallestEffect:
    """The smallest effect that matters to a claim.

    Attributes:
        size: distance from the threshold, in the claim's units; above 0.
        reason: why a smaller one is practically nothing, in a few words.
    """

    size: float
    reason: str


@dataclasses.dataclass(frozen=True)
class _OneSided:
    """A rule with one threshold; subclasses say on which side of it a claim holds.

    Attributes:
        threshold: the bound, in the claim's units.
        smallest: the smallest effect that matters; None if any effect does.
    """

    threshold: float
    smallest: SmallestEffect | None = None

    side: ClassVar[str]
    sign: ClassVar[int]

    @property
    def needed(self) -> float:
        """The number up to which an effect is practically nothing; the threshold if any effect matters."""
        return self.threshold + self.sign * (self.smallest.size if self.smallest else 0.0)

    def on(self, scale: Scale) -> Self:
        """Return the same rule for numbers on a scale."""
        threshold, needed = _on(scale, self.threshold), _on(scale, self.needed)
        smallest = self.smallest and dataclasses.replace(self.smallest, size=abs(needed - threshold))
        return dataclasses.replace(self, threshold=threshold, smallest=smallest)

    def verdict(self, interval: Interval) -> str:
        """Return "holds", "fails" or "undecided"."""
        low, high = self.leads(interval)
        if interval.has_width:
            size = self.smallest.size if self.smallest else 0.0
            return "fails" if high <= size else "holds" if low > 0 else "undecided"
        return "fails" if high <= 0 and not _stands_at(interval, self.threshold) else "undecided"

    def lead(self, estimate: float) -> float:
        """Return the distance of a number from the threshold: positive where the claim is said to hold."""
        return self.sign * (estimate - self.threshold)

    def leads(self, interval: Interval) -> tuple[float, float]:
        """Return the leads of the ends of an interval, the smaller one first."""
        low, high = sorted((self.lead(interval.low), self.lead(interval.high)))
        return low, high


@dataclasses.dataclass(frozen=True)
class Above(_OneSided):
    """Holds when the whole interval lies above `threshold`, fails when it lies below, is undecided between.

    With a `smallest` effect it fails when the whole interval lies below `threshold + smallest.size`.
    """

    side: ClassVar[str] = "above"
    sign: ClassVar[int] = 1

    def p_value(self, interval: Interval) -> float:
        """Return the p-value against the claim being false.

        It is the chance of seeds that speak for the claim as strongly, if its number is the threshold.
        """
        return interval.p_value_above(self.threshold)

    def p_value_against(self, interval: Interval) -> float:
        """Return the p-value against an effect that matters."""
        return interval.p_value_below(self.needed)


@dataclasses.dataclass(frozen=True)
class Below(_OneSided):
    """Holds when the whole interval lies below `threshold`, fails when it lies above, is undecided between.

    With a `smallest` effect it fails when the whole interval lies above `threshold - smallest.size`.
    """

    side: ClassVar[str] = "below"
    sign: ClassVar[int] = -1

    def p_value(self, interval: Interval) -> float:
        """Return the p-value against the claim being false, as in `Above`."""
        return interval.p_value_below(self.threshold)

    def p_value_against(self, interval: Interval) -> float:
        """Return the p-value against an effect that matters."""
        return interval.p_value_above(self.needed)


@dataclasses.dataclass(frozen=True)
class Between:
    """Holds when the whole interval lies between `low` and `high`, fails when it lies outside, else is undecided."""

    low: float
    high: float

    def on(self, scale: Scale) -> Self:
        """Return the same rule for numbers on a scale."""
        return dataclasses.replace(self, low=_on(scale, self.low), high=_on(scale, self.high))

    def verdict(self, interval: Interval) -> str:
        """Return "holds", "fails" or "undecided"."""
        if self.low < interval.low and interval.high < self.high and interval.has_width:
            return "holds"
        is_outside = interval.high <= self.low or interval.low >= self.high
        says_nothing = _stands_at(interval, self.low) or _stands_at(interval, self.high)
        return "fails" if is_outside and not says_nothing else "undecided"

    def p_value(self, interval: Interval) -> float:
        """Return the p-value against the claim being false: the larger of those for above `low` and below `high`.

        These are two one-sided tests (Schuirmann, 1987).
        """
        return max(interval.p_value_above(self.low), interval.p_value_below(self.high))

    def p_value_against(self, interval: Interval) -> float:
        """Return the p-value against the claim being true: the smaller of those for below `low` and above `high`."""
        return min(interval.p_value_below(self.low), interval.p_value_above(self.high))

    def lead(self, estimate: float) -> float:
        """Return the distance of a number from the nearer threshold: positive between the two."""
        return min(estimate - self.low, self.high - estimate)


Rule = Above | Below | Between


def _on(scale: Scale, threshold: float) -> float:
    return float(scale.forward(np.array([threshold], float))[0])


def _stands_at(interval: Interval, threshold: float) -> bool:
    """Return whether all seeds have the number `threshold`, up to rounding."""
    return not interval.has_width and math.isclose(interval.estimate, threshold, rel_tol=SAME_VALUE)
