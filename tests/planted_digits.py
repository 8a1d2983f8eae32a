"""The embedded digits with planted wrong labels."""

import functools

import numpy as np
from sklearn.datasets import load_digits

import byheart as bh

N_PLANTED = 60


@functools.cache
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return digits as vectors, labels of which some are wrong, and which are."""
    digits, generator = load_digits(), np.random.default_rng(0)
    wrong = generator.choice(len(digits.target), N_PLANTED, replace=False)
    labels = digits.target.copy()
    labels[wrong] = (labels[wrong] + generator.integers(1, 10, N_PLANTED)) % 10
    return digits.data / 16, labels, wrong


def found(dynamics: bh.Dynamics, by: str = "area_under_margin") -> float:
    """Return the share of planted labels among as many most suspect ones."""
    return float(np.isin(dynamics.scores(by).row[:N_PLANTED], planted()[2]).mean())
