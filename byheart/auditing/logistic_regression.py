"""Held-out accuracy of logistic regression, which networks on small data are compared with."""

import warnings

import numpy as np
from jaxtyping import Float, Int

from byheart.data.dataset import Dataset

MOST_VALUES = 10**6
"""Number of values of all inputs up to which data are small: a regression then takes seconds at most.

On larger data, linear networks that train for a few epochs reach about as much.
"""


def best_linear_accuracy(of_networks: float, data: Dataset, seed: int) -> float:
    """Return the higher one of the held-out accuracies of linear networks and, on small data, logistic regression."""
    if data.inputs.size > MOST_VALUES:
        return of_networks
    return max(of_networks, logistic_regression_accuracy(data.inputs, data.labels, seed))


def logistic_regression_accuracy(
    inputs: Float[np.ndarray, "example *shape"], labels: Int[np.ndarray, " example"], seed: int
) -> float:
    """Return the accuracy of logistic regression on examples that were held out.

    Each half of the examples is predicted by a regression on the other half, with standardized features and
    scikit-learn's penalty. A half without two classes predicts nothing right.

    Args:
        inputs: (example, ...), values of any scale.
        labels: (example,).
        seed: of the random halves, in which every class keeps its share.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    halves = StratifiedKFold(2, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of classes with one example, and of halves that hold a single class.
        accuracies = cross_val_score(model, inputs.reshape(len(inputs), -1), labels, cv=halves)
    return float(np.nan_to_num(accuracies).mean())
