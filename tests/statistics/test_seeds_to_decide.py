"""Numbers of seeds that would decide, and chances of more seeds, compared with drawn seeds."""

import numpy as np
import pytest

from byheart.statistics.intervals import LEVEL, Interval, half_width, interval_over_seeds
from byheart.statistics.rules import Above, Below, Between, Rule, SmallestEffect
from byheart.statistics.seeds_to_decide import chances_to_decide, decision_to_come

VALUES = [-1.0, 1.0, 1.5, 0.2, 0.4]
RULES: list[Rule] = [Above(0), Above(0, SmallestEffect(0.5, "half")), Below(0), Between(-0.1, 0.5)]


@pytest.mark.parametrize("rule", RULES)
def test_with_these_seeds_the_interval_decides_and_with_one_fewer_it_does_not(rule: Rule) -> None:
    interval = interval_over_seeds(VALUES)
    found = decision_to_come(rule, interval, LEVEL)
    assert found is not None
    n, expected = found
    deviation = np.std(VALUES, ddof=1)

    def verdict(n: int) -> str:
        made = np.random.default_rng(0).normal(size=n)
        made = interval.estimate + deviation * (made - made.mean()) / made.std(ddof=1)
        return rule.verdict(interval_over_seeds(made))

    assert verdict(n) == expected != "undecided"
    assert n == len(VALUES) or verdict(n - 1) == "undecided"


def test_a_mean_at_the_threshold_is_never_decided() -> None:
    assert decision_to_come(Above(0.0), interval_over_seeds([-1.0, 0.0, 1.0]), LEVEL) is None
    assert decision_to_come(Above(0.0), interval_over_seeds([1.0]), LEVEL) is None
    assert chances_to_decide(Above(0.0), interval_over_seeds([1.0]), 10, LEVEL) == (0.0, 0.0)


@pytest.mark.parametrize("rule", RULES)
def test_chances_are_those_of_drawn_seeds(rule: Rule) -> None:
    """20,000 draws of a true mean around the mean so far, and of 15 more seeds; the spread so far is kept."""
    interval, rng = interval_over_seeds(VALUES), np.random.default_rng(0)
    deviation, n, after = float(np.std(VALUES, ddof=1)), len(VALUES), 20
    true = interval.estimate + deviation / np.sqrt(n) * rng.normal(size=20_000)
    new = rng.normal(true, deviation / np.sqrt(after - n))
    means = (n * interval.estimate + (after - n) * new) / after
    half = deviation * half_width(after, LEVEL)
    verdicts = [rule.verdict(Interval(m, m - half, m + half, after)) for m in means.tolist()]
    expected = (verdicts.count("holds") / len(means), verdicts.count("fails") / len(means))
    assert chances_to_decide(rule, interval, after, LEVEL) == pytest.approx(expected, abs=0.02)
