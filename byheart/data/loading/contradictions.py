"""Examples that are exact copies of each other and have different labels."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Int, Shaped


def contradictions(
    inputs: npt.NDArray[Any],
    labels: Int[np.ndarray, " example"],
    class_names: tuple[str, ...],
    ids: Shaped[np.ndarray, " example"],
) -> str:
    """Return a sentence about examples whose inputs are equal and whose labels differ; "" if there are none.

    Cost: one hash of each example.

    >>> contradictions(np.array([[1.0], [2.0], [1.0]]), np.array([0, 1, 1]), ("cat", "dog"), np.array(["a", "b", "c"]))
    '2 of 3 examples equal another one exactly and have another label than it, such as a (cat) and c (dog). No network \
can fit both.'
    """
    digests = np.empty((len(inputs), 2), np.uint64)
    for place in range(len(inputs)):
        content = np.ascontiguousarray(inputs[place])
        digests[place] = np.frombuffer(hashlib.blake2b(content.data, digest_size=16).digest(), np.uint64)
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
