"""Balanced halves: complementary, random, and every class keeps its share."""

import numpy as np
import pytest

from byheart import literals
from byheart.checks import BadInput
from byheart.data.balanced_half import BalancedHalf


@pytest.mark.parametrize("counts", [(4, 6), (5, 5), (3, 4), (7,), (1, 1), (0, 9, 2), (3, 5, 7, 1)])
def test_two_halves_hold_every_example_but_one_of_an_odd_number_and_divide_each_class(counts: tuple[int, ...]) -> None:
    n, classes = sum(counts), np.repeat(np.arange(len(counts)), counts)
    for seed in range(5):
        halves = [BalancedHalf(counts, seed, is_second) for is_second in (False, True)]
        first, second = (half.indices(n) for half in halves)
        assert len(first) == len(second) == halves[0].size(n) == n // 2
        assert (np.diff(first) > 0).all()
        assert not set(first) & set(second)
        in_first, in_second = (np.bincount(classes[one], minlength=len(counts)) for one in (first, second))
        assert (np.abs(in_first - in_second) <= 1).all()


def test_the_example_of_neither_half_and_the_halves_are_drawn_by_the_seed() -> None:
    left_out = {
        (set(range(5)) - {*BalancedHalf((2, 3), seed).indices(5), *BalancedHalf((2, 3), seed, True).indices(5)}).pop()
        for seed in range(40)
    }
    assert left_out == set(range(5))
    drawn = [tuple(BalancedHalf((50, 50), seed).indices(100)) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_half_is_written_and_read_back() -> None:
    half = BalancedHalf((2, 3), 4, True)
    assert literals.parse(literals.text(half)) == half


def test_another_number_of_examples_is_refused() -> None:
    with pytest.raises(BadInput, match="`class_counts` must sum to the number of training examples, 6"):
        BalancedHalf((2, 3)).size(6)
