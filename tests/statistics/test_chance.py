"""Networks at chance are detected, trained networks are not, and weak rankings get a caution."""

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.statistics.chance import guessing_accuracy, guessing_loss, is_near_chance, is_near_chance_loss
from byheart.statistics.difficulty_cautions import difficulty_cautions
from byheart.statistics.split_half import rank_correlation, ranking_in_words


def test_of_networks_that_guess_hardly_any_is_taken_for_one_that_learned() -> None:
    """10,000 networks that predict the most frequent of ten classes: at most 2.5 % pass, fewer due to the margin."""
    generator = np.random.default_rng(0)
    for n in (20, 100, 600):
        accuracy = generator.binomial(n, 0.1, 10_000) / n
        assert is_near_chance(accuracy, n, 0.1).mean() > 0.975


@pytest.mark.parametrize(("n", "accuracy"), [(100, 0.3), (600, 0.2), (50_000, 0.16)])
def test_networks_clearly_above_chance_are_not_near_it(n: int, accuracy: float) -> None:
    assert not is_near_chance(accuracy, n, 0.1)


def test_what_counts_as_guessing_is_the_most_frequent_class() -> None:
    assert guessing_accuracy([900, 50, 50]) == 0.9
    assert is_near_chance(0.9, 1000, guessing_accuracy([900, 50, 50]))
    assert not is_near_chance(0.95, 1000, guessing_accuracy([900, 50, 50]))
    assert guessing_loss(np.full(10, 7)) == pytest.approx(np.log(10))


def test_an_accuracy_or_loss_that_is_not_known_is_not_near_chance() -> None:
    assert is_near_chance([np.nan, 0.1], 100, 0.1).tolist() == [False, True]
    assert is_near_chance_loss([np.nan, 2.3, 2.0], np.log(10)).tolist() == [False, True, False]


@pytest.mark.parametrize("counts", [[], [0, 0], [-1, 2], [0.5]])
def test_counts_that_are_none_are_refused(counts: list[float]) -> None:
    with pytest.raises(BadInput):
        guessing_accuracy(counts)


def test_a_ranking_is_doubted_by_its_reliability_and_where_examples_stand_at_one_end() -> None:
    middle = np.arange(100) % 11
    assert ranking_in_words(middle, 10, 0.6) == ""
    assert "a correlation of about 0.67" in ranking_in_words(middle, 10, 0.5)
    assert "a correlation of about 0.00" in ranking_in_words(middle, 10, -0.2)
    assert "halves of the networks do not rank them" in ranking_in_words(middle, 10, np.nan)
    assert "96% of them are misclassified by no network" in ranking_in_words([0] * 96 + [3] * 4, 10, 0.9)
    assert "95% of them are misclassified by every network" in ranking_in_words([10] * 95 + [3] * 5, 10, 0.9)


def test_both_doubts_stand_side_by_side_and_neither_without_reason() -> None:
    rng = np.random.default_rng(0)
    guessing = rng.random((20, 500)) < 0.9
    learned = rng.random((20, 500)) < np.where(np.arange(500) < 250, 0.02, 0.6)
    for errors, n in ((guessing, 2), (learned, 0)):
        agreement = rank_correlation(errors[::2].sum(axis=0), errors[1::2].sum(axis=0))
        said = difficulty_cautions(1 - errors.mean(axis=1), errors.sum(axis=0), agreement, [50] * 10)
        assert len(said) == n
