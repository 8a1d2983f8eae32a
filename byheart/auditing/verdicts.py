"""Verdicts on examples, by fixed rules on the votes of networks, with the uncertainty over networks counted in.

The networks that did not see an example vote for a class each. A share of votes has an exact 95 % interval (Clopper and
Pearson, 1934). It *surely* lies above a threshold if the whole interval does. The first rule that applies gives the
verdict:

    1. fine           surely more than half of the networks that did not see the example vote for its label.
                      Reason: most networks name the label without having been told it.
    2. suspect label  surely more than half vote for one other class, and the probability that the label is wrong, by
                      the model of label noise (statistics/label_noise.py), is at least one half.
                      Reason: networks are often united and wrong, on clean data too. The model knows how often labels
                      disagree in these data, so that of clean data few are suspect.
    3. memorized      surely more than half vote for one other class, and surely more than half of the networks that
                      saw the example predict its label.
                      Reason: it is right only by networks that saw it.
    4. hard           surely more than half vote for one other class, and surely less than half of the networks that
                      saw the example predict its label.
                      Reason: it is wrong either way.
    5. ambiguous      surely no class has three quarters of the votes.
                      Reason: networks divide over two or more classes.
    6. undecided      none of these: there are too few networks to tell.
"""

import functools
import math

import numpy as np
from jaxtyping import Bool, Float, Int

from byheart.statistics.rate_interval import rate_interval

VERDICTS = ("fine", "suspect label", "ambiguous", "memorized", "hard", "undecided")
MAJORITY = 0.5
UNITED = 0.75
"""Share of votes below which networks divide."""
MORE_LIKELY_WRONG = 0.5
MOST_VOTES = 100_000
"""Largest number of votes that is tried."""
GROWTH = 1.1
"""Factor between numbers of votes that are tried."""


def verdicts(
    votes: Int[np.ndarray, "example class"],
    n_right_seen: Int[np.ndarray, " example"],
    n_seen: Int[np.ndarray, " example"],
    wrong: Float[np.ndarray, " example"],
    labels: Int[np.ndarray, " example"],
) -> np.ndarray:
    """Return (example,): the verdict on each example, one of `VERDICTS`, by the rules above.

    Args:
        votes: (example, class), number of networks that did not see the example and predict the class.
        n_right_seen: (example,), number of networks that saw the example and predict its label.
        n_seen: (example,), number of networks that saw the example.
        wrong: (example,), probability that the label is wrong, by the model of label noise.
        labels: (example,), from 0.
    """
    n_votes, largest, is_for_label = _of_votes(votes, labels)
    above_half, _ = _surely(largest, n_votes, MAJORITY)
    _, below_united = _surely(largest, n_votes, UNITED)
    is_right, is_wrong = _surely(n_right_seen, n_seen, MAJORITY)
    is_other = above_half & ~is_for_label
    return np.select(
        [
            above_half & is_for_label,
            is_other & (wrong >= MORE_LIKELY_WRONG),
            is_other & is_right,
            is_other & is_wrong,
            below_united,
        ],
        ["fine", "suspect label", "memorized", "hard", "ambiguous"],
        "undecided",
    )


def networks_to_decide(
    votes: Int[np.ndarray, "example class"], labels: Int[np.ndarray, " example"], verdict: np.ndarray, n_networks: int
) -> Int[np.ndarray, " example"]:
    """Return (example,): number of networks that would decide an undecided example, if the shares of votes stay.

    With their votes, of networks that did not see the example, more than half or less than three quarters are sure. 0:
    another verdict. -1: more than `MOST_VOTES` are needed, or the networks that saw the example divide.

    Args:
        votes: (example, class), number of networks that did not see the example and predict the class.
        labels: (example,), from 0.
        verdict: (example,), as `verdicts` returns them.
        n_networks: number of networks so far.
    """
    n_votes, largest, _ = _of_votes(votes, labels)
    found = np.zeros(len(labels), np.int64)
    for place in np.flatnonzero(verdict == "undecided"):
        needed, n = _votes_needed(int(largest[place]), int(n_votes[place])), int(n_votes[place])
        found[place] = needed if needed < 0 else round(needed * n_networks / n)
    return found


@functools.cache
def _votes_needed(n_for: int, n_votes: int) -> int:
    """Return the smallest tried number of votes with which a share surely lies above 1/2 or below 3/4; -1: too many."""
    n = n_votes
    while n <= MOST_VOTES:
        at_least, at_most = n_for * n // n_votes, -(-n_for * n // n_votes)
        above, _ = _surely(np.array([at_least]), np.array([n]), MAJORITY)
        _, below = _surely(np.array([at_most]), np.array([n]), UNITED)
        if above[0] or below[0]:
            return n if n > n_votes else -1
        n = math.ceil(n * GROWTH)
    return -1


def _of_votes(
    votes: Int[np.ndarray, "example class"], labels: Int[np.ndarray, " example"]
) -> tuple[Int[np.ndarray, " example"], Int[np.ndarray, " example"], Bool[np.ndarray, " example"]]:
    """Return the numbers of votes, the votes of the class with most of them, and whether that is the label."""
    rows = np.arange(len(labels))
    largest = votes.max(axis=1)
    return votes.sum(axis=1), largest, votes[rows, labels] == largest


def _surely(
    counts: Int[np.ndarray, " example"], totals: Int[np.ndarray, " example"], threshold: float
) -> tuple[Bool[np.ndarray, " example"], Bool[np.ndarray, " example"]]:
    """Return whether shares surely lie above and below a threshold."""
    above, below = np.zeros(len(counts), bool), np.zeros(len(counts), bool)
    for total in np.unique(totals):
        is_one = totals == total
        low, high = rate_interval(counts[is_one], int(total))
        above[is_one], below[is_one] = low > threshold, high < threshold
    return above, below
