"""Verdicts by table, and how often a claim that is false by construction holds."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from byheart.statistics.intervals import Interval, interval_over_seeds, interval_to_judge_by
from byheart.statistics.rules import ERROR, Above, Below, Between, Rule, SmallestEffect
from byheart.statistics.rules_in_words import failure_in_words, rule_in_words
from byheart.statistics.scales import Angle, AsItIs, Log, Logit, Scale

SMALL = SmallestEffect(0.05, "a twentieth")
RULES = (Above(0.1), Below(0.1), Above(0.1, SMALL), Below(0.1, SMALL), Between(-0.5, 0.6))


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (0.51, 0.9, "holds", "fails"),
        (0.5, 0.9, "undecided", "fails"),
        (0.4, 0.6, "undecided", "undecided"),
        (0.1, 0.5, "fails", "undecided"),
        (0.1, 0.49, "fails", "holds"),
        (0.5, 0.5, "undecided", "undecided"),
        (0.5 - 1e-9, 0.5 - 1e-9, "undecided", "undecided"),
        (0.4, 0.4, "fails", "undecided"),
        (0.6, 0.6, "undecided", "fails"),
        (-math.inf, math.inf, "undecided", "undecided"),
    ],
)
def test_a_claim_holds_or_fails_by_its_whole_interval(low: float, high: float, above: str, below: str) -> None:
    interval = Interval((low + high) / 2, low, high, 5)
    assert Above(0.5).verdict(interval) == above
    assert Below(0.5).verdict(interval) == below


@pytest.mark.parametrize("values", [[], [math.nan], [0.3]])
def test_without_an_interval_nothing_is_decided(values: list[float]) -> None:
    interval = interval_over_seeds(values)
    assert {rule.verdict(interval) for rule in (Above(0), Below(0), Between(-1, 1))} == {"undecided"}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.9, 1.2, "holds"),
        (0.5, 1.2, "undecided"),
        (0.9, 2.0, "undecided"),
        (0.1, 3.0, "undecided"),
        (0.1, 0.5, "fails"),
        (2.0, 2.5, "fails"),
    ],
)
def test_a_claim_of_equality_holds_or_fails_by_its_whole_interval(low: float, high: float, verdict: str) -> None:
    assert Between(0.5, 2).verdict(Interval((low + high) / 2, low, high, 5)) == verdict


@pytest.mark.parametrize("edge", [-0.5, 0.6])
def test_at_an_edge_of_equality_seeds_that_do_not_differ_decide_nothing(edge: float) -> None:
    assert Between(-0.5, 0.6).verdict(Interval(edge, edge, edge, 5)) == "undecided"


@pytest.mark.parametrize("scale", [AsItIs(), Logit(), Angle(), Log()])
def test_a_scale_keeps_the_order_of_numbers_and_can_be_undone(scale: Scale) -> None:
    numbers = np.linspace(0.01, 0.99, 20)
    assert (np.diff(scale.forward(numbers)) > 0).all()
    np.testing.assert_allclose(scale.back(scale.forward(numbers)), numbers)
    assert np.isnan(scale.forward(np.array([np.nan]))).all()
    rule = Between(0.2, 0.4).on(scale)
    np.testing.assert_allclose(scale.back(np.array([rule.low, rule.high])), [0.2, 0.4])


def test_shares_near_a_bound_are_said_to_lie_above_a_value_in_at_most_one_sample_of_20_on_their_logit() -> None:
    """Shares of mean logit 3, about 0.95, skewed down; the claim is barely false.

    5,000 samples of 5 seeds. Without the logit far more hold.
    """
    logits = np.random.default_rng(0).normal(3, 1.5, (5000, 5))
    shares, scale = Logit().back(logits), Logit(edge=1e-9)
    as_it_is = Above(float(shares.mean()))
    on_scale = Above(float(scale.back(np.array([3.0]))[0])).on(scale)
    n_as_it_is = sum(as_it_is.verdict(interval_over_seeds(sample)) == "holds" for sample in shares)
    n_on_scale = sum(on_scale.verdict(interval_over_seeds(scale.forward(sample))) == "holds" for sample in shares)
    assert n_on_scale / 5000 <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / 5000)
    assert n_as_it_is / 5000 > 0.05


def test_a_rule_is_told_in_words() -> None:
    where = "holds when the whole 95 % interval lies {}, fails when none of it does"
    assert rule_in_words(Below(0.25)) == where.format("below 0.25")
    assert rule_in_words(Between(0.5, 2)) == where.format("between 0.5 and 2")


@pytest.mark.parametrize("rule", [Above(0), Below(0)])
def test_a_false_claim_is_said_to_hold_in_at_most_one_sample_of_40(rule: Rule) -> None:
    """Mean 0 is neither above nor below 0. 2,000 samples of 5 seeds, fixed key: a rate of 0.025, within 3 errors."""
    samples = np.random.default_rng(0).normal(size=(2000, 5))
    verdicts = [rule.verdict(interval_over_seeds(sample)) for sample in samples]
    allowed = 0.025 + 3 * math.sqrt(0.025 * 0.975 / 2000)
    assert verdicts.count("holds") / 2000 <= allowed
    assert verdicts.count("fails") / 2000 <= allowed


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=6))
def test_p_values_agree_with_verdicts(values: list[float]) -> None:
    interval = interval_to_judge_by(values)
    for rule in RULES:
        p_value, against = rule.p_value(interval), rule.p_value_against(interval)
        if not interval.has_width:
            assert math.isnan(p_value)
            assert math.isnan(against)
        elif min(abs(p_value - ERROR), abs(against - ERROR)) > 1e-9:
            assert rule.verdict(interval) == (
                "fails" if against < ERROR else "holds" if p_value < ERROR else "undecided"
            )


@pytest.mark.parametrize("seeds", [2, 3, 5, 20])
def test_p_values_are_those_of_scipy(seeds: int) -> None:
    values = np.random.default_rng(seeds).normal(0.2, 1, seeds)
    interval = interval_over_seeds(values)
    above, below = (
        [scipy.stats.ttest_1samp(values, at, alternative=side).pvalue for at in (0.1, -0.5, 0.6)]
        for side in ("greater", "less")
    )
    np.testing.assert_allclose(Above(0.1).p_value(interval), above[0])
    np.testing.assert_allclose(Above(0.1).p_value_against(interval), below[0])
    np.testing.assert_allclose(Below(0.1).p_value(interval), below[0])
    np.testing.assert_allclose(Below(0.1).p_value_against(interval), above[0])
    np.testing.assert_allclose(Between(-0.5, 0.6).p_value(interval), max(above[1], below[2]))
    np.testing.assert_allclose(Between(-0.5, 0.6).p_value_against(interval), min(below[1], above[2]))


@pytest.mark.parametrize("values", [[0.3] * 3, [0.1 + 0.2, 0.3, 0.3], [math.nan, 0.3, 0.3 + 1e-9]])
def test_by_seeds_that_do_not_differ_no_claim_holds_but_it_may_fail(values: list[float]) -> None:
    interval = interval_to_judge_by(values)
    assert {rule.verdict(interval) for rule in (Above(0), Below(1), Between(0, 1))} == {"undecided"}
    assert {rule.verdict(interval) for rule in (Above(0.5), Below(0), Between(0.5, 1))} == {"fails"}


@pytest.mark.parametrize(
    ("low", "high", "verdict", "failure"),
    [
        (0.06, 0.3, "holds", ""),
        (0.02, 0.3, "holds", ""),
        (0.02, 0.04, "fails", "practically nothing"),
        (-0.04, 0.04, "fails", "practically nothing"),
        (-0.04, -0.02, "fails", "practically nothing"),
        (-0.3, 0.04, "fails", "nothing or the opposite"),
        (-0.3, -0.02, "fails", "the opposite"),
        (-0.01, 0.06, "undecided", ""),
    ],
)
def test_an_effect_that_is_practically_nothing_fails(low: float, high: float, verdict: str, failure: str) -> None:
    for sign, kind in ((1, Above), (-1, Below)):
        rule, ends = kind(0.5, SMALL), sorted((0.5 + sign * low, 0.5 + sign * high))
        interval = Interval(sum(ends) / 2, *ends, 5)
        assert rule.verdict(interval) == verdict
        if verdict == "fails":
            assert failure_in_words(rule, interval) == failure


def test_a_smallest_effect_keeps_its_place_on_a_scale() -> None:
    scale, rule = Logit(), Above(0.5, SmallestEffect(0.1, "a tenth"))
    assert rule.needed == 0.6
    assert float(scale.back(np.array([rule.on(scale).needed]))[0]) == pytest.approx(0.6)
    assert rule_in_words(Below(0, SMALL)) == (
        "holds when the whole 95 % interval lies below 0, fails when none of it lies below -0.05 (a twentieth)"
    )


def test_failures_by_other_rules_are_named() -> None:
    assert failure_in_words(Above(0.25), Interval(0.1, 0.0, 0.2, 5)) == "short of the threshold"
    assert failure_in_words(Between(0, 1), Interval(3, 2, 4, 5)) == "outside the limits"
