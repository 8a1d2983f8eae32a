"""Examples that are exact copies of each other and have different labels."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Int, Shaped

from byheart.data.input_checks import blocks_of


def contradictions(
    inputs: npt.NDArray[Any],
    labels: Int[np.ndarray, " example"],
    class_names: tuple[str, ...],
    ids: Shaped[np.ndarray, " example"],
) -> str:
    """Return a sentence about examples whose inputs are equal and whose labels differ; "" if there are none.

    Cost: one hash of each example. Memory: that of a block.

    >>> contradictions(np.array([[1.0], [2.0], [1.0]]), np.array([0, 1, 1]), ("cat", "dog"), np.array(["a", "b", "c"]))
    '2 of 3 examples equal another one exactly and have another label than it, such as a (cat) and c (dog). No network \
can fit both.'
    """
    digests = np.empty((len(inputs), 2), np.uint64)
    for block in blocks_of(inputs):
        rows = np.asarray(inputs[block], order="C")  # Rows of a mapped array are slow to take.
        joined = b"".join(hashlib.blake2b(row.data, digest_size=16).digest() for row in rows)
        digests[block] = np.frombuffer(joined, np.uint64).reshape(-1, 2)
    _, which, counts = np.unique(digests, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    copies = np.flatnonzero(counts[which] > 1)
    alike: dict[int, list[int]] = {}
    for place in copies.tolist():
        alike.setdefault(int(which[place]), []).append(place)
    pairs = [places for places in alike.values() if len(set(labels[places].tolist())) > 1]
    if not pairs:
        return ""
    first = pairs[0][0]
    other = next(place for place in pairs[0] if labels[place] != labels[first])
    said = " and ".join(f"{ids[place]} ({class_names[labels[place]]})" for place in (first, other))
    return (
        f"{sum(map(len, pairs)):,} of {len(inputs):,} examples equal another one exactly and have another label than "
        f"it, such as {said}. No network can fit both."
    )
