"""Gaussian and uniform random inputs: the replaced inputs, and the distributions."""

import numpy as np
import pytest
from worlds import as_called, blobs

from byheart.checks import BadInput
from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import GaussianInputs, RandX, UniformInputs

DATA = blobs(30, 3, 3).training


def test_both_sorts_replace_the_same_inputs_by_others() -> None:
    gaussian, uniform = (add_noise(DATA, RandX(0.4, inputs)) for inputs in (GaussianInputs(), UniformInputs()))
    mask = np.asarray(gaussian.is_noisy)
    np.testing.assert_array_equal(mask, uniform.is_noisy)
    assert (np.asarray(gaussian.inputs)[mask] != np.asarray(uniform.inputs)[mask]).all()


def test_uniform_inputs_fill_0_to_1_evenly() -> None:
    """Mean and mean square of 480 pixels within 4 standard errors: a fixed key, and 1 false alarm in 8,000 keys."""
    pixels = np.asarray(add_noise(DATA, RandX(1.0, UniformInputs())).inputs).ravel()
    assert pixels.min() >= 0
    assert pixels.max() < 1
    assert abs(pixels.mean() - 1 / 2) < 4 * np.sqrt(1 / 12 / pixels.size)
    assert abs((pixels**2).mean() - 1 / 3) < 4 * np.sqrt(4 / 45 / pixels.size)
    assert len(np.unique(pixels)) == pixels.size


def test_other_inputs_are_refused() -> None:
    with pytest.raises(BadInput, match=r"`inputs` must be GaussianInputs\(\) or UniformInputs\(\); got 3"):
        as_called(RandX, level=0.5, inputs=3)
