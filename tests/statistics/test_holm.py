"""Holm's method against a slow twin, and how often any of several false claims holds."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from byheart.statistics.holm import adjusted

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)
LEVELS = (0.01, 0.025, 0.05, 0.3, 0.9)


def decided(p_values: list[float], level: float) -> list[bool]:
    """Holm's procedure, step by step.

    Take the smallest remaining p-value; stop if it exceeds the level divided by the number of those remaining.
    """
    left, found = list(range(len(p_values))), [False] * len(p_values)
    while left:
        smallest = min(left, key=lambda index: p_values[index])
        if p_values[smallest] * len(left) > level:
            break
        found[smallest] = True
        left.remove(smallest)
    return found


@given(P_VALUES)
def test_what_is_adjusted_decides_as_the_procedure_does_at_every_level(p_values: list[float]) -> None:
    found = adjusted(np.array(p_values))
    for level in LEVELS:
        for is_decided, expected in zip(found <= level, decided(p_values, level), strict=True):
            assert is_decided == expected


@given(P_VALUES)
def test_adjusted_values_are_no_smaller_and_in_the_same_order(p_values: list[float]) -> None:
    given_values, found = np.array(p_values), adjusted(np.array(p_values))
    assert ((found >= given_values) & (found <= 1)).all()
    assert (np.diff(found[np.argsort(given_values)]) >= 0).all()


def test_a_claim_without_a_p_value_counts_and_stays_without() -> None:
    np.testing.assert_allclose(adjusted(np.array([0.01, math.nan, 0.02])), [0.03, math.nan, 0.04])
    assert np.isnan(adjusted(np.array([math.nan]))).all()
    assert adjusted(np.array([])).size == 0


def test_any_of_ten_false_claims_holds_together_in_at_most_one_report_of_40() -> None:
    """2,000 reports, fixed key, within 3 standard errors. Uncorrected, one holds in a fifth of the reports."""
    p_values = np.random.default_rng(0).uniform(size=(2000, 10))
    together = np.mean([(adjusted(report) < 0.025).any() for report in p_values])
    assert together <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / 2000)
    assert (p_values < 0.025).any(axis=1).mean() > 0.2
