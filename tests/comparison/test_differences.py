"""Differences between runs: pairs of seeds, intervals, and reasons why numbers are not compared."""

import dataclasses

import numpy as np
import pytest
from made_results import made, memorizing
from made_runs import BASE, memorizing_and_not, run

from byheart.comparison.differences import Difference, paired, rows_of
from byheart.comparison.settings import differing
from byheart.critical.radius import StandardDeviations
from byheart.statistics.intervals import Interval, interval_over_seeds


def test_common_seeds_are_paired_whatever_their_order_and_number() -> None:
    first, other = np.array([1.0, 2.0, 4.0, 8.0]), np.array([5.0, 2.5, 4.0])
    assert paired(first, other, [0, 1, 2, 3], [2, 1, 7]) == interval_over_seeds([1.0, 0.5])
    assert paired(first, other, [0, 1, 2, 3], [4, 5, 6]) is None
    assert paired(first, other, [0, 1, 2, 3], [3, 4, 5]) is None


def test_seeds_without_a_number_make_no_pair() -> None:
    first, other = np.array([np.nan, 2.0, 4.0, 8.0]), np.array([5.0, 3.0, np.nan, 10.0])
    assert paired(first, other, range(4), range(4)) == interval_over_seeds([1.0, 2.0])
    assert paired(first[:3], other[:3], range(3), range(3)) is None


def test_numbers_of_groups_of_networks_are_paired_only_between_the_same_seeds() -> None:
    first, other = np.array([1.0, 2.0]), np.array([2.0, 5.0])
    assert paired(first, other, range(20), range(20)) == interval_over_seeds([1.0, 3.0])
    assert paired(first, other, range(20), range(1, 21)) is None
    assert paired(first, other[:1], range(20), range(10)) is None


def test_what_seeds_share_cancels() -> None:
    shared = np.array([0.0, 10.0, 20.0, 30.0])
    found = paired(shared, shared + np.array([1.0, 1.1, 0.9, 1.0]), range(4), range(4))
    assert found is not None
    assert found.high - found.low < 0.3
    assert found.low < 1 < found.high


def test_a_row_has_the_verdicts_and_the_difference_of_each_part() -> None:
    before, after = (one.experiments[BASE.name] for one in memorizing_and_not())
    rows = {(row.claim.name, row.part): row for row in rows_of([before, after])}
    row = rows["F9a-randX", ""]
    assert [cell.verdict for cell in row.cells] == ["holds", "fails"]
    assert row.verdicts_differ
    first, second = row.cells
    assert first.difference is None
    assert second.difference is not None
    assert second.difference.interval is not None
    assert second.difference.interval.n == 3
    expected = interval_over_seeds(np.log(after.judgments[0].values) - np.log(before.judgments[0].values[:3]))
    assert row.claim.name == before.judgments[0].claim.name
    assert second.difference.interval == expected
    assert second.difference.excludes_zero
    assert {part for name, part in rows if name == "F9b-rises"} == {"real", "randX", "randY"}


def test_a_run_compared_with_itself_differs_in_nothing() -> None:
    one, other = run("a", BASE), run("b", BASE)
    for row in rows_of([one.experiments[BASE.name], other.experiments[BASE.name]]):
        difference = row.cells[1].difference
        assert difference is not None
        assert not difference.excludes_zero
        assert not row.verdicts_differ
        if difference.interval is not None:
            assert (difference.interval.estimate, difference.interval.low) == (0, 0)
    assert differing([one, other]) == ()


def test_lengths_in_other_units_and_other_definitions_are_not_compared() -> None:
    results = made(BASE, memorizing)
    in_deviations = run("b", dataclasses.replace(BASE, radius=StandardDeviations(0.3)), results)
    at_another = run("c", dataclasses.replace(BASE, radius=type(BASE.radius)(1.0)), results)
    rows = rows_of([one.experiments[BASE.name] for one in (run("a", BASE), in_deviations, at_another)])
    reasons = [[cell.difference.reason for cell in row.cells if cell.difference] for row in rows]
    assert {of_row[0] for of_row in reasons} == {"radius is in standard deviations here and in pixels in a"}
    assert reasons[0][1].startswith("here it is the ")
    assert "1 pixel" in reasons[0][1]
    assert all(cell.difference is None or cell.difference.interval is None for cell in rows[0].cells)


def test_only_settings_that_differ_are_listed_and_missing_ones_do_not_count() -> None:
    before, after = memorizing_and_not()
    found = {(one.experiment, one.name): one.values for one in differing([before, after])}
    assert set(found) == {(BASE.name, "seeds"), (BASE.name, "optimizer")}
    assert found[BASE.name, "seeds"] == ("4", "3")
    assert found[BASE.name, "optimizer"][1].startswith("Adam(")
    alone = dataclasses.replace(after, experiments={})
    assert differing([before, alone]) == ()


@pytest.mark.parametrize(("low", "high", "excludes"), [(-1.0, 1.0, False), (0.5, 1.0, True), (0.0, 0.0, False)])
def test_a_difference_excludes_zero_if_its_whole_interval_does(low: float, high: float, excludes: bool) -> None:
    assert Difference(Interval((low + high) / 2, low, high, 3)).excludes_zero == excludes
    assert not Difference(None, "no seeds").excludes_zero
