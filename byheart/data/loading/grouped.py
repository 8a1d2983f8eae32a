"""Splits that keep groups of examples, such as the pictures of one patient, on one side."""

import zlib

import numpy as np
from jaxtyping import Bool, Int, Shaped

from byheart.checks import BadInput


def grouped_for_training(
    labels: Int[np.ndarray, " example"], group: Shaped[np.ndarray, " example"], n_validation: int, seed: int
) -> Bool[np.ndarray, " example"]:
    """Return which examples are kept for training, whole groups at a time.

    Class shares are kept as far as groups allow. Groups are taken in an order drawn from `seed`, large ones first. A
    group goes to validation if that brings the validation classes nearer to their shares of `n_validation`, in squared
    examples, and leaves an example of each class to training. If none does, the smallest group that may goes there.

    Raises:
        BadInput: no group can be set aside.

    >>> grouped_for_training(np.array([0, 1, 0, 1, 0, 1]), np.array(["a", "a", "b", "b", "c", "c"]), 2, seed=0).sum()
    np.int64(4)
    """
    names, group_of = np.unique(group, return_inverse=True)
    group_of = group_of.reshape(-1)
    counts = np.zeros((len(names), int(labels.max()) + 1))
    np.add.at(counts, (group_of, labels), 1)
    total = counts.sum(axis=0)
    wanted = total * n_validation / len(labels)
    generator = np.random.default_rng([seed, zlib.crc32(b"groups")])
    drawn = generator.permutation(len(names))
    in_turn = drawn[np.argsort(-counts[drawn].sum(axis=1), kind="stable")]
    taken, is_validation = np.zeros_like(total), np.zeros(len(names), bool)
    for one in in_turn:
        more = taken + counts[one]
        if np.square(more - wanted).sum() < np.square(taken - wanted).sum() and (more < total).all():
            taken, is_validation[one] = more, True
    if not is_validation.any():
        allowed = [one for one in in_turn[::-1] if (counts[one] < total).all()]
        if not allowed:
            raise BadInput(
                f"Groups must leave an example of each class to training; each of the {len(names)} groups holds all of "
                "a class. Split by hand, or leave the groups out."
            )
        is_validation[allowed[0]] = True
    return ~is_validation[group_of]
