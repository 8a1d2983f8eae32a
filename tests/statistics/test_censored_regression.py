"""Regression of censored times against explicit maximum likelihood, and against known effects."""

import hypothesis
import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import strategies

from byheart.checks import BadInput
from byheart.statistics.censored_regression import log_time_effects


def drawn(seed: int, budget: float, spread: float = 0.3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw thirty networks: six widths, two kinds, and a separate slope for the second kind."""
    rng = np.random.default_rng(seed)
    units = np.tile(np.arange(4.0, 10), 5)
    is_noisy = np.repeat([0.0, 0, 1, 1, 1], 6)
    settings = np.column_stack([units, is_noisy, units * is_noisy])
    times = 2 ** (8 - 0.4 * units + 2 * is_noisy - 0.2 * units * is_noisy + rng.normal(0, spread, 30))
    return np.minimum(times, budget), times > budget, settings


def by_hand(times: np.ndarray, is_censored: np.ndarray, settings: np.ndarray) -> np.ndarray:
    """Maximize the Tobit likelihood, written term by term, with a general optimizer."""
    design = np.column_stack([np.ones(len(times)), settings])
    log_times = np.log2(times)

    def surprise(parameters: np.ndarray) -> float:
        rest = (log_times - design @ parameters[:-1]) / np.exp(parameters[-1])
        density = scipy.stats.norm.logpdf(rest) - parameters[-1]
        return -np.where(is_censored, scipy.stats.norm.logsf(rest), density).sum()

    start = [*np.linalg.lstsq(design, log_times, rcond=None)[0], 0.0]
    return scipy.optimize.minimize(surprise, start, method="BFGS", options={"gtol": 1e-8}).x[1:-1]


@pytest.mark.parametrize("budget", [1e9, 60.0, 45.0])
@pytest.mark.parametrize("seed", range(5))
def test_effects_are_those_of_maximum_likelihood_by_hand(seed: int, budget: float) -> None:
    found = drawn(seed, budget)
    assert found[1].any() == (budget < 1e9)
    np.testing.assert_allclose(log_time_effects(*found), by_hand(*found), rtol=2e-3, atol=2e-3)


def test_without_censoring_they_are_those_of_least_squares() -> None:
    times, is_censored, settings = drawn(0, 1e9)
    design = np.column_stack([np.ones(30), settings])
    expected = np.linalg.lstsq(design, np.log2(times), rcond=None)[0][1:]
    np.testing.assert_allclose(log_time_effects(times, is_censored, settings), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_neither_dropping_censored_networks_nor_taking_the_budget_for_a_time_finds_the_effect() -> None:
    """The mean over 40 draws is within a twentieth of the true effect; the other two methods are not."""
    found: dict[str, list[float]] = {"censored": [], "dropped": [], "taken for a time": []}
    for seed in range(40):
        times, is_censored, settings = drawn(seed, 40.0)
        units = settings[:12, :1]
        times, is_censored = times[:12], is_censored[:12]
        found["censored"].append(log_time_effects(times, is_censored, units)[0])
        kept = ~is_censored
        found["dropped"].append(log_time_effects(times[kept], is_censored[kept], units[kept])[0])
        found["taken for a time"].append(log_time_effects(times, np.zeros(12, bool), units)[0])
    means = {name: np.mean(values) for name, values in found.items()}
    assert abs(means["censored"] + 0.4) < 0.05
    assert means["dropped"] > -0.36
    assert means["taken for a time"] > -0.36


@hypothesis.given(strategies.floats(0.1, 10), strategies.integers(0, 3))
@hypothesis.settings(max_examples=10)
def test_another_unit_of_time_changes_no_effect(unit: float, seed: int) -> None:
    times, is_censored, settings = drawn(seed, 60.0)
    np.testing.assert_allclose(
        log_time_effects(times * unit, is_censored, settings),
        log_time_effects(times, is_censored, settings),
        rtol=1e-2,
        atol=1e-3,
    )


def test_times_on_a_line_without_any_spread_give_that_line() -> None:
    times, is_censored, settings = drawn(0, 45.0, spread=0.0)
    assert is_censored.any()
    np.testing.assert_allclose(log_time_effects(times, is_censored, settings), [-0.4, 2, -0.2], atol=1e-9)


def test_what_the_networks_that_converged_do_not_determine_has_no_number() -> None:
    times, is_censored, settings = drawn(0, 1e9)
    none_of_a_kind = is_censored | (settings[:, 1] == 1)
    assert np.isnan(log_time_effects(times, none_of_a_kind, settings)).all()
    few = np.arange(30) >= 4
    assert np.isnan(log_time_effects(times, few, settings)).all()


def test_lengths_that_differ_and_times_of_zero_are_refused() -> None:
    times, is_censored, settings = drawn(0, 60.0)
    with pytest.raises(BadInput, match="must have one entry for each network; got 30, 30 and 29"):
        log_time_effects(times, is_censored, settings[1:])
    with pytest.raises(BadInput, match="`times` must be above 0; got 0"):
        log_time_effects(times * 0, is_censored, settings)
