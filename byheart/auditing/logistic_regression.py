"""Held-out accuracy of logistic regression: what networks must reach on small data.

Linear networks that train for a few epochs may end far below it there. On large data they do not, and it takes long.
"""

import warnings

import numpy as np
from jaxtyping import Float, Int

MOST_VALUES = 10**6
"""Number of values of all inputs up to which the regression is fitted; it takes seconds at most."""


def logistic_regression_accuracy(
    inputs: Float[np.ndarray, "example *shape"] | Int[np.ndarray, "example *shape"],
    labels: Int[np.ndarray, " example"],
    seed: int,
) -> float:
    """Return the accuracy on examples that were held out; 0.0 for more than `MOST_VALUES` values.

    Each half of the examples is predicted by a regression on the other half, with standardized features and
    scikit-learn's penalty.

    Args:
        inputs: (example, ...), values of any scale.
        labels: (example,).
        seed: of the random halves, in which every class keeps its share.
    """
    if inputs.size > MOST_VALUES:
        return 0.0
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
