"""The exact rule for linear classifiers, in float64.

Within the box of radius r the difference f_k - f_j falls by at most r * ||w_k - w_j||_1, at a corner of the box. So x,
predicted as k, is critical exactly when that exceeds (f_k - f_j)(x) for some j.
"""

import numpy as np


def critical_radius(weight: np.ndarray, bias: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return (sample,): the radius above which each image is a critical sample of f(x) = x `weight` + `bias`."""
    weight, bias = np.float64(weight), np.float64(bias)
    inputs = np.float64(images).reshape(len(images), -1)
    radii = []
    for x in inputs:
        logits = x @ weight + bias
        k = int(logits.argmax())
        others = [j for j in range(len(bias)) if j != k]
        radii.append(min((logits[k] - logits[j]) / np.abs(weight[:, k] - weight[:, j]).sum() for j in others))
    return np.array(radii)
