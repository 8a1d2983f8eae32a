"""Early stopping computed after training, against a loop over epochs."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from byheart.checks import BadInput
from byheart.statistics.early_stopping import early_stopping


def in_training(accuracy: list[float], patience: int) -> int:
    best, waited = 0, 0
    for epoch, value in enumerate(accuracy[1:], start=1):
        if value > accuracy[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return best


@hypothesis.given(strategies.lists(strategies.integers(0, 5), min_size=1, max_size=12), strategies.integers(1, 5))
def test_it_keeps_what_a_loop_would_keep(accuracy: list[int], patience: int) -> None:
    values = [value / 5 for value in accuracy]
    assert early_stopping(np.array(values), patience) == in_training(values, patience)


def test_each_network_stops_by_itself_and_a_diverged_one_keeps_what_it_had() -> None:
    accuracy = np.array([[[0.1, 0.9, 0.8, 0.95]], [[0.1, np.nan, np.nan, np.nan]]])
    assert early_stopping(accuracy, 1).tolist() == [[1], [0]]
    assert early_stopping(accuracy, 2).tolist() == [[3], [0]]


def test_patience_must_be_a_count() -> None:
    with pytest.raises(BadInput, match="`patience` must be a whole number of at least 1"):
        early_stopping(np.zeros(3), 0)
