"""The binomial control: its distribution, and exact quantiles against many draws."""

import numpy as np
import pytest
import scipy.stats

from byheart.checks import BadInput
from byheart.statistics.binomial_control import binomial_control, binomial_quantiles


def test_a_draw_is_sorted_and_binomial() -> None:
    drawn = binomial_control(20_000, 100, 0.3)
    assert np.all(np.diff(drawn) >= 0)
    seen = np.searchsorted(100 * drawn, np.arange(101) + 0.5) / 20_000
    np.testing.assert_allclose(seen, scipy.stats.binom(100, 0.3).cdf(np.arange(101)), atol=0.015)
    assert drawn.mean() == pytest.approx(0.3, abs=2e-3)
    assert drawn.var() == pytest.approx(0.3 * 0.7 / 100, rel=0.05)


def test_quantiles_hold_95_percent_of_many_draws_at_every_place() -> None:
    """2,000 draws of 25 examples, fixed keys. The distribution is discrete, so an interval may hold more than 95 %."""
    low, high = binomial_quantiles(25, 40, 0.2)
    draws = np.array([binomial_control(25, 40, 0.2, seed) for seed in range(2000)])
    below, above = (draws < low - 1e-9).mean(axis=0), (draws > high + 1e-9).mean(axis=0)
    allowed = 0.025 + 3 * np.sqrt(0.025 * 0.975 / 2000)
    assert below.max() <= allowed
    assert above.max() <= allowed
    np.testing.assert_allclose(low, np.quantile(draws, 0.025, axis=0, method="inverted_cdf"), atol=1.5 / 40)
    np.testing.assert_allclose(high, np.quantile(draws, 0.975, axis=0, method="inverted_cdf"), atol=1.5 / 40)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_without_chance_there_is_no_spread(rate: float) -> None:
    low, high = binomial_quantiles(5, 10, rate)
    np.testing.assert_array_equal(low, np.full(5, rate))
    np.testing.assert_array_equal(high, np.full(5, rate))
    np.testing.assert_array_equal(binomial_control(5, 10, rate), np.full(5, rate))


def test_a_rate_beyond_1_is_refused() -> None:
    with pytest.raises(BadInput, match="`rate` must be between 0 and 1"):
        binomial_control(5, 10, 30.0)
