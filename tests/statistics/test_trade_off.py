"""Summaries of the curves of Figure 10, against a slow twin that walks along them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Float

from byheart.statistics.trade_off import area_under, given_up_within, height_above, net_given_up

shares = st.floats(0, 1).map(lambda value: round(value, 3))
curves = st.lists(st.tuples(shares, shares), min_size=2, max_size=6)
MISSING = np.array([1.0, np.nan, 0.5])
WHOLE = np.array([0.5, 0.5, 0.5])


def walked(points: list[tuple[float, float]]) -> Float[np.ndarray, "step 2"]:
    """Return many points on the lines between neighbors."""
    ends = np.array(points)
    share = np.linspace(0, 1, 2001)[:, None]
    return np.concatenate([start + share * (end - start) for start, end in itertools.pairwise(ends)])


@given(curves)
def test_the_area_is_that_under_the_best_place_on_a_walk(points: list[tuple[float, float]]) -> None:
    noise_fit, accuracy = np.array(points).T
    way = walked(points)
    way = way[way[:, 0].argsort()]
    best = np.maximum.accumulate(np.concatenate([[0.0], way[:, 1]]))  # Of the places with the smallest noise fits.
    heights = [best[np.count_nonzero(way[:, 0] <= x)] for x in (np.arange(1000) + 0.5) / 1000]
    assert area_under(noise_fit, accuracy) == pytest.approx(np.mean(heights), abs=2e-3)


@given(curves, shares)
def test_what_is_given_up_is_the_farthest_place_on_a_walk_that_is_accurate_enough(
    points: list[tuple[float, float]], lost: float
) -> None:
    noise_fit, accuracy = np.array(points).T
    way = walked(points)
    is_enough = way[:, 1] >= accuracy[0] - lost - 1e-12
    found = given_up_within(noise_fit, accuracy, lost)
    assert found >= noise_fit[0] - way[is_enough, 0].min() - 1e-9
    tolerant = way[:, 1] >= accuracy[0] - lost - 1e-3
    assert found <= noise_fit[0] - way[tolerant, 0].min() + 2e-3


def test_an_accuracy_that_lies_exactly_at_the_limit_counts_whatever_rounding_makes_of_it() -> None:
    """0.02 is lost by a noise fit of 0.2; in single precision, or as a difference, it is slightly more."""
    for start in np.linspace(0.1, 0.9, 33):
        accuracy = np.array([start, start - 0.02, start - 0.02], np.float32).astype(float)
        assert given_up_within(np.array([1.0, 0.9, 0.2]), accuracy, 0.02) == pytest.approx(0.8)


def test_one_strength_more_makes_no_curve_worse() -> None:
    few = area_under(np.array([1.0, 0.5]), np.array([0.5, 0.4]))
    assert area_under(np.array([1.0, 0.5, 0.1]), np.array([0.5, 0.4, 0.1])) > few
    assert area_under(np.array([1.0, 0.5, 0.9]), np.array([0.5, 0.4, 0.1])) == pytest.approx(few)


@given(curves, curves)
def test_a_curve_lies_as_far_above_another_as_that_lies_below(
    points: list[tuple[float, float]], others: list[tuple[float, float]]
) -> None:
    one, other = np.array(points).T, np.array(others).T
    assert height_above(*one, *other) == pytest.approx(-height_above(*other, *one), nan_ok=True)
    assert height_above(*one, *one) == (
        pytest.approx(0) if one[0].min() < 0.9995 else pytest.approx(np.nan, nan_ok=True)
    )


def test_only_what_both_curves_reach_is_compared() -> None:
    long, short = (np.array([1.0, 0.0]), np.array([0.5, 0.5])), (np.array([1.0, 0.8]), np.array([0.5, 0.6]))
    assert height_above(*short, *long) == pytest.approx(0.1)
    assert area_under(*short) < area_under(*long)


def test_missing_numbers_make_no_number() -> None:
    assert np.isnan(area_under(MISSING, WHOLE))
    assert np.isnan(area_under(WHOLE, MISSING))
    assert np.isnan(given_up_within(WHOLE, MISSING, 0.1))
    assert np.isnan(height_above(MISSING, WHOLE, WHOLE, WHOLE))


def test_the_price_is_told_for_every_seed() -> None:
    found = net_given_up(np.array([[1.0, 0.5], [0.8, 0.8]]), np.array([[0.5, 0.4], [0.5, 0.6]]), price=2)
    np.testing.assert_allclose(found, [[0, 0.3], [0, 0.2]])
