"""The sample of a review, and the estimates from its marks."""

import numpy as np
import pytest

from byheart.auditing.review_sample import FEWEST, SAMPLE, ReviewPlan, review_plan
from byheart.auditing.reviewed import estimated
from byheart.auditing.reviews import NO_LABEL, Review

N = 3000


def stated(share: float = 0.05, n: int = N, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of being wrong, most suspect first, and which labels are wrong."""
    rng = np.random.default_rng(seed)
    probability = np.sort(rng.beta(0.05, 0.05 / share, n))[::-1]
    return probability, rng.uniform(size=n) < probability


def review_of(ranks: np.ndarray, is_wrong: np.ndarray) -> Review:
    marks = np.where(is_wrong[ranks - 1], "wrong", "right")
    return Review(ranks - 1, marks, np.full(len(ranks), NO_LABEL))


def test_strata_cover_all_examples_and_the_sample_is_drawn_from_each() -> None:
    probability, _ = stated()
    plan = review_plan(probability, 150)
    assert plan.starts[0] == 1
    assert plan.ends == (75, 150, 450, 1500, N)
    assert len(set(plan.sample)) == len(plan.sample) == SAMPLE
    counts = np.bincount(plan.stratum_of(np.array(plan.sample)))[1:]
    assert (counts >= FEWEST).all()
    assert 100 <= counts[:2].sum() <= 160
    assert review_plan(probability, 150) == plan


def test_every_beginning_of_the_sample_has_its_share_of_each_stratum() -> None:
    plan = review_plan(stated()[0], 150)
    strata = plan.stratum_of(np.array(plan.sample))
    whole = np.bincount(strata, minlength=6)[1:]
    for n in (50, 100, 200):
        part = np.bincount(strata[:n], minlength=6)[1:]
        np.testing.assert_allclose(part, whole * n / SAMPLE, atol=1)


@pytest.mark.parametrize(("n", "length"), [(20, 20), (21, 20), (25, 3), (1000, 1), (500, 400)])
def test_a_sample_of_few_examples_holds_all(n: int, length: int) -> None:
    plan = review_plan(np.linspace(0.9, 0, n), length)
    assert plan.ends[-1] == n
    assert len(plan.sample) == min(n, SAMPLE)
    assert plan.list_length in plan.ends


def test_with_all_labels_reviewed_the_estimates_are_exact() -> None:
    probability, is_wrong = stated(n=500)
    plan = review_plan(probability, 30)
    found = estimated(review_of(np.arange(1, 501), is_wrong), plan, np.arange(500))
    assert found["without_gap"] + found["sampled"] == 500
    for numbers, truth in ((found["precision"], is_wrong[:30].mean()), (found["wrong_labels"], is_wrong.mean())):
        assert numbers["share"] == numbers["low"] == numbers["high"] == pytest.approx(truth)
        assert numbers["more_reviews_to_halve"] == 0


def test_the_list_reviewed_from_its_top_gives_its_precision_and_no_more() -> None:
    probability, is_wrong = stated()
    plan = review_plan(probability, 150)
    found = estimated(review_of(np.arange(1, 151), is_wrong), plan, np.arange(N))
    assert found["precision"]["share"] == pytest.approx(is_wrong[:150].mean())
    assert found["precision"]["low"] == found["precision"]["high"]
    missing = found["wrong_labels"]["ranks_without_sampled_marks"]
    assert missing == ["151 to 450", "451 to 1500", "1501 to 3000"]


def test_marks_that_a_person_chose_do_not_change_the_estimates() -> None:
    probability, is_wrong = stated()
    plan = review_plan(probability, 150)
    sampled = np.array(plan.sample)
    others = np.setdiff1d(np.flatnonzero(is_wrong) + 1, sampled)[-20:]
    alone = estimated(review_of(sampled, is_wrong), plan, np.arange(N))
    both = estimated(review_of(np.concatenate([sampled, others]), is_wrong), plan, np.arange(N))
    assert both["not_counted"] == 20
    assert (both["wrong_labels"], both["precision"]) == (alone["wrong_labels"], alone["precision"])


def test_unclear_labels_count_as_right_and_the_other_estimate_is_given() -> None:
    probability, is_wrong = stated()
    plan = review_plan(probability, 150)
    review = review_of(np.array(plan.sample), is_wrong)
    doubtful = Review(review.rows, np.where(review.marks == "wrong", "unclear", review.marks), review.new_labels)
    found, sure = (estimated(one, plan, np.arange(N))["wrong_labels"] for one in (doubtful, review))
    assert found["share"] == 0
    assert found["if_unclear_are_wrong"] == pytest.approx(sure["share"])


def test_the_row_of_the_source_is_what_a_mark_belongs_to() -> None:
    probability, is_wrong = stated(n=400)
    plan = review_plan(probability, 20)
    rows = np.random.default_rng(0).permutation(400)
    by_rank = review_of(np.arange(1, 101), is_wrong)
    shuffled = Review(rows[by_rank.rows], by_rank.marks, by_rank.new_labels)
    assert estimated(shuffled, plan, rows) == estimated(by_rank, plan, np.arange(400))


@pytest.mark.parametrize(
    ("share", "n_reviewed", "n_first"),
    [(0.05, 100, 0), (0.05, 400, 0), (0.01, 200, 0), (0.05, 150, 37), (0.05, 100, 90)],
)
def test_intervals_cover_the_truth_and_estimates_have_no_bias(share: float, n_reviewed: int, n_first: int) -> None:
    """In 200 worlds; at a coverage of 95 %, fewer than 90 % are covered with a probability below 1 in 500."""
    errors, covers = [], []
    for seed in range(200):
        probability, is_wrong = stated(share, 1000, seed)
        plan: ReviewPlan = review_plan(probability, max(20, round(share * 1000)), seed=seed)
        ranks = np.union1d(plan.sample[:n_reviewed], np.arange(1, n_first + 1))
        found = estimated(review_of(ranks, is_wrong), plan, np.arange(1000))
        for numbers, truth in (
            (found["wrong_labels"], is_wrong.mean()),
            (found["precision"], is_wrong[: plan.list_length].mean()),
        ):
            errors.append(numbers["share"] - truth)
            covers.append(numbers["low"] - 1e-9 <= truth <= numbers["high"] + 1e-9)
    of_share, of_list = np.array(errors).reshape(-1, 2).T
    for one in (of_share, of_list):
        assert abs(one.mean()) <= 3.5 * one.std() / np.sqrt(len(one)) + 1e-9
    assert np.array(covers).reshape(-1, 2).mean(axis=0).min() >= 0.90
