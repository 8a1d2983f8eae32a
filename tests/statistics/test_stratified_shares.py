"""Shares of stratified samples: closed forms, edges, and the number of examples that halves an interval."""

import math

import pytest
import scipy

from byheart.checks import BadInput
from byheart.statistics.stratified import Stratum, more_to_halve, stratified_share


def test_one_large_stratum_has_the_interval_of_jeffreys() -> None:
    found = stratified_share([Stratum(10**9, 80, 12)])
    low, high = scipy.stats.beta(12.5, 68.5).interval(0.95)
    assert found.estimate == 12 / 80
    assert found.low == pytest.approx(low, abs=1e-6)
    assert found.high == pytest.approx(high, abs=1e-6)


def test_equal_strata_are_narrower_than_each_by_the_root_of_their_number() -> None:
    one, four = stratified_share([Stratum(10**9, 50, 25)]), stratified_share([Stratum(10**9, 50, 25)] * 4)
    assert four.estimate == one.estimate
    assert (four.high - four.low) * math.sqrt(4) == pytest.approx(one.high - one.low)


def test_the_estimate_weighs_strata_by_their_sizes() -> None:
    found = stratified_share([Stratum(100, 10, 10), Stratum(900, 10, 0)])
    assert found.estimate == pytest.approx(0.1)
    assert found.low < 0.1 < found.high


def test_a_stratum_that_was_examined_as_a_whole_has_no_width() -> None:
    found = stratified_share([Stratum(30, 30, 7)])
    assert found.low == found.high == found.estimate
    assert more_to_halve([Stratum(30, 30, 7)]) == 0


def test_a_finite_population_narrows_the_interval() -> None:
    small, large = (stratified_share([Stratum(size, 50, 10)]) for size in (60, 10**6))
    assert small.high - small.low < 0.5 * (large.high - large.low)


def test_a_sample_without_any_finding_still_has_an_upper_end() -> None:
    found = stratified_share([Stratum(10**6, 60, 0)])
    assert (found.estimate, found.low) == (0, 0)
    assert 0.03 < found.high < 0.06


@pytest.mark.parametrize("strata", [[Stratum(10**6, 100, 20)], [Stratum(500, 50, 30), Stratum(9500, 100, 2)]])
def test_as_many_more_examples_halve_the_interval(strata: list[Stratum]) -> None:
    more, n = more_to_halve(strata), sum(one.examined for one in strata)
    before = stratified_share(strata)
    factor = (more + n) / n
    grown = [Stratum(one.size, min(one.size, factor * one.examined), factor * one.found) for one in strata]
    if all(one.examined < one.size for one in grown):
        after = stratified_share(grown)
        assert (after.high - after.low) / (before.high - before.low) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("strata", [[], [Stratum(10, 0, 0)], [Stratum(10, 11, 0)], [Stratum(10, 5, 6)]])
def test_strata_without_examined_examples_or_with_too_many_are_refused(strata: list[Stratum]) -> None:
    with pytest.raises(BadInput):
        stratified_share(strata)
