"""Memorization: how much more often an example is right for networks that were trained on it.

    memorization(i) = P(right on i | i in the training set) - P(right on i | i left out)
    influence(i, j) = P(right on j | i in the training set) - P(right on j | i left out)

(Feldman and Zhang, 2020, equations 1 and 2, estimated by networks that see random parts of the data.) In place of
being right, the probability of the label may be averaged: it varies less and needs fewer networks.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from byheart import array_checks, checks


@dataclasses.dataclass(frozen=True)
class Memorization:
    """Scores of examples, with standard errors over networks.

    Attributes:
        estimate: (example,), seen minus held_out; NaN where no network saw an example, or every one did.
        standard_error: (example,), of the estimate.
        seen: (example,), mean over the networks that were trained on the example.
        held_out: (example,), mean over the networks that were not.
    """

    estimate: Float[np.ndarray, " example"]
    standard_error: Float[np.ndarray, " example"]
    seen: Float[np.ndarray, " example"]
    held_out: Float[np.ndarray, " example"]


def memorization(is_right: npt.ArrayLike, is_included: npt.ArrayLike) -> Memorization:
    """Memorization scores of examples. High values mark examples that are right only by memorizing them.

    Where all values are 0 or 1, the variance of each of the two means is estimated with one success and one failure
    added (Agresti and Caffo, 2000), so that a score of networks that all agree is not said to be certain. With M
    networks, half of which see each example, a standard error is then at most 1 / sqrt(M). Other values have their
    sample variance.

    Args:
        is_right: (network, example), whether the label is predicted; or numbers in 0 to 1, such as its probability.
        is_included: (network, example), whether the network was trained on the example.

    Raises:
        BadInput: arrays of another kind, shapes that differ, or numbers outside 0 to 1.

    Cost: two passes over the arrays.

    >>> found = memorization([[1, 1], [1, 1], [0, 1], [0, 1]], [[1, 0], [1, 0], [0, 1], [0, 1]])
    >>> found.estimate.tolist()
    [1.0, 0.0]
    """
    right, included = _scores_and_inclusion(is_right, is_included)
    is_binary = bool(np.isin(right, (0, 1)).all())
    return _difference(_mean_and_variance(right, included, is_binary), _mean_and_variance(right, ~included, is_binary))


def memorization_from_counts(
    n_right_seen: Int[np.ndarray, " example"],
    n_seen: Int[np.ndarray, " example"],
    n_right_held_out: Int[np.ndarray, " example"],
    n_held_out: Int[np.ndarray, " example"],
) -> Memorization:
    """Return `memorization` of 0 and 1, from counts of networks that are right.

    Args:
        n_right_seen: (example,), networks that were trained on the example and are right.
        n_seen: (example,), networks that were trained on it.
        n_right_held_out: (example,), networks that were not trained on it and are right.
        n_held_out: (example,), networks that were not trained on it.
    """
    return _difference(_share_and_variance(n_right_seen, n_seen), _share_and_variance(n_right_held_out, n_held_out))


def influence(
    is_right: npt.ArrayLike, is_included: npt.ArrayLike, of: npt.ArrayLike | None = None
) -> Float[np.ndarray, "influencing influenced"]:
    """Influence of training examples on whether others are right.

    Args:
        is_right: (network, influenced), whether a label is predicted, of training or of validation examples; or numbers
            in 0 to 1.
        is_included: (network, example), whether the network was trained on the training example.
        of: (influencing,), places of the training examples whose influence is asked for; None takes all.

    Returns:
        (influencing, influenced); NaN where no network saw an example, or every one did.

    Raises:
        BadInput: arrays of another kind, other numbers of networks, or places that do not exist.

    Cost: two matrix products, networks x influencing x influenced; the result may be large.
    """
    right = _zero_to_one(is_right, "network influenced")
    included = array_checks.array("is_included", is_included, "network example", "truth values")
    if len(right) != len(included):
        raise checks.BadInput(
            f"`is_right` and `is_included` must be of the same networks; got {len(right)} and {len(included)}."
        )
    n_examples = included.shape[1]
    if of is not None:
        places = array_checks.array("of", of, "influencing", "whole numbers")
        if places.size and (places.min() < 0 or places.max() >= n_examples):
            raise checks.BadInput(f"`of` must lie in 0 to {n_examples - 1}; got {places.min()} to {places.max()}.")
        included = included[:, places]
    inside = included.astype(float).T
    outside = 1 - inside
    with np.errstate(invalid="ignore"):
        seen = inside @ right / inside.sum(axis=1, keepdims=True)
        held_out = outside @ right / outside.sum(axis=1, keepdims=True)
    return np.asarray(seen - held_out)


def _scores_and_inclusion(
    is_right: npt.ArrayLike, is_included: npt.ArrayLike
) -> tuple[Float[np.ndarray, "network example"], Bool[np.ndarray, "network example"]]:
    right = _zero_to_one(is_right, "network example")
    included = array_checks.array("is_included", is_included, "network example", "truth values")
    if right.shape != included.shape:
        raise checks.BadInput(
            f"`is_right` and `is_included` must have the same shape; got {right.shape} and {included.shape}."
        )
    return right, included


def _zero_to_one(values: npt.ArrayLike, axes: str) -> Float[np.ndarray, "network _"]:
    found = array_checks.array("is_right", values, axes, "numbers of any kind").astype(float)
    if found.size and not ((found >= 0) & (found <= 1)).all():
        raise checks.BadInput("`is_right` must be truth values, or numbers in 0 to 1; got others, or NaN.")
    return found


def _mean_and_variance(
    right: Float[np.ndarray, "network example"], chosen: Bool[np.ndarray, "network example"], is_binary: bool
) -> tuple[Float[np.ndarray, " example"], Float[np.ndarray, " example"]]:
    """Mean over the chosen networks, and the variance of that mean; NaN where too few are chosen."""
    n = chosen.sum(axis=0)
    total = np.where(chosen, right, 0).sum(axis=0)
    if is_binary:
        return _share_and_variance(total, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        deviations = np.where(chosen, right - mean, 0)
        return mean, np.where(n > 1, np.square(deviations).sum(axis=0) / (n - 1) / n, np.nan)


def _difference(
    seen: tuple[Float[np.ndarray, " example"], Float[np.ndarray, " example"]],
    held_out: tuple[Float[np.ndarray, " example"], Float[np.ndarray, " example"]],
) -> Memorization:
    """Scores from two means, each with its variance."""
    return Memorization(seen[0] - held_out[0], np.sqrt(seen[1] + held_out[1]), seen[0], held_out[0])


def _share_and_variance(
    total: Float[np.ndarray, " example"] | Int[np.ndarray, " example"], n: Int[np.ndarray, " example"]
) -> tuple[Float[np.ndarray, " example"], Float[np.ndarray, " example"]]:
    """Share of `total` among `n`, and the variance of that share with one success and one failure added."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 0, (total + 1) / (n + 2), np.nan)
        return np.asarray(total / n), np.asarray(share * (1 - share) / n)
