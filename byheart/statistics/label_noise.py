"""Wrong labels and their number, by a model of label noise that is fitted to held-out probabilities.

Networks that never saw an example give its class the probabilities p_k. Let q_k be p_k ** a, normalized over classes:
the exponent a makes up for networks that are too sure (a < 1), or that learned from wrong labels to be unsure (a > 1).
With the transition matrix T of the label noise, the chance of the label y is

    P(y) = sum_k q_k T[k, y]          and          P(wrong | y) = 1 - q_y T[y, y] / P(y).

a and T maximize the likelihood of the labels as they are. For a fixed a that is expectation maximization, as for
annotators in Dawid and Skene (1979), with q in place of the classes' shares. The model assumes that, given the class,
whether a label is wrong does not depend on the example; where it does, as for errors in one region of inputs, the
ranking still holds, but T, and the number of wrong labels, may not.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float, Int

from byheart import array_checks, checks
from byheart.statistics.intervals import Interval
from byheart.statistics.rate_interval import rate_interval

SMALLEST = 1e-6
"""Probabilities are raised to this, since networks' zeros are not certain."""
PRIOR_SHARE = 0.05
"""Share of wrong labels from which the fit starts."""
PRIOR_LABELS = 1.0
"""Wrong labels of each class, spread evenly over the others, that are added to those counted: a pair of classes that
was never confused is not impossible."""
STEPS = 200
"""At most so many steps of expectation maximization for one exponent."""
TOLERANCE = 1e-7
"""The steps end where the mean log-likelihood of a label rises by less, in nats."""
EXPONENTS = (0.25, 8.0)
CLEAR = 0.5
"""The share of each predicted class that counts as clear."""


@dataclasses.dataclass(frozen=True)
class LabelNoise:
    """A fitted model of label noise.

    Attributes:
        wrong: (example,), probability that the label is wrong.
        class_probabilities: (example, class), of the true class, given the label.
        transition: (class, label), T: probability of each label, given the true class.
        exponent: a.
        log_likelihood: of the labels, in nats.
    """

    wrong: Float[np.ndarray, " example"]
    class_probabilities: Float[np.ndarray, "example class"]
    transition: Float[np.ndarray, "class label"]
    exponent: float
    log_likelihood: float

    def wrong_under_every_label(
        self, probabilities: Float[np.ndarray, "example class"]
    ) -> Float[np.ndarray, "example label"]:
        """Return the probability that each label would be wrong, if an example had it.

        Args:
            probabilities: (example, class), held-out, of the fit or of other examples.
        """
        q = _sharpened(np.log(np.maximum(probabilities, SMALLEST)), self.exponent)
        return np.asarray(1 - q * np.diag(self.transition) / (q @ self.transition))


def fit_label_noise(probabilities: npt.ArrayLike, labels: npt.ArrayLike) -> LabelNoise:
    """Fit the model of label noise above.

    Args:
        probabilities: (example, class), held-out: by networks that did not see the example.
        labels: (example,), from 0.

    Raises:
        BadInput: arrays of another kind, shapes or labels that do not fit, rows that are no probabilities.

    Cost: some hundred passes over `probabilities`.
    """
    p, y = _checked(probabilities, labels)
    n_classes = p.shape[1]
    logs = np.log(np.maximum(p, SMALLEST))
    fitted: dict[float, tuple[float, Float[np.ndarray, "class label"]]] = {}

    def loss(log_exponent: float) -> float:
        start = min(fitted, key=lambda other: abs(other - log_exponent), default=None)
        transition = _start(n_classes) if start is None else fitted[start][1]
        fitted[log_exponent] = _fit_transition(_sharpened(logs, np.exp(log_exponent)), y, transition)
        return -fitted[log_exponent][0]

    scipy.optimize.minimize_scalar(loss, bounds=np.log(EXPONENTS), method="bounded", options={"xatol": 0.05})
    best = max(fitted, key=lambda one: fitted[one][0])
    log_likelihood, transition = fitted[best]
    q = _sharpened(logs, np.exp(best))
    joint = q * transition[:, y].T
    posterior = joint / joint.sum(axis=1, keepdims=True)
    others = np.where(np.arange(n_classes) == y[:, None], 0, posterior)
    return LabelNoise(others.sum(axis=1), posterior, transition, float(np.exp(best)), float(log_likelihood))


