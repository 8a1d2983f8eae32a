"""Verdicts: each rule on votes at its border, and the number of networks that would decide."""

import numpy as np
import pytest

from byheart.auditing.verdicts import VERDICTS, networks_to_decide, verdicts

CASES = [
    # votes for classes 0, 1, 2 of 20 networks; right networks of 20 that saw it; P(wrong); verdict. The label is 0.
    ((20, 0, 0), 20, 0.0, "fine"),
    ((15, 5, 0), 0, 0.9, "fine"),
    ((14, 6, 0), 20, 0.0, "undecided"),
    ((0, 20, 0), 20, 0.9, "suspect label"),
    ((5, 15, 0), 0, 0.5, "suspect label"),
    ((0, 20, 0), 20, 0.4, "memorized"),
    ((0, 20, 0), 15, 0.4, "memorized"),
    ((0, 20, 0), 5, 0.4, "hard"),
    ((0, 20, 0), 10, 0.4, "undecided"),
    ((10, 10, 0), 20, 0.4, "ambiguous"),
    ((7, 7, 6), 20, 0.9, "ambiguous"),
    ((9, 11, 0), 20, 0.9, "undecided"),
]


@pytest.mark.parametrize(("votes", "right", "wrong", "verdict"), CASES)
def test_each_rule(votes: tuple[int, ...], right: int, wrong: float, verdict: str) -> None:
    found = verdicts(np.array([votes]), np.array([right]), np.array([20]), np.array([wrong]), np.array([0]))
    assert found.tolist() == [verdict]


def test_every_verdict_stands_in_a_case() -> None:
    assert {case[-1] for case in CASES} == set(VERDICTS)


@pytest.mark.parametrize("votes", [(14, 6, 0), (9, 11, 0), (6, 13, 1)])
def test_so_many_networks_would_decide(votes: tuple[int, ...]) -> None:
    counts, labels = np.array([votes]), np.array([0])
    (needed,) = networks_to_decide(counts, labels, np.array(["undecided"]), n_networks=40)
    assert 40 < needed < 400
    scaled = counts * needed // 40
    n = scaled.sum(axis=1)
    assert verdicts(scaled, n, n, np.array([0.0]), labels).tolist() != ["undecided"]


def test_no_number_is_said_of_what_is_decided_nor_where_more_votes_do_not_help() -> None:
    votes = np.array([[20, 0, 0], [0, 20, 0]])
    found = networks_to_decide(votes, np.array([0, 0]), np.array(["fine", "undecided"]), n_networks=40)
    assert found.tolist() == [0, -1]
