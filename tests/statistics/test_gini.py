"""The Gini coefficient: definition, limits and invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart.checks import BadInput
from byheart.statistics.gini import gini_coefficient

SHARES = st.lists(st.just(0.0) | st.floats(1e-150, 1e6), min_size=1, max_size=12)


def by_definition(values: list[float]) -> float:
    """Return half the mean absolute difference over all ordered pairs, divided by the mean."""
    n, total = len(values), sum(values)
    differences = sum(abs(one - other) for one in values for other in values)
    return differences / (2 * n * total) if total > 0 else 0.0


@given(SHARES)
def test_it_is_half_the_mean_absolute_difference_over_the_mean(values: list[float]) -> None:
    found = gini_coefficient(values)
    assert isinstance(found, float)
    assert found == pytest.approx(by_definition(values), abs=1e-12)
    assert 0 <= found < 1


@given(st.integers(1, 100), st.floats(1e-300, 1e300))
def test_equal_values_have_0(n: int, value: float) -> None:
    assert gini_coefficient([value] * n) == pytest.approx(0, abs=1e-12)
    assert gini_coefficient([0.0] * n) == 0


@given(st.integers(1, 100), st.floats(1e-300, 1e300))
def test_one_value_of_n_that_is_not_0_has_n_minus_1_in_n(n: int, value: float) -> None:
    assert gini_coefficient([0.0] * (n - 1) + [value]) == pytest.approx((n - 1) / n, abs=1e-12)


@given(SHARES, st.floats(1e-100, 1e100), st.randoms(use_true_random=False))
def test_it_depends_neither_on_the_unit_nor_on_the_order(values: list[float], unit: float, chance: object) -> None:
    mixed = [unit * value for value in chance.sample(values, len(values))]
    assert gini_coefficient(mixed) == pytest.approx(gini_coefficient(values), abs=1e-12)


def test_evenly_spread_values_have_about_a_third() -> None:
    assert gini_coefficient(np.arange(1, 1000)) == pytest.approx(1 / 3, abs=1e-3)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_shares_are_compared_along_the_axis(axis: int) -> None:
    values = np.random.default_rng(0).exponential(size=(3, 4, 5))
    found = gini_coefficient(values, axis)
    expected = np.apply_along_axis(lambda row: by_definition(list(row)), axis, values)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_in_single_precision_100_000_values_have_that_of_double_precision() -> None:
    values = np.random.default_rng(0).lognormal(sigma=2, size=100_000).astype(np.float32)
    found = gini_coefficient(values)
    assert found == pytest.approx(gini_coefficient(np.float64(values)), abs=1e-12)
    assert found == pytest.approx(0.8427, abs=0.01)  # erf(sigma / 2), that of a log-normal distribution.


@pytest.mark.parametrize("values", [[], np.zeros((0, 3)), np.zeros((3, 0))])
def test_no_value_is_refused(values: object) -> None:
    with pytest.raises(BadInput, match=r"`values` must hold at least one number; got none\."):
        gini_coefficient(values)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_values_that_are_no_shares_are_refused(wrong: float) -> None:
    with pytest.raises(BadInput, match=rf"`values` must be finite and not negative; got {wrong}\."):
        gini_coefficient([[1.0, 2.0], [wrong, 3.0]])
