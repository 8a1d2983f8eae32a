"""Checks of one batch of a training loop, and what it says about its examples."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, UInt

from byheart import checks
from byheart.dynamics.tensors import as_numpy

TOLERANCE, MANY_ROWS, TOLERANCE_OF_MANY = 1e-4, 8, 0.01
"""Largest difference from 1 of the sum of probabilities; and of many rows, which may be rounded to 16 bits."""


@dataclasses.dataclass(frozen=True)
class Observed:
    """The sightings of one batch, each an example with what the network predicts for it.

    Attributes:
        index: positions of the examples.
        margin: logit of the label minus the largest other logit.
        loss: cross-entropy of the label, in nats.
        error_norm: Euclidean norm of the probabilities minus the one-hot label.
    """

    index: Int[np.ndarray, " batch"]
    margin: Float[np.ndarray, " batch"]
    loss: Float[np.ndarray, " batch"]
    error_norm: Float[np.ndarray, " batch"]

    @property
    def probability(self) -> Float[np.ndarray, " batch"]:
        """Probability of the label."""
        return np.exp(-self.loss)

    @property
    def is_right(self) -> Bool[np.ndarray, " batch"]:
        """(batch,), True if the label is predicted; a tie is wrong."""
        return self.margin > 0


def checked_index(index: Any, n_examples: int) -> Int[np.ndarray, " batch"]:
    """Return positions of examples as int64.

    Raises:
        BadInput: another type or shape, or a position that no example has.
    """
    values = as_numpy("index", index)
    if values.ndim != 1:
        raise checks.BadInput(f"`index` must be (batch,), the position of each example; got the shape {values.shape}.")
    if values.dtype.kind not in "iu" and values.size:
        hint = " A mask? Pass `np.flatnonzero(mask)`." if values.dtype.kind == "b" else ""
        raise checks.BadInput(
            f"`index` must be whole numbers, the position of each example in the data set; got {values.dtype}.{hint}"
        )
    if values.size and not 0 <= int(values.min()) <= int(values.max()) < n_examples:
        raise checks.BadInput(
            f"`index` must lie in 0 to {n_examples - 1}, the positions of {n_examples} examples; "
            f"got {values.min()} to {values.max()}."
        )
    return values.astype(np.int64, copy=False)


def checked_logits(logits: Any, n_rows: int, n_classes: int | None, is_first: bool) -> Float[np.ndarray, "batch class"]:
    """Return logits as an array of floats.

    Args:
        logits: (batch, class).
        n_rows: number of examples of the batch.
        n_classes: number of classes so far; None in the first batch, if it is not known.
        is_first: no batch came before. Few rows are taken for probabilities in the first batch alone: by chance, logits
            of a later one may sum to 1.

    Raises:
        BadInput: another type or shape, another number of classes, numbers that are not finite, or probabilities.
    """
    values = as_numpy("logits", logits)
    if values.ndim != 2 or values.shape[-1] < 2:
        one = values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)
        hint = " One logit for two classes? Pass `stack([0 * z, z], axis=1)`." if one else ""
        raise checks.BadInput(
            f"`logits` must be (batch, class), at least two classes; got the shape {values.shape}.{hint}"
        )
    if values.dtype.kind not in "iuf":
        raise checks.BadInput(f"`logits` must be numbers; got {values.dtype}.")
    if len(values) != n_rows:
        raise checks.BadInput(
            f"`index` and `logits` must be of the same examples; got {n_rows} positions and {len(values)} rows."
        )
    if n_classes is not None and values.shape[1] != n_classes:
        raise checks.BadInput(
            f"`logits` must have {n_classes} columns, one for each class, as in earlier batches or `class_names`; "
            f"got {values.shape[1]}."
        )
    values = values if values.dtype.kind == "f" else values.astype(np.float64)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 2.0)
    if not np.isfinite([low, high]).all():
        wrong = ~np.isfinite(values).all(axis=1)
        raise checks.BadInput(
            f"`logits` must be finite; those of {checks.some_of(wrong, 'rows')} are not. Has training diverged, or are "
            "classes masked with infinity?"
        )
    may_be_checked = low >= 0 and high <= 1 and (is_first or len(values) >= MANY_ROWS)
    if may_be_checked and _sum_to_one(values):
        raise checks.BadInput(
            "`logits` must be logits; got probabilities: every row is in 0 to 1 and sums to 1. Pass the numbers before "
            "the softmax, or the logarithm of the probabilities."
        )
    return values


def observed(
    index: Int[np.ndarray, " batch"],
    logits: Float[np.ndarray, "batch class"],
    columns: UInt[np.ndarray, " batch"],
) -> Observed:
    """Return what checked logits say about examples, in float64; `columns` are their labels.

    The numbers are those of `margins`, `cross_entropies` and `error_norms` of statistics/training_dynamics.py, by one
    pass of exponentials in place of two, since a training loop waits for it.
    """
    rows, others = np.arange(len(index)), logits.astype(np.float64)
    of_label = others[rows, columns]
    others[rows, columns] = -np.inf
    margin = of_label - others.max(axis=1)
    others -= (of_label - np.minimum(margin, 0))[:, None]  # The largest logit.
    np.exp(others, out=others)
    of_others = others.sum(axis=1)
    total = of_others + np.exp(np.minimum(margin, 0))
    loss = np.where(margin > 0, np.log1p(of_others), np.log(total) - np.minimum(margin, 0))
    squares = np.einsum("ij,ij->i", others, others) + of_others**2
    return Observed(index, margin, loss, np.sqrt(squares) / total)


def _sum_to_one(values: Float[np.ndarray, "batch class"]) -> bool:
    tolerance = TOLERANCE_OF_MANY if len(values) >= MANY_ROWS else TOLERANCE
    return bool((np.abs(values.sum(axis=1, dtype=np.float64) - 1) <= tolerance).all())
