"""Helpers of training loops that need no library, or one that byheart has."""

import numpy as np
import pytest
from planted_digits import found, planted
from scipy.sparse import csr_array
from sklearn.linear_model import LinearRegression, Perceptron, SGDClassifier
from sklearn.naive_bayes import GaussianNB

import byheart as bh
from byheart.dynamics.loops.lightning import check_is_shard
from byheart.dynamics.loops.scikit_learn import fit_and_log


@pytest.mark.parametrize("model", [SGDClassifier(loss="log_loss"), Perceptron(), GaussianNB()], ids=repr)
def test_estimators_of_scikit_learn_find_planted_labels(model: object) -> None:
    inputs, labels, _ = planted()
    dynamics = fit_and_log(model, inputs, labels, epochs=4)
    assert dynamics.epochs == 4
    assert found(dynamics) > 0.4


def test_sparse_inputs_and_names_of_two_classes_are_taken() -> None:
    inputs, labels, _ = planted()
    names = np.where(labels > 4, "large", "small")
    dynamics = fit_and_log(SGDClassifier(), csr_array(inputs), names, epochs=2)
    assert dynamics.class_names == ("large", "small")
    assert dynamics.scores().correctness.mean() > 0.7


def test_an_estimator_that_cannot_be_logged_is_refused() -> None:
    with pytest.raises(bh.BadInput, match="LinearRegression has not"):
        fit_and_log(LinearRegression(), np.zeros((4, 2)), [0, 1, 0, 1], epochs=1)


def test_positions_come_along_with_items_of_any_form() -> None:
    pairs = bh.WithIndex([("a", 0), ("b", 1)])
    assert len(pairs) == 2
    assert list(pairs) == [(0, "a", 0), (1, "b", 1)]
    assert bh.WithIndex(["a", "b"])[1] == (1, "b")
    with pytest.raises(IndexError, match="got 2"):
        pairs[2]
    with pytest.raises(bh.BadInput, match="generator has none"):
        bh.WithIndex(one for one in "ab")


def test_one_of_several_processes_must_log_a_shard() -> None:
    check_is_shard(bh.Dynamics(2, labels=[0, 1]), 1)
    check_is_shard(bh.Dynamics(2, labels=[0, 1], shard=True), 2)
    with pytest.raises(bh.BadInput, match="There are 2 processes"):
        check_is_shard(bh.Dynamics(2, labels=[0, 1]), 2)
