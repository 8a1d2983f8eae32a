"""Scores of examples from how their predictions change while networks train.

All functions take arrays with the epochs and the examples as their last axes: (..., epoch, example) or
(..., epoch, example, class). Axes before them, such as networks, stay; scores of several networks are usually averaged.
The sources recorded the epochs of one run: Toneva et al. (2019), Pleiss et al. (2020), Swayamdipta et al. (2020),
Ravikumar et al. (2025), Seedat et al. (2022), Paul et al. (2021).
"""

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float, Int

from byheart import array_checks, checks


def margins(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return z_y - max(z_j, j != y), the logit of the label minus the largest other logit.

    Args:
        logits: (..., example, class), at least two classes.
        labels: (example,), from 0.

    Returns:
        (..., example). Negative where another class is predicted.

    Raises:
        BadInput: arrays of another kind, or shapes or labels that do not fit.

    >>> margins([[2.0, 5.0, 1.0]], [0]).tolist()
    [-3.0]
    """
    values, classes = _of_labels(logits, labels)
    is_label = np.arange(values.shape[-1]) == classes[:, None]
    of_label = np.take_along_axis(values, _broadcast(classes, values), axis=-1)[..., 0]
    return np.asarray(of_label - np.where(is_label, -np.inf, values).max(axis=-1))


def area_under_margin(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the mean over epochs of the margin (Pleiss et al., 2020). Low values are suspect.

    Args:
        logits: (..., epoch, example, class).
        labels: (example,), from 0.

    Returns:
        (..., example).

    Raises:
        BadInput: as `margins`; or no epoch.
    """
    return _mean_over_epochs(margins(array_checks.array("logits", logits, "... epoch example class"), labels))


def cross_entropies(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return -log softmax(z)_y, the cross-entropy of the label, in nats.

    Args:
        logits: (..., example, class).
        labels: (example,), from 0.

    Returns:
        (..., example).

    Raises:
        BadInput: as `margins`.

    >>> cross_entropies([[0.0, 0.0]], [1]).round(4).tolist()
    [0.6931]
    """
    values, classes = _of_labels(logits, labels)
    log_probabilities = scipy.special.log_softmax(values, axis=-1)
    return np.asarray(-np.take_along_axis(log_probabilities, _broadcast(classes, values), axis=-1)[..., 0])


def mean_loss(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the mean over epochs of the cross-entropy, in nats (Ravikumar et al., 2025). High values are suspect.

    Args:
        logits: (..., epoch, example, class).
        labels: (example,), from 0.

    Returns:
        (..., example).

    Raises:
        BadInput: as `margins`; or no epoch.
    """
    return _mean_over_epochs(cross_entropies(array_checks.array("logits", logits, "... epoch example class"), labels))


def confidence(probabilities: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the mean over epochs of the label's probability (Swayamdipta et al., 2020). Low values are suspect.

    Args:
        probabilities: (..., epoch, example), of each example's label.

    Returns:
        (..., example).

    Raises:
        BadInput: no epoch, or numbers outside 0 to 1.
    """
    return _mean_over_epochs(_probabilities(probabilities))


def variability(probabilities: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the standard deviation over epochs of the label's probability (Swayamdipta et al., 2020).

    The divisor is the number of epochs, as in the source. High values mark ambiguous examples.

    Args:
        probabilities: (..., epoch, example), of each example's label.

    Returns:
        (..., example).

    Raises:
        BadInput: no epoch, or numbers outside 0 to 1.

    >>> variability([[0.0], [1.0]]).tolist()
    [0.5]
    """
    values = _probabilities(probabilities)
    _check_epochs(values)
    return np.asarray(values.std(axis=-2))


def aleatoric_uncertainty(probabilities: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the mean over epochs of p (1 - p), for the label's probability p (Data-IQ: Seedat et al., 2022).

    At most 1/4. High values mark ambiguous examples. A wrong label that is never fitted has a low value, and so has an
    easy example: read it beside `confidence`, as Data-IQ does. `variability` is its counterpart: the variance over
    epochs and this mean add up to c (1 - c), with the mean probability c.

    Args:
        probabilities: (..., epoch, example), of each example's label.

    Returns:
        (..., example).

    Raises:
        BadInput: no epoch, or numbers outside 0 to 1.

    >>> aleatoric_uncertainty([[0.5, 1.0], [0.5, 0.0]]).tolist()
    [0.25, 0.0]
    """
    values = _probabilities(probabilities)
    return _mean_over_epochs(values * (1 - values))


def error_norms(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return |softmax(z) - onehot(y)|, the Euclidean norm of the error: the EL2N score (Paul et al., 2021).

    From 0 to the square root of 2. High values early in training are suspect: they mark wrong labels and hard examples.
    The source averages over networks at one early epoch, such as the 10th or 20th of 200.

    Args:
        logits: (..., example, class).
        labels: (example,), from 0.

    Returns:
        (..., example).

    Raises:
        BadInput: as `margins`.

    >>> error_norms([[0.0, 0.0]], [1]).round(4).tolist()
    [0.7071]
    """
    values, classes = _of_labels(logits, labels)
    errors = scipy.special.softmax(values, axis=-1) - (np.arange(values.shape[-1]) == classes[:, None])
    return np.asarray(np.linalg.norm(errors, axis=-1))


def correctness(is_right: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the share of epochs in which the label is predicted (Swayamdipta et al., 2020). Low values are suspect.

    Args:
        is_right: (..., epoch, example), whether the label is predicted.

    Returns:
        (..., example).

    Raises:
        BadInput: an array of another kind, or no epoch.

    >>> correctness([[1, 0], [1, 0], [1, 1], [1, 1]]).tolist()
    [1.0, 0.5]
    """
    right = array_checks.array("is_right", is_right, "... epoch example", "truth values")
    return _mean_over_epochs(right)


def epochs_to_learn(is_right: npt.ArrayLike, epochs: npt.ArrayLike) -> Float[np.ndarray, "*outer example"]:
    """Return the first measured epoch from which on an example is always right; infinity where it ends wrong.

    High values are suspect.

    Args:
        is_right: (..., epoch, example), whether the label is predicted.
        epochs: (epoch,), strictly increasing.

    Returns:
        (..., example).

    Raises:
        BadInput: arrays of another kind, no epoch, or epochs that do not increase or fit.

    >>> epochs_to_learn([[0, 1], [1, 0], [1, 0]], epochs=[1, 2, 4]).tolist()
    [2.0, inf]
    """
    right = array_checks.array("is_right", is_right, "... epoch example", "truth values")
    times = array_checks.array("epochs", epochs, "epoch")
    _check_epochs(right)
    if len(times) != right.shape[-2] or (np.diff(times) <= 0).any():
        raise checks.BadInput(
            f"`epochs` must be strictly increasing, one for each of {right.shape[-2]} epochs of `is_right`; "
            f"got {checks.shown(times.tolist())}."
        )
    stays_right = np.logical_and.accumulate(right[..., ::-1, :], axis=-2)
    n_right = stays_right.sum(axis=-2)
    ended = np.append(times.astype(float), np.inf)
    return np.asarray(ended[len(times) - n_right])


def forgetting_events(is_right: npt.ArrayLike) -> Int[np.ndarray, "*outer example"]:
    """Count how often an example changes from right to wrong (Toneva et al., 2019). High values are suspect.

    The source looks at each example when its minibatch comes; here it is looked at after measured epochs. An example
    that is never right has no event: `epochs_to_learn` is infinite for it.

    Args:
        is_right: (..., epoch, example), whether the label is predicted.

    Returns:
        (..., example).

    Raises:
        BadInput: an array of another kind, or no epoch.

    >>> forgetting_events([[1, 0], [0, 0], [1, 1], [0, 1]]).tolist()
    [2, 0]
    """
    right = array_checks.array("is_right", is_right, "... epoch example", "truth values")
    _check_epochs(right)
    return np.asarray((right[..., :-1, :] & ~right[..., 1:, :]).sum(axis=-2))


def _of_labels(
    logits: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[Float[np.ndarray, "*outer example class"], Int[np.ndarray, " example"]]:
    """Check logits and labels against each other."""
    values = array_checks.array("logits", logits, "... example class")
    classes = array_checks.array("labels", labels, "example", "whole numbers")
    n_examples, n_classes = values.shape[-2:]
    if n_classes < 2:
        raise checks.BadInput(f"`logits` must be of at least two classes; got {n_classes}.")
    if len(classes) != n_examples:
        raise checks.BadInput(f"`labels` must be one for each of {n_examples} examples; got {len(classes)}.")
    if classes.size and (classes.min() < 0 or classes.max() >= n_classes):
        raise checks.BadInput(f"`labels` must lie in 0 to {n_classes - 1}; got {classes.min()} to {classes.max()}.")
    return values, classes


def _broadcast(classes: Int[np.ndarray, " example"], like: Float[np.ndarray, "..."]) -> Int[np.ndarray, "..."]:
    return np.broadcast_to(classes[:, None], (*like.shape[:-1], 1))


def _probabilities(values: npt.ArrayLike) -> Float[np.ndarray, "*outer epoch example"]:
    found = array_checks.array("probabilities", values, "... epoch example")
    if found.size and (found.min() < 0 or found.max() > 1):
        raise checks.BadInput(f"`probabilities` must lie in 0 to 1; got {found.min():g} to {found.max():g}.")
    return found


def _mean_over_epochs(
    values: Float[np.ndarray, "*outer epoch example"] | Bool[np.ndarray, "*outer epoch example"],
) -> Float[np.ndarray, "*outer example"]:
    _check_epochs(values)
    return np.asarray(values.mean(axis=-2, dtype=np.float64))


def _check_epochs(values: Float[np.ndarray, "..."] | Bool[np.ndarray, "..."]) -> None:
    if values.shape[-2] == 0:
        raise checks.BadInput("There must be at least one measured epoch; got none.")
