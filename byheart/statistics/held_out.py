"""Held-out probabilities: what networks that never saw an example say of its class.

For each example, the mean over those networks of the probability of each class. Tools that look for wrong labels take
them as `pred_probs` (Northcutt et al., 2021); the mean of 0 and 1 in their place is Data-OOB (Kwon and Zou, 2023).
They do not depend on the example's own label, since the networks never saw it.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from byheart import array_checks, checks


@dataclasses.dataclass(frozen=True)
class HeldOutProbabilities:
    """Mean and standard error over the networks that did not see an example.

    Attributes:
        mean: (example, class); NaN where every network saw the example.
        standard_error: (example, class), of the mean; NaN where fewer than two networks did not see it.
        n_networks: (example,), networks that did not see it.
    """

    mean: Float[np.ndarray, "example class"]
    standard_error: Float[np.ndarray, "example class"]
    n_networks: Int[np.ndarray, " example"]


class HeldOutAccumulator:
    """Collects held-out probabilities network by network, in memory that does not grow with their number.

    Means and squared deviations are updated by Welford's method, so that the order of networks alone fixes every bit.

    Args:
        n_examples: number of examples.
        n_classes: number of classes.

    >>> collected = HeldOutAccumulator(n_examples=1, n_classes=2)
    >>> for probability in (0.2, 0.4, 0.9):
    ...     collected.add([[probability, 1 - probability]], is_included=[probability == 0.9])
    >>> collected.result().mean.round(3).tolist()
    [[0.3, 0.7]]
    """

    def __init__(self, n_examples: int, n_classes: int) -> None:
        checks.count("n_examples", n_examples)
        checks.count("n_classes", n_classes)
        self._n = np.zeros(n_examples, np.int64)
        self._mean, self._squares = (np.zeros((n_examples, n_classes)) for _ in range(2))

    def add(self, probabilities: npt.ArrayLike, is_included: npt.ArrayLike) -> None:
        """Add one network.

        Args:
            probabilities: (example, class), of all examples.
            is_included: (example,), whether the network was trained on the example.

        Raises:
            BadInput: shapes that do not fit, or numbers that are not in 0 to 1.
        """
        values = array_checks.array("probabilities", probabilities, "example class")
        included: Bool[np.ndarray, " example"] = array_checks.array(
            "is_included", is_included, "example", "truth values"
        )
        if values.shape != self._mean.shape or included.shape != self._n.shape:
            raise checks.BadInput(
                f"`probabilities` and `is_included` must be of {self._mean.shape[0]} examples and "
                f"{self._mean.shape[1]} classes; got the shapes {values.shape} and {included.shape}."
            )
        if not ((values >= 0) & (values <= 1)).all():
            raise checks.BadInput("`probabilities` must lie in 0 to 1; pass a softmax of logits.")
        out = ~included
        self._n[out] += 1
        deviation = values[out] - self._mean[out]
        self._mean[out] += deviation / self._n[out, None]
        self._squares[out] += deviation * (values[out] - self._mean[out])

    def result(self) -> HeldOutProbabilities:
        """Return mean and standard error of the networks added so far."""
        n = self._n[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(n > 0, self._mean, np.nan)
            error = np.where(n > 1, np.sqrt(self._squares / (n - 1) / n), np.nan)
        return HeldOutProbabilities(mean, error, self._n.copy())


def held_out_probabilities(probabilities: npt.ArrayLike, is_included: npt.ArrayLike) -> HeldOutProbabilities:
    """Average the probabilities of each class over the networks that did not see an example.

    Args:
        probabilities: (network, example, class).
        is_included: (network, example), whether the network was trained on the example.

    Raises:
        BadInput: no network, shapes that do not fit, or numbers that are not in 0 to 1.
    """
    values = array_checks.array("probabilities", probabilities, "network example class")
    included = array_checks.array("is_included", is_included, "network example", "truth values")
    if len(values) == 0 or len(values) != len(included):
        raise checks.BadInput(
            f"`probabilities` and `is_included` must be of as many networks, at least one; "
            f"got {len(values)} and {len(included)}."
        )
    collected = HeldOutAccumulator(*values.shape[1:])
    for of_network, seen in zip(values, included, strict=True):
        collected.add(of_network, seen)
    return collected.result()
