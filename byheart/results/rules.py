"""Rules that turn intervals over seeds into verdicts."""

import dataclasses
from typing import ClassVar

from byheart.intervals import Interval


@dataclasses.dataclass(frozen=True)
class Above:
    """Holds when the whole interval lies above `threshold`, fails when it lies below, is undecided between."""

    threshold: float
    side: ClassVar[str] = "above"

    def verdict(self, interval: Interval) -> str:
        """One of "holds", "fails" and "undecided"."""
        if interval.low > self.threshold:
            return "holds"
        return "fails" if interval.high <= self.threshold else "undecided"


@dataclasses.dataclass(frozen=True)
class Below:
    """Holds when the whole interval lies below `threshold`, fails when it lies above, is undecided between."""

    threshold: float
    side: ClassVar[str] = "below"

    def verdict(self, interval: Interval) -> str:
        """One of "holds", "fails" and "undecided"."""
        if interval.high < self.threshold:
            return "holds"
        return "fails" if interval.low >= self.threshold else "undecided"


@dataclasses.dataclass(frozen=True)
class Between:
    """Holds when the whole interval lies between `low` and `high`, fails when it lies outside, is undecided otherwise."""

    low: float
    high: float

    def verdict(self, interval: Interval) -> str:
        """One of "holds", "fails" and "undecided"."""
        if self.low < interval.low and interval.high < self.high:
            return "holds"
        return "fails" if interval.high <= self.low or interval.low >= self.high else "undecided"


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
