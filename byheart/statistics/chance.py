"""Comparison of a network with guessing on its own training data; guessing always names the most frequent class."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float

from byheart import array_checks, checks
from byheart.statistics.rate_interval import rate_interval

MARGIN = 0.05
"""Distance above guessing from which on a network is better beyond doubt, as a share of the way to no error at all."""
MANY = 0.1
"""Smallest share of networks hardly better than guessing at which a caution is given."""


def guessing_accuracy(class_counts: npt.ArrayLike) -> float:
    """Return the accuracy of always naming the most frequent class.

    Args:
        class_counts: (class,), number of examples of each class.

    Raises:
        BadInput: not an array of counts, or no count above 0.

    >>> guessing_accuracy([60, 30, 10])
    0.6
    """
    counts = _counts(class_counts)
    return float(counts.max() / counts.sum())


def guessing_loss(class_counts: npt.ArrayLike) -> float:
    """Return the mean cross-entropy, in nats, of predicting the shares of the classes for every example: their entropy.

    >>> round(guessing_loss([50, 50]), 3)
    0.693
    """
    counts = _counts(class_counts)
    return float(scipy.stats.entropy(counts))


def is_near_chance(accuracy: npt.ArrayLike, n_examples: int, guessing: float) -> Bool[np.ndarray, "*network"]:
    """Return whether networks are hardly better than guessing.

    A network is if the exact 95 % interval of its accuracy over the examples (Clopper and Pearson, 1934) does not lie
    above `guessing` + 0.05 (1 - `guessing`).

    Args:
        accuracy: (...,), accuracy of each network on its training data; NaN, not known, is not near chance.
        n_examples: number of examples that the accuracies are counted on.
        guessing: the accuracy of guessing.

    Raises:
        BadInput: numbers that are not accuracies.

    >>> is_near_chance([0.12, 0.5], n_examples=600, guessing=0.1).tolist()
    [True, False]
    """
    values = array_checks.array("accuracy", accuracy, may_be_nan=True)
    checks.fraction("guessing", guessing)
    is_known = ~np.isnan(values)
    low, _ = rate_interval(np.rint(np.where(is_known, values, 1) * n_examples).astype(int), n_examples)
    return np.asarray(is_known & (low <= guessing + MARGIN * (1 - guessing)))


def is_near_chance_loss(loss: npt.ArrayLike, guessing: float) -> Bool[np.ndarray, "*network"]:
    """Return whether losses are hardly better than guessing: not below 95 % of the loss of guessing.

    >>> is_near_chance_loss([2.29, 0.7], guessing=2.303).tolist()
    [True, False]
    """
    values: Float[np.ndarray, "*network"] = array_checks.array("loss", loss, may_be_nan=True)
    return np.asarray(values >= (1 - MARGIN) * checks.not_negative("guessing", guessing))


def chance_in_words(guessing: float, found: Sequence[str]) -> str:
    """Return a sentence about the networks at chance that `found` describes; empty if there are none."""
    if not found:
        return ""
    return (
        f"Hardly better than guessing on the real data they were trained on: {'; '.join(found)}; "
        f"always naming the most frequent class gives {guessing:.2f}. "
        "Their results say little about learning: train longer, or choose another learning rate."
    )


def _counts(class_counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    counts = array_checks.array("class_counts", class_counts, "class", "whole numbers")
    if counts.size == 0 or counts.min() < 0 or counts.sum() == 0:
        raise checks.BadInput(f"`class_counts` must be non-empty, not negative and not all 0; got {counts.tolist()}.")
    return counts
