"""The forest plot: where rows stand agrees with their verdicts, for every rule, scale and number of parts and seeds."""

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from byheart.experiments.claims import Claim, Judgment
from byheart.report.forest import END, Row, lead, place, ticks
from byheart.statistics.intervals import interval_over_seeds
from byheart.statistics.rules import Above, Below, Between, Rule, SmallestEffect
from byheart.statistics.scales import AsItIs, Logit

RULES = {"above": Above(0.4), "below": Below(0.4), "between": Between(0.2, 0.6)}


def judged(rule: Rule, values: list[float], scale: AsItIs | Logit = AsItIs()) -> Judgment:
    return Claim("X", "It is so.", "its number", lambda results: np.array(values), rule, scale=scale).judge(
        xr.Dataset()
    )


def row(rule: Rule, values: list[float]) -> Row:
    return Row(judged(rule, values), "chapter")


@given(
    st.sampled_from(sorted(RULES)),
    st.sampled_from([AsItIs(), Logit()]),
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=5).filter(lambda values: np.ptp(values) > 1e-3),
)
def test_a_row_lies_right_of_the_line_by_more_than_its_half_width_exactly_if_its_claim_holds(
    name: str, scale: AsItIs | Logit, values: list[float]
) -> None:
    one = judged(RULES[name], values, scale)
    stands = lead(one.claim, one.weakest)
    if not math.isclose(abs(stands), 1, rel_tol=1e-9):
        assert one.verdict == ("holds" if stands > 1 else "fails" if stands < -1 else "undecided")


def test_half_widths_are_those_of_the_interval_over_seeds() -> None:
    values = [1.0, 2.0, 4.0]
    interval = interval_over_seeds(values)
    found = row(Above(1.0), values)
    assert found.lead == pytest.approx((interval.estimate - 1) / (interval.high - interval.estimate))
    assert found.interval == (place(found.lead - 1), place(found.lead + 1))
    assert found.in_words == f"{found.lead:.1f} half-widths on the claim’s side of the threshold"
    assert row(Below(1.0), values).lead == -found.lead


def test_on_a_logit_scale_distance_is_counted_where_the_claim_is_judged() -> None:
    values = [0.9, 0.95, 0.99]
    one = judged(Above(0.5), values, Logit())
    interval = interval_over_seeds(Logit().forward(np.array(values)))
    assert lead(one.claim, one.weakest) == pytest.approx(interval.estimate / (interval.high - interval.estimate))


def test_between_two_thresholds_the_nearer_one_counts() -> None:
    below, above = [0.20, 0.22, 0.24], [0.56, 0.58, 0.60]
    assert row(Between(0.2, 0.6), below).lead == pytest.approx(row(Above(0.2), below).lead)
    assert row(Between(0.2, 0.6), above).lead == pytest.approx(row(Below(0.6), above).lead)


def test_seeds_that_do_not_differ_stand_at_an_end_without_a_bar_or_at_the_line() -> None:
    beyond, short, at = (row(Above(0.4), [value] * 3) for value in (0.5, 0.3, 0.4))
    assert [one.lead for one in (beyond, short, at)] == [math.inf, -math.inf, 0]
    assert [one.mark for one in (beyond, short, at)] == ["100.0", "0.0", "50.0"]
    assert {one.interval for one in (beyond, short, at)} == {None}
    assert beyond.in_words == "seeds do not differ"


@pytest.mark.parametrize(("values", "words"), [([0.5], "no interval"), ([math.nan, math.nan], "no value")])
def test_fewer_than_two_seeds_have_no_mark(values: list[float], words: str) -> None:
    one = row(Above(0.4), values)
    assert (one.mark, one.interval, one.in_words) == (None, None, words)


def test_the_weakest_part_makes_the_row_and_the_others_are_ticks() -> None:
    parts = {"strong": np.array([2.0, 2.1, 2.2]), "weak": np.array([0.1, 0.5, 1.0]), "lost": np.full(3, np.nan)}
    claim = Claim("X", "It is so.", "its number", lambda results: np.zeros(1), Above(0))
    known = Row(claim.judged_by({name: parts[name] for name in ("strong", "weak")}), "chapter")
    assert known.judgment.weakest.name == "weak"
    assert known.other_marks == [place(lead(claim, known.judgment.parts[0]))]
    unknown = Row(claim.judged_by(parts), "chapter")
    assert (unknown.judgment.weakest.name, unknown.mark, len(unknown.other_marks)) == ("lost", None, 2)


def test_the_axis_is_symmetric_rises_and_ends_at_a_stated_number_of_half_widths() -> None:
    places = [float(place(x)) for x in (-2 * END, -END, -3, -1, 0, 1, 3, END, 2 * END)]
    assert places == sorted(places)
    assert [100 - one for one in places] == pytest.approx(places[::-1])
    assert (places[0], places[4], places[-1]) == (0, 50, 100)
    assert [name for name, _ in ticks()] == ["30", "10", "3", "1", "", "1", "3", "10", "30"]


def test_the_smallest_effect_stands_at_its_distance_from_the_threshold() -> None:
    values = [1.0, 2.0, 4.0]
    found = row(Below(5.0, SmallestEffect(0.5, "half")), values)
    interval = interval_over_seeds(values)
    assert found.smallest == place(0.5 / (interval.high - interval.estimate))
    for without in (
        row(Below(5.0), values),
        row(Between(0, 5), values),
        row(Below(5, SmallestEffect(1, "one")), [1.0]),
    ):
        assert without.smallest is None
