"""The noise of a search: standard normal, one number per pixel, a function of key, sample and moment alone."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from byheart.critical.noise_table import NoiseTable, NoNoise, noise_for

SHAPE = (4, 5, 2)
TABLE = NoiseTable.drawn(jax.random.key(0), SHAPE)
SAMPLES, MOMENTS = (grid.ravel() for grid in jnp.meshgrid(jnp.arange(50), jnp.arange(20)))
ALL = np.asarray(TABLE.at(SAMPLES, MOMENTS))


def test_noise_has_the_shape_of_the_images() -> None:
    assert ALL.shape == (1000, *SHAPE)


def test_noise_is_drawn_for_each_pixel_and_not_for_each_image() -> None:
    """Within one image, 40 numbers differ; their variance is that of all, within 5 standard errors (1 key in 1e6)."""
    assert all(len(np.unique(eta)) > 35 for eta in ALL)
    within = ALL.reshape(1000, -1).var(axis=1, ddof=1)
    assert abs(within.mean() - 1) < 5 * math.sqrt(2 / 39 / 1000)


def test_noise_is_standard_normal() -> None:
    """Mean and variance within 5 standard errors; Kolmogorov and Smirnov at 1 key in 10,000."""
    numbers = ALL.ravel()
    assert abs(numbers.mean()) < 5 / math.sqrt(numbers.size)
    assert abs(numbers.var() - 1) < 5 * math.sqrt(2 / numbers.size)
    assert scipy.stats.kstest(numbers, "norm").pvalue > 1e-4


def test_noise_differs_over_samples_and_over_moments() -> None:
    assert len(np.unique(ALL[:, 0, 0, 0])) > 990
    correlations = np.corrcoef(ALL[:20].reshape(20, -1)) - np.eye(20)
    assert np.abs(correlations).max() < 0.9


def test_noise_does_not_depend_on_what_else_is_asked_for_or_on_the_order() -> None:
    order = np.random.default_rng(0).permutation(1000)
    np.testing.assert_array_equal(TABLE.at(SAMPLES[order], MOMENTS[order]), ALL[order])
    np.testing.assert_array_equal(TABLE.at(SAMPLES[7:8], MOMENTS[7:8]), ALL[7:8])


def test_one_key_gives_one_noise_and_another_key_another() -> None:
    again, other = (NoiseTable.drawn(jax.random.key(seed), SHAPE).at(SAMPLES, MOMENTS) for seed in (0, 1))
    np.testing.assert_array_equal(again, ALL)
    assert (other != ALL).mean() > 0.99


@pytest.mark.parametrize("shape", [(3,), (8, 8, 1), (28, 28, 1), (32, 32, 3), (300, 300, 3)])
def test_a_table_is_much_larger_than_an_input(shape: tuple[int, ...]) -> None:
    """At least 1,024 times as large up to images of MNIST's size, and 16 times above a million entries."""
    size, n_pixels = NoiseTable.drawn(jax.random.key(0), shape).numbers.size, math.prod(shape)
    assert size >= max(2**16, min(1024 * n_pixels, 2**20), 16 * n_pixels)
    assert size <= max(2**16, 2048 * n_pixels, 16 * n_pixels)


@pytest.mark.parametrize(("scale", "kind"), [(0, NoNoise), (0.0, NoNoise), (0.1, NoiseTable), (None, NoiseTable)])
def test_no_table_is_drawn_for_a_search_without_noise(scale: float | None, kind: type) -> None:
    assert isinstance(noise_for(scale, jax.random.key(0), SHAPE), kind)


def test_no_noise_is_as_large_as_noise() -> None:
    found = NoNoise(SHAPE).at(SAMPLES, MOMENTS)
    assert found.shape == ALL.shape
    assert found.dtype == ALL.dtype
    assert not found.any()
