"""Learners: any way to train a classifier, in place of the networks of an audit."""

import dataclasses
import hashlib
import inspect
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from byheart import checks
from byheart.references import public_name

TOLERANCE = 1e-3
"""Largest difference from 1 of the sum of an example's probabilities."""
FLOOR = 1e-4
"""Smaller probabilities count as this: those of forests are often exactly 0, which no audit should take literally."""

PredictProbabilities = Callable[[npt.NDArray[np.floating]], npt.ArrayLike]
"""Returns (example, class) probabilities of inputs (example, ...)."""


@runtime_checkable
class Learner(Protocol):
    """A function that trains a classifier."""

    def __call__(
        self, inputs: Float[np.ndarray, "example ..."], labels: Int[np.ndarray, " example"], seed: int
    ) -> PredictProbabilities:
        """Train on the examples and return a function that predicts.

        Args:
            inputs: (example, feature), or (example, height, width, channel) of images.
            labels: (example,), from 0 to the number of different labels in these examples - 1.
            seed: of everything random; other calls have other seeds.
        """


@dataclasses.dataclass(frozen=True)
class SklearnLearner:
    """A classifier of scikit-learn, or of any library with its interface. Images are flattened.

    A copy of the classifier is fitted for each half of the examples. The seed of the half is set as `random_state`,
    also in the steps of a pipeline.

    Attributes:
        classifier: has `fit`, `predict_proba` and `classes_`, as scikit-learn's classifiers do.

    Raises:
        BadInput: it has no `fit`, or no `predict_proba`.
    """

    classifier: Any

    def __post_init__(self) -> None:
        lacking = [name for name in ("fit", "predict_proba", "get_params") if not hasattr(self.classifier, name)]
        if isinstance(self.classifier, type) or lacking:
            what = "the class itself; call it" if isinstance(self.classifier, type) else f"no `{lacking[0]}`"
            hint = " Wrap it in CalibratedClassifierCV." if lacking == ["predict_proba"] else ""
            raise checks.BadInput(
                "`classifier` must be a classifier with `fit` and `predict_proba`, such as "
                f"RandomForestClassifier(); got {type(self.classifier).__name__}, {what}.{hint}"
            )

    def __call__(
        self, inputs: Float[np.ndarray, "example ..."], labels: Int[np.ndarray, " example"], seed: int
    ) -> PredictProbabilities:
        """Fit a copy of the classifier."""
        from sklearn.base import clone

        model = clone(self.classifier)
        seeds = [name for name in model.get_params() if name == "random_state" or name.endswith("__random_state")]
        model.set_params(**dict.fromkeys(seeds, seed))
        model.fit(_rows(inputs), labels)
        return lambda others: model.predict_proba(_rows(others))


def checked_learner(name: str, value: object) -> Learner:
    """Return `value` as a learner; a bare classifier with scikit-learn's interface becomes a `SklearnLearner`.

    Raises:
        BadInput: it is neither, or is no function.
    """
    if not callable(value) and hasattr(value, "predict_proba"):
        return SklearnLearner(value)
    if not callable(value) or isinstance(value, type):
        raise checks.BadInput(
            f"`{name}` must be a function `fit(inputs, labels, seed)` that returns a function which predicts "
            f"probabilities, or SklearnLearner(classifier); got {type(value).__name__}."
        )
    return value


def name_of_learner(learner: Learner) -> str:
    """Return text that tells a learner from others: its settings, `module:name`, or a name with a hash of its source.

    >>> name_of_learner(checked_learner)
    'byheart.auditing.learners:checked_learner'
    """
    if isinstance(learner, SklearnLearner):
        return f"SklearnLearner({' '.join(repr(learner.classifier).split())})"
    if dataclasses.is_dataclass(learner):
        return repr(learner)
    source = _source(learner)
    mark = f", source {hashlib.sha256(source.encode()).hexdigest()[:8]}" if source else ""
    return public_name(learner) or f"{getattr(learner, '__qualname__', type(learner).__name__)}{mark}"


def check_can_be_stored(learner: Learner) -> None:
    """Raise `BadInput` if nothing tells a learner from another one, whose results a folder may hold."""
    if not (dataclasses.is_dataclass(learner) or public_name(learner) or _source(learner)):
        raise checks.BadInput(
            "A `learner` whose audit is stored must be known again: a function without variables of an enclosing "
            "function, a frozen dataclass with `__call__`, or SklearnLearner(classifier); got "
            f"{getattr(learner, '__qualname__', type(learner).__name__)}. Without `out` any function will do."
        )


def _source(learner: Learner) -> str:
    """Return the source of a function that depends on nothing of an enclosing function; "" of others."""
    if not inspect.isfunction(learner) or learner.__closure__:
        return ""
    try:
        return inspect.getsource(learner)
    except (OSError, TypeError):
        return ""


def checked_probabilities(found: npt.ArrayLike, n_examples: int, n_classes: int) -> Float[np.ndarray, "example class"]:
    """Return predicted probabilities, none below `FLOOR`.

    Raises:
        BadInput: another shape, numbers that are not finite, or rows that are no probabilities.
    """
    values = np.asarray(found, np.float64)
    wanted = (n_examples, n_classes)
    if values.shape != wanted:
        raise checks.BadInput(
            f"The learner must predict a probability of each of the {n_classes} classes that it was trained on, "
            f"{wanted}; got the shape {values.shape}."
        )
    is_wrong = ~np.isfinite(values).all(axis=1) | (values < 0).any(axis=1)
    is_wrong |= np.abs(np.where(np.isfinite(values), values, 0.0).sum(axis=1) - 1) > TOLERANCE
    if is_wrong.any():
        row = int(np.flatnonzero(is_wrong)[0])
        raise checks.BadInput(
            f"The learner must predict probabilities, which are not negative and sum to 1; those of "
            f"{is_wrong.sum():,} of {n_examples:,} examples do not, such as {values[row].round(3).tolist()}. Logits? "
            "Return their softmax."
        )
    raised = np.maximum(values, FLOOR)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _rows(inputs: Float[np.ndarray, "example ..."]) -> Float[np.ndarray, "example feature"]:
    return np.asarray(inputs).reshape(len(inputs), -1)