def wrong_label_share(probabilities: npt.ArrayLike, labels: npt.ArrayLike) -> Interval:
    """Estimate the share of wrong labels from the examples whose class is clear.

    In each predicted class, the `CLEAR` share with the largest probabilities counts as clear. Held-out probabilities do
    not depend on an example's own label, so the share of clear examples whose label is another one estimates that of
    all, as long as clear examples are predicted right and get wrong labels as often as others do. Labels that are wrong
    because the example is unclear, or only in one region of inputs, are not covered.

    Args:
        probabilities: (example, class), held-out: by networks that did not see the example.
        labels: (example,), from 0.

    Returns:
        The estimate with its exact 95 % interval (Clopper and Pearson, 1934), over clear examples.

    Raises:
        BadInput: as `fit_label_noise`.
    """
    p, y = _checked(probabilities, labels)
    predicted, largest = p.argmax(axis=1), p.max(axis=1)
    is_clear = np.zeros(len(y), bool)
    for label in np.unique(predicted):
        members = np.flatnonzero(predicted == label)
        n_clear = max(1, round(CLEAR * len(members)))
        is_clear[members[np.argsort(-largest[members], kind="stable")[:n_clear]]] = True
    n_other, n_clear = int((predicted != y)[is_clear].sum()), int(is_clear.sum())
    low, high = rate_interval(n_other, n_clear)
    return Interval(n_other / n_clear, float(low), float(high), n_clear)


def _checked(
    probabilities: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[Float[np.ndarray, "example class"], Int[np.ndarray, " example"]]:
    p = array_checks.array("probabilities", probabilities, "example class").astype(float)
    y = array_checks.array("labels", labels, "example", "whole numbers")
    if p.shape[0] == 0 or p.shape[1] < 2:
        raise checks.BadInput(f"`probabilities` must be of examples of at least two classes; got the shape {p.shape}.")
    if len(y) != len(p):
        raise checks.BadInput(f"`labels` must be one for each of {len(p)} examples; got {len(y)}.")
    if y.min() < 0 or y.max() >= p.shape[1]:
        raise checks.BadInput(f"`labels` must lie in 0 to {p.shape[1] - 1}; got {y.min()} to {y.max()}.")
    if p.min() < 0 or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise checks.BadInput("Rows of `probabilities` must be at least 0 and sum to 1; pass a softmax of logits.")
    return p, y


def _sharpened(logs: Float[np.ndarray, "example class"], exponent: float) -> Float[np.ndarray, "example class"]:
    """Return q of log p."""
    powers = np.exp(exponent * (logs - logs.max(axis=1, keepdims=True)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _start(n_classes: int) -> Float[np.ndarray, "class label"]:
    transition = np.full((n_classes, n_classes), PRIOR_SHARE / (n_classes - 1))
    np.fill_diagonal(transition, 1 - PRIOR_SHARE)
    return transition


def _fit_transition(
    q: Float[np.ndarray, "example class"], y: Int[np.ndarray, " example"], transition: Float[np.ndarray, "class label"]
) -> tuple[float, Float[np.ndarray, "class label"]]:
    """Return the log-likelihood of the labels, and the transition matrix that maximizes it."""
    n_classes, before = q.shape[1], -np.inf
    is_label = np.eye(n_classes)[y]
    spread = PRIOR_LABELS * (1 - np.eye(n_classes)) / (n_classes - 1)
    for _ in range(STEPS):
        joint = q * transition[:, y].T
        of_label = joint.sum(axis=1, keepdims=True)
        log_likelihood = float(np.log(of_label).sum())
        if log_likelihood - before < TOLERANCE * len(y):
            break
        before = log_likelihood
        counts = (joint / of_label).T @ is_label + spread
        transition = counts / counts.sum(axis=1, keepdims=True)
    return log_likelihood, transition
