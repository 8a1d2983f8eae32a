"""Rules that turn intervals over seeds into verdicts.

Each rule has two one-sided p-values that agree with its verdict: a claim holds if `p_value` is below `ERROR`, and fails
if `p_value_against` is. Both are NaN without an interval.

If all seeds have the same number, their interval has no width, although a few seeds cannot show that no other seed
differs. Numbers that come in steps, such as counts, often agree in a few seeds. So no claim holds by such an interval.
A claim fails by one that lies beyond its threshold. By one that lies at the threshold it fails only if the opposite of
the claim predicts exactly that number: a fall after a peak is 0 if the peak comes last. Otherwise it is undecided.
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
class _OneSided:
    """A rule with one threshold; subclasses say on which side of it a claim holds.

    Attributes:
        threshold: the bound, in the claim's units.
        opposite_is_exact: whether the opposite of the claim predicts exactly `threshold` in every seed.
    """

    threshold: float
    opposite_is_exact: bool = False

    def on(self, scale: Scale) -> Self:
        """Return the same rule for numbers on a scale."""
        return dataclasses.replace(self, threshold=_on(scale, self.threshold))

    def _verdict(self, holds: bool, fails: bool, interval: Interval) -> str:
        """Return the verdict, given on which side of the threshold the interval lies."""
        if holds and interval.has_width:
            return "holds"
        says_nothing = _stands_at(interval, self.threshold) and not self.opposite_is_exact
        return "fails" if fails and not says_nothing else "undecided"


@dataclasses.dataclass(frozen=True)
class Above(_OneSided):
    """Holds when the whole interval lies above `threshold`, fails when it lies below, is undecided between.

    Attributes:
        threshold: the bound, in the claim's units.
        opposite_is_exact: whether the opposite of the claim predicts exactly `threshold` in every seed.
    """

    side: ClassVar[str] = "above"

    def verdict(self, interval: Interval) -> str:
        """Return "holds", "fails" or "undecided"."""
        return self._verdict(interval.low > self.threshold, interval.high <= self.threshold, interval)

    def p_value(self, interval: Interval) -> float:
        """Return the p-value against the claim being false.

        It is the chance of seeds that speak for the claim as strongly, if its number is the threshold.
        """
        return interval.p_value_above(self.threshold)

    def p_value_against(self, interval: Interval) -> float:
        """Return the p-value against the claim being true."""
        return interval.p_value_below(self.threshold)

    def lead(self, estimate: float) -> float:
        """Return the distance of a number from the threshold: positive where the claim is said to hold."""
        return estimate - self.threshold


@dataclasses.dataclass(frozen=True)
class Below(_OneSided):
    """Holds when the whole interval lies below `threshold`, fails when it lies above, is undecided between.

    Attributes:
        threshold: the bound, in the claim's units.
        opposite_is_exact: whether the opposite of the claim predicts exactly `threshold` in every seed.
    """

    side: ClassVar[str] = "below"

    def verdict(self, interval: Interval) -> str:
        """Return "holds", "fails" or "undecided"."""
        return self._verdict(interval.high < self.threshold, interval.low >= self.threshold, interval)

    def p_value(self, interval: Interval) -> float:
        """Return the p-value against the claim being false, as in `Above`."""
        return interval.p_value_below(self.threshold)

    def p_value_against(self, interval: Interval) -> float:
        """Return the p-value against the claim being true."""
        return interval.p_value_above(self.threshold)

    def lead(self, estimate: float) -> float:
        """Return the distance of a number from the threshold: positive where the claim is said to hold."""
        return self.threshold - estimate


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


def rule_in_words(rule: Rule, n_parts: int = 1) -> str:
    """Return the rule as a sentence.

    >>> rule_in_words(Above(0.5))
    'holds when the whole 95 % interval lies above 0.5, fails when none of it does'
    >>> rule_in_words(Above(0.5), n_parts=3)
    'holds when the whole 95 % interval of each of 3 parts lies above 0.5, fails when none of the interval of one does'
    """
    where = where_in_words(rule)
    of_each, of_one = (f" of each of {n_parts} parts", "the interval of one") if n_parts > 1 else ("", "it")
    return f"holds when the whole 95 % interval{of_each} lies {where}, fails when none of {of_one} does"


def where_in_words(rule: Rule) -> str:
    """Return where a rule wants the interval.

    >>> where_in_words(Above(0.5)), where_in_words(Between(-0.25, 0.25))
    ('above 0.5', 'between -0.25 and 0.25')
    """
    if isinstance(rule, Between):
        return f"between {rule.low:g} and {rule.high:g}"
    return f"{rule.side} {rule.threshold:g}"


def region_in_words(rule: Rule) -> str:
    """Return where a rule wants the interval, in a few signs.

    >>> region_in_words(Above(0.5)), region_in_words(Below(0)), region_in_words(Between(-0.25, 0.25))
    ('> 0.5', '< 0', '−0.25 to 0.25')
    """
    if isinstance(rule, Between):
        return f"{rule.low:g} to {rule.high:g}".replace("-", "−")
    return f"{'>' if isinstance(rule, Above) else '<'} {rule.threshold:g}".replace("-", "−")


def _on(scale: Scale, threshold: float) -> float:
    return float(scale.forward(np.array([threshold], float))[0])


def _stands_at(interval: Interval, threshold: float) -> bool:
    """Return whether all seeds have the number `threshold`, up to rounding."""
    return not interval.has_width and math.isclose(interval.estimate, threshold, rel_tol=SAME_VALUE)
