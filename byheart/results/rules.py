"""Rules that turn intervals over seeds into verdicts.

Each rule has two one-sided p-values that agree with its verdict: a claim holds where `p_value` is below `ERROR`, and fails where `p_value_against` is. NaN
without an interval.

Where all seeds have the same number their interval has no width, as if a few seeds could make sure that no other seed differs. Numbers that come in steps, such as
counts, often agree in a few seeds. So no claim holds by such an interval; it may fail by it, since numbers such as a fall after a peak are 0 by definition where
there is nothing to see.
"""

import dataclasses
from typing import ClassVar

from byheart.intervals import LEVEL, Interval

ERROR = (1 - LEVEL) / 2
"""How often a claim whose number lies at its threshold is said to hold, and how often to fail."""


@dataclasses.dataclass(frozen=True)
class Above:
    """Holds when the whole interval lies above `threshold`, fails when it lies below, is undecided between."""

    threshold: float
    side: ClassVar[str] = "above"

    def verdict(self, interval: Interval) -> str:
        """One of "holds", "fails" and "undecided"."""
        if interval.low > self.threshold and interval.has_width:
            return "holds"
        return "fails" if interval.high <= self.threshold else "undecided"

    def p_value(self, interval: Interval) -> float:
        """Against the claim being false: how often seeds speak for it so strongly where its number is the threshold."""
        return interval.p_value_above(self.threshold)

    def p_value_against(self, interval: Interval) -> float:
        """Against the claim being true."""
        return interval.p_value_below(self.threshold)


@dataclasses.dataclass(frozen=True)
class Below:
    """Holds when the whole interval lies below `threshold`, fails when it lies above, is undecided between."""

    threshold: float
    side: ClassVar[str] = "below"

    def verdict(self, interval: Interval) -> str:
        """One of "holds", "fails" and "undecided"."""
        if interval.high < self.threshold and interval.has_width:
            return "holds"
        return "fails" if interval.low >= self.threshold else "undecided"

    def p_value(self, interval: Interval) -> float:
        """Against the claim being false: how often seeds speak for it so strongly where its number is the threshold."""
        return interval.p_value_below(self.threshold)

    def p_value_against(self, interval: Interval) -> float:
        """Against the claim being true."""
        return interval.p_value_above(self.threshold)


@dataclasses.dataclass(frozen=True)
class Between:
    """Holds when the whole interval lies between `low` and `high`, fails when it lies outside, is undecided otherwise."""

    low: float
    high: float

    def verdict(self, interval: Interval) -> str:
        """One of "holds", "fails" and "undecided"."""
        if self.low < interval.low and interval.high < self.high and interval.has_width:
            return "holds"
        return "fails" if interval.high <= self.low or interval.low >= self.high else "undecided"

    def p_value(self, interval: Interval) -> float:
        """Against the claim being false: the larger one of those for above `low` and for below `high` (two one-sided tests, Schuirmann 1987)."""
        return max(interval.p_value_above(self.low), interval.p_value_below(self.high))

    def p_value_against(self, interval: Interval) -> float:
        """Against the claim being true: the smaller one of those for below `low` and for above `high`."""
        return min(interval.p_value_below(self.low), interval.p_value_above(self.high))


Rule = Above | Below | Between


def rule_in_words(rule: Rule) -> str:
    """The rule as a sentence.

    >>> rule_in_words(Above(0.5))
    'holds when the whole 95 % interval lies above 0.5, fails when none of it does'
    """
    where = (
        f"between {rule.low:g} and {rule.high:g}" if isinstance(rule, Between) else f"{rule.side} {rule.threshold:g}"
    )
    return f"holds when the whole 95 % interval lies {where}, fails when none of it does"
