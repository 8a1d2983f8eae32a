"""Is a network better than guessing, on what it was trained on? Guessing is to always name the most frequent class."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.stats
from jaxtyping import Bool, Float

from byheart import array_checks, checks
from byheart.statistics.rate_interval import rate_interval

MARGIN = 0.05
"""Better than guessing is beyond doubt so far above it, as a share of the way from there to no error at all."""
MANY = 0.1
"""A caution is given where at least such a share of networks is hardly better than guessing."""


def guessing_accuracy(class_counts: npt.ArrayLike) -> float:
    """The accuracy of always naming the most frequent class.

    Args:
        class_counts: (class,), examples of each.

    Raises:
        BadInput: no counts, or none above 0.

    >>> guessing_accuracy([60, 30, 10])
    0.6
    """
    counts = _counts(class_counts)
    return float(counts.max() / counts.sum())


def guessing_loss(class_counts: npt.ArrayLike) -> float:
    """The mean cross-entropy, in nats, of predicting the shares of the classes for every example: their entropy.

    >>> round(guessing_loss([50, 50]), 3)
    0.693
    """
    counts = _counts(class_counts)
    return float(scipy.stats.entropy(counts))


def is_near_chance(accuracy: npt.ArrayLike, n_examples: int, guessing: float) -> Bool[np.ndarray, "*network"]:
    """Whether networks are hardly better than guessing.

    So it is where the exact 95 % interval of an accuracy over the examples (Clopper and Pearson, 1934) does not lie
    above `guessing` + 0.05 (1 - `guessing`).

    Args:
        accuracy: (...,), on what each network was trained on; NaN, not known, is not near chance.
        n_examples: on which it was counted.
        guessing: the accuracy of guessing.

    Raises:
        BadInput: numbers that are no accuracies.

    >>> is_near_chance([0.12, 0.5], n_examples=600, guessing=0.1).tolist()
    [True, False]
    """
    values = array_checks.array("accuracy", accuracy, may_be_nan=True)
    checks.fraction("guessing", guessing)
    is_known = ~np.isnan(values)
    low, _ = rate_interval(np.rint(np.where(is_known, values, 1) * n_examples).astype(int), n_examples)
    return np.asarray(is_known & (low <= guessing + MARGIN * (1 - guessing)))


def is_near_chance_loss(loss: npt.ArrayLike, guessing: float) -> Bool[np.ndarray, "*network"]:
    """The same where only losses are known: whether one is not below 95 % of that of guessing.

    >>> is_near_chance_loss([2.29, 0.7], guessing=2.303).tolist()
    [True, False]
    """
    values: Float[np.ndarray, "*network"] = array_checks.array("loss", loss, may_be_nan=True)
    return np.asarray(values >= (1 - MARGIN) * checks.not_negative("guessing", guessing))


def chance_in_words(guessing: float, found: Sequence[str]) -> str:
    """The sentence about networks at chance; empty where none is `found`."""
    if not found:
        return ""
    return (
        f"Hardly better than guessing on the real data they were trained on: {'; '.join(found)}; "
        f"always naming the most frequent class gives {guessing:.2f}. "
        "What is shown of them says little of learning: train longer, or choose another learning rate."
    )


def _counts(class_counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    counts = array_checks.array("class_counts", class_counts, "class", "whole numbers")
    if counts.size == 0 or counts.min() < 0 or counts.sum() == 0:
        raise checks.BadInput(
            f"`class_counts` must be at least one, none below 0 and not all 0; got {counts.tolist()}."
        )
    return counts
