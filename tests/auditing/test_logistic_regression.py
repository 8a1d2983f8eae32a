"""The held-out accuracy of logistic regression, on small data alone."""

import numpy as np
import pytest

from byheart.auditing import logistic_regression as module
from byheart.auditing.logistic_regression import best_linear_accuracy, logistic_regression_accuracy
from byheart.data.dataset import Dataset

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(200, 4, 1, 1)) * 1000 + 5000
LABELS = (INPUTS[:, 0, 0, 0] > 5000).astype(int)


def test_a_linear_rule_is_found_whatever_the_scale_of_the_features() -> None:
    assert logistic_regression_accuracy(INPUTS, LABELS, seed=0) > 0.93


def test_random_labels_are_predicted_as_by_chance() -> None:
    assert logistic_regression_accuracy(INPUTS, RNG.permutation(LABELS), seed=0) == pytest.approx(0.5, abs=0.15)


def test_a_class_with_one_example_is_no_error() -> None:
    assert logistic_regression_accuracy(INPUTS, np.where(np.arange(200) == 7, 2, LABELS), seed=0) > 0.9
    one_half = logistic_regression_accuracy(INPUTS, (np.arange(200) == 7).astype(int), seed=0)
    assert one_half == pytest.approx(0.5, abs=0.02)  # The other half knows one class.


def test_large_data_are_left_to_linear_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset(INPUTS.reshape(200, 4), LABELS)
    found = logistic_regression_accuracy(data.inputs, data.labels, seed=0)
    assert (best_linear_accuracy(0.1, data, 0), best_linear_accuracy(1.0, data, 0)) == (found, 1.0)
    monkeypatch.setattr(module, "MOST_VALUES", 799)
    assert best_linear_accuracy(0.1, data, 0) == 0.1
