"""The exact smallest margin of a small ReLU network over a box, by enumeration of its linear regions.

Within a region every ReLU is on or off, and the network is affine. A linear program finds whether a region is empty,
and another the smallest difference of two logits in it.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog

Layers = Sequence[tuple[np.ndarray, np.ndarray]]
"""Weight (input, output) and bias of each layer."""


def smallest_margin(layers: Layers, low: np.ndarray, high: np.ndarray, predicted: int) -> float:
    """Return the smallest f_k - f_j over the box and all j, for k = `predicted`."""
    box = list(zip(low, high, strict=True))
    n = len(low)
    return _smallest(layers, np.eye(n), np.zeros(n), np.zeros((0, n)), np.zeros(0), box, predicted)


def _smallest(
    layers: Layers,
    matrix: np.ndarray,
    offset: np.ndarray,
    sides: np.ndarray,
    limits: np.ndarray,
    box: list[tuple[float, float]],
    predicted: int,
) -> float:
    """Return the smallest margin where sides @ x <= limits; the layers see `matrix` @ x + `offset`."""
    (weight, bias), *later = layers
    matrix, offset = weight.T @ matrix, weight.T @ offset + bias
    if not later:
        others = [j for j in range(len(offset)) if j != predicted]
        return min(
            _least(matrix[predicted] - matrix[j], sides, limits, box) + offset[predicted] - offset[j] for j in others
        )
    return min(
        _smallest(later, matrix * is_on[:, None], offset * is_on, sides, limits, box, predicted)
        for is_on, sides, limits in _regions(matrix, offset, sides, limits, box)
    )


def _regions(
    matrix: np.ndarray, offset: np.ndarray, sides: np.ndarray, limits: np.ndarray, box: list[tuple[float, float]]
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the patterns of units that are on, with their regions, unless those are empty."""
    found = [(np.zeros(0), sides, limits)]
    for row, constant in zip(matrix, offset, strict=True):
        longer = []
        for is_on, sides, limits in found:
            for value, sign in ((1.0, -1.0), (0.0, 1.0)):
                more, bound = np.vstack([sides, sign * row]), np.append(limits, -sign * constant)
                if _least(np.zeros(len(row)), more, bound, box) < np.inf:
                    longer.append((np.append(is_on, value), more, bound))
        found = longer
    return found


def _least(slope: np.ndarray, sides: np.ndarray, limits: np.ndarray, box: list[tuple[float, float]]) -> float:
    """Return the smallest slope @ x in a region; infinity if it is empty."""
    found = linprog(slope, A_ub=sides if len(sides) else None, b_ub=limits if len(sides) else None, bounds=box)
    return float(found.fun) if found.status == 0 else np.inf
