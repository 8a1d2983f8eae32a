"""Planted wrong labels: a check of the stated power with labels that are known to be wrong."""

import dataclasses
import zlib

import numpy as np
from jaxtyping import Bool, Int

from byheart.data.noise import n_noisy

PURPOSE = zlib.crc32(b"planted wrong labels")


@dataclasses.dataclass(frozen=True)
class Planted:
    """Labels of which some were made wrong.

    Attributes:
        labels: (example,), with planted ones.
        is_planted: (example,), whether the label was made wrong.
    """

    labels: Int[np.ndarray, " example"]
    is_planted: Bool[np.ndarray, " example"]


def plant(labels: Int[np.ndarray, " example"], n_classes: int, share: float, seed: int) -> Planted:
    """Make a share of labels wrong, drawn at random: each becomes one of the other classes, all alike.

    Args:
        labels: (example,), from 0.
        n_classes: number of classes.
        share: share of the examples; round(share * n), at least one, get a wrong label.
        seed: seed of the draw.

    >>> planted = plant(np.zeros(10, int), n_classes=3, share=0.2, seed=0)
    >>> int(planted.is_planted.sum()), int((planted.labels != 0).sum())
    (2, 2)
    """
    generator = np.random.default_rng([seed, PURPOSE])
    chosen = generator.permutation(len(labels))[: max(1, n_noisy(share, len(labels)))]
    planted, is_planted = labels.copy(), np.zeros(len(labels), bool)
    is_planted[chosen] = True
    planted[chosen] = (labels[chosen] + generator.integers(1, n_classes, len(chosen))) % n_classes
    return Planted(planted, is_planted)
