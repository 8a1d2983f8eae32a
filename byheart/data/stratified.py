"""Stratified subsets and splits: every class keeps its share."""

import math
import zlib
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Int

from byheart.checks import BadInput, count, instance
from byheart.data.dataset import Dataset
from byheart.data.split import Split


def apportionment(class_counts: Int[np.ndarray, " class"], total: int) -> Int[np.ndarray, " class"]:
    """Return how many of `total` seats each class gets: its share, rounded by largest remainders, and at least one.

    A class with n of N examples has the quota total * n / N. Each class gets its quota rounded down, and the remaining
    seats go to the classes with the largest remainders, the first among equals. No class gets more seats than examples;
    a class without examples gets none. A class below one seat is raised to one; the classes furthest above their quota
    then lose seats. Exact integer arithmetic.

    Args:
        class_counts: (class,) number of examples of each class.
        total: number of seats, between the number of classes with examples and the number of examples.

    Returns:
        (class,) seats, which sum to `total`.

    Raises:
        BadInput: `total` lies outside that range.

    >>> apportionment(np.array([50, 30, 20]), 10)
    array([5, 3, 2])
    >>> apportionment(np.array([97, 2, 1]), 10)
    array([8, 1, 1])
    """
    counts = np.asarray(class_counts, np.int64)
    n_examples = int(counts.sum())
    if not np.count_nonzero(counts) <= total <= n_examples:
        raise BadInput(
            f"`total` must lie between {np.count_nonzero(counts)}, the number of classes, "
            f"and {n_examples}, the number of examples; got {total}."
        )
    seats = np.maximum(total * counts // n_examples, counts > 0)
    while seats.sum() < total:
        seats[np.argmax(total * counts - n_examples * seats)] += 1
    while seats.sum() > total:
        surplus = n_examples * seats - total * counts
        seats[np.argmax(np.where(seats > 1, surplus, np.iinfo(np.int64).min))] -= 1
    return seats


def stratified_subset(dataset: Dataset, n_examples: int, seed: int) -> Dataset:
    """Return `n_examples` of `dataset`, drawn at random within each class; class shares are kept by `apportionment`.

    Args:
        dataset: the data to draw from.
        n_examples: size of the subset; at least one example per class.
        seed: seed of the draw. The same seed gives the same subset.

    Returns:
        the drawn examples in their original order; `dataset` itself, not a copy, if all are drawn.

    Raises:
        BadInput: `n_examples` exceeds the number of examples or is below the number of classes.

    >>> data = Dataset(np.zeros((6, 1, 1)), np.array([0, 0, 0, 0, 1, 1]))
    >>> stratified_subset(data, 3, seed=0).labels
    array([0, 0, 1], dtype=int32)
    """
    instance("dataset", dataset, Dataset, "a Dataset, such as the training part of a Split")
    count("n_examples", n_examples)
    count("seed", seed, at_least=0)
    present = int(np.count_nonzero(dataset.class_counts))
    if n_examples > len(dataset):
        raise BadInput(
            f"A subset of {dataset.name!r} must have at most its {len(dataset)} examples; got {n_examples}. "
            "Ask for fewer."
        )
    if n_examples < present:
        raise BadInput(
            f"A subset of {dataset.name!r} must have an example of each of its {present} classes; got {n_examples}. "
            "Ask for more."
        )
    if n_examples == len(dataset):
        return dataset
    chosen = _drawn(dataset.labels, apportionment(dataset.class_counts, n_examples), seed, "subset")
    return dataset.take(np.flatnonzero(chosen), may_lack_classes=dataset.may_lack_classes)


def stratified_split(dataset: Dataset, n_validation: int, seed: int) -> Split:
    """Split off exactly `n_validation` examples for validation, drawn at random within each class.

    The training part keeps the class shares by `apportionment`, and at least one example of each class; a rare class
    may be missing from validation.

    Args:
        dataset: the data to split.
        n_validation: number of validation examples.
        seed: seed of the draw. The same seed gives the same split.

    Returns:
        both parts, each in the original order.

    Raises:
        BadInput: fewer training examples than classes would remain.

    >>> data = Dataset(np.zeros((6, 1, 1)), np.array([0, 0, 0, 0, 1, 1]))
    >>> stratified_split(data, 3, seed=0)
    Split('data': 3 training and 3 validation examples of 1 x 1 x 1, 2 classes)
    """
    instance("dataset", dataset, Dataset, "a Dataset")
    count("n_validation", n_validation)
    count("seed", seed, at_least=0)
    trained = drawn_for_training(dataset.labels, dataset.n_classes, n_validation, seed, dataset.name)
    return Split.of_parts(
        training=dataset.take(np.flatnonzero(trained)),
        validation=dataset.take(np.flatnonzero(~trained), may_lack_classes=True),
    )


def drawn_for_training(
    labels: Int[np.ndarray, " example"], n_classes: int, n_validation: int, seed: int, name: str
) -> Bool[np.ndarray, " example"]:
    """Return which examples `stratified_split` keeps for training.

    Args:
        labels: (example,) from 0 to n_classes - 1.
        n_classes: number of classes.
        n_validation: number of validation examples.
        seed: seed of the draw.
        name: of the data, for messages.

    Raises:
        BadInput: fewer training examples than classes would remain.
    """
    n_training = len(labels) - n_validation
    if n_training < n_classes:
        raise BadInput(
            f"Validation must leave an example of each of {n_classes} classes of {name!r} to training; "
            f"got {n_validation} of {len(labels)} examples. Ask for at most {len(labels) - n_classes}."
        )
    counts = np.bincount(labels, minlength=n_classes)
    return _drawn(labels, apportionment(counts, n_training), seed, "split")


def default_split(dataset: Dataset, seed: int, validation: float = 0.2) -> Split:
    """Split off a share of the examples, by default a fifth, rounded up, for validation, by `stratified_split`.

    >>> default_split(Dataset(np.zeros((6, 1, 1)), np.array([0, 0, 0, 0, 1, 1])), seed=0)
    Split('data': 4 training and 2 validation examples of 1 x 1 x 1, 2 classes)
    """
    return stratified_split(dataset, n_for_validation(len(dataset), validation), seed)


def n_for_validation(n_examples: int, share: float) -> int:
    """Return how many of `n_examples` are set aside for validation: a share of them, rounded up.

    The share is the decimal number that is written for it, not its nearest binary fraction.

    >>> n_for_validation(1797, 0.2), n_for_validation(100, 0.07)
    (360, 7)
    """
    return math.ceil(n_examples * Fraction(repr(float(share))))


def _drawn(
    labels: Int[np.ndarray, " example"], seats: Int[np.ndarray, " class"], seed: int, purpose: str
) -> Bool[np.ndarray, " example"]:
    """Return whether each example is among the first `seats` of its class, in an order drawn from `seed`."""
    generator = np.random.default_rng([seed, zlib.crc32(purpose.encode())])
    chosen = np.zeros(len(labels), np.bool_)
    for label, n_seats in enumerate(seats):
        order = generator.permutation(np.flatnonzero(labels == label))
        chosen[order[:n_seats]] = True
    return chosen
