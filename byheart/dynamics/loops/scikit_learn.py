"""Training by `partial_fit` of scikit-learn."""

from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from byheart import checks
from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.loops.outputs import log_probabilities, two_columns
from byheart.dynamics.tensors import as_numpy


def fit_and_log(
    model: Any, inputs: Any, labels: npt.ArrayLike, *, epochs: int, batch_size: int = 32, seed: int = 0
) -> Dynamics:
    """Train an estimator by `partial_fit`, and return the log of all examples after each epoch.

    Args:
        model: has `partial_fit`, and `predict_proba` or `decision_function`, such as `SGDClassifier`, `MLPClassifier`,
            `GaussianNB` or `Perceptron`. It is trained in place.
        inputs: (example, feature), an array or a sparse matrix.
        labels: (example,), any values that name classes.
        epochs: passes over the examples, each in a new order.
        batch_size: examples of each call of `partial_fit`.
        seed: seed of the orders.

    Raises:
        BadInput: an estimator without these methods, or labels that do not fit.
    """
    outputs = next((name for name in ("predict_proba", "decision_function") if hasattr(model, name)), None)
    if not hasattr(model, "partial_fit") or outputs is None:
        raise checks.BadInput(
            "`model` must have `partial_fit`, and `predict_proba` or `decision_function`; "
            f"{type(model).__name__} has not."
        )
    given = as_numpy("labels", labels)
    n_examples, generator = inputs.shape[0], np.random.default_rng(checks.seed("seed", seed))
    checks.count("epochs", epochs), checks.count("batch_size", batch_size)
    dynamics = Dynamics(n_examples, labels=given, class_names=[str(one) for one in np.unique(given)])
    for _ in range(epochs):
        order = generator.permutation(n_examples)
        for start in range(0, n_examples, batch_size):
            chosen = order[start : start + batch_size]
            model.partial_fit(inputs[chosen], given[chosen], classes=np.unique(given))
        dynamics.batch(np.arange(n_examples), _logits(getattr(model, outputs)(inputs), outputs))
        dynamics.end_epoch()
    return dynamics


def _logits(found: Any, outputs: str) -> Float[np.ndarray, "example class"]:
    return log_probabilities(found) if outputs == "predict_proba" else two_columns(found)
