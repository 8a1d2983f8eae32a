"""Dispersion against plain loops and against populations of known dispersion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.dispersion_loop import dispersion_loop, pairwise_correlation

from byheart.checks import BadInput
from byheart.statistics.dispersion import dispersion


def coins(n_seeds: int, rates: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return errors of networks that misclassify each example independently with its own probability."""
    return np.random.default_rng(seed).random((n_seeds, len(rates))) < rates


def beta_rates(n: int, a: float, b: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([1, seed]).beta(a, b, n)


@given(st.integers(3, 8), st.integers(4, 30), st.integers(1, 3), st.integers(0, 10**6))
def test_dispersion_is_what_plain_loops_give(n_seeds: int, n_examples: int, n_groups: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    errors = generator.random((n_seeds, n_examples)) < 0.5
    groups = generator.permutation(np.arange(n_examples) % n_groups)
    if all(errors[:, groups == group].all() or not errors[:, groups == group].any() for group in range(n_groups)):
        return
    assert dispersion(errors, groups).value == pytest.approx(dispersion_loop(errors, groups), rel=1e-9, abs=1e-12)


def test_the_error_correlation_is_that_of_pairs_of_networks() -> None:
    """For networks of equal error rate, up to the order of 1 / number of examples."""
    errors = coins(12, beta_rates(4000, 1, 2))
    found = dispersion(errors)
    assert found.error_correlation == pytest.approx(pairwise_correlation(errors), abs=5e-3)
    assert found.value == pytest.approx(1 + 11 * found.error_correlation)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (2, 6), (20, 5)])
@pytest.mark.parametrize("n_seeds", [5, 50])
def test_where_rates_are_beta_distributed_the_correlation_is_known(a: float, b: float, n_seeds: int) -> None:
    """With rates from Beta(a, b), errors of two networks correlate by 1 / (a + b + 1), for any number of networks."""
    found = dispersion(coins(n_seeds, beta_rates(20_000, a, b)))
    assert found.error_correlation == pytest.approx(1 / (a + b + 1), rel=0.1)


def test_intervals_cover_the_dispersion_of_coin_flips() -> None:
    """200 populations of 20 networks, fixed key: the interval covers 1 in 95 % of them, within 3 standard errors."""
    intervals = [dispersion(coins(20, np.full(300, 0.3), seed)).interval for seed in range(200)]
    coverage = np.mean([interval.low <= 1 <= interval.high for interval in intervals])
    assert abs(coverage - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 200)
    assert all(interval.n == 20 for interval in intervals)


def test_across_unbalanced_classes_noise_looks_dispersed_and_within_them_it_does_not() -> None:
    """Networks that know only the class frequencies."""
    classes = np.repeat(np.arange(3), [600, 300, 100])
    frequency = np.array([0.6, 0.3, 0.1])
    errors = coins(100, 1 - frequency[classes])
    assert dispersion(errors).value > 10
    within = dispersion(errors, classes)
    assert within.value == pytest.approx(1, abs=0.2)
    assert within.interval.low < 1.1


def test_neither_order_nor_names_of_groups_matter() -> None:
    errors, groups = coins(10, beta_rates(60, 1, 1)), np.arange(60) % 3
    found = dispersion(errors, groups)
    order = np.random.default_rng(3).permutation(60)
    assert dispersion(errors[:, order], 7 + 2 * groups[order]).value == pytest.approx(found.value)
    np.testing.assert_allclose(dispersion(errors[::-1], groups).of_seed, found.of_seed[::-1], rtol=1e-6)


def test_the_jackknife_leaves_out_one_network_at_a_time() -> None:
    errors = coins(6, beta_rates(40, 1, 1))
    found = dispersion(errors)
    for seed in range(6):
        others = dispersion(np.delete(errors, seed, axis=0)).error_correlation
        assert found.correlation_of_seed[seed] == pytest.approx(6 * found.error_correlation - 5 * others)
    np.testing.assert_allclose(found.of_seed, 1 + 5 * found.correlation_of_seed)


@pytest.mark.parametrize("errors", [np.zeros((5, 8), bool), np.ones((5, 8), bool), np.zeros((0, 8), bool)])
def test_where_nothing_can_vary_there_is_no_dispersion(errors: np.ndarray) -> None:
    found = dispersion(errors)
    assert np.isnan(found.value)
    assert np.isnan(found.of_seed).all()
    assert found.interval.n == 0


@pytest.mark.parametrize("n_seeds", [1, 2])
def test_an_interval_needs_three_networks(n_seeds: int) -> None:
    found = dispersion(coins(n_seeds, np.full(20, 0.5)))
    assert np.isfinite(found.value)
    assert np.isinf(found.interval.high)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadInput, match="`groups` must have one entry for each of 4 examples"):
        dispersion(np.zeros((2, 4), bool), np.zeros(3, int))


def test_networks_that_err_more_or_less_often_lower_the_plain_value_but_not_the_estimate() -> None:
    """Every network has its own error probability, the same for each example: errors are independent, so c = 0."""
    own = np.linspace(0.1, 0.9, 60)[:, None]
    errors = np.random.default_rng(4).random((60, 3000)) < own
    found = dispersion(errors)
    assert found.value == pytest.approx((own * (1 - own)).mean() / 0.25, abs=0.05)
    assert found.value < 0.85
    assert found.interval.low < 1 < found.interval.high
    assert found.interval.estimate == pytest.approx(1, abs=0.1)
