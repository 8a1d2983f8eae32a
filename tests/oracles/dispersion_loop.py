"""Slow twin of dispersion: sums over examples and pairs of networks, by definition."""

import itertools

import numpy as np


def dispersion_loop(is_misclassified: np.ndarray, groups: np.ndarray) -> float:
    """Return the variance of rates divided by the binomial variance, for each group."""
    n_seeds = len(is_misclassified)
    seen = expected = 0.0
    for group in set(groups.tolist()):
        rates = [sum(errors[i] for errors in is_misclassified) / n_seeds for i in np.flatnonzero(groups == group)]
        mean = sum(rates) / len(rates)
        seen += sum((rate - mean) ** 2 for rate in rates)
        expected += (len(rates) - 1) * mean * (1 - mean) / n_seeds
    return seen / expected


def pairwise_correlation(is_misclassified: np.ndarray) -> float:
    """Return the mean covariance of the errors of two networks, divided by the variance of a single error."""
    errors = is_misclassified - is_misclassified.mean()
    pairs = [np.mean(one * other) for one, other in itertools.combinations(errors, 2)]
    rate = is_misclassified.mean()
    return float(np.mean(pairs) / (rate * (1 - rate)))
